//! Explanations that are tried out: where a difference has no reason yet, both are run on a twin of the start. If it is
//! gone there, what the two starts differ in is its cause; and it is the script's cause if the profile does the same
//! on both.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::arguments::replace;
use super::class::Class;
use super::difference::{Aspect, Difference, Seen, differences};
use super::hints::Hints;
use super::lines::Lines;
use super::listed;
use super::sight::{given, runtime};
use super::twins::{self, Twin};
use crate::tool::trial::outcome::{Outcome, Started};
use crate::tool::trial::start::TrialStart;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Script,
    Profile,
}

/// Runs one of the two on a start.
pub(super) type Run<'r> = &'r dyn Fn(Who, &TrialStart) -> Result<Outcome, String>;

/// A start and what came of it.
pub(super) struct Trial<'t> {
    pub(super) start: &'t TrialStart,
    pub(super) script: &'t Outcome,
    pub(super) profile: &'t Outcome,
}

/// Whether nothing in a start could be the cause of a difference.
pub(super) fn is_plain(start: &TrialStart) -> bool {
    twins::of(start).is_empty()
}

/// Which lines a script makes of which variables: the line with the value left out. Found once, a line need not be
/// tried out for each start.
#[derive(Default)]
pub(super) struct Printed(Mutex<BTreeSet<Line>>);

/// A variable, and what stands around its value.
type Line = (Vec<u8>, Vec<Vec<u8>>);

/// How a value is written.
type Form<'f> = &'f dyn Fn(&[u8]) -> Vec<u8>;

/// Looks for the reasons of differences that have none.
///
/// # Errors
///
/// Why a trial could not be run.
pub(super) fn explain(
    trial: &Trial<'_>,
    found: &mut [Difference],
    hints: &Hints,
    printed: &Printed,
    run: Run<'_>,
) -> Result<(), String> {
    if found.iter().any(|difference| difference.is_unexplained() && matches!(difference.aspect, Aspect::Variable(_))) {
        changes_every_run(trial, found, run)?;
    }
    for difference in found.iter_mut().filter(|difference| difference.is_unexplained()) {
        if let (Aspect::Output, Seen::Bytes(line)) = (&difference.aspect, &difference.script)
            && prints_values(trial, line, printed, run)?
        {
            difference.classes.insert(Class::PrintsValues);
        }
    }
    let twins = twins::of(trial.start);
    for twin in &twins {
        try_out(trial, &[twin], found, hints, run)?;
    }
    // Several causes of one difference.
    let all: Vec<&Twin> = twins.iter().collect();
    if all.len() > 1 {
        try_out(trial, &all, found, hints, run)?;
    }
    Ok(())
}

/// Runs both on the start in which all of these are plain.
fn try_out(
    trial: &Trial<'_>,
    twins: &[&Twin],
    found: &mut [Difference],
    hints: &Hints,
    run: Run<'_>,
) -> Result<(), String> {
    if !found.iter().any(Difference::is_unexplained) {
        return Ok(());
    }
    let mut start = trial.start.clone();
    twins.iter().for_each(|twin| twin.apply(&mut start));
    let (script, profile) = (run(Who::Script, &start)?, run(Who::Profile, &start)?);
    let left = differences(&start, &script, &profile, hints);
    let open = |aspect: &Aspect, all: &[Difference]| {
        all.iter().filter(|one| one.is_unexplained() && one.aspect == *aspect).count()
    };
    let gone: BTreeSet<Aspect> = found
        .iter()
        .filter(|one| one.is_unexplained() && open(&one.aspect, &left) == 0)
        .map(|one| one.aspect.clone())
        .filter(|aspect| is_same(aspect, trial.profile, &profile, (trial.start, &start), twins))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    // A text with a meaning of its own has none when it stands there twice.
    let mut still = gone.clone();
    for doubled in twins.iter().filter_map(|twin| twin.doubled()) {
        let mut start = trial.start.clone();
        doubled.apply(&mut start);
        let left = differences(&start, &run(Who::Script, &start)?, &run(Who::Profile, &start)?, hints);
        still.retain(|aspect| left.iter().any(|one| one.aspect == *aspect));
    }
    // A profile that does not know the switch does the same on both, too.
    for opposite in twins.iter().filter_map(|twin| twin.opposite()) {
        let mut start = trial.start.clone();
        opposite.apply(&mut start);
        let (script, profile) = (run(Who::Script, &start)?, run(Who::Profile, &start)?);
        let left = differences(&start, &script, &profile, hints);
        still.retain(|aspect| {
            open(aspect, &left) == 0 && !is_same(aspect, trial.profile, &profile, (trial.start, &start), &[])
        });
    }
    for difference in found.iter_mut().filter(|one| one.is_unexplained() && still.contains(&one.aspect)) {
        difference.classes.extend(twins.iter().map(|twin| twin.class));
    }
    Ok(())
}

/// Whether the profile does the same in both starts: what it made of the plain texts, with the others put in.
fn is_same(
    aspect: &Aspect,
    before: &Outcome,
    after: &Outcome,
    starts: (&TrialStart, &TrialStart),
    twins: &[&Twin],
) -> bool {
    let undo = |text: &[u8], form: Form<'_>| twins.iter().fold(text.to_vec(), |text, twin| twin.undo(&text, form));
    let same = |before: &[u8], after: &[u8]| {
        let forms: [Form<'_>; 3] = [&<[u8]>::to_vec, &<[u8]>::to_ascii_lowercase, &listed::encoded];
        forms.iter().any(|form| undo(after, form) == before)
    };
    fn of<'o>(start: &TrialStart, outcome: &'o Outcome) -> Option<&'o Started> {
        runtime(start, outcome).map(|at| &outcome.started[at])
    }
    let (old, new) = (of(starts.0, before), of(starts.1, after));
    match aspect {
        Aspect::Start => old.is_some() == new.is_some(),
        Aspect::Status => before.ending == after.ending,
        Aspect::Process(_) => true,
        Aspect::Output => {
            let codes = |outcome| Lines::of(outcome).own.into_iter().map(|message| message.code).collect::<Vec<_>>();
            codes(before) == codes(after)
        }
        Aspect::Argv => {
            let (Some(old), Some(new)) = (old, new) else { return false };
            old.argv.len() == new.argv.len() && old.argv.iter().zip(&new.argv).all(|(old, new)| same(old, new))
        }
        Aspect::Variable(name) => {
            let value = |started: Option<&Started>| {
                let entries = started.into_iter().flat_map(|started| &started.env);
                let mut values = entries.filter_map(|entry| entry.strip_prefix(&name[..])?.strip_prefix(b"="));
                values.next().map(<[u8]>::to_vec)
            };
            match (value(old), value(new)) {
                (None, None) => true,
                (Some(old), Some(new)) => {
                    same(&old, &new) || { twins.iter().any(|twin| !twin.is_made_up() && twin.variable() == Some(name)) }
                }
                _ => false,
            }
        }
    }
}

/// Variables to which the script gives another value the next time.
fn changes_every_run(trial: &Trial<'_>, found: &mut [Difference], run: Run<'_>) -> Result<(), String> {
    let again = run(Who::Script, trial.start)?;
    let changed = differences(trial.start, trial.script, &again, &Hints::default());
    for difference in found.iter_mut().filter(|one| one.is_unexplained()) {
        let changes = |other: &Difference| other.aspect == difference.aspect && other.script == difference.script;
        if matches!(difference.aspect, Aspect::Variable(_)) && changed.iter().any(changes) {
            difference.classes.insert(Class::ChangesEveryRun);
        }
    }
    Ok(())
}

/// Whether a line changes with the value of a variable that is in it.
fn prints_values(trial: &Trial<'_>, line: &[u8], printed: &Printed, run: Run<'_>) -> Result<bool, String> {
    // As `env` prints them.
    if trial.start.env.iter().any(|(name, value)| [name, &b"="[..], value].concat() == line) {
        return Ok(true);
    }
    let known = |known: &BTreeSet<Line>| {
        known.iter().any(|(name, parts)| given(trial.start, name).is_some_and(|value| parts.join(value) == line))
    };
    if printed.0.lock().is_ok_and(|printed| known(&printed)) {
        return Ok(true);
    }
    let inside = trial.start.env.iter().filter(|(_, value)| value.len() > 1 && listed::find(line, value).is_some());
    for (name, value) in inside {
        let mut start = trial.start.clone();
        twins::plain_value(name, value, MADE_UP).apply(&mut start);
        let outcome = run(Who::Script, &start)?;
        let wanted = replace(line, value, MADE_UP.as_bytes());
        if Lines::of(&outcome).others.contains(&&wanted[..]) {
            let parts = listed::split(line, value).into_iter().map(<[u8]>::to_vec).collect();
            if let Ok(mut printed) = printed.0.lock() {
                printed.insert((name.clone(), parts));
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// A value that no script has.
const MADE_UP: &str = "plainvalue";
