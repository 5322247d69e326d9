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
    let is_made = |folder: &str| {
        let inside = format!("{folder}/");
        !folder.starts_with("/tmp/") || made.iter().any(|made| made == folder || made.starts_with(&inside))
    };
    let missing = |folder: &str, why: &str, span: Span| {
        let message = format!("nobody makes the folder `{folder}`; {why}, and the sidecar is not started");
        let help = format!("add `directories = [\"{folder}\"]` under `[process]`");
        subject.finding(Lint::FolderMissing, span, message).help(help)
    };
    for sidecar in &subject.profile.sidecars {
        if let Some(folder) = &sidecar.working_directory {
            let path = written(&folder.value);
            if !is_made(path.trim_end_matches('/')) {
                findings.push(missing(&path, "nothing can run in it", folder.span));
            }
        }
        let Log::File(log) = &sidecar.log else { continue };
        if let Some(finding) = read_only(subject, &log.value, log.span, "the log") {
            findings.push(finding);
            continue;
        }
        let path = written(&log.value);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !is_made(folder) {
            findings.push(missing(folder, "the log cannot be opened", log.span));
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
