//! What an interpreter does to the environment by itself, whatever the script says.
//!
//! A variable is set aside only where it is exactly what the interpreter makes of the start's: a script that sets PWD to
//! something else is not. bash(1), "Shell Variables"; POSIX "sh", PWD; <https://peps.python.org/pep-0538/> for Python.

use crate::tool::trial::outcome::Started;

/// The mark that forerun leaves where a profile has `args.through` (docs/profile.md).
const THROUGH: &[u8] = b"FORERUN_THROUGH";
/// Names the wrapper that is tried, which is never the same for script and profile.
const EXEC_WRAPPER: &[u8] = b"AWS_LAMBDA_EXEC_WRAPPER";

/// bash gives these a meaning or value of its own and does not take them from the environment as they are.
const OF_BASH: [&[u8]; 15] = [
    b"BASHOPTS",
    b"BASHPID",
    b"BASH_VERSION",
    b"EPOCHREALTIME",
    b"EPOCHSECONDS",
    b"EUID",
    b"IFS",
    b"LINENO",
    b"OPTIND",
    b"PPID",
    b"PS4",
    b"RANDOM",
    b"SECONDS",
    b"SHELLOPTS",
    b"UID",
];

/// A variable in three environments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable<'v> {
    pub(super) name: &'v [u8],
    /// In the start.
    pub(super) given: Option<&'v [u8]>,
    /// What the script made of it.
    pub(super) script: Option<&'v [u8]>,
    /// What the profile made of it.
    pub(super) profile: Option<&'v [u8]>,
}

/// Whether a variable differs only by what an interpreter does.
pub(super) fn is_noise(variable: Variable<'_>, started: &Started, lc_all: bool) -> bool {
    if variable.name == EXEC_WRAPPER {
        return true;
    }
    if variable.name == THROUGH {
        let process_id = |value: &[u8]| !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        return variable.script == variable.given && variable.profile.is_some_and(process_id);
    }
    variable.profile == variable.given && is_interpreters(variable, started, lc_all)
}

/// Whether the value that the script's runtime has is the interpreter's doing, whatever the profile's has.
pub(super) fn is_interpreters(variable: Variable<'_>, started: &Started, lc_all: bool) -> bool {
    let Variable { name, given, script, .. } = variable;
    match name {
        EXEC_WRAPPER => true,
        b"PWD" => script == Some(&started.directory),
        // bash and dash drop one that is no folder, and set it on `cd`; where that leads is compared by itself.
        b"OLDPWD" => script.is_none_or(|folder| folder.starts_with(b"/")),
        b"SHLVL" => script.is_some_and(|level| is_shell_level(level, given)),
        // The program that was started last, its name or its last argument.
        b"_" => true,
        // PEP 538: in the "C" locale Python asks for UTF-8, unless LC_ALL says otherwise.
        b"LC_CTYPE" => !lc_all && script.is_some_and(|locale| [&b"C.UTF-8"[..], b"C.utf8", b"UTF-8"].contains(&locale)),
        _ if OF_BASH.contains(&name) => given.is_some(),
        // dash drops names that are none to a shell.
        _ => script.is_none() && given.is_some() && !is_identifier(name),
    }
}

/// Whether a level is what shells make of the given one: each adds one, and `exec` takes one off. What is not a level is
/// read as 0, and one above 999 as 1 (`adjust_shell_level` in bash's variables.c).
fn is_shell_level(level: &[u8], given: Option<&[u8]>) -> bool {
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<i64>().ok();
    let before = given.and_then(number).filter(|level| (0..1000).contains(level)).unwrap_or(0);
    // A script whose runtime is a child has one more for each shell in between.
    number(level).is_some_and(|level| (before..=before + 3).contains(&level))
}

fn is_identifier(name: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    name.first().is_some_and(letter) && name.iter().all(|byte| letter(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::testing::started;
    use super::*;

    fn noise(name: &str, given: Option<&str>, script: Option<&str>, profile: Option<&str>) -> bool {
        fn bytes(text: Option<&str>) -> Option<&[u8]> {
            text.map(str::as_bytes)
        }
        let variable =
            Variable { name: name.as_bytes(), given: bytes(given), script: bytes(script), profile: bytes(profile) };
        is_noise(variable, &started(&["x"], &[]), false)
    }

    #[test]
    fn what_shells_and_python_do_is_set_aside() {
        for (name, given, script) in [
            ("PWD", None, Some("/var/task")),
            ("PWD", Some("/"), Some("/var/task")),
            ("OLDPWD", Some("/nowhere"), None),
            ("SHLVL", None, Some("0")),
            ("SHLVL", Some("3"), Some("4")),
            ("SHLVL", Some("odd"), Some("0")),
            ("SHLVL", Some("1000"), Some("1")),
            ("_", None, Some("/var/lang/bin/node")),
            ("LC_CTYPE", None, Some("C.UTF-8")),
            ("RANDOM", Some("4"), Some("17012")),
            ("IFS", Some(","), None),
            ("a.b", Some("x"), None),
        ] {
            assert!(noise(name, given, script, given), "{name}");
        }
    }

    #[test]
    fn what_a_script_says_itself_is_not() {
        for (name, given, script, profile) in [
            ("PWD", None, Some("/tmp"), None),
            ("PWD", None, Some("/var/task"), Some("/tmp")),
            ("SHLVL", Some("3"), Some("9"), Some("3")),
            ("SHLVL", None, Some("0"), Some("7")),
            ("LC_CTYPE", None, Some("de_DE.UTF-8"), None),
            ("RANDOM", None, Some("4"), None),
            ("a.b", Some("x"), Some("y"), Some("x")),
            ("ab", Some("x"), None, Some("x")),
            ("FORERUN_THROUGH", None, None, Some("")),
        ] {
            assert!(!noise(name, given, script, profile), "{name}");
        }
        assert!(noise("FORERUN_THROUGH", None, None, Some("17")));
        assert!(noise("AWS_LAMBDA_EXEC_WRAPPER", None, Some("/opt/script"), Some("/opt/wrapper")));
    }
}
