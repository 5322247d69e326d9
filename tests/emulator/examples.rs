//! The profiles below `examples/`, each in front of the runtime that it is for.

use std::path::Path;

use crate::cases::{answer, invoke, launched};
use crate::runtimes::Runtime;

fn apply(example: &str, runtime: &Runtime, name: &str) -> (serde_json::Value, String) {
    let sandbox = launched(runtime, name);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example).join("forerun.toml");
    sandbox.copy("layer/forerun.d/10-example.toml", &example);
    sandbox.write("layer/extensions/relay.py", include_str!("extension/relay.py"));
    sandbox.make_executable("layer/extensions/relay.py");
    let outcome = invoke(runtime, &sandbox);
    (answer(&outcome), outcome.log)
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
