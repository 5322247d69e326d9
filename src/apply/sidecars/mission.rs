//! What the supervisor and the listener are told: values of their own, so that all others can be forgotten.

use std::ffi::CString;

use nix::unistd::Pid;

use crate::library::Library;
use crate::plan::Level;
use crate::plan::settings::Verbosity;
use crate::plan::sidecars::{Sidecar, Target};
use crate::start::Start;

/// The variable that marks every process of a start's sidecars.
const MARK: &str = "FORERUN_SIDECAR";

/// What the supervisor and the listener are told.
#[derive(Debug)]
pub(super) struct Mission {
    /// The sidecars, each with the variables that are forerun's own.
    pub(super) sidecars: Vec<Sidecar>,
    /// `FORERUN_SIDECAR=…`, another one for each start.
    pub(super) mark: CString,
    /// For each sidecar its place in a profile, as messages write it.
    pub(super) places: Vec<String>,
    /// Its parent: the platform, whose SIGTERM counts.
    pub(super) platform: Pid,
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
        runtime: Pid,
        platform: Pid,
        nonce: u128,
    ) -> Mission {
        let mark = string(format!("{MARK}={runtime}-{nonce:x}"));
        let mut own = sidecars.to_vec();
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
                sidecar.env.push(string(format!("{NOTIFY}=@{}", notify_name(&mark, number))));
            }
        }
        Mission {
            sidecars: own,
            places: sidecars.iter().map(|sidecar| library.locate(sidecar.origin)).collect(),
            mark,
            platform,
            json: crate::apply::log::is_json(start),
            verbosity: Verbosity::of(start),
        }
    }

    /// The name of a sidecar's notify socket, without the NUL or `@` of an abstract one (unix(7), sd_notify(3)).
    pub(super) fn notify_name(&self, number: usize) -> String {
        notify_name(&self.mark, number)
    }

    /// Whether a line of this level is written.
    pub(super) fn shows(&self, level: Level) -> bool {
        self.verbosity.shows(level)
    }

    /// Overwrites the environments of sidecars that will not be started again.
    pub(super) fn forget(&mut self, which: impl Fn(&Sidecar) -> bool) {
        for sidecar in self.sidecars.iter_mut().filter(|sidecar| which(sidecar)) {
            for entry in std::mem::take(&mut sidecar.env) {
                let mut bytes = entry.into_bytes_with_nul();
                bytes.fill(0);
                // Nobody reads them again, which must not be a reason to leave the zeros out.
                std::hint::black_box(&bytes);
            }
        }
    }
}

/// sd_notify(3)
const NOTIFY: &str = "NOTIFY_SOCKET";

fn notify_name(mark: &CString, number: usize) -> String {
    let id = mark.to_str().unwrap_or_default().rsplit('=').next().unwrap_or_default();
    format!("forerun-{id}-{number}")
}

/// Only for texts that are made here.
fn string(text: String) -> CString {
    CString::new(text).unwrap_or_default()
}
