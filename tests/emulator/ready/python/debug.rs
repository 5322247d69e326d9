//! The profile `debug` with the real debugger: a client attaches and stops in the handler.

use serde_json::{Value, json};

use super::packages;
use crate::cases::or_not_run;
use crate::ready::with_profiles;
use crate::runtimes::Runtime;

pub(crate) fn debugpy(runtime: &Runtime, name: &str) {
    attach(runtime, name, None);
}

pub(crate) fn debugpy_on_chosen_port(runtime: &Runtime, name: &str) {
    attach(runtime, name, Some("9229"));
}

fn attach(runtime: &Runtime, name: &str, port: Option<&str>) {
    let Some(parts) = or_not_run(name, packages::debugpy()) else { return };
    let mut sandbox = with_profiles("debug", runtime, name);
    packages::put_into(&sandbox, "layer/python", &parts);
    sandbox.write("task/app.py", include_str!("debugged.py"));
    sandbox.write("port", port.unwrap_or("5678"));
    if let Some(port) = port {
        sandbox.set("AWS_LAMBDA_DEBUG_PORT", port);
    }
    let event = json!({ "numbers": [1, 2, 3] });
    let outcome = sandbox
        .drive(include_str!("debugger.py"))
        .and_then(|()| sandbox.invoke(&runtime.interpreter, &[&event.to_string()]))
        .unwrap_or_else(|why| panic!("{why}"));

    let seen = sandbox.read("answers/debugger").unwrap_or_else(|why| panic!("{why}\n{}", outcome.log));
    let seen: Value = serde_json::from_str(&seen).expect("the client writes JSON");
    let expected = json!({ "verified": true, "reason": "breakpoint", "function": "handler", "line": 6, "total": "6" });
    assert_eq!(seen, expected);
    // What the client has made of the variable.
    let answer: Value = serde_json::from_str(&outcome.answers[0].body).expect("the answer is JSON");
    assert_eq!(answer, json!({ "event": event, "total": 42 }));
}
