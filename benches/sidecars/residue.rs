//! What stays beside the runtime: memory, and whether anything of it wakes up.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use crate::Outcome;
use crate::run::{Going, start};
use crate::stage::{Act, Ready, Stage};

/// What follows the runtime's start is over after this time.
const SETTLING: Duration = Duration::from_millis(300);
/// How long nothing may happen.
const QUIET: Duration = Duration::from_secs(2);
/// No run of the times has such a number.
const FIRST_NUMBER: usize = usize::MAX / 2;

/// The supervisor and the listener of a start with one sidecar.
pub(crate) struct Residue {
    pub(crate) act: Act,
    pub(crate) supervisor: Memory,
    pub(crate) listener: Memory,
    /// Context switches of both while nothing happened.
    pub(crate) wake_ups: u64,
}

/// Kilobytes of pages that were written to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) private: u64,
    /// Those that others have as well: the two share what neither has changed since one was forked from the other.
    pub(crate) shared: u64,
    /// Each page divided by the number of those who have it. `None`: an old kernel does not tell.
    pub(crate) proportional: Option<u64>,
}

impl Residue {
    pub(crate) fn private(&self) -> u64 {
        self.supervisor.private + self.listener.private
    }

    /// A page that both have counts once.
    pub(crate) fn all(&self) -> u64 {
        self.private() + self.supervisor.shared.max(self.listener.shared)
    }
}

/// Looks at starts with every kind of readiness and with none, all at once.
pub(crate) fn look(stage: &Stage<'_>) -> Outcome<Vec<Residue>> {
    let acts = Ready::ALL.map(|ready| Act::Awaited { ready, later: true }).into_iter().chain([Act::Unawaited]);
    let going = acts
        .enumerate()
        .map(|(number, act)| Ok((act, start(stage, act, FIRST_NUMBER + number, &[])?)))
        .collect::<Outcome<Vec<_>>>()?;
    let found = observe(&going);
    for (_, going) in going {
        going.end()?;
    }
    found
}

fn observe(going: &[(Act, Going)]) -> Outcome<Vec<Residue>> {
    sleep(SETTLING);
    let pairs = going.iter().map(|(_, going)| Pair::of(going)).collect::<Outcome<Vec<_>>>()?;
    let before = pairs.iter().map(Pair::switches).collect::<Outcome<Vec<_>>>()?;
    sleep(QUIET);
    let after = pairs.iter().map(Pair::switches).collect::<Outcome<Vec<_>>>()?;
    going
        .iter()
        .zip(&pairs)
        .zip(before.iter().zip(after))
        .map(|((&(act, _), pair), (before, after))| {
            let (supervisor, listener) = (memory(pair.supervisor)?, memory(pair.listener)?);
            Ok(Residue { act, supervisor, listener, wake_ups: after - before })
        })
        .collect()
}

struct Pair {
    supervisor: i32,
    listener: i32,
}

impl Pair {
    /// The supervisor is the parent of the sidecar, the listener its other child.
    fn of(going: &Going) -> Outcome<Self> {
        let sidecar = going.run.sidecar.ok_or("there is no sidecar")?.pid;
        let supervisor = parent(sidecar).ok_or(format!("there is no process {sidecar}"))?;
        let others: Vec<i32> = fs::read_dir("/proc")
            .map_err(|error| format!("/proc: {error}"))?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|&pid| pid != sidecar && parent(pid) == Some(supervisor))
            .collect();
        match others[..] {
            [listener] => Ok(Self { supervisor, listener }),
            _ => Err(format!("process {supervisor}, the supervisor, has the children {sidecar} and {others:?}")),
        }
    }

    fn switches(&self) -> Outcome<u64> {
        let mut sum = 0;
        for pid in [self.supervisor, self.listener] {
            let status = read(pid, "status")?;
            for name in ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"] {
                sum += number(&status, name).ok_or(format!("/proc/{pid}/status has no {name}"))?;
            }
        }
        Ok(sum)
    }
}

fn parent(pid: i32) -> Option<i32> {
    number(&read(pid, "status").ok()?, "PPid")?.try_into().ok()
}

fn memory(pid: i32) -> Outcome<Memory> {
    let rollup = read(pid, "smaps_rollup")?;
    let get = |name| number(&rollup, name).ok_or(format!("/proc/{pid}/smaps_rollup has no {name}"));
    Ok(Memory {
        private: get("Private_Dirty")?,
        shared: get("Shared_Dirty")?,
        proportional: number(&rollup, "Pss_Dirty"),
    })
}

fn read(pid: i32, name: &str) -> Outcome<String> {
    let path = format!("/proc/{pid}/{name}");
    fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}

/// The number after `name:` at the begin of a line.
fn number(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}
