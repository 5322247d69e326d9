//! The texts of the scripts: not to understand them, but to order what was seen, and to tell what is in none of them.

use super::text::{Piece, Text};

/// The script, and those that it reads or starts.
#[derive(Debug)]
pub(super) struct Sources(pub(super) Vec<Vec<u8>>);

impl Sources {
    /// Where a name stands first; the greatest number where it does not.
    pub(super) fn place(&self, name: &[u8]) -> usize {
        let mut before = 0;
        for text in &self.0 {
            if let Some(at) = find(text, name) {
                return before + at;
            }
            before += text.len();
        }
        usize::MAX
    }

    /// Whether a text may come out of the scripts: the longest word of it stands in one of them. Where none does, it
    /// comes from a file, from another program or from this machine, and is no part of what the script means.
    pub(super) fn may_have(&self, text: &Text) -> bool {
        let literal = |piece: &Piece| match piece {
            Piece::Literal(literal) => Some(literal.clone()),
            Piece::Value(_, otherwise) => Some(otherwise.clone()),
            Piece::Stem(_) => None,
        };
        text.0.iter().filter_map(literal).all(|literal| {
            let words = literal.split(|byte| !byte.is_ascii_alphanumeric());
            words.max_by_key(|word| word.len()).is_none_or(|word| word.len() < 3 || self.has(word))
        })
    }

    fn has(&self, word: &[u8]) -> bool {
        self.0.iter().any(|text| find(&text.to_ascii_lowercase(), &word.to_ascii_lowercase()).is_some())
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len().max(1)).position(|window| window == part)
}
