//! The programs that play a part in a case, compiled once.

use std::path::PathBuf;
use std::process::Command;

use crate::parts;

const SOURCES: &[(&str, &str)] = &[
    ("sidecar.c", include_str!("sidecar.c")),
    ("before.c", include_str!("before.c")),
    ("storm.c", include_str!("storm.c")),
];

/// The directory of `sidecar`, `before` and `storm`.
pub(crate) fn programs() -> Result<PathBuf, String> {
    parts::build("sidecar-programs", SOURCES, |dir| {
        for (source, _) in SOURCES {
            let mut compiler = Command::new("gcc");
            compiler.current_dir(dir).args(["-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]);
            parts::run(compiler.arg(source.trim_end_matches(".c")).arg(source))?;
        }
        Ok(())
    })
}

const FUNCTION: &[(&str, &str)] = &[("App.java", include_str!("functions/App.java"))];

/// The directory of the Java function's class.
pub(crate) fn java_function() -> Result<PathBuf, String> {
    let jdk = crate::interpreters::java()?;
    parts::build("java-sidecars-function", FUNCTION, |dir| {
        let mut javac = Command::new(jdk.prefix.join("bin/javac"));
        // It warns of the class that alone lets a program ignore SIGTERM.
        parts::run(javac.current_dir(dir).args(["-nowarn", "-d", "classes", "App.java"])).map(drop)
    })
    .map(|dir| dir.join("classes"))
}
