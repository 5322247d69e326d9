//! What the runtime's process gets besides environment and argv: limits, folders, word of its end.

use std::ffi::CString;

use super::expand::shown;
use super::sidecars::Text;
use super::{Level, Planner};
use crate::problem::{Code, Origin};
use crate::profile::Limit;
use crate::runtime::{Family, Runtime};

/// Earlier runtimes wait in native code and never run a handler for it (aws/aws-lambda-python-runtime-interface-client#105).
const FIRST_PYTHON_THAT_HEARS: (u32, u32) = (3, 12);

/// What the runtime's process gets besides environment and argv.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessPlan {
    /// Soft limits: the line, the resource's name, the value.
    pub limits: Vec<(Origin, &'static str, Limit)>,
    /// Folders to make.
    pub directories: Vec<(Origin, Text)>,
    /// The line that asks for SIGTERM.
    pub graceful: Option<Origin>,
}

impl Planner<'_, '_> {
    /// Of each key the last profile's value counts; folders do not contradict each other, so all are made.
    pub(super) fn process(&mut self) -> ProcessPlan {
        let mut process = ProcessPlan::default();
        for (profile, declared) in self.complete() {
            for (name, limit) in &declared.limits {
                process.limits.retain(|(_, earlier, _)| *earlier != name.value);
                process.limits.push((Origin { profile, span: name.span }, name.value, *limit));
            }
            for directory in &declared.directories {
                let origin = Origin { profile, span: directory.span };
                let Some(path) = self.whole(profile, &directory.value) else { continue };
                if let Err(problem) = self.absolute(&path, origin) {
                    self.say(Level::Warn, Some(Code::DirectoryNotMade), Some(origin), problem.message);
                    continue;
                }
                let text = CString::new(path).unwrap_or_default();
                process.directories.push((origin, Text { text, shown: shown(&directory.value) }));
            }
            if let Some(graceful) = &declared.graceful {
                process.graceful = graceful.value.then_some(Origin { profile, span: graceful.span });
            }
        }
        if let Some(origin) = process.graceful
            && let init @ (b"snap-start" | b"lambda-managed-instances") = self.start.init_type()
        {
            let text = format!("`graceful` is ignored under {}", String::from_utf8_lossy(init));
            self.say(Level::Info, None, Some(origin), text);
            process.graceful = None;
        }
        if let Some(origin) = process.graceful
            && let (Runtime { family: Some(Family::Python), version: Some(version) }, _) = self.runtime()
            && version.minor.is_some()
            && version.numeric() < FIRST_PYTHON_THAT_HEARS
        {
            let text = format!("Python {version} does not hear SIGTERM while it waits for an invocation, 3.12 does");
            self.say(Level::Info, None, Some(origin), text);
        }
        process
    }
}
