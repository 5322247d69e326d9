//! What a sidecar costs: the start with it, the time from ready to runtime, and what stays behind beside the runtime.
//!
//! `cargo bench --bench sidecars [-- --rounds N]` builds the launcher as it is shipped, a sidecar and a runtime that do
//! next to nothing, and measures. `-- --budgets` measures only what does not depend on the machine's speed and fails
//! when one figure is over its budget.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is run to be read")]
#![allow(clippy::disallowed_methods, reason = "the list keeps the plan pure; a benchmark is all edge")]

mod count;
mod report;
mod residue;
mod run;
mod stage;
mod time;

#[path = "../launch/budget.rs"]
mod budget;
#[path = "../launch/make.rs"]
#[allow(dead_code, reason = "the launcher's benchmark needs more of it")]
mod make;
#[path = "../launch/options.rs"]
mod options;
#[path = "../launch/spawn.rs"]
#[allow(dead_code, reason = "the launcher's benchmark needs more of it")]
mod spawn;
#[path = "../launch/task.rs"]
#[allow(dead_code, reason = "the launcher's benchmark needs more of it")]
mod task;

use std::process::ExitCode;

use make::Workshop;
use options::Options;
use stage::Stage;

/// A benchmark can do nothing about a failure but say what it was.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let outcome = Options::from_arguments(std::env::args().skip(1), 200).and_then(|options| {
        let workshop = Workshop::open()?;
        let stage = Stage::set(&workshop)?;
        let rounds = if options.budgets { None } else { Some(options.rounds) };
        measure(&stage, rounds)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sidecars: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Without rounds: only what is the same on every machine.
fn measure(stage: &Stage<'_>, rounds: Option<usize>) -> Outcome<()> {
    if let Some(rounds) = rounds {
        // Only now: the compiler may use every CPU, what is measured may not.
        let cpu = spawn::pin_to_one_cpu()?;
        report::times(&time::interleaved(stage, rounds)?, rounds, cpu);
    }
    report::budgets(&count::system_calls(stage)?, &residue::look(stage)?)
}
