//! A launcher that does not do the task is not worth a figure.

use std::ffi::OsString;

use crate::Outcome;
use crate::make::find_program;
use crate::rivals::Launcher;
use crate::task::{self, Environment};

/// Has the launcher start a program that prints its environment, and compares.
pub(crate) fn check(launcher: &Launcher, environment: &Environment) -> Outcome<()> {
    let label = launcher.label;
    let env = find_program("env").ok_or("the check needs `env`")?;
    let found = run(&launcher.argv(&env), environment).map_err(|message| format!("{label} does not run: {message}"))?;
    match task::complaint(environment, &found) {
        None => Ok(()),
        Some(complaint) => Err(format!("{label} does not do the task of the benchmark: {complaint}")),
    }
}

fn run(argv: &[OsString], environment: &Environment) -> Outcome<Environment> {
    let (program, arguments) = argv.split_first().ok_or("an empty command")?;
    let output = task::command(program.as_ref(), environment)
        .args(arguments)
        // NUL ends each variable: a value may contain a newline.
        .arg("-0")
        .output()
        .map_err(|error| error.to_string())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !errors.is_empty() {
        return Err(format!("{}, {}", output.status, errors.trim()));
    }
    let printed = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    Ok(printed
        .split_terminator('\0')
        .filter_map(|variable| variable.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}
