//! The task: what Lambda gives to a launcher, and what the runtime must find afterwards.

use std::path::Path;
use std::process::Command;

use crate::make::Workshop;

/// Names and values, in the order in which they stand in the environment.
pub(crate) type Environment = Vec<(String, String)>;

/// As on managed Python, less two: LD_LIBRARY_PATH costs a dynamic program some 300 failing system calls where its
/// eight directories do not exist, which would flatter us, and AWS_LAMBDA_RUNTIME_API would have us report an error
/// to whoever listens there.
const GIVEN: &[(&str, &str)] = &[
    ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
    ("AWS_LAMBDA_FUNCTION_NAME", "checkout-orders-production"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/checkout-orders-production"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2025/06/01/[7]3f1c2b0d9e8a4f5c8b7a6d5e4f3c2b1a"),
    ("AWS_LAMBDA_LOG_FORMAT", "Text"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper"),
    ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_DEFAULT_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLEEXAMPLE00"),
    ("AWS_SECRET_ACCESS_KEY", "examplekeyexamplekeyexamplekeyexamplekey"),
    ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
    ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000"),
    ("_AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129"),
    ("_AWS_XRAY_DAEMON_PORT", "2000"),
    ("_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_TYPE", "lambda_insights_only"),
    ("_HANDLER", "orders.app.handler"),
    ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ("LANG", "en_US.UTF-8"),
    ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ("PYTHONPATH", "/var/task/vendor:/var/task/shared"),
    ("TZ", ":UTC"),
    ("SHLVL", "0"),
    ("PWD", "/var/task"),
    ("OTEL_METRICS_EXPORTER", "none"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", ""),
    ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=production,service.namespace=payments"),
    ("ORDERS_TABLE", "checkout-orders-production"),
    ("ORDERS_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/123456789012/checkout-orders-production"),
    ("ORDERS_TOPIC_ARN", "arn:aws:sns:eu-central-1:123456789012:checkout-orders-production"),
    ("DATABASE_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:checkout/orders-Ab12Cd"),
    ("POWERTOOLS_SERVICE_NAME", "checkout-orders"),
    ("POWERTOOLS_METRICS_NAMESPACE", "Checkout"),
    ("FEATURE_FLAGS", "express,gift-cards,split-shipment"),
    ("LOG_LEVEL", "INFO"),
];

/// What the ten changes must come to; `None` for a variable that must be gone.
const EXPECTED: [(&str, Option<&str>); 10] = [
    ("OTEL_SERVICE_NAME", Some("checkout-orders-production")),
    ("OTEL_PROPAGATORS", Some("tracecontext,baggage,xray")),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", Some("http://localhost:4318")),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", Some("http/protobuf")),
    ("OTEL_TRACES_EXPORTER", Some("otlp")),
    ("OTEL_METRICS_EXPORTER", None),
    (
        "OTEL_RESOURCE_ATTRIBUTES",
        Some(
            "cloud.provider=aws,cloud.region=eu-central-1,faas.name=checkout-orders-production,faas.version=7,\
             deployment.environment=production,service.namespace=payments",
        ),
    ),
    ("PYTHONPATH", Some("/opt/python:/var/runtime:/var/task/vendor:/var/task/shared")),
    ("ORIG_HANDLER", Some("orders.app.handler")),
    ("_HANDLER", Some("otel_wrapper.lambda_handler")),
];

/// Shells set these by themselves, whatever they are given.
const SHELLS_OWN: [&str; 3] = ["PWD", "SHLVL", "_"];

/// Forty variables, 3.3 KB.
pub(crate) fn environment(workshop: &Workshop) -> Environment {
    let mut environment: Environment = GIVEN.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let token = format!("IQoJb3JpZ2luX2VjE{}", "Ex4mpleT0ken".repeat(130));
    environment.push(("AWS_SESSION_TOKEN".to_owned(), token));
    // An empty directory, so that no profile of the machine takes part (but those in /opt/forerun.d, if there are any).
    environment.push(("LAMBDA_TASK_ROOT".to_owned(), text(&workshop.task_root)));
    select_profile(&mut environment, &workshop.profile);
    environment
}

/// Every launcher gets this variable, so that all of them pass the same bytes on.
pub(crate) fn select_profile(environment: &mut Environment, profile: &Path) {
    const NAME: &str = "FORERUN_PROFILE";
    environment.retain(|(name, _)| name != NAME);
    environment.push((NAME.to_owned(), text(profile)));
}

/// A program with this environment and nothing of ours.
pub(crate) fn command(program: &Path, environment: &Environment) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// What is wrong with the environment that a launcher passed on, or `None`.
pub(crate) fn complaint(given: &Environment, found: &Environment) -> Option<String> {
    let value = |wanted: &str| found.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let untouched = given
        .iter()
        .map(|(name, value)| (name.as_str(), Some(value.as_str())))
        .filter(|(name, _)| !SHELLS_OWN.contains(name))
        .filter(|(name, _)| EXPECTED.iter().all(|(changed, _)| changed != name));
    EXPECTED.into_iter().chain(untouched).find(|&(name, expected)| value(name) != expected).map(|(name, expected)| {
        let quoted = |value: Option<&str>| value.map_or("unset".to_owned(), |value| format!("{value:?}"));
        format!("`{name}` is {} and should be {}", quoted(value(name)), quoted(expected))
    })
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
