//! What came of a trial.

use serde::{Deserialize, Serialize};

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tool) struct Outcome {
    /// Each start of a stand-in, in order: none when the wrapper gave up, more than one when it starts the runtime, or
    /// another program that was given, beforehand.
    pub(in crate::tool) started: Vec<Started>,
    /// How the process that the wrapper was started as ended.
    pub(in crate::tool) ending: Ending,
    /// What was written to standard output.
    pub(in crate::tool) stdout: Vec<u8>,
    /// What was written to standard error.
    pub(in crate::tool) stderr: Vec<u8>,
    /// How many processes and threads were started besides the first, until its end, counted by the numbers that the
    /// kernel gave out.
    pub(in crate::tool) other_processes: u32,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tool) enum Ending {
    /// With an exit status.
    Exited(u8),
    /// By a signal.
    Killed(i32),
    /// Not by itself: it was ended when its time was up.
    Hung,
}

/// How a stand-in was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tool) struct Started {
    /// Whether it is the very process that the wrapper was started as.
    pub(in crate::tool) same_process: bool,
    /// argv, the program's name included.
    pub(in crate::tool) argv: Vec<Vec<u8>>,
    /// The environment, each entry as it was given, in its order.
    pub(in crate::tool) env: Vec<Vec<u8>>,
    /// The working directory.
    pub(in crate::tool) directory: Vec<u8>,
    /// The descriptors that are open, in order.
    pub(in crate::tool) descriptors: Vec<i32>,
    /// Signals that are blocked, and signals that are ignored, as the masks in `/proc/self/status` (proc(5)); without
    /// SIGPIPE, of which the stand-in cannot tell.
    pub(in crate::tool) blocked: u64,
    /// See `blocked`.
    pub(in crate::tool) ignored: u64,
    /// The file mode creation mask.
    pub(in crate::tool) umask: u32,
    /// Whether the SIGTERM came that it waited for.
    pub(in crate::tool) heard_sigterm: bool,
}
