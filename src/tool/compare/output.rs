//! What is different in the log. A line of the script is the text of a profile's `log`, `warn` or `fail`; what forerun says
//! in words of its own, and what an interpreter says of the script's mistakes, has its reasons.

use std::collections::BTreeSet;

use super::class::Class;
use super::difference::{Aspect, Difference, Seen};
use super::hints::Hints;
use super::lines::{Lines, Message};
use super::sight::runtime;
use super::words;
use crate::problem::printable;
use crate::tool::trial::outcome::{Ending, Outcome};
use crate::tool::trial::start::{RuntimeState, TrialStart};

/// Warnings of a profile that finds nothing to do, or not the place for it (docs/messages.md).
const OWN_WARNINGS: [&str; 7] = ["FR205", "FR206", "FR210", "FR211", "FR212", "FR214", "FR215"];
/// Why the runtime cannot be started.
const NO_RUNTIME: [&str; 4] = ["FR401", "FR402", "FR403", "FR404"];

/// The lines that only one of the two wrote.
pub(super) fn differences(start: &TrialStart, script: &Outcome, profile: &Outcome, hints: &Hints) -> Vec<Difference> {
    let (of_script, of_profile) = (Lines::of(script), Lines::of(profile));
    let mut said = of_profile.own;
    // News that a profile does not write itself only come to light since its own are asked for.
    said.retain(|message| message.code.is_some() || is_profiles(message, hints));
    let mut found = Vec::new();
    // The runtime is not there, and another program of its name was found on this machine.
    let says_missing = said.iter().any(|message| ["FR401", "FR403"].map(Some).contains(&message.code.as_deref()));
    let found_another = matches!(start.runtime, RuntimeState::Missing | RuntimeState::NotExecutable)
        && says_missing
        && runtime(start, script).is_none()
        && script.other_processes > 0
        && ![127, 126].map(Ending::Exited).contains(&script.ending);
    let another = found_another.then_some(Class::InterpreterByPath);
    for (line, class) in words::of_script(start, &of_script.others) {
        let class = class.or(another);
        let text = printable(line.trim_ascii());
        let untagged = without_tag(&text);
        let same = |message: &Message| message.text == text || message.text == untagged;
        match said.iter().position(|message| same(message) && is_profiles(message, hints)) {
            Some(same) => drop(said.remove(same)),
            None => found.push(difference(Seen::Bytes(line.to_vec()), Seen::Nothing, class)),
        }
    }
    let broken = words::of_script(start, &of_script.others).into_iter().any(|(_, class)| class.is_some());
    let neither = runtime(start, script).is_none() && runtime(start, profile).is_none();
    // A script that broke off did not come to say the rest.
    let broke_off = runtime(start, script).is_none() && runtime(start, profile).is_some();
    said.retain(|message| !(broke_off && is_profiles(message, hints)));
    found.extend(said.into_iter().map(|message| {
        // What forerun watches over, the script leaves alone.
        let watched = message.code.as_deref() == Some("FR305") && script.other_processes > 0;
        let in_vain = neither && NO_RUNTIME.iter().any(|code| message.code.as_deref() == Some(*code));
        // What the script runs into, the profile sees coming.
        let refused = neither && broken && message.code.as_deref() == Some("FR204");
        let own = watched || in_vain || refused || is_own(start, &message);
        let class = own.then_some(Class::OwnWords);
        let code = message.code.map_or_else(String::new, |code| format!("{code}: "));
        difference(Seen::Nothing, Seen::Bytes((code + &message.text).into_bytes()), class)
    }));
    // What is no message of forerun's: a profile has nothing else to write.
    // A sidecar that breaks off as the script's own program does says so as well; which of its lines are in time to be
    // seen is chance.
    let beside = script.other_processes > 0 && profile.other_processes > 0;
    let others = words::of_script(start, &of_profile.others).into_iter();
    found.extend(others.map(|(line, class)| {
        let class = class.filter(|_| broken || beside).map(|_| Class::OwnWords);
        difference(Seen::Nothing, Seen::Bytes(line.to_vec()), class)
    }));
    found
}

fn difference(script: Seen, profile: Seen, class: Option<Class>) -> Difference {
    Difference::new(Aspect::Output, script, profile, BTreeSet::from_iter(class))
}

/// A line without the name that scripts put in front of it, `[agent]` or `agent:`; forerun puts its own there.
fn without_tag(line: &str) -> &str {
    let bracketed = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let named = line.split_once(": ").filter(|(name, _)| !name.contains(char::is_whitespace));
    bracketed.or(named).map_or(line, |(_, text)| text.trim_start())
}

/// Whether it is the text of a `log`, `warn` or `fail`.
fn is_profiles(message: &Message, hints: &Hints) -> bool {
    match message.code.as_deref() {
        None => hints.said.contains(&message.text),
        Some(code) => code == "FR217" || code == "FR204",
    }
}

/// Whether forerun says it of its own accord.
fn is_own(start: &TrialStart, message: &Message) -> bool {
    let cannot_start = matches!(start.runtime, RuntimeState::Missing | RuntimeState::NotExecutable);
    match message.code.as_deref() {
        None => false,
        Some(code) => OWN_WARNINGS.contains(&code) || cannot_start && NO_RUNTIME.contains(&code),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gave_up, outcome, start, started};
    use super::*;

    fn found(runtime: RuntimeState, script: &str, profile: &str) -> Vec<(bool, Vec<&'static str>)> {
        let start = TrialStart { runtime, ..start(&["/x"], &[]) };
        let wrote = |text: &str| {
            let mut outcome = outcome(started(&["/x"], &[]));
            outcome.stdout = text.as_bytes().to_vec();
            outcome
        };
        let hints = Hints { said: BTreeSet::from(["on".to_owned()]), ..Hints::default() };
        let of = |difference: Difference| {
            (difference.script == Seen::Nothing, difference.classes.into_iter().map(Class::id).collect())
        };
        differences(&start, &wrote(script), &wrote(profile), &hints).into_iter().map(of).collect()
    }

    const EXITS: RuntimeState = RuntimeState::Exits(0);

    #[test]
    fn a_line_of_the_script_is_a_text_of_the_profile() {
        let log = "forerun: info: /opt/forerun.d/0-x.toml:3:7: on\n";
        let warn = "forerun: warning[FR217]: /opt/forerun.d/0-x.toml:3:7: on\n";
        assert_eq!(found(EXITS, "on\n", log), []);
        assert_eq!(found(EXITS, "on  \n\n", warn), []);
        assert_eq!(found(EXITS, "[agent] on\n", warn), []);
        assert_eq!(found(EXITS, "agent: on\n", warn), []);
        assert_eq!(found(EXITS, "agent is on\n", warn), [(false, vec![]), (true, vec![])]);
        assert_eq!(found(EXITS, "on\non\n", log), [(false, vec![])], "once is not twice");
        assert_eq!(found(EXITS, "off\n", log), [(false, vec![]), (true, vec![])]);
        assert_eq!(found(EXITS, "", log), [(true, vec![])]);
        assert_eq!(found(EXITS, "", warn), [(true, vec![])]);
    }

    #[test]
    fn what_forerun_says_by_itself_is_its_own() {
        let says = |code: &str| format!("forerun: warning[{code}]: /opt/forerun.d/0-x.toml:3:7: text\n");
        assert_eq!(found(EXITS, "", &says("FR212")), [(true, vec!["own-words"])]);
        assert_eq!(found(EXITS, "", &says("FR216")), [(true, vec![])], "a profile was left out");
        assert_eq!(found(EXITS, "", &says("FR301")), [(true, vec![])]);
        assert_eq!(found(EXITS, "", &says("FR401")), [(true, vec![])]);
        assert_eq!(found(RuntimeState::Missing, "", &says("FR401")), [(true, vec!["own-words"])]);
        assert_eq!(found(EXITS, "", "forerun: info: no profile applies\n"), []);
    }

    #[test]
    fn a_script_that_broke_off_did_not_come_to_say_the_rest() {
        let start = start(&["/x"], &[]);
        let hints = Hints { said: BTreeSet::from(["on".to_owned()]), ..Hints::default() };
        let mut profile = outcome(started(&["/x"], &[]));
        profile.stderr = b"forerun: info: /opt/forerun.d/0-x.toml:3:7: on\n".to_vec();
        let script = gave_up(2, "/opt/x: line 3: exec: -X: invalid option\n");
        let found = differences(&start, &script, &profile, &hints);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].classes, BTreeSet::from([Class::ShellError]));
    }
}
