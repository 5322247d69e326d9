//! Arguments and elements that are written as for a shell, which there is none.

use super::edits::{holds_options, written};
use super::{Field, Finding, Lint, Subject};
use crate::problem::Span;
use crate::profile::template::{Part, Template};
use crate::profile::{Items, Operation, Spanned};

/// What only a shell understands, as an argument of its own.
const OPERATORS: [&str; 12] = ["&", "&&", ";", "<", "<<", ">", ">>", "|", "||", "2>", "2>&1", "2>/dev/null"];
/// Programs that take the text of a script as an argument.
const SHELLS: [&str; 6] = ["ash", "bash", "busybox", "dash", "sh", "zsh"];

pub(super) fn look(subject: &Subject<'_>, _: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &subject.profile.rules {
        for option in rule.args.options.iter().chain(&rule.args.append) {
            findings.extend(option_with_value(subject, &option.value, option.span));
        }
        for command in rule.args.command.iter().chain(&rule.args.through) {
            findings.extend(program(subject, command));
        }
        for edit in &rule.env {
            let Operation::Extend { extend, .. } = &edit.operation else { continue };
            let Items::Elements(elements) = &extend.items else { continue };
            // NODE_OPTIONS is quoted by forerun, and its own lint speaks of it.
            let options = holds_options(&edit.name) && edit.name != b"NODE_OPTIONS";
            for element in elements {
                let span = subject.document.place_of(element, edit.span);
                findings.extend(quotes(subject, element, span));
                if options {
                    findings.extend(option_with_value(subject, element, span));
                }
            }
        }
    }
    for sidecar in &subject.profile.sidecars {
        findings.extend(program(subject, &sidecar.command));
    }
    for edit in subject.profile.rules.iter().flat_map(|rule| &rule.env) {
        for template in super::edits::templates(edit) {
            findings.extend(substitution(subject, template, edit.span));
        }
    }
    findings
}

/// A program and its arguments.
fn program(subject: &Subject<'_>, command: &Spanned<Vec<Template>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let place = |word: &Template| subject.document.place_of(word, command.span);
    let Some(program) = command.value.first() else { return findings };
    let path = written(program);
    if is_line(&path) {
        let message =
            "the path of the program has a space in it; each argument is a string of its own, and nothing is split";
        let help = format!("write {}", as_list(&path));
        findings.push(subject.finding(Lint::SeveralWordsInOne, place(program), message).help(help));
    }
    if SHELLS.contains(&path.rsplit('/').next().unwrap_or(&path)) {
        return findings;
    }
    for word in &command.value[1..] {
        let text = written(word);
        if OPERATORS.contains(&&text[..]) || text.starts_with("~/") || text.starts_with("2>") {
            let message =
                format!("`{text}` is syntax of a shell; no shell reads this, so the program gets it as an argument");
            let help = "leave it out, or run a script; a sidecar's output goes where its `log` says";
            findings.push(subject.finding(Lint::ShellSyntax, place(word), message).help(help));
        }
        findings.extend(quotes(subject, word, place(word)));
    }
    findings
}

/// Whether what should be a path is a whole command line. A folder may have a space in its name.
fn is_line(path: &str) -> bool {
    let mut words = path.split(' ').skip(1);
    path.rsplit('/').next().is_some_and(|name| name.contains(' ')) || words.any(|word| word.starts_with(['-', '/']))
}

/// `-X importtime` as one argument.
fn option_with_value(subject: &Subject<'_>, option: &Template, span: Span) -> Option<Finding> {
    let text = written(option);
    let (flag, _) = text.split_once(' ')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !flag.starts_with('-') || flag.len() < 2 || !flag.bytes().all(plain) {
        return None;
    }
    let message = format!(
        "`{flag}` and what follows are one argument; each argument is a string of its own, and nothing is split"
    );
    Some(subject.finding(Lint::SeveralWordsInOne, span, message).help(format!("write {}", as_list(&text))))
}

/// Quotes around a whole element.
fn quotes(subject: &Subject<'_>, element: &Template, span: Span) -> Option<Finding> {
    let text = written(element);
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    if text.len() < 2 || !text.ends_with(quote) || text[1..text.len() - 1].contains(quote) {
        return None;
    }
    let message = "the quotes become part of the text; an element is taken as it is, and forerun does the quoting";
    Some(subject.finding(Lint::QuotesInElement, span, message).help("leave the inner quotes out"))
}

/// A value in backticks, or one that begins with `~/`.
fn substitution(subject: &Subject<'_>, template: &Template, at: Span) -> Option<Finding> {
    let Some(Part::Literal(first)) = template.parts.first() else { return None };
    let text = written(template);
    let command = text.len() > 2 && text.starts_with('`') && text.ends_with('`');
    let home = first.starts_with(b"~/");
    if !command && !home {
        return None;
    }
    let what = if command { "a command in backticks" } else { "`~/`" };
    let message = format!("{what} is syntax of a shell; no shell reads this, and the variable gets the text as it is");
    let help = if command {
        "forerun runs no command for a value; write the value, or `${NAME}` of a variable"
    } else {
        "write an absolute path"
    };
    Some(subject.finding(Lint::ShellSyntax, subject.document.place_of(template, at), message).help(help))
}

/// `["/opt/x", "--port", "1"]`
fn as_list(line: &str) -> String {
    let words: Vec<String> =
        line.split(' ').filter(|word| !word.is_empty()).map(|word| format!("\"{word}\"")).collect();
    format!("`[{}]`", words.join(", "))
}
