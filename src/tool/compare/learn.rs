//! What a script does to a start by itself: needed to build starts in which it is done already.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::comparison::{each, logged};
use super::difference::touched;
use super::sight::{given, runtime};
use crate::tool::starts::space::{Learned, Space};
use crate::tool::trial::outcome::{Ending, Outcome};
use crate::tool::trial::start::TrialStart;
use crate::tool::trial::{Lab, Subject};

/// What came of the script's starts, which need not be made again.
pub(in crate::tool) type Tried = HashMap<TrialStart, Outcome>;

/// The values that the script gives variables: on the ordinary start of each runtime, and where one thing is out of the
/// ordinary. `space` is made from what the script mentions alone.
///
/// # Errors
///
/// Why a trial could not be run.
pub(in crate::tool) fn learn(lab: &Lab, script: &Subject, space: &Space) -> Result<(Learned, Tried), String> {
    let starts: Vec<TrialStart> = space.alone().iter().map(|picks| logged(space.start(picks))).collect();
    let (mut learned, mut tried) = (Learned::default(), Tried::default());
    let hung = AtomicBool::new(false);
    let outcomes = each(&starts, |start| {
        // It is not going to teach anything, and takes its whole time for it.
        if hung.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let outcome = lab.run(script, start)?;
        hung.fetch_or(outcome.ending == Ending::Hung, Ordering::Relaxed);
        Ok(Some(outcome))
    })?;
    for (start, outcome) in starts.into_iter().zip(outcomes) {
        let Some(outcome) = outcome else { continue };
        let env = runtime(&start, &outcome).map(|at| outcome.started[at].env.clone()).unwrap_or_default();
        let value =
            |name: &[u8]| env.iter().find_map(|entry| Some(entry.strip_prefix(name)?.strip_prefix(b"=")?.to_vec()));
        let was_unset = |name: &Vec<u8>| given(&start, name).is_none_or(<[u8]>::is_empty) || name == b"_HANDLER";
        let names = touched(&start, &outcome).into_iter().filter(was_unset);
        for (value, name) in names.filter_map(|name| Some((value(&name)?, name))) {
            learned.0.entry(name).or_default().insert(value);
        }
        tried.insert(start, outcome);
    }
    Ok((learned, tried))
}
