//! What a script does to a start: single effects, each with the runs in which it is seen.

use crate::profile::lists::List;

use super::arguments;
use super::list_values::{self, Pairs};
use super::run::Run;
use super::text::Text;

/// One thing that a script does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// A variable gets this value.
    Set(Vec<u8>, Text),
    /// A variable gets this value when it is missing.
    Default(Vec<u8>, Text),
    /// A variable is removed.
    Unset(Vec<u8>),
    /// A variable is folded to lower case.
    Lowercase(Vec<u8>),
    /// Something is added to a list.
    Add(Add),
    /// A key of a list of pairs gets a value.
    Pair(Pair),
    /// Arguments for the interpreter: an option and its value.
    Options(Vec<Text>),
    /// Arguments at the end.
    Append(Vec<Text>),
    /// The runtime is started by another program.
    Through(Vec<Text>),
    /// An argument is dropped.
    Remove(Text),
    /// An argument becomes another one.
    Replace(Text, Text),
    /// Something is added to the list behind a flag.
    FlagAdd(Vec<u8>, Add),
    /// The whole command line is another one.
    Command(Vec<Word>),
    /// The handler is another one, and the old one is kept in a variable.
    Handler(Text, Vec<u8>),
    /// A line is written to standard output, or to standard error.
    Line(Stream, Vec<u8>),
    /// The runtime is not started, and this is said.
    Fail(Text),
}

/// Where a line is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Error,
}

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Text(Text),
    /// What the start's argv begins with.
    Interpreter,
    /// The rest of it.
    Arguments,
}

/// Something that is added to a list: an element, or an option with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Add {
    pub(super) name: Vec<u8>,
    pub(super) list: List,
    pub(super) at_end: bool,
    pub(super) parts: Vec<Text>,
}

/// A key of a list of pairs, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: Vec<u8>,
    pub(super) list: List,
    pub(super) key: Vec<u8>,
    pub(super) value: Text,
    /// A value that is there stays.
    pub(super) keep: bool,
}

impl Effect {
    /// Whether the effect is seen in a run; `None` when the run cannot tell.
    pub(super) fn seen(&self, run: &Run) -> Option<bool> {
        if run.started().is_none() {
            return matches!(self, Effect::Fail(_)).then_some(true);
        }
        match self {
            Effect::Set(name, to) => {
                let (before, after) = (run.given(name), run.after(name).unwrap_or_default());
                let to = to.value(run);
                // A variable that is there and empty is there to some scripts, and missing to others.
                let is_open = run.before(name) == Some(b"") && after != to;
                if is_open || (before == to && after == to) { None } else { Some(after == to) }
            }
            Effect::Default(name, to) => {
                let (to, after) = (to.value(run), run.after(name).unwrap_or_default());
                let open = run.given(name).is_empty() && !to.is_empty();
                // More may have been added to a list since.
                let list = std::str::from_utf8(name).ok().and_then(List::known);
                let inside = |list: List| {
                    list_values::has_run(&list_values::elements(after, &list), &list_values::elements(&to, &list))
                };
                let seen = after == to || list.is_some_and(inside);
                (open && (seen || run.before(name) != Some(b""))).then_some(seen)
            }
            Effect::Unset(name) => {
                (!run.given(name).is_empty()).then(|| run.after(name).unwrap_or_default().is_empty())
            }
            Effect::Lowercase(name) => {
                let folded = run.given(name).to_ascii_lowercase();
                (folded != run.given(name)).then(|| run.after(name) == Some(&folded))
            }
            Effect::Add(add) => {
                let parts: Vec<Vec<u8>> = add.parts.iter().map(|part| part.whole(run)).collect::<Option<_>>()?;
                let there = |value: &[u8]| list_values::has_run(&list_values::elements(value, &add.list), &parts);
                (!there(run.given(&add.name))).then(|| there(run.after(&add.name).unwrap_or_default()))
            }
            Effect::Pair(pair) => {
                let value = pair.value.whole(run)?;
                let before = Pairs::read(run.given(&pair.name), &pair.list);
                let after = Pairs::read(run.after(&pair.name).unwrap_or_default(), &pair.list);
                let old = before.get(&pair.key);
                match old {
                    Some(_) if pair.keep => None,
                    Some(old) if *old == value && after.get(&pair.key) == Some(old) => None,
                    _ => Some(after.get(&pair.key) == Some(&value)),
                }
            }
            Effect::Line(stream, line) => {
                let written = if *stream == Stream::Out { &run.outcome.stdout } else { &run.outcome.stderr };
                Some(written.split(|&byte| byte == b'\n').any(|written| written == line))
            }
            Effect::Fail(_) => Some(false),
            // Both halves are looked for by themselves before they become one.
            Effect::Handler(to, _) => Some(run.after(b"_HANDLER") == Some(&to.value(run))),
            _ => arguments::seen(self, run, run.argv()),
        }
    }

    /// The variable that it writes.
    pub(super) fn writes(&self) -> Vec<&[u8]> {
        match self {
            Effect::Set(name, _) | Effect::Default(name, _) | Effect::Unset(name) | Effect::Lowercase(name) => {
                vec![name]
            }
            Effect::Add(add) => vec![&add.name],
            Effect::Pair(pair) => vec![&pair.name],
            Effect::Handler(_, original) => vec![b"_HANDLER", original],
            _ => Vec::new(),
        }
    }

    /// The texts in it.
    pub(super) fn texts(&self) -> Vec<&Text> {
        match self {
            Effect::Set(_, text) | Effect::Default(_, text) | Effect::Remove(text) | Effect::Handler(text, _) => {
                vec![text]
            }
            Effect::Add(add) | Effect::FlagAdd(_, add) => add.parts.iter().collect(),
            Effect::Pair(pair) => vec![&pair.value],
            Effect::Options(texts) | Effect::Append(texts) | Effect::Through(texts) => texts.iter().collect(),
            Effect::Replace(old, new) => vec![old, new],
            Effect::Command(words) => {
                let texts = words.iter().filter_map(|word| match word {
                    Word::Text(text) => Some(text),
                    Word::Interpreter | Word::Arguments => None,
                });
                texts.collect()
            }
            Effect::Unset(_) | Effect::Lowercase(_) | Effect::Line(..) | Effect::Fail(_) => Vec::new(),
        }
    }
}
