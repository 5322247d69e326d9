//! The profile `web-adapter` with real web servers, and an extension that stands for the adapter.

use std::path::Path;

use serde_json::{Value, json};

use super::packages;
use super::{receive_spans, spans, with_profiles, with_script};
use crate::cases::{assert_exit_status, init_error, invoke, or_not_run};
use crate::interpreters::Interpreter;
use crate::parts;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;
use crate::watched::watch;

/// The program of the handler is what runs, and no shell and no runtime with it: by the script and by the profile alike.
pub(crate) fn node_server(runtime: &Runtime, name: &str) {
    let [by_script, by_profile] = [false, true].map(|profile| {
        let sandbox = if profile {
            with_profiles("web-adapter", runtime, name)
        } else {
            with_script("web-adapter", "bootstrap", runtime, name)
        };
        served_by_node(serving(sandbox, "exec node server.js"), runtime)
    });
    assert_eq!(by_script, by_profile);
}

/// The server's answer, without what is another one at each start.
fn served_by_node(mut sandbox: Sandbox, runtime: &Runtime) -> Value {
    sandbox.write("task/server.js", include_str!("web_adapter/server.js"));
    let event = json!({ "order": 7 });
    let watched = watch(&mut sandbox, &runtime.interpreter, std::slice::from_ref(&event));

    let mut answer = watched.answer(0);
    assert_eq!(answer["event"], event);
    assert_eq!(answer["argv"], json!(["node", "server.js"]), "nothing of the runtime's command line is left");
    assert_eq!(answer["env"]["_HANDLER"], "run.sh");
    let processes = watched.processes_after(0);
    let [adapter, server] = &processes[..] else { panic!("the adapter and the server are all") };
    assert!(adapter.command_line().contains("adapter.py"));
    assert_eq!(json!(server.id()), answer["pid"]);
    assert!(watched.log.contains("SIGTERM was heard"), "the server is who gets the runtime's signals");
    answer["pid"].take();
    let variables = answer["env"].as_object_mut().expect("the variables are an object");
    for variable in ["AWS_LAMBDA_METADATA_TOKEN", "AWS_LAMBDA_EXEC_WRAPPER", "FORERUN_PROFILE"] {
        variables.remove(variable);
    }
    answer
}

/// A server with processes of its own.
pub(crate) fn nginx_server(runtime: &Runtime, name: &str) {
    let Some(packages) = or_not_run(name, parts::debian("nginx-light")) else { return };
    let run = "exec /usr/sbin/nginx -e stderr -c /var/task/nginx.conf";
    let mut sandbox = serving(with_profiles("web-adapter", runtime, name), run);
    sandbox.write("task/nginx.conf", include_str!("../real_sidecars/nginx.conf"));
    let interpreter = Interpreter { prefix: runtime.interpreter.prefix.clone(), packages: Some(packages) };
    let watched = watch(&mut sandbox, &interpreter, &[json!({}), json!({})]);

    for answer in &watched.answers {
        assert_eq!((answer.status, answer.body.as_str()), (200, "a real server\n"));
    }
    let processes = watched.processes_after(1);
    let commands: Vec<_> = processes.iter().map(|process| process.command_line()).collect();
    assert_eq!(processes.len(), 4, "the adapter, a master and two workers: {commands:?}");
    assert!(commands[1].starts_with("nginx: master process"), "{commands:?}");
}

/// The web server is traced by what the other profile puts into NODE_OPTIONS.
pub(crate) fn traced_node_server(runtime: &Runtime, name: &str) {
    let parts = packages::opentelemetry().and_then(|layer| Ok((layer, parts::opentelemetry_python()?)));
    let Some((layer, receiver)) = or_not_run(name, parts) else { return };
    for profiles in ["web-adapter,otel-nodejs", "otel-nodejs,web-adapter"] {
        let mut sandbox = serving(with_profiles(profiles, runtime, name), "exec node server.js");
        sandbox.mount("layer/node_modules", &layer);
        sandbox.write("layer/init.mjs", include_str!("nodejs/init.mjs"));
        sandbox.write("task/server.js", include_str!("web_adapter/server.js"));
        let span = span_of_event(sandbox, &receiver, runtime);
        assert_eq!(span["scope"], "@opentelemetry/instrumentation-http");
    }
}

/// And by what is put into PYTHONPATH.
pub(crate) fn traced_python_server(runtime: &Runtime, name: &str) {
    let Some(layer) = or_not_run(name, parts::opentelemetry_python()) else { return };
    let mut sandbox = serving(with_profiles("web-adapter,otel-python", runtime, name), "exec python3 server.py");
    sandbox.mount("layer/python", &layer);
    sandbox.write("task/server.py", include_str!("web_adapter/server.py"));
    let span = span_of_event(sandbox, &layer, runtime);
    assert_eq!(span["scope"], "server");
    assert_eq!(span["name"], "/events");
}

/// The span that the server makes of the first event, and sends in its own time.
fn span_of_event(mut sandbox: Sandbox, receiver: &Path, runtime: &Runtime) -> Value {
    sandbox.set("AWS_LAMBDA_FUNCTION_NAME", "served");
    sandbox.set("OTEL_BSP_SCHEDULE_DELAY", "20");
    receive_spans(&mut sandbox, receiver);
    let watched = watch(&mut sandbox, &runtime.interpreter, &[json!({}), json!({ "await": true })]);
    assert_eq!(watched.answer(1)["arrived"], true);
    let of_event = |span: &Value| span["kind"] == 2 && span.to_string().contains("/events");
    let span = spans(&sandbox).into_iter().find(of_event).expect("a span of a server");
    assert_eq!(span["resource"]["service.name"], "served");
    span
}

/// Nothing can be started where the function has no handler.
pub(crate) fn no_program(runtime: &Runtime, name: &str) {
    let mut sandbox = with_profiles("web-adapter", runtime, name);
    sandbox.set("_HANDLER", "");
    let message = init_error(&invoke(runtime, &sandbox));
    assert!(message.contains("_HANDLER is empty: set the function's handler to the program"), "{message}");
}

pub(crate) fn absent_program(runtime: &Runtime, name: &str) {
    not_started(with_profiles("web-adapter", runtime, name), "does not exist", 127, runtime);
}

/// What happens to a file that was put into an archive without its mode.
pub(crate) fn plain_program(runtime: &Runtime, name: &str) {
    let sandbox = with_profiles("web-adapter", runtime, name);
    sandbox.write("task/run.sh", "#!/bin/bash\nexec node server.js\n");
    not_started(sandbox, "is not executable", 126, runtime);
}

fn not_started(mut sandbox: Sandbox, why: &str, status: u8, runtime: &Runtime) {
    sandbox.set("_HANDLER", "run.sh");
    let outcome = invoke(runtime, &sandbox);
    let message = init_error(&outcome);
    assert!(message.contains(&format!("`${{LAMBDA_TASK_ROOT}}/${{_HANDLER}}` {why}")), "{message}");
    assert_exit_status(&outcome, status);
}

/// The function with the script `run` for its handler, and with the adapter beside it.
fn serving(mut sandbox: Sandbox, run: &str) -> Sandbox {
    sandbox.write("task/run.sh", &format!("#!/bin/bash\n{run}\n"));
    sandbox.make_executable("task/run.sh");
    sandbox.write("layer/extensions/adapter.py", include_str!("web_adapter/adapter.py"));
    sandbox.make_executable("layer/extensions/adapter.py");
    sandbox.set("_HANDLER", "run.sh");
    sandbox.set("AWS_LWA_PORT", "8081");
    sandbox
}
