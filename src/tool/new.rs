//! `forerun new`: a profile to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Report, reason};
use crate::problem::nearest;
use crate::runtime::{Family, Runtime};

/// The starter for no runtime in particular.
const ANY: &str = include_str!("starters/any.toml");

/// Print a commented profile to start from
///
/// It is complete: `forerun check` finds nothing in it, and `forerun explain` shows what
/// it does. Change what is there, take the # away from what you need, drop the rest.
///
/// Exit status: 0 printed or written, 2 it cannot be.
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun new python                        a profile for Python functions
  forerun new nodejs22.x -o forerun.toml    into a file that is not there yet
  forerun new                               a profile for functions of any runtime"
)]
pub(super) struct New {
    /// A family of runtimes or one of its members (python, python3.12); without it, any
    runtime: Option<String>,

    /// The file to write, which must not be there; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl New {
    /// Writes the starter.
    pub(super) fn run(&self) -> Report {
        let starter = match self.runtime.as_deref().map(family) {
            None => ANY,
            Some(Ok(family)) => starter(family),
            Some(Err(unknown)) => return unknown,
        };
        match self.output.as_deref().filter(|path| *path != Path::new("-")) {
            None => Report::fine(starter),
            Some(path) => write_new(path, starter),
        }
    }
}

fn family(name: &str) -> Result<Family, Report> {
    if let Some(family) = Runtime::parse(name.as_bytes()).and_then(|runtime| runtime.family) {
        return Ok(family);
    }
    let names = Family::ALL.map(Family::name);
    // The version is right in most slips.
    let typed = name.trim_end_matches(|char: char| !char.is_alphabetic());
    let near = nearest(typed, names).map_or(String::new(), |near| format!("; did you mean {near}?"));
    let known = format!("there are starters for {}; without a name it is one for all", names.join(", "));
    Err(Report::usage(format!("the runtime `{name}` is not known{near}"), known))
}

fn starter(family: Family) -> &'static str {
    match family {
        Family::Dotnet => include_str!("starters/dotnet.toml"),
        Family::Java => include_str!("starters/java.toml"),
        Family::Nodejs => include_str!("starters/nodejs.toml"),
        Family::Provided => include_str!("starters/provided.toml"),
        Family::Python => include_str!("starters/python.toml"),
        Family::Ruby => include_str!("starters/ruby.toml"),
    }
}

fn write_new(path: &Path, text: &str) -> Report {
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    match written.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => Report::fine(""),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Report::usage(
            format!("{}: the file is there already, and is left as it is", path.display()),
            "name another file, or remove this one",
        ),
        Err(error) => Report::usage(
            format!("{}: {}", path.display(), reason(&error)),
            "-o names a file that can be written, or - for standard output",
        ),
    }
}
