//! A story as one JSON document, for programs. docs/explain.md describes it; names that are there stay.

use serde::Serialize;

use super::argv::Argument;
use super::secrets::Shown;
use super::story::{Row, Story, why_nothing};
use crate::detect::Evidence;
use crate::plan::{self, Because, Level, Plan};
use crate::problem::{self, printable};
use crate::profile::{Limit, Log, Restart};
use crate::runtime::Family;

/// The document.
#[derive(Debug, Serialize)]
struct Document {
    /// The version of forerun.
    forerun: &'static str,
    /// Whether the runtime would start.
    starts: bool,
    /// The function that was described; `null` without one.
    function: Option<Function>,
    /// What would be started; `null` when the start would stop.
    plan: Option<Planned>,
    /// Why the start would stop; `null` when it would not.
    problem: Option<Problem>,
    messages: Vec<Message>,
}

#[derive(Debug, Serialize)]
struct Function {
    name: Option<String>,
    version: Option<String>,
    memory_mb: Option<u64>,
    timeout_s: Option<u64>,
    layers: Vec<String>,
    /// Why forerun would not run at all; `null` when it would.
    hindrance: Option<String>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Planned {
    runtime: Runtime,
    profiles: Vec<Profile>,
    /// The built-in profile that would apply, had no other been found.
    unused_builtin: Option<String>,
    /// Why nothing changes; `null` when something does.
    nothing_changes: Option<&'static str>,
    variables: Vec<Variable>,
    argv: Vec<Word>,
    sidecars: Vec<Sidecar>,
    process: Process,
    skipped: Vec<Skipped>,
}

#[derive(Debug, Serialize)]
struct Runtime {
    /// Family and version, as the text has them.
    name: String,
    family: Option<&'static str>,
    version: Option<String>,
    arch: &'static str,
    evidence: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Profile {
    place: String,
    because: &'static str,
    included_at: Option<Origin>,
    /// What in its own condition did not hold.
    unmet: Option<String>,
}

/// A line of a profile.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Origin {
    profile: String,
    line: usize,
}

/// A value, as far as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum ShownValue {
    Value(String),
    /// The number of its bytes.
    Masked(usize),
    ProcessId(()),
}

#[derive(Debug, Serialize)]
struct Variable {
    name: String,
    sign: char,
    old: Option<ShownValue>,
    new: Option<ShownValue>,
    /// None: forerun itself.
    origins: Vec<Origin>,
}

/// An argument.
#[derive(Debug, Serialize)]
struct Word {
    sign: char,
    text: ShownValue,
    origin: Option<Origin>,
}

#[derive(Debug, Serialize)]
struct Sidecar {
    name: String,
    origin: Origin,
    command: Vec<ShownValue>,
    environment: SidecarEnvironment,
    working_directory: Option<String>,
    output: String,
    ready: Option<Ready>,
    required: bool,
    restart: &'static str,
    stop_timeout_ms: u128,
}

#[derive(Debug, Serialize)]
struct SidecarEnvironment {
    inherited: Vec<String>,
    withheld: Vec<String>,
    set: Vec<SidecarVariable>,
}

#[derive(Debug, Serialize)]
struct SidecarVariable {
    name: String,
    value: ShownValue,
}

#[derive(Debug, Serialize)]
struct Ready {
    when: String,
    timeout_ms: u128,
}

#[derive(Debug, Serialize)]
struct Process {
    limits: Vec<SetLimit>,
    directories: Vec<Directory>,
    graceful: Option<Origin>,
}

#[derive(Debug, Serialize)]
struct SetLimit {
    name: &'static str,
    value: LimitValue,
    origin: Origin,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum LimitValue {
    Number(u64),
    Word(&'static str),
}

#[derive(Debug, Serialize)]
struct Directory {
    path: String,
    origin: Origin,
}

/// A rule, or a sidecar, whose condition did not hold.
#[derive(Debug, Serialize)]
struct Skipped {
    origin: Origin,
    sidecar: Option<String>,
    unmet: String,
}

#[derive(Debug, Serialize)]
struct Message {
    level: &'static str,
    code: Option<String>,
    text: String,
    origin: Option<Origin>,
}

#[derive(Debug, Serialize)]
struct Problem {
    code: String,
    message: String,
    help: Option<String>,
    origin: Option<Origin>,
    exit_status: u8,
}

impl Story<'_> {
    /// The whole story.
    pub(super) fn as_json(&self, plan: &Plan<'_>) -> String {
        self.document(Some(self.planned(plan)), None, &plan.messages)
    }

    /// Why the start would stop.
    pub(super) fn stop_as_json(&self, problem: &problem::Problem, messages: &[plan::Message]) -> String {
        let problem = Problem {
            code: problem.code.to_string(),
            message: problem.message.clone(),
            help: super::hints::help(problem),
            origin: problem.origin.map(|origin| self.origin(origin)),
            exit_status: problem.code.exit_status(),
        };
        self.document(None, Some(problem), messages)
    }

    fn document(&self, plan: Option<Planned>, problem: Option<Problem>, messages: &[plan::Message]) -> String {
        let document = Document {
            forerun: env!("CARGO_PKG_VERSION"),
            starts: plan.is_some(),
            function: self.about.map(|about| Function {
                name: about.name.clone(),
                version: about.version.clone(),
                memory_mb: about.memory,
                timeout_s: about.timeout,
                layers: about.layers.clone(),
                hindrance: about.hindrance.clone(),
                notes: about.notes.clone(),
            }),
            plan,
            problem,
            messages: messages.iter().map(|message| self.message(message)).collect(),
        };
        // Nothing in it can fail: every key is a string.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    fn planned(&self, plan: &Plan<'_>) -> Planned {
        let (runtime, evidence) = self.detected(plan);
        let variables: Vec<Variable> = self.variables(plan).into_iter().map(|row| self.edited(row)).collect();
        let argv = self.argv(plan);
        let companions = !plan.sidecars.is_empty() || plan.process != plan::process::ProcessPlan::default();
        let unchanged = variables.is_empty() && argv.iter().all(|argument| argument.sign == ' ') && !companions;
        Planned {
            runtime: Runtime {
                name: runtime.to_string(),
                family: runtime.family.map(Family::name),
                version: runtime.version.map(|version| version.to_string()),
                arch: self.start.arch.name(),
                evidence: match evidence {
                    Evidence::ExecutionEnv => Some("AWS_EXECUTION_ENV"),
                    Evidence::Argv => Some("argv"),
                    Evidence::Files => Some("files"),
                    Evidence::Nothing => None,
                },
            },
            profiles: plan.applied.iter().map(|applied| self.profile(applied)).collect(),
            unused_builtin: self.unused_builtin(plan),
            nothing_changes: unchanged.then(|| why_nothing(plan)),
            variables,
            argv: argv.into_iter().map(|argument| self.word(argument)).collect(),
            sidecars: plan.sidecars.iter().map(|sidecar| self.companion(sidecar)).collect(),
            process: self.process_plan(&plan.process),
            skipped: plan.skipped.iter().map(|skipped| self.passed_over(skipped)).collect(),
        }
    }

    fn origin(&self, origin: problem::Origin) -> Origin {
        let source = self.library.source(origin.profile);
        Origin { profile: printable(&source.place), line: source.line_and_column(origin.span).0 }
    }

    fn profile(&self, applied: &plan::Applied) -> Profile {
        let (because, included_at) = match applied.because {
            Because::DropIn => ("drop-in", None),
            Because::OwnName => ("own-name", None),
            Because::Selected => ("selected", None),
            Because::Function => ("function", None),
            Because::Runtime => ("runtime", None),
            Because::Included(origin) => ("included", Some(self.origin(origin))),
        };
        let place = printable(&self.library.source(applied.profile).place);
        Profile { place, because, included_at, unmet: applied.unmet.clone() }
    }

    fn edited(&self, row: Row) -> Variable {
        let mut origins: Vec<Origin> = row.origins.iter().map(|&origin| self.origin(origin)).collect();
        origins.dedup();
        let (old, new) = (row.old.map(ShownValue::from), row.new.map(ShownValue::from));
        Variable { name: row.name, sign: row.sign, old, new, origins }
    }

    fn word(&self, argument: Argument) -> Word {
        // A space cannot be seen in a document.
        let sign = if argument.sign == ' ' { '=' } else { argument.sign };
        Word { sign, text: argument.text.into(), origin: argument.origin.map(|origin| self.origin(origin)) }
    }

    fn companion(&self, sidecar: &plan::sidecars::Sidecar) -> Sidecar {
        let environment = self.environment_of(sidecar);
        let set = environment.set.into_iter().map(|(name, value)| SidecarVariable { name, value: value.into() });
        Sidecar {
            name: sidecar.name.clone(),
            origin: self.origin(sidecar.origin),
            command: self.command(sidecar).into_iter().map(ShownValue::from).collect(),
            environment: SidecarEnvironment {
                inherited: environment.inherited,
                withheld: environment.withheld,
                set: set.collect(),
            },
            working_directory: sidecar.working_directory.as_ref().map(|folder| self.text(folder)),
            output: match &sidecar.log {
                Log::Inherit => "inherit".to_owned(),
                Log::Null => "null".to_owned(),
                Log::File(path) => self.text(path),
            },
            ready: sidecar
                .ready
                .as_ref()
                .map(|ready| Ready { when: self.ready(ready), timeout_ms: ready.timeout.as_millis() }),
            required: sidecar.required,
            restart: match sidecar.restart {
                Restart::Never => "never",
                Restart::OnFailure => "on-failure",
            },
            stop_timeout_ms: sidecar.stop_timeout.as_millis(),
        }
    }

    fn process_plan(&self, process: &plan::process::ProcessPlan) -> Process {
        let limit = |(origin, name, limit): &(problem::Origin, &'static str, Limit)| SetLimit {
            name,
            value: match limit {
                Limit::To(number) => LimitValue::Number(*number),
                Limit::Hard => LimitValue::Word("hard"),
                Limit::Unlimited => LimitValue::Word("unlimited"),
            },
            origin: self.origin(*origin),
        };
        let directories = process.directories.iter();
        Process {
            limits: process.limits.iter().map(limit).collect(),
            directories: directories
                .map(|(origin, path)| Directory { path: self.text(path), origin: self.origin(*origin) })
                .collect(),
            graceful: process.graceful.map(|origin| self.origin(origin)),
        }
    }

    fn passed_over(&self, skipped: &plan::Skipped) -> Skipped {
        let origin = self.origin(skipped.origin);
        Skipped { origin, sidecar: skipped.sidecar.clone(), unmet: skipped.unmet.clone() }
    }

    fn message(&self, message: &plan::Message) -> Message {
        Message {
            level: match message.level {
                Level::Error => "error",
                Level::Warn => "warning",
                Level::Info => "info",
            },
            code: message.code.map(|code| code.to_string()),
            text: message.text.clone(),
            origin: message.origin.map(|origin| self.origin(origin)),
        }
    }
}

impl From<Shown> for ShownValue {
    fn from(shown: Shown) -> ShownValue {
        match shown {
            // Bytes that are not UTF-8 are escaped, as in the text.
            Shown::Whole(value) => {
                ShownValue::Value(String::from_utf8(value).unwrap_or_else(|odd| printable(odd.as_bytes())))
            }
            Shown::Masked(length) => ShownValue::Masked(length),
            Shown::ProcessId => ShownValue::ProcessId(()),
        }
    }
}
