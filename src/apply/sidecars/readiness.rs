//! Whether a sidecar is ready: told by itself, seen by a watch on a folder, or asked again and again, in that order of
//! preference.
#![expect(clippy::disallowed_methods, reason = "this module asks the kernel and the clock")]

use std::ffi::{CStr, OsStr};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, SockaddrLike, SockaddrStorage, UnixAddr, bind, connect, getpeername,
    getsockname, getsockopt, recv, send, socket, sockopt,
};
use nix::unistd::{AccessFlags, access};

use super::descriptors::above_standard;
use crate::plan::sidecars::Target;
use crate::profile::address::Url;

/// Between two questions to a port: at first, and after half a second.
const PORT_RETRY: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(10)];
/// Between an answer that it is not ready yet and the next question: each stands in the server's log.
const ANSWERED_RETRY: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];
/// How long one answer is waited for: a server that is still starting may take a request and lose it.
const ANSWER: Duration = Duration::from_millis(250);
/// Between two questions to a Unix socket whose file is there: it was bound, and will listen at once.
const SOCKET_RETRY: [Duration; 2] = [Duration::from_micros(50), Duration::from_millis(2)];
/// Between two looks at a folder that is watched: it may have been replaced by another one.
const FOLDER_RETRY: Duration = Duration::from_millis(20);
/// How long a port may take to show that it is taken, in milliseconds; this machine's own answer at once.
const LONGEST_LOOK: u8 = 20;

/// The wait for one sidecar.
#[derive(Debug)]
pub(super) struct Probe {
    kind: Kind,
    begun: Instant,
    /// When it is worth asking again; `None`: when the descriptor says so.
    next: Option<Instant>,
    /// The status of the last answer; 0: none has come.
    status: u16,
    /// The connection on which an answer has come. To close it while more comes would be an error for the server.
    answered: Option<OwnedFd>,
}

#[derive(Debug)]
enum Kind {
    Notify(OwnedFd),
    Path { path: std::ffi::CString, is_socket: bool, watch: Option<Inotify> },
    Port { address: SocketAddr, url: Option<Url>, attempt: Option<Attempt> },
}

/// A connection that is not made yet, or an answer that has not come yet.
#[derive(Debug)]
struct Attempt {
    stream: OwnedFd,
    asked: bool,
}

/// Whether a target answers now, before its sidecar is started.
pub(super) fn in_use(target: &Target) -> bool {
    match target {
        Target::Notify => false,
        Target::File(path) => exists(path),
        Target::Unix(path) => accepts(path),
        Target::Tcp(address) | Target::Http(Url { address, .. }) => match connect_to(*address) {
            Some((_, Connection::Made)) => true,
            Some((stream, Connection::Pending)) => {
                let mut made = [PollFd::new(stream.as_fd(), PollFlags::POLLOUT)];
                poll(&mut made, LONGEST_LOOK).is_ok_and(|ready| ready > 0) && is_connected(&stream)
            }
            None => false,
        },
    }
}

impl Probe {
    /// Begins to wait. `name` is that of the notify socket, which has to be there before the sidecar starts.
    pub(super) fn new(target: &Target, name: &str) -> Result<Probe, Errno> {
        let kind = match target {
            Target::Notify => Kind::Notify(notify_socket(name)?),
            Target::Unix(path) => Kind::Path { path: path.clone(), is_socket: true, watch: watch(path) },
            Target::File(path) => Kind::Path { path: path.clone(), is_socket: false, watch: watch(path) },
            Target::Tcp(address) => Kind::Port { address: *address, url: None, attempt: None },
            Target::Http(url) => Kind::Port { address: url.address, url: Some(url.clone()), attempt: None },
        };
        let begun = Instant::now();
        let next = (!matches!(kind, Kind::Notify(_))).then_some(begun);
        Ok(Probe { kind, begun, next, status: 0, answered: None })
    }

    /// The status of the last answer of a URL; 0: none has come.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// A connection that has served its purpose and has to be read to its end.
    pub(super) fn take_answered(&mut self) -> Option<OwnedFd> {
        self.answered.take()
    }

    /// Whether it has to be listened to for as long as the sidecar runs: a sender would wait for a full queue to empty.
    pub(super) fn lasts(&self) -> bool {
        matches!(self.kind, Kind::Notify(_))
    }

    /// What to wait for.
    pub(super) fn descriptor(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        match &self.kind {
            Kind::Notify(socket) => Some((socket.as_fd(), PollFlags::POLLIN)),
            Kind::Path { watch, .. } => watch.as_ref().map(|watch| (watch.as_fd(), PollFlags::POLLIN)),
            Kind::Port { attempt: Some(Attempt { stream, asked }), .. } => {
                Some((stream.as_fd(), if *asked { PollFlags::POLLIN } else { PollFlags::POLLOUT }))
            }
            Kind::Port { .. } => None,
        }
    }

    /// When to ask again at the latest.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Asks, when there is a reason to: the time has come, or the descriptor is ready. Whether the sidecar is.
    pub(super) fn ask(&mut self, now: Instant, descriptor_is_ready: bool) -> bool {
        if !descriptor_is_ready && self.next.is_none_or(|next| next > now) {
            return false;
        }
        let waited = now - self.begun;
        match &mut self.kind {
            Kind::Notify(socket) => says_ready(socket),
            Kind::Path { path, is_socket, watch: watched } => {
                if let Some(watched) = watched {
                    let _ = watched.read_events();
                } else {
                    *watched = watch(path);
                }
                let is_there = exists(path);
                if is_there && (!*is_socket || accepts(path)) {
                    return true;
                }
                self.next = match (is_there, watched) {
                    (true, _) => Some(now + backing_off(waited, SOCKET_RETRY)),
                    (false, Some(_)) => Some(now + FOLDER_RETRY),
                    (false, None) => Some(now + backing_off(waited, PORT_RETRY)),
                };
                false
            }
            Kind::Port { address, url, attempt } => {
                let mut retry = PORT_RETRY;
                let answer = match attempt.take() {
                    // The time for an answer is over.
                    Some(_) if !descriptor_is_ready => Some(false),
                    None => begin(*address, url.as_ref(), attempt),
                    Some(Attempt { stream, asked: false }) if is_connected(&stream) => {
                        connected(stream, url.as_ref(), attempt)
                    }
                    Some(Attempt { asked: false, .. }) => Some(false),
                    Some(Attempt { stream, asked: true }) => {
                        self.status = status(&stream);
                        self.answered = Some(stream);
                        retry = ANSWERED_RETRY;
                        Some((200..400).contains(&self.status))
                    }
                };
                self.next = Some(now + if answer.is_some() { backing_off(waited, retry) } else { ANSWER });
                answer == Some(true)
            }
        }
    }
}

/// Longer and longer, from the first to the second, which is reached after half a second.
fn backing_off(waited: Duration, [first, last]: [Duration; 2]) -> Duration {
    const SLOW: u32 = 500;
    let waited = u32::try_from(waited.as_millis()).unwrap_or(SLOW).min(SLOW);
    first + (last - first) * waited / SLOW
}

fn notify_socket(name: &str) -> Result<OwnedFd, Errno> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = above_standard(socket(AddressFamily::Unix, SockType::Datagram, flags, None)?)?;
    bind(socket.as_raw_fd(), &UnixAddr::new_abstract(name.as_bytes())?)?;
    Ok(socket)
}

/// Reads what has come, up to the word and not for ever. A message is lines of `NAME=value` (sd_notify(3)); descriptors
/// that come along are closed by the kernel, since nobody takes them.
fn says_ready(socket: &OwnedFd) -> bool {
    let mut message = [0; 4096];
    for _ in 0..64 {
        let Ok(length) = recv(socket.as_raw_fd(), &mut message, MsgFlags::MSG_DONTWAIT) else { break };
        if message[..length].split(|&byte| byte == b'\n').any(|line| line == b"READY=1") {
            return true;
        }
    }
    false
}

/// Tells of everything that comes into being in the folder of a path. `None`: the folder is not there yet.
fn watch(path: &CStr) -> Option<Inotify> {
    let folder = Path::new(OsStr::from_bytes(path.to_bytes())).parent()?;
    let watch = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok()?;
    watch.add_watch(folder, AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO).ok()?;
    Some(watch)
}

fn exists(path: &CStr) -> bool {
    access(path, AccessFlags::F_OK).is_ok()
}

/// Whether somebody listens on a Unix socket. A full queue and a socket for datagrams are somebody too.
fn accepts(path: &CStr) -> bool {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let (Ok(socket), Ok(address)) =
        (socket(AddressFamily::Unix, SockType::Stream, flags, None), UnixAddr::new(path.to_bytes()))
    else {
        return false;
    };
    matches!(connect(socket.as_raw_fd(), &address), Ok(()) | Err(Errno::EAGAIN | Errno::EPROTOTYPE))
}

enum Connection {
    Made,
    Pending,
}

fn connect_to(address: SocketAddr) -> Option<(OwnedFd, Connection)> {
    let storage = SockaddrStorage::from(address);
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let stream = above_standard(socket(storage.family()?, SockType::Stream, flags, None).ok()?).ok()?;
    match connect(stream.as_raw_fd(), &storage) {
        Ok(()) => (!is_to_itself(&stream)).then_some((stream, Connection::Made)),
        Err(Errno::EINPROGRESS) => Some((stream, Connection::Pending)),
        Err(_) => None,
    }
}

/// Where nobody listens, a connection may be given the very port that it asks for, and meet itself.
fn is_to_itself(stream: &OwnedFd) -> bool {
    let (own, peer) =
        (getsockname::<SockaddrStorage>(stream.as_raw_fd()), getpeername::<SockaddrStorage>(stream.as_raw_fd()));
    own.is_ok() && own == peer
}

fn is_connected(stream: &OwnedFd) -> bool {
    getsockopt(stream, sockopt::SocketError) == Ok(0) && !is_to_itself(stream)
}

/// Begins to connect: `Some` when the answer is known at once.
fn begin(address: SocketAddr, url: Option<&Url>, attempt: &mut Option<Attempt>) -> Option<bool> {
    match connect_to(address) {
        Some((stream, Connection::Made)) => connected(stream, url, attempt),
        Some((stream, Connection::Pending)) => {
            *attempt = Some(Attempt { stream, asked: false });
            None
        }
        None => Some(false),
    }
}

/// A port that is connected to is ready; a URL has to be asked for.
fn connected(stream: OwnedFd, url: Option<&Url>, attempt: &mut Option<Attempt>) -> Option<bool> {
    let Some(url) = url else { return Some(true) };
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", url.path, url.host);
    if send(stream.as_raw_fd(), request.as_bytes(), MsgFlags::MSG_NOSIGNAL) != Ok(request.len()) {
        return Some(false);
    }
    *attempt = Some(Attempt { stream, asked: true });
    None
}

/// The status that the answer begins with; 0: it is none.
fn status(stream: &OwnedFd) -> u16 {
    let mut head = [0; 4096];
    let read = recv(stream.as_raw_fd(), &mut head, MsgFlags::MSG_DONTWAIT);
    let digits = matches!(read, Ok(12..)) && head.starts_with(b"HTTP/1.");
    let digits = if digits { std::str::from_utf8(&head[9..12]).unwrap_or_default() } else { "" };
    digits.parse().unwrap_or_default()
}

/// Reads what has come. Whether more may come.
pub(super) fn drain(stream: &OwnedFd) -> bool {
    let mut rest = [0; 4096];
    match recv(stream.as_raw_fd(), &mut rest, MsgFlags::MSG_DONTWAIT) {
        Ok(0) => false,
        Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => true,
        Err(_) => false,
    }
}
