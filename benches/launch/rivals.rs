//! The launchers that are compared.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::make::{Workshop, find_program, output};

pub(crate) struct Launcher {
    pub(crate) kind: Kind,
    pub(crate) label: &'static str,
    /// What stands in argv before the program to be started.
    pub(crate) command: Vec<OsString>,
    /// The whole launcher, where it is one file.
    pub(crate) file: Option<PathBuf>,
    /// `false` for one that passes the environment on as it is.
    pub(crate) does_task: bool,
    /// Slow ones run in every tenth round only.
    pub(crate) every: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Floor,
    Forerun,
    StaticC,
    Bash,
    Other,
}

impl Launcher {
    /// The whole argv for starting `target`.
    pub(crate) fn argv(&self, target: &Path) -> Vec<OsString> {
        let mut argv = self.command.clone();
        argv.push(target.into());
        argv
    }

    fn binary(kind: Kind, label: &'static str, file: PathBuf) -> Self {
        Self { kind, label, command: vec![file.clone().into()], file: Some(file), does_task: true, every: 1 }
    }

    fn script(kind: Kind, label: &'static str, interpreter: PathBuf, script: PathBuf) -> Self {
        Self {
            kind,
            label,
            command: vec![interpreter.into(), script.into()],
            file: None,
            does_task: true,
            every: if kind == Kind::Bash { 1 } else { 10 },
        }
    }
}

pub(crate) fn forerun(workshop: &Workshop) -> Outcome<Launcher> {
    let file = workshop.wrapper()?;
    Ok(Launcher::binary(Kind::Forerun, "forerun", file))
}

pub(crate) fn all(workshop: &Workshop) -> Outcome<Vec<Launcher>> {
    let floor = workshop.bare("floor.c")?;
    let bash = find_program("bash").ok_or("the comparison needs bash")?;
    let mut launchers = vec![
        Launcher { does_task: false, ..Launcher::binary(Kind::Floor, "execve alone, no change", floor) },
        forerun(workshop)?,
        Launcher::binary(Kind::StaticC, "C, static glibc", workshop.static_c("static.c")?),
        Launcher::script(Kind::Bash, "bash", bash, workshop.script("wrapper.sh")?),
    ];
    // The interpreter itself tells where it is: version managers put a shell script in front of it.
    let interpreters = [
        ("python3", "import sys; print(sys.executable)", "-c", "wrapper.py"),
        ("ruby", "puts RbConfig.ruby", "-e", "wrapper.rb"),
    ];
    for (name, where_am_i, flag, script) in interpreters {
        match output(name, &[flag, where_am_i]) {
            Some(path) => launchers.push(Launcher::script(Kind::Other, name, path.into(), workshop.script(script)?)),
            None => println!("no row for {name}: it is not installed here"),
        }
    }
    Ok(launchers)
}
