//! The literals of a statement: what a variable may be compared with or given, and options of a runtime.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::statements::Statement;

/// Longer ones are messages, not values.
const LONGEST: usize = 60;

/// The literals of a statement.
#[derive(Default)]
pub(super) struct Literals {
    /// What a variable of this statement may be compared with or given.
    pub(super) words: BTreeSet<Vec<u8>>,
    /// `case`, `switch` or `match`: the patterns that follow are for the variables of this statement. Here are those
    /// that stand in it.
    pub(super) begins_choice: Option<BTreeSet<Vec<u8>>>,
    /// The patterns of a branch.
    pub(super) patterns: BTreeSet<Vec<u8>>,
    /// What looks like an option of a runtime.
    pub(super) options: BTreeSet<Vec<u8>>,
}

patterns! {
    QUOTED = r#"(?-u)"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'"#;
    COMPARED = r#"(?-u)\s(?:==?|!=|-eq|-ne|-[gl][te])\s+([^\s"'$;)\]]+)"#;
    EQUAL = r#"(?-u)\s(?:===?|!==?)\s+(\d[\w.]*)"#;
    MATCHED = r"(?-u)=~\s*(\S+)";
    // `/^(yes|on)$/`: a path has none of `^`, `|` and `$`.
    SLASHED = r"(?-u)/([^/\s]*[\^|$][^/\s]*)/";
    EXPANSION = r##"(?-u)\$\{[A-Za-z_]\w*(:?[-=+]|##?|%%?|//?)([^}$"]*)"##;
    MESSAGE = r"(?-u)^\s*(?:echo|printf|print|puts|warn|console\.\w+|logg?(?:er)?\b)";
    CASE_IN = r"(?-u)^\s*case\s.*?\sin\b(.*)$";
    CHOICE = r"(?-u)^\s*(?:case\s+[^:'\x22]*(?:\[.*)?$|switch\s*\(|match\s.*:$)";
    BRANCH = r"(?-u)^\s*\(?([^()$]+)\)";
    WHEN = r#"(?-u)^\s*(?:when|case)\s+(.*?)(?:\sthen\b.*|:\s.*|:)?$"#;
    OPTION = r"(?-u)(?:^|[\s\x22'(|=*/])(-XX:[\w+-][\w=.*/:-]*|-X\w+(?:[:=][\w=.-]+)?|-javaagent:[\w/.=-]+|-D[\w.]+=?[\w./:*-]*|--[a-z][\w-]*(?:=[\w./:*-]*)?)";
}

impl Literals {
    pub(super) fn of(statement: &Statement, is_shell: bool) -> Literals {
        let text = &statement.text[..];
        let mut literals = Literals::default();
        for option in OPTION.captures_iter(text) {
            // A pattern for options of one kind: any of them will do.
            let option = option[1].iter().map(|&byte| if byte == b'*' { b'1' } else { byte }).collect();
            literals.options.insert(option);
        }
        if is_shell {
            literals.branches_of_shell(text);
        } else {
            literals.branches_elsewhere(text);
        }
        if MESSAGE.is_match(text) {
            return literals;
        }
        for quoted in QUOTED.captures_iter(text) {
            let (double, single) = (quoted.get(1), quoted.get(2));
            let inner = double.or(single).map_or(&b""[..], |inner| inner.as_bytes());
            let is_composed = inner.iter().any(|byte| matches!(byte, b'`' | b'{' | b'%'))
                || double.is_some() && is_shell && inner.contains(&b'$');
            if !is_composed {
                alternatives(inner, &mut literals.words);
            }
        }
        let compared = if is_shell { &*COMPARED } else { &*EQUAL };
        for pattern in [compared, &*MATCHED, &*SLASHED] {
            pattern.captures_iter(text).for_each(|found| alternatives(&found[1], &mut literals.words));
        }
        for found in EXPANSION.captures_iter(text) {
            let is_replacement = found[1].starts_with(b"/");
            let parts = found[2].split(|&byte| byte == b'/' && is_replacement);
            parts.for_each(|part| alternatives(part, &mut literals.words));
        }
        literals
    }

    /// `case … in`, and what stands before the `)` of a branch.
    fn branches_of_shell(&mut self, text: &[u8]) {
        let (begins, rest) = match CASE_IN.captures(text) {
            Some(case) => (true, case.get(1).map_or(&b""[..], |rest| rest.as_bytes())),
            None => (false, text),
        };
        let mut patterns = BTreeSet::new();
        for part in pieces(rest, b";;") {
            if let Some(branch) = BRANCH.captures(part)
                && (begins || !branch[1].contains(&b'='))
            {
                alternatives(&branch[1], &mut patterns);
            }
        }
        if begins {
            self.begins_choice = Some(patterns);
        } else {
            self.patterns = patterns;
        }
    }

    /// Ruby's `when "a"`, JavaScript's and Python's `case "a":`.
    fn branches_elsewhere(&mut self, text: &[u8]) {
        if CHOICE.is_match(text) {
            self.begins_choice = Some(BTreeSet::new());
        } else if let Some(branch) = WHEN.captures(text) {
            for quoted in QUOTED.captures_iter(&branch[1]) {
                let inner = quoted.get(1).or(quoted.get(2)).map_or(&b""[..], |inner| inner.as_bytes());
                alternatives(inner, &mut self.patterns);
            }
            for found in SLASHED.captures_iter(&branch[1]) {
                alternatives(&found[1], &mut self.patterns);
            }
        }
    }
}

/// The parts of a text between separators.
fn pieces<'t>(mut text: &'t [u8], separator: &[u8]) -> Vec<&'t [u8]> {
    let mut parts = Vec::new();
    while let Some(found) = text.windows(separator.len()).position(|window| window == separator) {
        parts.push(&text[..found]);
        text = &text[found + separator.len()..];
    }
    parts.push(text);
    parts
}

/// The words of a literal, of a pattern of shells or of a simple regular expression: `^(1|yes)$`, `*agent*`.
fn alternatives(pattern: &[u8], words: &mut BTreeSet<Vec<u8>>) {
    let pattern = pattern.strip_prefix(b"(?i)").unwrap_or(pattern);
    let mut groups = vec![pattern];
    if pattern.contains(&b'|') || pattern.starts_with(b"^") || pattern.ends_with(b"$") {
        groups = pattern.split(|byte| matches!(byte, b'|' | b'(' | b')' | b'^' | b'$')).collect();
    }
    for group in groups {
        let word = group.strip_prefix(b"?:").unwrap_or(group).trim_ascii();
        let is_edge = |byte: &u8| matches!(byte, b'*' | b'"' | b'\'');
        let begin = word.iter().position(|byte| !is_edge(byte)).unwrap_or(word.len());
        let end = word.iter().rposition(|byte| !is_edge(byte)).map_or(begin, |last| last + 1);
        let word = &word[begin..end];
        let is_plain =
            word.iter().all(|byte| (byte.is_ascii_graphic() || *byte == b' ') && !b"[]*?+\\`$".contains(byte));
        if !word.is_empty() && word.len() <= LONGEST && is_plain && word.iter().any(u8::is_ascii_alphanumeric) {
            words.insert(word.to_vec());
        }
    }
}
