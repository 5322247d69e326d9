//! The launcher from top to bottom: capture, plan, apply.

use crate::apply::exec::exec;
use crate::apply::init_error;
use crate::apply::log;
use crate::capture::{Disk, settle};
use crate::library::Library;
use crate::problem::Problem;
use crate::start::Start;

/// Starts the runtime. Returns the exit status when that cannot be done.
pub fn launch(start: &Start<'_>) -> u8 {
    let (library, settled) = settle(&Disk::default(), start);
    match settled {
        Ok(plan) => {
            log::write(&plan.messages, &library, start);
            stop(&exec(plan, &start.own), &library, start)
        }
        Err((problem, messages)) => {
            log::write(&messages, &library, start);
            stop(&problem, &library, start)
        }
    }
}

fn stop(problem: &Problem, library: &Library, start: &Start<'_>) -> u8 {
    log::write_error(problem, library, start);
    init_error::report(problem, library, start);
    problem.code.exit_status()
}
