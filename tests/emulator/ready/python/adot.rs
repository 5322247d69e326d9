//! AWS's distribution of OpenTelemetry: what the layer's script does, without its second Python.

use serde_json::Value;

use super::packages;
use super::traced::{Layer, START, Starter, Traced, count_pythons, traced};
use crate::cases::or_not_run;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;

const SCRIPT: Starter = Starter::Script("adot-python", "otel-instrument");
const PROFILE: Starter = Starter::Profiles("adot-python");
const SCOPES: [&str; 2] = ["opentelemetry.instrumentation.aws_lambda", "opentelemetry.instrumentation.urllib"];

fn layer(name: &str) -> Option<Layer> {
    let packages = or_not_run(name, packages::aws_distribution())?;
    let wrapper = ("layer/python/otel_wrapper.py".to_owned(), include_str!("adot_wrapper.py"));
    Some(Layer { packages, files: vec![wrapper] })
}

/// The function by the script and by the profile.
fn both(runtime: &Runtime, name: &str, prepare: fn(&mut Sandbox)) -> Option<[Traced; 2]> {
    let mut layer = layer(name)?;
    layer.files.push(packages::of_other_layer(&runtime.argv[0]));
    Some([SCRIPT, PROFILE].map(|starter| traced(runtime, name, &layer, starter, prepare)))
}

/// With Application Signals, as it is by default: spans go to X-Ray's daemon, which is the receiver here.
pub(crate) fn adot_spans(runtime: &Runtime, name: &str) {
    let Some([script, profile]) = both(runtime, name, |_| {}) else { return };
    assert_eq!(script.scopes(), SCOPES);
    assert_eq!(script.spans[0]["attributes"]["aws.local.operation"], "test_function/FunctionHandler");
    assert_same_but_for_the_start(&profile, &script);
    assert_eq!(script.answer["layer"], Value::Null);
    assert_eq!(profile.answer["layer"], "found in a layer");
}

/// None of the distribution's files reads what only the script sets.
pub(crate) fn adot_unread_variables(_: &Runtime, name: &str) {
    let Some(layer) = layer(name) else { return };
    packages::assert_without(&layer.packages, &packages::OF_THE_SCRIPTS);
}

/// In an image the handler is in argv, and the function where it is started.
pub(crate) fn adot_image(runtime: &Runtime, name: &str) {
    let Some(layer) = layer(name) else { return };
    let profile = traced(runtime, name, &layer, PROFILE, |_| {});
    assert_eq!(profile.scopes(), SCOPES);
    assert_eq!(profile.answer["env"]["ORIG_HANDLER"], "app.handler");
    assert_eq!(profile.answer["argv"][3], "otel_wrapper.lambda_handler");
}

/// Without Application Signals no span gets the attributes for it.
pub(crate) fn adot_without_signals(runtime: &Runtime, name: &str) {
    let off = |sandbox: &mut Sandbox| sandbox.set("OTEL_AWS_APPLICATION_SIGNALS_ENABLED", "false");
    let Some([script, profile]) = both(runtime, name, off) else { return };
    assert_eq!(script.scopes(), SCOPES);
    assert_eq!(script.spans[0]["attributes"]["aws.local.operation"], Value::Null);
    assert_same_but_for_the_start(&profile, &script);
}

/// The layer's handler sets up the small SDK, which sends the invocation itself; neither way starts a second Python.
pub(crate) fn adot_fast_start(runtime: &Runtime, name: &str) {
    let fast = |sandbox: &mut Sandbox| {
        sandbox.set("OTEL_AWS_LAMBDA_FAST_START", "true");
        count_pythons(sandbox);
    };
    let Some([script, profile]) = both(runtime, name, fast) else { return };
    assert_eq!(script.scopes(), SCOPES[..1]);
    assert_same_but_for_the_start(&profile, &script);
    assert_eq!([script.pythons(), profile.pythons()], [1, 1]);
}

pub(crate) fn adot_starts_one_python(runtime: &Runtime, name: &str) {
    let Some([script, profile]) = both(runtime, name, count_pythons) else { return };
    assert_eq!([script.pythons(), profile.pythons()], [2, 1]);
}

fn assert_same_but_for_the_start(profile: &Traced, script: &Traced) {
    assert_eq!(profile.spans, script.spans);
    let mut different = profile.variables_unlike(script);
    different.retain(|name| !START.contains(&name.as_str()));
    // The script of the tests names fewer.
    different.remove("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS");
    assert!(different.is_empty(), "{different:?}");
}
