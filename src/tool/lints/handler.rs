//! The handler, and options that end up behind it.

use super::conditions::Conditions;
use super::edits::written;
use super::{Field, Finding, Lint, Subject, imagine};
use crate::profile::template::Part;
use crate::profile::{Operation, Rule};

/// How options of interpreters begin that are no program's own.
const OF_INTERPRETERS: [&str; 11] = [
    "--add-opens",
    "--enable",
    "--enable-source-maps",
    "--import",
    "--inspect",
    "--max-",
    "--require",
    "-X",
    "-W",
    "-agentlib:",
    "-javaagent:",
];

pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, stage) in subject.rules() {
        for edit in rule.env.iter().filter(|edit| edit.name == b"_HANDLER" && edit.operation != Operation::Keep) {
            let runtimes = field.runtimes_of(&stage.conditions);
            let deaf: Vec<_> = runtimes.into_iter().filter(|name| imagine::reads_handler_from_argv(name)).collect();
            if deaf.is_empty() {
                continue;
            }
            let message = format!(
                "`_HANDLER` has no effect on {}; there the runtime reads the handler from argv",
                deaf.join(", ")
            );
            let help = "use `handler.redirect` and `handler.original`: they change both places";
            findings.push(subject.finding(Lint::HandlerInEnv, edit.span, message).help(help));
        }
        findings.extend(behind(subject, rule, &stage.conditions, field));
    }
    findings
}

/// Options at the end of argv: there the script or the handler gets them.
fn behind(subject: &Subject<'_>, rule: &Rule, conditions: &Conditions<'_>, field: &Field) -> Vec<Finding> {
    if field.runtimes_of(conditions).is_empty() {
        // An OS-only runtime: argv is the function's own program, and takes what it takes.
        return Vec::new();
    }
    // Without a condition the profile may be one for a container with a program of its own.
    let managed = rule.family.is_some() || conditions.all.iter().any(|when| !when.runtime.is_empty());
    let is_option = |text: &str| {
        text.starts_with('-') && (managed || OF_INTERPRETERS.iter().any(|option| text.starts_with(option)))
    };
    let mut findings = Vec::new();
    let mut note = |text: String, span| {
        let message = format!(
            "`{text}` goes to the end of argv, behind the runtime's script or handler; the interpreter does not \
             read it there"
        );
        let help = "put it into `args.options`, which go behind the interpreter";
        findings.push(subject.finding(Lint::OptionBehindHandler, span, message).help(help));
    };
    if let Some(first) = rule.args.append.first() {
        let text = written(&first.value);
        if is_option(&text) {
            note(text, first.span);
        }
    }
    if let Some(command) = &rule.args.command {
        let rest = command.value.iter().position(|word| word.parts == [Part::Arguments]);
        if let Some(word) = rest.and_then(|at| command.value.get(at + 1)) {
            let text = written(word);
            if is_option(&text) {
                note(text, subject.document.place_of(word, command.span));
            }
        }
    }
    findings
}
