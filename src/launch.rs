//! The launcher from top to bottom: capture, plan, apply.

use crate::apply::exec::exec;
use crate::apply::process::GivenLimit;
use crate::apply::{extension, init_error, log, process, sidecars};
use crate::arena::Arena;
use crate::capture::{Disk, settle};
use crate::library::Library;
use crate::plan::{Message, Plan};
use crate::problem::{Code, Problem};
use crate::start::Start;

/// Starts the runtime. Returns the exit status when that cannot be done. `arena` is the launcher's allocator.
pub fn launch(start: &Start<'_>, arena: &'static Arena) -> u8 {
    let (library, settled) = settle(&Disk::default(), start);
    match settled {
        Ok(plan) => {
            log::write(&plan.messages, &library, start);
            let problem = match prepare(&plan, &library, start, arena) {
                Ok(given) => {
                    let problem = exec(plan, &start.own);
                    // Those of the runtime may be too narrow for what is still to be said.
                    given.into_iter().for_each(process::restore);
                    problem
                }
                Err(problem) => problem,
            };
            stop(&problem, &library, start)
        }
        Err((problem, messages)) => {
            log::write(&messages, &library, start);
            stop(&problem, &library, start)
        }
    }
}

/// Everything that comes before the runtime. Limits are the runtime's alone, so they come last; a registered extension
/// must be followed by a runtime, so that comes just before. Returns the limits that were there before.
fn prepare(
    plan: &Plan<'_>,
    library: &Library,
    start: &Start<'_>,
    arena: &'static Arena,
) -> Result<Vec<GivenLimit>, Problem> {
    let process = &plan.process;
    if !process.directories.is_empty() {
        log::write(&process::make_directories(process), library, start);
    }
    let supervision = match &plan.sidecars[..] {
        [] => None,
        sidecars => sidecars::start(sidecars, library, start, process.graceful.is_some(), arena)?,
    };
    if let Some(origin) = process.graceful {
        match extension::register(start, origin) {
            Ok(None) => {}
            Ok(Some(connection)) => {
                let held = supervision.as_ref().is_some_and(|supervision| supervision.hold(&connection).is_ok());
                if !held && let Err(errno) = process::leave_open(&connection) {
                    let message = format!("the connection that keeps SIGTERM coming cannot be kept: {}", errno.desc());
                    return Err(Problem::at(Code::NotPolling, origin, message));
                }
            }
            Err(problem) if problem.code == Code::NotRegistered => {
                log::write(&[Message::warning(problem)], library, start);
            }
            Err(problem) => return Err(problem),
        }
    }
    let (given, warnings) = process::set_limits(process);
    if !warnings.is_empty() {
        given.iter().copied().for_each(process::restore);
        log::write(&warnings, library, start);
        return Ok(process::set_limits(process).0);
    }
    Ok(given)
}

fn stop(problem: &Problem, library: &Library, start: &Start<'_>) -> u8 {
    log::write_error(problem, library, start);
    init_error::report(problem, library, start);
    problem.code.exit_status()
}
