//! The profiles for .NET, with start-up hooks, a handler and a native profiler of our own at the vendors' places.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::with_profiles;
use crate::cases::{answer, invoke, or_not_run};
use crate::interpreters::Interpreter;
use crate::parts;
use crate::runtimes::Runtime;
use crate::runtimes::dotnet::{Assembly, assemblies, dotnet};
use crate::sandbox::{Outcome, Sandbox};

const HOOK: &str = "OpenTelemetry.AutoInstrumentation.StartupHook.dll";
const WRAPPER: &str = "AWS.Distro.OpenTelemetry.AutoInstrumentation.dll";
const VENDOR: &[Assembly<'_>] = &[
    ("library", "StartupHook.cs", include_str!("dotnet_profilers/StartupHook.cs"), HOOK),
    ("library", "LambdaWrapper.cs", include_str!("dotnet_profilers/LambdaWrapper.cs"), WRAPPER),
];
const REDIRECTED: &str = "AWS.Distro.OpenTelemetry.AutoInstrumentation::\
                          AWS.Distro.OpenTelemetry.AutoInstrumentation.LambdaWrapper::TracingFunctionHandler";

/// What the profiler writes when CoreCLR asks it for the vendor's class.
const ASKED_BY_ADOT: &str = "profiler asked for 918728DD-259F-4A6A";
const ASKED_BY_DATADOG: &str = "profiler asked for 846F5F1C-F9AE-4B07";

/// The handler is the vendor's, the vendor's hook ran and so did the user's, and the profiler was loaded.
pub(crate) fn adot(runtime: &Runtime, name: &str) {
    instrumented_by("adot-dotnet", runtime, name);
}

/// The same by the name for all languages, in an image that does not say which runtime it has.
pub(crate) fn adot_in_image(_: &Runtime, name: &str) {
    let Some(image) = or_not_run(name, image()) else { return };
    instrumented_by("adot", &image, name);
}

fn instrumented_by(profile: &str, runtime: &Runtime, name: &str) {
    let parts = layer(&runtime.interpreter).and_then(|layer| Ok((layer, profiler()?)));
    let Some((layer, profiler)) = or_not_run(name, parts) else { return };
    let mut sandbox = with_profiles(profile, runtime, name);
    adot_layer(&sandbox, &layer);
    sandbox.copy(&format!("layer/{}/OpenTelemetry.AutoInstrumentation.Native.so", platform()), &profiler);
    for file in &runtime.hook.files {
        file.put_into(&sandbox);
    }
    sandbox.set("DOTNET_STARTUP_HOOKS", "/opt/Hook.dll");
    let outcome = invoke(runtime, &sandbox);
    let answer = answer(&outcome);
    assert_wrapped(&answer, runtime);
    assert_eq!(answer["hook"], "hook ran", "the user's own");
    assert_eq!(answer["env"]["DOTNET_STARTUP_HOOKS"], format!("/opt/net/{HOOK}:/opt/Hook.dll"));
    assert_eq!(asked(&outcome), [ASKED_BY_ADOT]);
}

/// A layer without the native part: the rest of it works.
pub(crate) fn adot_without_profiler(runtime: &Runtime, name: &str) {
    let Some(layer) = or_not_run(name, layer(&runtime.interpreter)) else { return };
    let sandbox = with_profiles("adot-dotnet", runtime, name);
    adot_layer(&sandbox, &layer);
    let outcome = invoke(runtime, &sandbox);
    let answer = answer(&outcome);
    assert_wrapped(&answer, runtime);
    assert_eq!(answer["env"]["DOTNET_STARTUP_HOOKS"], format!("/opt/net/{HOOK}"), "and no empty element");
}

pub(crate) fn datadog(runtime: &Runtime, name: &str) {
    attached_by_datadog(runtime, name);
}

pub(crate) fn datadog_in_image(_: &Runtime, name: &str) {
    let Some(image) = or_not_run(name, image()) else { return };
    attached_by_datadog(&image, name);
}

/// The profiler is the one of the first of these places that there is.
fn attached_by_datadog(runtime: &Runtime, name: &str) {
    let Some(profiler) = or_not_run(name, profiler()) else { return };
    for library in [
        format!("/opt/datadog/{}/Datadog.Trace.ClrProfiler.Native.so", platform()),
        "/opt/datadog/Datadog.Trace.ClrProfiler.Native.so".to_owned(),
    ] {
        let sandbox = with_profiles("datadog", runtime, name);
        sandbox.copy(&library.replacen("/opt", "layer", 1), &profiler);
        let outcome = invoke(runtime, &sandbox);
        let answer = answer(&outcome);
        assert_eq!(answer["env"]["CORECLR_PROFILER_PATH"], library);
        assert_eq!(asked(&outcome), [ASKED_BY_DATADOG]);
    }
}

/// No layer with a tracer: the function starts, and the log says what was looked for.
pub(crate) fn datadog_without_tracer(runtime: &Runtime, name: &str) {
    let outcome = invoke(runtime, &with_profiles("datadog", runtime, name));
    let answer = answer(&outcome);
    assert_eq!(answer["env"]["CORECLR_PROFILER_PATH"], Value::Null);
    assert!(outcome.log.contains("warning[FR211]: builtin:datadog"), "{}", outcome.log);
}

/// .NET takes one profiler: the first profile has it, and the other one says that it is not attached.
pub(crate) fn two_profilers(runtime: &Runtime, name: &str) {
    let parts = layer(&runtime.interpreter).and_then(|layer| Ok((layer, profiler()?)));
    let Some((layer, profiler)) = or_not_run(name, parts) else { return };
    for (profiles, left_out, asked_by) in
        [("datadog,adot-dotnet", "adot-dotnet", ASKED_BY_DATADOG), ("adot-dotnet,datadog", "datadog", ASKED_BY_ADOT)]
    {
        let sandbox = with_profiles(profiles, runtime, name);
        adot_layer(&sandbox, &layer);
        sandbox.copy(&format!("layer/{}/OpenTelemetry.AutoInstrumentation.Native.so", platform()), &profiler);
        sandbox.copy(&format!("layer/datadog/{}/Datadog.Trace.ClrProfiler.Native.so", platform()), &profiler);
        let outcome = invoke(runtime, &sandbox);
        answer(&outcome);
        assert_eq!(asked(&outcome), [asked_by]);
        let warning = outcome.log.lines().find(|line| line.contains("names another profiler"));
        assert!(warning.is_some_and(|line| line.contains(&format!("builtin:{left_out}:"))), "{warning:?}");
    }
}

fn assert_wrapped(answer: &Value, runtime: &Runtime) {
    assert_eq!([&answer["wrapped"], &answer["vendorHooks"]], [&json!(true), &json!(1)]);
    assert_eq!(answer["env"]["OTEL_INSTRUMENTATION_AWS_LAMBDA_HANDLER"], runtime.handler);
    let argv = answer["argv"].as_array().expect("a list");
    assert_eq!(argv.last(), Some(&json!(REDIRECTED)));
    assert_eq!(argv[..argv.len() - 1], runtime.argv[..argv.len() - 1]);
}

/// What the profiler was asked for, as often as it was.
fn asked(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.log.lines().filter_map(|line| line.find("profiler asked for").map(|at| &line[at..]));
    lines.filter_map(|line| line.get(..ASKED_BY_ADOT.len())).collect()
}

/// A function that has nothing but its command line to say which runtime it is.
fn image() -> Result<Runtime, String> {
    let mut image = dotnet()?;
    image.variables.retain(|(variable, _)| *variable != "AWS_EXECUTION_ENV");
    Ok(image)
}

/// The layer as AWS's has its folders, without the native part.
fn adot_layer(sandbox: &Sandbox, assemblies: &Path) {
    for assembly in [HOOK, WRAPPER] {
        sandbox.copy(&format!("layer/net/{assembly}"), &assemblies.join(assembly));
    }
}

fn platform() -> &'static str {
    if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-x64" }
}

fn layer(dotnet: &Interpreter) -> Result<PathBuf, String> {
    assemblies("dotnet-vendor", dotnet, VENDOR)
}

fn profiler() -> Result<PathBuf, String> {
    let source = ("profiler.c", include_str!("dotnet_profilers/profiler.c"));
    let part = parts::build("dotnet-profiler", &[source], |dir| {
        let mut compiler = Command::new("gcc");
        compiler.current_dir(dir).args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", "profiler.so"]);
        parts::run(compiler.arg("profiler.c")).map(drop)
    })?;
    Ok(part.join("profiler.so"))
}
