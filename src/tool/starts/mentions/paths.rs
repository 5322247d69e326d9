//! The files that a script mentions, also where a path is put together from a name that the script gave a folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::FileUse;
use super::own_place::OwnPlace;
use super::statements::Statement;

/// The paths of the statements that were read.
#[derive(Default)]
pub(super) struct Paths {
    /// Names that the script gave a path.
    known: BTreeMap<Vec<u8>, Vec<u8>>,
    files: BTreeMap<Vec<u8>, FileUse>,
    own: OwnPlace,
}

patterns! {
    GIVEN = r#"(?-u)^\s*(?:(?:export|local|readonly|declare|const|let|var|my)\s+)?\$?([A-Za-z_]\w*)\s*=\s*["']?(/[^\s"'`;$]*)["']?\s*;?$"#;
    // `${DIR}`, `${DIR:-/opt}`, `$DIR`; in an f-string or a template, `{DIR}`.
    COMPOSED = r"(?-u)\$?#?\{([A-Za-z_]\w*)(?::?[-=]([^}]*))?\}|\$([A-Za-z_]\w*)";
    JOINED = r#"(?-u)\bjoin\(\s*(?:([A-Za-z_]\w*)|["']([^"']*)["'])((?:\s*,\s*["'][^"']*["'])+)\s*\)"#;
    PART = r#"(?-u)["']([^"']*)["']"#;
    ABSOLUTE = r"(?-u)/(?:opt|var/task|tmp)(?:/+[\w.@%+=*-]+)+/?";
    // The working directory of a wrapper is /var/task.
    RELATIVE = r#"(?-u)(?:(?:^|[\s;&|(])(?:\.|source)|(?:\[\[?|\btest)\s+(?:!\s+)?-[efdrsx])\s+["']?([\w.@*-][\w./@*-]*)["']?"#;
    DOTTED = r#"(?-u)(?:^|[\s"'=:;&|(])\./([\w.@*-][\w./@*-]*)"#;
    SOURCED = r#"(?-u)(?:^|[\s;&|({])(?:\.|source)\s+["']?$"#;
    STARTED = r#"(?-u)(?:^|[;&|({]|-x|\bthen|\bdo|\belse|\bexec(?:\s+-\S+)*)\s*["']?$"#;
    EXECUTED = r#"(?-u)\b(?:exec\w*|spawn\w*|system|run|call|Popen)[\s(\[]*["']$"#;
    FOLDER = r#"(?-u)(?:-d|\bcd|\bmkdir(?:\s+-\S+)*)\s+["']?$"#;
}

impl Paths {
    /// No files yet; the script stands at this path.
    pub(super) fn new(own: &[u8]) -> Paths {
        Paths { own: OwnPlace::new(own), ..Paths::default() }
    }

    /// Notes the files of a statement.
    pub(super) fn read(&mut self, statement: &Statement, is_shell: bool) {
        let statement = self.own.filled_in(&statement.text, is_shell);
        let text = self.composed(&statement);
        if let Some(given) = GIVEN.captures(&text) {
            self.known.insert(given[1].to_vec(), given[2].trim_ascii_end().to_vec());
        }
        for found in ABSOLUTE.find_iter(&text) {
            let before = &text[..found.start()];
            // `https://host/opt/x`, `/usr/opt/x`
            if before.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte)) {
                continue;
            }
            // The rest of the name is not known.
            if matches!(text.get(found.end()), Some(b'$' | b'{' | b'`')) {
                continue;
            }
            self.note(found.as_bytes(), usage(before, found.as_bytes(), is_shell));
        }
        if is_shell {
            for found in RELATIVE.captures_iter(&text).chain(DOTTED.captures_iter(&text)) {
                let name = found.get(1).expect("a group that always is there");
                let path = [b"/var/task/", name.as_bytes()].concat();
                self.note(
                    &path,
                    usage(text[..name.start()].strip_suffix(b"./").unwrap_or(&text[..name.start()]), &path, is_shell),
                );
            }
        }
        for joined in JOINED.captures_iter(&statement) {
            let first = match (joined.get(1), joined.get(2)) {
                (Some(name), _) => self.known.get(name.as_bytes()).cloned(),
                (_, literal) => literal.map(|literal| literal.as_bytes().to_vec()),
            };
            let Some(mut path) = first else { continue };
            for part in PART.captures_iter(&joined[3]) {
                path.push(b'/');
                path.extend_from_slice(&part[1]);
            }
            if ABSOLUTE.find(&path).is_some_and(|found| found.start() == 0 && found.end() == path.len()) {
                self.note(&path, usage(b"", &path, is_shell));
            }
        }
    }

    /// The statement with the paths in place of the names that stand for them.
    fn composed(&self, text: &[u8]) -> Vec<u8> {
        let replaced = COMPOSED.replace_all(text, |found: &Captures<'_>| {
            let name = found.get(1).or(found.get(3)).map_or(&b""[..], |name| name.as_bytes());
            let default = found.get(2).map(|default| default.as_bytes().to_vec());
            let platform = match name {
                b"LAMBDA_TASK_ROOT" => Some(b"/var/task".to_vec()),
                _ => None,
            };
            self.known.get(name).cloned().or(default).or(platform).unwrap_or_else(|| found[0].to_vec())
        });
        replaced.into_owned()
    }

    fn note(&mut self, path: &[u8], usage: FileUse) {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for part in path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".") {
            if part == b".." {
                return;
            }
            // A file that the pattern matches.
            parts.push(match part.iter().position(|&byte| byte == b'*') {
                Some(star) => [&part[..star], b"example", &part[star + 1..]].concat(),
                None => part.to_vec(),
            });
        }
        let mut path = parts.iter().flat_map(|part| [&b"/"[..], part]).collect::<Vec<_>>().concat();
        // The end of a sentence.
        while path.last() == Some(&b'.') {
            path.pop();
        }
        let is_root = [&b"/opt"[..], b"/var/task", b"/tmp"].contains(&&path[..]);
        if !is_root && !path.contains(&b'*') && !path.is_empty() {
            let noted = self.files.entry(path).or_insert(usage);
            *noted = usage.max(*noted);
        }
    }

    /// All files, without the folders that others are in.
    pub(super) fn finish(mut self) -> BTreeMap<Vec<u8>, FileUse> {
        let all: Vec<Vec<u8>> = self.files.keys().cloned().collect();
        self.files.retain(|path, _| {
            let inside = [path, &b"/"[..]].concat();
            !all.iter().any(|other| other.starts_with(&inside))
        });
        self.files
    }
}

/// What is done with a path, by what stands before it.
fn usage(before: &[u8], path: &[u8], is_shell: bool) -> FileUse {
    let is_started = if is_shell { STARTED.is_match(before) } else { EXECUTED.is_match(before) };
    if SOURCED.is_match(before) {
        FileUse::Sourced
    } else if FOLDER.is_match(before) || path.ends_with(b"/") {
        FileUse::Folder
    } else if is_started || path.windows(5).any(|window| window == b"/bin/") {
        FileUse::Started
    } else {
        FileUse::Named
    }
}
