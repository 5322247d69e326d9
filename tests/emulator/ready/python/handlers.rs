//! Agents that only take the handler's place, and write what they see to the log.

use std::process::Command;

use serde_json::Value;

use super::{datadog, packages};
use crate::cases::{answer, invoke, or_not_run};
use crate::parts;
use crate::ready::with_profiles;
use crate::runtimes::Runtime;

/// Takes the payload's line of the log.
const PAYLOAD: &str = "
import base64, gzip, json, sys
print(gzip.decompress(base64.b64decode(json.loads(sys.argv[1])[2])).decode())
";

/// The invocation is a span in the log, from where Datadog takes it if there is no extension.
pub(crate) fn datadog_trace(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, packages::datadog()) else { return };
    let mut sandbox = with_profiles("datadog-python", runtime, name);
    packages::put_into(&sandbox, place(runtime), &parts);
    datadog::trace_to_log(&mut sandbox);
    let outcome = invoke(runtime, &sandbox);
    assert_eq!(answer(&outcome)["env"]["DD_LAMBDA_HANDLER"], "app.handler");
    datadog::assert_invocation_is_traced(&outcome.log);
}

/// The agent's payload, which New Relic takes from the log if there is no extension, has the invocation in it.
pub(crate) fn newrelic_payload(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, packages::newrelic()) else { return };
    let sandbox = with_profiles("newrelic-python", runtime, name);
    packages::put_into(&sandbox, place(runtime), &parts);
    let wrapper = format!("{}/newrelic_lambda_wrapper.py", place(runtime));
    sandbox.write(&wrapper, include_str!("newrelic_lambda_wrapper.py"));
    let outcome = invoke(runtime, &sandbox);
    assert_eq!(answer(&outcome)["env"]["NEW_RELIC_LAMBDA_HANDLER"], "app.handler");
    let line = outcome.log.lines().find(|line| line.contains("\"NR_LAMBDA_MONITORING\"")).expect("a payload");
    let payload = parts::run(Command::new("python3").args(["-c", PAYLOAD, line])).expect("the agent's own format");
    let payload: Value = serde_json::from_str(&payload).expect("the payload is JSON");
    let spans = &payload["data"]["span_event_data"][2];
    assert_eq!(spans[0][0]["transaction.name"], "OtherTransaction/Function/test_function");
    assert_eq!(spans[0][2]["aws.lambda.coldStart"], true);
}

/// In an image the packages are beside the function, which is where pip puts them.
fn place(runtime: &Runtime) -> &'static str {
    if runtime.handler_variable { "layer/python" } else { "task" }
}
