//! Proxies of the Runtime API: one that takes another's place without having been told of it.

use super::conditions::Conditions;
use super::edits::{reads, templates, written};
use super::{Finding, Lint, Subject};
use crate::library::Library;
use crate::problem::{Origin, Span};
use crate::profile::{Operation, Rule, Value};

/// The variable that tells the runtime where to ask for invocations.
const RUNTIME_API: &[u8] = b"AWS_LAMBDA_RUNTIME_API";

/// An address that a rule gives the runtime.
struct Proxy<'s, 'a> {
    subject: &'s Subject<'a>,
    conditions: &'s Conditions<'a>,
    span: Span,
    address: String,
}

/// Looks at profiles that apply together, in their order.
pub(super) fn look(library: &Library, together: &[&Subject<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Those whose address nothing has kept.
    let mut standing: Vec<Proxy<'_, '_>> = Vec::new();
    for subject in together {
        for (rule, stage) in subject.rules() {
            if keeps_address(rule) {
                standing.clear();
            }
            for edit in rule.env.iter().filter(|edit| edit.name == RUNTIME_API) {
                let Operation::Set(Value::Text(address)) = &edit.operation else { continue };
                let proxy =
                    Proxy { subject, conditions: &stage.conditions, span: edit.span, address: written(address) };
                findings.extend(standing.iter().find_map(|other| proxy.replaces(other, library)));
                standing.push(proxy);
            }
        }
    }
    findings
}

/// Whether a rule puts the address that is there into another variable, where a proxy may find it.
fn keeps_address(rule: &Rule) -> bool {
    let others = rule.env.iter().filter(|edit| edit.name != RUNTIME_API);
    others.flat_map(templates).flat_map(reads).any(|(name, _)| name == RUNTIME_API)
}

impl Proxy<'_, '_> {
    fn replaces(&self, other: &Proxy<'_, '_>, library: &Library) -> Option<Finding> {
        if self.address == other.address || !other.conditions.and(self.conditions).possible() {
            return None;
        }
        let place = library.locate(Origin { profile: other.subject.id, span: other.span });
        let message = format!(
            "this proxy takes the place of the one at {place}; nothing tells it of that one, which gets no calls"
        );
        let help = "leave one of the two out, or keep the address that is there in the variable from which this proxy \
                    takes its own";
        Some(self.subject.finding(Lint::ProxyReplaced, self.span, message).help(help))
    }
}
