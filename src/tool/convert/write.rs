//! Rules as a profile.

use std::collections::BTreeMap;

use super::condition::{Atom, Condition, Literal};
use super::edits;
use super::effect::{Effect, Stream, Word};
use super::rules::{Guarded, Rule, stage};
use super::text::Text;
use super::toml_text::{Toml, quoted_key};
use super::when;

/// A profile, and what of the rules it does not say.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) left_out: Vec<String>,
}

/// Writes rules as a profile.
pub(super) fn write(description: &str, mut rules: Vec<Rule>) -> Written {
    let mut written = Written::default();
    let gate = take_gate(&mut rules);
    lean_on_defaults(&mut rules);
    written.text.push_str(&Toml::text(description).line("description"));
    written.when("when", &gate);
    let (mut tables, mut list) = (String::new(), String::new());
    let mut top_is_there = false;
    for rule in &rules {
        // Only what comes first can stand at the top, and only one table can stand for a runtime.
        let header = |name: &str| format!("[runtime.{name}]\n");
        let family = match &rule.condition.0[..] {
            [all] => match &all[..] {
                [Literal { atom: Atom::Family(family), holds: true }] => Some(family.name()),
                _ => None,
            },
            _ => None,
        };
        match (stage(&rule.condition), family) {
            (0, _) if list.is_empty() && tables.is_empty() && !top_is_there => {
                top_is_there = true;
                let (body, env) = written.body(rule);
                written.text.push_str(&body);
                if !env.is_empty() {
                    tables.push_str(&format!("\n[env]\n{}", env.concat()));
                }
            }
            (1, Some(family)) if list.is_empty() && !tables.contains(&format!("[runtime.{family}")) => {
                let (body, env) = written.body(rule);
                match body.is_empty() {
                    true => tables.push_str(&format!("\n[runtime.{family}.env]\n{}", env.concat())),
                    false => tables.push_str(&format!("\n{}{body}{}", header(family), prefixed("env.", &env))),
                }
            }
            _ => {
                let (body, env) = written.body(rule);
                let mut table = Written::default();
                table.when("when", &rule.condition);
                written.left_out.append(&mut table.left_out);
                list.push_str(&format!("\n[[rules]]\n{}{body}{}", table.text, prefixed("env.", &env)));
            }
        }
    }
    written.text.push_str(&tables);
    written.text.push_str(&list);
    written
}

/// What all rules ask is asked once, for the whole profile.
fn take_gate(rules: &mut [Rule]) -> Condition {
    let Some(first) = rules.first() else { return Condition::always() };
    let [all] = &first.condition.0[..] else { return Condition::always() };
    let is_common = |literal: &&Literal| {
        rules
            .iter()
            .all(|rule| !rule.condition.0.is_empty() && rule.condition.0.iter().all(|term| term.contains(literal)))
    };
    let common: Vec<Literal> = all.iter().filter(is_common).cloned().collect();
    for rule in &mut *rules {
        rule.condition.0.iter_mut().for_each(|term| term.retain(|literal| !common.contains(literal)));
    }
    Condition(vec![common])
}

/// Where the top of the profile gives a variable a default, the rules behind it find that in place of nothing.
fn lean_on_defaults(rules: &mut [Rule]) {
    let Some((top, later)) = rules.split_first_mut() else { return };
    if !top.condition.is_always() {
        return;
    }
    for guarded in &top.effects {
        let (Effect::Default(name, text), None) = (&guarded.effect, &guarded.if_exists) else { continue };
        let Some(default) = text.as_literal() else { continue };
        for literal in later.iter_mut().flat_map(|rule| rule.condition.0.iter_mut().flatten()) {
            if let Atom::OneOf(asked, values) = &mut literal.atom
                && asked == name
                && values.iter().any(|value| value == default)
            {
                values.retain(|value| !value.is_empty());
            }
        }
    }
}

fn prefixed(prefix: &str, lines: &[String]) -> String {
    // A list that goes over several lines has the key on its first one only.
    let mut text = String::new();
    for line in lines {
        for part in line.split_inclusive('\n') {
            let continues = part.starts_with(' ') || part.starts_with(']');
            text.push_str(if continues { "" } else { prefix });
            text.push_str(part);
        }
    }
    text
}

impl Written {
    fn when(&mut self, key: &str, condition: &Condition) {
        if condition.is_always() {
            return;
        }
        match when::table(condition) {
            Some(table) => table.iter().for_each(|(part, value)| self.test(&format!("{key}.{part}"), value)),
            None => self.left_out.push("a condition on text that is not UTF-8".to_owned()),
        }
    }

    /// One line for each test, as `when.env.X = true`.
    fn test(&mut self, key: &str, value: &Toml) {
        match value {
            Toml::Table(entries) if !is_leaf(entries) => {
                entries.iter().for_each(|(part, value)| self.test(&format!("{key}.{}", quoted_key(part)), value));
            }
            value => self.text.push_str(&value.line(key)),
        }
    }

    /// The lines of a rule besides its variables, and those of its variables.
    fn body(&mut self, rule: &Rule) -> (String, Vec<String>) {
        let mut body = String::new();
        for guarded in &rule.effects {
            if let Effect::Handler(to, original) = &guarded.effect {
                let to = self.template(to);
                body.push_str(&Toml::Text(to).line("handler.redirect"));
                body.push_str(&Toml::text(String::from_utf8_lossy(original)).line("handler.original"));
            }
        }
        body.push_str(&self.arguments(&rule.effects));
        body.push_str(&self.lines(&rule.effects));
        let (lines, mut left_out) = edits::lines(&rule.effects);
        self.left_out.append(&mut left_out);
        (body, lines)
    }

    fn arguments(&mut self, effects: &[Guarded]) -> String {
        let (mut remove, mut replace, mut options, mut append) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut rest = String::new();
        let mut flags: BTreeMap<String, Vec<Toml>> = BTreeMap::new();
        for guarded in effects {
            match &guarded.effect {
                Effect::Remove(text) => remove.push(Toml::Text(self.template(text))),
                Effect::Replace(old, new) => replace.push((self.template(old), Toml::Text(self.template(new)))),
                Effect::Options(texts) => options.extend(texts.iter().map(|text| Toml::Text(self.template(text)))),
                Effect::Append(texts) => append.extend(texts.iter().map(|text| Toml::Text(self.template(text)))),
                Effect::FlagAdd(flag, add) => {
                    let place = if add.at_end { "append" } else { "prepend" };
                    let key = format!("args.values.{}.{place}", quoted_key(&String::from_utf8_lossy(flag)));
                    let parts = add.parts.iter().map(|part| Toml::Text(self.template(part)));
                    flags.entry(key).or_default().extend(parts);
                }
                Effect::Through(texts) => {
                    let words = texts.iter().map(|text| self.template(text)).collect::<Vec<_>>();
                    rest.push_str(&Toml::List(absolute(words)).line("args.through"));
                }
                Effect::Command(words) => {
                    let word = |word: &Word| match word {
                        Word::Text(text) => self.template(text),
                        Word::Interpreter => "${0}".to_owned(),
                        Word::Arguments => "${1..}".to_owned(),
                    };
                    let words = words.iter().map(word).collect::<Vec<_>>();
                    rest.push_str(&Toml::List(absolute(words)).line("args.command"));
                }
                _ => {}
            }
        }
        let mut lines = String::new();
        for (key, values) in [("args.remove", remove), ("args.options", options), ("args.append", append)] {
            if !values.is_empty() {
                lines.push_str(&Toml::List(values).line(key));
            }
        }
        if !replace.is_empty() {
            lines.push_str(&Toml::Table(replace).line("args.replace"));
        }
        flags.into_iter().for_each(|(key, parts)| lines.push_str(&Toml::List(parts).line(&key)));
        lines + &rest
    }

    /// One text each is written and says why the start stops: several lines become one.
    fn lines(&mut self, effects: &[Guarded]) -> String {
        let mut lines = String::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for (stream, key) in [(Stream::Out, "log"), (Stream::Error, "warn")] {
            let of_stream = |guarded: &Guarded| match &guarded.effect {
                Effect::Line(of, line) if *of == stream => Some(text(line)),
                _ => None,
            };
            let written: Vec<String> = effects.iter().filter_map(of_stream).collect();
            if !written.is_empty() {
                lines.push_str(&Toml::Text(written.join("; ")).line(key));
            }
        }
        for guarded in effects {
            if let Effect::Fail(why) = &guarded.effect {
                let why = why.as_literal().filter(|why| !why.is_empty()).map(text);
                lines.push_str(&Toml::Text(why.unwrap_or_else(|| "the wrapper stops here".into())).line("fail"));
            }
        }
        lines
    }

    fn template(&mut self, text: &Text) -> String {
        text.template().unwrap_or_else(|| {
            self.left_out.push("a text that is not UTF-8".to_owned());
            String::new()
        })
    }
}

/// Whether a table is a test of a variable and not a step on the way to one.
fn is_leaf(entries: &[(String, Toml)]) -> bool {
    matches!(entries, [(key, value)] if (key == "empty" || key == "contains") && !matches!(value, Toml::Table(_)))
}

/// Programs have absolute paths in profiles; what a script finds by PATH is in the runtime's image.
fn absolute(words: Vec<String>) -> Vec<Toml> {
    let mut words = words;
    if let Some(program) = words.first_mut().filter(|program| !program.contains('/') && !program.starts_with("${")) {
        *program = format!("/var/lang/bin/{program}");
    }
    words.into_iter().map(Toml::Text).collect()
}
