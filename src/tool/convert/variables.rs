//! What a script does to variables, read off all its runs.

use std::collections::BTreeSet;

use crate::profile::lists::{Kind, List};

use super::effect::{Add, Effect, Pair};
use super::list_values::{self, Pairs};
use super::markers;
use super::run::Run;
use super::sources::Sources;
use super::text::{self, Text};

/// Stands between the parts of a group while it is one text.
const JOINT: u8 = 0x1f;

/// All that is done to variables in some run, in the order in which the scripts name them.
pub(super) fn effects(runs: &[Run], sources: &Sources) -> Vec<Effect> {
    let changed: BTreeSet<&[u8]> = runs.iter().flat_map(Run::changed).collect();
    let mut names: Vec<&[u8]> = changed.into_iter().collect();
    names.sort_by_key(|name| sources.place(name));
    names.iter().flat_map(|name| effects_on(name, runs)).collect()
}

fn effects_on(name: &[u8], runs: &[Run]) -> Vec<Effect> {
    let changed: Vec<&Run> = runs.iter().filter(|run| run.changes(name)).collect();
    let folds = |run: &&Run| run.after(name) == Some(&run.given(name).to_ascii_lowercase());
    if changed.iter().all(folds) {
        return vec![Effect::Lowercase(name.to_vec())];
    }
    let list = std::str::from_utf8(name).ok().and_then(List::known).or_else(|| unknown_list(name, &changed));
    match list {
        Some(list) if matches!(list.kind, Kind::Pairs { .. }) => pairs(name, &list, &changed, runs),
        Some(list) if changed.iter().any(|run| added(run, name, &list).is_some()) => elements(name, &list, &changed),
        _ => scalars(name, &changed, runs),
    }
}

/// Values that are set as a whole.
fn scalars(name: &[u8], changed: &[&Run], runs: &[Run]) -> Vec<Effect> {
    let (removed, set): (Vec<&Run>, Vec<&Run>) =
        changed.iter().partition(|run| run.after(name).is_none_or(<[u8]>::is_empty));
    let list = std::str::from_utf8(name).ok().and_then(List::known);
    let found: Vec<(&Run, Text, Vec<u8>)> = set
        .iter()
        .map(|&run| {
            let mut after = run.after(name).unwrap_or_default();
            if let Some(List { separator, .. }) = &list {
                after = after.strip_prefix(&separator[..]).unwrap_or(after);
                after = after.strip_suffix(&separator[..]).unwrap_or(after);
            }
            (run, Text::read(after, run, Some(name)), after.to_vec())
        })
        .collect();
    let texts = text::explain(&found);
    let mut effects = Vec::new();
    for text in texts {
        let makes = |run: &&&Run| run.after(name).unwrap_or_default() == text.value(run);
        let only_when_missing = set.iter().filter(makes).all(|run| run.given(name).is_empty());
        let was_tried = runs.iter().any(|run| run.started().is_some() && !run.given(name).is_empty());
        effects.push(match only_when_missing && was_tried {
            true => Effect::Default(name.to_vec(), text),
            false => Effect::Set(name.to_vec(), text),
        });
    }
    let comes_out_empty =
        |run: &&Run| effects.iter().any(|effect| matches!(effect, Effect::Set(_, text) if text.value(run).is_empty()));
    if !removed.iter().all(comes_out_empty) {
        effects.push(Effect::Unset(name.to_vec()));
    }
    effects
}

/// Keys of a list of pairs; a value that a script takes for something else is set as a whole.
fn pairs(name: &[u8], list: &List, changed: &[&Run], runs: &[Run]) -> Vec<Effect> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for run in changed {
        for (key, _) in Pairs::read(run.after(name).unwrap_or_default(), list).0 {
            if !keys.contains(&key) && !markers::is_made_up(&key) {
                keys.push(key);
            }
        }
    }
    let mut effects = Vec::new();
    for key in keys {
        let mut found = Vec::new();
        let mut keep = true;
        for run in runs.iter().filter(|run| run.started().is_some()) {
            let before = Pairs::read(run.given(name), list);
            let after = Pairs::read(run.after(name).unwrap_or_default(), list);
            if let Some(value) = after.get(&key).filter(|value| before.get(&key) != Some(value)) {
                keep &= before.get(&key).is_none();
                found.push((run, Text::read(value, run, None), value.clone()));
            }
        }
        for value in text::explain(&found) {
            let (name, list, key) = (name.to_vec(), list.clone(), key.clone());
            effects.push(Effect::Pair(Pair { name, list, key, value, keep }));
        }
    }
    if effects.is_empty() { scalars(name, changed, runs) } else { effects }
}

/// Elements that are added in front and at the end.
struct Added {
    front: Vec<Vec<Vec<u8>>>,
    end: Vec<Vec<Vec<u8>>>,
}

/// What was added to a list that held something, `None` when what it held is not there any more as it was.
fn added(run: &Run, name: &[u8], list: &List) -> Option<Added> {
    let before = list_values::elements(run.given(name), list);
    let after = list_values::elements(run.after(name)?, list);
    if before.is_empty() || after.len() <= before.len() {
        return None;
    }
    let at = list_values::position(&after, &before)?;
    let groups = |elements: &[Vec<u8>]| list_values::groups(elements, list);
    Some(Added { front: groups(&after[..at]), end: groups(&after[at + before.len()..]) })
}

fn elements(name: &[u8], list: &List, changed: &[&Run]) -> Vec<Effect> {
    let (mut front, mut end, mut other) = (Vec::new(), Vec::new(), Vec::new());
    let read = |run: &Run, group: &[Vec<u8>]| {
        let bytes = group.join(&JOINT);
        (Text::read(&bytes, run, None), bytes)
    };
    let mut order: Vec<Text> = Vec::new();
    for &run in changed {
        match added(run, name, list) {
            Some(Added { front: groups_in_front, end: groups_at_end }) => {
                for (groups, found) in [(groups_in_front, &mut front), (groups_at_end, &mut end)] {
                    for group in groups {
                        let (text, bytes) = read(run, &group);
                        if !order.contains(&text) {
                            order.push(text.clone());
                        }
                        found.push((run, text, bytes));
                    }
                }
            }
            None => other.push(run),
        }
    }
    let mut effects = Vec::new();
    for (found, at_end) in [(&front, false), (&end, true)] {
        let mut texts = text::explain(found);
        text::in_order(&mut texts, found, &order);
        for text in texts {
            let add = Add { name: name.to_vec(), list: list.clone(), at_end, parts: split(&text) };
            effects.push(Effect::Add(add));
        }
    }
    // Where the variable was missing, what is left when these are taken away is what it was given instead.
    let (mut bases, mut whole) = (Vec::new(), Vec::new());
    for run in other {
        let after = run.after(name).unwrap_or_default();
        if !run.given(name).is_empty() {
            whole.push(run);
            continue;
        }
        let mut left = list_values::elements(after, list);
        for effect in &effects {
            let Effect::Add(add) = effect else { continue };
            let parts: Vec<Vec<u8>> = add.parts.iter().map(|part| part.value(run)).collect();
            if let Some(at) = list_values::position(&left, &parts) {
                left.drain(at..at + parts.len());
            }
        }
        if !left.is_empty() {
            let base = left.join(&list.separator[..]);
            bases.push((run, Text::read(&base, run, None), base));
        }
    }
    let bases = text::explain(&bases).into_iter().map(|text| Effect::Default(name.to_vec(), text));
    let bases: Vec<Effect> = bases.collect();
    if !whole.is_empty() {
        effects.extend(scalars(name, &whole, &[]));
    }
    bases.into_iter().chain(effects).collect()
}

/// The parts of a group.
pub(super) fn split(text: &Text) -> Vec<Text> {
    use super::text::Piece;
    let mut parts = vec![Text::default()];
    for piece in &text.0 {
        match piece {
            Piece::Literal(literal) => {
                for (at, part) in literal.split(|&byte| byte == JOINT).enumerate() {
                    if at > 0 {
                        parts.push(Text::default());
                    }
                    if let Some(last) = parts.last_mut().filter(|_| !part.is_empty()) {
                        last.0.push(Piece::Literal(part.to_vec()));
                    }
                }
            }
            piece => parts.last_mut().into_iter().for_each(|last| last.0.push(piece.clone())),
        }
    }
    parts
}

/// Parts as one text, see [`split`].
pub(super) fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.join(&JOINT)
}

/// A list that forerun does not know: its old value is still there, and something stands before or behind it.
fn unknown_list(name: &[u8], changed: &[&Run]) -> Option<List> {
    changed.iter().find_map(|run| {
        let (before, after) = (run.given(name), run.after(name)?);
        if !markers::is_made_up(before) {
            return None;
        }
        let at = after.windows(before.len()).position(|window| window == before)?;
        let in_front = after[..at].last().copied();
        let behind = after.get(at + before.len()).copied();
        let separator = [in_front, behind].into_iter().flatten().find(|byte| b",:; |".contains(byte))?;
        let text = std::str::from_utf8(std::slice::from_ref(&separator)).ok()?;
        Some(List::unknown(text))
    })
}
