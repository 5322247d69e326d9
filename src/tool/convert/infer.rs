//! From runs to effects and their conditions.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Atom, Condition, Literal};
use super::effect::{Effect, Stream};
use super::learn::Vocabulary;
use super::rules::Guarded;
use super::run::Run;
use super::sources::Sources;
use super::text::{self, Piece, Text};
use super::{arguments, variables};
use crate::problem::printable;

/// A variable that takes more values than this one is not described by texts with variables in them.
const MOST_TEXTS: usize = 12;
/// Of the lines that cannot be reproduced so many are shown.
const MOST_LINES: usize = 2;

/// What was understood, and what was not.
#[derive(Debug, Default)]
pub(super) struct Inferred {
    pub(super) effects: Vec<Guarded>,
    /// What no profile can say or nobody understood, one line each.
    pub(super) unexplained: Vec<String>,
    /// Variables that are not described, each with a line in `unexplained`.
    pub(super) given_up: BTreeSet<Vec<u8>>,
}

/// Explains the runs.
pub(super) fn infer(runs: &[Run], words: &[Vec<u8>], sources: &Sources) -> Inferred {
    let vocabulary = Vocabulary::new(runs, words);
    let mut inferred = Inferred::default();
    let mut effects = variables::effects(runs, sources);
    effects.extend(arguments::effects(runs));
    inferred.drop_erratic(&mut effects);
    inferred.drop_foreign(&mut effects, sources);
    effects.extend(inferred.lines(runs));
    effects.extend(failures(runs));
    for effect in effects {
        let labels: Vec<Option<bool>> = runs.iter().map(|run| effect.seen(run)).collect();
        match vocabulary.learn(&labels) {
            Some(condition) if condition.0.is_empty() => {}
            Some(condition) => {
                let condition = simplified(condition);
                inferred.effects.push(Guarded { effect, condition, if_exists: None });
            }
            None => {
                inferred.given_up.extend(effect.writes().into_iter().map(<[u8]>::to_vec));
                inferred.unexplained.push(format!("{}: when it does so was not found out", name(&effect)));
            }
        }
    }
    inferred.redirect_handlers();
    inferred.effects.iter_mut().for_each(guard_by_path);
    inferred
}

impl Inferred {
    /// Values that come out otherwise each time.
    fn drop_erratic(&mut self, effects: &mut Vec<Effect>) {
        let mut texts: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for effect in &*effects {
            if let Effect::Set(name, _) | Effect::Default(name, _) = effect {
                *texts.entry(name.clone()).or_default() += 1;
            }
        }
        for (variable, _) in texts.into_iter().filter(|(_, texts)| *texts > MOST_TEXTS) {
            effects.retain(|effect| !effect.writes().contains(&&variable[..]));
            let name = printable(&variable);
            self.unexplained.push(format!("{name} gets a value that does not come from the start alone"));
            self.given_up.insert(variable);
        }
    }

    /// Values that are in none of the scripts: what a program printed, or what this machine is like.
    fn drop_foreign(&mut self, effects: &mut Vec<Effect>, sources: &Sources) {
        let is_foreign = |effect: &Effect| {
            !effect.writes().is_empty() && !effect.texts().into_iter().all(|text| sources.may_have(text))
        };
        let foreign = effects.iter().filter(|effect| is_foreign(effect));
        let names: BTreeSet<Vec<u8>> = foreign.flat_map(Effect::writes).map(<[u8]>::to_vec).collect();
        effects.retain(|effect| !effect.writes().iter().any(|name| names.contains(*name)));
        if !names.is_empty() {
            let shown: Vec<String> = names.iter().map(|name| printable(name)).collect();
            let shown = shown.join(", ");
            self.unexplained.push(format!(
                "what it puts into {shown} is not its own: it comes from a file, a program or this machine"
            ));
        }
        self.given_up.extend(names);
    }

    /// Lines that are written.
    fn lines(&mut self, runs: &[Run]) -> Vec<Effect> {
        let mut lines: Vec<(Stream, Vec<u8>)> = Vec::new();
        let mut with_values: Vec<String> = Vec::new();
        for run in runs.iter().filter(|run| run.started().is_some()) {
            for (stream, written) in [(Stream::Out, &run.outcome.stdout), (Stream::Error, &run.outcome.stderr)] {
                for line in written.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
                    let text = Text::read(line, run, None);
                    if stream == Stream::Error && is_complaint(line) {
                        continue;
                    }
                    if text.as_literal().is_none() {
                        let template = text.template().unwrap_or_default();
                        let about =
                            format!("it writes the line `{template}`, and no profile writes the values of variables");
                        if !with_values.contains(&about) {
                            with_values.push(about);
                        }
                    } else if !lines.contains(&(stream, line.to_vec())) {
                        lines.push((stream, line.to_vec()));
                    }
                }
            }
        }
        let more = with_values.len().saturating_sub(MOST_LINES);
        with_values.truncate(MOST_LINES);
        self.unexplained.append(&mut with_values);
        if more > 0 {
            self.unexplained.push(format!("it writes {more} more lines with the values of variables"));
        }
        if lines.len() > MOST_TEXTS {
            self.unexplained.push(format!("it writes {} different lines", lines.len()));
            return Vec::new();
        }
        lines.into_iter().map(|(stream, line)| Effect::Line(stream, line)).collect()
    }

    /// A variable that gets the old handler, and `_HANDLER`, which gets another one, are a redirect.
    fn redirect_handlers(&mut self) {
        let old = Text(vec![Piece::Value(b"_HANDLER".to_vec(), Vec::new())]);
        let keeps = |guarded: &Guarded| match &guarded.effect {
            Effect::Set(name, text) | Effect::Default(name, text) if *text == old => Some(name.clone()),
            _ => None,
        };
        let Some(keeper) = self.effects.iter().find(|guarded| keeps(guarded).is_some()).cloned() else { return };
        let Some(original) = keeps(&keeper) else { return };
        let mut redirected = false;
        for guarded in &mut self.effects {
            if let Effect::Set(name, to) = &guarded.effect
                && name == b"_HANDLER"
                && (guarded.condition == keeper.condition || keeper.condition.is_always())
            {
                guarded.effect = Effect::Handler(to.clone(), original.clone());
                redirected = true;
            }
        }
        if redirected {
            let is_part = |guarded: &Guarded| {
                *guarded == keeper || matches!(&guarded.effect, Effect::Replace(from, _) if *from == old)
            };
            self.effects.retain(|guarded| !is_part(guarded));
        }
    }
}

/// Whether a line is an interpreter's or loader's complaint about the script, and none of the script's own.
fn is_complaint(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    text.contains("ld.so:") || (text.starts_with('/') && (text.contains(": line ") || text.contains(": not found")))
}

/// The runtime is not started: the last thing that was said is why.
fn failures(runs: &[Run]) -> Vec<Effect> {
    let failed = runs.iter().filter(|run| run.started().is_none());
    let found: Vec<(&Run, Text, Vec<u8>)> = failed
        .map(|run| {
            let said =
                [&run.outcome.stderr, &run.outcome.stdout].into_iter().find(|said| !said.trim_ascii().is_empty());
            let line = said.and_then(|said| said.trim_ascii().rsplit(|&byte| byte == b'\n').next()).unwrap_or_default();
            (run, Text::read(line, run, None), line.to_vec())
        })
        .collect();
    // One failure is one effect: which of its lines comes last does not matter.
    text::explain(&found).into_iter().take(1).map(Effect::Fail).collect()
}

/// What an effect is about, for a comment.
pub(super) fn name(effect: &Effect) -> String {
    match effect {
        Effect::Line(_, line) => format!("the line `{}`", printable(line)),
        Effect::Fail(_) => "it does not start the runtime".to_owned(),
        Effect::Command(_) | Effect::Through(_) => "it starts another program".to_owned(),
        Effect::Options(_) | Effect::Append(_) | Effect::Remove(_) | Effect::Replace(..) | Effect::FlagAdd(..) => {
            let texts = effect.texts().into_iter().filter_map(Text::template).collect::<Vec<_>>().join(" ");
            format!("it changes the argument `{texts}`")
        }
        _ => format!("it changes {}", effect.writes().first().map_or_else(String::new, |name| printable(name))),
    }
}

/// A path that the effect is made of, and that has to exist, becomes `if_exists`.
fn guard_by_path(guarded: &mut Guarded) {
    if !matches!(guarded.effect, Effect::Set(..) | Effect::Default(..) | Effect::Add(_) | Effect::Pair(_)) {
        return;
    }
    let [all] = &mut guarded.condition.0[..] else { return };
    let texts: Vec<Vec<u8>> =
        guarded.effect.texts().iter().filter_map(|text| text.as_literal()).map(<[u8]>::to_vec).collect();
    let named = |literal: &Literal| match &literal.atom {
        Atom::Exists(path) => {
            literal.holds && texts.iter().any(|text| text.windows(path.len()).any(|window| window == path))
        }
        _ => false,
    };
    if let Some(at) = all.iter().position(named)
        && let Atom::Exists(path) = all.remove(at).atom
    {
        guarded.if_exists = Some(path);
    }
}

/// Terms that differ in one value of one variable become one.
fn simplified(condition: Condition) -> Condition {
    let mut terms: Vec<Vec<Literal>> = condition.0;
    terms.iter_mut().for_each(|term| term.sort());
    'again: loop {
        for one in 0..terms.len() {
            for other in one + 1..terms.len() {
                if let Some(merged) = merged(&terms[one], &terms[other]) {
                    terms[one] = merged;
                    terms.remove(other);
                    continue 'again;
                }
            }
        }
        return Condition(terms);
    }
}

fn merged(one: &[Literal], other: &[Literal]) -> Option<Vec<Literal>> {
    let mine: Vec<&Literal> = one.iter().filter(|literal| !other.contains(literal)).collect();
    let others: Vec<&Literal> = other.iter().filter(|literal| !one.contains(literal)).collect();
    let ([mine], [others]) = (&mine[..], &others[..]) else { return None };
    let values = |literal: &Literal, name: &[u8]| match &literal.atom {
        Atom::OneOf(of, values) if of == name && literal.holds => Some(values.clone()),
        Atom::Filled(of) if of == name && !literal.holds => Some(vec![Vec::new()]),
        _ => None,
    };
    let name = mine.atom.variable()?;
    let mut both = values(mine, name)?;
    both.extend(values(others, name)?);
    both.sort();
    both.dedup();
    let mut term: Vec<Literal> = one.iter().filter(|literal| literal != mine).cloned().collect();
    term.push(Literal { atom: Atom::OneOf(name.to_vec(), both), holds: true });
    term.sort();
    Some(term)
}
