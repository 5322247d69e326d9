//! The plan that a rule leads to on the known start of a runtime: made by the planner that the launcher has.

use std::borrow::Cow;
use std::ffi::{CStr, CString};

use super::Subject;
use super::flow::Stage;
use crate::environment::Env;
use crate::facts::Facts;
use crate::library::{Found, Library};
use crate::plan::{Argv, Halt, plan};
use crate::profile::{Args, Profile, Rule};
use crate::runtime::{Arch, Runtime};
use crate::start::Start;
use crate::tool::known_starts;

/// The argv that the runtime gets when a rule applies, and all rules that always do, without what a rule removes that may
/// apply besides. Paths are taken to exist; other profiles do not come into it.
pub(super) fn argv(subject: &Subject<'_>, rule: &Rule, runtime: &'static str) -> Option<Argv> {
    let family = Runtime::parse(runtime.as_bytes())?.family;
    let own = subject.rules().find(|(other, _)| std::ptr::eq(*other, rule)).map(|(_, stage)| &stage.conditions)?;
    let applying = |(other, stage): (&Rule, &Stage<'_>)| {
        let unconditional = other.when.is_none() && (other.family.is_none() || other.family == family);
        let bare = Rule { family: None, when: None, include: Vec::new(), fail: None, ..other.clone() };
        if std::ptr::eq(other, rule) || unconditional {
            return Some(bare);
        }
        let removes = !other.args.remove.is_empty() && own.and(&stage.conditions).possible();
        let args = Args { remove: other.args.remove.clone(), ..Args::default() };
        removes.then(|| Rule { args, ..Rule::default() })
    };
    let rules = subject.rules().filter_map(applying);
    let profile = Profile { rules: rules.collect(), ..Profile::default() };
    let mut library = Library::default();
    let id = library.add_profile(subject.source.place.clone(), profile);
    library.dropins.push(id);
    let start = start(runtime);
    let mut facts = Facts::default();
    loop {
        match plan(&start, &library, &facts) {
            Ok(plan) => return Some(plan.argv),
            Err(Halt::Stop(..)) => return None,
            Err(Halt::Lacks(needs)) => {
                needs.paths.iter().for_each(|path| facts.set_exists(path, true));
                needs.contents.iter().for_each(|path| facts.set_contents(path, None));
                facts.set_working_dir(Some(start.task_root().to_vec()));
                needs.profiles.into_iter().for_each(|profile| library.record(profile, Found::Nowhere(Vec::new())));
            }
        }
    }
}

/// Whether the runtime reads its handler from argv.
pub(super) fn reads_handler_from_argv(runtime: &'static str) -> bool {
    crate::detect::handler_position(&start(runtime)).is_some()
}

fn start(runtime: &'static str) -> Start<'static> {
    let known = known_starts::start(runtime, None, Arch::X86_64);
    let env = known.env.into_iter().map(|(name, value)| c_string(format!("{name}={value}")));
    Start {
        own: c"/opt/wrapper".into(),
        argv: known.argv.into_iter().map(c_string).collect(),
        env: Env::new(env),
        arch: Arch::X86_64,
        pid: 2,
    }
}

fn c_string(text: String) -> Cow<'static, CStr> {
    // The known starts hold no NUL.
    Cow::Owned(CString::new(text).unwrap_or_default())
}
