//! What may be shown: values of the user's variables are masked, what a profile spells out is not.

use std::fmt;

use crate::library::Library;
use crate::problem::{Origin, printable};
use crate::profile::template::{Part, Template};
use crate::profile::{Args, FlagOperation, Operation, Profile, Value};

/// What is shown of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of it.
    Whole(Vec<u8>),
    /// Its length.
    Masked(usize),
    /// It is the process id, which only the start itself will know.
    ProcessId,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Whole(value) if value.is_empty() => f.write_str("(empty)"),
            Shown::Whole(value) => f.write_str(&printable(value)),
            Shown::Masked(1) => f.write_str("…(1 byte)"),
            Shown::Masked(length) => write!(f, "…({length} bytes)"),
            Shown::ProcessId => f.write_str("(the process id)"),
        }
    }
}

/// Decides what is shown.
pub(super) struct Secrets<'l> {
    /// Nothing is masked.
    pub(super) open: bool,
    pub(super) library: &'l Library,
}

impl Secrets<'_> {
    /// A value that came from who knows where.
    pub(super) fn value(&self, value: &[u8]) -> Shown {
        // That a value is empty gives nothing away.
        if self.open || value.is_empty() { Shown::Whole(value.to_vec()) } else { Shown::Masked(value.len()) }
    }

    /// The value that a variable has because of the edit at `origin`.
    pub(super) fn variable(&self, name: &[u8], value: &[u8], origin: Option<Origin>) -> Shown {
        let spelled_out = origin.is_some_and(|origin| {
            self.profile(origin).is_some_and(|profile| {
                let in_rules = profile.rules.iter().flat_map(|rule| &rule.env);
                let in_sidecars = profile.sidecars.iter().flat_map(|sidecar| &sidecar.env);
                let edit = in_rules.chain(in_sidecars).find(|edit| edit.span == origin.span && edit.name == name);
                let mut handlers = profile.rules.iter().filter_map(|rule| rule.handler.as_ref());
                let handler = handlers.find(|handler| handler.span == origin.span);
                edit.is_some_and(|edit| match &edit.operation {
                    Operation::Set(value) | Operation::Default(value) => is_literal_value(value),
                    _ => false,
                }) || handler.is_some_and(|handler| name == b"_HANDLER" && is_literal(&handler.to))
            })
        });
        if spelled_out { Shown::Whole(value.to_vec()) } else { self.value(value) }
    }

    /// An argument that stands there because of the line at `origin`.
    pub(super) fn argument(&self, text: &[u8], origin: Origin) -> Shown {
        let spelled_out = self.profile(origin).is_some_and(|profile| {
            profile.rules.iter().any(|rule| {
                let handler = rule.handler.as_ref().filter(|handler| handler.span == origin.span);
                spells_out(&rule.args, text, origin) || handler.is_some_and(|handler| is_literal(&handler.to))
            })
        });
        if spelled_out { Shown::Whole(text.to_vec()) } else { self.value(text) }
    }

    fn profile(&self, origin: Origin) -> Option<&Profile> {
        self.library.source(origin.profile).profile.as_ref().ok()
    }
}

fn spells_out(args: &Args, text: &[u8], origin: Origin) -> bool {
    let at = origin.span;
    args.options.iter().chain(&args.append).any(|option| option.span == at && is_literal(&option.value))
        || args.replace.iter().any(|(old, new)| old.span == at && is_literal(new))
        || args.command.iter().chain(&args.through).any(|program| {
            program.span == at && program.value.iter().any(|word| is_literal(word) && literal(word) == text)
        })
        || args.values.iter().any(|edit| {
            edit.span == at
                && (edit.flag == text
                    || matches!(&edit.operation, FlagOperation::Set(value) if is_literal_value(value)))
        })
}

fn is_literal_value(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_literal(text),
        Value::FirstExisting(paths) => paths.iter().all(is_literal),
    }
}

pub(super) fn is_literal(template: &Template) -> bool {
    template.parts.iter().all(|part| matches!(part, Part::Literal(_)))
}

fn literal(template: &Template) -> Vec<u8> {
    let parts = template.parts.iter().filter_map(|part| match part {
        Part::Literal(text) => Some(&text[..]),
        _ => None,
    });
    parts.collect::<Vec<_>>().concat()
}
