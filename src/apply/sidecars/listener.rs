//! The listener: stays in the runtime's process group, where the platform's SIGTERM arrives, and cleans up when the
//! supervisor is killed.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{MsgFlags, recv, send};
use nix::unistd::Pid;

use super::descriptors::{close_all_but, place};
use super::mission::Mission;
use super::processes::Family;

/// How often the processes of a dead supervisor are killed once more before those that cannot be are given up.
const ATTEMPTS: usize = 400;

/// Runs until the supervisor ends. Every signal is blocked already.
///
/// `supervisor` brings the sessions of the sidecars as they are begun, and negated as they are gone; it is told of
/// SIGTERM.
pub(super) fn listen(mission: &Mission, supervisor: OwnedFd, presence: Option<&OwnedFd>) {
    // It holds none of the runtime's pipes.
    for number in 0..=2 {
        let _ = place(None, number);
    }
    let kept = [Some(supervisor.as_raw_fd()), presence.map(AsRawFd::as_raw_fd)];
    close_all_but(&kept.into_iter().flatten().collect::<Vec<_>>());
    let mut terminate = SigSet::empty();
    terminate.add(Signal::SIGTERM);
    let signals = SignalFd::with_flags(&terminate, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).ok();
    let mut sessions = Vec::new();
    loop {
        let mut ready = vec![PollFd::new(supervisor.as_fd(), PollFlags::POLLIN)];
        ready.extend(signals.as_ref().map(|signals| PollFd::new(signals.as_fd(), PollFlags::POLLIN)));
        if poll(&mut ready, PollTimeout::NONE).is_err() {
            continue;
        }
        if let Some(signals) = &signals {
            while let Ok(Some(signal)) = signals.read_signal() {
                if counts(signal.ssi_pid, mission.platform) {
                    let _ = send(supervisor.as_raw_fd(), &[0], MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT);
                }
            }
        }
        let mut session = [0; 4];
        match recv(supervisor.as_raw_fd(), &mut session, MsgFlags::MSG_DONTWAIT) {
            Ok(4) => match i32::from_le_bytes(session) {
                begun @ 1.. => sessions.push(Pid::from_raw(begun)),
                gone => sessions.retain(|session| session.as_raw() != -gone),
            },
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            _ => break,
        }
    }
    let mut family = Family::new(mission.mark.as_bytes(), &sessions, None);
    for _ in 0..ATTEMPTS {
        if !family.kill() {
            break;
        }
        let _ = poll(&mut [], 5_u8);
    }
}

/// Whether a SIGTERM is the end of the execution environment: it came from the process that started the wrapper, or from
/// outside of this process namespace. A function that signals its own group does not mean its sidecars.
fn counts(sender: u32, platform: Pid) -> bool {
    sender == 0 || sender == platform.as_raw().unsigned_abs()
}
