//! `sidecar-serve`: a real server that the function's configuration names.

use serde_json::json;

use super::with_profiles;
use crate::cases::{answer, invoke, or_not_run};
use crate::interpreters::Interpreter;
use crate::parts;
use crate::runtimes::Runtime;
use crate::watched::watch;

/// A script that becomes the server: it is there in every life of the function, and ends with each.
pub(crate) fn serve_redis(runtime: &Runtime, name: &str) {
    let Some(packages) = or_not_run(name, parts::debian("redis-server")) else { return };
    let mut sandbox = with_profiles("sidecar-serve", runtime, name);
    sandbox.write("task/app.py", include_str!("serve/app.py"));
    sandbox.write("task/serve.sh", include_str!("serve/serve.sh"));
    sandbox.make_executable("task/serve.sh");
    sandbox.set("SERVE_CMD", "/var/task/serve.sh");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "the function's own");
    let push = json!({ "ask": "RPUSH list x\r\n" });
    let events = [push.clone(), push.clone(), json!({ "crash": 7 }), push];
    let interpreter = Interpreter { prefix: runtime.interpreter.prefix.clone(), packages: Some(packages) };
    let watched = watch(&mut sandbox, &interpreter, &events);

    let received = [0, 1, 3].map(|number| watched.answer(number)["received"].clone());
    assert_eq!(received, [":1\r\n", ":2\r\n", ":1\r\n"], "the one after the crash is new");
    assert_eq!(watched.answer(2)["errorType"], "Runtime.ExitError");
    for number in [0, 1, 3] {
        let processes = watched.processes_after(number);
        let servers = processes.iter().filter(|process| process.command_line().contains("redis-server"));
        assert_eq!(servers.count(), 1);
    }
    // As a program that a script starts would have them.
    assert!(watched.log.contains("key: the function's own"));
    watched.assert_no_children();
    watched.assert_nothing_is_left(200.0);
}

/// A program that is not there: the function starts, and the log says so.
pub(crate) fn serve_nothing(runtime: &Runtime, name: &str) {
    let mut sandbox = with_profiles("sidecar-serve", runtime, name);
    sandbox.set("SERVE_CMD", "/var/task/absent");
    let outcome = invoke(runtime, &sandbox);
    answer(&outcome);
    assert!(outcome.log.contains("warning[FR301]: builtin:sidecar-serve"), "{}", outcome.log);
}
