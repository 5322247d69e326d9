//! The command line: two flags.

use crate::Outcome;

const USAGE: &str = "usage: cargo bench --bench NAME [-- [--rounds N] [--budgets]]";

pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) budgets: bool,
}

impl Options {
    /// `rounds`: as many as there are when nothing is asked for.
    pub(crate) fn from_arguments(mut arguments: impl Iterator<Item = String>, rounds: usize) -> Outcome<Self> {
        let mut options = Self { rounds, budgets: false };
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
