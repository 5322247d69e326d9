//! Agents that cannot be attached twice: Java agents, and the one profiler that the CLR loads.

use super::conditions::Conditions;
use super::edits::{options, written};
use super::{Finding, Lint, Subject};
use crate::library::Library;
use crate::problem::{Origin, Span};
use crate::profile::{Operation, Value};

/// Something that a rule attaches.
struct Attached<'s, 'a> {
    subject: &'s Subject<'a>,
    conditions: &'s Conditions<'a>,
    span: Span,
    /// The agent: a jar's name, or a profiler's GUID.
    agent: String,
    /// How it stands in the profile.
    shown: String,
    /// The variable and the jar, where the jar is all that is added: it is not added again to a variable that has it.
    once: Option<(Vec<u8>, String)>,
    /// The variable and the jar.
    place: (Vec<u8>, String),
}

/// Looks at profiles that apply together.
pub(super) fn look(library: &Library, together: &[&Subject<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let agents: Vec<_> = together.iter().flat_map(|subject| java_agents(subject)).collect();
    for (first, second) in
        pairs(&agents, |one, other| one.agent == other.agent && other.once.as_ref() != Some(&one.place))
    {
        let message = format!("`{}` is attached twice; the first is at {}", second.shown, first.at(library));
        let help = "keep one of the two: an agent that is attached twice breaks or counts everything twice";
        findings.push(second.subject.finding(Lint::AgentAttachedTwice, second.span, message).help(help));
    }
    let profilers: Vec<_> = together.iter().flat_map(|subject| clr_profilers(subject)).collect();
    for (first, second) in pairs(&profilers, |one, other| one.agent != other.agent) {
        let message = format!("a second CLR profiler; .NET loads one, and the first is at {}", first.at(library));
        let help = "give the two rules conditions that exclude each other";
        findings.push(second.subject.finding(Lint::TwoClrProfilers, second.span, message).help(help));
    }
    findings
}

impl Attached<'_, '_> {
    fn at(&self, library: &Library) -> String {
        library.locate(Origin { profile: self.subject.id, span: self.span })
    }
}

/// Each with the first before it that it clashes with on some start.
fn pairs<'l, 's, 'a>(
    all: &'l [Attached<'s, 'a>],
    clash: impl Fn(&Attached<'s, 'a>, &Attached<'s, 'a>) -> bool,
) -> Vec<(&'l Attached<'s, 'a>, &'l Attached<'s, 'a>)> {
    let both = |one: &Attached<'s, 'a>, other: &Attached<'s, 'a>| {
        clash(one, other) && one.conditions.and(other.conditions).possible()
    };
    let first = |at: usize| Some((all[..at].iter().find(|first| both(first, &all[at]))?, &all[at]));
    (0..all.len()).filter_map(first).collect()
}

fn java_agents<'s, 'a>(subject: &'s Subject<'a>) -> Vec<Attached<'s, 'a>> {
    let mut found = Vec::new();
    for (rule, stage) in subject.rules() {
        let mut add = |option: &str, span: Span, variable: &[u8], alone: bool| {
            let Some(agent) = option.strip_prefix("-javaagent:") else { return };
            let jar = agent.split('=').next().unwrap_or(agent);
            let name = jar.rsplit('/').next().unwrap_or(jar);
            let place = (variable.to_vec(), jar.to_owned());
            found.push(Attached {
                subject,
                conditions: &stage.conditions,
                span,
                agent: name.to_owned(),
                shown: format!("-javaagent:{jar}"),
                once: alone.then(|| place.clone()),
                place,
            });
        };
        for edit in &rule.env {
            let alone = matches!(&edit.operation, Operation::Extend { extend, .. } if super::edits::items(&extend.items).len() == 1);
            options(subject, edit).iter().for_each(|option| add(&option.text, option.span, &edit.name, alone));
        }
        for option in &rule.args.options {
            add(&written(&option.value), option.span, b"", false);
        }
    }
    found
}

fn clr_profilers<'s, 'a>(subject: &'s Subject<'a>) -> Vec<Attached<'s, 'a>> {
    let mut found = Vec::new();
    for (rule, stage) in subject.rules() {
        for edit in rule.env.iter().filter(|edit| edit.name == b"CORECLR_PROFILER") {
            let (Operation::Set(Value::Text(guid)) | Operation::Default(Value::Text(guid))) = &edit.operation else {
                continue;
            };
            let Some(guid) = guid.literal() else { continue };
            let agent = String::from_utf8_lossy(guid).trim_matches(['{', '}']).to_ascii_uppercase();
            found.push(Attached {
                subject,
                conditions: &stage.conditions,
                span: subject
                    .document
                    .at(edit.span)
                    .and_then(|node| node.texts().first().map(|text| text.1))
                    .unwrap_or(edit.span),
                shown: agent.clone(),
                once: None,
                place: Default::default(),
                agent,
            });
        }
    }
    found
}
