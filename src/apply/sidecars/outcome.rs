//! What became of starting a sidecar: how the supervisor tells the wrapper, and how a message says it.

use nix::errno::Errno;

use super::processes::Status;
use crate::plan::sidecars::{Sidecar, Target};
use crate::problem::{Code, Problem};

/// What became of starting a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It runs, and is ready where that is waited for.
    Good,
    /// Its program could not be started.
    NotStarted(Stage, Errno),
    /// It ended before it was ready, with this wait status.
    Ended(Status),
    /// It ended after it was ready, while the start waited for others.
    Lost(Status),
    /// It was not ready in time; a URL may have answered with this status, 0: it has not.
    Late {
        /// The status.
        status: u16,
    },
    /// The target answered before it was started.
    InUse,
}

/// How far the start of a program came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// A process, or what belongs to one, could not be made.
    Fork,
    /// The working directory could not be entered.
    Directory,
    /// The log could not be opened.
    Log,
    /// The program could not be executed.
    Exec,
}

/// A sidecar's number and its outcome; the number is that of none when the supervisor has left the runtime's session.
pub(super) type Record = [u8; 8];

/// The record that the supervisor has left the runtime's session.
pub(super) const UP: u16 = u16::MAX;

impl Stage {
    const ALL: [Stage; 4] = [Stage::Fork, Stage::Directory, Stage::Log, Stage::Exec];

    /// The stage of this number.
    pub(super) fn numbered(number: u8) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| *stage as u8 == number)
    }
}

impl Outcome {
    /// For the wrapper.
    pub(super) fn record(self, number: u16) -> Record {
        let (kind, stage, value) = match self {
            Outcome::Good => (0, 0, 0),
            Outcome::NotStarted(stage, errno) => (1, stage as u8, errno as i32),
            Outcome::Ended(Status::Exited(status)) => (2, 0, status),
            Outcome::Ended(Status::Signaled(signal)) => (2, 1, signal),
            Outcome::Lost(Status::Exited(status)) => (5, 0, status),
            Outcome::Lost(Status::Signaled(signal)) => (5, 1, signal),
            Outcome::Late { status } => (3, 0, status.into()),
            Outcome::InUse => (4, 0, 0),
        };
        let [low, high] = number.to_le_bytes();
        let [a, b, c, d] = value.to_le_bytes();
        [low, high, kind, stage, a, b, c, d]
    }

    /// From the supervisor; `None` for what is no record.
    pub(super) fn read(record: Record) -> Option<(u16, Outcome)> {
        let [low, high, kind, stage, a, b, c, d] = record;
        let value = i32::from_le_bytes([a, b, c, d]);
        let outcome = match (kind, stage) {
            (0, _) => Outcome::Good,
            (1, stage) => Outcome::NotStarted(Stage::numbered(stage)?, Errno::from_raw(value)),
            (2, 0) => Outcome::Ended(Status::Exited(value)),
            (2, _) => Outcome::Ended(Status::Signaled(value)),
            (3, _) => Outcome::Late { status: u16::try_from(value).unwrap_or_default() },
            (4, _) => Outcome::InUse,
            (5, 0) => Outcome::Lost(Status::Exited(value)),
            (5, _) => Outcome::Lost(Status::Signaled(value)),
            _ => return None,
        };
        Some((u16::from_le_bytes([low, high]), outcome))
    }

    /// What is wrong, `None` when nothing is.
    pub(super) fn problem(self, sidecar: &Sidecar) -> Option<Problem> {
        let name = &sidecar.name;
        let awaited = sidecar.ready.as_ref().map_or("", |ready| &ready.shown);
        let (code, message, help) = match self {
            Outcome::Good => return None,
            Outcome::NotStarted(stage, errno) => {
                let (what, help) = not_started(sidecar, stage, errno);
                (Code::SidecarNotStarted, format!("the sidecar `{name}` cannot be started: {what}"), help)
            }
            Outcome::Ended(status) => {
                let help = match status {
                    Status::Exited(0) => {
                        "run it in the foreground: a program that puts itself into the background is not watched"
                    }
                    _ => "its own log says why",
                };
                (Code::SidecarDied, format!("the sidecar `{name}` {} before it was ready", status.text()), help)
            }
            Outcome::Lost(status) => {
                let message = format!("the sidecar `{name}` {} before the runtime was started", status.text());
                (Code::SidecarDied, message, "its own log says why")
            }
            Outcome::Late { status } => {
                let time = sidecar.ready.as_ref().map_or(0, |ready| ready.timeout.as_millis());
                let (answer, help) = match (status, sidecar.ready.as_ref().map(|ready| &ready.target)) {
                    (1.., _) => (
                        format!(", which last answered with status {status}"),
                        "a status from 200 to 399 is waited for",
                    ),
                    (0, Some(Target::Notify)) => {
                        (String::new(), "it has not sent that; if it is only slow, raise `ready.timeout`")
                    }
                    _ => (String::new(), "check what it listens on, or raise `ready.timeout`"),
                };
                let message =
                    format!("the sidecar `{name}` was not ready within {time} ms: waited for {awaited}{answer}");
                (Code::SidecarNotReady, message, help)
            }
            Outcome::InUse => {
                let message = format!("the sidecar `{name}` is not started: {awaited} is in use already");
                let help = match sidecar.ready.as_ref().map(|ready| &ready.target) {
                    Some(Target::File(_)) => {
                        "it was left behind, or is not the sidecar's; name a file that only it makes"
                    }
                    _ => "something else answers there; give it another place",
                };
                (Code::SidecarInUse, message, help)
            }
        };
        Some(Problem { code, origin: Some(sidecar.origin), message, help: Some(help.to_owned()) })
    }
}

fn not_started(sidecar: &Sidecar, stage: Stage, errno: Errno) -> (String, &'static str) {
    use crate::profile::Log;
    let why = errno.desc();
    match stage {
        Stage::Fork => (
            format!("no process or socket for it: {why}"),
            "the function is at a limit, of processes or of descriptors",
        ),
        Stage::Directory => {
            let path = sidecar.working_directory.as_ref().map_or("", |path| &path.shown);
            (format!("its working directory `{path}`: {why}"), "make it with `[process] directories`")
        }
        Stage::Log => {
            let path = if let Log::File(path) = &sidecar.log { &path.shown } else { "" };
            (format!("its log `{path}`: {why}"), "on Lambda only /tmp can be written to")
        }
        Stage::Exec => {
            let help = match errno {
                Errno::ENOENT => "check the path, and that the image has the loader that the program asks for",
                Errno::EACCES => "give it the mode 755; a zip made on Windows loses modes",
                Errno::E2BIG => "its environment is too large; name what it needs in `inherit_env`",
                Errno::ENOEXEC => "it is built for another machine, or is a script without a `#!` line",
                _ => "try it in the function's image",
            };
            (format!("`{}`: {why}", sidecar.program), help)
        }
    }
}

impl Status {
    /// `ended with status 1`, `was ended by signal 9`.
    pub(super) fn text(self) -> String {
        match self {
            Status::Exited(status) => format!("ended with status {status}"),
            Status::Signaled(signal) => format!("was ended by signal {signal}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_what_was_put_into_it() {
        for outcome in [
            Outcome::Good,
            Outcome::NotStarted(Stage::Log, Errno::EACCES),
            Outcome::NotStarted(Stage::Exec, Errno::ENOENT),
            Outcome::Ended(Status::Exited(255)),
            Outcome::Ended(Status::Signaled(9)),
            Outcome::Lost(Status::Exited(1)),
            Outcome::Lost(Status::Signaled(15)),
            Outcome::Late { status: 0 },
            Outcome::Late { status: 404 },
            Outcome::InUse,
        ] {
            assert_eq!(Outcome::read(outcome.record(517)), Some((517, outcome)));
        }
        assert_eq!(Outcome::read([0, 0, 9, 0, 0, 0, 0, 0]), None);
    }
}
