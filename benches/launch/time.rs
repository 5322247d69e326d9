//! Time, as what a launcher adds to starting the final program directly.

use std::path::Path;

use crate::Outcome;
use crate::make::Workshop;
use crate::rivals::Launcher;
use crate::spawn::{self, Prepared};
use crate::task::Environment;

const WARM_UP_ROUNDS: usize = 10;

/// Microseconds over the direct start, over the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Overhead {
    pub(crate) median: f64,
    pub(crate) p90: f64,
}

pub(crate) struct Cold {
    pub(crate) label: &'static str,
    /// `None` where the file could not be evicted.
    pub(crate) overhead: Option<Overhead>,
}

impl Overhead {
    pub(crate) fn of(mut microseconds: Vec<f64>) -> Self {
        microseconds.sort_by(f64::total_cmp);
        let at = |part: f64| microseconds[((microseconds.len() - 1) as f64 * part).round() as usize];
        Self { median: at(0.5), p90: at(0.9) }
    }
}

/// Every round runs each launcher once and the final program by itself once, so that whatever the machine does at
/// that time meets all of them; only differences within a round count.
pub(crate) fn interleaved(
    launchers: &[Launcher],
    workshop: &Workshop,
    environment: &Environment,
    rounds: usize,
) -> Outcome<Vec<Overhead>> {
    let direct = direct(workshop, environment)?;
    let prepared = prepare(launchers, workshop, environment)?;
    let mut samples = vec![Vec::with_capacity(rounds); launchers.len()];
    for round in 0..WARM_UP_ROUNDS + rounds {
        let base = microseconds(&direct)?;
        for step in 0..launchers.len() {
            // Another one goes first in each round: no launcher always finds the caches that the same one left.
            let index = (round + step) % launchers.len();
            if round % launchers[index].every != 0 {
                continue;
            }
            let sample = microseconds(&prepared[index])? - base;
            if round >= WARM_UP_ROUNDS {
                samples[index].push(sample);
            }
        }
    }
    Ok(samples.into_iter().map(Overhead::of).collect())
}

/// The same with the launcher's file dropped from the page cache, as on a real cold start. Interpreters have no row:
/// other processes have their files mapped, and mapped pages stay.
pub(crate) fn cold(
    launchers: &[Launcher],
    workshop: &Workshop,
    environment: &Environment,
    rounds: usize,
) -> Outcome<Vec<Cold>> {
    let direct = direct(workshop, environment)?;
    launchers
        .iter()
        .filter_map(|launcher| Some((launcher, launcher.file.as_deref()?)))
        .map(|(launcher, file)| {
            let prepared = Prepared::new(launcher.argv(&workshop.exit), environment)?;
            Ok(Cold { label: launcher.label, overhead: cold_overhead(&prepared, &direct, file, rounds.div_ceil(10))? })
        })
        .collect()
}

fn cold_overhead(prepared: &Prepared, direct: &Prepared, file: &Path, rounds: usize) -> Outcome<Option<Overhead>> {
    let mut samples = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        spawn::evict(file)?;
        let base = microseconds(direct)?;
        let run = prepared.run()?;
        if run.blocks_read == 0 {
            return Ok(None);
        }
        samples.push(run.wall.as_secs_f64() * 1e6 - base);
    }
    Ok(Some(Overhead::of(samples)))
}

/// Microseconds for one CPUID instruction, which a hypervisor traps: most of what the start of a glibc program takes.
pub(crate) fn cpuid(workshop: &Workshop, environment: &Environment) -> Outcome<f64> {
    const RUNS: usize = 11;
    const INSTRUCTIONS: f64 = 1_000.0;
    let program = Prepared::new(vec![workshop.bare("cpuid.c")?.into()], environment)?;
    let direct = direct(workshop, environment)?;
    let samples = (0..RUNS)
        .map(|_| {
            let base = microseconds(&direct)?;
            Ok((microseconds(&program)? - base) / INSTRUCTIONS)
        })
        .collect::<Outcome<Vec<_>>>()?;
    Ok(Overhead::of(samples).median)
}

pub(crate) fn microseconds(prepared: &Prepared) -> Outcome<f64> {
    Ok(prepared.run()?.wall.as_secs_f64() * 1e6)
}

pub(crate) fn direct(workshop: &Workshop, environment: &Environment) -> Outcome<Prepared> {
    Prepared::new(vec![workshop.exit.clone().into()], environment)
}

fn prepare(launchers: &[Launcher], workshop: &Workshop, environment: &Environment) -> Outcome<Vec<Prepared>> {
    launchers.iter().map(|launcher| Prepared::new(launcher.argv(&workshop.exit), environment)).collect()
}
