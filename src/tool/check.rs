//! `forerun check`: all problems of each profile.
#![expect(clippy::disallowed_methods, reason = "this command reads the files that it is given")]

use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::layout::counted;
use super::paint::Paint;
use super::{FINE, PROBLEMS, Report, USAGE, reason, snippet};
use crate::library::Library;

/// Check profiles and show all their problems
///
/// Exit status: 0 no problem, 1 problems, 2 a file cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forerun check                        the forerun.toml of this folder
  forerun check layer/ forerun.toml    every *.toml below layer/, and one more
  generate-profile | forerun check -   what another program writes")]
pub(super) struct Check {
    /// Profiles, folders with profiles (*.toml), or - for standard input
    #[arg(value_name = "PATH", default_value = "forerun.toml")]
    paths: Vec<PathBuf>,
}

impl Check {
    /// Checks everything that was named.
    pub(super) fn run(&self, paint: Paint) -> Report {
        let mut library = Library::default();
        let mut stderr = String::new();
        for path in &self.paths {
            if let Err(unreadable) = add(path, &mut library) {
                stderr.push_str(&format!("error: {unreadable}\n"));
            }
        }
        if !stderr.is_empty() {
            stderr.push_str("  help: name profiles, folders that hold some, or - for standard input\n");
        }
        let (mut stdout, mut profiles, mut problems) = (String::new(), 0, 0);
        for (_, source) in library.sources() {
            profiles += 1;
            for problem in source.profile.as_ref().err().into_iter().flatten() {
                problems += 1;
                stdout.push_str(&snippet::render(problem, &library, paint));
                stdout.push('\n');
            }
        }
        if profiles > 0 {
            let outcome = match problems {
                0 => paint.green("no problem"),
                _ => paint.red(counted(problems, "problem")),
            };
            stdout.push_str(&format!("{}: {outcome}\n", counted(profiles, "profile")));
        }
        let status = match problems {
            _ if !stderr.is_empty() => USAGE,
            0 => FINE,
            _ => PROBLEMS,
        };
        Report { stdout: stdout.into(), stderr, status }
    }
}

/// Adds what a path names to the library.
fn add(path: &Path, library: &mut Library) -> Result<(), String> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text).map_err(|error| format!("standard input cannot be read: {error}"))?;
        library.add(b"<stdin>".to_vec(), Ok(text));
        return Ok(());
    }
    if !path.is_dir() {
        return read(path, library);
    }
    let mut found = Vec::new();
    profiles_below(path, &mut found)?;
    if found.is_empty() {
        return Err(format!("{}: there is no *.toml in this folder or below", path.display()));
    }
    found.sort();
    found.iter().try_for_each(|path| read(path, library))
}

fn read(path: &Path, library: &mut Library) -> Result<(), String> {
    let place = path.as_os_str().as_bytes();
    if library.at(place).is_none() {
        let text = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        library.add(place.to_vec(), Ok(text));
    }
    Ok(())
}

/// Files `*.toml`, dotfiles and folders of such names left out, as `wrapper` does in `/opt/forerun.d`. Links to
/// folders are not followed: they may lead in circles.
fn profiles_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let path = entry.path();
        let name = entry.file_name();
        if name.as_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            profiles_below(&path, found)?;
        } else if name.as_bytes().ends_with(b".toml") && !path.is_dir() {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {}", path.display(), reason(error))
}
