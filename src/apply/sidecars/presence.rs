//! The hand-over between two inits of one execution environment: an abstract socket that is there for as long as anything
//! of a start is. Who is connected to it hears when it goes.
#![expect(clippy::disallowed_methods, reason = "this module waits for another process")]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, getsockopt, listen, socket, sockopt,
};
use nix::unistd::{Pid, getpid};

use super::descriptors::above_standard;
use super::processes::Process;
use crate::start::Start;

/// How many starts may be there at once: chained foreruns in one process, and one that did not end in time.
const LANES: u8 = 4;
/// The longest name of an abstract socket (unix(7): 108 bytes with the NUL in front).
const LONGEST_NAME: usize = 107;

/// Waits until the sidecars of the former init are gone, at most `patience`. Whether they are.
pub(super) fn wait_for_others(start: &Start<'_>, patience: Duration) -> bool {
    let mut others: Vec<OwnedFd> = (0..LANES).filter_map(|lane| other(&name(start, lane)?)).collect();
    let begun = Instant::now();
    loop {
        let mut ready: Vec<_> = others.iter().map(|other| PollFd::new(other.as_fd(), PollFlags::POLLIN)).collect();
        let left = patience.saturating_sub(begun.elapsed());
        if ready.is_empty() || left.is_zero() {
            return ready.is_empty();
        }
        let _ = poll(&mut ready, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
        let gone: Vec<bool> = ready.iter().map(|one| one.any().unwrap_or_default()).collect();
        let mut gone = gone.into_iter();
        others.retain(|_| !gone.next().unwrap_or_default());
    }
}

/// A connection to a start that is there. That of an earlier forerun in this very process, or in one above it, is none to
/// wait for: it ends when this process does, or later.
fn other(name: &UnixAddr) -> Option<OwnedFd> {
    let stream = stream()?;
    connect(stream.as_raw_fd(), name).ok()?;
    // The process that called listen(2), which was the wrapper and is now its runtime.
    let peer = getsockopt(&stream, sockopt::PeerCredentials).ok()?;
    let is_other = !is_own_or_above(Pid::from_raw(peer.pid()));
    is_other.then_some(stream)
}

fn is_own_or_above(process: Pid) -> bool {
    let mut ancestor = Some(getpid());
    while let Some(pid) = ancestor.filter(|pid| pid.as_raw() > 0) {
        if pid == process {
            return true;
        }
        ancestor = Process::read(pid).map(|process| process.parent);
    }
    false
}

/// Makes this start known. `None` when that cannot be done: the next init will not wait then.
pub(super) fn announce(start: &Start<'_>) -> Option<OwnedFd> {
    let stream = stream()?;
    (0..LANES).find_map(|lane| bind(stream.as_raw_fd(), &name(start, lane)?).ok())?;
    // Nobody accepts: whoever connects is in the queue until it closes.
    listen(&stream, Backlog::new(64).ok()?).ok()?;
    Some(stream)
}

/// Of one execution environment: every Runtime API has an address of its own in a network namespace.
fn name(start: &Start<'_>, lane: u8) -> Option<UnixAddr> {
    let api = start.env.filled(b"AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    let mut name = [b"forerun:", &b"0123"[usize::from(lane)..=usize::from(lane)], b":", api].concat();
    name.truncate(LONGEST_NAME);
    UnixAddr::new_abstract(&name).ok()
}

fn stream() -> Option<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    above_standard(socket(AddressFamily::Unix, SockType::Stream, flags, None).ok()?).ok()
}
