//! TOML text to [`Profile`], with every problem of the form at once.

mod args;
mod edit;
mod process;
mod sidecar;
mod when;

use toml::de::{DeTable, DeValue};

use super::grammar;
use super::section::{Item, Notes, in_order};
use super::template::{Part, Template};
use super::{OnError, Profile, Redirect, Rule, Spanned};
use crate::problem::{Code, Problem, ProfileId, Span, nearest};
use crate::runtime::Family;

/// A file that was read as a profile.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The profile, or all that is wrong with it.
    pub profile: Result<Profile, Vec<Problem>>,
    /// What the file says about failures, as far as it can be read.
    pub on_error: Option<OnError>,
}

/// Parses the text of a profile; `profile` is the number that problems will carry.
///
/// ```
/// use forerun::profile::parse;
///
/// let profile = parse("[env]\nNODE_OPTIONS.append = [\"--import\", \"/opt/agent.mjs\"]", 0).profile.unwrap();
/// assert_eq!(profile.rules[0].env[0].name, b"NODE_OPTIONS");
///
/// let problems = parse("[env]\nNODE_OPTIONS.apend = [\"--import\"]", 0).profile.unwrap_err();
/// assert_eq!(problems[0].help.as_deref(), Some("write `append`"));
/// ```
pub fn parse(text: &str, profile: ProfileId) -> Parsed {
    let mut notes = Notes { profile, problems: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        notes.note(Code::NotToml, error.span().unwrap_or_default().into(), one_line(error.message()));
    }
    if !errors.is_empty() {
        return Parsed { profile: Err(notes.problems), on_error: None };
    }
    let items = in_order(document.get_ref());
    let on_error = items.iter().find(|item| item.key == "on_error").and_then(|item| match item.value.get_ref() {
        DeValue::String(word) => OnError::named(word.as_bytes()),
        _ => None,
    });
    notes.version(&items);
    if !notes.problems.is_empty() {
        return Parsed { profile: Err(notes.problems), on_error };
    }
    let mut read = notes.profile(items);
    read.on_error = on_error.unwrap_or_default();
    Parsed { profile: if notes.problems.is_empty() { Ok(read) } else { Err(notes.problems) }, on_error }
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(", ")
}

impl Notes {
    /// `forerun = ">=0.1"` comes first: a file for a newer forerun may hold keys that this one does not know.
    fn version(&mut self, items: &[Item<'_, '_>]) {
        let Some(item) = items.iter().find(|item| item.key == "forerun") else { return };
        let Some(text) = self.text(*item) else { return };
        let wanted = text.value.strip_prefix(">=").and_then(|version| numbers(version.trim()));
        let own = env!("CARGO_PKG_VERSION");
        match wanted {
            None => self.advise(
                Code::BadValue,
                text.span,
                format!("`{}` is not a version of forerun; expected `>=` and a version", text.value),
                format!("write `forerun = \">={own}\"`"),
            ),
            Some(wanted) if Some(wanted) > numbers(own) => self.advise(
                Code::NeedsNewerForerun,
                text.span,
                format!("this profile needs forerun {}, and this is forerun {own}", text.value),
                "put a newer `wrapper` into the layer",
            ),
            Some(_) => {}
        }
    }

    fn profile(&mut self, items: Vec<Item<'_, '_>>) -> Profile {
        let mut profile = Profile::default();
        let mut top = Rule { span: items.first().map(|item| item.key_span).unwrap_or_default(), ..Rule::default() };
        let mut families = Vec::new();
        let mut rules = Vec::new();
        for item in self.known(items, &grammar::PROFILE) {
            match item.key {
                "description" => profile.description = self.text(item).map(|text| text.value.to_owned()),
                "forerun" => {}
                // Only the tool reads them.
                "allow" => drop(self.texts(item)),
                "on_error" => {
                    if let Some(word) = self.text(item) {
                        self.word(item, word, &["stop", "continue"]);
                    }
                }
                "runtime" => families = self.families(item),
                "rules" => rules = self.tables(item, |notes, span, items| notes.rule(span, None, items)),
                "sidecars" => profile.sidecars = self.sidecars(item),
                "limits" => profile.limits = self.limits(item),
                "process" => profile.directories = self.directories(item),
                "shutdown" => profile.graceful = self.graceful(item),
                _ => self.rule_key(item, &mut top),
            }
        }
        self.handler_clash(&top);
        profile.when = top.when.take();
        profile.rules.push(top);
        profile.rules.extend(families);
        profile.rules.extend(rules);
        profile
    }

    fn families(&mut self, item: Item<'_, '_>) -> Vec<Rule> {
        let mut rules = Vec::new();
        for item in self.items(item.value, item.key) {
            match Family::named(item.key) {
                Some(family) => {
                    let items = self.section(item.value, item.key, &grammar::RULE);
                    rules.push(self.rule(item.key_span, Some(family), items));
                }
                None => self.unknown_word(item.key_span, item.key, "a family of runtimes", grammar::FAMILIES),
            }
        }
        rules
    }

    fn rule(&mut self, span: Span, family: Option<Family>, items: Vec<Item<'_, '_>>) -> Rule {
        let mut rule = Rule { span, family, ..Rule::default() };
        for item in self.known(items, &grammar::RULE) {
            self.rule_key(item, &mut rule);
        }
        self.handler_clash(&rule);
        rule
    }

    fn rule_key(&mut self, item: Item<'_, '_>, rule: &mut Rule) {
        match item.key {
            "when" => rule.when = Some(self.when(item)),
            "include" => rule.include = self.includes(item),
            "env" => rule.env = self.edits(item, &grammar::RULE),
            "args" => rule.args = self.args(item),
            "handler" => rule.handler = self.handler(item),
            "log" => rule.log = self.message(item),
            "warn" => rule.warn = self.message(item),
            "fail" => rule.fail = self.message(item),
            _ => self.not_read(item),
        }
    }

    /// A handler redirect sets two variables itself.
    fn handler_clash(&mut self, rule: &Rule) {
        let Some(handler) = &rule.handler else { return };
        for edit in rule.env.iter().filter(|edit| edit.name == b"_HANDLER" || edit.name == handler.original) {
            let name = String::from_utf8_lossy(&edit.name).into_owned();
            self.note(Code::Conflict, edit.span, format!("`handler` in the same rule sets `{name}` too"));
        }
    }

    fn includes(&mut self, item: Item<'_, '_>) -> Vec<Spanned<Template>> {
        let includes = self.templates(item);
        for include in &includes {
            let variable = |part: &Part| matches!(part, Part::Variable { .. });
            if include.value.parts.iter().any(variable) {
                let message = "an include cannot depend on a variable";
                self.advise(Code::Template, include.span, message, "put it into a `[[rules]]` with a `when`");
            } else if include.value == Template::default() {
                self.note(Code::BadValue, include.span, "an empty name");
            } else if include.value.literals().any(|text| text.contains(&b'/')) {
                self.absolute(include);
            }
        }
        includes
    }

    /// A key of the grammar without an arm in the parser: a test runs over all of them.
    fn not_read(&mut self, item: Item<'_, '_>) {
        debug_assert!(false, "`{}` is in the grammar and not in the parser", item.key);
    }

    fn message(&mut self, item: Item<'_, '_>) -> Option<Spanned<String>> {
        let text = self.text(item)?;
        Some(Spanned { span: item.key_span, value: text.value.to_owned() })
    }

    fn handler(&mut self, item: Item<'_, '_>) -> Option<Redirect> {
        let (mut redirect, mut original) = (None, None);
        for item in self.section(item.value, item.key, &grammar::HANDLER) {
            match item.key {
                "redirect" => redirect = Some((item.key_span, self.template(item.key, item.value)?)),
                "original" => original = Some(self.text(item)?),
                _ => self.not_read(item),
            }
        }
        let (Some((span, to)), Some(original)) = (redirect, original) else {
            let message = "`handler` needs both `redirect` and `original`: the new handler has to find the old one";
            self.note(Code::BadValue, item.key_span, message);
            return None;
        };
        if to.value == Template::default() {
            self.note(Code::BadValue, to.span, "an empty handler");
        }
        self.variable_name(original.value, original.span);
        if original.value == "_HANDLER" {
            let message = "`_HANDLER` takes the new handler, so it cannot keep the old one";
            self.advise(Code::Conflict, original.span, message, "name a variable of your own, as `ORIG_HANDLER`");
        }
        Some(Redirect { span, to: to.value, original: original.value.into() })
    }

    /// A list of tables, each read by `read`.
    fn tables<'t, 'i, T>(
        &mut self,
        item: Item<'t, 'i>,
        read: impl Fn(&mut Notes, Span, Vec<Item<'t, 'i>>) -> T,
    ) -> Vec<T> {
        let DeValue::Array(array) = item.value.get_ref() else {
            self.wrong_type(item.span(), item.key, "a list of tables", item.value.get_ref());
            return Vec::new();
        };
        array
            .iter()
            .map(|value| {
                let items = self.items(value, item.key);
                read(self, super::section::span(value), items)
            })
            .collect()
    }

    fn variable_name(&mut self, name: &str, span: Span) {
        if name.is_empty() || name.bytes().any(|byte| matches!(byte, b'=' | 0)) {
            self.note(Code::BadValue, span, format!("`{}` is not the name of a variable", name.escape_default()));
        }
    }

    fn word(&mut self, item: Item<'_, '_>, word: Spanned<&str>, known: &[&'static str]) -> Option<&'static str> {
        let found = known.iter().find(|known| **known == word.value);
        if found.is_none() {
            self.unknown_word(word.span, word.value, &format!("a value of `{}`", item.key), known);
        }
        found.copied()
    }

    fn unknown_word(&mut self, span: Span, word: &str, what: &str, known: &[&str]) {
        let expected = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
        let message = format!("`{word}` is not {what}; expected one of {expected}");
        match nearest(word, known.iter().copied()) {
            Some(near) => self.advise(Code::BadValue, span, message, format!("write `{near}`")),
            None => self.note(Code::BadValue, span, message),
        }
    }
}

fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let mut version = [parts.next()??, 0, 0];
    for slot in &mut version[1..] {
        *slot = parts.next().unwrap_or(Some(0))?;
    }
    parts.next().is_none().then_some(version)
}
