//! What the supervisor and the listener are told: values of their own, so that all others can be forgotten.

use std::ffi::CString;

use nix::unistd::{Pid, getpid, getppid};

use crate::library::Library;
use crate::plan::Level;
use crate::plan::settings::Verbosity;
use crate::plan::sidecars::{Sidecar, Target};
use crate::start::Start;

/// The variable that marks every process of a start's sidecars.
const MARK: &str = "FORERUN_SIDECAR";
/// The variable that names the socket for a sidecar's own word (sd_notify(3)).
const NOTIFY: &str = "NOTIFY_SOCKET";

/// What the supervisor and the listener are told.
#[derive(Debug)]
pub(super) struct Mission {
    /// The sidecars, each with the variables that are forerun's own.
    pub(super) sidecars: Vec<Sidecar>,
    /// `FORERUN_SIDECAR=…`, another one for each start.
    pub(super) mark: CString,
    /// For each sidecar the name of its notify socket, without the NUL or `@` of an abstract one (unix(7), sd_notify(3)).
    /// Nobody else can guess it.
    pub(super) notify_names: Vec<String>,
    /// For each sidecar its place in a profile, as messages write it.
    pub(super) places: Vec<String>,
    /// The wrapper's parent: the platform, whose SIGTERM counts.
    pub(super) platform: Pid,
    /// The wrapper will hand a connection over.
    pub(super) graceful: bool,
    /// Lines are written as JSON.
    pub(super) json: bool,
    /// Which lines are written.
    pub(super) verbosity: Verbosity,
}

impl Mission {
    /// `nonce` differs from that of every other start on this machine.
    pub(super) fn new(
        sidecars: &[Sidecar],
        library: &Library,
        start: &Start<'_>,
        graceful: bool,
        nonce: u128,
    ) -> Mission {
        let (runtime, platform) = (getpid(), getppid());
        let mark = string(format!("{MARK}={runtime}-{nonce:x}"));
        let mut own = sidecars.to_vec();
        let mut notify_names = vec![String::new(); sidecars.len()];
        for (number, sidecar) in own.iter_mut().enumerate() {
            let ours = |entry: &CString| {
                [MARK, NOTIFY].iter().any(|name| {
                    entry.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
                })
            };
            sidecar.env.retain(|entry| !ours(entry));
            sidecar.env.push(mark.clone());
            if let Some(ready) = &sidecar.ready
                && ready.target == Target::Notify
            {
                let name = format!("forerun-{runtime}-{nonce:x}-{number}-{:x}", random());
                sidecar.env.push(string(format!("{NOTIFY}=@{name}")));
                notify_names[number] = name;
            }
        }
        Mission {
            sidecars: own,
            places: sidecars.iter().map(|sidecar| library.locate(sidecar.origin)).collect(),
            mark,
            notify_names,
            platform,
            graceful,
            json: crate::apply::log::is_json(start),
            verbosity: Verbosity::of(start),
        }
    }

    /// Whether a line of this level is written.
    pub(super) fn shows(&self, level: Level) -> bool {
        self.verbosity.shows(level)
    }

    /// Overwrites the environments and arguments of sidecars that will not be started again.
    pub(super) fn forget(&mut self, which: impl Fn(&Sidecar) -> bool) {
        for sidecar in self.sidecars.iter_mut().filter(|sidecar| which(sidecar)) {
            let (env, argv) = (std::mem::take(&mut sidecar.env), std::mem::take(&mut sidecar.argv));
            for string in env.into_iter().chain(argv) {
                let mut bytes = string.into_bytes_with_nul();
                bytes.fill(0);
                // Nobody reads them again, which must not be a reason to leave the zeros out.
                std::hint::black_box(&bytes);
            }
        }
    }
}

#[expect(unsafe_code, reason = "getrandom(2), which nix does not have")]
fn random() -> u64 {
    let mut bytes = [0; 8];
    // SAFETY: the pointer and length are those of a live array. So few bytes come whole, or early after boot not at all.
    unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), libc::GRND_NONBLOCK) };
    u64::from_ne_bytes(bytes)
}

/// Only for texts that are made here.
fn string(text: String) -> CString {
    CString::new(text).unwrap_or_default()
}
