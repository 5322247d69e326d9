//! What has been planned so far, and the way back: a profile applies whole or not at all.

use super::{Applied, Argv, Change, Message, Skipped};
use crate::environment::Env;
use crate::problem::{Origin, ProfileId};

/// What a profile changes, and what goes back when it fails and the start goes on.
pub(super) struct State<'a> {
    pub(super) env: Env<'a>,
    pub(super) argv: Argv,
    pub(super) messages: Vec<Message>,
    pub(super) applied: Vec<Applied>,
    pub(super) changes: Vec<Change<'a>>,
    pub(super) skipped: Vec<Skipped>,
    /// Profiles that were applied to their end, in that order.
    pub(super) complete: Vec<ProfileId>,
    /// Variables that keep a handler, and where that was asked for.
    pub(super) redirects: Vec<(Vec<u8>, Origin)>,
}

/// A point to return to.
pub(super) struct Checkpoint {
    argv: Argv,
    messages: usize,
    applied: usize,
    changes: usize,
    skipped: usize,
    complete: usize,
    redirects: usize,
}

impl State<'_> {
    /// Marks this point.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            argv: self.argv.clone(),
            messages: self.messages.len(),
            applied: self.applied.len(),
            changes: self.changes.len(),
            skipped: self.skipped.len(),
            complete: self.complete.len(),
            redirects: self.redirects.len(),
        }
    }

    /// Returns to a point, taking the edits back from the newest to the oldest.
    pub(super) fn restore(&mut self, checkpoint: Checkpoint) {
        for change in self.changes.drain(checkpoint.changes..).rev() {
            for displaced in change.displaced.into_iter().rev() {
                self.env.restore(displaced);
            }
        }
        self.argv = checkpoint.argv;
        self.messages.truncate(checkpoint.messages);
        self.applied.truncate(checkpoint.applied);
        self.skipped.truncate(checkpoint.skipped);
        self.complete.truncate(checkpoint.complete);
        self.redirects.truncate(checkpoint.redirects);
    }
}
