//! `env`: edits of variables.

use toml::de::DeValue;

use super::super::grammar::{self, Grammar};
use super::super::lists::{Kind, List, Quoting};
use super::super::section::{Item, Notes, Toml, span};
use super::super::template::Template;
use super::super::{Edit, Extend, Items, Operation, Place, Spanned, Value};
use crate::problem::{Code, Span};

/// The operations of which a variable takes one.
const OPERATIONS: [&str; 6] = ["set", "unset", "prepend", "append", "pairs", "default_pairs"];
/// A table of later forerun versions; a line of it below `[env]` would set a variable.
const ELSEWHERE: [&str; 1] = ["imports"];

impl Notes {
    /// The edits in the table `env` of a rule or, of a table of `owner`'s own.
    pub(super) fn edits(&mut self, item: Item<'_, '_>, owner: &Grammar) -> Vec<Edit> {
        self.items(item.value, item.key).into_iter().filter_map(|item| self.edit(item, owner)).collect()
    }

    fn edit(&mut self, item: Item<'_, '_>, owner: &Grammar) -> Option<Edit> {
        self.variable_name(item.key, item.key_span);
        if self.misplaced(item, owner) {
            return None;
        }
        let DeValue::Table(_) = item.value.get_ref() else {
            let value = self.scalar(item.key, item.value)?;
            return Some(Edit {
                span: item.key_span,
                name: item.key.into(),
                if_exists: Vec::new(),
                operation: Operation::Set(Value::Text(value.value)),
                lowercase: false,
            });
        };
        let parts = self.section(item.value, item.key, &grammar::EDIT);
        let find = |name: &str| parts.iter().copied().find(|part| part.key == name);
        let mut asked = parts.iter().filter(|part| OPERATIONS.contains(&part.key));
        let operation = asked.next().copied();
        let default = find("default");
        let lowercase = find("lowercase").is_some_and(|part| self.yes(part));
        let if_exists = find("if_exists").map(|part| self.paths(part)).unwrap_or_default();
        if let (Some(first), Some(second)) = (operation, asked.next()) {
            let message = format!("`{}` and `{}`: one operation per variable in a table", first.key, second.key);
            self.advise(Code::Conflict, second.key_span, message, "put the second into a `[[rules]]` of its own");
            return None;
        }
        if let (Some(operation), true) = (operation, lowercase)
            && operation.key != "set"
        {
            let message =
                format!("`lowercase` goes alone or beside `set` or `default`, not beside `{}`", operation.key);
            self.note(Code::Conflict, operation.key_span, message);
        }
        let separator = find("separator");
        if let Some(separator) = separator
            && operation.is_none_or(|operation| operation.key == "set" || operation.key == "unset")
        {
            self.note(Code::Conflict, separator.key_span, "`separator` without a list operation");
        }
        let base = default.and_then(|part| self.value(part));
        let operation = match operation {
            None if default.is_some() => base.map(Operation::Default),
            None if lowercase => Some(Operation::Keep),
            None => {
                // A key that is not known has been complained about, and may have been the operation.
                if matches!(item.value.get_ref(), DeValue::Table(table) if table.len() == parts.len()) {
                    self.nothing_to_do(item);
                }
                None
            }
            Some(operation) => self.operation(item, operation, base, separator, default),
        };
        Some(Edit { span: item.key_span, name: item.key.into(), if_exists, operation: operation?, lowercase })
    }

    fn operation(
        &mut self,
        variable: Item<'_, '_>,
        operation: Item<'_, '_>,
        base: Option<Value>,
        separator: Option<Item<'_, '_>>,
        default: Option<Item<'_, '_>>,
    ) -> Option<Operation> {
        let alone = |notes: &mut Notes, operation: Operation| {
            if let Some(default) = default {
                let message = format!("`default` has no meaning beside `{}`", variable_operation(&operation));
                notes.note(Code::Conflict, default.key_span, message);
            }
            operation
        };
        match operation.key {
            "set" => {
                let value = self.value(operation)?;
                Some(alone(self, Operation::Set(value)))
            }
            "unset" => self.yes(operation).then(|| alone(self, Operation::Unset)),
            "prepend" | "append" => {
                let known = List::known(variable.key);
                let extend = self.extend(variable, operation, known, separator, List::unknown)?;
                Some(Operation::Extend { base, extend })
            }
            "pairs" | "default_pairs" => {
                let known = List::known(variable.key);
                let list = self.list(variable, operation, known, separator, List::unknown_pairs)?;
                let pairs = self.pairs(variable, operation, &list)?;
                Some(Operation::Pairs { base, pairs, keep: operation.key == "default_pairs", list })
            }
            _ => {
                self.not_read(operation);
                None
            }
        }
    }

    pub(super) fn nothing_to_do(&mut self, item: Item<'_, '_>) {
        let message =
            format!("no operation on `{}`; expected `set`, `unset`, `prepend`, `append` or another", item.key);
        self.note(Code::BadValue, item.key_span, message);
    }

    /// A key of the profile or of the table above that stands below `[env]`, where it would become a variable.
    fn misplaced(&mut self, item: Item<'_, '_>, owner: &Grammar) -> bool {
        let of = |grammar: &Grammar| grammar.keys.iter().any(|key| key.name == item.key);
        let of_profile = of(&grammar::PROFILE) || ELSEWHERE.contains(&item.key);
        let named_like_a_key = of_profile || of(owner);
        let is_an_edit = matches!(item.value.get_ref(), DeValue::Table(table)
            if table.keys().any(|key| grammar::EDIT.keys.iter().any(|known| known.name == key.get_ref())));
        let misplaced = named_like_a_key && !is_an_edit;
        if misplaced {
            self.advise(
                Code::MisplacedKey,
                item.key_span,
                format!(
                    "`{}` is a key of {} and stands under `env`, where it would set a variable",
                    item.key,
                    if of_profile { grammar::PROFILE.label } else { owner.label }
                ),
                format!("move it above `[env]`, or write `{}.set` if a variable is meant", item.key),
            );
        }
        misplaced
    }

    /// A scalar or `{ first_existing = […] }`.
    pub(super) fn value(&mut self, item: Item<'_, '_>) -> Option<Value> {
        match item.value.get_ref() {
            DeValue::Table(_) => self.first_existing(item).map(Value::FirstExisting),
            _ => self.scalar(item.key, item.value).map(|text| Value::Text(text.value)),
        }
    }

    fn first_existing(&mut self, item: Item<'_, '_>) -> Option<Vec<Template>> {
        let parts = self.section(item.value, item.key, &grammar::FIRST_EXISTING);
        let Some(part) = parts.into_iter().find(|part| part.key == "first_existing") else {
            self.note(Code::BadValue, item.key_span, format!("`{}` has no value", item.key));
            return None;
        };
        match part.value.get_ref() {
            DeValue::Array(_) => Some(self.paths(part)),
            other => {
                self.wrong_type(part.span(), part.key, "a list of paths", other);
                None
            }
        }
    }

    /// `prepend` and `append` on what `list` says the value is.
    pub(super) fn extend(
        &mut self,
        subject: Item<'_, '_>,
        operation: Item<'_, '_>,
        known: Option<List>,
        separator: Option<Item<'_, '_>>,
        unknown: fn(&str) -> List,
    ) -> Option<Extend> {
        let list = self.list(subject, operation, known, separator, unknown)?;
        let place = if operation.key == "prepend" { Place::Front } else { Place::End };
        let items = match operation.value.get_ref() {
            DeValue::Table(_) => Items::FirstExisting(self.first_existing(operation)?),
            DeValue::Array(array) => {
                if array.is_empty() {
                    self.note(Code::BadValue, operation.span(), format!("`{}` names no element", operation.key));
                }
                let elements = self.templates(operation);
                for element in &elements {
                    self.element(subject.key, element, &list);
                }
                Items::Elements(elements.into_iter().map(|element| element.value).collect())
            }
            _ => Items::Raw(self.template(operation.key, operation.value)?.value),
        };
        Some(Extend { place, items, list })
    }

    fn list(
        &mut self,
        subject: Item<'_, '_>,
        operation: Item<'_, '_>,
        known: Option<List>,
        separator: Option<Item<'_, '_>>,
        unknown: fn(&str) -> List,
    ) -> Option<List> {
        let named = match separator {
            Some(item) => Some(self.text(item)?),
            None => None,
        };
        if let Some(Spanned { span, value }) = named
            && (value.is_empty() || value.contains('\0'))
        {
            self.note(Code::BadValue, span, "a separator is at least one character and not NUL");
            return None;
        }
        let pairs = operation.key == "pairs" || operation.key == "default_pairs";
        match (known, named) {
            (Some(list), Some(named)) if list.separator != named.value.as_bytes() => {
                let right = String::from_utf8_lossy(&list.separator).into_owned();
                let message = format!("the elements of `{}` are separated by `{right}`", subject.key);
                self.advise(Code::Separator, named.span, message, "leave `separator` out");
                None
            }
            (Some(list), _) if pairs && !matches!(list.kind, Kind::Pairs { .. }) => {
                let message = format!("`{}` is not a list of key=value pairs", subject.key);
                self.advise(Code::Conflict, operation.key_span, message, "use `prepend` or `append`");
                None
            }
            (Some(list), _) => Some(list),
            (None, Some(named)) => Some(unknown(named.value)),
            (None, None) => {
                let message = format!("forerun does not know how the elements of `{}` are separated", subject.key);
                self.advise(Code::Separator, operation.key_span, message, "add `separator = \",\"`, or what it is");
                None
            }
        }
    }

    fn element(&mut self, variable: &str, element: &Spanned<Template>, list: &List) {
        let literal_has = |test: &dyn Fn(&[u8]) -> bool| element.value.literals().any(test);
        if element.value == Template::default() {
            self.note(Code::BadValue, element.span, "an empty element");
            return;
        }
        match list.kind {
            Kind::Elements { .. } | Kind::Pairs { .. } if literal_has(&|text| contains(text, &list.separator)) => {
                let separator = String::from_utf8_lossy(&list.separator).into_owned();
                let message = format!("`{separator}` separates the elements of `{variable}` and cannot stand in one");
                self.advise(Code::BadValue, element.span, message, "write one element for each part");
            }
            Kind::Elements { absolute: true } => self.absolute(element),
            Kind::Options(Quoting::None) if literal_has(&|text| text.iter().any(u8::is_ascii_whitespace)) => {
                let message = format!("`{variable}` has no quoting, so an element with white space cannot be written");
                self.advise(Code::BadValue, element.span, message, "write one element for each word");
            }
            _ => {}
        }
    }

    fn pairs(
        &mut self,
        variable: Item<'_, '_>,
        operation: Item<'_, '_>,
        list: &List,
    ) -> Option<Vec<(Vec<u8>, Template)>> {
        let Kind::Pairs { assign, encoded } = list.kind else { return None };
        let mut pairs = Vec::new();
        for item in self.items(operation.value, operation.key) {
            if item.key.is_empty()
                || contains(item.key.as_bytes(), &list.separator)
                || item.key.bytes().any(|byte| byte == assign || byte == 0)
            {
                let message = format!("`{}` cannot be a key in `{}`", item.key, variable.key);
                self.note(Code::BadValue, item.key_span, message);
            }
            if let DeValue::Table(_) = item.value.get_ref() {
                let message = format!("`{}` is a pair's key and has a table for its value", item.key);
                self.advise(Code::WrongType, item.key_span, message, "quote a key that has a dot in it");
                continue;
            }
            let Some(Spanned { span, value }) = self.scalar(item.key, item.value) else { continue };
            if !encoded && value.literals().any(|text| contains(text, &list.separator)) {
                self.separator_in_pair(variable.key, span, &list.separator);
            }
            pairs.push((item.key.into(), value));
        }
        if matches!(operation.value.get_ref(), DeValue::Table(table) if table.is_empty()) {
            self.note(Code::BadValue, span(operation.value), format!("`{}` names no pair", operation.key));
        }
        Some(pairs)
    }

    fn separator_in_pair(&mut self, variable: &str, span: Span, separator: &[u8]) {
        let separator = String::from_utf8_lossy(separator).into_owned();
        let message = format!("`{separator}` separates the pairs of `{variable}` and cannot stand in a value");
        self.note(Code::BadValue, span, message);
    }

    /// A table of names of one's own, each with a template: `args.replace`.
    pub(super) fn renames(&mut self, item: Item<'_, '_>) -> Vec<(Spanned<Template>, Template)> {
        self.items(item.value, item.key)
            .into_iter()
            .filter_map(|item| {
                let old = self.parse_template(item.key, item.key_span)?;
                Some((old, self.rename_target(item.key, item.value)?))
            })
            .collect()
    }

    fn rename_target(&mut self, key: &str, value: &Toml<'_>) -> Option<Template> {
        self.template(key, value).map(|target| target.value)
    }
}

fn variable_operation(operation: &Operation) -> &'static str {
    if matches!(operation, Operation::Unset) { "unset" } else { "set" }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
