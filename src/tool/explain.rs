//! `forerun explain`: what the profiles would do to a start.

mod given;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::paint::Paint;
use super::secrets::Secrets;
use super::story::Story;
use super::{FINE, PROBLEMS, Report, snippet};
use crate::capture::settle;
use crate::profile::grammar::INIT_TYPES;
use given::Given;

/// Show what the profiles would change on a start
///
/// The start is that of a function (--function), of a managed runtime (--runtime), or
/// any command line (-- ARGV), with the variables that --env and --env-file add. What
/// the other options say wins over --function. The environment of this shell is not
/// used. Profiles and the paths that they ask for are looked up on this machine;
/// --opt and --task name folders that stand for /opt and /var/task.
///
/// With --env, --env-file or --function the values of variables are masked, unless a
/// profile spells them out.
///
/// Exit status: 0 the runtime would start, 1 the start would stop, 2 this command is
/// wrong.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun explain --runtime python3.12 --opt layer/
      what the profiles of a layer do to a Python function
  forerun explain --runtime java21 --profile ./forerun.toml --env OTEL_SDK_DISABLED=false
      a profile that is still being written
  aws lambda get-function-configuration --function-name orders |
      forerun explain --opt layer/ --function -
      a function as it is configured
  env -0 | forerun explain --env-file - -- /usr/bin/node server.js
      a container, with its environment"
)]
pub(super) struct Explain {
    /// A function, as `aws lambda get-function-configuration` prints it; - is standard input
    #[arg(long, value_name = "FILE")]
    function: Option<PathBuf>,

    /// A managed runtime: its argv and environment are known (python3.12, nodejs22.x, java21, …)
    #[arg(long, value_name = "NAME")]
    runtime: Option<String>,

    /// A name or path as in FORERUN_PROFILE; here a path may be relative
    #[arg(long = "profile", value_name = "NAME_OR_PATH")]
    profiles: Vec<OsString>,

    /// A variable of the start
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,

    /// Variables of the start, NAME=VALUE one per line or as from `env -0`; - is standard input
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// The architecture; without it that of the function, or x86_64
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    arch: Option<String>,

    /// A folder that stands for /opt: the unpacked layers
    #[arg(long, value_name = "DIR")]
    opt: Option<PathBuf>,

    /// A folder that stands for /var/task: the function's code
    #[arg(long, value_name = "DIR")]
    task: Option<PathBuf>,

    /// The initialization type
    #[arg(long, value_name = "TYPE", value_parser = PossibleValuesParser::new(INIT_TYPES))]
    init: Option<String>,

    /// The function's handler
    #[arg(long)]
    handler: Option<OsString>,

    /// Show the values of variables, whatever they hold
    #[arg(long)]
    show_values: bool,

    /// Tell the story as one JSON document, for programs
    #[arg(long)]
    json: bool,

    /// The runtime's own command line; with --runtime, in place of the one that is known
    #[arg(last = true)]
    argv: Vec<OsString>,
}

impl Explain {
    /// Plans the start and tells the story.
    pub(super) fn run(&self, paint: Paint) -> Report {
        let Given { start, disk, about } = match self.given() {
            Ok(given) => given,
            Err(usage) => return usage,
        };
        let (library, settled) = settle(&disk, &start);
        let secrets = Secrets { open: self.show_values || !self.brings_variables(), library: &library };
        let story = Story { start: &start, library: &library, secrets: &secrets, about: about.as_ref(), paint };
        let settled = settled.map(|mut plan| {
            let missing = story.missing_programs(&plan, &disk);
            plan.messages.extend(missing);
            plan
        });
        let (stdout, status) = match settled {
            Ok(plan) if self.json => (story.as_json(&plan), FINE),
            Ok(plan) => (story.tell(&plan), FINE),
            Err((problem, messages)) if self.json => (story.stop_as_json(&problem, &messages), PROBLEMS),
            Err((problem, messages)) => {
                let head = story.head();
                let gap = if head.is_empty() { "" } else { "\n" };
                let shown = snippet::render(&problem, &library, paint) + &story.messages(&messages) + &story.notes();
                let status = problem.code.exit_status();
                (format!("{head}{gap}{shown}\nthe start would stop with exit status {status}\n"), PROBLEMS)
            }
        };
        Report { stdout: stdout.into(), stderr: String::new(), status }
    }

    fn brings_variables(&self) -> bool {
        !self.env.is_empty() || self.env_file.is_some() || self.function.is_some()
    }
}
