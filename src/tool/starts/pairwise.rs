//! Rows of picks in which every two choices of any two dimensions meet: a covering array of strength two.
//!
//! The way is the greedy one of AETG (Cohen, Dalal, Fredman, Patton: "The AETG System", 1997): some rows are made at
//! random, each begun with a pair that is missing, and the one with the most missing pairs is taken.

use fastrand::Rng;

/// How many rows are made for each one that is taken.
const CANDIDATES: usize = 12;

/// Rows of picks for dimensions with so many choices each, at least one.
///
/// Row 0 picks 0 everywhere. Then comes a row for each other choice of each dimension, with 0 everywhere else, which
/// tells whose fault a difference is. Rows that bring pairs together follow until none is missing. The same seed
/// makes the same rows. With `most` there are never more rows than that, and pairs may be missing.
pub(in crate::tool) fn pairwise(choices: &[usize], seed: u64, most: Option<usize>) -> Vec<Vec<usize>> {
    let most = most.unwrap_or(usize::MAX);
    let ordinary = vec![0; choices.len()];
    let mut rows = vec![ordinary.clone()];
    for (dimension, &count) in choices.iter().enumerate() {
        for choice in 1..count {
            let mut row = ordinary.clone();
            row[dimension] = choice;
            rows.push(row);
        }
    }
    rows.truncate(most);

    // Every pair with a 0 in it has met in the rows above.
    let mut missing = Missing::new(choices);
    let mut random = Rng::with_seed(seed);
    while rows.len() < most
        && let Some(row) = missing.next_row(choices, &mut random)
    {
        missing.meet(&row);
        rows.push(row);
    }
    rows
}

/// A choice of a dimension.
type Pick = (usize, usize);

/// The pairs of choices other than 0 that have not met yet.
struct Missing {
    /// Where the choices of each dimension begin in `pairs`.
    offsets: Vec<usize>,
    /// The sum of all choices.
    total: usize,
    /// By the places of the two choices, the smaller first.
    pairs: Vec<bool>,
    /// The pairs once more, to draw from; those that have met are dropped when they are drawn.
    pool: Vec<(Pick, Pick)>,
}

impl Missing {
    fn new(choices: &[usize]) -> Missing {
        let mut total = 0;
        let mut offsets = Vec::with_capacity(choices.len());
        for count in choices {
            offsets.push(total);
            total += count;
        }
        let mut missing = Missing { offsets, total, pairs: vec![false; total * total], pool: Vec::new() };
        for (later, &count) in choices.iter().enumerate() {
            for (earlier, &count_before) in choices[..later].iter().enumerate() {
                for one in 1..count_before {
                    for other in 1..count {
                        let place = missing.place((earlier, one), (later, other));
                        missing.pairs[place] = true;
                        missing.pool.push(((earlier, one), (later, other)));
                    }
                }
            }
        }
        missing
    }

    fn place(&self, one: Pick, other: Pick) -> usize {
        let (one, other) = (self.offsets[one.0] + one.1, self.offsets[other.0] + other.1);
        one.min(other) * self.total + one.max(other)
    }

    fn is_missing(&self, one: Pick, other: Pick) -> bool {
        self.pairs[self.place(one, other)]
    }

    /// A pair that has not met.
    fn draw(&mut self, random: &mut Rng) -> Option<(Pick, Pick)> {
        while !self.pool.is_empty() {
            let drawn = random.usize(..self.pool.len());
            let (one, other) = self.pool[drawn];
            if self.is_missing(one, other) {
                return Some((one, other));
            }
            self.pool.swap_remove(drawn);
        }
        None
    }

    /// A row in which many missing pairs meet, at least one; nothing when none is missing.
    fn next_row(&mut self, choices: &[usize], random: &mut Rng) -> Option<Vec<usize>> {
        let mut best: Option<(usize, Vec<usize>)> = None;
        for _ in 0..CANDIDATES {
            let pair = self.draw(random)?;
            let (met, row) = self.candidate(choices, pair, random);
            if best.as_ref().is_none_or(|(most, _)| met > *most) {
                best = Some((met, row));
            }
        }
        best.map(|(_, row)| row)
    }

    /// A row with this pair in it, and how many missing pairs meet in it.
    fn candidate(&self, choices: &[usize], pair: (Pick, Pick), random: &mut Rng) -> (usize, Vec<usize>) {
        let (one, other) = pair;
        let mut picked = vec![one, other];
        let mut met = 1;
        let mut rest: Vec<usize> =
            (0..choices.len()).filter(|&dimension| dimension != one.0 && dimension != other.0).collect();
        random.shuffle(&mut rest);
        for dimension in rest {
            let mut most = 0;
            let mut equals = Vec::new();
            for choice in 0..choices[dimension] {
                let pick = (dimension, choice);
                let meets = picked.iter().filter(|&&earlier| self.is_missing(earlier, pick)).count();
                if meets > most {
                    most = meets;
                    equals.clear();
                }
                if meets == most {
                    equals.push(pick);
                }
            }
            met += most;
            picked.push(equals[random.usize(..equals.len())]);
        }
        let mut row = vec![0; choices.len()];
        for (dimension, choice) in picked {
            row[dimension] = choice;
        }
        (met, row)
    }

    /// All pairs of this row have met.
    fn meet(&mut self, row: &[usize]) {
        for (later, &other) in row.iter().enumerate() {
            for (earlier, &one) in row[..later].iter().enumerate() {
                let place = self.place((earlier, one), (later, other));
                self.pairs[place] = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_pair_meets(choices in proptest::collection::vec(1..7_usize, 0..9), seed: u64) {
            let rows = pairwise(&choices, seed, None);
            let mut met = HashSet::new();
            for row in &rows {
                prop_assert_eq!(row.len(), choices.len());
                for (dimension, choice) in row.iter().enumerate() {
                    prop_assert!(*choice < choices[dimension]);
                    for (later, other) in row.iter().enumerate().skip(dimension + 1) {
                        met.insert((dimension, *choice, later, *other));
                    }
                }
            }
            let mut all = 0;
            for (dimension, count) in choices.iter().enumerate() {
                all += choices[dimension + 1..].iter().map(|other| count * other).sum::<usize>();
            }
            prop_assert_eq!(met.len(), all);
        }

        #[test]
        fn rows_come_again_with_their_seed_and_the_first_ones_change_one_thing(
            choices in proptest::collection::vec(1..6_usize, 1..7), seed: u64, most in 0..60_usize,
        ) {
            let rows = pairwise(&choices, seed, None);
            prop_assert_eq!(&rows, &pairwise(&choices, seed, None));
            let alone = choices.iter().map(|count| count - 1).sum::<usize>();
            prop_assert!(rows[0].iter().all(|&pick| pick == 0));
            for row in &rows[1..=alone] {
                prop_assert_eq!(row.iter().filter(|&&pick| pick != 0).count(), 1);
            }
            prop_assert_eq!(rows.iter().collect::<HashSet<_>>().len(), rows.len());
            let fewer = pairwise(&choices, seed, Some(most));
            prop_assert_eq!(&fewer[..], &rows[..most.min(rows.len())]);
        }
    }

    #[test]
    fn a_row_brings_many_pairs_together() {
        // 14 dimensions of 10: no array has fewer than 81 rows beside the first ones, and all pairs one by one are 7371.
        let rows = pairwise(&[10; 14], 1, None);
        assert!(rows.len() - 127 < 220, "{}", rows.len() - 127);
    }

    #[test]
    fn another_seed_makes_other_rows() {
        assert_ne!(pairwise(&[6; 6], 1, None), pairwise(&[6; 6], 2, None));
    }
}
