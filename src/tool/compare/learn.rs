//! What a script does to a start by itself: needed to build starts in which it is done already.

use std::sync::atomic::{AtomicBool, Ordering};

use super::comparison::each;
use super::difference::touched;
use super::sight::{given, runtime};
use crate::tool::starts::space::{Learned, Space};
use crate::tool::trial::outcome::Ending;
use crate::tool::trial::start::TrialStart;
use crate::tool::trial::{Lab, Subject};

/// The values that the script gives variables: on the ordinary start of each runtime, and where one thing is out of the
/// ordinary. `space` is made from what the script mentions alone.
///
/// # Errors
///
/// Why a trial could not be run.
pub(in crate::tool) fn learn(lab: &Lab, script: &Subject, space: &Space) -> Result<Learned, String> {
    let is_single = |picks: &&Vec<usize>| picks.iter().filter(|pick| **pick != 0).count() <= 1;
    let starts: Vec<TrialStart> =
        space.rows(0, None).iter().take_while(is_single).map(|picks| space.start(picks)).collect();
    let mut learned = Learned::default();
    let hung = AtomicBool::new(false);
    for found in each(&starts, |start| {
        // It is not going to teach anything, and takes its whole time for it.
        if hung.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let outcome = lab.run(script, start)?;
        hung.fetch_or(outcome.ending == Ending::Hung, Ordering::Relaxed);
        let env = runtime(start, &outcome).map(|at| outcome.started[at].env.clone()).unwrap_or_default();
        let value =
            |name: &[u8]| env.iter().find_map(|entry| Some(entry.strip_prefix(name)?.strip_prefix(b"=")?.to_vec()));
        let was_unset = |name: &Vec<u8>| given(start, name).is_none_or(<[u8]>::is_empty) || name == b"_HANDLER";
        let names = touched(start, &outcome).into_iter().filter(was_unset);
        Ok(names.filter_map(|name| Some((value(&name)?, name))).collect::<Vec<_>>())
    })? {
        for (value, name) in found {
            learned.0.entry(name).or_default().insert(value);
        }
    }
    Ok(learned)
}
