//! The ways in which a script says where it stands itself.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, Replacer};

/// The path of the script that is read.
#[derive(Default)]
pub(super) struct OwnPlace {
    path: Vec<u8>,
}

patterns! {
    ASKS = r"(?-u)\b(?:dirname|readlink|realpath)\b|%/\*\}|__dir__|__dirname";
    // `${0%/*}`
    CUT = r"(?-u)\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}";
    NAMED = r"(?-u)\$(?:0\b|\{0\}|BASH_SOURCE\b|\{BASH_SOURCE(?:\[0\])?\})";
    RESOLVED = r#"(?-u)\$\(\s*(?:readlink|realpath)\s+(?:-\w+\s+)*"?(/[^\s")]*)"?\s*\)"#;
    FOLDER = r#"(?-u)\$\(\s*dirname\s+(?:--\s+)?"?(/[^\s")]*)"?\s*\)"#;
    ENTERED = r#"(?-u)\$\(\s*cd\s+(?:-\w+\s+|--\s+)*"?(/[^\s")]*)"?[^)]*\bpwd\b[^)]*\)"#;
    ELSEWHERE = r"(?-u)\bos\.path\.dirname\((?:os\.path\.(?:abs|real)path\(__file__\)|__file__)\)|\bFile\.dirname\(__FILE__\)|\b__dir__\b|\b__dirname\b";
}

impl OwnPlace {
    pub(super) fn new(path: &[u8]) -> OwnPlace {
        OwnPlace { path: path.to_vec() }
    }

    /// The statement with the script's own folder where it asks for it.
    pub(super) fn filled_in<'t>(&self, text: &'t [u8], is_shell: bool) -> Cow<'t, [u8]> {
        if self.path.is_empty() || !ASKS.is_match(text) {
            return Cow::Borrowed(text);
        }
        let folder = parent(&self.path);
        if !is_shell {
            let quoted = [b"\"", folder, b"\""].concat();
            return Cow::Owned(replaced(&ELSEWHERE, text, |_: &Captures<'_>| quoted.clone()));
        }
        let text = replaced(&CUT, text, |_: &Captures<'_>| folder.to_vec());
        let text = replaced(&NAMED, &text, |_: &Captures<'_>| self.path.clone());
        let text = replaced(&RESOLVED, &text, |found: &Captures<'_>| found[1].to_vec());
        let text = replaced(&FOLDER, &text, |found: &Captures<'_>| parent(&found[1]).to_vec());
        Cow::Owned(replaced(&ENTERED, &text, |found: &Captures<'_>| found[1].to_vec()))
    }
}

fn replaced(pattern: &Regex, text: &[u8], with: impl Replacer) -> Vec<u8> {
    pattern.replace_all(text, with).into_owned()
}

/// The path up to its last slash.
fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|&byte| byte == b'/').map_or(&path[..0], |slash| &path[..slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_asks_in_many_ways_where_it_stands() {
        let own = OwnPlace::new(b"/opt/a/script");
        let shell = [
            r#". "$(dirname "$0")/x""#,
            r#". "$(dirname -- "${BASH_SOURCE[0]}")/x""#,
            r#". "${0%/*}/x""#,
            r#". "$(cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd)/x""#,
            r#". "$(dirname "$(readlink -f "$0")")/x""#,
        ];
        for text in shell {
            assert_eq!(own.filled_in(text.as_bytes(), true), &b". \"/opt/a/x\""[..], "{text}");
        }
        let others =
            ["join(os.path.dirname(os.path.abspath(__file__)), 'x')", "join(__dir__, 'x')", "join(__dirname, 'x')"];
        for text in others {
            assert_eq!(own.filled_in(text.as_bytes(), false), &b"join(\"/opt/a\", 'x')"[..], "{text}");
        }
        assert_eq!(own.filled_in(b"echo $0", true), &b"echo $0"[..]);
    }
}
