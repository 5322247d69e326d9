//! What `compare` and `convert` are told about their trials.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::subjects::{self, Script};
use crate::tool::Report;
use crate::tool::trial::Lab;

/// Where the trials are made, and on which starts.
#[derive(Args, Debug)]
pub(in crate::tool) struct TrialOptions {
    /// A folder that stands for /opt: the unpacked layers
    #[arg(long, value_name = "DIR")]
    pub(in crate::tool) root: Option<PathBuf>,

    /// A folder that stands for /var/task: the function's code
    #[arg(long, value_name = "DIR")]
    pub(in crate::tool) task: Option<PathBuf>,

    /// Only starts of this runtime (python3.12) or family (python); may be repeated
    #[arg(long = "runtime", value_name = "NAME")]
    pub(in crate::tool) runtimes: Vec<String>,

    /// Which starts are put together; another number makes others
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::tool) seed: u64,

    /// How long one run may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub(in crate::tool) timeout: u32,

    /// forerun's launcher for this machine; else the one beside this program, or what cargo has built
    #[arg(long, value_name = "FILE")]
    pub(in crate::tool) wrapper: Option<PathBuf>,
}

impl TrialOptions {
    /// The lab, and the script in it.
    ///
    /// # Errors
    ///
    /// A folder or the script cannot be used.
    pub(in crate::tool) fn lab(&self, script: &Path) -> Result<(Lab, Script), Report> {
        let root = subjects::folder("--root", self.root.as_deref())?;
        let task = subjects::folder("--task", self.task.as_deref())?;
        let script = subjects::script(script, root.as_deref(), task.as_deref())?;
        Ok((Lab::new(root, task, Duration::from_secs(self.timeout.into())), script))
    }
}

/// A trial could not be made.
pub(in crate::tool) fn impossible(why: String) -> Report {
    Report::usage(why, "\"What it needs\" in docs/compare.md tells what trials need on this machine")
}
