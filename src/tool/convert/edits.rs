//! Edits of variables as lines of a profile.

use std::collections::BTreeMap;

use crate::profile::lists::List;

use super::effect::{Add, Effect, Pair};
use super::rules::Guarded;
use super::text::Text;
use super::toml_text::{Toml, WIDTH, quoted_key};

/// What one rule does to one variable.
#[derive(Debug, Default)]
struct Edit {
    /// Keys and values, in the order in which they are read best.
    keys: Vec<(&'static str, Toml)>,
    separator: Option<String>,
    if_exists: Option<Vec<u8>>,
}

/// The lines below `env`, and what cannot be written.
pub(super) fn lines(effects: &[Guarded]) -> (Vec<String>, Vec<String>) {
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut edits: BTreeMap<Vec<u8>, Edit> = BTreeMap::new();
    let mut left_out = Vec::new();
    for guarded in effects {
        let Some(name) = edited(&guarded.effect) else { continue };
        let edit = edits.entry(name.clone()).or_insert_with(|| {
            names.push(name.clone());
            Edit::default()
        });
        edit.if_exists = edit.if_exists.take().or_else(|| guarded.if_exists.clone());
        if edit.take(&guarded.effect).is_none() {
            let name = String::from_utf8_lossy(&name);
            left_out.push(format!("another change of {name} under the same condition"));
        }
    }
    let lines = names.iter().map(|name| edits[name].line(&quoted_key(&String::from_utf8_lossy(name))));
    (lines.collect(), left_out)
}

fn edited(effect: &Effect) -> Option<Vec<u8>> {
    match effect {
        Effect::Set(name, _) | Effect::Default(name, _) | Effect::Unset(name) | Effect::Lowercase(name) => {
            Some(name.clone())
        }
        Effect::Add(Add { name, .. }) | Effect::Pair(Pair { name, .. }) => Some(name.clone()),
        _ => None,
    }
}

impl Edit {
    /// Adds what an effect does; `None` when there is no place for it.
    fn take(&mut self, effect: &Effect) -> Option<()> {
        match effect {
            Effect::Set(_, text) => self.key("set", Toml::plain(text.template()?)),
            Effect::Default(_, text) => {
                self.key("default", Toml::plain(text.template()?))?;
                // What a list starts from stands in front of what is added to it.
                self.keys.sort_by_key(|(key, _)| *key != "default");
                Some(())
            }
            Effect::Unset(_) => self.key("unset", Toml::Bool(true)),
            Effect::Lowercase(_) => self.key("lowercase", Toml::Bool(true)),
            Effect::Add(add) => {
                let parts: Vec<Toml> =
                    add.parts.iter().map(|part| part.template().map(Toml::Text)).collect::<Option<_>>()?;
                self.note_separator(&add.name, &add.list);
                let key = if add.at_end { "append" } else { "prepend" };
                match self.keys.iter_mut().find(|(there, _)| *there == key) {
                    Some((_, Toml::List(there))) => there.extend(parts),
                    _ => self.key(key, Toml::List(parts))?,
                }
                Some(())
            }
            Effect::Pair(pair) => {
                self.note_separator(&pair.name, &pair.list);
                let key = if pair.keep { "default_pairs" } else { "pairs" };
                let entry = (String::from_utf8(pair.key.clone()).ok()?, pair_value(&pair.value)?);
                match self.keys.iter_mut().find(|(there, _)| *there == key) {
                    Some((_, Toml::Table(there))) => there.push(entry),
                    _ => self.key(key, Toml::Table(vec![entry]))?,
                }
                Some(())
            }
            _ => None,
        }
    }

    fn key(&mut self, key: &'static str, value: Toml) -> Option<()> {
        let goes_with = |there: &str| match key {
            "default" => matches!(there, "prepend" | "append" | "pairs" | "default_pairs" | "lowercase"),
            "lowercase" => matches!(there, "set" | "default"),
            "set" => there == "lowercase",
            _ => there == "default",
        };
        self.keys.iter().all(|(there, _)| goes_with(there)).then(|| self.keys.push((key, value)))
    }

    fn note_separator(&mut self, name: &[u8], list: &List) {
        let known = std::str::from_utf8(name).ok().and_then(List::known);
        if known.is_none() {
            self.separator = Some(String::from_utf8_lossy(&list.separator).into_owned());
        }
    }

    fn line(&self, name: &str) -> String {
        let mut entries: Vec<(String, Toml)> =
            self.keys.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        entries.extend(self.separator.iter().map(|separator| ("separator".to_owned(), Toml::text(separator.clone()))));
        let path =
            |path: &Vec<u8>| ("if_exists".to_owned(), Toml::text(String::from_utf8_lossy(path).replace('$', "$$")));
        entries.extend(self.if_exists.iter().map(path));
        match &entries[..] {
            [(key, value)] if key == "set" => value.line(name),
            [(key, value)] => value.line(&format!("{name}.{key}")),
            _ => {
                let whole = Toml::Table(entries);
                let line = format!("{name} = {}\n", whole.inline());
                if line.len() <= WIDTH { line } else { whole.line(name) }
            }
        }
    }
}

/// The value of a pair. Forerun encodes it where the list wants that.
fn pair_value(text: &Text) -> Option<Toml> {
    text.template().map(Toml::plain)
}
