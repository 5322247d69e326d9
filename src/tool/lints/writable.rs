//! Folders that are written to: in a zip function only `/tmp` can be.

use super::edits::written;
use super::{Field, Finding, Lint, Subject};
use crate::problem::Span;
use crate::profile::Log;
use crate::profile::template::Template;

/// What is read-only in a zip function.
const READ_ONLY: [&str; 4] = ["/opt/", "/var/task/", "/var/runtime/", "/var/lang/"];

pub(super) fn look(subject: &Subject<'_>, _: &Field) -> Vec<Finding> {
    let made: Vec<String> = subject.profile.directories.iter().map(|folder| written(&folder.value)).collect();
    let mut findings = Vec::new();
    for folder in &subject.profile.directories {
        findings.extend(read_only(subject, &folder.value, folder.span, "the folder"));
    }
    for sidecar in &subject.profile.sidecars {
        let Log::File(log) = &sidecar.log else { continue };
        if let Some(finding) = read_only(subject, &log.value, log.span, "the log") {
            findings.push(finding);
            continue;
        }
        let path = written(&log.value);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let there = !folder.starts_with("/tmp/")
            || made.iter().any(|made| made == folder || made.starts_with(&format!("{folder}/")));
        if !there {
            let message =
                format!("nobody makes the folder `{folder}`; the log cannot be opened, and the sidecar is not started");
            let help = format!("add `directories = [\"{folder}\"]` under `[process]`");
            findings.push(subject.finding(Lint::LogFolderMissing, log.span, message).help(help));
        }
    }
    findings
}

fn read_only(subject: &Subject<'_>, path: &Template, span: Span, what: &str) -> Option<Finding> {
    let path =
        written(path).replace("${LAMBDA_TASK_ROOT}", "/var/task").replace("${LAMBDA_RUNTIME_DIR}", "/var/runtime");
    let place = READ_ONLY.iter().find(|place| path.starts_with(**place))?.trim_end_matches('/');
    let message = format!("{what} cannot be written; in a zip function `{place}` is read-only, and only `/tmp` is not");
    Some(subject.finding(Lint::FolderNotWritable, span, message).help("take a folder below `/tmp`"))
}
