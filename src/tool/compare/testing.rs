//! Starts and outcomes for tests.

use std::collections::BTreeMap;

use crate::tool::trial::outcome::{Ending, Outcome, Started};
use crate::tool::trial::start::{RuntimeState, TrialStart};

fn bytes(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// A start of `argv` with `NAME=value` variables.
pub(super) fn start(argv: &[&str], env: &[&str]) -> TrialStart {
    let pair = |entry: &&str| {
        let (name, value) = entry.split_once('=').expect("NAME=value");
        (name.as_bytes().to_vec(), value.as_bytes().to_vec())
    };
    TrialStart {
        argv: bytes(argv),
        env: env.iter().map(pair).collect(),
        files: BTreeMap::new(),
        runtime: RuntimeState::Exits(0),
    }
}

/// A runtime that was started in place.
pub(super) fn started(argv: &[&str], env: &[&str]) -> Started {
    Started {
        same_process: true,
        argv: bytes(argv),
        env: bytes(env),
        directory: b"/var/task".to_vec(),
        descriptors: vec![0, 1, 2],
        blocked: 0,
        ignored: 0,
        umask: 0o022,
        heard_sigterm: false,
    }
}

/// What comes of a start that goes well.
pub(super) fn outcome(started: Started) -> Outcome {
    Outcome {
        started: vec![started],
        ending: Ending::Exited(0),
        stdout: Vec::new(),
        stderr: Vec::new(),
        other_processes: 0,
    }
}

/// What comes of a start whose wrapper gives up.
pub(super) fn gave_up(status: u8, stderr: &str) -> Outcome {
    Outcome {
        started: Vec::new(),
        ending: Ending::Exited(status),
        stdout: Vec::new(),
        stderr: stderr.as_bytes().to_vec(),
        other_processes: 0,
    }
}
