//! The profiles that are part of the program, and the groups that they are shown in.
//!
//! A start that asks for none of them does not touch this: the texts are looked up by comparing code, so there is no
//! table whose addresses the loader would have to fill in at every start.

/// Some built-in profiles, by their names.
#[cfg(feature = "tool")]
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they have in common.
    pub title: &'static str,
    /// Their names, in the order in which they are shown.
    pub names: &'static [&'static str],
}

macro_rules! profiles {
    ($($title:literal: $($name:literal)+;)+) => {
        /// The names of all, with a space behind each.
        const NAMES: &str = concat!($($($name, " "),+),+);

        /// All, in their groups.
        #[cfg(feature = "tool")]
        pub const GROUPS: &[Group] = &[$(Group { title: $title, names: &[$($name),+] }),+];

        /// The text of a built-in profile.
        pub fn text(name: &[u8]) -> Option<&'static str> {
            match std::str::from_utf8(name).ok()? {
                $($($name => Some(include_str!(concat!("../profiles/", $name, ".toml"))),)+)+
                _ => None,
            }
        }
    };
}

profiles! {
    "Defaults of a runtime, used where nothing else is":
        "dotnet" "java" "nodejs" "python" "ruby";
    "OpenTelemetry":
        "otel" "otel-java" "otel-java-handler" "otel-java-proxy" "otel-java-sqs" "otel-java-stream" "otel-nodejs"
        "otel-python" "otel-ruby";
    "AWS Distro for OpenTelemetry (ADOT)":
        "adot" "adot-dotnet" "adot-java" "adot-nodejs" "adot-python"
        "adot-legacy-java" "adot-legacy-java-proxy" "adot-legacy-java-stream" "adot-legacy-nodejs" "adot-legacy-python";
    "Datadog":
        "datadog" "datadog-nodejs" "datadog-python";
    "Elastic":
        "elastic-java" "elastic-python";
    "Lumigo":
        "lumigo-nodejs";
    "New Relic":
        "newrelic-java" "newrelic-java-slim" "newrelic-nodejs" "newrelic-python";
    "Serverless":
        "serverless-otel-nodejs" "serverless-otel-python" "serverless-sdk-nodejs" "serverless-sdk-python";
    "Proxies of the Runtime API":
        "runtime-api-proxy" "firetail" "live-lambda" "lpr" "merloc";
    "Programs and secrets":
        "web-adapter" "sidecar-serve" "secrets-manager";
    "Tuning":
        "jemalloc" "java-tiered" "java-c2" "exclude-args" "nodejs-import" "ruby-frozen-strings";
    "Debugging":
        "debug" "python-importtime" "java-no-cert-check";
}

/// The names of all built-in profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.split_ascii_whitespace()
}
