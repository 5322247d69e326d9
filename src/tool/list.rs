//! `forerun list` and `forerun show`: the profiles that are part of the program.

use clap::Args;

use super::Report;
use super::layout::{length, pad};
use crate::builtin;
use crate::problem::nearest;
use crate::profile::parse;

/// List the built-in profiles
#[derive(Args, Debug)]
#[command(after_help = "Example:
  forerun list")]
pub(super) struct List {}

impl List {
    /// A line for each profile: its name and what it says of itself.
    pub(super) fn run(&self) -> Report {
        let widest = builtin::PROFILES.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
        let line = |(name, text): &(&str, &str)| {
            let description = parse(text, 0).profile.ok().and_then(|profile| profile.description);
            format!("{}  {}\n", pad(name, widest), description.unwrap_or_default())
        };
        Report::fine(builtin::PROFILES.iter().map(line).collect::<String>())
    }
}

/// Print a built-in profile
///
/// Its text is printed as it is, comments included.
///
/// Exit status: 0 printed, 2 there is no such profile.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  forerun show python                     what it sets, and why
  forerun show python > forerun.toml      a profile to go on from")]
pub(super) struct Show {
    /// The profile's name, as `forerun list` has it
    name: String,
}

impl Show {
    /// The text, byte for byte.
    pub(super) fn run(&self) -> Report {
        // As `include` and `explain` write it.
        let name = self.name.strip_prefix("builtin:").unwrap_or(&self.name);
        if let Some(text) = builtin::text(name.as_bytes()) {
            return Report::fine(text);
        }
        let names = builtin::PROFILES.map(|(name, _)| name);
        let near = nearest(name, names).map_or(String::new(), |near| format!("; did you mean {near}?"));
        Report::usage(format!("there is no built-in profile `{name}`{near}"), format!("there are {}", names.join(", ")))
    }
}
