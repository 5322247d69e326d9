//! What `check` and `layer` say about profiles: a problem of the form or a finding of a lint, made the same for whoever
//! shows it.

use super::hints;
use super::lints::{Finding, Level};
use crate::library::Library;
use crate::problem::{Origin, Problem};

/// Something to say about a profile.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) level: Level,
    /// `FR102`
    pub(super) code: String,
    /// The lint's name; a problem of the form has none and cannot be allowed.
    pub(super) name: Option<&'static str>,
    pub(super) origin: Option<Origin>,
    /// The file, where it is no profile.
    pub(super) file: Option<String>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl From<&Problem> for Remark {
    fn from(problem: &Problem) -> Remark {
        Remark {
            level: Level::Error,
            code: problem.code.to_string(),
            name: None,
            origin: problem.origin,
            file: None,
            message: problem.message.clone(),
            help: hints::help(problem),
        }
    }
}

impl From<&Finding> for Remark {
    fn from(finding: &Finding) -> Remark {
        Remark {
            level: finding.level(),
            code: finding.lint.to_string(),
            name: Some(finding.lint.row().name),
            origin: finding.origin,
            file: finding.file.clone(),
            message: finding.message.clone(),
            help: finding.help.clone(),
        }
    }
}

/// All that there is to say, profile by profile, in the order of the places.
pub(super) fn all(library: &Library, findings: &[Finding]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (id, source) in library.sources() {
        remarks.extend(source.profile.as_ref().err().into_iter().flatten().map(Remark::from));
        let own = findings.iter().filter(|finding| finding.origin.is_some_and(|origin| origin.profile == id));
        remarks.extend(own.map(Remark::from));
    }
    remarks.extend(findings.iter().filter(|finding| finding.origin.is_none()).map(Remark::from));
    remarks
}
