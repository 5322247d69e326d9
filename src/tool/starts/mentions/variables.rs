//! The variables that a statement reads and writes, in the ways of shells, Python, Ruby, JavaScript and Perl.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::statements::Statement;
use crate::profile::lists::{self, Kind, List};

/// What a statement does with variables.
#[derive(Default)]
pub(super) struct Found {
    pub(super) read: BTreeSet<Vec<u8>>,
    pub(super) written: BTreeSet<Vec<u8>>,
    /// Names of the script's own, not of the environment, that get a value.
    pub(super) own: BTreeSet<Vec<u8>>,
    /// What is written is written before anything can read it, wherever the statement stands.
    pub(super) always: bool,
    /// Nothing comes before the assignment in its statement that could keep it from being done.
    pub(super) alone: bool,
}

patterns! {
    // Shells: `$NAME`, `${NAME`, `${!NAME`, `${#NAME`.
    EXPANDED = r"(?-u)\$(?:\{[!#]?)?([A-Za-z_]\w*)";
    // Shells: the assignments at the beginning of a command.
    COMMAND = r"(?-u)(?:^|[;&|({]|\b(?:then|else|do)\s)\s*(?:(?:export|local|declare|typeset|readonly)\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)(?:\[[^\]]*\])?(\+?)=";
    // Shells: further assignments behind `export`.
    FURTHER = r"(?-u)\s([A-Za-z_]\w*)(\+?)=";
    // Shells: commands that take names.
    NAMES = r"(?-u)\b(?:unset(?:\s+-v)?|printenv|export|readonly|declare\s+-x)\s+([A-Za-z_]\w*(?:\s+[A-Za-z_]\w*)*)";
    IS_SET = r"(?-u)(?:\[\[?|\btest)\s+(?:!\s+)?-v\s+([A-Za-z_]\w*)";
    LOOP = r"(?-u)\bfor\s+([A-Za-z_]\w*)\s+in\s+([^;]*)";
    INPUT = r"(?-u)\b(?:read(?:\s+-\w+)*|mapfile(?:\s+-\w+)*|local)\s+([A-Za-z_]\w*)";
    // Others: `os.environ["NAME"]`, `ENV.fetch("NAME")`, `process.env["NAME"]`.
    LOOKED_UP = r#"(?-u)(?:\benvironb?|\bENV|\bprocess\.env)(?:\.\w+[?!]?)?\s*[\[(]\s*b?["']([A-Za-z_]\w*)["']\s*\]?(\s*=[^=~])?"#;
    CALLED = r#"(?-u)\b(?:getenv|putenv|unsetenv|getenvb)\(\s*b?["']([A-Za-z_]\w*)["']"#;
    CONTAINED = r#"(?-u)["']([A-Za-z_]\w*)["']\s+(?:not\s+)?in\s+(?:os\.)?environ"#;
    PROPERTY = r"(?-u)\bprocess\.env\??\.([A-Za-z_]\w*)(\s*=[^=])?";
    DESTRUCTURED = r"(?-u)\{([^{}]*)\}\s*=\s*process\.env";
    PERL = r#"(?-u)\$ENV\{\s*["']?([A-Za-z_]\w*)["']?\s*\}(\s*=[^=~])?"#;
    QUOTED = r#"(?-u)["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']"#;
    OWN = r"(?-u)^\s*(?:(?:const|let|var|my)\s+)?\$?([A-Za-z_]\w*)\s*(?::[^=]+)?(?:\|\|)?=[^=~]";
    UPPER = r"(?-u)\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b";
    WORD = r"(?-u)[A-Za-z_]\w*";
}

/// All names and words of a text.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    WORD.find_iter(text).map(|found| found.as_bytes())
}

/// The variables of a statement.
pub(super) fn find(statement: &Statement, is_shell: bool) -> Found {
    if is_shell { in_shell(&statement.text) } else { elsewhere(&statement.text) }
}

fn in_shell(text: &[u8]) -> Found {
    let visible = without_single_quotes(text);
    let mut found = Found { alone: true, ..Found::default() };
    for name in EXPANDED.captures_iter(&visible) {
        found.read.insert(name[1].to_vec());
    }
    let assign = |assignment: &Captures<'_>, found: &mut Found| {
        if !assignment[2].is_empty() {
            found.read.insert(assignment[1].to_vec());
        }
        found.written.insert(assignment[1].to_vec());
    };
    for (count, assignment) in COMMAND.captures_iter(&visible).enumerate() {
        let whole = assignment.get(0).expect("the whole match");
        found.alone &= count > 0 || visible[..whole.start()].trim_ascii().is_empty();
        assign(&assignment, &mut found);
    }
    if visible.trim_ascii_start().starts_with(b"export ") {
        FURTHER.captures_iter(&visible).for_each(|assignment| assign(&assignment, &mut found));
    }
    for names in NAMES.captures_iter(&visible) {
        let unset = names[0].starts_with(b"unset");
        for name in words(&names[1]) {
            // `export NAME=value` is an assignment, seen above; `export NAME` hands on what there is.
            if unset {
                found.written.insert(name.to_vec());
            } else if !found.written.contains(name) {
                found.read.insert(name.to_vec());
            }
        }
    }
    for name in IS_SET.captures_iter(&visible) {
        found.read.insert(name[1].to_vec());
    }
    for each in LOOP.captures_iter(&visible) {
        found.read.extend(UPPER.find_iter(&each[2]).map(|name| name.as_bytes().to_vec()));
        found.written.insert(each[1].to_vec());
        found.always = true;
    }
    for name in INPUT.captures_iter(&visible) {
        found.written.insert(name[1].to_vec());
        found.always = true;
    }
    found
}

fn elsewhere(text: &[u8]) -> Found {
    let mut found = Found { alone: true, ..Found::default() };
    for pattern in [&*LOOKED_UP, &*PROPERTY, &*PERL] {
        for place in pattern.captures_iter(text) {
            let is_written = place.get(2).is_some();
            let names = if is_written { &mut found.written } else { &mut found.read };
            names.insert(place[1].to_vec());
        }
    }
    for pattern in [&*CALLED, &*CONTAINED] {
        found.read.extend(pattern.captures_iter(text).map(|name| name[1].to_vec()));
    }
    for names in DESTRUCTURED.captures_iter(text) {
        found.read.extend(words(&names[1]).map(<[u8]>::to_vec));
    }
    for name in QUOTED.captures_iter(text) {
        if !found.written.contains(&name[1]) {
            found.read.insert(name[1].to_vec());
        }
    }
    if !found.read.is_empty() || OWN.is_match(text) {
        found.own.extend(OWN.captures(text).map(|name| name[1].to_vec()));
    }
    found
}

/// Whether a variable is a list of options.
pub(super) fn holds_options(name: &[u8]) -> bool {
    let list = std::str::from_utf8(name).ok().and_then(List::known);
    list.is_some_and(|list| matches!(list.kind, Kind::Options(_)))
}

/// The variables that a string of a binary names. Constants of all kinds look like variables, so only those are taken
/// whose first word is that of a list variable or of Lambda's own.
pub(super) fn in_binary(statement: &Statement) -> impl Iterator<Item = Vec<u8>> {
    fn first_word(name: &[u8]) -> &[u8] {
        name.split(|&byte| byte == b'_').next().unwrap_or(name)
    }
    let is_known = |name: &[u8]| {
        let first = first_word(name);
        matches!(first, b"AWS" | b"LAMBDA")
            || lists::KNOWN.iter().any(|known| !first.is_empty() && first_word(known.0.as_bytes()) == first)
    };
    UPPER.find_iter(&statement.text).map(|name| name.as_bytes()).filter(move |name| is_known(name)).map(<[u8]>::to_vec)
}

/// The text with blanks for what stands in single quotes, where a shell expands nothing.
fn without_single_quotes(text: &[u8]) -> Vec<u8> {
    let mut visible = text.to_vec();
    let (mut single, mut double, mut escaped) = (false, false, false);
    for byte in &mut visible {
        match *byte {
            b'\'' if !double && !escaped => single = !single,
            _ if single => *byte = b' ',
            b'"' if !escaped => double = !double,
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped && !single;
    }
    visible
}
