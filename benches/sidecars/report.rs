//! The tables, within 100 columns.

use crate::Outcome;
use crate::budget::{self, Budget};
use crate::count::Calls;
use crate::residue::Residue;
use crate::stage::{Act, Ready};
use crate::time::{Spread, Times};

/// Microseconds. A target says what is wanted on a machine that does nothing else; nothing fails by it.
const TARGET_ADDED: f64 = 400.0;

fn target(ready: Ready) -> Option<f64> {
    match ready {
        Ready::Notify => Some(150.0),
        Ready::File | Ready::Unix => Some(300.0),
        Ready::Tcp => Some(2_500.0),
        Ready::Http => None,
    }
}

pub(crate) fn times(times: &Times, rounds: usize, cpu: usize) {
    println!();
    println!("{:<58} {:>8} {:>8} {:>8}", "us, over the rounds", "p10", "median", "p90");
    row("start without a sidecar", &times.without, None);
    row("of it one execve, from a program that does nothing else", &times.exec, None);
    row("a sidecar's own start", &times.alone, None);
    row("added by a sidecar that nobody waits for", &times.unawaited, Some(TARGET_ADDED));
    row("added by one that is ready at once, less its own start", &times.awaited, Some(TARGET_ADDED));
    row("from ready to runtime, C that does nothing but wait", &times.least, None);
    for (ready, whole, over) in &times.ready {
        row(&format!("from ready to runtime, {}", ready.name()), whole, target(*ready));
        row("                       over that C program", over, None);
    }
    if let Some(shell) = &times.shell_ready {
        row("from ready to runtime, the shell script with nc", shell, None);
    }
    row("whole start, a port that is open at once", &times.port, None);
    if let Some(shell) = &times.shell_port {
        row("whole start, the same, the shell script with nc", shell, None);
    }
    println!();
    println!(
        "{rounds} interleaved rounds on CPU {cpu}, which launcher, supervisor, sidecar and runtime share. A start lasts\n\
         until the runtime's first instruction. What is added, and what is taken off it, comes from the same round.\n\
         Ready is the moment before the system call that makes the sidecar ready, some 5 to 15 ms after its start."
    );
}

fn row(what: &str, spread: &Spread, target: Option<f64>) {
    let verdict = target.map_or_else(String::new, |target| {
        let verdict = if spread.median <= target { "ok" } else { "OVER" };
        format!("  {verdict}, target {target:.0}")
    });
    println!("{what:<58} {:>8.0} {:>8.0} {:>8.0}{verdict}", spread.p10, spread.median, spread.p90);
}

/// Prints what can be counted.
///
/// # Errors
///
/// Something is over its budget.
pub(crate) fn budgets(calls: &Option<Calls>, residues: &[Residue]) -> Outcome<()> {
    println!();
    println!("{:<22} {:>20} {:>20} {:>8} {:>8} {:>9}", "KB written to", "supervisor", "listener", "", "", "");
    println!(
        "{:<22} {:>9} {:>10} {:>9} {:>10} {:>8} {:>8} {:>9}",
        "readiness", "private", "shared", "private", "shared", "both", "Pss", "wake-ups"
    );
    for residue in residues {
        let name = match residue.act {
            Act::Awaited { ready, .. } => ready.name(),
            _ => "none",
        };
        let (one, other) = (&residue.supervisor, &residue.listener);
        let proportional = one.proportional.zip(other.proportional).map(|(one, other)| one + other);
        println!(
            "{name:<22} {:>9} {:>10} {:>9} {:>10} {:>8} {:>8} {:>9}",
            one.private,
            one.shared,
            other.private,
            other.shared,
            residue.all(),
            proportional.map_or("-".to_owned(), |kilobytes| kilobytes.to_string()),
            residue.wake_ups,
        );
    }
    println!();
    println!(
        "both: private pages of both, and shared ones once. Pss: every page divided by the number of those who have it.\n\
         wake-ups: context switches of both within two seconds in which nothing happened."
    );
    println!();
    let call = |figure: fn(&Calls) -> usize| calls.as_ref().map(|calls| figure(calls) as u64);
    let most = |figure: fn(&Residue) -> u64| residues.iter().map(figure).max();
    let budgets = [
        Budget { what: "system calls of the launcher without a sidecar", found: call(|c| c.without), limit: 16 },
        Budget { what: "the same with a sidecar that notifies", found: call(|c| c.wrapper), limit: 45 },
        Budget { what: "of the process that forks the supervisor", found: call(|c| c.between), limit: 10 },
        Budget { what: "of the supervisor until it has forked the sidecar", found: call(|c| c.supervisor), limit: 28 },
        Budget { what: "of the sidecar's process until its program starts", found: call(|c| c.sidecar), limit: 14 },
        Budget { what: "KB private to supervisor and listener", found: most(Residue::private), limit: 200 },
        Budget { what: "KB of both, shared pages counted once", found: most(Residue::all), limit: 200 },
        Budget { what: "wake-ups", found: most(|residue| residue.wake_ups), limit: 0 },
    ];
    budget::keep(&budgets)
}
