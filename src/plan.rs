//! The plan: what the runtime will be started with, and why. Pure: the same start, profiles and facts give the same plan.

mod args;
mod env;
mod expand;
mod handler;
mod list;
mod package;
pub mod process;
mod select;
pub mod settings;
pub mod sidecars;
mod state;
pub(crate) mod when;

use std::cell::{OnceCell, RefCell};
use std::ffi::CString;

pub use args::{Argument, Argv};
pub use list::tokens;

use crate::detect::{self, Evidence};
use crate::environment::{Displaced, Env};
use crate::facts::{Facts, Needs};
use crate::library::Library;
use crate::problem::{Code, Origin, Problem, ProfileId, Span, printable};
use crate::profile::{OnError, Profile, Rule, Spanned};
use crate::runtime::Runtime;
use crate::start::Start;
use env::Process;
use process::ProcessPlan;
use settings::Settings;
use sidecars::Sidecar;
use state::State;

/// What the runtime will be started with.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The environment.
    pub env: Env<'a>,
    /// The argv, the program first.
    pub argv: Argv,
    /// Lines to write.
    pub messages: Vec<Message>,
    /// Profiles that were applied or looked at, in their order.
    pub applied: Vec<Applied>,
    /// Edits of variables in their order.
    pub changes: Vec<Change<'a>>,
    /// Rules and sidecars whose condition did not hold.
    pub skipped: Vec<Skipped>,
    /// Companion processes, in the order of their profiles.
    pub sidecars: Vec<Sidecar>,
    /// What the runtime's process gets besides environment and argv.
    pub process: ProcessPlan,
    /// The runtime and what gave it away; `None` when nothing asked for it.
    pub runtime: Option<(Runtime, Evidence)>,
    /// Nothing was planned: `FORERUN_BYPASS`, or a chained wrapper came back to us.
    pub untouched: Option<&'static str>,
}

/// A line to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How grave it is.
    pub level: Level,
    /// The line; a problem without a code is plain news.
    pub text: String,
    /// The code of a warning.
    pub code: Option<Code>,
    /// The place in a profile that it speaks of.
    pub origin: Option<Origin>,
}

impl Message {
    /// The warning that something is wrong and the start goes on.
    pub fn warning(problem: Problem) -> Message {
        let help = problem.help.map_or_else(String::new, |help| format!("; {help}"));
        let text = problem.message + &help;
        Message { level: Level::Warn, text, code: Some(problem.code), origin: problem.origin }
    }
}

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The start stops.
    Error,
    /// Something is not as it should be.
    Warn,
    /// News.
    Info,
}

/// A profile that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which.
    pub profile: ProfileId,
    /// Why.
    pub because: Because,
    /// What in its own `when` did not hold.
    pub unmet: Option<String>,
}

/// Why a profile was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It lies in `/opt/forerun.d`.
    DropIn,
    /// The wrapper was started under its name.
    OwnName,
    /// `FORERUN_PROFILE` names it.
    Selected,
    /// It is the function's own `forerun.toml`.
    Function,
    /// Nothing else was found and it is the built-in profile of the runtime.
    Runtime,
    /// Another profile includes it.
    Included(Origin),
}

/// An edit of a variable.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The variable.
    pub name: Vec<u8>,
    /// The line of the profile.
    pub origin: Origin,
    displaced: Vec<Displaced<'a>>,
}

/// A rule or sidecar whose condition did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The name of a sidecar, `None` for a rule.
    pub sidecar: Option<String>,
    /// Where it stands.
    pub origin: Origin,
    /// The condition that did not hold.
    pub unmet: String,
}

/// Why there is no plan.
#[derive(Clone, Debug)]
pub enum Halt {
    /// Something has to be looked up first.
    Lacks(Needs),
    /// The start must stop. The lines are those that were gathered on the way.
    Stop(Box<Problem>, Vec<Message>),
}

/// Makes the plan.
///
/// # Errors
///
/// [`Halt::Lacks`] when facts or profiles are missing: look them up and plan again. [`Halt::Stop`] when the start must
/// not go on.
pub fn plan<'a>(start: &Start<'a>, library: &Library, facts: &Facts) -> Result<Plan<'a>, Halt> {
    let (settings, warnings) = Settings::read(start);
    let mut planner = Planner {
        start,
        library,
        facts,
        settings,
        needs: RefCell::default(),
        runtime: OnceCell::new(),
        state: State {
            env: start.env.clone(),
            argv: Argv::new(start),
            messages: warnings,
            applied: Vec::new(),
            changes: Vec::new(),
            skipped: Vec::new(),
            complete: Vec::new(),
            redirects: Vec::new(),
        },
    };
    let outcome = planner.run();
    let needs = planner.needs.into_inner();
    if !needs.is_empty() {
        return Err(Halt::Lacks(needs));
    }
    let state = planner.state;
    match outcome {
        Err(problem) => Err(Halt::Stop(Box::new(problem), state.messages)),
        Ok(Outcome { untouched, sidecars, process }) => Ok(Plan {
            sidecars,
            process,
            env: state.env,
            argv: state.argv,
            messages: state.messages,
            applied: state.applied,
            changes: state.changes,
            skipped: state.skipped,
            runtime: planner.runtime.into_inner(),
            untouched,
        }),
    }
}

impl Plan<'_> {
    /// The argv as it will be handed to the kernel.
    pub fn argv_strings(&self) -> Vec<CString> {
        // No argument holds NUL: Lambda's come from C strings, the parser refuses it in templates.
        self.argv.iter().map(|argument| CString::new(argument.text.clone()).unwrap_or_default()).collect()
    }
}

struct Planner<'p, 'a> {
    start: &'p Start<'a>,
    library: &'p Library,
    facts: &'p Facts,
    settings: Settings,
    needs: RefCell<Needs>,
    runtime: OnceCell<(Runtime, Evidence)>,
    state: State<'a>,
}

/// What there is beside the state when all profiles have been applied.
#[derive(Default)]
struct Outcome {
    untouched: Option<&'static str>,
    sidecars: Vec<Sidecar>,
    process: ProcessPlan,
}

/// A variable, the line that asks for it, and the new value: `None` removes it.
type Assignment<'p> = (&'p [u8], Span, Option<Vec<u8>>);

impl<'p> Planner<'p, '_> {
    /// Applies all profiles.
    fn run(&mut self) -> Result<Outcome, Problem> {
        let untouched = |why| Ok(Outcome { untouched: Some(why), ..Outcome::default() });
        if self.start.argv.is_empty() {
            return Err(Problem::nowhere(
                Code::NoCommand,
                "there is no runtime to start: forerun was given no argument",
            )
            .help("set AWS_LAMBDA_EXEC_WRAPPER to this file, or run it as `wrapper INTERPRETER ARGS…`"));
        }
        if self.settings.bypass {
            return untouched("FORERUN_BYPASS is set");
        }
        if self.settings.through_us {
            self.state.env.edit(settings::THROUGH, None);
            return untouched("a program that the runtime is run through has started forerun again");
        }
        self.apply_all()?;
        if !self.state.argv.through.is_empty() {
            self.state.env.edit(settings::THROUGH, Some(self.start.pid.to_string().as_bytes()));
        }
        Ok(Outcome { untouched: None, sidecars: self.sidecars()?, process: self.process() })
    }

    /// Applies a profile whole or not at all. `chain` are the profiles that include it, outermost first.
    fn apply(&mut self, id: ProfileId, because: Because, chain: &mut Vec<ProfileId>) -> Result<(), Problem> {
        let source = self.library.source(id);
        if let Some(position) = chain.iter().position(|&ancestor| ancestor == id) {
            let path = chain[position..].iter().chain([&id]).map(|&id| printable(&self.library.source(id).place));
            let message = format!("profiles include each other in a circle: {}", path.collect::<Vec<_>>().join(" → "));
            let origin = if let Because::Included(origin) = because { Some(origin) } else { None };
            return Err(Problem { code: Code::IncludeCycle, origin, message, help: None }
                .help("take one of these `include` lines out"));
        }
        if self.state.applied.iter().any(|applied| applied.profile == id) {
            return Ok(());
        }
        if self.settings.skips(source.name()) {
            self.note_skip(id);
            return Ok(());
        }
        let on_error = self.settings.on_error.or(source.on_error).unwrap_or_default();
        let checkpoint = (on_error == OnError::Continue).then(|| self.state.checkpoint());
        self.state.applied.push(Applied { profile: id, because, unmet: None });
        chain.push(id);
        let applied = match &source.profile {
            Ok(profile) => self.profile(id, profile, chain),
            Err(problems) => Err(first_of(problems)),
        };
        chain.pop();
        match (applied, checkpoint) {
            (Err(problem), Some(checkpoint)) => {
                self.state.restore(checkpoint);
                // It had its place: it is not tried again further on.
                self.state.applied.push(Applied {
                    profile: id,
                    because,
                    unmet: Some("left out, see the warning".into()),
                });
                let text = format!("{} is left out: {}", printable(&source.place), self.library.line(&problem));
                self.say(Level::Warn, Some(Code::ProfileLeftOut), None, text);
                Ok(())
            }
            (applied, _) => applied,
        }
    }

    fn profile(&mut self, id: ProfileId, profile: &'p Profile, chain: &mut Vec<ProfileId>) -> Result<(), Problem> {
        if let Some(when) = &profile.when
            && let Some(unmet) = self.unmet(id, when)?
        {
            if let Some(applied) = self.state.applied.iter_mut().rev().find(|applied| applied.profile == id) {
                applied.unmet = Some(unmet.to_string());
            }
            return Ok(());
        }
        for rule in &profile.rules {
            self.rule(id, rule, chain)?;
        }
        self.state.complete.push(id);
        Ok(())
    }

    /// The profiles that were applied, those that have the last word last.
    fn complete(&self) -> Vec<(ProfileId, &'p Profile)> {
        let profile = |&id: &ProfileId| Some((id, self.library.source(id).profile.as_ref().ok()?));
        self.state.complete.iter().filter_map(profile).collect()
    }

    fn rule(&mut self, id: ProfileId, rule: &'p Rule, chain: &mut Vec<ProfileId>) -> Result<(), Problem> {
        let mut unmet = None;
        if let Some(family) = rule.family
            && self.runtime().0.family != Some(family)
        {
            unmet = Some(format!("runtime.{}", family.name()));
        } else if let Some(when) = &rule.when {
            unmet = self.unmet(id, when)?.map(|unmet| unmet.to_string());
        }
        if let Some(unmet) = unmet {
            let origin = Origin { profile: id, span: rule.span };
            self.state.skipped.push(Skipped { sidecar: None, origin, unmet });
            return Ok(());
        }
        for include in &rule.include {
            self.include(id, include, chain)?;
        }
        if let Some(fail) = &rule.fail {
            let text = printable(fail.value.as_bytes());
            return Err(Problem::at(Code::ProfileFails, Origin { profile: id, span: fail.span }, text));
        }
        let mut edits: Vec<Assignment<'p>> = Vec::new();
        if let Some(redirect) = &rule.handler {
            self.redirect(id, redirect, &mut edits)?;
        }
        for edit in &rule.env {
            let old = self.state.env.get(&edit.name).map(<[u8]>::to_vec);
            if let Some(value) = self.edit(id, edit, old, Process::Runtime)? {
                edits.push((&edit.name[..], edit.span, value));
            }
        }
        self.args(id, &rule.args, rule.handler.is_some())?;
        // Only now: everything above reads the environment as it was when the rule began.
        for (name, span, value) in edits {
            self.commit(id, name, span, value.as_deref());
        }
        self.tell(id, Level::Info, None, rule.log.as_ref());
        self.tell(id, Level::Warn, Some(Code::ProfileWarns), rule.warn.as_ref());
        Ok(())
    }

    fn commit(&mut self, profile: ProfileId, name: &[u8], span: Span, value: Option<&[u8]>) {
        if self.state.env.get(name) != value || self.state.env.is_repeated(name) {
            let displaced = self.state.env.edit(name, value);
            self.state.changes.push(Change { name: name.to_vec(), origin: Origin { profile, span }, displaced });
        }
    }

    fn tell(&mut self, profile: ProfileId, level: Level, code: Option<Code>, text: Option<&Spanned<String>>) {
        if let Some(text) = text {
            let line = printable(text.value.as_bytes());
            self.say(level, code, Some(Origin { profile, span: text.span }), line);
        }
    }

    fn warn(&mut self, code: Code, profile: ProfileId, span: Span, text: impl Into<String>) {
        self.say(Level::Warn, Some(code), Some(Origin { profile, span }), text.into());
    }

    fn say(&mut self, level: Level, code: Option<Code>, origin: Option<Origin>, text: String) {
        self.state.messages.push(Message { level, text, code, origin });
    }

    fn runtime(&self) -> (Runtime, Evidence) {
        *self.runtime.get_or_init(|| detect::detect(self.start, |path| self.exists(path)))
    }

    /// Whether a path exists; an unanswered question counts as no, and the plan is made again.
    fn exists(&self, path: &[u8]) -> bool {
        self.facts.exists(path).unwrap_or_else(|| {
            self.needs.borrow_mut().paths.insert(path.to_vec());
            false
        })
    }

    /// The working directory; an unanswered question counts as none that can be told.
    fn working_dir(&self) -> Option<&'p [u8]> {
        self.facts.working_dir().unwrap_or_else(|| {
            self.needs.borrow_mut().working_dir = true;
            None
        })
    }

    /// What is in a file; an unanswered question counts as no such file.
    fn contents(&self, path: &[u8]) -> Option<&'p [u8]> {
        self.facts.contents(path).unwrap_or_else(|| {
            self.needs.borrow_mut().contents.insert(path.to_vec());
            None
        })
    }
}

fn first_of(problems: &[Problem]) -> Problem {
    let mut first = problems[0].clone();
    if problems.len() > 1 {
        let more = format!("this file has {} problems: `forerun check` shows them all", problems.len());
        first.help = Some(first.help.map_or(more.clone(), |help| format!("{help}; {more}")));
    }
    first
}
