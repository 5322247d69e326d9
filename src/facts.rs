//! What is known of the disk and the process, handed to the plan as values, and what the plan still needs to know.

use std::collections::{BTreeMap, BTreeSet};

use crate::library::Reference;

/// Answers about paths.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    exists: BTreeMap<Vec<u8>, bool>,
    contents: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    working_dir: Option<Option<Vec<u8>>>,
}

impl Facts {
    /// Records whether a path exists.
    pub fn set_exists(&mut self, path: &[u8], exists: bool) {
        self.exists.insert(path.to_vec(), exists);
    }

    /// Records what is in a file, `None` when there is none that can be read.
    pub fn set_contents(&mut self, path: &[u8], contents: Option<Vec<u8>>) {
        self.contents.insert(path.to_vec(), contents);
    }

    /// Records the working directory, `None` when it cannot be told.
    pub fn set_working_dir(&mut self, path: Option<Vec<u8>>) {
        self.working_dir = Some(path);
    }

    /// Whether a path exists, `None` when nobody looked.
    pub fn exists(&self, path: &[u8]) -> Option<bool> {
        self.exists.get(path).copied()
    }

    /// What is in a file: outer `None` when nobody looked, inner `None` when there is no such file.
    pub fn contents(&self, path: &[u8]) -> Option<Option<&[u8]>> {
        self.contents.get(path).map(Option::as_deref)
    }

    /// The working directory: outer `None` when nobody looked, inner `None` when it cannot be told.
    pub fn working_dir(&self) -> Option<Option<&[u8]>> {
        self.working_dir.as_ref().map(Option::as_deref)
    }
}

/// What a plan lacks. The edge looks all of it up and the plan is made again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Does this path exist?
    pub paths: BTreeSet<Vec<u8>>,
    /// What is in this file?
    pub contents: BTreeSet<Vec<u8>>,
    /// Which profile is this?
    pub profiles: BTreeSet<Reference>,
    /// Which is the working directory?
    pub working_dir: bool,
}

impl Needs {
    /// Whether nothing is lacking.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.contents.is_empty() && self.profiles.is_empty() && !self.working_dir
    }
}
