//! Two agents on one function: each sees the invocation, whichever of them is called first.

use serde_json::Value;

use super::traced::{Starter, traced};
use super::{datadog, otel, packages};
use crate::cases::or_not_run;
use crate::runtimes::Runtime;

pub(crate) fn otel_then_datadog(runtime: &Runtime, name: &str) {
    let Some(answer) = both_trace(runtime, name, "otel-python,datadog-python") else { return };
    assert_eq!(answer["_HANDLER"], "datadog_lambda.handler.handler");
    assert_eq!(answer["DD_LAMBDA_HANDLER"], "otel_wrapper.lambda_handler");
    assert_eq!(answer["ORIG_HANDLER"], "app.handler");
}

pub(crate) fn datadog_then_otel(runtime: &Runtime, name: &str) {
    let Some(answer) = both_trace(runtime, name, "datadog-python,otel-python") else { return };
    assert_eq!(answer["_HANDLER"], "otel_wrapper.lambda_handler");
    assert_eq!(answer["ORIG_HANDLER"], "datadog_lambda.handler.handler");
    assert_eq!(answer["DD_LAMBDA_HANDLER"], "app.handler");
}

/// Gives back the function's variables, or nothing where it cannot be run.
fn both_trace(runtime: &Runtime, name: &str, profiles: &'static str) -> Option<Value> {
    let layer = otel::layer(name)?;
    let packages = or_not_run(name, packages::datadog())?;
    let traced = traced(runtime, name, &layer, Starter::Profiles(profiles), |sandbox| {
        // Where Datadog's layer has them.
        let place = packages::of_layers(&runtime.argv[0]);
        packages::put_into(sandbox, &place, &packages);
        datadog::trace_to_log(sandbox);
    });
    datadog::assert_invocation_is_traced(&traced.log);
    assert_eq!(traced.scopes(), otel::SCOPES);
    Some(traced.answer["env"].clone())
}
