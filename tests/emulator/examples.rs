//! The profiles below `examples/`, each in front of the runtime that it is for.

use std::path::Path;

use serde_json::{Value, json};

use crate::cases::{answer, invoke, launched, or_not_run};
use crate::parts;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;
use crate::watched::watch;

fn apply(example: &str, runtime: &Runtime, name: &str) -> (serde_json::Value, String) {
    let sandbox = with_example(example, runtime, name);
    sandbox.write("layer/extensions/relay.py", include_str!("extension/relay.py"));
    sandbox.make_executable("layer/extensions/relay.py");
    let outcome = invoke(runtime, &sandbox);
    (answer(&outcome), outcome.log)
}

/// The function with the launcher and the example's profile in a layer.
fn with_example(example: &str, runtime: &Runtime, name: &str) -> Sandbox {
    let sandbox = launched(runtime, name);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example).join("forerun.toml");
    sandbox.copy("layer/forerun.d/10-example.toml", &example);
    sandbox
}

pub(crate) fn importtime_bash(runtime: &Runtime, name: &str) {
    imports_are_timed("importtime-bash", runtime, name);
}

pub(crate) fn importtime_python(runtime: &Runtime, name: &str) {
    imports_are_timed("importtime-python", runtime, name);
}

fn imports_are_timed(example: &str, runtime: &Runtime, name: &str) {
    let (answer, log) = apply(example, runtime, name);
    assert_eq!(answer["argv"][1], "-X");
    assert_eq!(answer["argv"][2], "importtime");
    assert!(log.contains("import time:"), "{log}");
}

pub(crate) fn frozen_string_ruby(runtime: &Runtime, name: &str) {
    let (answer, _) = apply("frozen-string-ruby", runtime, name);
    assert_eq!(answer["argv"][1], "--enable");
    assert_eq!(answer["option"], true, "string literals are frozen");
}

/// The runtime talks to the relay: without it no answer would come.
fn proxied(example: &str, address: &str, runtime: &Runtime, name: &str) -> serde_json::Value {
    let (answer, _) = apply(example, runtime, name);
    assert_eq!(answer["env"]["AWS_LAMBDA_RUNTIME_API"], address);
    answer
}

pub(crate) fn proxy_nodejs(runtime: &Runtime, name: &str) {
    proxied("runtime-api-proxy-nodejs", "127.0.0.1:9009", runtime, name);
}

pub(crate) fn proxy_go(runtime: &Runtime, name: &str) {
    proxied("runtime-api-proxy-go", "127.0.0.1:9009", runtime, name);
}

pub(crate) fn proxy_rust(runtime: &Runtime, name: &str) {
    proxied("runtime-api-proxy-rust", "127.0.0.1:9009", runtime, name);
}

pub(crate) fn proxy_firetail(runtime: &Runtime, name: &str) {
    proxied("runtime-api-proxy-firetail", "127.0.0.1:9009", runtime, name);
}

pub(crate) fn proxy_live_lambda(runtime: &Runtime, name: &str) {
    proxied("runtime-api-proxy-live-lambda", "127.0.0.1:8082", runtime, name);
}

pub(crate) fn proxy_gg(runtime: &Runtime, name: &str) {
    let answer = proxied("runtime-api-proxy-gg", "127.0.0.1:9009", runtime, name);
    assert_eq!(answer["env"]["LRAP_RUNTIME_API_ENDPOINT"], "127.0.0.1:9001");
}

pub(crate) fn proxy_lpr(runtime: &Runtime, name: &str) {
    let answer = proxied("runtime-api-proxy-lpr", "127.0.0.1:9009", runtime, name);
    assert_eq!(answer["env"]["LPR_UPSTREAM_RUNTIME_API"], "127.0.0.1:9001");
}

/// The server and its libraries are in the layer, as the example has it.
pub(crate) fn redis_cache(runtime: &Runtime, name: &str) {
    let Some(redis) = or_not_run(name, parts::debian("redis-server")) else { return };
    let mut sandbox = with_example("redis-cache", runtime, name);
    // Where it is installed on the machine already, its libraries are as well.
    let server = [redis.as_path(), Path::new("/")].map(|root| root.join("usr/bin/redis-server"));
    let server = server.iter().find_map(|server| server.canonicalize().ok()).expect("the package has it");
    sandbox.copy("layer/bin/redis-server", &server);
    for libraries in parts::libraries(&redis) {
        sandbox.copy("layer/lib", &libraries);
    }
    sandbox.write("task/app.py", include_str!("real_sidecars/app.py"));
    let text = "SET key value\r\nGET key\r\nCONFIG GET maxmemory\r\nPING\r\n";
    let event = json!({ "talk": { "address": "127.0.0.1:6379", "text": text, "end": "+PONG\r\n" } });
    let watched = watch(&mut sandbox, &runtime.interpreter, &[event]);
    let answer = watched.answer(0);
    let received = answer["received"].as_str().unwrap_or_default();
    assert!(received.starts_with("+OK\r\n$5\r\nvalue\r\n"), "{received}");
    assert!(received.contains("\r\n67108864\r\n"), "64 MB: {received}");
    assert_eq!(answer["env"]["REDIS_URL"], "redis://127.0.0.1:6379/0");
    watched.assert_nothing_is_left(200.0);
}

/// Each invocation is a span, which goes to the collector and from there to the backend.
pub(crate) fn otlp_collector(runtime: &Runtime, name: &str) {
    let parts = parts::opentelemetry_python().and_then(|layer| Ok((layer, parts::rotel()?)));
    let Some((layer, rotel)) = or_not_run(name, parts) else { return };
    let mut sandbox = with_example("otlp-collector", runtime, name);
    sandbox.copy("layer/python", &layer);
    sandbox.copy("layer", &rotel);
    sandbox.write("layer/python/otel_wrapper.py", include_str!("otlp/otel_wrapper.py"));
    sandbox.write("task/app.py", include_str!("otlp/app.py"));
    sandbox.write("backend", include_str!("otlp/receiver.py"));
    sandbox.make_executable("backend");
    sandbox.set("AWS_LAMBDA_FUNCTION_NAME", "traced");
    sandbox.set("ROTEL_OTLP_EXPORTER_ENDPOINT", "http://127.0.0.1:14318");
    sandbox.set("ROTEL_OTLP_EXPORTER_PROTOCOL", "http");
    sandbox.set("AWS_LAMBDA_FUNCTION_TIMEOUT", "4");
    let events = [
        json!({}),
        json!({ "await": 1 }),
        json!({ "crash": 7, "hasty": true }),
        json!({ "await": 2 }),
        json!({ "hang": true }),
        json!({ "await": 3 }),
    ];
    let watched = watch(&mut sandbox, &runtime.interpreter, &events);

    let answered = [0, 1, 3, 5];
    for number in answered {
        let answer = watched.answer(number);
        assert_eq!(answer["event"], events[number]);
        assert_eq!(answer["original"], "app.handler");
    }
    assert_eq!(watched.answer(2)["errorType"], "Runtime.ExitError");
    assert_eq!(watched.answers[4].body, "Task timed out after 4.00 seconds");
    // The last one arrived after the end, from what the collector held when it was told to stop.
    let spans = sandbox.read("answers/spans").unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(spans.lines().count(), answered.len(), "{spans}");
    for span in spans.lines() {
        let span: Value = serde_json::from_str(span).expect("a line of JSON");
        assert_eq!(span["scope"], "opentelemetry.instrumentation.aws_lambda");
        assert_eq!(span["kind"], 2, "a span of a server");
        assert_eq!(span["resource"]["service.name"], "traced");
    }
    watched.assert_no_children();
    watched.assert_nothing_is_left(1000.0);
}

pub(crate) fn graceful_shutdown(runtime: &Runtime, name: &str) {
    let mut sandbox = with_example("graceful-shutdown", runtime, name);
    sandbox.write("task/app.py", include_str!("graceful/app.py"));
    let event = json!({ "number": 1 });
    let watched = watch(&mut sandbox, &runtime.interpreter, std::slice::from_ref(&event));
    assert_eq!(watched.answer(0)["event"], event);
    assert!(watched.log.contains("SIGTERM was heard"));
    watched.assert_nothing_is_left(0.0);
}
