//! Java with a client of ours, started as the managed Java 17 is; Byteman is the agent.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::{Hook, Options, Placed, Runtime, managed, owned};
use crate::interpreters::{self, Interpreter};
use crate::parts;

const SOURCES: &[(&str, &str)] = &[
    ("AWSLambda.java", include_str!("java/AWSLambda.java")),
    ("App.java", include_str!("java/App.java")),
    ("Redirected.java", include_str!("java/Redirected.java")),
];

pub(crate) fn java() -> Result<Runtime, String> {
    let interpreter = interpreters::java()?;
    let classes = parts::build("java-function", SOURCES, |dir| compile(&interpreter, dir))?;
    Ok(Runtime {
        interpreter,
        argv: owned(&[
            "/var/lang/bin/java",
            "-XX:+UseSerialGC",
            "-XX:+TieredCompilation",
            "-XX:TieredStopAtLevel=1",
            "-Djava.net.preferIPv4Stack=true",
            "-classpath",
            "/var/runtime/lib",
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
            "App::handle",
        ]),
        variables: managed("AWS_Lambda_java17"),
        files: vec![Placed::copy("runtime/lib", classes.join("runtime")), Placed::copy("task", classes.join("task"))],
        handler: "App::handle",
        handler_variable: true,
        redirected: "Redirected::handle",
        default: ("MALLOC_ARENA_MAX", "2"),
        hook: Hook {
            edit: "JAVA_TOOL_OPTIONS.append = \
                   [\"-javaagent:/opt/byteman.jar=script:/opt/rule.btm\"]",
            files: vec![
                Placed::copy("layer/byteman.jar", byteman()?),
                Placed::text("layer/rule.btm", include_str!("java/rule.btm")),
            ],
        },
        options: Options { arguments: &["-Dforerun.test=a b"], at: 1, effect: json!("a b") },
    })
}

/// The client is in the runtime's directory, the function in its own.
fn compile(jdk: &Interpreter, dir: &Path) -> Result<(), String> {
    for (classes, sources) in [("runtime", &["AWSLambda.java"][..]), ("task", &["App.java", "Redirected.java"])] {
        let mut javac = Command::new(jdk.prefix.join("bin/javac"));
        parts::run(javac.current_dir(dir).args(["-d", classes]).args(sources))?;
    }
    Ok(())
}

fn byteman() -> Result<PathBuf, String> {
    // The agent is complete in itself; the package needs half of Maven.
    let part = parts::debian_alone("libbyteman-java")?;
    Ok(part.join("usr/share/java/byteman-agent.jar"))
}
