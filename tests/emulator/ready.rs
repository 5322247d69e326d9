//! The ready-made profiles with the packages that they are for.

pub(crate) mod debuggers;
pub(crate) mod dotnet_profilers;
pub(crate) mod java_agents;
pub(crate) mod malloc;
pub(crate) mod nodejs;
pub(crate) mod options;
mod packages;
pub(crate) mod proxies;
pub(crate) mod python;
pub(crate) mod ruby_layer;
pub(crate) mod secrets;
pub(crate) mod serve;
pub(crate) mod two_proxies;
pub(crate) mod web_adapter;

use std::path::Path;

use serde_json::Value;

use crate::cases::launched;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;

/// The function of `runtime` with the launcher and these built-in profiles.
pub(crate) fn with_profiles(profiles: &str, runtime: &Runtime, name: &str) -> Sandbox {
    let mut sandbox = launched(runtime, name);
    sandbox.set("FORERUN_PROFILE", profiles);
    sandbox
}

/// The function with the script of tests/wrappers in the place of the launcher.
pub(crate) fn with_script(folder: &str, script: &str, runtime: &Runtime, name: &str) -> Sandbox {
    let mut sandbox = runtime.sandbox(name);
    let opt = format!("{}/tests/wrappers/{folder}/opt", env!("CARGO_MANIFEST_DIR"));
    sandbox.copy("layer", opt.as_ref());
    sandbox.make_executable(&format!("layer/{script}"));
    sandbox.set("AWS_LAMBDA_EXEC_WRAPPER", &format!("/opt/{script}"));
    sandbox
}

/// Starts what spans are sent to, http://127.0.0.1:14318, with the packages of `opentelemetry_python` beside it.
pub(crate) fn receive_spans(sandbox: &mut Sandbox, packages: &Path) {
    sandbox.mount("otlp", packages);
    receive_spans_with_layer(sandbox);
}

/// The same where the function is in Python and these packages are in its layer.
pub(crate) fn receive_spans_with_layer(sandbox: &mut Sandbox) {
    sandbox.write("backend", include_str!("otlp/receiver.py"));
    sandbox.make_executable("backend");
    sandbox.write("backend.port", "14318");
    sandbox.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:14318");
}

/// What has arrived there.
pub(crate) fn spans(sandbox: &Sandbox) -> Vec<Value> {
    let lines = sandbox.read("answers/spans").unwrap_or_default();
    lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}
