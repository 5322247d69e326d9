//! What happens when: edits that are undone, defaults that come too late, values that are read too early.

use std::collections::BTreeMap;

use super::edits::{reads, templates, written};
use super::{Field, Finding, Lint, Subject};
use crate::problem::{Span, printable};
use crate::profile::template::{Part, Template};
use crate::profile::{Edit, EnvTest, Operation, Rule, When};
use crate::tool::known_starts;

/// Variables that have a value on every start:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>.
const ALWAYS_SET: [&str; 8] = [
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "LAMBDA_TASK_ROOT",
    "PATH",
];

pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let mut findings = undone(subject);
    findings.extend(defaults(subject, field));
    findings.extend(old_values(subject));
    findings.extend(env_below_rules(subject));
    findings
}

/// A later rule takes the value away again, and nothing has read it.
fn undone(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let rules = &subject.profile.rules;
    for (at, rule) in rules.iter().enumerate() {
        for edit in rule.env.iter().filter(|edit| !matches!(edit.operation, Operation::Keep | Operation::Unset)) {
            for later in &rules[at + 1..] {
                // Another profile may read it; so may the handler that takes the place of the old one.
                if !later.include.is_empty() || rule_reads(later, &edit.name) {
                    break;
                }
                let covers = later.family.is_none() && later.when.is_none()
                    || (later.family == rule.family && same_condition(later.when.as_ref(), rule.when.as_ref()));
                let again = later.env.iter().find(|later| later.name == edit.name);
                let Some(again) = again else { continue };
                let takes =
                    matches!(again.operation, Operation::Set(_) | Operation::Unset) && again.if_exists.is_empty();
                let first_existing =
                    matches!(&again.operation, Operation::Set(crate::profile::Value::FirstExisting(_)));
                if !takes || first_existing || !covers {
                    continue;
                }
                let name = printable(&edit.name);
                let (line, _) = subject.source.line_and_column(again.span);
                let (verb, help) = if again.operation == Operation::Unset {
                    ("removes", "leave one of the two out")
                } else {
                    (
                        "replaces",
                        "leave one of the two out, or give the later rule a condition; `append` and `default` keep what is \
                         there",
                    )
                };
                let message = format!(
                    "what this does to `{name}` is undone; line {line} {verb} it, and nothing reads it in between"
                );
                findings.push(subject.finding(Lint::EditUndone, edit.span, message).help(help));
                break;
            }
        }
    }
    findings
}

/// Whether two conditions ask the same.
fn same_condition(one: Option<&When>, other: Option<&When>) -> bool {
    let bare = |when: &When| When { span: Span::default(), ..when.clone() };
    match (one, other) {
        (None, None) => true,
        // Conditions inside conditions have places, too; only the plain ones are compared.
        (Some(one), Some(other)) => {
            one.not.is_none() && one.all.is_empty() && one.any.is_none() && bare(one) == bare(other)
        }
        _ => false,
    }
}

/// Whether anything in a rule depends on a variable.
fn rule_reads(rule: &Rule, name: &[u8]) -> bool {
    let read = |template: &Template| reads(template).any(|(read, _)| read == name);
    let args = &rule.args;
    rule.when.as_ref().is_some_and(|when| when_reads(when, name))
        || rule.env.iter().any(|edit| {
            templates(edit).into_iter().any(read)
                || edit.if_exists.iter().any(read)
                || (edit.name == name
                    && matches!(
                        edit.operation,
                        Operation::Keep | Operation::Default(_) | Operation::Extend { .. } | Operation::Pairs { .. }
                    ))
        })
        || rule.handler.iter().any(|handler| read(&handler.to) || handler.original == name || name == b"_HANDLER")
        || args.options.iter().chain(&args.append).chain(&args.remove).any(|argument| read(&argument.value))
        || args.replace.iter().any(|(old, new)| read(&old.value) || read(new))
        || args.command.iter().chain(&args.through).any(|command| command.value.iter().any(read))
        || !args.values.is_empty()
}

fn when_reads(when: &When, name: &[u8]) -> bool {
    let read = |template: &Template| reads(template).any(|(read, _)| read == name);
    let test = |test: &EnvTest| match test {
        EnvTest::OneOf(wanted) => wanted.iter().any(read),
        EnvTest::Contains(text) | EnvTest::Matches(text) => read(text),
        EnvTest::Truthy(_) | EnvTest::Empty(_) => false,
    };
    when.env.iter().any(|(asked, tests)| asked == name || tests.iter().any(test))
        || when.exists.iter().any(read)
        || when.not.iter().any(|when| when_reads(when, name))
        || when.all.iter().chain(when.any.iter().flatten()).any(|when| when_reads(when, name))
}

/// Defaults for variables that have a value already.
fn defaults(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, stage) in subject.rules() {
        for edit in rule.env.iter().filter(|edit| matches!(edit.operation, Operation::Default(_))) {
            let name = printable(&edit.name);
            let why = if let Some(place) = stage.filled.get(&edit.name) {
                let (line, _) = subject.source.line_and_column(*place);
                format!("line {line} has seen to it that there is one")
            } else if ALWAYS_SET.contains(&&name[..]) || set_by_runtimes(&name, &field.runtimes) {
                "Lambda always sets it".to_owned()
            } else {
                continue;
            };
            let message = format!(
                "this default of `{name}` never takes effect; the variable has a value when the rule begins, {why}"
            );
            let help = "the first default wins: put the one that is to win above, or use `set`";
            findings.push(subject.finding(Lint::DefaultWithoutEffect, edit.span, message).help(help));
        }
    }
    findings
}

/// Whether the start of each runtime that was asked for has the variable.
fn set_by_runtimes(name: &str, runtimes: &[&'static str]) -> bool {
    let sets = |runtime: &&'static str| {
        let start = known_starts::start(runtime, None, crate::runtime::Arch::X86_64);
        start.env.iter().any(|(known, value)| *known == name && !value.is_empty())
    };
    !runtimes.is_empty() && runtimes.iter().all(sets)
}

/// `${X}` beside an edit of X: a rule reads what it found.
fn old_values(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &subject.profile.rules {
        // Not those that have a value anyway: they are read to be saved. A list that is added to was there before.
        let set: BTreeMap<&[u8], bool> = rule
            .env
            .iter()
            .filter(|edit| !std::str::from_utf8(&edit.name).is_ok_and(|name| ALWAYS_SET.contains(&name)))
            .filter_map(|edit| match edit.operation {
                Operation::Default(_) => Some((&edit.name[..], true)),
                Operation::Set(_) => Some((&edit.name[..], false)),
                _ => None,
            })
            .chain(rule.handler.iter().map(|handler| (&handler.original[..], true)))
            .collect();
        let mut note = |owner: Option<&Edit>, template: &Template, at: Span| {
            for (name, fallback) in reads(template) {
                let Some(&surely_new) = set.get(name) else { continue };
                // `OLD = "${X}"` beside `X = "new"` keeps the old value: that is what it is for.
                let saves = owner.is_some() && matches!(template.parts[..], [Part::Variable { .. }]) && !surely_new;
                if saves || fallback || owner.is_some_and(|owner| owner.name == name) {
                    continue;
                }
                let name = printable(name);
                let span = subject.document.place_of(template, at);
                let message = format!(
                    "`{}` reads the old value of `{name}`; inside a rule everything is read before anything is written",
                    written(template)
                );
                let help = "put what needs the new value into a `[[rules]]` of its own";
                findings.push(subject.finding(Lint::ReadsOldValue, span, message).help(help));
            }
        };
        for edit in &rule.env {
            templates(edit).into_iter().for_each(|template| note(Some(edit), template, edit.span));
        }
        let args = &rule.args;
        args.options.iter().chain(&args.append).for_each(|argument| note(None, &argument.value, argument.span));
        for command in args.command.iter().chain(&args.through) {
            command.value.iter().for_each(|word| note(None, word, command.span));
        }
    }
    findings
}

/// The top of the file applies first, wherever it stands.
fn env_below_rules(subject: &Subject<'_>) -> Option<Finding> {
    let rules = subject.document.get("rules")?.below.first()?.key_span;
    let env = subject.document.get("env")?;
    // Keys above the first header cannot stand below it, so this is a table of its own.
    let first = env.below.first().filter(|first| first.key_span > rules)?;
    let message = "`[env]` stands below `[[rules]]` and applies before them; it belongs to the top of the file";
    let help = "move it above the first `[[rules]]`, or write `[rules.env]` if it belongs to the rule above it";
    let span = if env.key_span > rules { env.key_span } else { first.key_span };
    Some(subject.finding(Lint::EnvBelowRules, span, message).help(help))
}
