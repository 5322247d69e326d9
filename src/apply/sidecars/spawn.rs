//! Starts one sidecar: a session of its own, and what it is given.
#![expect(clippy::disallowed_methods, reason = "this module starts programs")]

use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, sigaction};
use nix::sys::socket::{MsgFlags, send};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, chdir, execve, getpid, pipe2, setsid, write};

use super::beside::beside;
use super::descriptors::{above_standard, close_all_but, place};
use super::outcome::Stage;
use crate::plan::sidecars::Sidecar;
use crate::profile::Log;

/// How signals were handled when the wrapper was started, for sidecars to be started the same way.
#[derive(Debug)]
pub(super) struct Signals {
    mask: SigSet,
    children_ignored: bool,
}

impl Signals {
    /// Blocks every signal in this process and makes its children's end known to it.
    #[expect(unsafe_code, reason = "sigaction(2)")]
    pub(super) fn block() -> Signals {
        let mut mask = SigSet::empty();
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut mask));
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: no handler is installed.
        let before = unsafe { sigaction(Signal::SIGCHLD, &default) };
        let children_ignored = before.is_ok_and(|before| matches!(before.handler(), SigHandler::SigIgn));
        Signals { mask, children_ignored }
    }

    #[expect(unsafe_code, reason = "sigaction(2)")]
    fn restore(&self) {
        if self.children_ignored {
            let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
            // SAFETY: no handler is installed.
            let _ = unsafe { sigaction(Signal::SIGCHLD, &ignore) };
        }
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&self.mask), None);
    }
}

/// A sidecar's first process. It is the leader of a session and of a group, so its number is theirs too.
#[derive(Debug)]
pub(super) struct Spawned {
    pub(super) pid: Pid,
    /// Ends when the program is being executed; else [`read_failure`] tells why it is not.
    pub(super) progress: OwnedFd,
}

/// Starts a sidecar. Its session is announced to `listener` before its program is executed.
#[expect(unsafe_code, reason = "a child that shares this process's memory")]
pub(super) fn spawn(sidecar: &Sidecar, signals: &Signals, listener: Option<&OwnedFd>) -> Result<Spawned, Errno> {
    let (progress, report) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    let mut become_sidecar = || {
        let _ = setsid();
        if let Some(listener) = listener {
            let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
            let _ = send(listener.as_raw_fd(), &getpid().as_raw().to_le_bytes(), flags);
        }
        let (stage, errno) = become_program(sidecar, signals, &report);
        let [a, b, c, d] = (errno as i32).to_le_bytes();
        let _ = write(&report, &[stage as u8, a, b, c, d]);
        127
    };
    // SAFETY: there is one thread, and the child changes only itself: descriptors, signals, session and folder.
    let pid = unsafe { beside(&mut become_sidecar, libc::SIGCHLD) }?;
    Ok(Spawned { pid, progress })
}

/// Returns only when that fails.
fn become_program(sidecar: &Sidecar, signals: &Signals, report: &OwnedFd) -> (Stage, Errno) {
    die_with_parent();
    if let Some(folder) = &sidecar.working_directory
        && let Err(errno) = chdir(&folder.text[..])
    {
        return (Stage::Directory, errno);
    }
    if let Err(errno) = standard_descriptors(&sidecar.log) {
        return (Stage::Log, errno);
    }
    close_all_but(&[report.as_raw_fd()]);
    signals.restore();
    let Err(errno) = execve(sidecar.argv.first().map_or(c"", |program| program), &sidecar.argv, &sidecar.env);
    (Stage::Exec, errno)
}

fn standard_descriptors(log: &Log<crate::plan::sidecars::Text>) -> Result<(), Errno> {
    place(None, libc::STDIN_FILENO)?;
    let file = match log {
        Log::Inherit => return Ok(()),
        Log::Null => None,
        Log::File(path) => Some(open_log(&path.text)?),
    };
    place(file.as_ref(), libc::STDOUT_FILENO)?;
    place(file.as_ref(), libc::STDERR_FILENO)
}

fn open_log(path: &CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlag::O_WRONLY | OFlag::O_APPEND | OFlag::O_CREAT | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    // Without O_NONBLOCK a named pipe that nobody reads would hold it up for ever. The sidecar itself expects to wait.
    let file = above_standard(open(path, flags | OFlag::O_NONBLOCK, Mode::from_bits_truncate(0o666))?)?;
    fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND))?;
    Ok(file)
}

/// Where the kernel lets us; nothing rests on it.
#[expect(unsafe_code, reason = "prctl(2)")]
fn die_with_parent() {
    // SAFETY: the call sets a flag of this process.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Why a program is not executed, from what its [`Spawned::progress`] brought. `None`: it is.
pub(super) fn read_failure(report: &[u8]) -> Option<(Stage, Errno)> {
    let [stage, errno @ ..] = report else { return None };
    Some((Stage::numbered(*stage)?, Errno::from_raw(i32::from_le_bytes(errno.try_into().ok()?))))
}
