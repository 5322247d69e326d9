//! `forerun check`: all problems of each profile.
#![expect(clippy::disallowed_methods, reason = "this command reads the files that it is given")]

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::layout::{counted, length, pad};
use super::lints::{self, Field, Level, Root, TABLE};
use super::paint::Paint;
use super::remark::{self, Remark};
use super::{FINE, PROBLEMS, Report, USAGE, formats, known_starts, reason, snippet};
use crate::library::Library;
use crate::problem::{ProfileId, nearest};

/// Check profiles and show all their problems
///
/// Problems of the form, which would stop a start, and lints: what is well-formed and
/// most likely wrong. Profiles in one folder forerun.d are looked at together, as they
/// apply.
///
/// Exit status: 0 no problem, 1 problems (errors or warnings; notes do not count), 2 a
/// file cannot be read.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun check                        the forerun.toml of this folder
  forerun check layer/ forerun.toml    every *.toml below layer/, and one more
  forerun check layer/ --root layer/   with the files that the profiles speak of
  forerun check --runtime java21       for functions of this runtime
  forerun check --format github        annotations for a pull request
  generate-profile | forerun check -   what another program writes"
)]
pub(super) struct Check {
    /// Profiles, folders with profiles (*.toml), or - for standard input
    #[arg(value_name = "PATH", default_value = "forerun.toml")]
    paths: Vec<PathBuf>,

    /// What stands for /opt: a folder with the unpacked layers, or a layer's zip file
    #[arg(long, value_name = "LAYER")]
    root: Option<PathBuf>,

    /// A managed runtime that the profiles are for; without it any (python3.12, java21, …)
    #[arg(long = "runtime", value_name = "NAME")]
    runtimes: Vec<String>,

    /// For people, for programs, or for GitHub's pull requests
    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// List the lints, with their codes and names
    #[arg(long, exclusive = true)]
    list: bool,
}

/// How problems are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// With the lines that they are in
    Text,
    /// One JSON document
    Json,
    /// Workflow commands
    Github,
}

impl Check {
    /// Checks everything that was named.
    pub(super) fn run(&self, paint: Paint) -> Report {
        if self.list {
            return Report::fine(listed());
        }
        self.check(paint).unwrap_or_else(|usage| usage)
    }

    fn check(&self, paint: Paint) -> Result<Report, Report> {
        let runtimes = self.runtimes.iter().map(|name| identifier(name)).collect::<Result<Vec<_>, _>>()?;
        let root =
            self.root.as_deref().map(|path| Root::open(path).map_err(|error| no_root(path, &error))).transpose()?;
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
        let field = Field::new(&library, runtimes, root);
        let remarks = remark::all(&library, &lints::find(&library, &together(&library), &field));
        let profiles = library.sources().count();
        let notes = remarks.iter().filter(|remark| remark.level == Level::Note).count();
        let problems = remarks.len() - notes;
        let stdout = match self.format {
            Format::Json => formats::json(&remarks, profiles, &library),
            Format::Github => formats::github(&remarks, &library),
            Format::Text => text(&remarks, &library, paint) + &summary(profiles, problems, notes, paint),
        };
        let status = match problems {
            _ if !stderr.is_empty() => USAGE,
            0 => FINE,
            _ => PROBLEMS,
        };
        Ok(Report { stdout: stdout.into(), stderr, status })
    }
}

/// The snippets.
fn text(remarks: &[Remark], library: &Library, paint: Paint) -> String {
    remarks.iter().map(|remark| snippet::remark(remark, library, paint) + "\n").collect()
}

fn summary(profiles: usize, problems: usize, notes: usize, paint: Paint) -> String {
    if profiles == 0 {
        return String::new();
    }
    let outcome = match problems {
        0 => paint.green("no problem"),
        _ => paint.red(counted(problems, "problem")),
    };
    let notes = if notes > 0 { format!(", {}", counted(notes, "note")) } else { String::new() };
    format!("{}: {outcome}{notes}\n", counted(profiles, "profile"))
}

/// The profiles that apply together: those of one `forerun.d`. Any other stands for itself.
fn together(library: &Library) -> Vec<Vec<ProfileId>> {
    let mut groups: BTreeMap<Vec<u8>, Vec<ProfileId>> = BTreeMap::new();
    for (id, source) in library.sources() {
        let folder = source.folder().filter(|folder| crate::start::base_name(folder) == b"forerun.d");
        groups.entry(folder.unwrap_or(&source.place).to_vec()).or_default().push(id);
    }
    groups.into_values().collect()
}

/// The table of lints.
fn listed() -> String {
    let widest = TABLE.iter().map(|row| length(row.name)).max().unwrap_or(0);
    let line = |row: &lints::Row| {
        format!("{}  {}  {}  {}\n", row.lint, pad(row.name, widest), pad(row.level.name(), 7), row.summary)
    };
    TABLE.iter().map(line).collect()
}

fn identifier(name: &str) -> Result<&'static str, Report> {
    known_starts::identifier(name).ok_or_else(|| {
        let near = nearest(name, known_starts::NAMES).map_or(String::new(), |near| format!("; did you mean {near}?"));
        let known = known_starts::NAMES.join(", ");
        Report::usage(format!("the runtime `{}` is not known{near}", name.escape_debug()), format!("known are {known}"))
    })
}

fn no_root(path: &Path, error: &str) -> Report {
    let message = format!("{}: {error}", path.display());
    Report::usage(message, "--root names the folder that stands for /opt, or the zip file of a layer")
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

/// Regular files `*.toml` and links to some, dotfiles left out, as `wrapper` does in `/opt/forerun.d`. Links to folders
/// are not followed: they may lead in circles.
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
        } else if name.as_bytes().ends_with(b".toml") && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {}", path.display(), reason(error))
}
