//! Sidecars in front of real runtimes: what can happen to them, to the runtime and to the launcher's own processes.
//!
//! Every case is run on Python three times: as the machine is, without prctl, and without prctl, pidfd_open and
//! close_range, since Lambda is reported to refuse the first. The cases in which the runtime matters are run on the others
//! too. Whatever happens, the same is looked at while the function runs and after its end: see `function.rs`.

mod filters;
mod freezer;
mod function;
mod processes;
mod programs;
mod rows;

use crate::cases::or_not_run;
use crate::runtimes::Runtime;
use crate::{parts, sandbox};
use function::Case;

fn run(
    name: &str,
    kind: &'static str,
    runtime: fn() -> Result<Runtime, String>,
    filter: &'static [&'static str],
    row: fn(Case),
) {
    let case = sandbox::available()
        .and_then(|()| parts::emulator())
        .and_then(|_| Case::new(&format!("sidecars-{name}"), kind, runtime, filter));
    if let Some(case) = or_not_run(name, case) {
        row(case);
    }
}

/// Modules of tests from lists of cases: `sidecars::python_no_prctl::timeout`.
macro_rules! table {
    ($([$($row:ident)+] on { $($module:ident: $runtime:ident $filter:tt)+ })+) => {
        $(table!(@each [$($row)+] $($module $runtime $filter)+);)+
    };
    (@each $rows:tt $($module:ident $runtime:ident $filter:tt)+) => {
        $(table!(@module $module $runtime $filter $rows);)+
    };
    (@module $module:ident $runtime:ident $filter:tt [$($row:ident)+]) => {
        mod $module {$(
            #[test]
            fn $row() {
                super::run(
                    concat!(stringify!($module), "-", stringify!($row)),
                    stringify!($runtime),
                    crate::runtimes::$runtime,
                    &$filter,
                    super::rows::$row,
                );
            }
        )+}
    };
}

table! {
    [
        timeout crash exit_zero sigterm_unregistered sigterm_registered sigterm_graceful sigterm_ignored
        function_signals_its_group
        supervisor_killed listener_killed sidecar_killed_never sidecar_killed_on_failure
        group_killed_before_ready group_killed_between_forks
        sidecar_dies_early required_sidecar_dies_early sidecar_hangs sidecar_closes_notify_socket
        sidecar_ignores_sigterm stop_timeout_is_kept sidecar_with_workers sidecar_daemonises
        sidecar_changes_credentials target_in_use
        reinit_at_once reinit_at_once_with_600_mb hundred_inits twenty_sidecars
        freeze_after_sigterm freeze_after_the_platforms_sigterm freeze_in_the_middle
        sigchld_ignored sigterm_blocked stderr_closed no_proc more_descriptors more_descriptors_no_proc
        registration_slow registration_never_answered registration_reset registration_lost
        registration_taken registration_too_many registration_refused
        chained secrets_are_forgotten
    ] on {
        python: python []
        python_no_prctl: python ["refuse-prctl"]
        python_no_pidfd: python ["refuse-pidfd"]
    }
    [timeout crash exit_zero sigterm_registered sigterm_ignored sidecar_killed_never] on {
        node: node []
        ruby: ruby []
        java: java []
    }
    [restart_gives_up names_of_processes supervisor_sleeps] on {
        python_alone: python []
    }
}
