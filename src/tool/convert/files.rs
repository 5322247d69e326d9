//! The files of a start.

use crate::tool::trial::start::{FileState, TrialStart};

/// Whether a path exists in a start: it, or something below it.
pub(super) fn exists(start: &TrialStart, path: &[u8]) -> bool {
    let below = |file: &[u8]| file.strip_prefix(path).is_some_and(|rest| rest.starts_with(b"/"));
    match start.files.get(path) {
        Some(state) => *state != FileState::Absent,
        None => start.files.iter().any(|(file, state)| *state != FileState::Absent && below(file)),
    }
}
