//! Starts the sidecars, in a supervisor of their own, and waits for those that the runtime needs.
//!
//! The wrapper becomes the runtime, and the runtime must not find a child that it did not start. So the supervisor is
//! forked twice, leaves the runtime's session, where a SIGKILL of the runtime's group does not reach it, and watches the
//! runtime from outside. A listener stays in that group, for the platform's SIGTERM.
#![expect(clippy::disallowed_methods, reason = "this module starts processes")]

mod beside;
mod channel;
mod descriptors;
mod listener;
mod mission;
mod outcome;
mod presence;
mod processes;
mod readiness;
mod spawn;
mod supervisor;
pub(crate) mod watch;

use std::ffi::CStr;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, socketpair};
use nix::unistd::{ForkResult, fork, getpid, getppid, pipe2, read, setsid};

use crate::apply::log;
use crate::arena::Arena;
use crate::library::Library;
use crate::plan::Message;
use crate::plan::sidecars::Sidecar;
use crate::problem::{Code, Problem};
use crate::start::Start;
use beside::{beside, status_of};
use descriptors::{above_standard, fill_standard};
use mission::Mission;
use outcome::{Outcome, Record, UP};
use spawn::Signals;
use supervisor::{Supervisor, Ties, is_awaited};
use watch::Watch;

/// How long the next init waits for the former one's sidecars, beyond the longest time that one of them has to stop.
const PATIENCE: Duration = Duration::from_millis(300);

/// The supervisor, as the wrapper sees it.
#[derive(Debug)]
pub struct Supervision {
    /// Closed by the exec and not before, which would wake the supervisor in the middle of it.
    channel: ManuallyDrop<OwnedFd>,
}

impl Supervision {
    /// Lets the supervisor hold a connection for as long as the runtime runs.
    ///
    /// # Errors
    ///
    /// The supervisor is gone.
    pub fn hold(&self, connection: &OwnedFd) -> Result<(), Errno> {
        channel::give(&self.channel, connection)
    }
}

/// Starts sidecars and waits until those that tell are ready. With `graceful` the supervisor will be given a connection to
/// hold. `None`: there is no supervisor, as a warning says.
///
/// # Errors
///
/// A sidecar that is required could not be started or did not become ready. The supervisor ends the others when this
/// process does.
pub fn start(
    sidecars: &[Sidecar],
    library: &Library,
    start: &Start<'_>,
    graceful: bool,
    arena: &'static Arena,
) -> Result<Option<Supervision>, Problem> {
    let warn = |problem: Problem| log::write(&[Message::warning(problem)], library, start);
    let longest = sidecars.iter().map(|sidecar| sidecar.stop_timeout).max().unwrap_or_default();
    if !presence::wait_for_others(start, longest + PATIENCE) {
        let message =
            "the sidecars of the former init have not ended in time; those of this one are started all the same";
        warn(Problem::nowhere(Code::StillThere, message));
    }
    // Without a supervisor there are no sidecars, those that were ready before included.
    let unsupervised = |why: &str| match sidecars.iter().find(|sidecar| sidecar.required) {
        Some(sidecar) => Err(Problem { origin: Some(sidecar.origin), ..no_supervisor(why) }),
        None => {
            warn(no_supervisor(why));
            Ok(None)
        }
    };
    let channel = match supervise(sidecars, library, start, graceful, arena) {
        Ok(channel) => channel,
        Err(errno) => return unsupervised(errno.desc()),
    };
    let mut awaited: Vec<bool> = sidecars.iter().map(is_awaited).collect();
    let mut up = false;
    while !up || awaited.contains(&true) {
        let Some((number, outcome)) = next_outcome(&channel) else { return unsupervised("it has ended") };
        up |= number == UP;
        let Some(sidecar) = sidecars.get(usize::from(number)) else { continue };
        awaited[usize::from(number)] = false;
        match outcome.problem(sidecar) {
            Some(problem) if sidecar.required => return Err(problem),
            Some(problem) => warn(problem),
            None => {}
        }
    }
    Ok(Some(Supervision { channel: ManuallyDrop::new(channel) }))
}

fn no_supervisor(why: &str) -> Problem {
    Problem::nowhere(Code::SupervisorFailed, format!("there is no supervisor for the sidecars: {why}"))
        .help("the function may be at its limit of processes or of memory, or something has killed it")
}

/// `None`: the supervisor is gone.
fn next_outcome(channel: &OwnedFd) -> Option<(u16, Outcome)> {
    let mut record = Record::default();
    loop {
        match recv(channel.as_raw_fd(), &mut record, MsgFlags::empty()) {
            Err(Errno::EINTR) => {}
            Ok(length) if length == record.len() => return Outcome::read(record),
            _ => return None,
        }
    }
}

/// Forks the supervisor; returns the wrapper's end of the channel.
#[expect(unsafe_code, reason = "fork(2) in a process with one thread")]
fn supervise(
    sidecars: &[Sidecar],
    library: &Library,
    start: &Start<'_>,
    graceful: bool,
    arena: &'static Arena,
) -> Result<OwnedFd, Errno> {
    let presence = presence::announce(start);
    let (ours, theirs) = pair()?;
    let runtime = getpid();
    // What is allocated from here on is all that the supervisor knows.
    let mark = arena.mark();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let mission = Mission::new(sidecars, library, start, graceful, now);
    // Taken only by the supervisor, whose memory is its own.
    let mut for_supervisor = Some((mission, theirs, presence));
    let mut fork_supervisor = || {
        // The wrapper waits for this process, so it cannot have ended before it is watched, or its parent changes.
        let watch = Watch::new(runtime);
        if getppid() != runtime {
            return libc::ESRCH;
        }
        // SAFETY: there is one thread, so no lock is held by another.
        match unsafe { fork() } {
            Ok(ForkResult::Parent { .. }) => 0,
            Ok(ForkResult::Child) => match for_supervisor.take() {
                Some((mission, wrapper, presence)) => run(mission, watch, wrapper, presence, || {
                    // SAFETY: the mission and what is made of it was allocated behind the mark, and so was this stack.
                    unsafe { arena.forget(mark) };
                    forget_environment();
                }),
                None => end(0),
            },
            Err(errno) => errno as i32,
        }
    };
    // Without a signal none is left for the runtime.
    // SAFETY: there is one thread, and nothing is changed but in the supervisor.
    let intermediate = unsafe { beside(&mut fork_supervisor, 0) }?;
    match status_of(intermediate)? {
        0 => Ok(ours),
        errno => Err(Errno::from_raw(errno)),
    }
}

fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (one, other) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
    Ok((above_standard(one)?, above_standard(other)?))
}

/// The supervisor's whole life, and the listener's.
#[expect(unsafe_code, reason = "fork(2) in a process with one thread")]
fn run(mut mission: Mission, watch: Watch, wrapper: OwnedFd, presence: Option<OwnedFd>, forget: impl Fn()) -> ! {
    let signals = Signals::block();
    fill_standard();
    let mut ties = Ties { watch, wrapper: Some(wrapper), listener: None, listener_pid: None, presence };
    // The listener has time until the sidecars run: it begins when nobody holds the other end of this pipe any more.
    let (gate, opener) = pipe2(OFlag::O_CLOEXEC).map_or((None, None), |(gate, opener)| (Some(gate), Some(opener)));
    if let Ok((ours, theirs)) = pair() {
        // SAFETY: there is one thread, so no lock is held by another.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => {
                drop((ours, opener));
                let _ = gate.map(|gate| read(gate, &mut [0]));
                call_it(c"forerun-listen");
                mission.forget(|_| true);
                forget();
                listener::listen(&mission, theirs, ties.presence.as_ref());
                end(0);
            }
            Ok(ForkResult::Parent { child }) => (ties.listener, ties.listener_pid) = (Some(ours), Some(child)),
            // Without one the runtime's end is seen all the same.
            Err(_) => {}
        }
    }
    drop(gate);
    let _ = setsid();
    if let Ok(supervisor) = Supervisor::start(mission, ties, signals) {
        drop(opener);
        supervisor.run(|| {
            call_it(c"forerun-super");
            forget();
        });
    }
    end(0)
}

/// The name that `ps` shows, where the kernel lets us give one.
#[expect(unsafe_code, reason = "prctl(2)")]
fn call_it(name: &CStr) {
    // SAFETY: the name is a C string, of which the kernel takes 15 bytes.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
}

/// Overwrites the strings of this process's environment, which hold the function's secrets.
#[expect(unsafe_code, reason = "the strings lie where the kernel put them")]
fn forget_environment() {
    unsafe extern "C" {
        static mut environ: *mut *mut libc::c_char;
    }
    // SAFETY: a null-terminated array of C strings that nobody in this process reads any more.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            std::ptr::write_bytes(*entry, 0, libc::strlen(*entry));
            entry = entry.add(1);
        }
    }
}

/// Ends this process without what is registered for the end of the wrapper.
#[expect(unsafe_code, reason = "_exit(2)")]
fn end(status: i32) -> ! {
    // SAFETY: the call does not return.
    unsafe { libc::_exit(status) }
}
