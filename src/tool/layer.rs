//! `forerun layer`: wrapper and profiles as a layer's zip file, the same bytes whenever and wherever it is made.
#![expect(clippy::disallowed_methods, reason = "this command reads the files that it is given and writes a zip file")]

use std::io::{self, Cursor, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::Args;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::launchers::{self, Launcher};
use super::layout::{counted, length, pad};
use super::lints::{self, Field, Level};
use super::paint::Paint;
use super::{PROBLEMS, Report, reason, remark, snippet};
use crate::library::{Library, Source};
use crate::runtime::Arch;

/// Make a layer of the wrapper and profiles
///
/// The zip file is ready to be published: `wrapper` in its root, the profiles in
/// forerun.d. It holds no time and no path of this machine; the same files make the
/// same bytes.
///
/// A profile whose name begins with a number, as in 20-agent.toml, keeps its name. The
/// others get numbers in the order given: 10-, 20- and so on. A profile called forerun.toml
/// is named after its folder.
///
/// What `forerun check` says of the profiles is said here, too; warnings do not keep the
/// layer from being made.
///
/// Exit status: 0 made, 1 a profile has errors, 2 it cannot be made.
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun layer -o layer.zip agent.toml
      /opt/wrapper and /opt/forerun.d/10-agent.toml, for x86_64
  forerun layer -o layer.zip --arch arm64 --wrapper ./wrapper base.toml agent.toml
      with a wrapper that was built elsewhere; base.toml applies first
  forerun layer -o - agent.toml | sha256sum
      whether anything changed"
)]
pub(super) struct Layer {
    /// The profiles, in the order in which they are to apply
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<PathBuf>,

    /// The zip file to write; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// The architecture of the function
    #[arg(long, default_value = "x86_64", value_parser = ["x86_64", "arm64"])]
    arch: String,

    /// The launcher; without it the `wrapper` beside this program, or what cargo has built
    #[arg(long, value_name = "FILE")]
    wrapper: Option<PathBuf>,
}

impl Layer {
    /// Checks the profiles, finds a wrapper, and writes the zip file.
    pub(super) fn run(&self) -> Report {
        self.make().unwrap_or_else(|report| report)
    }

    fn make(&self) -> Result<Report, Report> {
        let to_stdout = self.output == Path::new("-");
        if to_stdout && io::stdout().is_terminal() {
            return Err(Report::usage(
                "a zip file is nothing for a terminal",
                "write it into a file, as in `-o layer.zip`, or into a pipe",
            ));
        }
        if self.output.extension().is_some_and(|ending| ending == "toml") || Some(&self.output) == self.wrapper.as_ref()
        {
            return Err(Report::usage(
                format!("{}: the layer would be written over this file", self.output.display()),
                "-o takes the name of the zip file, as in `-o layer.zip`",
            ));
        }
        let names = entries(&self.profiles)?;
        let (library, remarks) = self.checked()?;
        let arch = Arch::named(&self.arch).unwrap_or(Arch::X86_64);
        let wrapper = match &self.wrapper {
            Some(path) => launchers::read(path, arch)?,
            None => launchers::find(arch)?,
        };
        let sources = library.sources().map(|(_, source)| source);
        let mut profiles: Vec<(String, &Source)> = names.into_iter().zip(sources).collect();
        profiles.sort_by(|one, other| one.0.cmp(&other.0));
        let bytes = pack(&wrapper, &profiles).map_err(|error| self.unwritable(&error))?;
        let made = |stdout| Report { stderr: remarks, ..Report::fine(stdout) };
        if to_stdout {
            return Ok(made(bytes));
        }
        std::fs::write(&self.output, bytes).map_err(|error| self.unwritable(&error))?;
        Ok(made(self.contents(&wrapper, &profiles).into()))
    }

    /// The profiles, if there is no error in any of them, and what else is to be said.
    fn checked(&self) -> Result<(Library, String), Report> {
        let mut library = Library::default();
        for path in &self.profiles {
            let text = std::fs::read(path).map_err(|error| {
                Report::usage(format!("{}: {}", path.display(), reason(&error)), "name the profiles of the layer")
            })?;
            library.add(path.as_os_str().as_bytes().to_vec(), Ok(text));
        }
        let together = library.sources().map(|(id, _)| id).collect();
        let field = Field::new(&library, Vec::new(), None);
        let remarks = remark::all(&library, &lints::find(&library, &[together], &field));
        let paint = Paint::for_stderr();
        let mut stderr: String = remarks.iter().map(|remark| snippet::remark(remark, &library, paint) + "\n").collect();
        let errors = remarks.iter().filter(|remark| remark.level == Level::Error).count();
        if errors == 0 {
            return Ok((library, stderr));
        }
        let number = paint.red(counted(errors, "problem"));
        stderr.push_str(&format!("{number}: {} is not written\n", self.output.display()));
        Err(Report { stdout: Vec::new(), stderr, status: PROBLEMS })
    }

    fn unwritable(&self, error: &io::Error) -> Report {
        let message = format!("{}: {}", self.output.display(), reason(error));
        Report::usage(message, "-o names a file that can be written, or - for standard output")
    }

    /// What is in the zip file, and where it came from.
    fn contents(&self, wrapper: &Launcher, profiles: &[(String, &Source)]) -> String {
        let mut rows: Vec<(&str, String)> = profiles
            .iter()
            .map(|(name, source)| (&name[..], String::from_utf8_lossy(&source.place).into_owned()))
            .collect();
        rows.push((WRAPPER, wrapper.path.display().to_string()));
        let widest = rows.iter().map(|row| length(row.0)).max().unwrap_or(0);
        let lines: String = rows.iter().map(|(name, from)| format!("  {}  {from}\n", pad(name, widest))).collect();
        format!("{} for {}\n{lines}", self.output.display(), self.arch)
    }
}

/// The launcher's place in the layer.
const WRAPPER: &str = "wrapper";

/// The place of each profile in the layer.
fn entries(paths: &[PathBuf]) -> Result<Vec<String>, Report> {
    let step = if paths.len() < 10 { 10 } else { 1 };
    let mut last = 0;
    let mut names: Vec<String> = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        let name = name(path)?;
        if paths[..at].contains(path) {
            return Err(Report::usage(
                format!("{}: the profile is named twice", path.display()),
                "a profile applies once; name it once",
            ));
        }
        let name = match number(&name) {
            Some(number) => {
                last = last.max(number);
                name
            }
            None => {
                last = last / step * step + step;
                format!("{last:02}-{name}")
            }
        };
        if last > 99 {
            return Err(Report::usage(
                format!("{}: there is no number left for it", path.display()),
                "numbers have two digits; give the files numbers of your own, as in 20-agent.toml",
            ));
        }
        let name = format!("forerun.d/{name}.toml");
        if let Some(at) = names.iter().position(|other| *other == name) {
            return Err(Report::usage(
                format!("{} and {} would both be {name}", paths[at].display(), path.display()),
                "give one of them another name or number",
            ));
        }
        names.push(name);
    }
    Ok(names)
}

/// The name of a profile, without its ending.
fn name(path: &Path) -> Result<String, Report> {
    let refuse = |message: &str| {
        let message = format!("{}: {message}", path.display());
        Report::usage(message, "a profile is a file whose name ends in .toml, which may begin with NN-")
    };
    let file = path.file_name().ok_or_else(|| refuse("this is not the name of a file"))?;
    let file = file.to_str().ok_or_else(|| refuse("the name is not UTF-8"))?;
    let name = file.strip_suffix(".toml").ok_or_else(|| refuse("the name does not end in .toml"))?;
    if name.is_empty() || name.starts_with('.') {
        return Err(refuse("the launcher reads no file whose name begins with a dot"));
    }
    if name.chars().any(|char| char.is_control() || char == '\\') {
        return Err(refuse("the name has a character that not every program unpacks"));
    }
    let folder = path.parent().and_then(Path::file_name).and_then(|folder| folder.to_str());
    match folder {
        // Every function's own file has this name; it says nothing.
        Some(folder) if name == "forerun" && !folder.starts_with('.') => Ok(folder.to_owned()),
        _ => Ok(name.to_owned()),
    }
}

/// `20` of `20-agent`.
fn number(name: &str) -> Option<u32> {
    let (number, rest) = name.split_once('-')?;
    let two = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| two && !rest.is_empty())
}

/// The zip file. Every entry has the same time, the oldest that the format knows.
fn pack(wrapper: &Launcher, profiles: &[(String, &Source)]) -> io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .last_modified_time(DateTime::DEFAULT)
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, source) in profiles {
        zip.start_file(name.as_str(), options.unix_permissions(0o644))?;
        zip.write_all(source.text.as_bytes())?;
    }
    // `forerun.d/…` sorts before it.
    zip.start_file(WRAPPER, options.unix_permissions(0o755))?;
    zip.write_all(&wrapper.bytes)?;
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(paths: &[&str]) -> Option<Vec<String>> {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        entries(&paths).ok()
    }

    #[test]
    fn profiles_are_numbered_in_the_order_given() {
        let name = |name: &str| Some(vec![format!("forerun.d/{name}.toml")]);
        assert_eq!(placed(&["a/agent.toml"]), name("10-agent"));
        assert_eq!(placed(&["a/05-agent.toml"]), name("05-agent"));
        assert_eq!(placed(&["forerun.toml"]), name("10-forerun"));
        assert_eq!(placed(&["./forerun.toml"]), name("10-forerun"));
        assert_eq!(placed(&["a/otel/forerun.toml"]), name("10-otel"));
        assert_eq!(placed(&["a/30-otel/forerun.toml"]), name("30-otel"));
        assert_eq!(placed(&["100-a.toml"]), name("10-100-a"));
        let mixed = placed(&["a.toml", "25-b.toml", "c.toml", "05-d.toml", "e.toml"]);
        let names = ["10-a", "25-b", "30-c", "05-d", "40-e"].map(|name| format!("forerun.d/{name}.toml"));
        assert_eq!(mixed, Some(names.into()));
    }

    #[test]
    fn many_profiles_are_numbered_without_gaps() {
        let many: Vec<String> = (0..99).map(|number| format!("p{number}.toml")).collect();
        let many: Vec<&str> = many.iter().map(|name| &name[..]).collect();
        let names = placed(&many).unwrap();
        assert!(names.is_sorted() && names[0] == "forerun.d/01-p0.toml" && names[98] == "forerun.d/99-p98.toml");
        assert_eq!(placed(&[&many[..], &["one-more.toml"]].concat()), None);
        assert_eq!(placed(&["95-a.toml", "b.toml"]), None);
    }

    #[test]
    fn names_that_the_launcher_would_not_read_are_refused() {
        for name in ["-", "agent", "agent.conf", ".agent.toml", ".toml", "/", "a\\b.toml", "a\nb.toml"] {
            assert_eq!(placed(&[name]), None, "{name:?}");
        }
        assert_eq!(placed(&["10-a.toml", "b/10-a.toml"]), None);
        assert_eq!(placed(&["a.toml", "a.toml"]), None);
        assert!(placed(&["a.toml", "b/a.toml"]).is_some());
    }
}
