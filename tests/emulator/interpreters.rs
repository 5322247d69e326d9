//! Where each language's interpreter is: the machine's own, or one from the parts.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::parts;

/// An installation whose `bin` holds the interpreter.
pub(crate) struct Interpreter {
    /// Shown as /var/lang.
    pub(crate) prefix: PathBuf,
    /// A tree of unpacked packages to be laid over /usr.
    pub(crate) packages: Option<PathBuf>,
}

impl Interpreter {
    fn at(prefix: impl Into<PathBuf>) -> Self {
        Self { prefix: prefix.into(), packages: None }
    }
}

/// Python and its version, `3.11`; asked once, since a version manager's answer costs more than a whole start.
pub(crate) fn python() -> Result<(Interpreter, String), String> {
    static FOUND: OnceLock<Result<(PathBuf, String), String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| python_at(Path::new("python3")).map(|(python, version)| (python.prefix, version)));
    found.clone().map(|(prefix, version)| (Interpreter::at(prefix), version))
}

/// Python 3.12 or newer, if there is one: the machine's own, or one installed beside it, as pyenv does.
pub(crate) fn newer_python() -> Option<(Interpreter, String)> {
    let own = python().ok()?;
    if minor(&own.1) >= 12 {
        return Some(own);
    }
    let beside = own.0.prefix.parent()?.read_dir().ok()?;
    beside.flatten().find_map(|entry| {
        let programs = [12, 13, 14].map(|minor| entry.path().join(format!("bin/python3.{minor}")));
        python_at(programs.iter().find(|program| program.is_file())?).ok()
    })
}

/// The 11 of `3.11`.
pub(crate) fn minor(version: &str) -> u32 {
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default()
}

fn python_at(program: &Path) -> Result<(Interpreter, String), String> {
    let script = "import sys; print(sys.base_prefix, '%d.%d' % sys.version_info[:2], sep='\\n')";
    let answer = parts::run(Command::new(program).args(["-c", script]))?;
    let (prefix, version) = answer.split_once('\n').ok_or("python3 does not know its prefix")?;
    Ok((Interpreter::at(prefix), version.to_owned()))
}

pub(crate) fn node() -> Result<Interpreter, String> {
    match parts::run(Command::new("node").args(["--print", "process.execPath"])) {
        Ok(program) => Ok(Interpreter::at(prefix_of(Path::new(&program))?)),
        Err(_) => from_debian("nodejs"),
    }
}

pub(crate) fn java() -> Result<Interpreter, String> {
    let javac = parts::run(Command::new("bash").args(["-c", r#"readlink -f "$(type -P javac)""#]))
        .map_err(|why| format!("no JDK: {why}"))?;
    Ok(Interpreter::at(prefix_of(Path::new(&javac))?))
}

pub(crate) fn ruby() -> Result<Interpreter, String> {
    from_debian("ruby")
}

/// .NET Core 3.1, the newest that a package registry carries as a runtime.
pub(crate) fn dotnet() -> Result<Interpreter, String> {
    let part = parts::obtain("dotnetcore2-3.1.23", |dir| {
        parts::unpack_wheel(dir, "dotnetcore2==3.1.23", None)?;
        parts::make_executable(&dir.join("dotnetcore2/bin/dotnet"))
    })?;
    Ok(Interpreter::at(part.join("dotnetcore2")))
}

fn from_debian(package: &str) -> Result<Interpreter, String> {
    let packages = parts::debian(package)?;
    Ok(Interpreter { prefix: PathBuf::from("/usr"), packages: Some(packages) })
}

fn prefix_of(program: &Path) -> Result<&Path, String> {
    program.parent().and_then(Path::parent).ok_or_else(|| format!("{}: not in a bin directory", program.display()))
}
