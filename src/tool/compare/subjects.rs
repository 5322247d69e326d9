//! What is tried, as it is named on the command line: the script in its place, what stands around it, the launcher and
//! the profiles.
#![expect(clippy::disallowed_methods, reason = "this command reads the files that it is given")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::library::Library;
use crate::profile::Profile;
use crate::runtime::Arch;
use crate::tool::list::built_in;
use crate::tool::paint::Paint;
use crate::tool::starts::space::Surroundings;
use crate::tool::trial::Subject;
use crate::tool::{PROBLEMS, Report, launchers, reason, snippet};

/// Where the layers are, and the function's code.
const OPT: &[u8] = b"/opt";
const TASK: &[u8] = b"/var/task";
/// A file above this size is no script that is worth reading, in bytes.
const LARGEST: u64 = 1 << 20;

/// A script in its place.
pub(in crate::tool) struct Script {
    pub(in crate::tool) subject: Subject,
    pub(in crate::tool) surroundings: Surroundings,
    /// The script's text, and those of the scripts that it may read.
    pub(in crate::tool) texts: Vec<Vec<u8>>,
}

/// How programs begin (elf(5)).
const ELF: &[u8] = b"\x7fELF";

/// A file, and where it is when the function starts.
struct Placed {
    place: Vec<u8>,
    path: PathBuf,
}

/// Reads the script. It stands where it is below one of the folders, else right in `/opt`.
pub(in crate::tool) fn script(path: &Path, root: Option<&Path>, task: Option<&Path>) -> Result<Script, Report> {
    let unreadable = |error: &std::io::Error| {
        let message = format!("{}: {}", path.display(), reason(error));
        Report::usage(message, "SCRIPT is a file: the script or program that AWS_LAMBDA_EXEC_WRAPPER names")
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let whole = std::fs::canonicalize(path).map_err(|error| unreadable(&error))?;
    let mut around = Vec::new();
    let mut place = None;
    for (folder, stands_for) in [(root, OPT), (task, TASK)] {
        let Some(folder) = folder else { continue };
        below(folder, stands_for, &mut around);
        if place.is_none()
            && let Ok(rest) = whole.strip_prefix(folder)
        {
            place = Some([stands_for, b"/", rest.as_os_str().as_bytes()].concat());
        }
    }
    has_interpreter(path, &bytes, root)?;
    let name = whole.file_name().map_or(&b"wrapper-script"[..], OsStrExt::as_bytes);
    let own = place.unwrap_or_else(|| [OPT, b"/", name].concat());
    let texts = texts(&own, &bytes, &around);
    let files: BTreeSet<Vec<u8>> = around.into_iter().map(|placed| placed.place).collect();
    let surroundings = Surroundings { own: own.clone(), files };
    Ok(Script { subject: Subject::Program { place: own, bytes }, surroundings, texts })
}

/// Whether there is what the first line of a script names: on this machine, or in the layers.
fn has_interpreter(path: &Path, bytes: &[u8], root: Option<&Path>) -> Result<(), Report> {
    let refuse = |flaw: &str, help: &str| Err(Report::usage(format!("{}: {flaw}", path.display()), help));
    let Some(line) = bytes.strip_prefix(b"#!").and_then(|rest| rest.split(|&byte| byte == b'\n').next()) else {
        // What is neither is executed by a shell and by nobody else (execve(2)): Lambda does not start it.
        return if bytes.starts_with(ELF) {
            Ok(())
        } else {
            refuse(
                "this is neither a program nor a script with a `#!` line",
                "its first line names the interpreter, as in `#!/bin/bash`",
            )
        };
    };
    if line.ends_with(b"\r") {
        return refuse(
            "its lines end as on Windows, so that the kernel looks for an interpreter with a carriage return in its name",
            "save it with the line endings of Unix, for Lambda as well",
        );
    }
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let interpreter = Path::new(OsStr::from_bytes(words.next().unwrap_or_default()));
    let in_layers = interpreter.strip_prefix("/opt").ok().zip(root).map(|(rest, root)| root.join(rest));
    let is_there = in_layers.map_or_else(|| interpreter.exists(), |path| path.exists());
    let missing = |name: &Path| {
        let message = format!("{}: its interpreter `{}` is not on this machine", path.display(), name.display());
        Report::usage(message, "install it, or compare where it is: in the image of a runtime, for example")
    };
    if !is_there {
        return Err(missing(interpreter));
    }
    // `#!/usr/bin/env python3` looks along PATH, where a stand-in takes the place of the runtimes' own.
    let by_name = (interpreter.ends_with("env")).then(|| words.find(|word| !word.starts_with(b"-"))).flatten();
    match by_name.map(|name| Path::new(OsStr::from_bytes(name))) {
        Some(name) if !OWN_PATH.iter().any(|folder| Path::new(folder).join(name).exists()) => Err(missing(name)),
        _ => Ok(()),
    }
}

/// Where this machine's own interpreters are, of the folders in the PATH of Lambda's images.
const OWN_PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// All files and folders below a folder. Links to folders are not followed: they may lead in circles.
fn below(folder: &Path, stands_for: &[u8], found: &mut Vec<Placed>) {
    // What cannot be read is not there, as it is not for the function.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let place = [stands_for, b"/", entry.file_name().as_bytes()].concat();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(&entry.path(), &place, found);
        }
        found.push(Placed { place, path: entry.path() });
    }
}

/// The texts of the script and of the scripts around whose names are in one of them.
fn texts(own: &[u8], bytes: &[u8], around: &[Placed]) -> Vec<Vec<u8>> {
    let mut texts = vec![bytes.to_vec()];
    let mut left: Vec<&Placed> = around.iter().filter(|placed| placed.place != own).collect();
    let mut next = 0;
    while next < texts.len() {
        let text = texts[next].clone();
        next += 1;
        left.retain(|placed| {
            let name = crate::start::base_name(&placed.place);
            let small = placed.path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
            let read = (small && super::listed::find(&text, name).is_some())
                .then(|| std::fs::read(&placed.path).ok())
                .flatten();
            // Archives and libraries mention everything.
            let script = read.filter(|text| !text.contains(&0));
            texts.extend(script.clone());
            script.is_none()
        });
    }
    texts
}

/// The profiles, in the order in which they apply.
pub(in crate::tool) struct Profiles {
    library: Library,
    named: Vec<(String, Vec<u8>)>,
}

impl Profiles {
    /// Reads profiles: paths, or `builtin:NAME`.
    pub(in crate::tool) fn read(names: &[PathBuf]) -> Result<Profiles, Report> {
        let mut profiles = Profiles { library: Library::default(), named: Vec::new() };
        for path in names {
            let name = path.as_os_str().as_bytes();
            let text = match name.strip_prefix(b"builtin:") {
                Some(name) => built_in(&String::from_utf8_lossy(name))?.as_bytes().to_vec(),
                None => std::fs::read(path).map_err(|error| {
                    let message = format!("{}: {}", path.display(), reason(&error));
                    Report::usage(message, "behind the script come profiles, or builtin:NAME")
                })?,
            };
            let file = path.file_stem().map_or_else(|| "profile".into(), |stem| stem.to_string_lossy());
            let file = file.trim_start_matches("builtin:").trim_start_matches('.').replace('/', "-");
            profiles.named.push((format!("{file}.toml"), text.clone()));
            profiles.library.add(name.to_vec(), Ok(text));
        }
        Ok(profiles)
    }

    /// The profiles, or what is wrong with them.
    pub(in crate::tool) fn checked(&self) -> Result<Vec<&Profile>, Report> {
        let paint = Paint::for_stderr();
        let sources: Vec<_> = self.library.sources().map(|(_, source)| source).collect();
        let problems = sources.iter().flat_map(|source| source.profile.as_ref().err().into_iter().flatten());
        let stderr: String = problems.map(|problem| snippet::render(problem, &self.library, paint) + "\n").collect();
        if stderr.is_empty() {
            return Ok(sources.into_iter().filter_map(|source| source.profile.as_ref().ok()).collect());
        }
        Err(Report { stdout: Vec::new(), stderr: stderr + "nothing was compared\n", status: PROBLEMS })
    }

    /// forerun with these profiles.
    pub(in crate::tool) fn subject(self, wrapper: PathBuf) -> Subject {
        Subject::Forerun { wrapper, profiles: self.named }
    }
}

/// The launcher for this machine: the file that was named, or the one beside this program, or what cargo has built.
pub(in crate::tool) fn wrapper(named: Option<&Path>) -> Result<PathBuf, Report> {
    let whole = |path: &Path| {
        std::fs::canonicalize(path).map_err(|error| {
            let message = format!("{}: {}", path.display(), reason(&error));
            Report::usage(message, "--wrapper names forerun's launcher for this machine")
        })
    };
    if let Some(path) = named {
        return whole(path);
    }
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("wrapper")));
    match beside.filter(|path| path.is_file()) {
        // Here it may need libraries: they are this machine's own.
        Some(path) => whole(&path),
        None => launchers::find(Arch::OWN).and_then(|found| whole(&found.path)),
    }
}

/// A folder that stands for another, as an absolute path.
pub(in crate::tool) fn folder(option: &str, path: Option<&Path>) -> Result<Option<PathBuf>, Report> {
    let refuse = |path: &Path| {
        let message = format!("{option} {}: there is no such folder", path.display());
        Report::usage(message, "--root and --task name folders of this machine")
    };
    path.map(|path| std::fs::canonicalize(path).ok().filter(|path| path.is_dir()).ok_or_else(|| refuse(path)))
        .transpose()
}
