//! A worker, and process 1 of each of its trials: that makes the room, starts the wrapper in it, and collects what comes
//! of it. When it ends, the kernel ends whatever the wrapper left behind (pid_namespaces(7)).
#![expect(clippy::disallowed_methods, reason = "starts the wrapper that is tried, with a time limit")]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, setsid};

use super::job::{Answer, INIT, Job, REPORTS};
use super::messages;
use super::outcome::{Ending, Outcome, Started};
use super::stand_in::Report;
use super::tree::Tree;
use super::{namespaces, room};
use crate::apply::sidecars::watch::pidfd;

/// Between looks at what is not announced.
const LOOK: Duration = Duration::from_millis(1);
/// How long the stand-in has to tell that it heard a signal, once the process that got it has ended.
const GRACE: Duration = Duration::from_millis(250);
const LATEST: &str = "/proc/loadavg";
const STDOUT: &str = "/.forerun/stdout";
const STDERR: &str = "/.forerun/stderr";

/// Whether this program was started to make trials.
pub(super) fn is_asked_for() -> bool {
    std::env::args_os().next().is_some_and(|name| name == INIT)
}

/// Makes trials until there are no more: reads jobs from standard input and answers on standard output.
///
/// Returns in every process that it makes.
pub(super) fn run() -> ExitCode {
    let mut jobs = io::stdin().lock();
    loop {
        let job: Job = match messages::read(&mut jobs) {
            Ok(Some(job)) => job,
            Ok(None) => return ExitCode::SUCCESS,
            Err(error) => return tell(&Err(format!("what is to be tried cannot be read: {error}"))),
        };
        match fork_here() {
            Ok(ForkResult::Child) => return in_namespaces(&job),
            // It has answered.
            Ok(ForkResult::Parent { child }) if waitpid(child, None) == Ok(WaitStatus::Exited(child, 0)) => {}
            Ok(ForkResult::Parent { .. }) | Err(_) => return ExitCode::FAILURE,
        }
    }
}

#[expect(unsafe_code, reason = "fork(2): executing this program once more would cost as much as the rest of a trial")]
fn fork_here() -> nix::Result<ForkResult> {
    // SAFETY: this process has one thread.
    unsafe { fork() }
}

/// Makes the namespaces, of which its child is the first process: that answers.
fn in_namespaces(job: &Job) -> ExitCode {
    if let Err(reason) = namespaces::enter() {
        return tell(&Err(reason));
    }
    match fork_here() {
        Ok(ForkResult::Child) => {
            // The parent is killed when somebody interrupts the tool; this is how process 1 hears of it.
            let _ = set_pdeathsig(Signal::SIGKILL);
            tell(&try_it(job))
        }
        Ok(ForkResult::Parent { child }) => match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, 0)) => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        },
        Err(error) => tell(&Err(format!("the trial cannot be started: {error}"))),
    }
}

fn tell(answer: &Answer) -> ExitCode {
    // It fails when whoever asked is gone.
    messages::write(answer, io::stdout().lock()).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn try_it(job: &Job) -> Answer {
    // The lowest free number is 3, that of the runtime's log on Lambda (`_LAMBDA_TELEMETRY_LOG_FD`).
    let log = open("/dev/null", OFlag::O_WRONLY, Mode::empty()).map_err(|error| error.to_string())?;
    let _ = setsid();
    umask(Mode::from_bits_truncate(0o022));
    room::furnish(&Tree::of(job.tree.iter().cloned())).map_err(|error| format!("the room of the trial: {error}"))?;
    namespaces::open_loopback().map_err(|error| format!("the loopback interface: {error}"))?;
    let outcome = carry_out(job);
    drop(log);
    outcome
}

fn carry_out(job: &Job) -> Answer {
    let mut wrapper = start(job).map_err(|error| {
        let wrapper = String::from_utf8_lossy(&job.wrapper);
        format!("{wrapper} cannot be started: {}", crate::tool::reason(&error))
    })?;
    let ending = ending(&mut wrapper, job);
    let other_processes = processes_since(wrapper.id())?;
    let read = |path| fs::read(path).map_err(|error| format!("{path}: {error}"));
    Ok(Outcome { started: reports()?, ending, stdout: read(STDOUT)?, stderr: read(STDERR)?, other_processes })
}

fn start(job: &Job) -> io::Result<Child> {
    let bytes = |bytes: &Vec<u8>| OsStr::from_bytes(bytes).to_owned();
    let written = |path| OpenOptions::new().create(true).append(true).open(path).map(Stdio::from);
    let pair = |(name, value): &(Vec<u8>, Vec<u8>)| (bytes(name), bytes(value));
    Command::new(bytes(&job.wrapper))
        .args(job.argv.iter().map(bytes))
        .env_clear()
        .envs(job.env.iter().map(pair))
        .current_dir("/var/task")
        .stdin(Stdio::null())
        .stdout(written(STDOUT)?)
        .stderr(written(STDERR)?)
        .process_group(0)
        .spawn()
}

/// Waits for the wrapper's end, for so long as the job says.
fn ending(wrapper: &mut Child, job: &Job) -> Ending {
    let deadline = Instant::now() + Duration::from_millis(job.timeout.into());
    let pid = Pid::from_raw(wrapper.id().cast_signed());
    let end = pidfd(pid);
    let mut sends_sigterm = job.sends_sigterm;
    loop {
        if let Ok(Some(status)) = wrapper.try_wait() {
            if job.sends_sigterm && !sends_sigterm {
                await_reports();
            }
            return of(status);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let _ = wrapper.kill().and_then(|()| wrapper.wait());
            return Ending::Hung;
        }
        if sends_sigterm && reports().is_ok_and(|started| !started.is_empty()) {
            let _ = kill(pid, Signal::SIGTERM);
            sends_sigterm = false;
        }
        match &end {
            Some(end) if !sends_sigterm => {
                let mut end = [PollFd::new(end.as_fd(), PollFlags::POLLIN)];
                let _ = poll(&mut end, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
            }
            _ => std::thread::sleep(LOOK),
        }
    }
}

/// Waits until every stand-in has told that it heard the signal, for as long as one may take for it.
fn await_reports() {
    let deadline = Instant::now() + GRACE;
    let all_told = || reports().is_ok_and(|started| started.iter().all(|one| one.heard_sigterm));
    while !all_told() && Instant::now() < deadline {
        std::thread::sleep(LOOK);
    }
}

fn of(status: ExitStatus) -> Ending {
    match (status.code().map(u8::try_from), status.signal()) {
        (Some(Ok(code)), _) => Ending::Exited(code),
        (_, Some(signal)) => Ending::Killed(signal),
        _ => Ending::Hung,
    }
}

/// How many processes and threads were started after this one: their numbers are given out one after the other, and the
/// last field of this file is the latest (proc_loadavg(5)).
fn processes_since(wrapper: u32) -> Result<u32, String> {
    let text = fs::read_to_string(LATEST).map_err(|error| format!("{LATEST}: {error}"))?;
    let latest: Option<u32> = text.split_ascii_whitespace().next_back().and_then(|number| number.parse().ok());
    latest.and_then(|latest| latest.checked_sub(wrapper)).ok_or_else(|| format!("{LATEST} is not understood: {text}"))
}

/// What the stand-ins told.
fn reports() -> Result<Vec<Started>, String> {
    let Ok(file) = File::open(REPORTS) else { return Ok(Vec::new()) };
    let mut started: Vec<(u32, Started)> = Vec::new();
    let mut file = io::BufReader::new(file);
    while let Some(report) = messages::read(&mut file).map_err(|error| format!("{REPORTS}: {error}"))? {
        match report {
            Report::Started(pid, one) => started.push((pid, one)),
            Report::HeardSigterm(pid) => {
                started.iter_mut().filter(|one| one.0 == pid).for_each(|one| one.1.heard_sigterm = true);
            }
        }
    }
    Ok(started.into_iter().map(|(_, one)| one).collect())
}
