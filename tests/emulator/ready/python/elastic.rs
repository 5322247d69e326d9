//! Elastic's agent, with the handler and the wrapper that are in its package.

use serde_json::{Value, json};

use super::packages;
use crate::cases::or_not_run;
use crate::ready::with_profiles;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;
use crate::watched::watch;

/// What is another one in each run; only slow calls have a stack.
const OF_A_RUN: [&str; 9] =
    ["duration", "execution", "parent_id", "pid", "ppid", "stacktrace", "timestamp", "trace_id", "transaction_id"];

/// What arrives at the server is the same by Elastic's own wrapper and by the profile.
pub(crate) fn elastic_events(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, packages::elastic()) else { return };
    let mut by_script = runtime.sandbox(&format!("{name}-script"));
    let wrappers = parts[0].join("elasticapm/contrib/serverless/aws_wrapper");
    by_script.copy("layer/python/bin/elasticapm-lambda", &wrappers.join("elasticapm-lambda.py"));
    by_script.make_executable("layer/python/bin/elasticapm-lambda");
    by_script.set("AWS_LAMBDA_EXEC_WRAPPER", "/opt/python/bin/elasticapm-lambda");
    let mut by_profile = with_profiles("elastic-python", runtime, &format!("{name}-profile"));

    let [script, profile] = [&mut by_script, &mut by_profile].map(|sandbox| {
        packages::put_into(sandbox, "layer/python", &parts);
        // Where the layer has it.
        sandbox.copy("layer/python/elasticapm_handler.py", &wrappers.join("elasticapm_handler.py"));
        events(runtime, sandbox)
    });
    let kinds: Vec<_> = script.iter().filter_map(|event| event.as_object()?.keys().next().cloned()).collect();
    assert_eq!(kinds, ["metadata", "span", "transaction"]);
    assert_eq!(script[1]["span"]["context"]["http"]["url"], "http://127.0.0.1:14318/call");
    assert_eq!(script[2]["transaction"]["faas"]["name"], "test_function");
    assert_eq!(profile, script);
}

fn events(runtime: &Runtime, sandbox: &mut Sandbox) -> Vec<Value> {
    sandbox.write("task/app.py", include_str!("app.py"));
    sandbox.write("backend", include_str!("intake.py"));
    sandbox.make_executable("backend");
    sandbox.write("backend.port", "14318");
    sandbox.set("ELASTIC_APM_SERVER_URL", "http://127.0.0.1:14318");
    sandbox.set("ELASTIC_APM_CENTRAL_CONFIG", "false");
    let watched = watch(sandbox, &runtime.interpreter, &[json!({ "number": 1 })]);
    assert_eq!(watched.answer(0)["env"]["ELASTICAPM_ORIGINAL_HANDLER"], "app.handler");
    let lines = sandbox.read("answers/intake").unwrap_or_else(|why| panic!("{why}"));
    lines.lines().map(|line| comparable(serde_json::from_str(line).expect("a line of JSON"))).collect()
}

fn comparable(mut event: Value) -> Value {
    for kind in ["span", "transaction"] {
        if let Some(event) = event.get_mut(kind).and_then(Value::as_object_mut) {
            event.remove("id");
        }
    }
    remove(&mut event);
    event
}

/// Removes what is of one run, at any depth.
fn remove(value: &mut Value) {
    if let Value::Object(entries) = value {
        entries.retain(|name, _| !OF_A_RUN.contains(&name.as_str()));
        entries.values_mut().for_each(remove);
    }
}
