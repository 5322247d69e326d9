//! What can be counted: the same figures on every machine, however busy.

use std::ffi::OsString;
use std::fs;

use crate::Outcome;
use crate::make::{Workshop, at, find_program};
use crate::rivals::{Kind, Launcher};
use crate::spawn::Prepared;
use crate::task::{self, Environment};
use crate::time;

/// `None` stands for a tool that is not installed.
pub(crate) struct Counts {
    pub(crate) instructions: Option<u64>,
    /// The same, with the line that says what could not be started. Ours only: nobody else can leave it out.
    pub(crate) instructions_with_message: Option<u64>,
    pub(crate) system_calls: Option<u64>,
    pub(crate) page_faults: u64,
    pub(crate) peak_kilobytes: u64,
    pub(crate) bytes: Option<u64>,
}

pub(crate) fn all(launcher: &Launcher, workshop: &Workshop, environment: &Environment) -> Outcome<Counts> {
    let (instructions, instructions_with_message) = if launcher.kind == Kind::Forerun {
        let mut silent = environment.clone();
        silent.push(("FORERUN_LOG".to_owned(), "off".to_owned()));
        (instructions(launcher, workshop, &silent)?, instructions(launcher, workshop, environment)?)
    } else {
        (instructions(launcher, workshop, environment)?, None)
    };
    Ok(Counts {
        instructions,
        instructions_with_message,
        system_calls: system_calls(launcher, workshop, environment)?,
        page_faults: page_faults(launcher, workshop, environment)?,
        peak_kilobytes: peak_kilobytes(launcher, workshop, environment)?,
        bytes: launcher
            .file
            .as_deref()
            .map(|file| fs::metadata(file).map_err(at(file)))
            .transpose()?
            .map(|metadata| metadata.len()),
    })
}

/// Instructions up to the failing exec of a program that is not there: callgrind forgets its counts when an exec
/// succeeds. It does not see what the kernel or a hypervisor does.
fn instructions(launcher: &Launcher, workshop: &Workshop, environment: &Environment) -> Outcome<Option<u64>> {
    let Some(valgrind) = find_program("valgrind") else {
        return Ok(None);
    };
    let output = task::command(&valgrind, environment)
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(launcher.argv(&workshop.missing))
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    report
        .lines()
        .filter_map(|line| line.split_once("Collected : "))
        .find_map(|(_, number)| number.trim().parse().ok())
        .map(Some)
        .ok_or(format!("callgrind counted nothing:\n{report}"))
}

/// Every system call from the exec of the launcher to the exec of the final program, both included. All launchers
/// stay in one process, so no other has to be followed.
fn system_calls(launcher: &Launcher, workshop: &Workshop, environment: &Environment) -> Outcome<Option<u64>> {
    let Some(strace) = find_program("strace") else {
        return Ok(None);
    };
    let trace = workshop.write("trace", "")?;
    let mut options: Vec<OsString> = vec!["-o".into(), trace.clone().into()];
    options.extend(launcher.argv(&workshop.exit));
    let output =
        task::command(&strace, environment).args(options).output().map_err(|error| format!("strace: {error}"))?;
    let text = fs::read_to_string(&trace).map_err(at(&trace))?;
    // Signals and the exit are reported on lines of their own, with a marker in front.
    let calls: Vec<&str> = text.lines().filter(|line| !line.starts_with("---") && !line.starts_with("+++")).collect();
    let last = calls.iter().rposition(|call| call.starts_with("execve(") && call.ends_with("= 0"));
    match last {
        Some(last) if last > 0 => Ok(Some(last as u64 + 1)),
        _ => Err(format!("strace saw no exec of the final program: {}{text}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Minor page faults over those of the direct start.
fn page_faults(launcher: &Launcher, workshop: &Workshop, environment: &Environment) -> Outcome<u64> {
    let launched = Prepared::new(launcher.argv(&workshop.exit), environment)?;
    let direct = time::direct(workshop, environment)?;
    let (launched, direct) = (median_faults(&launched)?, median_faults(&direct)?);
    u64::try_from(launched - direct).map_err(|_| format!("{launched} page faults, but {direct} in a direct start"))
}

fn median_faults(prepared: &Prepared) -> Outcome<i64> {
    const RUNS: usize = 21;
    // What the first run reads from the disk would be counted as major faults.
    prepared.run()?;
    let mut faults = (0..RUNS).map(|_| Ok(prepared.run()?.minor_faults)).collect::<Outcome<Vec<_>>>()?;
    faults.sort_unstable();
    Ok(faults[RUNS / 2])
}

/// The largest resident set before the final program took over.
fn peak_kilobytes(launcher: &Launcher, workshop: &Workshop, environment: &Environment) -> Outcome<u64> {
    let peak = workshop.bare("peak.c")?;
    let argv = launcher.argv(&workshop.exit);
    let output = task::command(&peak, environment).args(argv).output().map_err(at(&peak))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().map_err(|_| format!("{}: {}", peak.display(), output.status))
}
