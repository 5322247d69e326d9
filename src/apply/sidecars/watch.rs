//! Whether the runtime still runs. It is no child of the supervisor, so nobody tells it.

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::descriptors::above_standard;
use super::processes::Process;

/// The runtime, from the outside.
#[derive(Debug)]
pub(super) struct Watch {
    pid: Pid,
    /// Readable once the process has ended (pidfd_open(2)). `None` where a sandbox refuses it.
    descriptor: Option<OwnedFd>,
    /// When the process started, so that another one of the same number is not taken for it. Not asked for with a pidfd.
    started: Option<u64>,
}

impl Watch {
    /// Watches a process that cannot have ended yet.
    pub(super) fn new(pid: Pid) -> Watch {
        let descriptor = pidfd(pid).and_then(|descriptor| above_standard(descriptor).ok());
        let started = match descriptor {
            Some(_) => None,
            None => Process::read(pid).map(|process| process.started),
        };
        Watch { pid, descriptor, started }
    }

    /// What becomes readable at the end; `None`: ask [`Watch::has_ended`] again and again.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.descriptor.as_ref().map(AsFd::as_fd)
    }

    /// Whether the process has ended, for want of a pidfd by what /proc says or, without it, whether a signal would reach
    /// it.
    pub(super) fn has_ended(&self) -> bool {
        match (Process::read(self.pid), self.started) {
            (Some(process), Some(started)) => process.started != started || process.has_ended(),
            // Without a /proc, or where it hides the processes of others.
            _ => kill(self.pid, None) == Err(Errno::ESRCH),
        }
    }
}

/// Readable once the process has ended. `None` where a sandbox refuses it.
#[expect(unsafe_code, reason = "pidfd_open(2), which nix does not have")]
pub(crate) fn pidfd(pid: Pid) -> Option<OwnedFd> {
    // SAFETY: the call takes numbers and gives a new descriptor, which it marks close-on-exec.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    let descriptor = RawFd::try_from(descriptor).ok().filter(|descriptor| *descriptor >= 0)?;
    // SAFETY: the kernel has just made it.
    Some(unsafe { OwnedFd::from_raw_fd(descriptor) })
}
