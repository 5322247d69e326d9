//! The command line: two flags.

use crate::Outcome;

const USAGE: &str = "usage: cargo bench --bench sidecars [-- [--rounds N] [--budgets]]";

pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) budgets: bool,
}

impl Options {
    pub(crate) fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = Self { rounds: 200, budgets: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // Cargo adds this one by itself.
                "--bench" => {}
                "--budgets" => options.budgets = true,
                "--rounds" => {
                    options.rounds = arguments
                        .next()
                        .and_then(|number| number.parse().ok())
                        .filter(|&number| number >= 10)
                        .ok_or(format!("`--rounds` takes a number from 10 up\n{USAGE}"))?;
                }
                unknown => return Err(format!("unknown argument `{unknown}`\n{USAGE}")),
            }
        }
        Ok(options)
    }
}
