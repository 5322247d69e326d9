//! A trial: a wrapper, be it a script or forerun itself, is run for real on one start, and what comes of it is written
//! down. The runtime is a stand-in that tells how it was started.
//!
//! ```text
//! Lab::run ──Job──▶ a worker: this program again ──fork──▶ process 1 of new namespaces ──▶ the wrapper ──exec──▶ stand_in
//!    ▲                                                           │  ▲                                                 │
//!    └────────────────────────Outcome────────────────────────────┘  └──────────────────── reports ────────────────────┘
//! ```

mod init;
mod job;
mod lab;
mod messages;
mod namespaces;
pub(super) mod outcome;
mod room;
mod stand_in;
pub(super) mod start;
mod tree;
mod workers;

use std::process::ExitCode;

pub(super) use lab::{Lab, Subject};

/// What this program is when it was not called as a tool: a part of a trial.
pub(super) fn part() -> Option<ExitCode> {
    init::is_asked_for().then(init::run).or_else(|| stand_in::is_asked_for().then(stand_in::run))
}
