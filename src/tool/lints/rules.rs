//! Rules and sidecars whose condition can never hold.

use super::conditions::{Conditions, Known};
use super::{Field, Finding, Lint, Subject};
use crate::problem::{Span, printable};
use crate::profile::When;
use crate::runtime::Family;

pub(super) fn look(subject: &Subject<'_>, _: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(when) = &subject.profile.when {
        let conditions = Conditions { all: vec![when], ..Conditions::default() };
        if !conditions.possible() {
            let message = "this can never hold, so the profile never applies; its parts contradict each other";
            findings.push(subject.finding(Lint::RuleNeverHolds, when.span, message));
            return findings;
        }
    }
    for (rule, stage) in subject.rules() {
        if !stage.conditions.possible() {
            let span = rule.when.as_ref().map_or(rule.span, |when| when.span);
            findings.push(never(subject, span, rule.family, rule.when.as_ref(), &stage.conditions.known));
        }
    }
    for sidecar in &subject.profile.sidecars {
        if let Some(when) = &sidecar.when
            && !subject.conditions_of(sidecar).possible()
        {
            findings.push(never(subject, when.span, None, Some(when), &Known::new()));
        }
    }
    findings
}

/// Why it never holds.
fn never(subject: &Subject<'_>, span: Span, family: Option<Family>, when: Option<&When>, known: &Known) -> Finding {
    let changing = super::flow::changing(subject.profile);
    let possible = |families: Option<Family>, all: Vec<&When>, known: &Known| {
        Conditions { families: families.into_iter().collect(), all, known: known.clone(), changing: changing.clone() }
            .possible()
    };
    let own: Vec<&When> = when.into_iter().collect();
    let all: Vec<&When> = subject.profile.when.iter().chain(when).collect();
    let nothing = Known::new();
    let (message, help) = if !possible(None, own.clone(), &nothing) {
        ("this can never hold; its parts contradict each other".to_owned(), "leave one of them out")
    } else if !possible(family, own, &nothing) {
        let family = family.map_or("", Family::name);
        (format!("this can never hold; it stands in `[runtime.{family}]`"), "put the rule into `[[rules]]`")
    } else if !possible(family, all.clone(), &nothing) {
        let message = "this can never hold; the `when` of the profile rules it out".to_owned();
        (message, "move that `when` from the top of the file to the rules that need it")
    } else {
        let settled = |name: &&Vec<u8>| {
            let mut others = known.clone();
            others.remove(*name);
            possible(family, all.clone(), &others)
        };
        let name = known.keys().find(settled).map_or_else(String::new, |name| printable(name));
        (
            format!("this can never hold; what stands above has given `{name}` another value"),
            "rules run one after the other: ask before the rule that sets it",
        )
    };
    subject.finding(Lint::RuleNeverHolds, span, message).help(help)
}
