//! OpenTelemetry: what the layer's script does, without its second Python.

use serde_json::{Value, json};

use super::packages;
use super::traced::{Layer, START, Starter, count_pythons, traced};
use crate::cases::or_not_run;
use crate::runtimes::{self, Runtime, bootstrap_after};
use crate::sandbox::Sandbox;

const SCRIPT: Starter = Starter::Script("otel-python", "otel-instrument");
const PROFILE: Starter = Starter::Profiles("otel-python");
pub(crate) const SCOPES: [&str; 2] =
    ["opentelemetry.instrumentation.aws_lambda", "opentelemetry.instrumentation.urllib"];

pub(crate) fn layer(name: &str) -> Option<Layer> {
    let packages = or_not_run(name, packages::opentelemetry())?;
    let wrapper = ("layer/python/otel_wrapper.py".to_owned(), include_str!("../../otlp/otel_wrapper.py"));
    Some(Layer { packages, files: vec![wrapper] })
}

/// The script's spans, with its attributes; packages of other layers are found as well, which the script hides.
pub(crate) fn otel_spans(runtime: &Runtime, name: &str) {
    let Some(mut layer) = layer(name) else { return };
    layer.files.push(packages::of_other_layer(&runtime.argv[0]));
    let [script, profile] = [SCRIPT, PROFILE].map(|starter| traced(runtime, name, &layer, starter, |_| {}));
    assert_eq!(script.scopes(), SCOPES);
    assert_eq!(profile.spans, script.spans);
    assert_eq!(profile.answer["argv"], script.answer["argv"]);
    assert_eq!(script.answer["layer"], Value::Null);
    assert_eq!(profile.answer["layer"], "found in a layer");
    let mut different = profile.variables_unlike(&script);
    different.retain(|name| !START.contains(&name.as_str()));
    assert!(different.is_empty(), "{different:?}");
}

/// None of the packages' files reads what only the script sets.
pub(crate) fn otel_unread_variables(_: &Runtime, name: &str) {
    let Some(layer) = layer(name) else { return };
    packages::assert_without(&layer.packages, &packages::OF_THE_SCRIPTS);
}

/// What is empty is left out, and what the user says of the function wins.
pub(crate) fn otel_attributes(runtime: &Runtime, name: &str) {
    let Some(layer) = layer(name) else { return };
    let [script, profile] = [SCRIPT, PROFILE].map(|starter| {
        traced(runtime, name, &layer, starter, |sandbox| {
            sandbox.set("AWS_REGION", "");
            sandbox.set("OTEL_RESOURCE_ATTRIBUTES", "team=payments,faas.version=7");
            sandbox.set("OTEL_SERVICE_NAME", "shop");
        })
    });
    let [mut script, profile] = [script, profile].map(|traced| traced.spans[0]["resource"].clone());
    assert_eq!(script["cloud.region"], "");
    script.as_object_mut().expect("attributes are an object").remove("cloud.region");
    assert_eq!(profile, script);
    assert_eq!(profile["team"], "payments");
    assert_eq!(profile["faas.version"], "7");
    assert_eq!(profile["service.name"], "shop");
}

pub(crate) fn otel_starts_one_python(runtime: &Runtime, name: &str) {
    let Some(layer) = layer(name) else { return };
    let [script, profile] = [SCRIPT, PROFILE].map(|starter| traced(runtime, name, &layer, starter, count_pythons));
    assert_eq!([script.pythons(), profile.pythons()], [2, 1]);
}

/// In an image the handler is in argv: the script leaves it there, so the invocation is no span.
pub(crate) fn otel_image(runtime: &Runtime, name: &str) {
    let Some(layer) = layer(name) else { return };
    // No shell starts an image's command, so nobody has said where.
    let unsaid = |sandbox: &mut Sandbox| {
        sandbox.write("runtime/bootstrap", &bootstrap_after("export -n PWD"));
        count_pythons(sandbox);
    };
    let [script, profile] = [SCRIPT, PROFILE].map(|starter| traced(runtime, name, &layer, starter, unsaid));
    assert_eq!(profile.answer["env"]["PWD"], Value::Null);
    assert!(!script.scopes().contains(&SCOPES[0]));
    assert_eq!([script.pythons(), profile.pythons()], [2, 1]);
    let argv = ["-m", "awslambdaric", "otel_wrapper.lambda_handler"];
    assert_eq!(profile.answer["argv"].as_array().map(|argv| &argv[1..]), json!(argv).as_array().map(Vec::as_slice));
    assert_eq!(profile.answer["env"]["ORIG_HANDLER"], "app.handler");

    let Some(managed) = or_not_run(name, runtimes::python()) else { return };
    assert_eq!(profile.spans, traced(&managed, name, &layer, PROFILE, |_| {}).spans);
}
