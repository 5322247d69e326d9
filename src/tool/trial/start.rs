//! What a trial starts with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A start for a trial, as Lambda's bootstrap would make it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::tool) struct TrialStart {
    /// The runtime's argv: everything behind the wrapper's own name. Never empty. The first is a path; the stand-in for
    /// the runtime is found there.
    pub(in crate::tool) argv: Vec<Vec<u8>>,
    /// The environment: names are distinct and are not empty. `AWS_LAMBDA_EXEC_WRAPPER` is not among them: it names the
    /// wrapper that is tried.
    pub(in crate::tool) env: Vec<(Vec<u8>, Vec<u8>)>,
    /// Files below `/opt`, `/var/task` and `/tmp` that are there or not, whatever the folders given for them hold.
    /// Absolute paths, normalised.
    pub(in crate::tool) files: BTreeMap<Vec<u8>, FileState>,
    /// What the runtime does.
    pub(in crate::tool) runtime: RuntimeState,
}

/// Whether a file is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in crate::tool) enum FileState {
    /// Not there.
    Absent,
    /// There, as a program that tells how it was started, as the runtime does.
    Program,
    /// There, with this text, readable.
    Text(Vec<u8>),
    /// There, a folder with nothing in it.
    Folder,
}

/// What the runtime does once it has told how it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in crate::tool) enum RuntimeState {
    /// Ends with this status.
    Exits(u8),
    /// Waits for a SIGTERM, which is sent to the process that the wrapper was started as, and ends with status 0 when it
    /// comes.
    AwaitsSigterm,
    /// There is no such file.
    Missing,
    /// There is a file that cannot be executed.
    NotExecutable,
}
