//! From runs in which something happened, and runs in which it did not, to the simplest condition that tells them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Atom, Condition, Literal, is_true};
use super::run::Run;
use super::{experiments, markers};

/// More terms than this are not read by anybody: what they leave open is reported.
const MOST_TERMS: usize = 6;
/// More tests than this in one term are not tried in all combinations.
const MOST_TESTS: usize = 3;
/// Of more tests than this only the cheapest are combined.
const MOST_CANDIDATES: usize = 60;

/// All tests that the runs could tell apart, and in which runs each holds.
pub(super) struct Vocabulary<'r> {
    runs: &'r [Run],
    literals: Vec<(Literal, Bits)>,
    /// For each variable of the literals, its values and in which runs it has each.
    values: BTreeMap<Vec<u8>, BTreeMap<&'r [u8], Bits>>,
    /// All runs.
    all: Bits,
}

type Bits = Vec<u64>;

impl<'r> Vocabulary<'r> {
    /// `words` are texts that conditions may look for inside of values.
    pub(super) fn new(runs: &'r [Run], words: &[Vec<u8>]) -> Self {
        let mut literals = Vec::new();
        for atom in atoms(runs, words) {
            for holds in [true, false] {
                let literal = Literal { atom: atom.clone(), holds };
                let bits = bits(runs.len(), |at| literal.holds_in(&runs[at]));
                let count = count(&bits);
                if count > 0 && count < runs.len() {
                    literals.push((literal, bits));
                }
            }
        }
        literals.sort_by_key(|(literal, _)| literal.cost());
        let mut values: BTreeMap<Vec<u8>, BTreeMap<&[u8], Bits>> = BTreeMap::new();
        for name in literals.iter().filter_map(|(literal, _)| literal.atom.variable()) {
            if !values.contains_key(name) {
                values.insert(name.to_vec(), values_of(name, runs));
            }
        }
        Vocabulary { runs, literals, values, all: bits(runs.len(), |_| true) }
    }

    /// The simplest condition that holds in all runs labelled true and in none labelled false; the others do not
    /// matter. `None`: there is none that anybody would write.
    pub(super) fn learn(&self, labels: &[Option<bool>]) -> Option<Condition> {
        let yes = bits(labels.len(), |at| labels[at] == Some(true));
        let no = bits(labels.len(), |at| labels[at] == Some(false));
        if is_empty(&no) {
            return Some(Condition::always());
        }
        if is_empty(&yes) {
            return Some(Condition(Vec::new()));
        }
        if let Some(term) = self.term(&yes, &no) {
            return Some(Condition(vec![term]));
        }
        let cover = self.cover(&yes, &no);
        // The opposite may be a single term: "unless a and b".
        match self.term(&no, &yes) {
            Some(term)
                if cover
                    .as_ref()
                    .is_none_or(|terms| terms.iter().map(|term| cost(term)).sum::<usize>() >= cost(&term)) =>
            {
                let flip = |literal: Literal| vec![Literal { holds: !literal.holds, ..literal }];
                Some(Condition(term.into_iter().map(flip).collect()))
            }
            _ => cover.map(Condition),
        }
    }

    /// The cheapest tests that all of `yes` pass and each of `no` fails in one.
    fn term(&self, yes: &Bits, no: &Bits) -> Option<Vec<Literal>> {
        let mut candidates: Vec<(Literal, Bits)> =
            self.literals.iter().filter(|(_, bits)| contains(bits, yes)).cloned().collect();
        candidates.extend(self.value_sets(yes, true));
        candidates.extend(self.value_sets(no, false));
        candidates.retain(|(_, bits)| contains(bits, yes));
        // Of each test only what it excludes counts.
        candidates.iter_mut().for_each(|(_, bits)| *bits = without(no, bits));
        candidates.retain(|(_, excluded)| !is_empty(excluded));
        candidates.sort_by_key(|(literal, excluded)| (literal.cost(), std::cmp::Reverse(count(excluded))));
        let mut unique = BTreeSet::new();
        candidates.retain(|(_, excluded)| unique.insert(excluded.clone()));
        candidates.truncate(MOST_CANDIDATES);
        (1..=MOST_TESTS).find_map(|size| cheapest_cover(&candidates, no, size)).or_else(|| greedy(&candidates, no))
    }

    /// For each variable, that it has one of the values that it has in these runs, or none of them.
    fn value_sets(&self, runs: &Bits, holds: bool) -> Vec<(Literal, Bits)> {
        let mut sets = Vec::new();
        for (name, values) in &self.values {
            let among: Vec<(&[u8], &Bits)> =
                values.iter().filter(|(_, bits)| meets(bits, runs)).map(|(value, bits)| (*value, bits)).collect();
            if !(2..6).contains(&among.len()) || among.iter().any(|(value, _)| markers::is_nobodys(value)) {
                continue;
            }
            let others = among.iter().fold(self.all.clone(), |others, (_, bits)| without(&others, bits));
            let bits = if holds { without(&self.all, &others) } else { others };
            let values = among.into_iter().map(|(value, _)| value.to_vec()).collect();
            sets.push((Literal { atom: Atom::OneOf(name.clone(), values), holds }, bits));
        }
        sets
    }

    /// Terms that together hold in all of `yes` and in none of `no`.
    fn cover(&self, yes: &Bits, no: &Bits) -> Option<Vec<Vec<Literal>>> {
        let mut open = yes.clone();
        let mut terms = Vec::new();
        while !is_empty(&open) {
            if terms.len() == MOST_TERMS {
                return None;
            }
            let seeds = (0..self.runs.len()).filter(|&at| has(&open, at));
            // A seed that is like many others gives the widest term.
            let best = seeds
                .step_by(1 + count(&open) / 12)
                .filter_map(|seed| self.grow(seed, &open, no))
                .max_by_key(|(term, covered)| (count(covered), std::cmp::Reverse(cost(term))))?;
            open = without(&open, &best.1);
            terms.push(best.0);
        }
        Some(terms)
    }

    /// A term that holds in the seed and in none of `no`, and in as many of `yes` as it can.
    fn grow(&self, seed: usize, yes: &Bits, no: &Bits) -> Option<(Vec<Literal>, Bits)> {
        let (mut covered, mut left) = (yes.clone(), no.clone());
        let mut term: Vec<Literal> = Vec::new();
        while !is_empty(&left) {
            let fits = self.literals.iter().filter(|(_, bits)| has(bits, seed));
            let (literal, bits) =
                fits.filter(|(_, bits)| common(&left, bits) < count(&left)).max_by(|one, other| {
                    let worth = |(literal, bits): &(Literal, Bits)| {
                        let excluded = count(&left) - common(&left, bits);
                        let kept = common(&covered, bits);
                        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
                        share(kept, count(&covered)) + share(excluded, count(&left)) - literal.cost() as f64 / 1000.0
                    };
                    worth(one).total_cmp(&worth(other))
                })?;
            term.push(literal.clone());
            covered = and(&covered, bits);
            left = and(&left, bits);
        }
        // Once more from the whole: the tests that all covered runs pass, in their cheapest combination.
        let term = self.term(&covered, no).unwrap_or(term);
        let holds = bits(self.runs.len(), |at| term.iter().all(|literal| literal.holds_in(&self.runs[at])));
        Some((term, and(&holds, yes)))
    }
}

fn cost(term: &[Literal]) -> usize {
    term.iter().map(Literal::cost).sum()
}

/// The cheapest `size` candidates that together exclude everything.
fn cheapest_cover(candidates: &[(Literal, Bits)], all: &Bits, size: usize) -> Option<Vec<Literal>> {
    fn search<'c>(
        candidates: &'c [(Literal, Bits)],
        left: &Bits,
        size: usize,
        chosen: &mut Vec<&'c Literal>,
        best: &mut Option<(usize, Vec<Literal>)>,
    ) {
        if is_empty(left) {
            let cost = chosen.iter().map(|literal| literal.cost()).sum();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                *best = Some((cost, chosen.iter().map(|&literal| literal.clone()).collect()));
            }
            return;
        }
        if size == 0 {
            return;
        }
        for (at, (literal, excluded)) in candidates.iter().enumerate() {
            if !meets(excluded, left) || (size == 1 && !contains(excluded, left)) {
                continue;
            }
            chosen.push(literal);
            search(&candidates[at + 1..], &without(left, excluded), size - 1, chosen, best);
            chosen.pop();
        }
    }
    let mut best = None;
    search(candidates, all, size, &mut Vec::new(), &mut best);
    best.map(|(_, literals)| literals)
}

fn greedy(candidates: &[(Literal, Bits)], all: &Bits) -> Option<Vec<Literal>> {
    let (mut left, mut chosen) = (all.clone(), Vec::new());
    while !is_empty(&left) {
        let (literal, excluded) = candidates
            .iter()
            .max_by_key(|(literal, excluded)| (common(&left, excluded), std::cmp::Reverse(literal.cost())))?;
        let rest = without(&left, excluded);
        if rest == left || chosen.len() == 2 * MOST_TESTS {
            return None;
        }
        chosen.push(literal.clone());
        left = rest;
    }
    Some(chosen)
}

/// The tests that at least one run passes and one fails.
fn atoms(runs: &[Run], inner_words: &[Vec<u8>]) -> BTreeSet<Atom> {
    let mut atoms = BTreeSet::new();
    let mut values: BTreeMap<&[u8], BTreeSet<&[u8]>> = BTreeMap::new();
    for run in runs {
        if let Some(family) = run.runtime.family {
            atoms.insert(Atom::Family(family));
            if let Some(version) = run.runtime.version {
                atoms.insert(Atom::AtLeast(family, (version.major, version.minor)));
            }
        }
        atoms.extend(run.start.files.keys().map(|path| Atom::Exists(path.clone())));
        for (name, value) in run.all_before() {
            values.entry(name).or_default().insert(value);
        }
    }
    for (name, mut values) in values {
        if experiments::is_fixed(name) {
            // What a script reads off them is the runtime.
            continue;
        }
        if runs.iter().any(|run| run.before(name).is_none()) {
            values.insert(b"");
        }
        if values.len() < 2 {
            continue;
        }
        atoms.insert(Atom::Filled(name.to_vec()));
        let words = values.iter().filter(|value| !value.is_empty() && !markers::is_nobodys(value));
        atoms.extend(words.clone().map(|value| Atom::OneOf(name.to_vec(), vec![value.to_vec()])));
        let switches: Vec<Vec<u8>> = words.filter(|value| is_true(value)).map(|value| value.to_vec()).collect();
        if switches.len() > 1 {
            atoms.insert(Atom::OneOf(name.to_vec(), switches));
        }
        for word in inner_words {
            let inside = |value: &&[u8]| value.len() > word.len() && value.windows(word.len()).any(|part| part == word);
            if values.iter().any(inside) {
                atoms.insert(Atom::Contains(name.to_vec(), word.clone()));
            }
        }
    }
    atoms
}

/// The values that a variable has, empty when it is unset, and in which runs it has each.
fn values_of<'r>(name: &[u8], runs: &'r [Run]) -> BTreeMap<&'r [u8], Bits> {
    let mut values: BTreeMap<&[u8], Bits> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        add(values.entry(run.given(name)).or_insert_with(|| none(runs.len())), at);
    }
    values
}

fn none(len: usize) -> Bits {
    vec![0; len.div_ceil(64)]
}

fn add(bits: &mut Bits, at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}

fn bits(len: usize, mut holds: impl FnMut(usize) -> bool) -> Bits {
    let mut bits = none(len);
    (0..len).filter(|&at| holds(at)).for_each(|at| add(&mut bits, at));
    bits
}

fn has(bits: &Bits, at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 == 1
}

fn and(one: &Bits, other: &Bits) -> Bits {
    one.iter().zip(other).map(|(one, other)| one & other).collect()
}

fn without(one: &Bits, other: &Bits) -> Bits {
    one.iter().zip(other).map(|(one, other)| one & !other).collect()
}

fn contains(whole: &Bits, part: &Bits) -> bool {
    whole.iter().zip(part).all(|(whole, part)| part & !whole == 0)
}

fn meets(one: &Bits, other: &Bits) -> bool {
    one.iter().zip(other).any(|(one, other)| one & other != 0)
}

fn is_empty(bits: &Bits) -> bool {
    bits.iter().all(|&word| word == 0)
}

/// How many there are in both.
fn common(one: &Bits, other: &Bits) -> usize {
    one.iter().zip(other).map(|(one, other)| (one & other).count_ones() as usize).sum()
}

fn count(bits: &Bits) -> usize {
    bits.iter().map(|word| word.count_ones() as usize).sum()
}
