//! Starts the sidecars, in a supervisor of their own, and waits for those that the runtime needs.
//!
//! The wrapper becomes the runtime, and the runtime must not find a child that it did not start. So the supervisor is
//! forked twice, leaves the runtime's session, where a SIGKILL of the runtime's group does not reach it, and watches the
//! runtime from outside. A listener stays in that group, for the platform's SIGTERM.
#![expect(clippy::disallowed_methods, reason = "this module starts processes")]

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
mod watch;

use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, socketpair};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid, setsid};

use crate::apply::log;
use crate::arena::Arena;
use crate::library::Library;
use crate::plan::sidecars::Sidecar;
use crate::plan::{Level, Message};
use crate::problem::{Code, Problem};
use crate::start::Start;
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
    channel: OwnedFd,
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

/// Starts sidecars and waits until those that tell are ready. `None`: there is no supervisor, as a warning says.
///
/// # Errors
///
/// A sidecar that is required could not be started or did not become ready. The supervisor ends the others when this
/// process does.
pub fn start(
    sidecars: &[Sidecar],
    library: &Library,
    start: &Start<'_>,
    arena: &'static Arena,
) -> Result<Option<Supervision>, Problem> {
    let warn = |problem: Problem| {
        let help = problem.help.map_or_else(String::new, |help| format!("; {help}"));
        let text = problem.message + &help;
        let warning = Message { level: Level::Warn, text, code: Some(problem.code), origin: problem.origin };
        log::write(&[warning], library, start);
    };
    let longest = sidecars.iter().map(|sidecar| sidecar.stop_timeout).max().unwrap_or_default();
    if !presence::wait_for_others(start, longest + PATIENCE) {
        let message =
            "the sidecars of the former init have not ended in time; those of this one are started all the same";
        warn(Problem::nowhere(Code::StillThere, message));
    }
    let required = sidecars.iter().find(|sidecar| sidecar.required);
    let channel = match supervise(sidecars, library, start, arena) {
        Ok(channel) => channel,
        Err(errno) => {
            let problem = no_supervisor(errno.desc());
            return match required {
                Some(sidecar) => Err(Problem { origin: Some(sidecar.origin), ..problem }),
                None => {
                    warn(problem);
                    Ok(None)
                }
            };
        }
    };
    let mut awaited: Vec<bool> = sidecars.iter().map(is_awaited).collect();
    let mut up = false;
    while !up || awaited.contains(&true) {
        let Some((number, outcome)) = next_outcome(&channel) else {
            let problem = no_supervisor("it has ended");
            let lost = sidecars.iter().zip(&awaited).find(|(sidecar, awaited)| sidecar.required && **awaited);
            return match lost {
                Some((sidecar, _)) => Err(Problem { origin: Some(sidecar.origin), ..problem }),
                None => {
                    warn(problem);
                    Ok(None)
                }
            };
        };
        up |= number == UP;
        let Some(sidecar) = sidecars.get(usize::from(number)) else { continue };
        awaited[usize::from(number)] = false;
        match outcome.problem(sidecar) {
            Some(problem) if sidecar.required => return Err(problem),
            Some(problem) => warn(problem),
            None => {}
        }
    }
    Ok(Some(Supervision { channel }))
}

fn no_supervisor(why: &str) -> Problem {
    Problem::nowhere(Code::SupervisorFailed, format!("there is no supervisor for the sidecars: {why}"))
        .help("the function may be at its limit of processes or of memory")
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
    arena: &'static Arena,
) -> Result<OwnedFd, Errno> {
    let presence = presence::announce(start);
    let (ours, theirs) = pair()?;
    let runtime = getpid();
    // What is allocated from here on is all that the supervisor knows.
    let mark = arena.mark();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let mission = Mission::new(sidecars, library, start, runtime, getppid(), now);
    // SAFETY: there is one thread, so no lock is held by another.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            drop(theirs);
            match wait_for(child) {
                0 => Ok(ours),
                errno => Err(Errno::from_raw(errno)),
            }
        }
        ForkResult::Child => {
            drop(ours);
            // The wrapper waits for this process, so it cannot have ended before it is watched, or its parent changes.
            let watch = Watch::new(runtime);
            if getppid() == runtime {
                // SAFETY: as above.
                match unsafe { fork() } {
                    Ok(ForkResult::Parent { .. }) => end(0),
                    Ok(ForkResult::Child) => run(mission, watch, theirs, presence, || {
                        // SAFETY: the mission and what is made of it was allocated behind the mark.
                        unsafe { arena.forget(mark) };
                        forget_environment();
                    }),
                    Err(errno) => end(errno as i32),
                }
            }
            end(libc::ESRCH)
        }
    }
}

fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (one, other) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
    Ok((above_standard(one)?, above_standard(other)?))
}

/// The exit status of a child. Where SIGCHLD is ignored there is none, and the child has ended (wait(2)).
fn wait_for(child: Pid) -> i32 {
    loop {
        match waitpid(child, None) {
            Err(Errno::EINTR) => {}
            Err(_) => return 0,
            Ok(WaitStatus::Exited(_, status)) => return status,
            Ok(_) => return libc::ESRCH,
        }
    }
}

/// The supervisor's whole life, and the listener's.
#[expect(unsafe_code, reason = "fork(2) in a process with one thread")]
fn run(mut mission: Mission, watch: Watch, wrapper: OwnedFd, presence: Option<OwnedFd>, forget: impl Fn()) -> ! {
    let signals = Signals::block();
    fill_standard();
    let mut ties = Ties { watch, wrapper: Some(wrapper), listener: None, listener_pid: None, presence };
    if let Ok((ours, theirs)) = pair() {
        // SAFETY: there is one thread, so no lock is held by another.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => {
                drop(ours);
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
    let _ = setsid();
    if let Ok(mut supervisor) = Supervisor::start(mission, ties, signals) {
        call_it(c"forerun-super");
        supervisor.forget();
        forget();
        supervisor.run();
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
