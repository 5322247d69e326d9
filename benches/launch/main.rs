//! What the launcher costs, beside what people use in its place.
//!
//! `cargo bench --bench launch [-- --rounds N]` builds the launcher as it is shipped, builds its rivals from source,
//! checks that all of them do the same task, and measures. `-- --budgets` measures only what does not depend on the
//! machine's speed and fails when one figure is over its budget.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is run to be read")]
#![allow(clippy::disallowed_methods, reason = "the list keeps the plan pure; a benchmark is all edge")]

mod budget;
mod budgets;
mod check;
mod count;
mod growth;
mod make;
mod options;
mod report;
mod rivals;
mod spawn;
mod task;
mod time;

use std::process::ExitCode;

use make::Workshop;
use options::Options;

/// A benchmark can do nothing about a failure but say what it was.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let outcome = Options::from_arguments(std::env::args().skip(1), 300).and_then(|options| {
        let workshop = Workshop::open()?;
        if options.budgets { budgets::keep(&workshop) } else { compare(&workshop, options.rounds) }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("launch: {message}");
            ExitCode::FAILURE
        }
    }
}

fn compare(workshop: &Workshop, rounds: usize) -> Outcome<()> {
    let environment = task::environment(workshop);
    let launchers = rivals::all(workshop)?;
    for launcher in launchers.iter().filter(|launcher| launcher.does_task) {
        check::check(launcher, &environment)?;
    }
    // Only now: the compiler may use every CPU, what is measured may not.
    let cpu = spawn::pin_to_one_cpu()?;
    let times = time::interleaved(&launchers, workshop, &environment, rounds)?;
    let counts =
        launchers.iter().map(|launcher| count::all(launcher, workshop, &environment)).collect::<Outcome<Vec<_>>>()?;

    report::methods(&launchers, &times, &counts, rounds, cpu);
    if cfg!(target_arch = "x86_64") {
        report::cpuid(time::cpuid(workshop, &environment)?);
    }
    report::cold(&time::cold(&launchers, workshop, &environment, rounds)?);
    report::growth(&growth::measure(&launchers, workshop, &environment)?);
    Ok(())
}
