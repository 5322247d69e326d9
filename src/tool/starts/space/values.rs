//! The values that a variable is tried with.

use std::collections::BTreeSet;

use super::interpreters::Dress;
use super::runtimes::Other;
use super::{Choice, Effect};
use crate::problem::printable;
use crate::profile::lists::{Kind, List};
use crate::tool::known_starts;
use crate::tool::starts::mentions::Use;

/// A variable, and what is known of it.
pub(super) struct Variable<'m> {
    pub(super) name: &'m [u8],
    pub(super) usage: Use,
    /// Literals that stand beside it in the script.
    pub(super) words: &'m BTreeSet<Vec<u8>>,
    /// What the script was seen to give it.
    pub(super) learned: &'m BTreeSet<Vec<u8>>,
    /// Lambda sets it for one of the runtimes.
    pub(super) by_platform: bool,
}

/// How many choices there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// One for each kind of value.
    Fine,
    /// Few: kinds are put together.
    Coarse,
}

impl Detail {
    fn of<T>(self, fine: T, coarse: T) -> T {
        if self == Detail::Fine { fine } else { coarse }
    }
}

/// Texts that scripts get wrong, one kind each.
const AWKWARD: [(&str, &[u8]); 7] = [
    ("with spaces", b" two  words "),
    ("with quotes", b"it's \"so\""),
    ("with a backslash", b"a\\b\\n"),
    ("with `*`", b"*"),
    ("with `$HOME` and `$(echo x)`", b"$HOME$(echo x)`echo x`"),
    ("with newlines", b"two\nlines\n"),
    ("not UTF-8", b"caf\xe9"),
];

/// The same kinds together.
const AWKWARD_TOGETHER: [(&str, &[u8]); 4] = [
    ("with spaces and quotes", b" it's  \"so\" "),
    ("with `*`, `$HOME` and a backslash", b"* a\\b $HOME$(echo x)"),
    ("with newlines", b"two\nlines\n"),
    ("not UTF-8", b"caf\xe9"),
];

/// Whether Lambda sets the variable and lets no function set it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>).
pub(super) fn is_reserved(name: &[u8]) -> bool {
    matches!(name, b"LAMBDA_RUNTIME_DIR" | b"_HANDLER" | b"AWS_EXECUTION_ENV")
        || known_starts::platform_env().iter().any(|(reserved, _)| reserved.as_bytes() == name)
}

/// The choices of a variable, the ordinary one first, no value twice.
pub(super) fn choices(variable: &Variable<'_>, detail: Detail) -> Vec<Choice> {
    let mut choices = Choices::new(variable);
    match variable.name {
        b"AWS_EXECUTION_ENV" => choices.execution_env(),
        b"_HANDLER" => choices.handler(),
        name if is_reserved(name) => choices.reserved(),
        _ if variable.usage == Use::Written => {
            choices.set("set", &choices.dress.value(&choices.dress.element(b"made-up")))
        }
        _ => choices.ordinary_variable(detail),
    }
    choices.made
}

/// The choices so far.
struct Choices<'m> {
    variable: &'m Variable<'m>,
    list: Option<List>,
    dress: Dress,
    made: Vec<Choice>,
    values: BTreeSet<Vec<u8>>,
}

impl<'m> Choices<'m> {
    fn new(variable: &'m Variable<'m>) -> Choices<'m> {
        let list = std::str::from_utf8(variable.name).ok().and_then(List::known);
        let dress = Dress::of(variable.name, list.as_ref());
        let ordinary = if variable.by_platform { "as Lambda sets it" } else { "unset" };
        let mut made = vec![Choice::new(ordinary, Effect::Ordinary)];
        if variable.by_platform && !matches!(dress, Dress::Path) {
            made.push(Choice::new("unset", Effect::Unset));
        }
        Choices { variable, list, dress, made, values: BTreeSet::new() }
    }

    fn set(&mut self, label: &str, value: &[u8]) {
        if value.contains(&0) || !self.values.insert(value.to_vec()) {
            return;
        }
        let like = self.made.iter().filter(|choice| choice.label.starts_with(label)).count();
        let is_taken = self.made.iter().any(|choice| choice.label == label);
        let label = if is_taken { format!("{label} ({})", like + 1) } else { label.to_owned() };
        self.made.push(Choice::new(label, Effect::Set(value.to_vec())));
    }

    /// A value that is a list of one, with this text in it.
    fn text(&mut self, label: &str, text: &[u8]) {
        self.set(label, &self.dress.value(&self.dress.element(text)));
    }

    fn execution_env(&mut self) {
        self.set("= AWS_Lambda_Image", b"AWS_Lambda_Image");
        let others = [
            ("of another family", Other::Family),
            ("of the oldest version", Other::Oldest),
            ("of the newest version", Other::Newest),
        ];
        self.made.extend(others.map(|(label, other)| Choice::new(label, Effect::Another(other))));
        for word in self.variable.words.iter().filter(|word| word.starts_with(b"AWS_Lambda_")).take(3) {
            self.set(&format!("= {}", printable(word)), word);
        }
    }

    fn handler(&mut self) {
        self.set("empty", b"");
        self.set("= src/my.module.handler", b"src/my.module.handler");
        self.set("with spaces", b"my  app.handler");
        self.set("with glob characters", b"a[p]p.*");
        if let Some(value) = self.variable.learned.first() {
            self.set("already what the script gives it", value);
        }
    }

    fn reserved(&mut self) {
        self.set("empty", b"");
        if self.variable.usage == Use::Read {
            self.words(3, false);
            // Lambda's folders are never relative, wherever they are.
            let is_folder = matches!(self.variable.name, b"LAMBDA_RUNTIME_DIR" | b"LAMBDA_TASK_ROOT");
            let odd = if is_folder { &b"/var/it's  \"so\" * $HOME"[..] } else { b" it's  \"so\" * $HOME" };
            self.set("with spaces, quotes, `*` and `$HOME`", odd);
        }
    }

    fn ordinary_variable(&mut self, detail: Detail) {
        if !matches!(self.dress, Dress::Path) {
            self.set("empty", b"");
        }
        self.words(detail.of(6, 3), detail == Detail::Fine);
        self.learned(detail);
        if self.list.is_none() {
            self.text("set", b"made-up");
        }
        self.separators(detail);
        for (label, text) in detail.of(&AWKWARD[..], &AWKWARD_TOGETHER[..]) {
            self.text(label, text);
        }
    }

    /// The words of the script, as the value or within it.
    fn words(&mut self, most: usize, within: bool) {
        let variants = |word: &[u8]| {
            let lower = word.to_ascii_lowercase();
            let mut title = lower.clone();
            title[..1].make_ascii_uppercase();
            [lower, title, word.to_ascii_uppercase()]
        };
        let is_boolean = |word: &[u8]| {
            let known: [&[u8]; 12] =
                [b"true", b"false", b"yes", b"no", b"on", b"off", b"t", b"f", b"1", b"0", b"enabled", b"disabled"];
            known.contains(&&word.to_ascii_lowercase()[..])
        };
        let is_key = |word: &[u8]| self.assign().is_some_and(|assign| word.ends_with(&[assign]));
        let mut words: Vec<&Vec<u8>> = self.variable.words.iter().filter(|word| !is_key(word)).collect();
        words.sort_by_key(|word| (!is_boolean(word), word.contains(&b' '), word.len()));
        for word in words.into_iter().take(most) {
            let name = printable(word);
            if !matches!(self.dress, Dress::Plain) {
                self.text(&format!("with `{name}` in it"), word);
            } else if is_boolean(word) {
                self.set(&format!("= {name}"), word);
                for variant in variants(word) {
                    self.set(&format!("= {}", printable(&variant)), &variant);
                }
            } else {
                self.set(&format!("= {name}"), word);
                if within {
                    self.set(&format!("with `{name}` in it"), &[b"my", &word[..], b"too"].concat());
                }
            }
        }
    }

    /// What stands between key and value, when the variable has pairs.
    fn assign(&self) -> Option<u8> {
        match self.list.as_ref()?.kind {
            Kind::Pairs { assign, .. } => Some(assign),
            _ => None,
        }
    }

    /// What the script gives the variable is there already.
    fn learned(&mut self, detail: Detail) {
        let separator = self.list.as_ref().map(|list| list.separator.clone());
        for value in self.variable.learned.iter().filter(|value| !value.is_empty()).take(detail.of(2, 1)) {
            let Some(separator) = &separator else {
                self.set("already what the script gives it", value);
                continue;
            };
            // Of PATH the script keeps what there is, which is what `value` puts there.
            let value = match &self.dress {
                Dress::Path => without(value, super::interpreters::PATH),
                _ => value.clone(),
            };
            let element = trimmed(&value, separator);
            if element.is_empty() {
                continue;
            }
            let (one, two) = (self.dress.element(b"one"), self.dress.element(b"two"));
            let put = |parts: &[&[u8]]| self.dress.value(&parts.join(&separator[..]));
            let alone = put(&[element]);
            let middle = put(&[&one, element, &two]);
            let (first, last) = (put(&[element, &one]), put(&[&one, element]));
            self.set("already what the script gives it", &alone);
            self.set("with what the script gives it in the middle", &middle);
            if detail == Detail::Fine {
                self.set("with what the script gives it first", &first);
                self.set("with what the script gives it last", &last);
            }
        }
        if let (Some(assign), Some(separator)) = (self.assign(), separator) {
            self.keys(assign, &separator, detail.of(2, 1));
        }
    }

    /// The keys of pairs are there already.
    fn keys(&mut self, assign: u8, separator: &[u8], most: usize) {
        let named = self.variable.words.iter().filter_map(|word| word.strip_suffix(&[assign]));
        let learned = self.variable.learned.iter().flat_map(|value| value.split(|byte| separator.contains(byte)));
        let learned = learned.filter_map(|pair| pair.iter().position(|&byte| byte == assign).map(|end| &pair[..end]));
        let mut keys: Vec<&[u8]> = Vec::new();
        for key in named.chain(learned) {
            if !key.is_empty() && !keys.contains(&key) {
                keys.push(key);
            }
        }
        for key in keys.into_iter().take(most) {
            let name = printable(key);
            let another =
                [self.dress.element(b"1"), separator.to_vec(), key.to_vec(), vec![assign], b"another".to_vec()];
            self.set(&format!("with another `{name}`"), &another.concat());
            self.set(&format!("with `my.{name}`"), &[b"my.", key, &[assign], b"another"].concat());
        }
    }

    /// Lists, as users write them.
    fn separators(&mut self, detail: Detail) {
        let Some(list) = &self.list else { return };
        let separator = &list.separator[..];
        let (one, two) = (self.dress.element(b"one"), self.dress.element(b"two"));
        let value = |parts: &[&[u8]]| parts.join(separator);
        let two_elements = self.dress.value(&value(&[&one, &two]));
        let front = self.dress.value(&value(&[b"", &one]));
        let doubled = self.dress.value(&value(&[&one, b"", &two]));
        let end = match &self.dress {
            Dress::Path => [&self.dress.value(&one)[..], separator].concat(),
            _ => value(&[&one, b""]),
        };
        let all = match &self.dress {
            Dress::Path => [separator, &doubled, separator].concat(),
            _ => value(&[b"", &one, b"", &two, b""]),
        };
        self.set("a list of two", &two_elements);
        match detail {
            Detail::Fine => {
                self.set("with a separator in front", &front);
                self.set("with two separators in a row", &doubled);
                self.set("with a separator at the end", &end);
            }
            Detail::Coarse => self.set("with separators in front, in a row and at the end", &all),
        }
    }
}

/// The list without separators at its ends.
fn trimmed<'v>(mut value: &'v [u8], separator: &[u8]) -> &'v [u8] {
    while let Some(rest) = value.strip_prefix(separator) {
        value = rest;
    }
    while let Some(rest) = value.strip_suffix(separator) {
        value = rest;
    }
    value
}

/// The value without a part of it.
fn without(value: &[u8], part: &[u8]) -> Vec<u8> {
    match value.windows(part.len()).position(|window| window == part) {
        Some(found) => [&value[..found], &value[found + part.len()..]].concat(),
        None => value.to_vec(),
    }
}
