//! What the launcher has to do in front of every runtime.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::parts;
use crate::runtimes::Runtime;
use crate::sandbox::{self, Answer, Outcome, Sandbox};

const EVENT: &str = r#"{"order":["a","b"]}"#;

/// Runs `case`, or tells why it cannot be run; under CI that is a failure.
pub(crate) fn run(name: &str, runtime: fn() -> Result<Runtime, String>, case: fn(&Runtime, &str)) {
    let parts = sandbox::available().and_then(|()| parts::emulator()).and_then(|_| runtime());
    if let Some(runtime) = or_not_run(name, parts) {
        case(&runtime, name);
    }
}

/// A part of the case `name`, or none and a word on why it is not run; under CI that is a failure.
pub(crate) fn or_not_run<T>(name: &str, part: Result<T, String>) -> Option<T> {
    match part {
        Ok(part) => return Some(part),
        Err(why) if std::env::var_os("CI").is_some() => panic!("not run: {why}"),
        // Not by a macro: what those print of a test that passes is never shown.
        Err(why) => writeln!(io::stderr(), "{name}: not run: {why}").expect("stderr is open"),
    }
    None
}

/// Told to stand aside, the launcher leaves nothing behind that the function could see.
pub(crate) fn bypass(runtime: &Runtime, name: &str) {
    compare_with_bare(runtime, name, "FORERUN_BYPASS", "1", |sandbox| sandbox.set("FORERUN_BYPASS", "1"));
}

/// Without any profile there is the built-in one of the runtime, and nothing else changes.
pub(crate) fn built_in_default(runtime: &Runtime, name: &str) {
    let (variable, value) = runtime.default;
    compare_with_bare(runtime, name, variable, value, |_| {});
}

/// The function sees what it would see without the launcher, and one variable more.
fn compare_with_bare(runtime: &Runtime, name: &str, variable: &str, value: &str, prepare: fn(&mut Sandbox)) {
    let mut bare = answer(&invoke(runtime, &runtime.sandbox(name)));
    assert_eq!(bare["argv"], json!(runtime.argv));
    assert_ne!(bare["option"], runtime.options.effect);
    assert_eq!(bare["hook"], Value::Null);

    let mut sandbox = launched(runtime, name);
    prepare(&mut sandbox);
    let mut launched = answer(&invoke(runtime, &sandbox));
    assert_eq!(variables(&mut launched).remove(variable), Some(json!(value)));
    let wrapper = variables(&mut launched).remove("AWS_LAMBDA_EXEC_WRAPPER");
    assert_eq!(wrapper, Some(json!("/opt/wrapper")));
    for answer in [&mut bare, &mut launched] {
        // Another one at every start.
        variables(answer).remove("AWS_LAMBDA_METADATA_TOKEN");
    }
    assert_eq!(launched, bare);
}

/// A plain variable, and one of the interpreter's list variables, which loads code.
pub(crate) fn set_variable(runtime: &Runtime, name: &str) {
    let sandbox = launched(runtime, name);
    let edit = runtime.hook.edit;
    write_profile(&sandbox, &format!("[env]\nFORERUN_TEST = \"seen\"\n{edit}\n"));
    for file in &runtime.hook.files {
        file.put_into(&sandbox);
    }
    let answer = answer(&invoke(runtime, &sandbox));
    assert_eq!(answer["env"]["FORERUN_TEST"], "seen");
    assert_eq!(answer["hook"], "hook ran");
    assert_eq!(answer["argv"], json!(runtime.argv));
}

/// Options of the interpreter stand where the interpreter reads them.
pub(crate) fn edit_argv(runtime: &Runtime, name: &str) {
    let sandbox = launched(runtime, name);
    let options = runtime.options.arguments;
    // A JSON array of plain strings is a TOML array.
    write_profile(&sandbox, &format!("args.options = {}\n", json!(options)));
    let answer = answer(&invoke(runtime, &sandbox));
    let mut argv = runtime.argv.clone();
    let at = runtime.options.at;
    argv.splice(at..at, options.iter().map(ToString::to_string));
    assert_eq!(answer["argv"], json!(argv));
    assert_eq!(answer["option"], runtime.options.effect);
}

/// Another handler runs, wherever the runtime looks for it, and is told of the function's own.
pub(crate) fn redirect_handler(runtime: &Runtime, name: &str) {
    let sandbox = launched(runtime, name);
    let profile = format!("handler.redirect = \"{}\"\nhandler.original = \"ORIG_HANDLER\"\n", runtime.redirected);
    write_profile(&sandbox, &profile);
    let answer = answer(&invoke(runtime, &sandbox));
    assert_eq!(answer["redirected"], true);
    assert_eq!(answer["original"], runtime.handler);
    let argv = runtime
        .argv
        .iter()
        .map(|argument| if argument == runtime.handler { runtime.redirected } else { argument.as_str() });
    assert_eq!(answer["argv"], json!(argv.collect::<Vec<_>>()));
}

/// A profile that stops the start: the invoker reads why.
pub(crate) fn failing_profile(runtime: &Runtime, name: &str) {
    let sandbox = launched(runtime, name);
    write_profile(&sandbox, "fail = \"no tonight\"\n");
    let message = init_error(&invoke(runtime, &sandbox));
    assert!(message.contains("no tonight"), "{message}");
}

/// A command that is not there: told to the invoker, and the shell's exit status for it.
pub(crate) fn absent_command(runtime: &Runtime, name: &str) {
    stops_at_command(runtime, name, "/var/lang/bin/absent", 127);
}

/// A command that is not a program.
pub(crate) fn plain_command(runtime: &Runtime, name: &str) {
    stops_at_command(runtime, name, "/var/task/plain.txt", 126);
}

/// The bootstrap's own check: a layer without a launcher.
pub(crate) fn absent_wrapper(runtime: &Runtime, name: &str) {
    let mut sandbox = runtime.sandbox(name);
    sandbox.set("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper");
    let outcome = invoke(runtime, &sandbox);
    assert!(outcome.log.contains("/opt/wrapper: does not exist"));
    assert_exit_status(&outcome, 127);
}

/// A profile that sets PYTHONPATH: the packages of layers are found as before.
pub(crate) fn layer_packages(runtime: &Runtime, name: &str) {
    let package = include_str!("runtimes/python/layer_package.py");
    let interpreter = Path::new(&runtime.argv[0]).file_name().expect("a program");
    let interpreter = interpreter.to_str().expect("a name in ASCII");
    for place in ["layer/python", &format!("layer/python/lib/{interpreter}/site-packages")] {
        let sandbox = launched(runtime, name);
        write_profile(&sandbox, &format!("[env]\n{}\n", runtime.hook.edit));
        for file in &runtime.hook.files {
            file.put_into(&sandbox);
        }
        sandbox.write(&format!("{place}/layer_package.py"), package);
        let answer = answer(&invoke(runtime, &sandbox));
        assert_eq!(answer["hook"], "hook ran");
        assert_eq!(answer["layer"], "found in a layer", "{place}: {}", answer["sys_path"]);
    }
}

/// The function with the launcher in a layer, and no profile yet.
pub(crate) fn launched(runtime: &Runtime, name: &str) -> Sandbox {
    let mut sandbox = runtime.sandbox(name);
    sandbox.copy("layer/wrapper", Path::new(env!("CARGO_BIN_EXE_wrapper")));
    sandbox.make_executable("layer/wrapper");
    sandbox.set("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper");
    sandbox
}

fn write_profile(sandbox: &Sandbox, profile: &str) {
    sandbox.write("layer/forerun.d/10-test.toml", profile);
}

fn stops_at_command(runtime: &Runtime, name: &str, command: &str, status: u8) {
    let sandbox = launched(runtime, name);
    sandbox.write("task/plain.txt", "not a program\n");
    write_profile(&sandbox, &format!("args.command = [\"{command}\"]\n"));
    let outcome = invoke(runtime, &sandbox);
    let message = init_error(&outcome);
    assert!(message.contains(command), "{message}");
    assert_exit_status(&outcome, status);
}

#[expect(clippy::print_stdout, reason = "cargo shows it where the test fails")]
pub(crate) fn invoke(runtime: &Runtime, sandbox: &Sandbox) -> Outcome {
    let outcome = sandbox.invoke(&runtime.interpreter, &[EVENT]).unwrap_or_else(|why| panic!("{why}"));
    println!("{}", outcome.log);
    for Answer { status, body } in &outcome.answers {
        println!("HTTP {status}: {body}");
    }
    outcome
}

/// What the function answered to the only event.
pub(crate) fn answer(outcome: &Outcome) -> Value {
    let answer: Value = serde_json::from_str(&outcome.answers[0].body).unwrap_or_default();
    assert_eq!(answer["event"], event());
    answer
}

/// The message of the launcher's own error.
pub(crate) fn init_error(outcome: &Outcome) -> String {
    let Answer { status, body } = &outcome.answers[0];
    let error: Value = serde_json::from_str(body).unwrap_or_default();
    assert_eq!(*status, 502);
    let kind = error["errorType"].as_str().unwrap_or_default();
    assert!(kind.starts_with("Runtime.Forerun"), "{kind}");
    error["errorMessage"].as_str().unwrap_or_default().to_owned()
}

pub(crate) fn assert_exit_status(outcome: &Outcome, status: u8) {
    // The emulator's own words on the end of the bootstrap, whose process the launcher was.
    assert!(outcome.log.contains(&format!("exited: exit status {status}\n")));
}

fn event() -> Value {
    serde_json::from_str(EVENT).expect("the event is JSON")
}

fn variables(answer: &mut Value) -> &mut serde_json::Map<String, Value> {
    answer["env"].as_object_mut().expect("the variables are an object")
}
