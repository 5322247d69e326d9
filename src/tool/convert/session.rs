//! From a script that can be tried to a profile: try, infer, check what came out on new starts, and once more.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::effect::Effect;
use super::excuses;
use super::experiments::{Picks, Space};
use super::infer::{self, Inferred};
use super::rules;
use super::run::Run;
use super::sources::Sources;
use super::verify::{Checked, Difference};
use super::write::{self, Written};
use crate::problem::printable;
use crate::profile::lists::List;
use crate::tool::trial::outcome::Outcome;
use crate::tool::trial::start::TrialStart;

/// How often the profile is made again because a new start showed something new.
const MOST_ROUNDS: usize = 5;
/// Random starts in each round.
const RANDOM: usize = 80;
/// After so many runs there is no further round.
const MOST_RUNS: usize = 900;
/// Around so many starts on which something conditional was seen, one thing at a time is varied in each round.
const MOST_BOUNDARIES: usize = 5;

/// Tries starts, in any order, and returns what came of each.
pub(super) type Try<'t> = &'t mut dyn FnMut(&[TrialStart]) -> Result<Vec<Outcome>, String>;

/// A profile, and what there is to know of it.
#[derive(Debug)]
pub(super) struct Converted {
    /// The profile, without comments.
    pub(super) profile: String,
    /// What the script does and the profile does not, one line each.
    pub(super) unexplained: Vec<String>,
    /// Starts on which the two differ, as far as planning them tells, one line each.
    pub(super) differing: Vec<String>,
    /// Variables that are not described, each with a line in `unexplained`.
    pub(super) given_up: BTreeSet<Vec<u8>>,
    /// How many starts were tried.
    pub(super) trials: usize,
}

/// What is known of the script beforehand.
#[derive(Debug)]
pub(super) struct Task {
    /// What the profile says of itself.
    pub(super) description: String,
    /// Texts that the script may look for inside of values.
    pub(super) words: Vec<Vec<u8>>,
    /// Its text, and those of the scripts that it reads.
    pub(super) sources: Sources,
    /// Of the random starts.
    pub(super) seed: u64,
}

/// A series of trials.
struct Session<'t> {
    space: Space,
    attempt: Try<'t>,
    runs: Vec<Run>,
    /// Of each run.
    picks: Vec<Picks>,
    known: BTreeSet<Picks>,
    words: Vec<Vec<u8>>,
    sources: Sources,
}

/// Makes a profile of what a script does.
///
/// # Errors
///
/// Why there could be no trials.
pub(super) fn convert(task: Task, space: Space, attempt: Try<'_>) -> Result<Converted, String> {
    let Task { description, words, sources, seed } = task;
    let description = &description[..];
    let mut rng = Rng::with_seed(seed);
    let mut session =
        Session { space, attempt, runs: Vec::new(), picks: Vec::new(), known: BTreeSet::new(), words, sources };
    let bases = session.look_around()?;
    let mut best = session.draft(description);
    for round in 0..MOST_ROUNDS {
        session.add_values(&best.inferred);
        let mut more: Vec<Picks> = session.boundaries(&best.inferred);
        more.extend(bases.iter().take(2).flat_map(|base| session.space.neighbours(base)));
        more.extend((0..RANDOM).map(|_| session.space.random(&mut rng, &bases)));
        let before = session.runs.len();
        session.run(more)?;
        let news = session.runs[before..].iter().any(|run| !best.differences(run).is_empty());
        if !news && round > 0 || session.runs.len() > MOST_RUNS {
            break;
        }
        best = session.draft(description);
    }
    Ok(session.finish(best))
}

/// A profile in the making.
struct Draft {
    inferred: Inferred,
    written: Written,
    /// `None` when forerun refuses it.
    checked: Result<Checked, String>,
}

impl Draft {
    fn differences(&self, run: &Run) -> BTreeSet<Difference> {
        match &self.checked {
            Ok(checked) => {
                let mut differences = checked.differences(run);
                differences.retain(|difference| !excuses::is_intended(difference, run, &self.inferred.effects));
                differences
            }
            Err(_) => BTreeSet::from([Difference::Ending]),
        }
    }
}

impl Session<'_> {
    /// The empty and the full start of each runtime, and what is next to those of the first.
    fn look_around(&mut self) -> Result<Vec<Picks>, String> {
        let empty = self.space.empty(0);
        let full = self.space.full(0);
        self.run(vec![empty.clone(), empty.clone()])?;
        let full = if self.starts(&full)? { full } else { self.repaired(&empty, &full)? };
        let empty = if self.starts(&empty)? { empty } else { full.clone() };
        let mut more = self.space.neighbours(&empty);
        more.extend(self.space.neighbours(&full));
        let mut bases = vec![empty.clone(), full.clone()];
        for runtime in 1..self.space.runtimes() {
            bases.push(self.space.on(&empty, runtime));
            bases.push(self.space.on(&full, runtime));
        }
        more.extend(bases.iter().cloned());
        self.run(more)?;
        Ok(bases)
    }

    /// The full start without what keeps the script from starting the runtime.
    fn repaired(&mut self, empty: &Picks, full: &Picks) -> Result<Picks, String> {
        let space = self.space.clone();
        let mut failure = None;
        let picks = space.approach(empty, full, |picks| match self.starts(picks) {
            Ok(starts) => starts,
            Err(why) => {
                failure.get_or_insert(why);
                false
            }
        });
        failure.map_or(Ok(picks), Err)
    }

    fn starts(&mut self, picks: &Picks) -> Result<bool, String> {
        let start = self.space.start(picks);
        self.run(vec![picks.clone()])?;
        Ok(self.runs.iter().any(|run| run.start == start && run.started().is_some()))
    }

    fn run(&mut self, picks: Vec<Picks>) -> Result<(), String> {
        let new: Vec<Picks> = picks.into_iter().filter(|picks| self.known.insert(picks.clone())).collect();
        let starts: Vec<TrialStart> = new.iter().map(|picks| self.space.start(picks)).collect();
        let outcomes = (self.attempt)(&starts)?;
        self.runs.extend(starts.into_iter().zip(outcomes).map(|(start, outcome)| Run::new(start, outcome)));
        self.picks.extend(new);
        Ok(())
    }

    /// What is next to starts on which something was seen that is not always seen: one step from there the condition
    /// ends, and that tells what it asks.
    fn boundaries(&self, inferred: &Inferred) -> Vec<Picks> {
        let mut centres: Vec<&Picks> = Vec::new();
        let mut seen_sets = BTreeSet::new();
        for guarded in inferred.effects.iter().filter(|guarded| !guarded.condition.is_always()) {
            for term in &guarded.condition.0 {
                let holds = |run: &Run| term.iter().all(|literal| literal.holds_in(run));
                let seen = (0..self.runs.len())
                    .filter(|&at| guarded.effect.seen(&self.runs[at]) == Some(true) && holds(&self.runs[at]));
                let seen: Vec<usize> = seen.collect();
                // The plainest one: with the least in it.
                let plain = |at: &&usize| self.picks[**at].weight();
                if seen_sets.insert(seen.clone())
                    && let Some(&at) = seen.iter().min_by_key(plain)
                    && !centres.contains(&&self.picks[at])
                {
                    centres.push(&self.picks[at]);
                }
            }
        }
        centres.into_iter().take(MOST_BOUNDARIES).flat_map(|picks| self.space.own_neighbours(picks)).collect()
    }

    /// What the script writes is varied, and what it puts into lists is tried as what was there before.
    fn add_values(&mut self, inferred: &Inferred) {
        let mut values: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
        for guarded in &inferred.effects {
            guarded.effect.writes().into_iter().for_each(|name| self.space.add_variable(name));
            if let Effect::Pair(pair) = &guarded.effect {
                values.entry(pair.name.clone()).or_default().push([&pair.key[..], b"=mine"].concat());
            }
        }
        for (name, pairs) in values {
            self.space.add_value(&name, pairs.join(&b','));
            self.space.add_value(&name, b"mine=yes".to_vec());
        }
    }

    fn draft(&self, description: &str) -> Draft {
        let inferred = infer::infer(&self.runs, &self.words, &self.sources);
        let rules = rules::rules(inferred.effects.clone());
        let written = write::write(description, rules);
        let mut separators: BTreeMap<Vec<u8>, List> = BTreeMap::new();
        for guarded in &inferred.effects {
            match &guarded.effect {
                Effect::Add(add) => separators.insert(add.name.clone(), add.list.clone()),
                Effect::Pair(pair) => separators.insert(pair.name.clone(), pair.list.clone()),
                _ => None,
            };
        }
        let checked = Checked::new(&written.text, separators);
        Draft { inferred, written, checked }
    }

    fn finish(self, draft: Draft) -> Converted {
        let mut unexplained = draft.inferred.unexplained.clone();
        unexplained.extend(draft.written.left_out.clone());
        let mut differing: BTreeMap<Difference, usize> = BTreeMap::new();
        match &draft.checked {
            Err(problem) => unexplained.push(format!("forerun refuses what came out: {problem}")),
            Ok(_) => {
                for run in &self.runs {
                    draft
                        .differences(run)
                        .into_iter()
                        .for_each(|difference| *differing.entry(difference).or_default() += 1);
                }
            }
        }
        let given_up = draft.inferred.given_up;
        differing.retain(|difference, _| !matches!(difference, Difference::Variable(name) if given_up.contains(name)));
        let trials = self.runs.len();
        let line = |(difference, runs)| format!("{} on {runs} of {trials} starts", about(difference));
        let differing = differing.iter().map(line).collect();
        Converted { profile: draft.written.text, unexplained, differing, given_up, trials }
    }
}

fn about(difference: &Difference) -> String {
    match difference {
        Difference::Variable(name) => format!("{} comes out otherwise", printable(name)),
        Difference::Arguments => "the command line comes out otherwise".to_owned(),
        Difference::Ending => "whether the runtime starts comes out otherwise".to_owned(),
    }
}
