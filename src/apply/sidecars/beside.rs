//! A child that shares this process's memory while that waits for its end, as with vfork(2): nothing is copied for it.
#![expect(unsafe_code, reason = "clone(2)")]

use std::ffi::{c_int, c_void};

use nix::errno::Errno;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// The stack of the child, and of what it forks. Pages that are not touched cost nothing.
const STACK: usize = 1 << 20;

/// What the child does; its value is the exit status.
type Work<'w> = &'w mut dyn FnMut() -> c_int;

/// Runs `work` in the child and returns its exit status. No SIGCHLD tells of the end, so none is left for the runtime,
/// and none that is ignored takes the status away.
///
/// # Safety
///
/// There is one thread. `work` does not change what this process goes on to use, but in a process that it forks.
pub(super) unsafe fn beside(mut work: Work<'_>) -> Result<c_int, Errno> {
    extern "C" fn enter(work: *mut c_void) -> c_int {
        // SAFETY: it is the pointer that was given to clone(2), and its owner waits.
        let work = unsafe { &mut *work.cast::<Work<'_>>() };
        work()
    }
    let mut stack: Vec<u128> = Vec::with_capacity(STACK / size_of::<u128>());
    // SAFETY: the stack grows down from its end, and is there until the child has ended.
    let child = unsafe {
        let top = stack.as_mut_ptr().add(stack.capacity());
        libc::clone(enter, top.cast(), libc::CLONE_VM | libc::CLONE_VFORK, (&raw mut work).cast())
    };
    let child = Pid::from_raw(Errno::result(child)?);
    loop {
        match waitpid(child, Some(WaitPidFlag::__WALL)) {
            Err(Errno::EINTR) => {}
            Ok(WaitStatus::Exited(_, status)) => return Ok(status),
            _ => return Err(Errno::ESRCH),
        }
    }
}
