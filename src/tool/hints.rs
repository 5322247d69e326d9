//! Better advice than the nearest word: for what people write who know other programs. The launcher has no need of it.

use crate::problem::{Code, Problem};

/// A key, the table that does not have it, and what to do.
const KEYS: [(&str, &str, &str); 17] = [
    ("args", "a sidecar", "arguments stand in `command`, behind the program"),
    ("cmd", "a sidecar", "write `command`"),
    ("cwd", "a sidecar", "write `working_directory`"),
    ("environment", "a sidecar", "write `env`"),
    ("workdir", "a sidecar", "write `working_directory`"),
    ("stderr", "a sidecar", "write `log`: output and errors go to one place"),
    ("stdout", "a sidecar", "write `log`: output and errors go to one place"),
    ("timeout", "a sidecar", "write `ready.timeout` for the wait at the start, `stop_timeout` for the one at the end"),
    ("depends_on", "a sidecar", "sidecars start together; one that needs another waits for it itself"),
    (
        "memory",
        "`limits`",
        "the function's memory is set in its configuration; `as` limits the address space, in bytes",
    ),
    ("processes", "`limits`", "write `nproc`"),
    ("files", "`limits`", "write `nofile`"),
    ("environment", "a rule", "write `env`"),
    ("environment", "the profile", "write `env`"),
    ("if", "a rule", "write `when`"),
    ("if", "the profile", "write `when`"),
    ("condition", "a rule", "write `when`"),
];

/// What to do about a problem.
pub(super) fn help(problem: &Problem) -> Option<String> {
    better(problem).or_else(|| problem.help.clone())
}

/// Advice that fits better than the problem's own.
fn better(problem: &Problem) -> Option<String> {
    match problem.code {
        Code::UnknownKey => {
            let about =
                |key: &str, table: &str| problem.message.starts_with(&format!("unknown key `{key}` in {table};"));
            KEYS.iter().find(|(key, table, _)| about(key, table)).map(|(.., help)| (*help).to_owned())
        }
        Code::ProfileNotFound => {
            let name = problem.message.strip_prefix("there is no profile `")?.split('`').next()?;
            let plain = name.strip_suffix(".toml").filter(|_| !name.contains('/'))?;
            Some(format!(
                "this is taken for a name, and names go without .toml: write `{plain}`, or a path with a slash in it, as \
                 `/var/task/{name}`"
            ))
        }
        _ => None,
    }
}
