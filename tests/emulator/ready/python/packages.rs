//! Packages of the agents for Python, each set as its layer has it in /opt/python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sandbox::Sandbox;
use crate::{interpreters, parts};

/// Variables that the vendors' scripts set and the profiles do not.
pub(crate) const OF_THE_SCRIPTS: [&str; 2] = ["LAMBDA_LAYER_PKGS_DIR", "LAMBDA_RESOURCE_ATTRIBUTES"];

/// OpenTelemetry, and what traces calls made with urllib: something beside the handler to be seen.
pub(crate) fn opentelemetry() -> Result<Vec<PathBuf>, String> {
    let urllib = ["opentelemetry-instrumentation-urllib==0.66b1", "opentelemetry-util-http==0.66b1"];
    // What they need is among the other packages.
    Ok(vec![
        parts::opentelemetry_python()?,
        install("opentelemetry-instrumentation-urllib-0.66b1", &["--no-deps"], &urllib)?,
    ])
}

/// AWS's distribution of OpenTelemetry, with all that it instruments.
pub(crate) fn aws_distribution() -> Result<Vec<PathBuf>, String> {
    Ok(vec![install("aws-opentelemetry-distro-0.21.0", &[], &["aws-opentelemetry-distro==0.21.0"])?])
}

/// Datadog's library and tracer.
pub(crate) fn datadog() -> Result<Vec<PathBuf>, String> {
    let packages = ["datadog-lambda==8.130.0", "ddtrace==4.16.0"];
    Ok(vec![install("datadog-lambda-8.130.0", &[], &packages)?])
}

/// New Relic's agent, in the last major version with a decorator for handlers.
pub(crate) fn newrelic() -> Result<Vec<PathBuf>, String> {
    Ok(vec![install("newrelic-10.17.0", &[], &["newrelic==10.17.0"])?])
}

/// Elastic's agent.
pub(crate) fn elastic() -> Result<Vec<PathBuf>, String> {
    Ok(vec![install("elastic-apm-6.26.2", &[], &["elastic-apm==6.26.2"])?])
}

/// The debugger of most editors for Python.
pub(crate) fn debugpy() -> Result<Vec<PathBuf>, String> {
    Ok(vec![install("debugpy-1.8.22", &[], &["debugpy==1.8.22"])?])
}

/// The part `name`, with these packages of PyPI in it, some of which have native parts.
fn install(name: &str, options: &[&str], packages: &[&str]) -> Result<PathBuf, String> {
    let (_, version) = interpreters::python()?;
    parts::obtain(&format!("{name}-python{version}"), |dir| {
        parts::run(parts::pip("install").args(options).arg("--target").arg(dir).args(packages)).map(drop)
    })
}

/// Puts packages into a directory of the sandbox, where one may add to what another one has.
pub(crate) fn put_into(sandbox: &Sandbox, place: &str, packages: &[PathBuf]) {
    let place = sandbox.dir().join(place);
    fs::create_dir_all(&place).expect("the build directory is writable");
    for part in packages {
        // Files of the part itself: the function cannot write to its layers.
        let mut link = Command::new("cp");
        link.args(["--archive", "--link", "--no-target-directory"]).arg(part).arg(&place);
        parts::run(&mut link).expect("the parts are on the same disk");
    }
}

/// Where the runtime of this interpreter looks for packages of layers, as long as PYTHONPATH is not set.
pub(crate) fn of_layers(interpreter: &str) -> String {
    let interpreter = interpreter.rsplit('/').next().expect("a program");
    format!("layer/python/lib/{interpreter}/site-packages")
}

/// None of the packages' files holds one of the names.
pub(crate) fn assert_without(packages: &[PathBuf], names: &[&str]) {
    let mut grep = Command::new("grep");
    grep.args(["--recursive", "--files-with-matches", "--fixed-strings"]);
    grep.args(names.iter().flat_map(|name| ["-e", name])).arg("--").args(packages);
    let output = grep.output().expect("grep is on every machine");
    assert_eq!(output.status.code(), Some(1), "found in {}", String::from_utf8_lossy(&output.stdout));
}

/// A package of another layer.
pub(crate) fn of_other_layer(interpreter: &str) -> (String, &'static str) {
    let place = of_layers(interpreter) + "/layer_package.py";
    (place, include_str!("../../runtimes/python/layer_package.py"))
}

/// A wrapper script of tests/wrappers, with its own place in /opt as the one that Lambda starts.
pub(crate) fn put_script_into_layer(sandbox: &mut Sandbox, wrapper: &str, script: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrappers").join(wrapper).join("opt").join(script);
    let place = format!("layer/{script}");
    sandbox.copy(&place, &file);
    sandbox.make_executable(&place);
    sandbox.set("AWS_LAMBDA_EXEC_WRAPPER", &format!("/opt/{script}"));
}
