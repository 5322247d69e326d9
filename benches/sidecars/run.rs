//! One run, from the start of the launcher until nothing of it is left.
#![expect(unsafe_code, reason = "std does not tell the time of the clock that C programs ask, and sends no signals")]

use std::io::{ErrorKind, PipeReader, Read};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::Outcome;
use crate::stage::{Act, Stage};
use crate::task;

/// Between two looks at what was printed. Who waited for it would be woken, on the one CPU, by whom it measures.
const STEP: Duration = Duration::from_millis(3);

/// What was printed, and when the launcher was started. Times are those of CLOCK_MONOTONIC, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) started: u64,
    pub(crate) runtime: Option<Runtime>,
    pub(crate) sidecar: Option<Sidecar>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Runtime {
    pub(crate) pid: i32,
    /// Its first instruction.
    pub(crate) first: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sidecar {
    pub(crate) pid: i32,
    /// Its first instruction.
    pub(crate) first: u64,
    /// Before the system call that made it ready: who waits for it may run before it returns.
    pub(crate) ready: u64,
}

/// A run that goes on.
pub(crate) struct Going {
    act: Act,
    child: Child,
    output: PipeReader,
    /// What was read of a line that is not whole yet.
    line: Vec<u8>,
    killed: bool,
    pub(crate) run: Run,
}

/// Starts a run, which goes on until it is ended. A program may be put before the command, as a tracer is.
pub(crate) fn start(stage: &Stage<'_>, act: Act, number: usize, through: &[&Path]) -> Outcome<Going> {
    let argv = stage.argv(act);
    let mut argv = through.iter().map(|part| part.as_os_str()).chain(argv.iter().map(AsRef::as_ref));
    let program = argv.next().ok_or("an empty command")?;
    // Whoever writes to it still runs: when it ends, all have ended.
    let (output, writer) = std::io::pipe().map_err(|error| format!("pipe: {error}"))?;
    // SAFETY: a system call on a number, which is that of our own descriptor.
    unsafe { libc::fcntl(output.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    let errors = writer.try_clone().map_err(|error| format!("pipe: {error}"))?;
    let mut command = task::command(program.as_ref(), &stage.environment(act, number));
    command.args(argv).stdin(Stdio::null()).stdout(writer).stderr(errors);
    let started = now();
    let child = command.spawn().map_err(|error| format!("cannot start {program:?}: {error}"))?;
    drop(command);
    let run = Run { started, runtime: None, sidecar: None };
    let mut going = Going { act, child, output, line: Vec::new(), killed: false, run };
    while act.has_runtime() && going.run.runtime.is_none() || act.has_sidecar() && going.run.sidecar.is_none() {
        if !going.listen()? {
            return Err(format!("{act:?} ended before everything was printed: {:?}", going.run));
        }
    }
    Ok(going)
}

impl Going {
    /// Ends the runtime and waits until nothing is left.
    pub(crate) fn end(mut self) -> Outcome<Run> {
        self.kill();
        while self.listen()? {}
        self.child.wait().map_err(|error| format!("wait: {error}"))?;
        Ok(self.run)
    }

    /// Ends the runtime, and the sidecar where nobody else does.
    fn kill(&mut self) {
        if std::mem::replace(&mut self.killed, true) {
            return;
        }
        let sidecar = self.run.sidecar.filter(|_| !self.act.cleans_up());
        for pid in self.run.runtime.map(|runtime| runtime.pid).into_iter().chain(sidecar.map(|sidecar| sidecar.pid)) {
            // SAFETY: a system call on numbers; both have told theirs, and nothing but this ends them.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
    }

    /// `false`: nobody is left who could print anything.
    fn listen(&mut self) -> Outcome<bool> {
        let mut piece = [0; 1024];
        let length = match self.output.read(&mut piece) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                sleep(STEP);
                return Ok(true);
            }
            read => read.map_err(|error| format!("reading: {error}"))?,
        };
        self.line.extend_from_slice(&piece[..length]);
        while let Some(end) = self.line.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            self.note(&String::from_utf8_lossy(&line))?;
        }
        Ok(length > 0)
    }

    fn note(&mut self, line: &str) -> Outcome<()> {
        let mut words = line.split_whitespace();
        let kind = words.next();
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        match (kind, &numbers[..]) {
            (Some("runtime"), &[pid, first]) => self.run.runtime = Some(Runtime { pid: pid_from(pid)?, first }),
            (Some("sidecar"), &[pid, first, ready]) => {
                self.run.sidecar = Some(Sidecar { pid: pid_from(pid)?, first, ready });
            }
            _ => return Err(format!("{:?} says: {line}", self.act)),
        }
        Ok(())
    }
}

impl Drop for Going {
    /// After an error, which is what will be told.
    fn drop(&mut self) {
        if !self.killed {
            self.kill();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn pid_from(number: u64) -> Outcome<i32> {
    i32::try_from(number).map_err(|error| format!("{number}: {error}"))
}

/// CLOCK_MONOTONIC in nanoseconds.
fn now() -> u64 {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is valid for a write, and this clock is always there, so it is written.
    let time = unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, time.as_mut_ptr());
        time.assume_init()
    };
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
