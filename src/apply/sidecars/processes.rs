//! What /proc tells of processes (proc(5)), and which of them belong to a start.
#![expect(clippy::disallowed_methods, reason = "this module looks at processes")]

use std::fs::File;
use std::io::Read;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::stat::Mode;
use nix::unistd::Pid;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// With this exit status.
    Exited(i32),
    /// By this signal.
    Signaled(i32),
}

/// Takes the status of a child that has ended. `None`: there is none.
///
/// nix's `waitpid` has no word for a death by a real-time signal and would lose the child.
#[expect(unsafe_code, reason = "waitpid(2)")]
pub(super) fn reap() -> Option<(Pid, Status)> {
    let mut status = 0;
    // SAFETY: the status is a live integer.
    let pid = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
    (pid > 0).then(|| {
        let exited = libc::WIFEXITED(status);
        let status =
            if exited { Status::Exited(libc::WEXITSTATUS(status)) } else { Status::Signaled(libc::WTERMSIG(status)) };
        (Pid::from_raw(pid), status)
    })
}

/// A process as /proc/PID/stat shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    state: u8,
    pub(super) parent: Pid,
    session: Pid,
    threads: i32,
    /// In clock ticks after boot.
    pub(super) started: u64,
}

impl Process {
    /// `None` when there is no such process, or no /proc.
    pub(super) fn read(pid: Pid) -> Option<Process> {
        let mut text = [0; 1024];
        let mut file = File::open(format!("/proc/{pid}/stat")).ok()?;
        let length = file.read(&mut text).ok()?;
        Process::parse(&text[..length])
    }

    /// The name of the program stands in parentheses and may hold anything, so fields are counted from the last one.
    fn parse(stat: &[u8]) -> Option<Process> {
        let close = stat.iter().rposition(|&byte| byte == b')')?;
        let mut fields = std::str::from_utf8(stat.get(close + 2..)?).ok()?.split(' ');
        Some(Process {
            state: *fields.next()?.as_bytes().first()?,
            parent: Pid::from_raw(fields.next()?.parse().ok()?),
            session: Pid::from_raw(fields.nth(1)?.parse().ok()?),
            threads: fields.nth(13)?.parse().ok()?,
            started: fields.nth(1)?.parse().ok()?,
        })
    }

    /// Whether nothing is left of it but its exit status. A process whose first thread has ended shows as a zombie too.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X') && self.threads <= 1
    }
}

/// The processes of one start: the sessions of its sidecars, whoever carries its mark in the environment, and this
/// process's children, which are more than it started where it is a subreaper.
#[derive(Debug)]
pub(super) struct Family<'f> {
    /// `FORERUN_SIDECAR=…`, when it is looked for.
    mark: Option<&'f [u8]>,
    sessions: &'f [Pid],
    /// A child of this process that is none of them.
    spared: Option<Pid>,
    /// Those that were found: while a process ends it has no environment any more, and may still hold a port.
    found: Vec<(Pid, u64)>,
}

impl<'f> Family<'f> {
    /// Everybody with this mark or in one of these sessions, and the children of this process but the spared one.
    pub(super) fn new(mark: &'f [u8], sessions: &'f [Pid], spared: Option<Pid>) -> Self {
        Family { mark: Some(mark), sessions, spared, found: Vec::new() }
    }

    /// Everybody in these sessions.
    pub(super) fn of_sessions(sessions: &'f [Pid]) -> Self {
        Family { mark: None, sessions, spared: None, found: Vec::new() }
    }

    /// Whether somebody is left.
    pub(super) fn is_there(&mut self) -> bool {
        self.visit(|_, _| ())
    }

    /// Sends SIGTERM: to each session's first group, and to those that have left the sessions.
    pub(super) fn terminate(&mut self) {
        for &session in self.sessions {
            let _ = killpg(session, Signal::SIGTERM);
            // One that is stopped would not see it.
            let _ = killpg(session, Signal::SIGCONT);
        }
        let sessions = self.sessions;
        self.visit(|pid, process| {
            if !sessions.contains(&process.session) {
                let _ = kill(pid, Signal::SIGTERM);
            }
        });
    }

    /// Sends SIGKILL to all that are left. Whether there were any.
    pub(super) fn kill(&mut self) -> bool {
        // The groups can be reached without /proc.
        for &session in self.sessions {
            let _ = killpg(session, Signal::SIGKILL);
        }
        self.visit(|pid, _| {
            let _ = kill(pid, Signal::SIGKILL);
        })
    }

    fn visit(&mut self, mut act: impl FnMut(Pid, &Process)) -> bool {
        let own = Pid::this();
        let mut all = Dir::open("/proc", OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty());
        let (mut any, mut own_seen) = (false, false);
        for entry in all.iter_mut().flat_map(Dir::iter).flatten() {
            let Some(pid) = std::str::from_utf8(entry.file_name().to_bytes()).ok().and_then(|name| name.parse().ok())
            else {
                continue;
            };
            let pid = Pid::from_raw(pid);
            own_seen |= pid == own;
            let Some(process) = Process::read(pid).filter(|process| !process.has_ended()) else { continue };
            let known = self.found.contains(&(pid, process.started));
            let belongs = known
                || self.sessions.contains(&process.session)
                || self.mark.is_some_and(|mark| {
                    let child = process.parent == own && Some(pid) != self.spared;
                    child || (pid != own && carries(pid, mark))
                });
            if belongs {
                any = true;
                if !known {
                    self.found.push((pid, process.started));
                }
                act(pid, &process);
            }
        }
        // Where there is no /proc, the groups that were begun can still be asked for.
        any || !own_seen && self.sessions.iter().any(|&session| killpg(session, None) != Err(Errno::ESRCH))
    }
}

/// Whether a process has an entry in the environment that it was started with.
fn carries(pid: Pid, entry: &[u8]) -> bool {
    let Ok(mut file) = File::open(format!("/proc/{pid}/environ")) else { return false };
    let mut wanted = vec![0];
    wanted.extend_from_slice(entry);
    wanted.push(0);
    // What was read last, as far as an entry could begin there. The first entry has no NUL before it.
    let mut text = [0; 8192];
    let mut held = 1;
    while let Ok(read @ 1..) = file.read(&mut text[held..]) {
        let length = held + read;
        if text[..length].windows(wanted.len()).any(|window| window == wanted) {
            return true;
        }
        held = length.min(wanted.len() - 1);
        text.copy_within(length - held..length, 0);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_be_called_anything() {
        let stat = b"42 (a) b (c) S 1 42 41 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 3 0 987 1 2\n";
        assert_eq!(
            Process::parse(stat),
            Some(Process {
                state: b'S',
                parent: Pid::from_raw(1),
                session: Pid::from_raw(41),
                threads: 3,
                started: 987
            })
        );
        assert_eq!(Process::parse(b"42 (a"), None);
        assert_eq!(Process::parse(b""), None);
    }

    #[test]
    fn this_process_is_found_by_what_it_carries() {
        let own = Pid::this();
        let mut text = Vec::new();
        File::open("/proc/self/environ").unwrap().read_to_end(&mut text).unwrap();
        let entries: Vec<&[u8]> = text.split(|&byte| byte == 0).filter(|entry| !entry.is_empty()).collect();
        assert!(entries.iter().all(|entry| carries(own, entry)), "each entry, the first and the last among them");
        assert!(!carries(own, b"FORERUN_SIDECAR=0"));
        assert!(!carries(own, &entries[0][..entries[0].len() - 1]), "a part of an entry");
    }
}
