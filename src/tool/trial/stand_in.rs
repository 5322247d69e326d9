//! The stand-in for a runtime: tells how it was started, and ends as the trial wants it.
//!
//! It is found under the name of every interpreter. A wrapper may be written in one of these languages itself, or ask an
//! interpreter something before it starts the runtime; then the machine's own interpreter is what is wanted.
#![expect(clippy::disallowed_methods, reason = "tells what this process is, and becomes another program")]

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::{Mode, umask};
use serde::{Deserialize, Serialize};

use super::job::{MISSION, Mission, REPORTS, STAND_IN};
use super::messages;
use super::outcome::Started;
use super::start::RuntimeState;

/// What is told in the reports, with the number of the process that tells.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// How it was started.
    Started(u32, Started),
    /// The SIGTERM came.
    HeardSigterm(u32),
}

/// The number of the wrapper's process: the first that process 1 starts.
const WRAPPER: u32 = 2;
/// When a program that is asked for is not there, as shells say it.
const NOT_FOUND: u8 = 127;

/// Whether this program stands for another one.
pub(super) fn is_asked_for() -> bool {
    env::current_exe().is_ok_and(|program| program == Path::new(STAND_IN))
}

/// Tells how it was started, or becomes the program that is wanted.
pub(super) fn run() -> ExitCode {
    let told = mission().and_then(|mission| {
        let argv: Vec<Vec<u8>> = env::args_os().map(OsString::into_vec).collect();
        if is_runtime(&argv, &mission) {
            stand_for_the_runtime(argv, mission.runtime)
        } else {
            become_own(&argv, &mission)
        }
    });
    told.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "{}: {error}", env::args_os().next().unwrap_or_default().display());
        ExitCode::from(NOT_FOUND)
    })
}

/// Whether this start is that of the runtime, or of a program in its place.
fn is_runtime(argv: &[Vec<u8>], mission: &Mission) -> bool {
    let (name, arguments) = argv.split_first().map_or((&[][..], &[][..]), |(name, rest)| (&name[..], rest));
    if arguments.contains(&mission.wrapper) {
        return false;
    }
    let of_the_start = |argument| mission.argv[1..].contains(argument);
    std::process::id() == WRAPPER
        || Some(name) == mission.argv.first().map(|name| &name[..]) && arguments.is_empty()
        || arguments.iter().any(of_the_start)
}

fn stand_for_the_runtime(argv: Vec<Vec<u8>>, runtime: RuntimeState) -> io::Result<ExitCode> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mut sigterm = SigSet::empty();
    sigterm.add(Signal::SIGTERM);
    if runtime == RuntimeState::AwaitsSigterm {
        // Before it tells: the signal comes as soon as it has told.
        sigterm.thread_block()?;
    }
    let pid = std::process::id();
    let ignored = mask(&status, "SigIgn:");
    report(&Report::Started(pid, started(argv, &status, ignored)?))?;
    match runtime {
        RuntimeState::Exits(status) => Ok(status.into()),
        RuntimeState::Missing | RuntimeState::NotExecutable => Ok(ExitCode::SUCCESS),
        RuntimeState::AwaitsSigterm => {
            sigterm.wait()?;
            // A signal that is blocked and ignored arrives here, but would not reach a runtime.
            if ignored & bit(Signal::SIGTERM) == 0 {
                report(&Report::HeardSigterm(pid))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn started(argv: Vec<Vec<u8>>, status: &str, ignored: u64) -> io::Result<Started> {
    let environ = fs::read("/proc/self/environ")?;
    let entries = environ.strip_suffix(b"\0").map(|entries| entries.split(|&byte| byte == 0));
    let mask_of_new_files = umask(Mode::empty());
    umask(mask_of_new_files);
    Ok(Started {
        same_process: std::process::id() == WRAPPER,
        argv,
        env: entries.into_iter().flatten().map(<[u8]>::to_vec).collect(),
        directory: env::current_dir()?.into_os_string().into_vec(),
        descriptors: descriptors()?,
        blocked: mask(status, "SigBlk:"),
        // Rust's own start ignores this one, so nothing is known of it.
        ignored: ignored & !bit(Signal::SIGPIPE),
        umask: mask_of_new_files.bits(),
        heard_sigterm: false,
    })
}

/// The descriptors that this process was started with.
fn descriptors() -> io::Result<Vec<i32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let entry = entry?;
        // The one of this very folder.
        let is_this_folder = fs::read_link(entry.path()).is_ok_and(|target| target.ends_with("fd"));
        let number: Option<i32> = entry.file_name().to_str().and_then(|name| name.parse().ok());
        numbers.extend(number.filter(|_| !is_this_folder));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A mask of signals in the text of `/proc/self/status`.
fn mask(status: &str, key: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(key));
    value.and_then(|value| u64::from_str_radix(value.trim(), 16).ok()).unwrap_or(0)
}

/// A signal's place in a mask.
fn bit(signal: Signal) -> u64 {
    1 << (signal as u32 - 1)
}

fn mission() -> io::Result<Mission> {
    messages::read(&fs::read(MISSION)?[..])?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn report(report: &Report) -> io::Result<()> {
    messages::write(report, OpenOptions::new().create(true).append(true).open(REPORTS)?)
}

/// The machine's own program of the same name.
fn become_own(argv: &[Vec<u8>], mission: &Mission) -> io::Result<ExitCode> {
    let (name, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let base = Path::new(OsStr::from_bytes(name)).file_name().unwrap_or_default();
    let folders = mission.path.iter().map(|folder| Path::new(OsStr::from_bytes(folder)).join(base));
    let own = folders.into_iter().find(|program| program.is_file()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "this machine has no program of this name to run the wrapper with")
    })?;
    Err(Command::new(own).arg0(OsStr::from_bytes(name)).args(arguments.iter().map(|one| OsStr::from_bytes(one))).exec())
}
