//! Why the wrapper ended in another way, and why it never came to start the runtime.

use std::collections::BTreeSet;

use super::class::Class;
use super::difference::{Aspect, Difference, Seen};
use super::lines::Lines;
use super::sight::runtime;
use super::words;
use crate::start::base_name;
use crate::tool::trial::outcome::{Ending, Outcome};
use crate::tool::trial::start::{RuntimeState, TrialStart};

/// SIGTERM (signal(7)).
const SIGTERM: i32 = 15;

/// How the two ended, if it was not alike.
pub(super) fn difference(start: &TrialStart, script: &Outcome, profile: &Outcome) -> Option<Difference> {
    (script.ending != profile.ending).then(|| {
        let classes = why(start, script, profile).into_iter().collect();
        Difference::new(Aspect::Status, Seen::Ending(script.ending), Seen::Ending(profile.ending), classes)
    })
}

fn why(start: &TrialStart, script: &Outcome, profile: &Outcome) -> Option<Class> {
    let child = |outcome: &Outcome| runtime(start, outcome).is_some_and(|at| !outcome.started[at].same_process);
    let starts = |outcome: &Outcome| runtime(start, outcome).is_some();
    let failed = |ending| !matches!(ending, Ending::Hung | Ending::Exited(0));
    // A child whose parent is signalled: the parent ends or waits for ever, the child never hears of it.
    if start.runtime == RuntimeState::AwaitsSigterm && profile.ending == Ending::Exited(0) && child(script) {
        let unheard = runtime(start, script).is_some_and(|at| !script.started[at].heard_sigterm);
        let ended = script.ending == Ending::Killed(SIGTERM) || script.ending == Ending::Exited(128 + SIGTERM as u8);
        return (unheard && (ended || script.ending == Ending::Hung)).then_some(Class::LostSignal);
    }
    // 127 and 126 as a shell has them: docs/messages.md, "When the start stops".
    let own = match start.runtime {
        RuntimeState::Exits(status) => status,
        RuntimeState::AwaitsSigterm => 0,
        RuntimeState::Missing => 127,
        RuntimeState::NotExecutable => 126,
    };
    if starts(script) && starts(profile) {
        let lost = child(script) && profile.ending == Ending::Exited(own) && script.ending != Ending::Hung;
        return lost.then_some(Class::LostStatus);
    }
    if !starts(script) && !starts(profile) {
        let cannot_start = matches!(start.runtime, RuntimeState::Missing | RuntimeState::NotExecutable);
        return match (script.ending, profile.ending) {
            // It was tried, in vain, as a child; or it was never tried.
            (Ending::Exited(0), Ending::Exited(status)) if cannot_start && status == own => {
                let tried = script.other_processes > 0;
                Some(if tried { Class::LostStatus } else { Class::RuntimeNotStarted })
            }
            (theirs, Ending::Exited(_)) => failed(theirs).then_some(Class::OwnStatus),
            _ => None,
        };
    }
    why_not_started(start, script, profile).into_iter().next()
}

/// Why the script starts no runtime where the profile does, or the other way round.
pub(super) fn why_not_started(start: &TrialStart, script: &Outcome, profile: &Outcome) -> BTreeSet<Class> {
    let mut classes = BTreeSet::new();
    if let Some(at) = runtime(start, script) {
        // The profile's is not there; the script has found another one of that name.
        let program = script.started[at].argv.first().map_or(&b""[..], |program| program);
        let same_name = base_name(program) == base_name(&start.argv[0]) && program != start.argv[0];
        let missing = Lines::of(profile).own.iter().any(|message| message.code.as_deref() == Some("FR401"));
        if start.runtime == RuntimeState::Missing && same_name && missing {
            classes.insert(Class::InterpreterByPath);
        }
        // Paths that are relative in the profile itself are refused before anything is compared.
        if Lines::of(profile).own.iter().any(|message| message.code.as_deref() == Some("FR206")) {
            classes.insert(Class::RelativePath);
        }
        return classes;
    }
    let reasons: BTreeSet<Class> =
        words::of_script(start, &Lines::of(script).others).into_iter().filter_map(|(_, class)| class).collect();
    let broke =
        [Class::ShellError, Class::ScriptError, Class::UnquotedTest].into_iter().find(|one| reasons.contains(one));
    match script.ending {
        // Nothing was said and nothing was started: for Lambda the runtime has ended at once.
        Ending::Exited(0) => _ = classes.insert(Class::RuntimeNotStarted),
        Ending::Exited(_) | Ending::Killed(_) if broke.is_some() => {
            classes.insert(Class::RuntimeNotStarted);
            classes.extend(broke);
        }
        _ => {}
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gave_up, outcome, start, started};
    use super::*;

    fn state(runtime: RuntimeState) -> TrialStart {
        TrialStart { runtime, ..start(&["/var/lang/bin/java", "M"], &[]) }
    }

    fn child() -> Outcome {
        let mut runtime = started(&["/var/lang/bin/java", "M"], &[]);
        runtime.same_process = false;
        Outcome { other_processes: 1, ..outcome(runtime) }
    }

    fn in_place() -> Outcome {
        outcome(started(&["/var/lang/bin/java", "M"], &[]))
    }

    fn ids(classes: impl IntoIterator<Item = Class>) -> Vec<&'static str> {
        classes.into_iter().map(Class::id).collect()
    }

    fn status(start: &TrialStart, script: &Outcome, profile: &Outcome) -> Option<Vec<&'static str>> {
        difference(start, script, profile).map(|difference| ids(difference.classes))
    }

    #[test]
    fn a_runtime_that_is_a_child_loses_signal_and_status() {
        let awaits = state(RuntimeState::AwaitsSigterm);
        for ending in [Ending::Killed(15), Ending::Exited(143), Ending::Hung] {
            let script = Outcome { ending, ..child() };
            assert_eq!(status(&awaits, &script, &in_place()), Some(vec!["lost-signal"]));
            let script = Outcome { ending, ..in_place() };
            assert_eq!(status(&awaits, &script, &in_place()), Some(vec![]), "not a child");
        }
        let exits = state(RuntimeState::Exits(7));
        let profile = Outcome { ending: Ending::Exited(7), ..in_place() };
        assert_eq!(status(&exits, &child(), &profile), Some(vec!["lost-status"]));
        assert_eq!(status(&exits, &in_place(), &profile), Some(vec![]), "not a child");
        assert_eq!(status(&exits, &profile, &in_place()), Some(vec![]), "the profile has lost it");
    }

    #[test]
    fn a_script_that_hangs_is_not_explained() {
        let hung = Outcome { ending: Ending::Hung, ..gave_up(0, "") };
        let exits = state(RuntimeState::Exits(0));
        assert_eq!(status(&exits, &hung, &in_place()), Some(vec![]));
        assert_eq!(ids(why_not_started(&exits, &hung, &in_place())), [""; 0]);
    }

    #[test]
    fn both_may_stop_each_with_its_own_status() {
        let exits = state(RuntimeState::Exits(0));
        assert_eq!(status(&exits, &gave_up(2, ""), &gave_up(100, "")), Some(vec!["own-status"]));
        assert_eq!(status(&exits, &gave_up(0, ""), &gave_up(100, "")), Some(vec![]));
        let missing = state(RuntimeState::Missing);
        let script = Outcome { other_processes: 2, ..gave_up(0, "") };
        assert_eq!(status(&missing, &script, &gave_up(127, "")), Some(vec!["lost-status"]));
        assert_eq!(status(&missing, &gave_up(0, ""), &gave_up(127, "")), Some(vec!["runtime-not-started"]));
        assert_eq!(status(&missing, &gave_up(0, ""), &gave_up(100, "")), Some(vec![]));
        assert_eq!(status(&missing, &gave_up(127, ""), &gave_up(127, "")), None);
    }

    #[test]
    fn a_script_that_breaks_off_is_told_from_one_that_refuses() {
        let exits = state(RuntimeState::Exits(0));
        let why = |status, says| ids(why_not_started(&exits, &gave_up(status, says), &in_place()));
        assert_eq!(why(2, "/opt/x: line 7: exec: -X: invalid option\n"), ["shell-error", "runtime-not-started"]);
        assert_eq!(why(0, ""), ["runtime-not-started"]);
        assert_eq!(why(2, "unknown architecture\n"), [""; 0], "the profile should refuse as well");
        assert_eq!(why(1, ""), [""; 0]);
        let relative = gave_up(100, "forerun: error[FR206]: /opt/forerun.d/0-x.toml:1:1: `x` is relative");
        assert_eq!(ids(why_not_started(&exits, &in_place(), &relative)), ["relative-path"]);
        assert_eq!(status(&exits, &in_place(), &relative), Some(vec!["relative-path"]));
        let other = outcome(started(&["java", "M"], &[]));
        let missing = state(RuntimeState::Missing);
        let profile = gave_up(127, "forerun: error[FR401]: cannot start the runtime\n");
        assert_eq!(ids(why_not_started(&missing, &other, &profile)), ["interpreter-by-path"]);
        assert_eq!(ids(why_not_started(&exits, &in_place(), &gave_up(100, "forerun: error[FR102]: x"))), [""; 0]);
    }
}
