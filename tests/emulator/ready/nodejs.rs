//! The profiles for Node.js with the vendors' packages: they do what the vendors' scripts do.

use std::path::Path;

use serde_json::{Value, json};

use super::packages;
use super::{receive_spans, spans, with_profiles, with_script};
use crate::cases::or_not_run;
use crate::parts;
use crate::runtimes::{Runtime, bootstrap_after};
use crate::sandbox::Sandbox;
use crate::watched::watch;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// What decides how the function is loaded.
struct Kind {
    handler: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const COMMONJS: Kind = Kind { handler: "app.handler", files: &[("task/app.js", include_str!("nodejs/traced.cjs"))] };
const MODULE: Kind =
    Kind { handler: "traced.handler", files: &[("task/traced.mjs", include_str!("nodejs/traced.mjs"))] };
const MODULE_BY_PACKAGE: Kind = Kind {
    handler: "app.handler",
    files: &[("task/app.js", include_str!("nodejs/traced.mjs")), ("task/package.json", r#"{ "type": "module" }"#)],
};

/// A handler in CommonJS is traced, by the script and by the profile alike.
pub(crate) fn otel_commonjs(runtime: &Runtime, name: &str) {
    otel(&COMMONJS, runtime, name);
}

/// So is one in a file for ES modules.
pub(crate) fn otel_module(runtime: &Runtime, name: &str) {
    otel(&MODULE, runtime, name);
}

/// And one in a package of ES modules.
pub(crate) fn otel_module_by_package(runtime: &Runtime, name: &str) {
    otel(&MODULE_BY_PACKAGE, runtime, name);
}

fn otel(kind: &Kind, runtime: &Runtime, name: &str) {
    let parts = packages::opentelemetry().and_then(|layer| Ok((layer, parts::opentelemetry_python()?)));
    let Some((layer, receiver)) = or_not_run(name, parts) else { return };
    let [by_script, by_profile] = [false, true].map(|profile| {
        let mut sandbox = if profile {
            with_profiles("otel-nodejs", runtime, name)
        } else {
            with_script("otel-node-import", "otel-handler", runtime, name)
        };
        sandbox.mount("layer/node_modules", &layer);
        sandbox.write("layer/init.mjs", include_str!("nodejs/init.mjs"));
        receive_spans(&mut sandbox, &receiver);
        traced(kind, sandbox, runtime)
    });
    assert_eq!(by_script, by_profile);

    assert_handler_and_request(&by_profile);
    assert_eq!(by_profile[0]["resource"], json!({ "service.name": "traced", "team": "payments" }));
}

/// The function's own instrumentation, with the packages that it has brought along.
pub(crate) fn imported(runtime: &Runtime, name: &str) {
    let parts = packages::opentelemetry().and_then(|packages| Ok((packages, parts::opentelemetry_python()?)));
    let Some((packages, receiver)) = or_not_run(name, parts) else { return };
    let mut sandbox = with_profiles("nodejs-import", runtime, name);
    sandbox.mount("task/node_modules", &packages);
    sandbox.write("task/instrumentation.mjs", include_str!("nodejs/init.mjs"));
    sandbox.set("OTEL_PROPAGATORS", "tracecontext,xray");
    receive_spans(&mut sandbox, &receiver);
    assert_handler_and_request(&traced(&COMMONJS, sandbox, runtime));
}

/// AWS's distribution loads into CommonJS.
pub(crate) fn adot_commonjs(runtime: &Runtime, name: &str) {
    adot(&COMMONJS, &[], runtime, name);
}

pub(crate) fn adot_module(runtime: &Runtime, name: &str) {
    adot(&MODULE, &[], runtime, name);
}

pub(crate) fn adot_module_by_package(runtime: &Runtime, name: &str) {
    adot(&MODULE_BY_PACKAGE, &[], runtime, name);
}

/// With the light start it is another file of the layer, and another way to make spans.
pub(crate) fn adot_light_commonjs(runtime: &Runtime, name: &str) {
    adot(&COMMONJS, &[("OTEL_AWS_LAMBDA_FAST_START", "true")], runtime, name);
}

pub(crate) fn adot_light_module(runtime: &Runtime, name: &str) {
    adot(&MODULE, &[("OTEL_AWS_LAMBDA_FAST_START", "true")], runtime, name);
}

fn adot(kind: &Kind, variables: &[(&str, &str)], runtime: &Runtime, name: &str) {
    let parts = packages::adot().and_then(|layer| Ok((layer, parts::opentelemetry_python()?)));
    let Some((layer, receiver)) = or_not_run(name, parts) else { return };
    let [by_script, by_profile] = [false, true].map(|profile| {
        let mut sandbox = if profile {
            with_profiles("adot-nodejs", runtime, name)
        } else {
            with_script("adot-js", "otel-instrument", runtime, name)
        };
        with_adot(&mut sandbox, &layer, &receiver);
        for (variable, value) in variables {
            sandbox.set(variable, value);
        }
        traced(kind, sandbox, runtime)
    });
    assert_eq!(by_script, by_profile);

    assert_handler_and_request(&by_profile);
    let resource = &by_profile[0]["resource"];
    assert_eq!(resource["team"], "payments");
    assert_eq!(resource["service.name"], "traced");
    assert_eq!(resource["cloud.platform"], "aws_lambda");
}

/// Where the version is not known, CommonJS and ES modules are traced as on a new one.
pub(crate) fn adot_image(runtime: &Runtime, name: &str) {
    let parts = packages::adot().and_then(|layer| Ok((layer, parts::opentelemetry_python()?)));
    let Some((layer, receiver)) = or_not_run(name, parts) else { return };
    for kind in [COMMONJS, MODULE] {
        let mut sandbox = with_profiles("adot-nodejs", runtime, name);
        sandbox.write("runtime/bootstrap", &bootstrap_after("unset AWS_EXECUTION_ENV"));
        with_adot(&mut sandbox, &layer, &receiver);
        assert_handler_and_request(&traced(&kind, sandbox, runtime));
    }
}

fn with_adot(sandbox: &mut Sandbox, layer: &Path, receiver: &Path) {
    sandbox.mount("layer/node_modules", layer);
    sandbox.write("layer/wrapper.js", include_str!("nodejs/adot/wrapper.js"));
    sandbox.write("layer/wrapper.mjs", include_str!("nodejs/adot/wrapper.mjs"));
    sandbox.write("layer/lite-wrapper.js", include_str!("nodejs/adot/lite-wrapper.js"));
    sandbox.write("layer/lite-wrapper.mjs", include_str!("nodejs/adot/lite-wrapper.mjs"));
    receive_spans(sandbox, receiver);
}

fn assert_handler_and_request(spans: &[Value]) {
    let [handler, request] = spans else { panic!("two spans: {spans:#?}") };
    assert_eq!(handler["scope"], "@opentelemetry/instrumentation-aws-lambda");
    assert_eq!(handler["kind"], 2, "a span of a server");
    assert_eq!(handler["name"], "traced");
    assert_eq!(request["scope"], "@opentelemetry/instrumentation-http");
    assert_eq!(request["kind"], 3, "a span of a client");
}

/// The spans of one invocation in the middle of a trace, the handler's first, without what is another one each time.
fn traced(kind: &Kind, mut sandbox: Sandbox, runtime: &Runtime) -> Vec<Value> {
    sandbox.write("task/work.cjs", include_str!("nodejs/work.cjs"));
    for (at, text) in kind.files {
        sandbox.write(at, text);
    }
    sandbox.set("_HANDLER", kind.handler);
    sandbox.set("AWS_LAMBDA_FUNCTION_NAME", "traced");
    sandbox.set("OTEL_RESOURCE_ATTRIBUTES", "team=payments");
    let asks = json!({ "headers": { "traceparent": format!("00-{TRACE}-b7ad6b7169203331-01") } });
    let waits = json!({ "await": ["faas.coldstart", "/headers"] });
    let watched = watch(&mut sandbox, &runtime.interpreter, &[asks, waits]);

    let answer = watched.answer(0);
    let header = |name: &str| answer["headers"][name].as_str().unwrap_or_default().to_owned();
    assert!(header("traceparent").starts_with(&format!("00-{TRACE}-")), "{answer}");
    // Only OTEL_PROPAGATORS asks for this one.
    assert!(header("x-amzn-trace-id").starts_with("Root=1-0af76519-16cd43dd8448eb211c80319c;"), "{answer}");
    assert_eq!(watched.answer(1)["arrived"], true);

    let mut spans = spans(&sandbox);
    // The managed runtime's client is native, so the calls of ours are nothing that a vendor's package sees.
    spans.retain(|span| !span["attributes"].to_string().contains("127.0.0.1:9001"));
    // That of the second invocation may have come in time or not.
    spans.retain(|span| span["attributes"]["faas.coldstart"] != false);
    for span in &mut spans {
        if let Some(attributes) = span["attributes"].as_object_mut() {
            // The request's id, by its new and its old name.
            attributes.remove("faas.invocation_id");
            attributes.remove("faas.execution");
        }
    }
    spans.sort_by_key(|span| span["kind"].as_i64());
    spans
}
