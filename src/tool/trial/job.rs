//! What process 1 of a trial is told, and what it answers.

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use super::start::RuntimeState;
use super::tree::Node;

/// Where the stand-in for every program is, in the room of a trial.
pub(super) const STAND_IN: &str = "/.forerun/stand-in";
/// What the stand-in has to know.
pub(super) const MISSION: &str = "/.forerun/mission";
/// Where it tells how it was started.
pub(super) const REPORTS: &str = "/.forerun/reports";
/// The name under which this program is started to make trials.
pub(super) const INIT: &str = "forerun-trial";

/// One trial.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    /// What stands where in the room.
    pub(super) tree: Vec<(Vec<u8>, Node)>,
    /// The wrapper's path in the room.
    pub(super) wrapper: Vec<u8>,
    /// What it is given: the runtime's argv.
    pub(super) argv: Vec<Vec<u8>>,
    /// Its environment.
    pub(super) env: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether SIGTERM is sent once the runtime runs.
    pub(super) sends_sigterm: bool,
    /// How long the trial may take, in milliseconds.
    pub(super) timeout: u32,
}

/// What the stand-in is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mission {
    /// The wrapper's path in the room: an interpreter that is started with it is wanted for the wrapper itself.
    pub(super) wrapper: Vec<u8>,
    /// The runtime's argv at the start.
    pub(super) argv: Vec<Vec<u8>>,
    /// What the runtime does.
    pub(super) runtime: RuntimeState,
    /// The folders in which this machine has its programs.
    pub(super) path: Vec<Vec<u8>>,
}

/// The answer: what came of it, or why there was no trial.
pub(super) type Answer = Result<Outcome, String>;
