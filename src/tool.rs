//! The developer's tool: its command line, and what each command says.
//!
//! A command is a function from its arguments to a `Report`; only this module writes to the terminal.

mod about_function;
mod argv;
mod check;
mod companions;
mod compare;
mod completions;
mod convert;
mod elf;
mod explain;
mod formats;
mod function;
mod hints;
mod known_starts;
mod launchers;
mod layer;
mod layout;
mod lints;
mod list;
mod new;
mod paint;
mod remark;
mod schema;
mod secrets;
mod snippet;
mod starts;
mod story;
mod story_as_json;
mod trial;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use paint::Paint;

/// What a command says, and its exit status.
struct Report {
    /// What was asked for.
    stdout: Vec<u8>,
    /// Why that could not be had.
    stderr: String,
    status: u8,
}

/// The exit status when all is well.
const FINE: u8 = 0;
/// The exit status when something is wrong with a profile.
const PROBLEMS: u8 = 1;
/// The exit status when the command itself cannot be carried out.
const USAGE: u8 = 2;

impl Report {
    /// All is well.
    fn fine(stdout: impl Into<Vec<u8>>) -> Report {
        Report { stdout: stdout.into(), stderr: String::new(), status: FINE }
    }

    /// The command cannot be carried out.
    fn usage(message: impl AsRef<str>, help: impl AsRef<str>) -> Report {
        let help = layout::wrap_words(help.as_ref(), 72).join("\n        ");
        let stderr = format!("error: {}\n  help: {help}\n", message.as_ref());
        Report { stdout: Vec::new(), stderr, status: USAGE }
    }
}

/// One static wrapper for AWS Lambda internal extensions: profiles in, runtime out.
///
/// `wrapper` runs on Lambda; this is the tool for the desk and for CI.
#[derive(Debug, Parser)]
#[command(name = "forerun", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Compare(Box<compare::Compare>),
    Explain(Box<explain::Explain>),
    Convert(convert::Convert),
    List(list::List),
    Show(list::Show),
    New(new::New),
    Layer(layer::Layer),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(completions::ManPages),
}

/// Why a file cannot be read, without the number of the error, which helps nobody.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// Parses the command line, runs the command and prints what it says.
pub fn main() -> ExitCode {
    if let Some(status) = trial::part() {
        return status;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help, version, or a wrong command line; a closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() { USAGE.into() } else { FINE.into() };
        }
    };
    let paint = Paint::for_stdout();
    let report = match &cli.command {
        Command::Check(check) => check.run(paint),
        Command::Compare(compare) => compare.run(paint),
        Command::Explain(explain) => explain.run(paint),
        Command::Convert(convert) => convert.run(),
        Command::List(list) => list.run(),
        Command::Show(show) => show.run(),
        Command::New(new) => new.run(),
        Command::Layer(layer) => layer.run(),
        Command::Schema(schema) => schema.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    };
    let written = io::stdout().write_all(&report.stdout).and_then(|()| io::stdout().flush());
    let _ = io::stderr().write_all(report.stderr.as_bytes());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "error: standard output cannot be written: {error}");
            USAGE.into()
        }
        _ => report.status.into(),
    }
}
