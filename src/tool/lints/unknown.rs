//! `allow`: the lints that a profile does not want to hear of.

use super::{Finding, Lint, Subject, TABLE};
use crate::problem::nearest;

/// What a profile allows, and the names in it that no lint has.
pub(super) fn allowed(subject: &Subject<'_>) -> (Vec<Lint>, Vec<Finding>) {
    let (mut lints, mut slips) = (Vec::new(), Vec::new());
    for (name, span) in subject.document.get("allow").map(super::document::Node::texts).unwrap_or_default() {
        match TABLE.iter().find(|row| row.name == name || row.lint.to_string() == name) {
            Some(row) => lints.push(row.lint),
            None => {
                let finding = subject.finding(Lint::UnknownName, span, format!("there is no lint `{name}`"));
                slips.push(match nearest(name, TABLE.iter().map(|row| row.name)) {
                    Some(near) => finding.help(format!("write `{near}`")),
                    None => finding.help("`forerun check --list` shows their names"),
                });
            }
        }
    }
    if lints.contains(&Lint::UnknownName) {
        slips.clear();
    }
    (lints, slips)
}
