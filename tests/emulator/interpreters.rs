//! Where each language's interpreter is: the machine's own, or one from the parts.

use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Python and its version, `3.11`.
pub(crate) fn python() -> Result<(Interpreter, String), String> {
    let script = "import sys; print(sys.base_prefix, '%d.%d' % sys.version_info[:2], sep='\\n')";
    let answer = parts::run(Command::new("python3").args(["-c", script]))?;
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
