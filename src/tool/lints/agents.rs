//! Agents that cannot be attached twice: Java agents, and the one profiler that the CLR loads.

use super::conditions::Conditions;
use super::edits::{options, written};
use super::{Finding, Lint, Subject};
use crate::library::Library;
use crate::problem::{Origin, Span};
use crate::profile::{Operation, Value, When};

/// The variable that names the profiler.
const CLR_PROFILER: &[u8] = b"CORECLR_PROFILER";

/// Something that a rule attaches.
struct Attached<'s, 'a> {
    subject: &'s Subject<'a>,
    conditions: &'s Conditions<'a>,
    span: Span,
    /// The agent: a jar's name or path, or a profiler's GUID.
    agent: String,
    /// How it stands in the profile.
    shown: String,
    /// The variable; empty for argv.
    variable: &'a [u8],
    /// The jar's path; empty for a profiler.
    jar: String,
    again: Again,
}

/// What happens when the variable has an agent already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// This one is added.
    Added,
    /// This one is added, unless it is there: forerun does not add an array of one a second time.
    Once,
    /// The other one goes, or this one does not come.
    Replaced,
}

/// Looks at profiles that apply together.
pub(super) fn look(library: &Library, together: &[&Subject<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let agents: Vec<_> = together.iter().flat_map(|subject| java_agents(subject)).collect();
    let twice = |one: &Attached<'_, '_>, other: &Attached<'_, '_>| {
        let spared = match other.again {
            Again::Added => false,
            Again::Once => one.jar == other.jar,
            Again::Replaced => true,
        };
        one.agent == other.agent && !(spared && one.variable == other.variable)
    };
    for (first, second) in pairs(&agents, twice) {
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
        let mut add = |option: &str, span: Span, variable: &'a [u8], again: Again| {
            let Some(agent) = option.strip_prefix("-javaagent:") else { return };
            let jar = agent.split('=').next().unwrap_or(agent);
            found.push(Attached {
                subject,
                conditions: &stage.conditions,
                span,
                agent: name_of(jar).to_owned(),
                shown: format!("-javaagent:{jar}"),
                variable,
                jar: jar.to_owned(),
                again,
            });
        };
        for edit in &rule.env {
            let again = match &edit.operation {
                Operation::Extend { extend, .. } if super::edits::items(&extend.items).len() > 1 => Again::Added,
                Operation::Extend { .. } => Again::Once,
                _ => Again::Replaced,
            };
            options(subject, edit).iter().for_each(|option| add(&option.text, option.span, &edit.name, again));
        }
        for option in &rule.args.options {
            add(&written(&option.value), option.span, b"", Again::Added);
        }
    }
    found
}

/// The name by which a jar is known wherever it is; those that any product may have are known by their path.
fn name_of(jar: &str) -> &str {
    let name = jar.rsplit('/').next().unwrap_or(jar);
    if matches!(name, "agent.jar" | "javaagent.jar" | "java-agent.jar") { jar } else { name }
}

fn clr_profilers<'s, 'a>(subject: &'s Subject<'a>) -> Vec<Attached<'s, 'a>> {
    let mut found = Vec::new();
    for (rule, stage) in subject.rules() {
        // A rule that asks for the other one knows of it.
        let asks = |when: &When| when.env.iter().any(|(name, _)| name == CLR_PROFILER);
        if rule.when.as_ref().is_some_and(asks) {
            continue;
        }
        for edit in rule.env.iter().filter(|edit| edit.name == CLR_PROFILER) {
            let (Operation::Set(Value::Text(guid)) | Operation::Default(Value::Text(guid))) = &edit.operation else {
                continue;
            };
            let Some(guid) = guid.literal() else { continue };
            let agent = String::from_utf8_lossy(guid).trim_matches(['{', '}']).to_ascii_uppercase();
            let node = subject.document.at(edit.span);
            found.push(Attached {
                subject,
                conditions: &stage.conditions,
                span: node.and_then(|node| Some(node.texts().first()?.1)).unwrap_or(edit.span),
                shown: agent.clone(),
                agent,
                variable: CLR_PROFILER,
                jar: String::new(),
                again: Again::Replaced,
            });
        }
    }
    found
}
