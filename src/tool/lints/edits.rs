//! What edits are made of: their texts, the options in them, the variables that they read.

use super::Subject;
use crate::plan::tokens;
use crate::problem::{Span, printable};
use crate::profile::lists::{Kind, List};
use crate::profile::template::{Form, Own, Part, Template};
use crate::profile::{Edit, Items, Operation, Value};

/// A text of a profile and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) span: Span,
}

/// How a template is written.
pub(super) fn written(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => printable(text),
        Part::Variable { name, .. } => format!("${{{}}}", printable(name)),
        Part::Own(Own::Arch) => "${forerun.arch}".to_owned(),
        Part::Own(Own::RuntimeVersion) => "${forerun.runtime_version}".to_owned(),
        Part::Own(Own::ProfileDir) => "${forerun.profile_dir}".to_owned(),
        Part::Own(Own::WorkingDir) => "${forerun.working_dir}".to_owned(),
        Part::Interpreter => "${0}".to_owned(),
        Part::Arguments => "${1..}".to_owned(),
    };
    template.parts.iter().map(part).collect()
}

/// The variables that a template reads, and whether it has a text in their place when they are missing.
pub(super) fn reads(template: &Template) -> impl Iterator<Item = (&[u8], bool)> {
    template.parts.iter().filter_map(|part| match part {
        Part::Variable { name, form } => Some((&name[..], matches!(form, Form::Or(_)))),
        _ => None,
    })
}

/// The templates in the values of an edit.
pub(super) fn templates(edit: &Edit) -> Vec<&Template> {
    fn of_value(value: &Value) -> Vec<&Template> {
        match value {
            Value::Text(text) => vec![text],
            Value::FirstExisting(paths) => paths.iter().collect(),
        }
    }
    match &edit.operation {
        Operation::Keep | Operation::Unset => Vec::new(),
        Operation::Set(value) | Operation::Default(value) => of_value(value),
        Operation::Extend { base, extend } => base.iter().flat_map(of_value).chain(items(&extend.items)).collect(),
        Operation::Pairs { base, pairs, .. } => {
            let values = pairs.iter().map(|(_, value)| value);
            base.iter().flat_map(of_value).chain(values).collect()
        }
    }
}

/// The templates of what is added to a list.
pub(super) fn items(items: &Items) -> Vec<&Template> {
    match items {
        Items::Raw(text) => vec![text],
        Items::Elements(elements) => elements.iter().collect(),
        Items::FirstExisting(paths) => paths.iter().collect(),
    }
}

/// The options that an edit puts into an option list, as the program will see them.
pub(super) fn options(subject: &Subject<'_>, edit: &Edit) -> Vec<Text> {
    let list = std::str::from_utf8(&edit.name).ok().and_then(List::known);
    let Some(Kind::Options(quoting)) = list.map(|list| list.kind) else { return Vec::new() };
    let whole =
        |template: &Template| Text { text: written(template), span: subject.document.place_of(template, edit.span) };
    let split = |template: &Template| -> Vec<Text> {
        let Text { text, span } = whole(template);
        let words = tokens(text.as_bytes(), quoting).0;
        words.into_iter().map(|word| Text { text: String::from_utf8_lossy(&word).into_owned(), span }).collect()
    };
    let value = |value: &Value| match value {
        Value::Text(text) => split(text),
        Value::FirstExisting(paths) => paths.iter().map(whole).collect(),
    };
    match &edit.operation {
        Operation::Set(set) | Operation::Default(set) => value(set),
        Operation::Extend { base, extend } => {
            let mut all: Vec<Text> = base.iter().flat_map(value).collect();
            match &extend.items {
                Items::Raw(text) => all.extend(split(text)),
                other => all.extend(items(other).into_iter().map(whole)),
            }
            all
        }
        _ => Vec::new(),
    }
}

/// Whether a variable holds a list of options.
pub(super) fn holds_options(name: &[u8]) -> bool {
    let list = std::str::from_utf8(name).ok().and_then(List::known);
    list.is_some_and(|list| matches!(list.kind, Kind::Options(_)))
}
