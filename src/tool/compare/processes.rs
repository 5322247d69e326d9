//! What is different about the runtime's process, and about the other processes of a start.

use std::collections::BTreeSet;

use super::class::Class;
use super::difference::{Aspect, Difference, Seen};
use super::sight::{Sight, runtime};
use crate::problem::printable;
use crate::start::base_name;
use crate::tool::trial::outcome::{Outcome, Started};
use crate::tool::trial::start::TrialStart;

/// SIGPIPE and SIGXFSZ, which Python ignores and leaves ignored
/// (<https://docs.python.org/3/library/signal.html>, `restore_signals` in its subprocess module), as a mask.
const LEFT_IGNORED: u64 = 1 << (13 - 1) | 1 << (25 - 1);

/// All that is different.
pub(super) fn differences(sight: &Sight<'_>, script: &Outcome, profile: &Outcome) -> Vec<Difference> {
    let (ours, theirs) = (sight.profile.started, sight.script.started);
    let mut found = Vec::new();
    let mut add = |what, script: String, profile: String, class: Option<Class>| {
        if script != profile {
            let (script, profile) = (Seen::Text(script), Seen::Text(profile));
            let classes = class.into_iter().collect();
            found.push(Difference::new(Aspect::Process(what), script, profile, classes));
        }
    };
    let place = |started: &Started| if started.same_process { "the wrapper's own" } else { "a child of the wrapper" };
    let child = (!theirs.same_process && ours.same_process).then_some(Class::RuntimeIsChild);
    add("process of the runtime", place(theirs).into(), place(ours).into(), child);
    let folder = |started: &Started| printable(&started.directory);
    add("working directory", folder(theirs), folder(ours), None);
    let descriptors = |started: &Started| format!("{:?}", started.descriptors);
    add("open descriptors", descriptors(theirs), descriptors(ours), None);
    add("blocked signals", signals(theirs.blocked), signals(ours.blocked), None);
    let only_left = ours.ignored & !theirs.ignored == 0 && theirs.ignored & !ours.ignored & !LEFT_IGNORED == 0;
    let left = only_left.then_some(Class::IgnoredSignals);
    add("ignored signals", signals(theirs.ignored), signals(ours.ignored), left);
    let umask = |started: &Started| format!("{:03o}", started.umask);
    add("umask", umask(theirs), umask(ours), None);
    found.extend(beside(sight.start, script, profile));
    found.extend(other_processes(sight, script, profile));
    found
}

/// The numbers of the signals in a mask (proc(5): bit 0 is signal 1).
fn signals(mask: u64) -> String {
    let numbers: Vec<String> =
        (0..64).filter(|bit| mask >> bit & 1 == 1).map(|bit: u32| (bit + 1).to_string()).collect();
    if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") }
}

/// Programs other than the runtime that were given to be started.
fn beside(start: &TrialStart, script: &Outcome, profile: &Outcome) -> Vec<Difference> {
    let programs = |outcome: &Outcome| {
        let own = runtime(start, outcome);
        let others = outcome.started.iter().enumerate().filter(|(at, _)| Some(*at) != own);
        others.map(|(_, started)| started.argv.clone()).collect::<Vec<_>>()
    };
    let (mut of_script, mut of_profile) = (programs(script), programs(profile));
    of_script.retain(|argv| match of_profile.iter().position(|other| other == argv) {
        Some(same) => {
            of_profile.remove(same);
            false
        }
        None => true,
    });
    let difference = |script, profile, classes| {
        Difference::new(Aspect::Process("programs beside the runtime"), script, profile, classes)
    };
    let only_script = of_script.into_iter().map(|argv| {
        let class = asks_for_version(start, &argv).then_some(Class::HelperPrograms);
        difference(Seen::Words(argv), Seen::Nothing, class.into_iter().collect())
    });
    let only_profile = of_profile.into_iter().map(|argv| difference(Seen::Nothing, Seen::Words(argv), BTreeSet::new()));
    only_script.chain(only_profile).collect()
}

/// Whether an interpreter is only asked for its version: whatever else it is started for may matter to the function.
fn asks_for_version(start: &TrialStart, argv: &[Vec<u8>]) -> bool {
    let Some((program, arguments)) = argv.split_first() else { return false };
    let program = base_name(program);
    let own = base_name(&start.argv[0]);
    let interpreter = program == own || [&b"java"[..], b"node", b"python3", b"ruby", b"dotnet"].contains(&program);
    let version = |argument: &Vec<u8>| [&b"-version"[..], b"--version", b"-v", b"-V"].contains(&&argument[..]);
    interpreter && arguments.len() == 1 && arguments.iter().all(version)
}

/// Processes that came and went, or stay.
fn other_processes(sight: &Sight<'_>, script: &Outcome, profile: &Outcome) -> Option<Difference> {
    let (theirs, ours) = (script.other_processes, profile.other_processes);
    let class = match (theirs, ours) {
        _ if theirs == ours => return None,
        // One of them is the runtime, which is told already.
        (1, 0) if !sight.script.started.same_process => return None,
        (_, 0) => Some(Class::HelperPrograms),
        (1.., 1..) => Some(Class::Supervised),
        (0, _) => None,
    };
    let text = |number: u32| match number {
        0 => Seen::Text("no process but the runtime's".into()),
        1 => Seen::Text("1 other process".into()),
        number => Seen::Text(format!("{number} other processes")),
    };
    let classes = class.into_iter().collect();
    Some(Difference::new(Aspect::Process("other processes"), text(theirs), text(ours), classes))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcome, start, started};
    use super::*;

    fn found(script: &Outcome, profile: &Outcome) -> Vec<(&'static str, Vec<&'static str>)> {
        let start = start(&["/var/lang/bin/java", "M"], &[]);
        let sight = Sight::of(&start, script, profile).expect("both started");
        let named = |difference: Difference| match difference.aspect {
            Aspect::Process(what) => (what, difference.classes.into_iter().map(Class::id).collect()),
            other => panic!("{other:?}"),
        };
        differences(&sight, script, profile).into_iter().map(named).collect()
    }

    fn with(change: impl Fn(&mut Started)) -> Outcome {
        let mut runtime = started(&["/var/lang/bin/java", "M"], &[]);
        change(&mut runtime);
        outcome(runtime)
    }

    #[test]
    fn a_runtime_that_is_a_child_is_one_difference() {
        let script = Outcome { other_processes: 1, ..with(|runtime| runtime.same_process = false) };
        assert_eq!(found(&script, &with(|_| {})), [("process of the runtime", vec!["runtime-is-child"])]);
        assert_eq!(
            found(&with(|_| {}), &with(|runtime| runtime.same_process = false)),
            [("process of the runtime", vec![])]
        );
    }

    #[test]
    fn what_the_runtime_inherits_is_compared() {
        let plain = with(|_| {});
        let python = with(|runtime| runtime.ignored = LEFT_IGNORED);
        assert_eq!(found(&python, &plain), [("ignored signals", vec!["ignored-signals"])]);
        assert_eq!(found(&plain, &python), [("ignored signals", vec![])]);
        let terminal = with(|runtime| runtime.ignored = LEFT_IGNORED | 1 << 14);
        assert_eq!(found(&terminal, &plain), [("ignored signals", vec![])]);
        let all = with(|runtime| {
            runtime.directory = b"/tmp".to_vec();
            runtime.descriptors.push(7);
            runtime.blocked = 1;
            runtime.umask = 0o077;
        });
        let names = ["working directory", "open descriptors", "blocked signals", "umask"];
        assert_eq!(found(&all, &plain), names.map(|name| (name, vec![])));
    }

    #[test]
    fn other_processes_are_helpers_or_supervised() {
        let many = |number| Outcome { other_processes: number, ..with(|_| {}) };
        let why = |script, profile| found(&many(script), &many(profile)).pop().map(|(_, classes)| classes);
        assert_eq!(why(3, 0), Some(vec!["helper-programs"]));
        assert_eq!(why(1, 4), Some(vec!["supervised"]));
        assert_eq!(why(0, 4), Some(vec![]));
        assert_eq!(why(0, 0), None);
    }

    #[test]
    fn a_program_beside_the_runtime_has_to_be_the_profiles_too() {
        let beside = |argv: &[&str]| {
            let mut outcome = with(|_| {});
            outcome.started.insert(0, Started { same_process: false, ..started(argv, &[]) });
            outcome
        };
        let (java, agent) = (beside(&["java", "-version"]), beside(&["/opt/agent", "x"]));
        let plain = with(|_| {});
        assert_eq!(found(&java, &plain), [("programs beside the runtime", vec!["helper-programs"])]);
        assert_eq!(found(&agent, &plain), [("programs beside the runtime", vec![])]);
        assert_eq!(found(&plain, &agent), [("programs beside the runtime", vec![])]);
        assert_eq!(found(&agent, &agent), []);
    }
}
