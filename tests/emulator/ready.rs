//! The ready-made profiles with the packages that they are for.

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

/// Starts what spans are sent to, http://127.0.0.1:14318, with the packages of `opentelemetry_python` beside it.
pub(crate) fn receive_spans(sandbox: &mut Sandbox, packages: &Path) {
    sandbox.copy("otlp", packages);
    sandbox.write("backend", include_str!("otlp/receiver.py"));
    sandbox.make_executable("backend");
    sandbox.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:14318");
}

/// What has arrived there.
pub(crate) fn spans(sandbox: &Sandbox) -> Vec<Value> {
    let lines = sandbox.read("answers/spans").unwrap_or_default();
    lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}
