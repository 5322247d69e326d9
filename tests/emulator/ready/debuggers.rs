//! The profile `debug` with the debuggers that it is for: the function waits for one, and goes on when it says so.

use std::process::Command;

use serde_json::{Value, json};

use super::with_profiles;
use crate::cases::or_not_run;
use crate::parts;
use crate::runtimes::{Runtime, bootstrap_after};
use crate::sandbox::Sandbox;
use crate::watched::{Watched, watch};

const JAVA: [(&str, &str); 1] = [("App.java", include_str!("debuggers/App.java"))];

pub(crate) fn inspector(runtime: &Runtime, name: &str) {
    inspect(9229, with_profiles("debug", runtime, name), runtime);
}

pub(crate) fn inspector_elsewhere(runtime: &Runtime, name: &str) {
    let mut sandbox = with_profiles("debug", runtime, name);
    sandbox.set("AWS_LAMBDA_DEBUG_PORT", "4711");
    inspect(4711, sandbox, runtime);
}

/// Node.js stops at the first line of the runtime, and again in the handler.
fn inspect(port: u16, mut sandbox: Sandbox, runtime: &Runtime) {
    sandbox.write("task/app.js", include_str!("debuggers/app.js"));
    let (watched, seen) = debugged(include_str!("debuggers/inspector.py"), port, &mut sandbox, runtime);
    let seen: Vec<Value> = seen.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(
        seen,
        [
            json!({ "reason": "Break on start" }),
            json!({ "line": 0, "function": "exports.handler" }),
            json!({ "expression": "doubled", "value": 42 }),
            json!({ "expression": "doubled = 1000", "value": 1000 }),
        ]
    );
    assert_eq!(watched.answer(0), json!({ "doubled": 1000 }));
}

/// In an image of one's own npx starts the runtime, and is not what is to be debugged.
pub(crate) fn inspector_behind_npx(runtime: &Runtime, name: &str) {
    let npx = runtime.interpreter.prefix.join("bin/npx");
    let found = if npx.exists() { Ok(()) } else { Err(format!("no {}", npx.display())) };
    if or_not_run(name, found).is_none() {
        return;
    }
    let mut sandbox = with_profiles("debug", runtime, name);
    sandbox.write("runtime/bootstrap", &bootstrap_after("unset AWS_EXECUTION_ENV"));
    sandbox.write("runtime/command", "/var/lang/bin/npx\naws-lambda-ric\napp.handler\n");
    sandbox.write("task/node_modules/aws-lambda-ric/package.json", r#"{ "bin": { "aws-lambda-ric": "start" } }"#);
    let start = "task/node_modules/.bin/aws-lambda-ric";
    sandbox.write(start, "#!/usr/bin/env node\nrequire('/var/runtime/index.cjs');\n");
    sandbox.make_executable(start);
    sandbox.set("HOME", "/tmp");
    inspect(9229, sandbox, runtime);
}

pub(crate) fn jdb(runtime: &Runtime, name: &str) {
    attach_jdb(5005, with_profiles("debug", runtime, name), name, runtime);
}

pub(crate) fn jdb_elsewhere(runtime: &Runtime, name: &str) {
    let mut sandbox = with_profiles("debug", runtime, name);
    sandbox.set("AWS_LAMBDA_DEBUG_PORT", "4711");
    attach_jdb(4711, sandbox, name, runtime);
}

fn attach_jdb(port: u16, mut sandbox: Sandbox, name: &str, runtime: &Runtime) {
    let classes = parts::build("java-debugged", &JAVA, |dir| {
        let mut javac = Command::new(runtime.interpreter.prefix.join("bin/javac"));
        // Without it nobody knows the local variables.
        parts::run(javac.current_dir(dir).args(["-g", "-d", "task", "App.java"])).map(drop)
    });
    let Some(classes) = or_not_run(name, classes) else { return };
    sandbox.copy("task", &classes.join("task"));
    sandbox.write("task/App.java", JAVA[0].1);
    let (watched, seen) = debugged(include_str!("debuggers/jdb.py"), port, &mut sandbox, runtime);
    assert!(seen.contains("Breakpoint hit: \"thread=main\", App.handle()"), "{seen}");
    assert!(seen.contains(" doubled = 42\n"), "{seen}");
    assert_eq!(watched.answer(0), json!({ "doubled": 1000 }));
}

/// The function with this program beside it, which attaches to `port`; and what the program has seen.
fn debugged(debugger: &str, port: u16, sandbox: &mut Sandbox, runtime: &Runtime) -> (Watched, String) {
    sandbox.write("port", &port.to_string());
    sandbox.write("backend", debugger);
    sandbox.make_executable("backend");
    let watched = watch(sandbox, &runtime.interpreter, &[json!({ "amount": 21 })]);
    let seen = sandbox.read("answers/debugger").unwrap_or_else(|why| panic!("{why}\n{}", watched.log));
    (watched, seen)
}
