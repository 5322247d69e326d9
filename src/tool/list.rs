//! `forerun list` and `forerun show`: the profiles that are part of the program.

use clap::Args;

use super::Report;
use super::layout::{length, pad};
use crate::builtin::{self, Group};
use crate::problem::nearest;
use crate::profile::parse;

/// List the built-in profiles
///
/// FORERUN_PROFILE names those that a function wants.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  forerun list")]
pub(super) struct List {}

impl List {
    /// The groups, and a line for each profile: its name and what it says of itself.
    pub(super) fn run(&self) -> Report {
        let widest = builtin::names().map(length).max().unwrap_or(0);
        let line = |name: &str| {
            let text = builtin::text(name.as_bytes()).unwrap_or_default();
            let description = parse(text, 0).profile.ok().and_then(|profile| profile.description);
            format!("  {}  {}\n", pad(name, widest), description.unwrap_or_default())
        };
        let group = |group: &Group| {
            let lines = group.names.iter().copied().map(line);
            format!("{}\n{}", group.title, lines.collect::<String>())
        };
        Report::fine(builtin::GROUPS.iter().map(group).collect::<Vec<_>>().join("\n"))
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
        built_in(name).map_or_else(|unknown| unknown, Report::fine)
    }
}

/// The text of a built-in profile.
///
/// # Errors
///
/// There is none of that name.
pub(super) fn built_in(name: &str) -> Result<&'static str, Report> {
    builtin::text(name.as_bytes()).ok_or_else(|| {
        let near = nearest(name, builtin::names()).map_or(String::new(), |near| format!("; did you mean {near}?"));
        Report::usage(format!("there is no built-in profile `{name}`{near}"), "`forerun list` shows them all")
    })
}
