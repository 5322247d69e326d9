//! A child that shares this process's memory while that waits, as with vfork(2): nothing is copied for it.
#![expect(unsafe_code, reason = "clone(2)")]

use std::ffi::{c_int, c_void};

use nix::errno::Errno;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// The stack of the child, and of what it forks. Pages that are not touched cost nothing.
const STACK: usize = 1 << 20;

/// What the child does; its value is the exit status.
type Work<'w> = &'w mut dyn FnMut() -> c_int;

/// Runs `work` in a child and goes on when that has ended or executes a program. `signal` is sent to this process at its
/// end; 0: none.
///
/// # Safety
///
/// There is one thread. `work` does not change what this process goes on to use, but in a process that it forks.
pub(super) unsafe fn beside(mut work: Work<'_>, signal: c_int) -> Result<Pid, Errno> {
    extern "C" fn enter(work: *mut c_void) -> c_int {
        // SAFETY: it is the pointer that was given to clone(2), and its owner waits.
        let work = unsafe { &mut *work.cast::<Work<'_>>() };
        work()
    }
    let mut stack: Vec<u128> = Vec::with_capacity(STACK / size_of::<u128>());
    // SAFETY: the stack grows down from its end, and is there for as long as the child shares this memory.
    let child = unsafe {
        let top = stack.as_mut_ptr().add(stack.capacity());
        libc::clone(enter, top.cast(), libc::CLONE_VM | libc::CLONE_VFORK | signal, (&raw mut work).cast())
    };
    Errno::result(child).map(Pid::from_raw)
}

/// The exit status of a child that has ended, whatever signal told of it: one that is ignored would take it away.
pub(super) fn status_of(child: Pid) -> Result<c_int, Errno> {
    loop {
        match waitpid(child, Some(WaitPidFlag::__WALL)) {
            Err(Errno::EINTR) => {}
            Ok(WaitStatus::Exited(_, status)) => return Ok(status),
            _ => return Err(Errno::ESRCH),
        }
    }
}
