//! Milliseconds of every way of starting, by round.

use crate::Outcome;
use crate::function::{Function, Vendor, Way};

const WARM_UP_ROUNDS: usize = 2;

/// Of one way of starting: one time for each round.
pub(crate) struct Times {
    pub(crate) vendor: Vendor,
    pub(crate) way: Way,
    pub(crate) milliseconds: Vec<f64>,
}

/// Every round starts each function once, so that whatever the machine does at that time meets all of them.
pub(crate) fn interleaved(functions: &[Function], rounds: usize) -> Outcome<Vec<Times>> {
    let times = |function: &Function| Times {
        vendor: function.vendor,
        way: function.way,
        milliseconds: Vec::with_capacity(rounds),
    };
    let mut all: Vec<Times> = functions.iter().map(times).collect();
    for round in 0..WARM_UP_ROUNDS + rounds {
        for step in 0..functions.len() {
            // Another one goes first in each round: none always finds the caches that the same one left.
            let index = (round + step) % functions.len();
            let time = functions[index].init()?;
            if round >= WARM_UP_ROUNDS {
                all[index].milliseconds.push(time);
            }
        }
    }
    Ok(all)
}
