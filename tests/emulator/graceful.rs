//! `[shutdown] graceful`: functions that hear SIGTERM, and are otherwise as they are without it.

use std::process::Command;

use serde_json::{Value, json};

use crate::cases::{launched, or_not_run};
use crate::parts;
use crate::runtimes::{Placed, Runtime, bootstrap_after};
use crate::sandbox::Sandbox;
use crate::watched::{Watched, watch};

const GRACEFUL: &str = "[shutdown]\ngraceful = true\n";
const SIDECAR: &str = "[[sidecars]]\nname = \"server\"\ncommand = [\"/bin/sleep\", \"1000\"]\n";

/// What every app writes in its handler of SIGTERM.
const HEARD: &str = "SIGTERM was heard";

/// What the emulator says when SIGTERM did not end the runtime.
const KILLED: &str = "The runtime did not exit after deadline";

/// The emulator's time between SIGTERM and SIGKILL, in milliseconds.
const GRACE: f64 = 600.0;

/// Without it, the runtime is killed and hears nothing; with it, one descriptor more is all that there is to see.
pub(crate) fn alone(runtime: &Runtime, name: &str) {
    let Some(app) = or_not_run(name, app(runtime)) else { return };
    let [plain, graceful] = ["", GRACEFUL].map(|profile| live(function(runtime, &app, name, profile), runtime));
    assert!(!plain.log.contains(HEARD) && !plain.log.contains(KILLED), "the control");
    assert!(graceful.log.contains(HEARD), "SIGTERM was not heard");
    assert_parked(&plain, &graceful, "10");
}

/// Before Python 3.12 the runtime's client waits in native code, where no handler of Python's runs: SIGTERM comes, and is
/// not heard.
pub(crate) fn unheard(runtime: &Runtime, name: &str) {
    let Some(app) = or_not_run(name, app(runtime)) else { return };
    let [plain, graceful] = ["", GRACEFUL].map(|profile| {
        let mut sandbox = function(runtime, &app, name, profile);
        // The client goes by this name, whatever interpreter the machine has.
        sandbox.set("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11");
        live(sandbox, runtime)
    });
    assert!(!plain.log.contains(HEARD) && !plain.log.contains(KILLED), "the control");
    assert!(!graceful.log.contains(HEARD) && graceful.log.contains(KILLED));
    assert!(graceful.lived_on() > GRACE - 50.0, "it had all of its time");
    assert_parked(&plain, &graceful, "10");
}

/// Descriptors that the runtime was given stay what they are.
pub(crate) fn numbers_taken(runtime: &Runtime, name: &str) {
    let Some(app) = or_not_run(name, app(runtime)) else { return };
    let [plain, graceful] = ["", GRACEFUL].map(|profile| {
        let sandbox = function(runtime, &app, name, profile);
        sandbox.write("runtime/bootstrap", &bootstrap_after("exec 10</dev/null 11</dev/zero"));
        live(sandbox, runtime)
    });
    assert_eq!(graceful.descriptors(0)["10"], "/dev/null");
    assert_eq!(graceful.descriptors(0)["11"], "/dev/zero");
    assert_parked(&plain, &graceful, "12");
}

/// The one connection more is `number`, the lowest free one from 10 up, and there is no process more.
fn assert_parked(plain: &Watched, graceful: &Watched, number: &str) {
    let last = plain.answers.len() - 1;
    let [before, after] = [plain, graceful].map(|watched| watched.descriptors(last));
    assert_eq!(after.len(), before.len() + 1, "{before:?} and {after:?}");
    assert_eq!(to_platform(graceful), to_platform(plain) + 1, "{before:?} and {after:?}");
    assert!(is_to_platform(&after[number]), "{after:?}");
    for number in 0..=last {
        assert_eq!(graceful.processes_after(number).len(), 1, "the runtime is the only process");
    }
    graceful.assert_nothing_is_left(0.0);
}

/// With a sidecar there is a process that holds the descriptor: the runtime has none of it.
pub(crate) fn with_sidecar(runtime: &Runtime, name: &str) {
    let Some(app) = or_not_run(name, app(runtime)) else { return };
    let [plain, graceful] =
        ["", &format!("{GRACEFUL}{SIDECAR}")].map(|profile| live(function(runtime, &app, name, profile), runtime));
    assert!(graceful.log.contains(HEARD), "SIGTERM was not heard");
    let last = plain.answers.len() - 1;
    assert_eq!(graceful.descriptors(last).len(), plain.descriptors(last).len());
    assert_eq!(to_platform(&graceful), to_platform(&plain));
    let sidecar = graceful.processes_after(last).iter().any(|process| process.command_line().contains("sleep"));
    assert!(sidecar, "the sidecar runs");
    graceful.assert_no_children();
    graceful.assert_nothing_is_left(200.0);
}

/// What it costs: a timeout is answered when the runtime has ended, and not at once.
#[expect(clippy::print_stdout, reason = "figures for whoever asks for them")]
pub(crate) fn price(runtime: &Runtime, name: &str) {
    let Some(app) = or_not_run(name, app(runtime)) else { return };
    let timeout = |profile: &str, deaf: bool| {
        let mut sandbox = function(runtime, &app, name, profile);
        sandbox.set("AWS_LAMBDA_FUNCTION_TIMEOUT", "2");
        if deaf {
            sandbox.set("DEAF", "1");
        }
        let watched = watch(&mut sandbox, &runtime.interpreter, &[json!({ "hang": true }), json!({ "again": true })]);
        assert_eq!(watched.answers[0].body, "Task timed out after 2.00 seconds");
        assert_eq!(watched.answer(1)["event"], json!({ "again": true }), "there is a new start");
        assert_eq!(watched.log.contains(HEARD), !profile.is_empty());
        watched.took(0) - 2000.0
    };
    let [killed, heard, ignored] = [timeout("", false), timeout(GRACEFUL, false), timeout(GRACEFUL, true)];
    println!("answered after the timeout: killed {killed} ms, heard {heard} ms, ignored {ignored} ms");
    assert!(killed < GRACE - 100.0 && heard < GRACE - 100.0);
    assert!((GRACE - 50.0..GRACE * 2.0).contains(&ignored));
}

/// Some invocations and the end of one function.
fn live(mut sandbox: Sandbox, runtime: &Runtime) -> Watched {
    let events: Vec<Value> = (0..6).map(|number| json!({ "number": number })).collect();
    let watched = watch(&mut sandbox, &runtime.interpreter, &events);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(watched.answer(number)["event"], *event);
    }
    // The best of five: a call that is held up by the extension would be held up each time.
    let warm = (1..events.len()).map(|number| watched.took(number)).fold(f64::INFINITY, f64::min);
    assert!(warm < 40.0, "a warm invocation took {warm} ms");
    assert_eq!(watched.runtimes().len(), 1);
    watched
}

fn function(runtime: &Runtime, app: &Placed, name: &str, profile: &str) -> Sandbox {
    let sandbox = launched(runtime, name);
    app.put_into(&sandbox);
    sandbox.write("layer/forerun.d/10-test.toml", profile);
    sandbox
}

/// The app in the runtime's own language.
fn app(runtime: &Runtime) -> Result<Placed, String> {
    Ok(match runtime.argv[0].rsplit('/').next().expect("a program") {
        "node" => Placed::text("task/app.js", include_str!("graceful/app.js")),
        "ruby" => Placed::text("task/app.rb", include_str!("graceful/app.rb")),
        "java" => {
            let sources = [("App.java", include_str!("graceful/App.java"))];
            let classes = parts::build("java-graceful", &sources, |dir| {
                let mut javac = Command::new(runtime.interpreter.prefix.join("bin/javac"));
                parts::run(javac.current_dir(dir).args(["-d", "task", "App.java"])).map(drop)
            })?;
            Placed::copy("task", classes.join("task"))
        }
        _ => Placed::text("task/app.py", include_str!("graceful/app.py")),
    })
}

/// How many connections to the platform the runtime has after the last answer.
fn to_platform(watched: &Watched) -> usize {
    watched.descriptors(watched.answers.len() - 1).values().filter(|descriptor| is_to_platform(descriptor)).count()
}

fn is_to_platform(descriptor: &Value) -> bool {
    descriptor.as_str().is_some_and(|what| what.ends_with(" to 9001"))
}
