//! From effects to rules: which belong together, and in which order they stand.

use std::collections::BTreeMap;

use super::condition::{Atom, Condition, Literal};
use super::effect::Effect;
use super::text::Piece;

/// An effect, and when it is seen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guarded {
    pub(super) effect: Effect,
    pub(super) condition: Condition,
    /// It is seen only when this path exists.
    pub(super) if_exists: Option<Vec<u8>>,
}

/// Effects with one condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) condition: Condition,
    pub(super) effects: Vec<Guarded>,
}

/// More levels than this are a circle: effects that each need what the other has not written yet.
const MOST_LEVELS: usize = 12;

/// Groups effects by their conditions, so that each reads what the start held.
pub(super) fn rules(effects: Vec<Guarded>) -> Vec<Rule> {
    let mut levels = vec![0_usize; effects.len()];
    // An effect stands behind those that have to come first.
    for _ in 0..MOST_LEVELS {
        let before = levels.clone();
        for later in 0..effects.len() {
            for first in 0..effects.len() {
                let Some(tie) = tie(first, later, &effects) else { continue };
                let (one, other) = (&effects[first], &effects[later]);
                let same_rule = one.condition == other.condition;
                let place = |at: usize| (levels[at], stage(&effects[at].condition));
                let is_fine = match same_rule {
                    true if tie == Tie::SameRule => place(first) <= place(later),
                    _ => place(first) < place(later),
                };
                if !is_fine {
                    let behind_stage = stage(&other.condition) > stage(&one.condition);
                    let enough = if behind_stage || (same_rule && tie == Tie::SameRule) { 0 } else { 1 };
                    levels[later] = levels[first] + enough;
                }
            }
        }
        if levels == before {
            break;
        }
    }
    let mut rules: BTreeMap<(usize, u8, usize), Rule> = BTreeMap::new();
    for (effect, level) in effects.into_iter().zip(levels) {
        let condition = effect.condition.clone();
        let same = rules.iter_mut().find(|((of, ..), rule)| *of == level && rule.condition == condition);
        match same {
            Some((_, rule)) => rule.effects.push(effect),
            None => {
                let key = (level, stage(&condition), rules.len());
                rules.insert(key, Rule { condition, effects: vec![effect] });
            }
        }
    }
    rules.into_values().collect()
}

/// Where a rule stands among those of its level: the top of the file, a runtime's table, the list of rules.
pub(super) fn stage(condition: &Condition) -> u8 {
    match &condition.0[..] {
        [all] if all.is_empty() => 0,
        [all] if matches!(all[..], [Literal { atom: Atom::Family(_), holds: true }]) => 1,
        _ => 2,
    }
}

/// How two effects hang together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// One rule may hold both.
    SameRule,
    /// The second needs a rule behind that of the first.
    LaterRule,
}

/// Whether `first` has to come before `later`.
fn tie(first: usize, later: usize, effects: &[Guarded]) -> Option<Tie> {
    let (one, other) = (&effects[first], &effects[later]);
    if first == later {
        return None;
    }
    if let Some(tie) = on_one_variable(first, later, effects) {
        return Some(tie);
    }
    let reads = |reader: &Guarded, writer: &Guarded| {
        writer.effect.writes().iter().any(|name| {
            asks(&reader.condition, name, &writer.effect)
                || reader
                    .effect
                    .texts()
                    .iter()
                    .any(|text| text.0.iter().any(|piece| takes(piece, name, &writer.effect)))
        })
    };
    reads(one, other).then_some(Tie::SameRule)
}

/// Whether a condition may come out otherwise once the effect has been there.
fn asks(condition: &Condition, name: &[u8], writer: &Effect) -> bool {
    condition.0.iter().flatten().any(|literal| match (&literal.atom, writer) {
        (Atom::OneOf(asked, values), Effect::Default(_, text)) if asked == name => {
            let empty = values.iter().any(Vec::is_empty);
            text.as_literal().is_none_or(|text| values.iter().any(|value| value == text) != empty)
        }
        (Atom::Contains(asked, part), Effect::Default(_, text)) if asked == name => {
            text.as_literal().is_none_or(|text| text.windows(part.len().max(1)).any(|window| window == part))
        }
        (atom, _) => atom.variable() == Some(name),
    })
}

/// Whether a piece may come out otherwise once the effect has been there.
fn takes(piece: &Piece, name: &[u8], writer: &Effect) -> bool {
    match (piece, writer) {
        (Piece::Value(taken, otherwise), Effect::Default(_, text)) if taken == name => {
            text.as_literal() != Some(otherwise)
        }
        (Piece::Value(taken, _) | Piece::Stem(taken), _) => taken == name,
        (Piece::Literal(_), _) => false,
    }
}

/// The order of two effects on one variable or on the command line.
fn on_one_variable(first: usize, later: usize, effects: &[Guarded]) -> Option<Tie> {
    use Effect::{Add, Append, Default, Handler, Lowercase, Options, Pair, Set, Unset};
    let (one, other) = (&effects[first].effect, &effects[later].effect);
    if matches!((one, other), (Options(_), Options(_)) | (Append(_), Append(_))) {
        return (first < later).then_some(Tie::SameRule);
    }
    let same = one.writes().into_iter().any(|name| other.writes().contains(&name));
    if !same {
        return None;
    }
    match (one, other) {
        // What is put in front last stands first.
        (Add(one), Add(other)) if one.at_end == other.at_end => {
            let in_order = if effects[first].condition == effects[later].condition || one.at_end {
                first < later
            } else {
                first > later
            };
            in_order.then_some(Tie::SameRule)
        }
        (Pair(one), Pair(other)) if one.keep == other.keep => (first < later).then_some(Tie::SameRule),
        (Default(..), Add(_) | Pair(_)) | (Set(..) | Default(..), Lowercase(_)) => Some(Tie::SameRule),
        (Add(_) | Pair(_), Default(..)) | (Lowercase(_), Set(..) | Default(..)) => None,
        // Only one of them is seen at a time.
        (Set(..) | Default(..) | Unset(_) | Handler(..), Set(..) | Default(..) | Unset(_) | Handler(..)) => None,
        _ => (first < later).then_some(Tie::LaterRule),
    }
}
