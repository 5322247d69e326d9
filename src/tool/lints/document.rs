//! The TOML of a profile with every place in it: what the parsed profile has no need of, a caret has.

use toml::de::{DeTable, DeValue};

use crate::problem::Span;
use crate::profile::template::Template;

/// A key with its value, or an element of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The key; empty for an element.
    pub(super) key: String,
    /// Where the key stands; for an element, where it stands itself.
    pub(super) key_span: Span,
    /// Where the value stands.
    pub(super) span: Span,
    /// The text of a string.
    pub(super) text: Option<String>,
    /// The keys of a table in the order written, the elements of a list.
    pub(super) below: Vec<Node>,
}

impl Node {
    /// The whole file; what is not TOML is left out.
    pub(super) fn document(text: &str) -> Node {
        let (document, _) = DeTable::parse_recoverable(text);
        Node { below: keys(document.get_ref()), ..Node::default() }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.below.iter().find(|node| node.key == key)
    }

    /// What stands at a place.
    pub(super) fn at(&self, place: Span) -> Option<&Node> {
        self.below.iter().find_map(|node| if node.key_span == place { Some(node) } else { node.at(place) })
    }

    /// The strings in it, itself included.
    pub(super) fn texts(&self) -> Vec<(&str, Span)> {
        let own = self.text.as_deref().map(|text| (text, self.span));
        own.into_iter().chain(self.below.iter().flat_map(Node::texts)).collect()
    }

    /// Where a template stands below the key at `place`; that key itself when it is not found there.
    pub(super) fn place_of(&self, template: &Template, place: Span) -> Span {
        let same = |text: &str| Template::parse(text).is_ok_and(|parsed| parsed == *template);
        let texts = self.at(place).map(Node::texts).unwrap_or_default();
        texts.into_iter().find(|(text, _)| same(text)).map_or(place, |(_, span)| span)
    }
}

fn keys(table: &DeTable<'_>) -> Vec<Node> {
    let mut nodes: Vec<Node> = table
        .iter()
        .map(|(key, value)| {
            let key_span = key.span().into();
            node(key.get_ref(), key_span, value)
        })
        .collect();
    nodes.sort_by_key(|node| node.key_span);
    nodes
}

fn node(key: &str, key_span: Span, value: &toml::Spanned<DeValue<'_>>) -> Node {
    let (text, below) = match value.get_ref() {
        DeValue::String(text) => (Some(text.to_string()), Vec::new()),
        DeValue::Table(table) => (None, keys(table)),
        DeValue::Array(array) => (None, array.iter().map(|value| node("", value.span().into(), value)).collect()),
        _ => (None, Vec::new()),
    };
    Node { key: key.to_owned(), key_span, span: value.span().into(), text, below }
}
