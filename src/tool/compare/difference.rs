//! What is different between two outcomes of one start, and why.

use std::collections::BTreeSet;

use super::class::Class;
use super::hints::Hints;
use super::noise::{Variable, is_noise};
use super::sight::{Sight, given, runtime};
use super::{arguments, endings, output, processes, variables};
use crate::tool::trial::outcome::{Ending, Outcome};
use crate::tool::trial::start::TrialStart;

/// Something that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tool) struct Difference {
    pub(in crate::tool) aspect: Aspect,
    pub(in crate::tool) script: Seen,
    pub(in crate::tool) profile: Seen,
    /// Why it is none of the profile's mistakes; empty: it is unexplained.
    pub(in crate::tool) classes: BTreeSet<Class>,
    /// What would be the reason if it were accepted.
    pub(in crate::tool) choice: Option<Class>,
}

impl Difference {
    pub(super) fn new(aspect: Aspect, script: Seen, profile: Seen, classes: BTreeSet<Class>) -> Difference {
        Difference { aspect, script, profile, classes, choice: None }
    }

    /// Asks for a decision where there is no reason.
    fn chosen(mut self, choice: Option<Class>, hints: &Hints) -> Difference {
        self.choice = choice.filter(|_| self.classes.is_empty());
        self.classes.extend(self.choice.filter(|choice| hints.accepted.contains(choice)));
        self
    }

    /// Whether nothing explains it.
    pub(in crate::tool) fn is_unexplained(&self) -> bool {
        self.classes.is_empty()
    }
}

/// In what two outcomes differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tool) enum Aspect {
    /// Whether the runtime was started.
    Start,
    /// A variable of the runtime.
    Variable(Vec<u8>),
    /// The runtime's argv.
    Argv,
    /// How the wrapper's process ended.
    Status,
    /// A line of the log.
    Output,
    /// A property of the runtime's process, or other processes.
    Process(&'static str),
}

impl Aspect {
    /// The four kinds of differences that there are, and the start itself.
    pub(in crate::tool) fn dimension(&self) -> &'static str {
        match self {
            Aspect::Start => "start",
            Aspect::Variable(_) => "environment",
            Aspect::Argv => "argv",
            Aspect::Status => "status",
            Aspect::Output => "output",
            Aspect::Process(_) => "process",
        }
    }
}

/// What was seen of one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tool) enum Seen {
    /// Nothing: the variable is unset, the line was not written.
    Nothing,
    /// A value, or a line.
    Bytes(Vec<u8>),
    /// argv.
    Words(Vec<Vec<u8>>),
    /// How a process ended.
    Ending(Ending),
    /// Anything else, in words.
    Text(String),
}

impl Seen {
    pub(super) fn value(value: Option<&[u8]>) -> Seen {
        value.map_or(Seen::Nothing, |value| Seen::Bytes(value.to_vec()))
    }
}

/// Compares two outcomes of one start. What only the interpreter of the script does is left out.
pub(in crate::tool) fn differences(
    start: &TrialStart,
    script: &Outcome,
    profile: &Outcome,
    hints: &Hints,
) -> Vec<Difference> {
    let mut found = Vec::new();
    match Sight::of(start, script, profile) {
        Some(sight) => {
            found.extend(environment(&sight, hints));
            found.extend(argv(&sight, hints));
            found.extend(processes::differences(&sight, script, profile));
        }
        None => found.extend(started(start, script, profile)),
    }
    found.extend(endings::difference(start, script, profile));
    let said = output::differences(start, script, profile, hints);
    found.extend(said.into_iter().map(|line| {
        let only_script = line.profile == Seen::Nothing;
        line.chosen(only_script.then_some(Class::LineLeftOut), hints)
    }));
    found
}

fn environment(sight: &Sight<'_>, hints: &Hints) -> Vec<Difference> {
    let names: BTreeSet<&[u8]> = sight.script.env.keys().chain(sight.profile.env.keys()).copied().collect();
    let lc_all = sight.given(b"LC_ALL").is_some_and(|locale| !locale.is_empty());
    let of = |name| Variable {
        name,
        given: sight.given(name),
        script: sight.script.value(name),
        profile: sight.profile.value(name),
    };
    let differ = |variable: &Variable<'_>| {
        variable.script != variable.profile && !is_noise(*variable, sight.script.started, lc_all)
    };
    let difference = |variable: Variable<'_>| {
        let (script, profile) = (Seen::value(variable.script), Seen::value(variable.profile));
        let classes = variables::explain(variable, sight, hints);
        let aspect = Aspect::Variable(variable.name.to_vec());
        Difference::new(aspect, script, profile, classes).chosen(variables::keeps_value(variable), hints)
    };
    names.into_iter().map(of).filter(differ).map(difference).collect()
}

fn argv(sight: &Sight<'_>, hints: &Hints) -> Option<Difference> {
    let (script, profile) = (&sight.script.started.argv, &sight.profile.started.argv);
    (script != profile).then(|| {
        let (script, profile) = (Seen::Words(script.clone()), Seen::Words(profile.clone()));
        Difference::new(Aspect::Argv, script, profile, arguments::explain(sight, hints))
            .chosen(arguments::keeps(sight), hints)
    })
}

/// The runtime was started by one of the two and not by the other.
fn started(start: &TrialStart, script: &Outcome, profile: &Outcome) -> Option<Difference> {
    let seen = |outcome: &Outcome| match runtime(start, outcome) {
        Some(_) => Seen::Text("the runtime is started".into()),
        None => Seen::Text("the runtime is not started".into()),
    };
    let (by_script, by_profile) = (seen(script), seen(profile));
    (by_script != by_profile).then(|| {
        let classes = endings::why_not_started(start, script, profile);
        Difference::new(Aspect::Start, by_script, by_profile, classes)
    })
}

/// The names of the variables that a script sets or removes, what its interpreter does left out.
pub(in crate::tool) fn touched(start: &TrialStart, script: &Outcome) -> BTreeSet<Vec<u8>> {
    let Some(sight) = Sight::of(start, script, script) else { return BTreeSet::new() };
    let lc_all = sight.given(b"LC_ALL").is_some_and(|locale| !locale.is_empty());
    let names = sight.script.env.keys().copied().chain(start.env.iter().map(|(name, _)| &name[..]));
    let changed = names.filter(|name| {
        let (before, after) = (given(start, name), sight.script.value(name));
        let variable = Variable { name, given: before, script: after, profile: before };
        before != after && !is_noise(variable, sight.script.started, lc_all)
    });
    changed.map(<[u8]>::to_vec).collect()
}
