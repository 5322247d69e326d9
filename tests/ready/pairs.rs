//! Two vendors at once: what docs/two-vendors.md promises.

use super::{Folder, Given, Outcome, cases, disk, joined};

/// The outcome of profiles together, in both orders.
fn both(shape: &str, one: &str, other: &str, variables: &[&str]) -> [Outcome; 2] {
    let disk = layers(&[one, other]);
    [format!("{one},{other}"), format!("{other},{one}")]
        .map(|profiles| Given::new(shape, &profiles, variables).on(&disk))
}

fn layers(names: &[&str]) -> Folder {
    disk(names.iter().flat_map(|name| cases::layer(name).iter().copied()))
}

fn value(outcome: &Outcome, name: &str) -> String {
    assert!(!outcome.stopped, "{:?}", outcome.lines);
    outcome.get(name).unwrap_or_default()
}

#[test]
fn opentelemetry_and_datadog_on_java_attach_both_agents_in_any_order() {
    for outcome in both("java21", "otel-java", "datadog", &[]) {
        assert_eq!(value(&outcome, "JAVA_TOOL_OPTIONS"), "-javaagent:/opt/opentelemetry-javaagent.jar");
        assert_eq!(joined(&outcome).matches("dd-java-agent.jar").count(), 1);
        assert!(outcome.lines.is_empty(), "{:?}", outcome.lines);
    }
}

#[test]
fn two_agents_of_one_variable_stand_in_the_order_of_the_profiles_last_first() {
    let [first, second] = both("java21", "otel-java", "newrelic-java", &[]);
    let (otel, relic) = ("-javaagent:/opt/opentelemetry-javaagent.jar", "-javaagent:/opt/newrelic/newrelic.jar");
    assert_eq!(value(&first, "JAVA_TOOL_OPTIONS"), format!("{relic} {otel}"));
    assert_eq!(value(&second, "JAVA_TOOL_OPTIONS"), format!("{otel} {relic}"));
}

#[test]
fn of_two_builds_of_one_agent_the_first_is_attached() {
    let [first, second] = both("java21", "otel-java", "adot-java", &[]);
    assert_eq!(value(&first, "JAVA_TOOL_OPTIONS"), "-javaagent:/opt/opentelemetry-javaagent.jar");
    assert_eq!(value(&second, "JAVA_TOOL_OPTIONS"), "-javaagent:/opt/aws-opentelemetry-javaagent.jar");
    for outcome in [first, second] {
        assert!(outcome.lines.iter().any(|line| line.starts_with("FR216") && line.contains("same agent")));
    }
}

#[test]
fn handlers_are_stacked_where_their_variables_differ() {
    for (outcome, outer, otel, elastic) in both("python3.12", "otel-python", "elastic-python", &[])
        .into_iter()
        .zip([
            ("elasticapm_handler.lambda_handler", "app.handler", "otel_wrapper.lambda_handler"),
            ("otel_wrapper.lambda_handler", "elasticapm_handler.lambda_handler", "app.handler"),
        ])
        .map(|(outcome, (outer, otel, elastic))| (outcome, outer, otel, elastic))
    {
        assert_eq!(value(&outcome, "_HANDLER"), outer);
        assert_eq!(value(&outcome, "ORIG_HANDLER"), otel);
        assert_eq!(value(&outcome, "ELASTICAPM_ORIGINAL_HANDLER"), elastic);
    }
}

#[test]
fn a_stack_may_have_three_handlers() {
    let disk = layers(&["otel-python", "datadog-python", "newrelic-python"]);
    let outcome = Given::new("python3.12", "otel-python,datadog-python,newrelic-python", &[]).on(&disk);
    assert_eq!(value(&outcome, "_HANDLER"), "newrelic_lambda_wrapper.handler");
    assert_eq!(value(&outcome, "NEW_RELIC_LAMBDA_HANDLER"), "datadog_lambda.handler.handler");
    assert_eq!(value(&outcome, "DD_LAMBDA_HANDLER"), "otel_wrapper.lambda_handler");
    assert_eq!(value(&outcome, "ORIG_HANDLER"), "app.handler");
    assert!(outcome.lines.is_empty(), "{:?}", outcome.lines);
}

#[test]
fn handlers_that_keep_the_old_one_in_the_same_variable_are_not_stacked() {
    for (outcome, handler) in both("python3.12", "otel-python", "serverless-otel-python", &[])
        .into_iter()
        .zip(["otel_wrapper.lambda_handler", "serverless_aws_lambda_otel_extension_wrapper_handler.wrapper_handler"])
    {
        assert_eq!(value(&outcome, "_HANDLER"), handler, "the first one is kept");
        assert_eq!(value(&outcome, "ORIG_HANDLER"), "app.handler");
        assert!(
            outcome.lines[0].starts_with("FR216: ") && outcome.lines[0].contains("ORIG_HANDLER"),
            "{:?}",
            outcome.lines
        );
    }
}

#[test]
fn the_same_agent_by_two_names_is_attached_once() {
    for outcome in both("java21", "otel-java", "adot-legacy-java", &[]) {
        assert_eq!(value(&outcome, "JAVA_TOOL_OPTIONS"), "-javaagent:/opt/opentelemetry-javaagent.jar");
    }
    for outcome in both("python3.12", "otel-python", "adot-python", &[]) {
        assert_eq!(value(&outcome, "ORIG_HANDLER"), "app.handler");
        assert_eq!(value(&outcome, "PYTHONPATH").matches("auto_instrumentation").count(), 1);
    }
}

#[test]
fn net_takes_one_profiler_and_the_first_one_gets_it() {
    let [datadog, adot] = both("dotnet8", "datadog", "adot-dotnet", &[]);
    assert_eq!(value(&datadog, "CORECLR_PROFILER"), "{846F5F1C-F9AE-4B07-969E-05C26BC060D8}");
    assert!(datadog.lines[0].contains("another profiler"), "{:?}", datadog.lines);
    assert_eq!(value(&datadog, "DOTNET_STARTUP_HOOKS"), "");
    assert_eq!(value(&adot, "CORECLR_PROFILER"), "{918728DD-259F-4A6A-AC2B-B85E1B658318}");
    assert!(adot.lines[0].contains("another profiler"), "{:?}", adot.lines);
    assert_eq!(value(&adot, "DD_DOTNET_TRACER_HOME"), "");
}

#[test]
fn secrets_come_first_whatever_the_order() {
    for outcome in both("java21", "secrets-manager", "newrelic-java", &[]) {
        assert_eq!(outcome.argv[0], b"/opt/get-secrets-layer");
        assert_eq!(outcome.argv[1], b"/var/lang/bin/java");
        assert!(value(&outcome, "JAVA_TOOL_OPTIONS").contains("newrelic.jar"));
        assert_eq!(
            value(&outcome, "FORERUN_THROUGH"),
            "4711",
            "the script starts forerun again, which then does nothing"
        );
    }
}

#[test]
fn the_web_adapter_goes_before_what_exchanges_the_handler() {
    let [right, wrong] = both("python3.12", "web-adapter", "otel-python", &["_HANDLER=run.sh"]);
    assert_eq!(joined(&right), "/var/task/run.sh");
    assert!(value(&right, "PYTHONPATH").contains("auto_instrumentation"));
    assert_eq!(joined(&wrong), "/var/task/otel_wrapper.lambda_handler", "which is why the page says so");
    for outcome in both("nodejs20", "web-adapter", "otel-nodejs", &["_HANDLER=run.sh"]) {
        assert_eq!(joined(&outcome), "/var/task/run.sh", "nothing is exchanged on Node.js");
        assert_eq!(value(&outcome, "NODE_OPTIONS"), "--import /opt/init.mjs");
    }
}

#[test]
fn of_two_proxies_the_last_one_is_nearest_to_the_runtime() {
    let [runtime_to_firetail, runtime_to_lpr] = both("nodejs20", "lpr", "firetail", &["LPR_PROXY_ADDR=127.0.0.1:9008"]);
    assert_eq!(value(&runtime_to_firetail, "AWS_LAMBDA_RUNTIME_API"), "127.0.0.1:9009");
    assert!(runtime_to_firetail.lines.iter().any(|line| line.starts_with("FR217") && line.contains("no calls")));
    assert_eq!(value(&runtime_to_lpr, "AWS_LAMBDA_RUNTIME_API"), "127.0.0.1:9008");
    assert_eq!(value(&runtime_to_lpr, "LPR_UPSTREAM_RUNTIME_API"), "127.0.0.1:9009", "it is told of the other one");
    assert!(runtime_to_lpr.lines.is_empty(), "{:?}", runtime_to_lpr.lines);
}

#[test]
fn jemalloc_and_a_debugger_mind_nobody() {
    for outcome in both("python3.12", "jemalloc", "otel-python", &[]) {
        assert_eq!(value(&outcome, "LD_PRELOAD"), "/opt/lib/x86_64/libjemalloc.so.2");
        assert_eq!(value(&outcome, "_HANDLER"), "otel_wrapper.lambda_handler");
    }
    for outcome in both("python-image", "debug", "otel-python", &[]) {
        let argv = joined(&outcome);
        assert!(argv.ends_with("--wait-for-client -m awslambdaric otel_wrapper.lambda_handler"), "{argv}");
    }
}
