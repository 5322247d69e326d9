//! What a script does to the command line.

use crate::profile::lists::List;
use crate::start::base_name;

use super::effect::{Add, Effect, Word};
use super::list_values::{self, has_run, position};
use super::run::Run;
use super::text::{self, Text};
use super::variables;

/// All that is done to argv in some run.
pub(super) fn effects(runs: &[Run]) -> Vec<Effect> {
    let mut found = Found::default();
    for run in runs {
        if run.started().is_some() {
            found.look(run, run.argv());
        }
    }
    let Found { through, options, append, mut single, .. } = found;
    let groups = |found: &[(&Run, Text, Vec<u8>)], order: &[Text]| {
        let mut texts = text::explain(found);
        text::in_order(&mut texts, found, order);
        texts.iter().map(variables::split).collect::<Vec<_>>()
    };
    let mut effects: Vec<Effect> = Vec::new();
    effects.extend(groups(&through, &[]).into_iter().map(Effect::Through));
    effects.append(&mut single);
    effects.extend(groups(&options, &found.order).into_iter().map(Effect::Options));
    effects.extend(groups(&append, &found.order).into_iter().map(Effect::Append));
    effects
}

/// Whether one of these effects is seen in a run.
pub(super) fn seen(effect: &Effect, run: &Run, argv: &[Vec<u8>]) -> Option<bool> {
    let start = &run.start.argv;
    let values = |texts: &[Text]| texts.iter().map(|text| text.value(run)).collect::<Vec<_>>();
    match effect {
        Effect::Options(texts) | Effect::Append(texts) => {
            let run = values(texts);
            (!has_run(start, &run)).then(|| has_run(argv, &run))
        }
        Effect::Remove(text) => {
            let argument = text.value(run);
            start[1..].contains(&argument).then(|| !argv.contains(&argument))
        }
        Effect::Replace(old, new) => {
            let (old, new) = (old.value(run), new.value(run));
            start[1..].contains(&old).then(|| !argv.contains(&old) && argv.contains(&new))
        }
        Effect::FlagAdd(flag, add) => {
            let old = flag_value(start, flag)?;
            let new = flag_value(argv, flag).unwrap_or_default();
            let parts = values(&add.parts);
            let there = |value: &[u8]| has_run(&list_values::elements(value, &add.list), &parts);
            (!there(old)).then(|| there(new))
        }
        Effect::Through(texts) => {
            let prefix = values(texts);
            Some(argv.len() > prefix.len() && same_program(&argv[0], &prefix[0]) && argv[1..].starts_with(&prefix[1..]))
        }
        Effect::Command(words) => Some(same_command(argv, &command(words, run))),
        _ => None,
    }
}

fn same_command(one: &[Vec<u8>], other: &[Vec<u8>]) -> bool {
    one.len() == other.len() && same_program(&one[0], &other[0]) && one[1..] == other[1..]
}

/// A program that was found by PATH is the one of that name.
fn same_program(one: &[u8], other: &[u8]) -> bool {
    one == other || ((!one.contains(&b'/') || !other.contains(&b'/')) && base_name(one) == base_name(other))
}

/// A command line in a run.
pub(super) fn command(words: &[Word], run: &Run) -> Vec<Vec<u8>> {
    let start = &run.start.argv;
    let mut argv = Vec::new();
    for word in words {
        match word {
            Word::Text(text) => argv.push(text.value(run)),
            Word::Interpreter => argv.push(start[0].clone()),
            Word::Arguments => argv.extend_from_slice(&start[1..]),
        }
    }
    argv
}

fn flag_value<'v>(argv: &'v [Vec<u8>], flag: &[u8]) -> Option<&'v [u8]> {
    let at = argv.iter().rposition(|argument| argument == flag)?;
    argv.get(at + 1).map(Vec::as_slice)
}

#[derive(Default)]
struct Found<'r> {
    through: Vec<(&'r Run, Text, Vec<u8>)>,
    options: Vec<(&'r Run, Text, Vec<u8>)>,
    append: Vec<(&'r Run, Text, Vec<u8>)>,
    single: Vec<Effect>,
    order: Vec<Text>,
}

impl<'r> Found<'r> {
    /// Compares the argv of a run with that of its start.
    fn look(&mut self, run: &'r Run, argv: &[Vec<u8>]) {
        let start = &run.start.argv;
        if argv == start {
            return;
        }
        let same = alignment(start, argv);
        if !same[0].is_some_and(|to| to == 0 || argv.len() - to >= start.len()) {
            // Another program runs: with the old arguments behind it, or without them.
            return self.another_command(run, argv);
        }
        let first = same[0].unwrap_or(0);
        if first > 0 {
            let bytes = variables::joined(&argv[..first]);
            self.through.push((run, Text::read(&bytes, run, None), bytes));
        }
        // What stands between two arguments that stayed: dropped and new ones.
        let (mut from, mut to) = (1, first + 1);
        for at in 1..=start.len() {
            let next = if at == start.len() { Some(argv.len()) } else { same[at] };
            if let Some(next) = next {
                self.gap(run, &start[from..at], &argv[to..next], (from, at == start.len()));
                (from, to) = (at + 1, next + 1);
            }
        }
    }

    /// `old` arguments were there, `new` ones are. `at` is where the old ones began, and whether this is the end.
    fn gap(&mut self, run: &'r Run, old: &[Vec<u8>], new: &[Vec<u8>], at: (usize, bool)) {
        let read = |argument: &[u8]| Text::read(argument, run, None);
        if !old.is_empty() && old.len() == new.len() {
            for (offset, (old, new)) in old.iter().zip(new).enumerate() {
                let before = at.0 + offset - 1;
                if let Some(effects) = flag_addition(run, before, old, new) {
                    effects.into_iter().for_each(|effect| self.once(effect));
                } else {
                    self.once(Effect::Replace(read(old), read(new)));
                }
            }
            return;
        }
        // A switch that is turned round takes the place of the old one.
        let turned = |one: &Vec<u8>, other: &Vec<u8>| one != other && unsigned(one) == unsigned(other);
        for old in old {
            match new.iter().find(|new| turned(old, new)) {
                Some(new) => self.once(Effect::Replace(read(old), read(new))),
                None => self.once(Effect::Remove(read(old))),
            }
        }
        let left: Vec<Vec<u8>> = new.iter().filter(|new| !old.iter().any(|old| turned(old, new))).cloned().collect();
        for group in argument_groups(&left) {
            let bytes = variables::joined(group);
            let text = read(&bytes);
            if !self.order.contains(&text) {
                self.order.push(text.clone());
            }
            let found = (run, text, bytes);
            // At the end of an argv of one program there is no telling; options are what nearly everybody means.
            let is_end = at.1 && run.start.argv.len() > 1;
            if is_end { self.append.push(found) } else { self.options.push(found) }
        }
    }

    fn another_command(&mut self, run: &Run, argv: &[Vec<u8>]) {
        let start = &run.start.argv;
        let mut words: Vec<Word> = argv.iter().map(|word| Word::Text(Text::read(word, run, None))).collect();
        if start.len() > 1
            && let Some(at) = position(argv, &start[1..])
        {
            words.splice(at..at + start.len() - 1, [Word::Arguments]);
        }
        if let Some(at) = argv.iter().position(|word| *word == start[0]) {
            words[at] = Word::Interpreter;
        }
        self.once(Effect::Command(words));
    }

    fn once(&mut self, effect: Effect) {
        if !self.single.contains(&effect) {
            self.single.push(effect);
        }
    }
}

/// An option of the JVM without its `+` or `-`: `-XX:+UseSerialGC`.
fn unsigned(argument: &[u8]) -> Vec<u8> {
    match argument.strip_prefix(b"-XX:") {
        Some([b'+' | b'-', name @ ..]) => [b"-XX:", name].concat(),
        _ => argument.to_vec(),
    }
}

/// An option and what follows it up to the next one.
fn argument_groups(arguments: &[Vec<u8>]) -> Vec<&[Vec<u8>]> {
    let mut groups = Vec::new();
    let mut begin = 0;
    for at in 1..=arguments.len() {
        if at == arguments.len() || list_values::is_option(&arguments[at]) {
            groups.push(&arguments[begin..at]);
            begin = at;
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Elements that were added to the list behind a flag.
fn flag_addition(run: &Run, before: usize, old: &[u8], new: &[u8]) -> Option<Vec<Effect>> {
    let flag = run.start.argv.get(before)?;
    let list = List::of_flag(std::str::from_utf8(flag).ok()?)?;
    let (old, new) = (list_values::elements(old, &list), list_values::elements(new, &list));
    let at = position(&new, &old)?;
    let add = |part: &Vec<u8>, at_end| {
        let parts = vec![Text::read(part, run, None)];
        Effect::FlagAdd(flag.clone(), Add { name: flag.clone(), list: list.clone(), at_end, parts })
    };
    let front = new[..at].iter().map(|part| add(part, false));
    Some(front.chain(new[at + old.len()..].iter().map(|part| add(part, true))).collect())
}

/// For each of the old arguments, where it stands among the new ones. Of the same argument twice the later one is the
/// old one: scripts add in front.
fn alignment(old: &[Vec<u8>], new: &[Vec<u8>]) -> Vec<Option<usize>> {
    let reversed = |arguments: &[Vec<u8>]| arguments.iter().rev().cloned().collect::<Vec<_>>();
    let same = common(&reversed(old), &reversed(new));
    same.into_iter().rev().map(|place| place.map(|place| new.len() - 1 - place)).collect()
}

/// The longest common subsequence: for each of the old, its place among the new.
fn common(old: &[Vec<u8>], new: &[Vec<u8>]) -> Vec<Option<usize>> {
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] =
                if old[i] == new[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut same = vec![None; old.len()];
    while i < old.len() && j < new.len() {
        if old[i] == new[j] && longest[i][j] == longest[i + 1][j + 1] + 1 {
            same[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Vec<u8>> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    #[test]
    fn arguments_that_stayed_are_found_again() {
        assert_eq!(alignment(&words("j -a -b M h"), &words("j -x -a M h")), [Some(0), Some(2), None, Some(3), Some(4)]);
        assert_eq!(alignment(&words("p b"), &words("x y p b")), [Some(2), Some(3)]);
        assert_eq!(alignment(&words("p -a b"), &words("p -a 1 -a b")), [Some(0), Some(3), Some(4)]);
    }
}
