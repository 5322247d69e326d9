//! A text as statements: lines without comments, joined where they go on.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// A script.
pub(super) struct Script {
    /// Whether a shell runs it.
    pub(super) is_shell: bool,
    pub(super) statements: Vec<Statement>,
}

/// A line, and those that it goes on in.
pub(super) struct Statement {
    pub(super) text: Vec<u8>,
    /// It may be a part of a function or of a condition.
    pub(super) indented: bool,
}

impl Script {
    pub(super) fn new(text: &[u8]) -> Script {
        static OTHER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?-u)\A#![^\n]*(?:python|ruby|node|deno|bun|perl|php|lua)").expect("a pattern")
        });
        let is_shell = !OTHER.is_match(text);
        let mut statements: Vec<Statement> = Vec::new();
        let mut goes_on = false;
        for line in text.split(|&byte| byte == b'\n') {
            let line = without_comment(line, is_shell).trim_ascii_end();
            let (part, more) = match line.strip_suffix(b"\\") {
                Some(part) => (part, true),
                None => (line, false),
            };
            match statements.last_mut() {
                Some(last) if goes_on => {
                    last.text.push(b' ');
                    last.text.extend_from_slice(part.trim_ascii_start());
                }
                _ => statements.push(Statement {
                    text: part.to_vec(),
                    indented: part.first().is_some_and(u8::is_ascii_whitespace),
                }),
            }
            goes_on = more || part.ends_with(b"&&") || part.ends_with(b"||");
        }
        statements.retain(|statement| !statement.text.trim_ascii().is_empty());
        Script { is_shell, statements }
    }
}

/// The line up to a comment: `#` or, outside of shells, `//`, at its beginning or behind white space and no open quote.
fn without_comment(line: &[u8], is_shell: bool) -> &[u8] {
    let mut quote = None;
    let mut before = b' ';
    for (position, &byte) in line.iter().enumerate() {
        match quote {
            Some(open) if byte == open && before != b'\\' => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') && before != b'\\' => quote = Some(byte),
            None if before.is_ascii_whitespace() => {
                let rest = &line[position..];
                if rest.starts_with(b"#") && !rest.starts_with(b"#{") || !is_shell && rest.starts_with(b"//") {
                    return &line[..position];
                }
            }
            None => {}
        }
        before = byte;
    }
    line
}

/// Runs of at least four printable characters, as strings(1) prints them.
pub(super) fn printable_strings(bytes: &[u8]) -> impl Iterator<Item = Statement> {
    bytes
        .split(|byte| !(byte.is_ascii_graphic() || *byte == b' '))
        .filter(|run| run.len() >= 4)
        .map(|run| Statement { text: run.to_vec(), indented: true })
}
