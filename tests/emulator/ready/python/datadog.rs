//! What Datadog's library writes to the log.

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Spans are written to the log, and nothing is sent.
pub(crate) fn trace_to_log(sandbox: &mut Sandbox) {
    for (variable, value) in [
        ("DD_API_KEY", "none"),
        ("DD_FLUSH_TO_LOG", "true"),
        ("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false"),
        ("DD_TRACE_ENABLED", "true"),
    ] {
        sandbox.set(variable, value);
    }
}

/// There is one span of an invocation among those in the log.
pub(crate) fn assert_invocation_is_traced(log: &str) {
    let lines = log.lines().filter(|line| line.starts_with(r#"{"traces""#));
    let traces = lines.map(|line| serde_json::from_str(line).expect("a line of JSON"));
    let spans: Vec<Value> = traces.flat_map(|line: Value| spans(&line["traces"])).collect();
    let invocations: Vec<_> = spans.iter().filter(|span| span["name"] == "aws.lambda").collect();
    assert_eq!(invocations.len(), 1, "{spans:?}");
    assert_eq!(invocations[0]["resource"], "test_function");
    assert_eq!(invocations[0]["meta"]["cold_start"], "true");
}

fn spans(traces: &Value) -> Vec<Value> {
    let traces = traces.as_array().expect("a list of traces").iter();
    traces.flat_map(|trace| trace.as_array().expect("a list of spans").clone()).collect()
}
