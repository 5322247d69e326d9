//! Texts with references to variables, read off values that were made up so that each can be told from all others.

use super::markers;
use super::run::Run;

/// A text that a script makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text(pub(super) Vec<Piece>);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    Literal(Vec<u8>),
    /// The value of a variable; where that is missing, this text.
    Value(Vec<u8>, Vec<u8>),
    /// The value of a variable without its last `.suffix`.
    Stem(Vec<u8>),
}

impl Text {
    /// The bytes, if there is no variable in it.
    pub(super) fn as_literal(&self) -> Option<&[u8]> {
        match &self.0[..] {
            [] => Some(b""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The variables in it.
    pub(super) fn variables(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Value(name, _) | Piece::Stem(name) => Some(&name[..]),
        })
    }

    /// Reads a text that came out of a run: made-up values in it become references. `own` is the variable that the
    /// text was found in; whatever that held before is recognised.
    pub(super) fn read(bytes: &[u8], run: &Run, own: Option<&[u8]>) -> Text {
        let mut known: Vec<(&[u8], Piece)> = Vec::new();
        for (name, value) in run.all_before() {
            if markers::is_made_up(value) || (own == Some(name) && value.len() > 3) {
                known.push((value, Piece::Value(name.to_vec(), Vec::new())));
                if let Some(dot) = value.iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > 3) {
                    known.push((&value[..dot], Piece::Stem(name.to_vec())));
                }
            }
        }
        // The longest first, so that a value is not taken for its stem.
        known.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        let (mut pieces, mut literal, mut rest) = (Vec::new(), Vec::new(), bytes);
        while !rest.is_empty() {
            if let Some((value, piece)) = known.iter().find(|(value, _)| rest.starts_with(value)) {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(piece.clone());
                rest = &rest[value.len()..];
            } else {
                literal.push(rest[0]);
                rest = &rest[1..];
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Text(pieces)
    }

    /// What the text is in a run.
    pub(super) fn value(&self, run: &Run) -> Vec<u8> {
        self.expand(run).0
    }

    /// What the text is in a run, `None` when a variable in it is missing.
    pub(super) fn whole(&self, run: &Run) -> Option<Vec<u8>> {
        let (text, missing) = self.expand(run);
        (!missing).then_some(text)
    }

    fn expand(&self, run: &Run) -> (Vec<u8>, bool) {
        let (mut text, mut missing) = (Vec::new(), false);
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.extend_from_slice(literal),
                Piece::Value(name, otherwise) => {
                    let value = run.given(name);
                    missing |= value.is_empty() && otherwise.is_empty();
                    text.extend_from_slice(if value.is_empty() { otherwise } else { value });
                }
                Piece::Stem(name) => {
                    let value = run.given(name);
                    missing |= value.is_empty();
                    let dot = value.iter().rposition(|&byte| byte == b'.').unwrap_or(value.len());
                    text.extend_from_slice(&value[..dot]);
                }
            }
        }
        (text, missing)
    }

    /// As a template of the profile language; `None` when it is not UTF-8.
    pub(super) fn template(&self) -> Option<String> {
        let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        let mut template = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => template.push_str(&utf8(text)?.replace('$', "$$")),
                Piece::Value(name, text) if text.is_empty() => template.push_str(&format!("${{{}}}", utf8(name)?)),
                Piece::Value(name, text) => template.push_str(&format!("${{{}:-{}}}", utf8(name)?, utf8(text)?)),
                Piece::Stem(name) => template.push_str(&format!("${{{}%.*}}", utf8(name)?)),
            }
        }
        Some(template)
    }

    /// This text with the variable that it lacks in the other: `127.0.0.1:${PORT}` and `127.0.0.1:9009` are
    /// `127.0.0.1:${PORT:-9009}`.
    fn with_default(&self, other: &Text) -> Option<Text> {
        let plain = |piece: &Piece| matches!(piece, Piece::Value(_, otherwise) if otherwise.is_empty());
        let (mine, others) = (self.template()?, other.template()?);
        self.0.iter().enumerate().filter(|(_, piece)| plain(piece)).find_map(|(at, piece)| {
            let Piece::Value(name, _) = piece else { return None };
            let reference = Text(vec![piece.clone()]).template()?;
            let begin = Text(self.0[..at].to_vec()).template()?;
            let end = mine.get(begin.len() + reference.len()..)?;
            let middle = others.strip_prefix(&begin[..])?.strip_suffix(end)?;
            if middle.is_empty() || middle.contains(['$', '}']) {
                return None;
            }
            let mut pieces = self.0.clone();
            pieces[at] = Piece::Value(name.clone(), middle.as_bytes().to_vec());
            Some(Text(pieces))
        })
    }
}

/// The fewest texts that account for what was found in runs: those with more variables first.
pub(super) fn explain(found: &[(&Run, Text, Vec<u8>)]) -> Vec<Text> {
    let mut texts: Vec<Text> = found.iter().map(|(_, text, _)| text.clone()).collect();
    texts.sort_by_key(|text| (std::cmp::Reverse(text.variables().count()), text.clone()));
    texts.dedup();
    let mut merged: Vec<Text> = Vec::new();
    for text in &texts {
        let better = texts.iter().find_map(|other| {
            let merged = text.with_default(other)?;
            let of = |text| found.iter().filter(move |(_, found, _)| found == text);
            let fits = of(text).chain(of(other)).all(|(run, _, bytes)| merged.value(run) == *bytes);
            let missing = of(other).any(|(run, ..)| text.variables().any(|name| run.given(name).is_empty()));
            (fits && missing).then_some(merged)
        });
        merged.extend(better);
    }
    merged.extend(texts);
    let mut kept: Vec<(Text, usize)> = Vec::new();
    let mut open: Vec<usize> = (0..found.len()).collect();
    for text in merged {
        let before = open.len();
        open.retain(|&at| text.value(found[at].0) != found[at].2);
        if open.len() < before {
            kept.push((text, before - open.len()));
        }
    }
    // The most common first.
    kept.sort_by_key(|(_, runs)| std::cmp::Reverse(*runs));
    kept.into_iter().map(|(text, _)| text).collect()
}

/// Puts texts into the order in which runs have them. `order` are texts as they were found.
pub(super) fn in_order(texts: &mut [Text], found: &[(&Run, Text, Vec<u8>)], order: &[Text]) {
    let place = |text: &Text| {
        let accounts_for = found.iter().filter(|(run, _, bytes)| text.value(run) == *bytes);
        accounts_for.filter_map(|(_, found, _)| order.iter().position(|known| known == found)).min()
    };
    texts.sort_by_cached_key(place);
}
