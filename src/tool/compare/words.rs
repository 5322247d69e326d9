//! Lines that scripts do not write on purpose: what their interpreters say when something goes wrong.
//!
//! The forms are those of bash and dash, of a Python traceback, of Ruby and of Node.js.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

use super::class::Class;
use crate::tool::trial::start::{RuntimeState, TrialStart};

/// `/opt/x: line 7: …` of bash and `/opt/x: 7: …` of dash.
static SHELL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[^ ]*: (?:-c: )?(?:line )?\d+: ").ok());
/// A test that got too many words or too few.
static TEST: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let said = ["binary operator", "unary operator", "too many arguments", "unexpected operator", "argument expected"];
    RegexSet::new(said.map(|said| format!(r": (?:\[\[?|test): .*{said}"))).ok()
});
/// What depends on this machine and not on the script: locales and libraries that are not there, a shell inside of many.
static MACHINE: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r": warning: setlocale: ",
        r": warning: shell level \(\d+\) too high",
        r"^ERROR: ld\.so: object '.*' from LD_(?:PRELOAD|AUDIT) cannot be ",
    ])
    .ok()
});
/// Where the report of an uncaught error begins, and the lines that it may be made of.
static REPORT: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"^Traceback \(most recent call last\):",
        // Ruby: the place, and where it was called from.
        r"^\S+:\d+:in [`'].*(?:Error|Errno|Exception)",
        r"^\s+from \S+:\d+:in ",
        // Node.js: the place of what was thrown.
        r"^node:[a-z_/]+:\d+$",
        r"^(?:file://)?/\S+\.(?:mjs|cjs|js):\d+$",
    ])
    .ok()
});
/// An error when a program is started that is not there or cannot be executed.
static NO_PROGRAM: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let said = [
        "(?i)no such file or directory",
        "(?i)not found",
        "(?i)permission denied",
        "(?i)cannot execute",
        "(?i)exec format error",
        "ENOENT|EACCES|ENOEXEC",
    ];
    RegexSet::new(said).ok()
});

fn is_one(forms: &LazyLock<Option<RegexSet>>, line: &[u8]) -> bool {
    forms.as_ref().is_some_and(|forms| forms.is_match(line))
}

/// The lines of a script, without those that depend on this machine, each with the class that it gives away.
pub(super) fn of_script<'l>(start: &TrialStart, lines: &[&'l [u8]]) -> Vec<(&'l [u8], Option<Class>)> {
    let cannot_start = matches!(start.runtime, RuntimeState::Missing | RuntimeState::NotExecutable);
    // The report of an error goes on to the end, whatever is in it.
    let report = lines.iter().position(|line| is_one(&REPORT, line)).unwrap_or(lines.len());
    let about_runtime = cannot_start && lines[report..].iter().any(|line| is_one(&NO_PROGRAM, line));
    let class = |number: usize, line: &[u8]| {
        if number >= report {
            return Some(if about_runtime { Class::OwnWords } else { Class::ScriptError });
        }
        let shells = SHELL.as_ref().is_some_and(|shell| shell.is_match(line));
        match () {
            () if cannot_start && is_one(&NO_PROGRAM, line) => Some(Class::OwnWords),
            () if shells && is_one(&TEST, line) => Some(Class::UnquotedTest),
            () if shells => Some(Class::ShellError),
            () => None,
        }
    };
    let all = lines.iter().enumerate().filter(|(_, line)| !is_one(&MACHINE, line));
    all.map(|(number, line)| (*line, class(number, line))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::start;
    use super::*;

    fn classes(runtime: RuntimeState, text: &str) -> Vec<Option<&'static str>> {
        let start = TrialStart { runtime, ..start(&["/x"], &[]) };
        let lines: Vec<&[u8]> = text.lines().map(str::as_bytes).collect();
        of_script(&start, &lines).into_iter().map(|(_, class)| class.map(Class::id)).collect()
    }

    const EXITS: RuntimeState = RuntimeState::Exits(0);

    #[test]
    fn what_shells_say_is_told_from_what_scripts_say() {
        for (line, class) in [
            ("/opt/x: line 7: [: a: binary operator expected", Some("unquoted-test")),
            ("/opt/x: line 7: [: too many arguments", Some("unquoted-test")),
            ("/opt/x: 7: [: a: unexpected operator", Some("unquoted-test")),
            ("/opt/x: 7: Bad substitution", Some("shell-error")),
            ("sh: -c: line 1: unexpected EOF while looking for matching `''", Some("shell-error")),
            ("/opt/x: line 9: jq: command not found", Some("shell-error")),
            ("[agent] line 9: too many arguments", None),
            ("starting", None),
            ("Error: no license", None),
        ] {
            assert_eq!(classes(EXITS, line), [class], "{line}");
        }
        let locale = "/bin/bash: warning: setlocale: LC_ALL: cannot change locale (xx)\nreal";
        assert_eq!(classes(EXITS, locale), [None]);
    }

    #[test]
    fn reports_of_errors_go_to_the_end() {
        let python = "hello\nTraceback (most recent call last):\n  File \"/opt/x\", line 3, in <module>\nKeyError: 'X'";
        let error = Some("script-error");
        assert_eq!(classes(EXITS, python), [None, error, error, error]);
        let ruby =
            "/opt/x:3:in 'Kernel#exec': No such file or directory - /x (Errno::ENOENT)\n\tfrom /opt/x:3:in '<main>'";
        assert_eq!(classes(EXITS, ruby), [error, error]);
        assert_eq!(classes(RuntimeState::Missing, ruby), [Some("own-words"), Some("own-words")]);
    }

    #[test]
    fn a_runtime_that_is_missing_is_told_in_the_shells_words() {
        let said = "/opt/x: line 3: /x: No such file or directory";
        assert_eq!(classes(RuntimeState::Missing, said), [Some("own-words")]);
        assert_eq!(classes(EXITS, said), [Some("shell-error")]);
        assert_eq!(classes(RuntimeState::NotExecutable, "sh: 1: /x: Permission denied"), [Some("own-words")]);
    }
}
