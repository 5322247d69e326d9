//! Running many starts at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::tool::trial::outcome::Outcome;
use crate::tool::trial::start::TrialStart;
use crate::tool::trial::{Lab, Subject};

/// Runs a script on all of these starts.
///
/// # Errors
///
/// Why one of them could not be tried.
pub(super) fn run(lab: &Lab, script: &Subject, starts: &[TrialStart]) -> Result<Vec<Outcome>, String> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(starts.len());
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<Option<Result<Outcome, String>>>> = Mutex::new(vec![None; starts.len()]);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, start)) = take(&next, starts) {
                    let outcome = lab.run(script, start);
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err("a trial did not end".into()))).collect()
}

fn take<'s>(next: &AtomicUsize, starts: &'s [TrialStart]) -> Option<(usize, &'s TrialStart)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, starts.get(at)?))
}
