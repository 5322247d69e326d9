//! Reading spanned TOML: tables whose keys are checked against the grammar, values of the shapes that it names.
//! Every problem is noted and reading goes on, so that one look shows them all.

use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use super::Spanned;
use super::grammar::{self, Grammar};
use super::template::{Part, Template};
use crate::problem::{Code, Origin, Problem, ProfileId, Span, nearest, printable};

/// A value in a TOML document.
pub(super) type Toml<'i> = TomlSpanned<DeValue<'i>>;

/// Where the problems of one file are noted.
pub(super) struct Notes {
    pub(super) profile: ProfileId,
    pub(super) problems: Vec<Problem>,
}

/// A key with its value.
#[derive(Clone, Copy)]
pub(super) struct Item<'t, 'i> {
    pub(super) key: &'t str,
    pub(super) key_span: Span,
    pub(super) value: &'t Toml<'i>,
}

impl Item<'_, '_> {
    /// The value's place; that of the key for a table that dotted keys made.
    pub(super) fn span(&self) -> Span {
        span(self.value)
    }
}

pub(super) fn span(value: &Toml<'_>) -> Span {
    value.span().into()
}

impl Notes {
    pub(super) fn note(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.push(code, span, message.into(), None);
    }

    pub(super) fn advise(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(code, span, message.into(), Some(help.into()));
    }

    fn push(&mut self, code: Code, span: Span, message: String, help: Option<String>) {
        let origin = Some(Origin { profile: self.profile, span });
        // What a file says may hold anything; a message is one line.
        let line = |text: String| printable(text.as_bytes());
        self.problems.push(Problem { code, origin, message: line(message), help: help.map(line) });
    }

    /// The items of a table in the order written.
    pub(super) fn items<'t, 'i>(&mut self, value: &'t Toml<'i>, what: &str) -> Vec<Item<'t, 'i>> {
        match value.get_ref() {
            DeValue::Table(table) => in_order(table),
            other => {
                self.wrong_type(span(value), what, "a table", other);
                Vec::new()
            }
        }
    }

    /// The items of a table of the language in the order written; what the grammar does not know is noted and left out.
    pub(super) fn section<'t, 'i>(&mut self, value: &'t Toml<'i>, what: &str, grammar: &Grammar) -> Vec<Item<'t, 'i>> {
        let items = self.items(value, what);
        self.known(items, grammar)
    }

    /// Leaves out, with a note, the items that the grammar does not know.
    pub(super) fn known<'t, 'i>(&mut self, mut items: Vec<Item<'t, 'i>>, grammar: &Grammar) -> Vec<Item<'t, 'i>> {
        items.retain(|item| {
            let names = || grammar.keys.iter().map(|key| key.name);
            if names().any(|name| name == item.key) {
                return true;
            }
            let expected = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("unknown key `{}` in {}; expected one of {expected}", item.key, grammar.label);
            let of_profile = grammar::PROFILE.keys.iter().any(|key| key.name == item.key);
            match nearest(item.key, names()) {
                _ if of_profile => {
                    let help = format!("`{}` is a key of the profile: write it at the top of the file", item.key);
                    self.advise(Code::UnknownKey, item.key_span, message, help);
                }
                Some(word) => self.advise(Code::UnknownKey, item.key_span, message, format!("write `{word}`")),
                None => self.note(Code::UnknownKey, item.key_span, message),
            }
            false
        });
        items
    }

    pub(super) fn wrong_type(&mut self, span: Span, what: &str, expected: &str, found: &DeValue<'_>) {
        self.note(Code::WrongType, span, format!("`{what}` is {expected}, not {}", article(found)));
    }

    /// A literal text.
    pub(super) fn text<'t>(&mut self, item: Item<'t, '_>) -> Option<Spanned<&'t str>> {
        match item.value.get_ref() {
            DeValue::String(text) => Some(Spanned { span: item.span(), value: text }),
            other => {
                self.wrong_type(item.span(), item.key, "a string", other);
                None
            }
        }
    }

    /// `true`, and nothing else.
    pub(super) fn yes(&mut self, item: Item<'_, '_>) -> bool {
        match item.value.get_ref() {
            DeValue::Boolean(true) => return true,
            DeValue::Boolean(false) => {
                let message = format!("`{}` can only be `true`; leave the key out instead", item.key);
                self.note(Code::BadValue, item.span(), message);
            }
            other => self.wrong_type(item.span(), item.key, "`true`", other),
        }
        false
    }

    /// A string with `${…}`.
    pub(super) fn template(&mut self, key: &str, value: &Toml<'_>) -> Option<Spanned<Template>> {
        match value.get_ref() {
            DeValue::String(text) => self.parse_template(text, span(value)),
            other => {
                self.wrong_type(span(value), key, "a string", other);
                None
            }
        }
    }

    /// A string with `${…}`, or a number or boolean as text.
    pub(super) fn scalar(&mut self, key: &str, value: &Toml<'_>) -> Option<Spanned<Template>> {
        let text = match value.get_ref() {
            DeValue::String(text) => return self.parse_template(text, span(value)),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            DeValue::Boolean(true) => "true",
            DeValue::Boolean(false) => "false",
            other => {
                self.wrong_type(span(value), key, "a string, a decimal number or a boolean", other);
                return None;
            }
        };
        let literal = Template { parts: vec![Part::Literal(text.into())] };
        Some(Spanned { span: span(value), value: literal })
    }

    pub(super) fn parse_template(&mut self, text: &str, span: Span) -> Option<Spanned<Template>> {
        match Template::parse(text) {
            Ok(value) => {
                if value.parts.iter().any(|part| matches!(part, Part::Interpreter | Part::Arguments)) {
                    let message = "`${0}` and `${1..}` stand only as whole elements of `args.command`";
                    self.note(Code::Template, span, message);
                    return None;
                }
                Some(Spanned { span, value })
            }
            Err(message) => {
                self.note(Code::Template, span, message);
                None
            }
        }
    }

    /// A list of strings with `${…}`.
    pub(super) fn templates(&mut self, item: Item<'_, '_>) -> Vec<Spanned<Template>> {
        match item.value.get_ref() {
            DeValue::Array(array) => array.iter().filter_map(|value| self.template(item.key, value)).collect(),
            other => {
                self.wrong_type(item.span(), item.key, "a list of strings", other);
                Vec::new()
            }
        }
    }

    /// A string or a list of strings.
    pub(super) fn one_or_more(&mut self, item: Item<'_, '_>) -> Vec<Spanned<Template>> {
        match item.value.get_ref() {
            DeValue::String(_) => self.template(item.key, item.value).into_iter().collect(),
            _ => self.templates(item),
        }
    }

    /// Paths: one or more, absolute as far as can be seen.
    pub(super) fn paths(&mut self, item: Item<'_, '_>) -> Vec<Template> {
        let paths = self.one_or_more(item);
        if matches!(item.value.get_ref(), DeValue::Array(array) if array.is_empty()) {
            self.note(Code::BadValue, item.span(), format!("`{}` names no path", item.key));
        }
        for path in &paths {
            self.absolute(path);
        }
        paths.into_iter().map(|path| path.value).collect()
    }

    /// Notes a path that is plainly relative.
    pub(super) fn absolute(&mut self, path: &Spanned<Template>) {
        let begins_with_variable = !matches!(path.value.parts.first(), Some(Part::Literal(_)) | None);
        if !begins_with_variable && !path.value.leading().starts_with(b"/") {
            self.advise(
                Code::BadValue,
                path.span,
                "a relative path means something else in every working directory; expected an absolute path",
                "begin it with `/`, `${LAMBDA_TASK_ROOT}` or `${forerun.profile_dir}`",
            );
        }
    }
}

/// The items of a table in the order written.
pub(super) fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<Item<'t, 'i>> {
    let mut items: Vec<_> =
        table.iter().map(|(key, value)| Item { key: key.get_ref(), key_span: key.span().into(), value }).collect();
    items.sort_unstable_by_key(|item| item.key_span);
    items
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
