//! One run of the script: what it was started with, and what it made of that.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CString;

use crate::detect;
use crate::environment::Env;
use crate::runtime::{Arch, Runtime};
use crate::start::{Start, base_name};
use crate::tool::trial::outcome::{Outcome, Started};
use crate::tool::trial::start::TrialStart;

/// Variables that interpreters set for themselves (bash(1), PEP 538), or that name the wrapper itself: no script's doing.
const NOT_OURS: [&[u8]; 6] = [b"_", b"PWD", b"OLDPWD", b"SHLVL", b"LC_CTYPE", b"AWS_LAMBDA_EXEC_WRAPPER"];

/// A run of the script.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) start: TrialStart,
    pub(super) outcome: Outcome,
    /// The variables of the start.
    before: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The variables that the runtime was given; of one that stands twice, the first.
    after: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The runtime of the start.
    pub(super) runtime: Runtime,
    /// The argv that the runtime was given, as it was meant.
    argv: Vec<Vec<u8>>,
}

impl Run {
    pub(super) fn new(start: TrialStart, outcome: Outcome) -> Run {
        let before = start.env.iter().cloned().collect();
        let mut after = BTreeMap::new();
        for entry in outcome.started.last().map(|started| &started.env[..]).unwrap_or_default() {
            if let Some(equals) = entry.iter().position(|&byte| byte == b'=')
                && equals > 0
                && !NOT_OURS.contains(&&entry[..equals])
            {
                after.entry(entry[..equals].to_vec()).or_insert_with(|| entry[equals + 1..].to_vec());
            }
        }
        let runtime = detect::detect(&as_start(&start), |_| false).0;
        let argv = outcome.started.last().map(|started| meant(&started.argv, &start.argv)).unwrap_or_default();
        Run { start, outcome, before, after, runtime, argv }
    }

    /// The runtime, as it was started in the end; `None` when it was not.
    pub(super) fn started(&self) -> Option<&Started> {
        self.outcome.started.last()
    }

    /// The argv of the runtime: its interpreter by its place where the script had it found by PATH, and no argument
    /// twice where the script repeats what it was given.
    pub(super) fn argv(&self) -> &[Vec<u8>] {
        &self.argv
    }

    /// A variable of the start, `None` when it was unset.
    pub(super) fn before(&self, name: &[u8]) -> Option<&[u8]> {
        self.before.get(name).map(Vec::as_slice)
    }

    /// A variable of the start, empty when it was unset.
    pub(super) fn given(&self, name: &[u8]) -> &[u8] {
        self.before(name).unwrap_or_default()
    }

    /// A variable as the runtime finds it, `None` when it is unset.
    pub(super) fn after(&self, name: &[u8]) -> Option<&[u8]> {
        self.after.get(name).map(Vec::as_slice)
    }

    /// The variables of the start, by their names.
    pub(super) fn all_before(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.before.iter().map(|(name, value)| (&name[..], &value[..]))
    }

    /// The variables whose value is another one now. An empty variable is an unset one.
    pub(super) fn changed(&self) -> impl Iterator<Item = &[u8]> {
        let names = self.after.keys().chain(self.before.keys().filter(|name| !self.after.contains_key(*name)));
        names.map(Vec::as_slice).filter(|name| self.changes(name))
    }

    /// Whether a variable's value is another one now.
    pub(super) fn changes(&self, name: &[u8]) -> bool {
        self.started().is_some()
            && !NOT_OURS.contains(&name)
            && self.given(name) != self.after(name).unwrap_or_default()
    }

    /// Where the handler stands in the argv, as forerun finds it.
    pub(super) fn handler_position(&self) -> Option<usize> {
        detect::handler_position(&as_start(&self.start))
    }
}

fn meant(argv: &[Vec<u8>], start: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut argv = argv.to_vec();
    let longest = argv.len() / 2;
    let repeated = (2..=longest).rev().find(|&width| {
        let (front, end) = argv.split_at(argv.len() - width);
        front.ends_with(end) && end.iter().all(|argument| start.contains(argument))
    });
    argv.truncate(argv.len() - repeated.unwrap_or(0));
    if let [program, ..] = &mut argv[..]
        && !program.contains(&b'/')
        && base_name(&start[0]) == &program[..]
    {
        program.clone_from(&start[0]);
    }
    argv
}

/// A trial's start as the planner takes it.
pub(super) fn as_start(start: &TrialStart) -> Start<'static> {
    let text = |bytes: Vec<u8>| Cow::Owned(CString::new(bytes).unwrap_or_default());
    let entry = |(name, value): &(Vec<u8>, Vec<u8>)| text([name, &b"="[..], value].concat());
    let wrapper = text(b"AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper".to_vec());
    Start {
        own: text(b"/opt/wrapper".to_vec()),
        argv: start.argv.iter().cloned().map(text).collect(),
        env: Env::new(start.env.iter().map(entry).chain([wrapper])),
        arch: Arch::X86_64,
        pid: 1,
    }
}
