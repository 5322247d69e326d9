//! What a profile itself has settled when one of its rules begins.

use std::collections::BTreeMap;

use super::conditions::{Changing, Conditions, Known};
use crate::problem::Span;
use crate::profile::template::{Part, Template};
use crate::profile::{EnvTest, Operation, Profile, Rule, Value, When};

/// A rule's place in the flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Stage<'p> {
    /// What must hold for the rule to apply, the profile's own `when` included.
    pub(super) conditions: Conditions<'p>,
    /// Variables that surely have a value when the rule begins, and what gave it to them.
    pub(super) filled: BTreeMap<Vec<u8>, Span>,
}

/// The stages of a profile's rules.
pub(super) fn stages(profile: &Profile) -> Vec<Stage<'_>> {
    let mut known = Known::new();
    let mut filled = BTreeMap::new();
    if let Some(when) = &profile.when {
        settle(when, &mut known, &mut filled);
    }
    let changing = changing(profile);
    let mut stages = Vec::new();
    for rule in &profile.rules {
        let conditions = Conditions {
            families: rule.family.into_iter().collect(),
            all: profile.when.iter().chain(&rule.when).collect(),
            known: known.clone(),
            changing: changing.clone(),
        };
        let always = rule.family.is_none() && rule.when.is_none();
        let mut inside = filled.clone();
        if let Some(when) = &rule.when {
            settle(when, &mut Known::new(), &mut inside);
        }
        stages.push(Stage { conditions, filled: inside });
        pass(rule, always, &mut known, &mut filled);
    }
    stages
}

/// The variables that a profile changes.
pub(super) fn changing(profile: &Profile) -> Changing {
    if profile.rules.iter().any(|rule| !rule.include.is_empty()) {
        return Changing::Any;
    }
    let edited = profile.rules.iter().flat_map(|rule| &rule.env).map(|edit| edit.name.clone());
    let saved = profile.rules.iter().filter_map(|rule| Some(rule.handler.as_ref()?.original.clone()));
    Changing::Names(edited.chain(saved).chain([b"_HANDLER".to_vec()]).collect())
}

/// What a condition that holds tells of variables.
fn settle(when: &When, known: &mut Known, filled: &mut BTreeMap<Vec<u8>, Span>) {
    for (name, tests) in &when.env {
        for test in tests {
            let literal = match test {
                EnvTest::OneOf(wanted) => {
                    wanted.first().filter(|_| wanted.len() == 1).and_then(|wanted| wanted.literal())
                }
                _ => None,
            };
            known.extend(literal.map(|literal| (name.clone(), literal.to_vec())));
            let has_value = match test {
                EnvTest::OneOf(wanted) => {
                    wanted.iter().all(|wanted| wanted.literal().is_some_and(|literal| !literal.is_empty()))
                }
                EnvTest::Truthy(truth) => *truth,
                EnvTest::Empty(empty) => !empty,
                EnvTest::Contains(_) => true,
                EnvTest::Matches(_) => false,
            };
            if has_value {
                filled.insert(name.clone(), when.span);
            }
        }
    }
    when.all.iter().for_each(|all| settle(all, known, filled));
}

/// What a rule leaves behind.
fn pass(rule: &Rule, always: bool, known: &mut Known, filled: &mut BTreeMap<Vec<u8>, Span>) {
    if !rule.include.is_empty() {
        // Another profile may do anything.
        known.clear();
        filled.clear();
    }
    if let Some(redirect) = &rule.handler {
        for name in [&b"_HANDLER"[..], &redirect.original] {
            known.remove(name);
            filled.remove(name);
        }
    }
    for edit in &rule.env {
        let surely = always && edit.if_exists.is_empty();
        let before = known.remove(&edit.name);
        match &edit.operation {
            Operation::Set(Value::Text(text)) => {
                if let (true, Some(literal)) = (surely, text.literal()) {
                    let literal = if edit.lowercase { literal.to_ascii_lowercase() } else { literal.to_vec() };
                    known.insert(edit.name.clone(), literal);
                }
                if !has_text(text) {
                    filled.remove(&edit.name);
                } else if surely {
                    filled.insert(edit.name.clone(), edit.span);
                }
            }
            Operation::Default(Value::Text(text)) => {
                if before.as_ref().is_some_and(|before| !before.is_empty()) {
                    known.extend(before.map(|before| (edit.name.clone(), before)));
                } else if surely && has_text(text) {
                    filled.entry(edit.name.clone()).or_insert(edit.span);
                }
            }
            Operation::Set(_) | Operation::Unset => {
                if surely && edit.operation == Operation::Unset {
                    known.insert(edit.name.clone(), Vec::new());
                }
                filled.remove(&edit.name);
            }
            // A list that is added to does not become empty.
            Operation::Default(_) | Operation::Keep | Operation::Extend { .. } | Operation::Pairs { .. } => {}
        }
    }
}

/// Whether a value is filled whatever the variables in it hold.
fn has_text(template: &Template) -> bool {
    template.parts.iter().any(|part| matches!(part, Part::Literal(text) if !text.is_empty()))
}
