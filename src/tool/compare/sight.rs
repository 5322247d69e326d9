//! The two runtimes of a trial side by side, and where they came from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CString;

use super::lines::Lines;
use crate::detect;
use crate::environment::Env;
use crate::runtime::Arch;
use crate::start::Start;
use crate::tool::trial::outcome::{Outcome, Started};
use crate::tool::trial::start::TrialStart;

/// A runtime that was started.
pub(super) struct Runtime<'t> {
    pub(super) started: &'t Started,
    /// Its variables. Where a name stands twice, the first counts.
    pub(super) env: BTreeMap<&'t [u8], &'t [u8]>,
}

impl<'t> Runtime<'t> {
    fn of(started: &'t Started) -> Runtime<'t> {
        let mut env = BTreeMap::new();
        for entry in &started.env {
            // An entry may begin with `=`; a name is never empty.
            if let Some(equals) = entry.iter().skip(1).position(|&byte| byte == b'=') {
                env.entry(&entry[..equals + 1]).or_insert(&entry[equals + 2..]);
            }
        }
        Runtime { started, env }
    }

    /// The value of a variable.
    pub(super) fn value(&self, name: &[u8]) -> Option<&'t [u8]> {
        self.env.get(name).copied()
    }
}

/// A trial in which both started the runtime.
pub(super) struct Sight<'t> {
    pub(super) start: &'t TrialStart,
    pub(super) script: Runtime<'t>,
    pub(super) profile: Runtime<'t>,
    codes: Vec<String>,
}

impl<'t> Sight<'t> {
    /// `None` unless both started it.
    pub(super) fn of(start: &'t TrialStart, script: &'t Outcome, profile: &'t Outcome) -> Option<Sight<'t>> {
        let (of_script, of_profile) = (runtime(start, script)?, runtime(start, profile)?);
        Some(Sight {
            start,
            script: Runtime::of(&script.started[of_script]),
            profile: Runtime::of(&profile.started[of_profile]),
            codes: Lines::of(profile).own.into_iter().filter_map(|line| line.code).collect(),
        })
    }

    /// The value of a variable in the start.
    pub(super) fn given(&self, name: &[u8]) -> Option<&'t [u8]> {
        given(self.start, name)
    }

    /// The handler on the command line of the start, if it is there.
    pub(super) fn handler(&self) -> Option<&'t [u8]> {
        handler_position(self.start).map(|at| &self.start.argv[at][..])
    }

    /// Whether forerun wrote a message with this code.
    pub(super) fn says(&self, code: &str) -> bool {
        self.codes.iter().any(|said| said == code)
    }
}

/// The value of a variable in a start.
pub(super) fn given<'t>(start: &'t TrialStart, name: &[u8]) -> Option<&'t [u8]> {
    start.env.iter().find(|(own, _)| own == name).map(|(_, value)| &value[..])
}

/// Which of the programs that were started is the runtime: the wrapper's own process if it became one, else the last
/// one that was given an argument of the runtime's, else the last.
pub(super) fn runtime(start: &TrialStart, outcome: &Outcome) -> Option<usize> {
    let all = &outcome.started;
    let has_arguments = |one: &Started| one.argv.iter().skip(1).any(|argument| start.argv[1..].contains(argument));
    let same_process = all.iter().rposition(|one| one.same_process);
    same_process.or_else(|| all.iter().rposition(has_arguments)).or(all.len().checked_sub(1))
}

/// The position of the handler in the start's argv.
pub(super) fn handler_position(start: &TrialStart) -> Option<usize> {
    // A NUL cannot be in an argument that a process was given.
    let argument = |text: &Vec<u8>| Cow::Owned(CString::new(text.clone()).unwrap_or_default());
    let argv = start.argv.iter().map(argument).collect();
    detect::handler_position(&Start { own: c"".into(), argv, env: Env::default(), arch: Arch::X86_64, pid: 1 })
}
