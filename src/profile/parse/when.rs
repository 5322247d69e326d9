//! `when`: conditions.

use toml::de::DeValue;

use super::super::grammar;
use super::super::section::{Item, Notes, Toml, span};
use super::super::template::Template;
use super::super::{Bound, EnvTest, Module, RuntimeTest, When};
use crate::problem::{Code, Span};
use crate::runtime::{Arch, Family, Version};

impl Notes {
    pub(super) fn when(&mut self, item: Item<'_, '_>) -> When {
        let items = self.section(item.value, item.key, &grammar::WHEN);
        self.condition(item.key_span, items)
    }

    fn condition(&mut self, at: Span, items: Vec<Item<'_, '_>>) -> When {
        let mut when = When { span: at, ..When::default() };
        for item in items {
            match item.key {
                "runtime" => when.runtime = self.runtimes(item),
                "arch" => when.arch = self.words(item, Arch::named),
                "init" => when.init = self.words(item, |word| Some(word.to_owned())),
                "module" => when.module = self.words(item, module),
                "env" => {
                    let tests = self.items(item.value, item.key);
                    when.env = tests.into_iter().filter_map(|test| self.env_test(test)).collect();
                }
                "exists" => when.exists = self.paths(item),
                "not" => {
                    let not = self.when(item);
                    if not == (When { span: not.span, ..When::default() }) {
                        self.note(Code::BadValue, item.key_span, "`not` asks nothing, so it would never hold");
                    }
                    when.not = Some(Box::new(not));
                }
                "all" => when.all = self.conditions(item),
                "any" => when.any = Some(self.conditions(item)),
                _ => self.not_read(item),
            }
        }
        when
    }

    fn conditions(&mut self, item: Item<'_, '_>) -> Vec<When> {
        let conditions = self.tables(item, |notes, span, items| {
            let items = notes.known(items, &grammar::WHEN);
            notes.condition(span, items)
        });
        if conditions.is_empty() && matches!(item.value.get_ref(), DeValue::Array(_)) {
            self.note(Code::BadValue, item.span(), format!("`{}` lists no condition", item.key));
        }
        conditions
    }

    /// One or more of the words that the grammar lists for this key.
    fn words<T>(&mut self, item: Item<'_, '_>, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let known = grammar::WHEN.keys.iter().find_map(|key| match key.shape {
            grammar::Shape::Words(known) if key.name == item.key => Some(known),
            _ => None,
        });
        let known = known.unwrap_or_default();
        let words = self.texts(item);
        words
            .into_iter()
            .filter_map(|(text, span)| {
                if !known.contains(&text) {
                    self.unknown_word(span, text, &format!("a value of `{}`", item.key), known);
                    return None;
                }
                read(text)
            })
            .collect()
    }

    /// A string or a list of strings, as they stand.
    pub(super) fn texts<'t>(&mut self, item: Item<'t, '_>) -> Vec<(&'t str, Span)> {
        let values: Vec<&'t Toml<'_>> = match item.value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![item.value],
        };
        if values.is_empty() {
            self.note(Code::BadValue, item.span(), format!("`{}` lists nothing", item.key));
        }
        let mut texts = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::String(text) => texts.push((&**text, span(value))),
                other => self.wrong_type(span(value), item.key, "a string or a list of strings", other),
            }
        }
        texts
    }

    fn runtimes(&mut self, item: Item<'_, '_>) -> Vec<RuntimeTest> {
        let texts = self.texts(item);
        texts.into_iter().filter_map(|(text, span)| self.runtime(text, span)).collect()
    }

    fn runtime(&mut self, text: &str, span: Span) -> Option<RuntimeTest> {
        let name_end = text.find(|char: char| !char.is_ascii_lowercase()).unwrap_or(text.len());
        let (name, rest) = text.split_at(name_end);
        let Some(family) = Family::named(name) else {
            self.unknown_word(span, name, "a family of runtimes", grammar::FAMILIES);
            return None;
        };
        let mut bounds = Vec::new();
        // `provided.al2023` names an operating system, not a version.
        let rest = if family == Family::Provided && rest.starts_with(".al") { "" } else { rest };
        for bound in rest.split(',').map(str::trim).filter(|bound| !bound.is_empty()) {
            let (kind, version) = [
                ("<=", Bound::AtMost),
                (">=", Bound::AtLeast),
                ("<", Bound::Below),
                (">", Bound::Above),
                ("", Bound::Exactly),
            ]
            .into_iter()
            .find_map(|(sign, kind)| Some((kind, bound.strip_prefix(sign)?)))?;
            let Some(version) = Version::parse(version.trim().as_bytes()) else {
                self.advise(
                    Code::BadValue,
                    span,
                    format!("`{bound}` in `{text}` is not a version of a runtime"),
                    "write `python`, `python3.12` or `nodejs>=20,<23`",
                );
                return None;
            };
            bounds.push((kind, version));
        }
        Some(RuntimeTest { family, bounds })
    }

    fn env_test(&mut self, item: Item<'_, '_>) -> Option<(Vec<u8>, Vec<EnvTest>)> {
        self.variable_name(item.key, item.key_span);
        let tests = match item.value.get_ref() {
            DeValue::Boolean(truthy) => vec![EnvTest::Truthy(*truthy)],
            DeValue::Array(array) => {
                if array.is_empty() {
                    self.note(Code::BadValue, item.span(), format!("the test of `{}` lists no value", item.key));
                }
                vec![EnvTest::OneOf(array.iter().filter_map(|value| self.compared(item.key, value)).collect())]
            }
            DeValue::Table(_) => {
                let parts = self.section(item.value, item.key, &grammar::ENV_TEST);
                if parts.is_empty() {
                    self.note(Code::BadValue, item.key_span, format!("the test of `{}` asks nothing", item.key));
                }
                parts.into_iter().filter_map(|part| self.env_test_part(part)).collect()
            }
            _ => vec![EnvTest::OneOf(vec![self.compared(item.key, item.value)?])],
        };
        Some((item.key.into(), tests))
    }

    /// A value to compare with: a string or a number. A boolean asks for truth and stands alone.
    fn compared(&mut self, key: &str, value: &Toml<'_>) -> Option<Template> {
        if let DeValue::Boolean(_) = value.get_ref() {
            let message = format!("`{key}` is compared with texts; `true` and `false` stand alone");
            self.advise(Code::WrongType, span(value), message, "write the texts, as in `[\"1\", \"true\"]`");
            return None;
        }
        self.scalar(key, value).map(|value| value.value)
    }

    fn env_test_part(&mut self, part: Item<'_, '_>) -> Option<EnvTest> {
        match part.key {
            "empty" => match part.value.get_ref() {
                DeValue::Boolean(empty) => Some(EnvTest::Empty(*empty)),
                other => {
                    self.wrong_type(part.span(), part.key, "a boolean", other);
                    None
                }
            },
            "contains" => {
                let text = self.compared(part.key, part.value)?;
                if text == Template::default() {
                    self.note(Code::BadValue, part.span(), "every value contains the empty text");
                }
                Some(EnvTest::Contains(text))
            }
            "matches" => self.compared(part.key, part.value).map(EnvTest::Matches),
            _ => {
                self.not_read(part);
                None
            }
        }
    }
}

fn module(word: &str) -> Option<Module> {
    match word {
        "esm" => Some(Module::Esm),
        "commonjs" => Some(Module::CommonJs),
        _ => None,
    }
}
