//! Runs a script and profiles on the same starts, and judges what comes of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::difference::{Aspect, Difference, Seen, differences};
use super::experiment::{self, Printed, Trial, Who};
use super::hints::Hints;
use super::learn::Tried;
use crate::tool::starts::space::{Space, What};
use crate::tool::trial::outcome::{Ending, Outcome};
use crate::tool::trial::start::{RuntimeState, TrialStart};
use crate::tool::trial::{Lab, Subject};

/// What is compared, and where.
pub(in crate::tool) struct Bench<'b> {
    pub(in crate::tool) lab: &'b Lab,
    pub(in crate::tool) script: &'b Subject,
    pub(in crate::tool) profile: &'b Subject,
    pub(in crate::tool) hints: &'b Hints,
    /// What came of the script's starts beforehand.
    pub(in crate::tool) tried: &'b Tried,
}

/// A start that both are run on.
#[derive(Clone, Debug)]
pub(in crate::tool) struct Case {
    /// Its number, which stays the same for the same script, options and seed.
    pub(in crate::tool) number: usize,
    /// What it is, a line for each thing out of the ordinary.
    pub(in crate::tool) described: Vec<String>,
    pub(in crate::tool) start: TrialStart,
}

/// What came of one start.
#[derive(Clone, Debug)]
pub(in crate::tool) struct Compared {
    pub(in crate::tool) case: Case,
    pub(in crate::tool) differences: Vec<Difference>,
}

/// What came of all of them, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub(in crate::tool) struct Comparison {
    pub(in crate::tool) compared: Vec<Compared>,
    /// So many starts were left out, since the script hung again and again.
    pub(in crate::tool) left_out: usize,
}

impl Comparison {
    /// Whether there is a difference that nothing explains.
    pub(in crate::tool) fn has_unexplained(&self) -> bool {
        self.compared.iter().flat_map(|one| &one.differences).any(Difference::is_unexplained)
    }
}

/// The starts of a space: the rows in which every two choices meet, and for each runtime one that waits for its SIGTERM.
/// With `most` there are no more rows than that.
pub(in crate::tool) fn cases(space: &Space, seed: u64, most: Option<usize>) -> Vec<Case> {
    let rows = space.rows(seed, most);
    let mut cases: Vec<Case> = Vec::new();
    for picks in &rows {
        cases.push(Case { number: cases.len(), described: space.describe(picks), start: space.start(picks) });
    }
    let at = space.dimensions().iter().position(|dimension| dimension.what == What::Runtime).unwrap_or(0);
    for runtime in 0..space.dimensions()[at].choices.len() {
        let mut picks = space.ordinary();
        picks[at] = runtime;
        let mut described = space.describe(&picks);
        described.push("Lambda sends SIGTERM".into());
        let start = TrialStart { runtime: RuntimeState::AwaitsSigterm, ..space.start(&picks) };
        cases.push(Case { number: cases.len(), described, start });
    }
    cases
}

/// Runs both on every start. `done` is called for each of `2 * cases.len()` steps.
///
/// # Errors
///
/// Why a trial could not be run.
pub(in crate::tool) fn compare(
    bench: &Bench<'_>,
    cases: Vec<Case>,
    done: &(dyn Fn() + Sync),
) -> Result<Comparison, String> {
    let hung = AtomicUsize::new(0);
    let all = cases.len();
    let judged = each(&cases, |case| {
        if hung.load(Ordering::Relaxed) >= HANGS {
            done();
            return Ok(None);
        }
        let start = logged(case.start.clone());
        let tried = bench.tried.get(&start).cloned();
        let script = tried.map_or_else(|| bench.run(Who::Script, &start), Ok)?;
        let profile = bench.run(Who::Profile, &start)?;
        let found = differences(&start, &script, &profile, bench.hints);
        let judged = Judged { case: case.clone(), start, script, profile, found };
        hung.fetch_add(usize::from(judged.hangs()), Ordering::Relaxed);
        done();
        Ok(Some(judged))
    })?;
    // Whichever was given up in between, they are the same ones each time.
    let mut judged: Vec<Judged> = judged.into_iter().map_while(|one| one).collect();
    let hangs = judged.iter().enumerate().filter(|(_, judged)| judged.hangs()).nth(HANGS - 1).map(|(at, _)| at);
    judged.truncate(hangs.map_or(all, |last| last + 1));
    let left_out = all - judged.len();
    let printed = Printed::default();
    let known = Known::default();
    let explain = |judged: &Judged| {
        let mut found = judged.found.clone();
        if found.iter().any(Difference::is_unexplained) {
            let Judged { start, script, profile, .. } = judged;
            let run = |who, start: &TrialStart| bench.run_once(who, start, &known);
            experiment::explain(&Trial { start, script, profile }, &mut found, bench.hints, &printed, &run)?;
        }
        done();
        Ok(found)
    };
    // What has no reason where little is out of the ordinary is told anyway: it need not be tried out elsewhere.
    let is_simple = |judged: &Judged| judged.case.described.len() <= 2 || experiment::is_plain(&judged.start);
    let (plain, special): (Vec<usize>, Vec<usize>) = (0..judged.len()).partition(|&at| is_simple(&judged[at]));
    for (at, found) in plain.iter().zip(each(&plain, |&at| explain(&judged[at]))?) {
        judged[*at].found = found;
    }
    let everywhere: BTreeSet<String> = plain
        .iter()
        .flat_map(|&at| &judged[at].found)
        .filter(|difference| difference.is_unexplained())
        .map(kind)
        .collect();
    let explained = each(&special, |&at| {
        let open = judged[at].found.iter().filter(|difference| difference.is_unexplained());
        if open.map(kind).all(|kind| everywhere.contains(&kind)) {
            done();
            return Ok(judged[at].found.clone());
        }
        explain(&judged[at])
    })?;
    for (at, found) in special.iter().zip(explained) {
        judged[*at].found = found;
    }
    let compared = judged.into_iter().map(|judged| Compared { case: judged.case, differences: judged.found });
    Ok(Comparison { compared: compared.collect(), left_out })
}

/// What came of twins: those of different starts are often the same start.
type Known = Mutex<HashMap<(Who, TrialStart), Outcome>>;

/// After so many starts on which the script hangs without a reason, no more are tried: each takes its whole time.
const HANGS: usize = 8;

/// A start on which both were run.
struct Judged {
    case: Case,
    start: TrialStart,
    script: Outcome,
    profile: Outcome,
    found: Vec<Difference>,
}

impl Judged {
    fn hangs(&self) -> bool {
        self.script.ending == Ending::Hung && self.found.iter().any(Difference::is_unexplained)
    }
}

/// What a difference is about, whatever the values are; a line is about itself.
fn kind(difference: &Difference) -> String {
    match &difference.aspect {
        Aspect::Output => format!("{:?} {:?}", difference.script, difference.profile),
        aspect => format!("{aspect:?} {}", difference.profile == Seen::Nothing),
    }
}

/// The start with forerun's `log` lines: what a script prints, a profile logs.
pub(super) fn logged(mut start: TrialStart) -> TrialStart {
    start.env.retain(|(name, _)| name != b"FORERUN_LOG");
    start.env.push((b"FORERUN_LOG".to_vec(), b"info".to_vec()));
    start
}

impl Bench<'_> {
    fn run_once(&self, who: Who, start: &TrialStart, known: &Known) -> Result<Outcome, String> {
        let key = (who, start.clone());
        if let Some(outcome) = known.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return Ok(outcome);
        }
        let outcome = self.run(who, start)?;
        if let Ok(mut known) = known.lock() {
            known.insert(key, outcome.clone());
        }
        Ok(outcome)
    }

    fn run(&self, who: Who, start: &TrialStart) -> Result<Outcome, String> {
        self.lab.run(if who == Who::Script { self.script } else { self.profile }, start)
    }
}

/// Does something with each item, on all processors, and keeps the order.
pub(in crate::tool) fn each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, String> + Sync,
) -> Result<Vec<R>, String> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(item);
                    if result.is_err() {
                        // The others need not go on.
                        next.store(items.len(), Ordering::Relaxed);
                    }
                    if let Ok(mut results) = results.lock() {
                        results.push((at, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
