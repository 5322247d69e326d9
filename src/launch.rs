//! The launcher from top to bottom: capture, plan, apply.

use crate::apply::exec::exec;
use crate::apply::init_error;
use crate::apply::log::{self, error_line};
use crate::capture::{Disk, settle};
use crate::library::Library;
use crate::problem::Problem;
use crate::start::Start;

/// Starts the runtime. Returns the exit status when that cannot be done.
pub fn launch(start: &Start<'_>) -> u8 {
    let (library, settled) = settle(&Disk::default(), start);
    match settled {
        Ok(plan) => {
            log::write(&plan.messages.iter().map(|message| log::line(message, &library)).collect::<Vec<_>>(), start);
            stop(&exec(plan), &library, start)
        }
        Err((problem, messages)) => {
            log::write(&messages.iter().map(|message| log::line(message, &library)).collect::<Vec<_>>(), start);
            stop(&problem, &library, start)
        }
    }
}

fn stop(problem: &Problem, library: &Library, start: &Start<'_>) -> u8 {
    log::write(&[error_line(problem, library)], start);
    init_error::report(problem.code, &format!("{}: {}", problem.code, library.line(problem)), start);
    problem.code.exit_status()
}
