//! The lines of a trial's output, forerun's own apart.
//!
//! Standard output and standard error are one log on Lambda, so here they are one list: first the one, then the other.

use std::sync::LazyLock;

use regex::Regex;

use crate::tool::trial::outcome::Outcome;

/// What was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lines<'o> {
    /// forerun's own messages.
    pub(super) own: Vec<Message>,
    /// All other lines, empty ones left out.
    pub(super) others: Vec<&'o [u8]>,
}

/// A message of forerun's (docs/messages.md).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// `FR212`; `None`: news.
    pub(super) code: Option<String>,
    /// The text behind level, code and place.
    pub(super) text: String,
}

/// `forerun: warning[FR212]: /opt/forerun.d/0-x.toml:3:1: text`
static MESSAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let level = r"^forerun: (?:info|warning|error)(?:\[(FR\d+)\])?: ";
    let place = r"(?:(?:/|builtin:).*?:\d+:\d+: )?";
    Regex::new(&format!("{level}{place}(.*)$")).ok()
});

impl Lines<'_> {
    /// The lines of an outcome.
    pub(super) fn of(outcome: &Outcome) -> Lines<'_> {
        let mut lines = Lines::default();
        for line in outcome.stdout.split(|&byte| byte == b'\n').chain(outcome.stderr.split(|&byte| byte == b'\n')) {
            match message(line) {
                Some(message) => lines.own.push(message),
                None if line.trim_ascii().is_empty() => {}
                None => lines.others.push(line),
            }
        }
        lines
    }
}

fn message(line: &[u8]) -> Option<Message> {
    let text = std::str::from_utf8(line).ok()?;
    // As it is with AWS_LAMBDA_LOG_FORMAT=JSON.
    let json: Option<serde_json::Value> = text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    let text = json.as_ref().map_or(Some(text), |json| json["message"].as_str())?;
    let parts = MESSAGE.as_ref()?.captures(text)?;
    Some(Message { code: parts.get(1).map(|code| code.as_str().to_owned()), text: parts[2].to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::testing::gave_up;
    use super::*;

    #[test]
    fn messages_are_read_as_text_and_as_json_and_other_lines_are_left() {
        let written = "forerun: info: /opt/forerun.d/0-x.toml:3:7: tracing: on\n\
                       forerun: error[FR401]: cannot start the runtime: `/x` does not exist\n\
                       [agent] forerun: info: no\n\n\
                       {\"timestamp\":\"t\",\"level\":\"WARN\",\"message\":\"forerun: warning[FR217]: builtin:node:1:1: w\"}\n\
                       {\"message\":\"mine\"}\n";
        let outcome = gave_up(1, written);
        let lines = Lines::of(&outcome);
        let message = |code: Option<&str>, text: &str| Message { code: code.map(str::to_owned), text: text.to_owned() };
        assert_eq!(
            lines.own,
            [
                message(None, "tracing: on"),
                message(Some("FR401"), "cannot start the runtime: `/x` does not exist"),
                message(Some("FR217"), "w"),
            ]
        );
        assert_eq!(lines.others, [&b"[agent] forerun: info: no"[..], b"{\"message\":\"mine\"}"]);
    }
}
