//! `forerun convert` on the scripts in tests/wrappers: what comes out has to mean what the profile beside the script means.
#![cfg(feature = "tool")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test reads files, starts programs, tells how far it is"
)]

#[path = "convert/meaning.rs"]
mod meaning;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const WRAPPERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrappers");

/// In what the outcome differs from the profile beside the script, and why. A fixture that is not here has to come out
/// with the same meaning, and one that is must not.
const OTHERWISE: &[(&str, &[&str], &str)] = &[
    (
        "adot-dotnet",
        &[
            "OTEL_AWS_APPLICATION_SIGNALS_ENABLED",
            "OTEL_DOTNET_AUTO_METRICS_INSTRUMENTATION_ENABLED",
            "OTEL_DOTNET_AUTO_TRACES_INSTRUMENTATION_ENABLED",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "OTEL_LOGS_EXPORTER",
            "OTEL_METRICS_EXPORTER",
            "OTEL_SERVICE_NAME",
            "start",
        ],
        "what it asks uname and ldd decides, and it gives up where it does not know the answer",
    ),
    ("adot-java", &[FLUSH_TIMEOUT, SPAN_ATTRIBUTES], USERS_VALUE),
    ("adot-js", &["HANDLER_IS_ESM", ATTRIBUTES, "NODE_OPTIONS"], "what is in package.json is not varied"),
    ("adot-python", &[ATTRIBUTES], WHOLE_VALUE),
    ("background-program", &["start"], "a program in the background is left to the reader"),
    ("build-first", &["argv"], "what is dropped and what is added is told from the runtime's own arguments"),
    ("chain-python", &[ATTRIBUTES], WHOLE_VALUE),
    ("chain-two-scripts", &["start"], "the profile includes another, which is not there in this test"),
    ("classpath-rebuild", &["CLASSPATH", "argv"], "the class path has all archives of a folder in it"),
    ("datadog", &["CORECLR_PROFILER_PATH"], "the files that are there are not taken away"),
    ("elastic-java", &["ELASTIC_APM_SERVICE_NAME"], USERS_VALUE),
    ("exclude-args", &["start"], "without the variable the script starts nothing, and so does its profile"),
    ("ld-preload", &["LD_PRELOAD"], USERS_VALUE),
    ("newrelic-java", &["JAVA_TOOL_OPTIONS"], "the agent depends on what `java -version` says"),
    ("newrelic-java-lite", &["JAVA_TOOL_OPTIONS"], "the agent depends on what `java -version` says"),
    ("node-loader", &["NODE_OPTIONS"], USERS_VALUE),
    ("node-snapshot", &["argv"], "what runs before the runtime is left to the reader"),
    ("otel-java-agent", &[FLUSH_TIMEOUT], USERS_VALUE),
    ("otel-java-handler", &[FLUSH_TIMEOUT], USERS_VALUE),
    ("otel-java-proxy-handler", &[FLUSH_TIMEOUT], USERS_VALUE),
    ("otel-java-sqs-handler", &[FLUSH_TIMEOUT], USERS_VALUE),
    ("otel-java-stream-handler", &[FLUSH_TIMEOUT], USERS_VALUE),
    ("otel-python", &[ATTRIBUTES], WHOLE_VALUE),
    ("otel-python-chain", &[ATTRIBUTES], WHOLE_VALUE),
    ("otel-ruby", &[ATTRIBUTES], WHOLE_VALUE),
    ("tiered", &["_JAVA_OPTIONS"], USERS_VALUE),
];

const ATTRIBUTES: &str = "LAMBDA_RESOURCE_ATTRIBUTES";
const FLUSH_TIMEOUT: &str = "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT";
const SPAN_ATTRIBUTES: &str = "OTEL_INSTRUMENTATION_AWS_SDK_EXPERIMENTAL_SPAN_ATTRIBUTES";
const USERS_VALUE: &str = "the script overwrites the user's value, and the person's profile keeps it";
const WHOLE_VALUE: &str = "the script sets the whole value, as its profile does; the person's sets pairs in it";

struct Fixture {
    name: String,
    script: String,
    runtimes: Vec<String>,
    profile: String,
}

fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for entry in std::fs::read_dir(WRAPPERS).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(profile) = std::fs::read_to_string(folder.join("profile.toml")) else { continue };
        let about: toml::Table = std::fs::read_to_string(folder.join("about.toml")).unwrap().parse().unwrap();
        let runtimes = about["runtimes"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        fixtures.push(Fixture {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            script: about["script"].as_str().unwrap().to_owned(),
            runtimes: runtimes.collect(),
            profile,
        });
    }
    fixtures.sort_by(|one, other| one.name.cmp(&other.name));
    fixtures
}

/// The profile that `convert` makes, `None` where the script's interpreter is not installed. Without a launcher it does
/// not compare, which other tests do.
fn convert(fixture: &Fixture) -> Option<String> {
    let folder = Path::new(WRAPPERS).join(&fixture.name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_forerun"));
    command.arg("convert").arg(folder.join(&fixture.script)).arg("--root").arg(folder.join("opt"));
    if folder.join("task").is_dir() {
        command.arg("--task").arg(folder.join("task"));
    }
    command.args(fixture.runtimes.iter().flat_map(|name| ["--runtime", name]));
    // A python3 that is a shell script sets variables of its own.
    if let Some(python) = python() {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{python}:{path}"));
    }
    let output = command.args(["--wrapper", "/nowhere/wrapper"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    if output.status.code() == Some(2) && stderr.contains("is not on this machine") {
        assert!(std::env::var_os("CI").is_none(), "not run: {}: {stderr}", fixture.name);
        eprintln!("{}: not run: {stderr}", fixture.name);
        return None;
    }
    assert!(output.status.code().is_some_and(|code| code < 2), "{}: {stderr}", fixture.name);
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The folder of the Python that `python3` starts in the end.
fn python() -> Option<String> {
    let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
    let program = String::from_utf8(output.stdout).ok()?;
    Some(Path::new(program.trim()).parent()?.to_str()?.to_owned())
}

/// The shapes that have to come out right: AWS's samples and the handlers of OpenTelemetry.
fn is_essential(name: &str) -> bool {
    ["importtime-", "frozen-", "proxy-", "otel-"].iter().any(|begin| name.starts_with(begin))
}

/// Converts these, and says what is not as the list has it.
fn hold_against(fixtures: &[Fixture]) {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(fixture) = fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(profile) = convert(fixture) else { continue };
                    let differences = meaning::differences(&profile, &fixture.profile, &fixture.runtimes);
                    eprintln!("{}: {:?}", fixture.name, differences.keys().collect::<Vec<_>>());
                    found.lock().unwrap().insert(fixture.name.clone(), (profile, differences));
                }
            });
        }
    });
    let mut wrong = String::new();
    for (name, (profile, differences)) in found.into_inner().unwrap() {
        let listed = OTHERWISE.iter().find(|(listed, ..)| *listed == name).map_or(&[][..], |(_, names, _)| names);
        let expected: BTreeSet<&str> = listed.iter().copied().collect();
        let is: BTreeSet<&str> = differences.keys().map(String::as_str).collect();
        if is != expected {
            wrong.push_str(&format!("{name} differs in {is:?}, not in {expected:?}: {differences:#?}\n{profile}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_samples_and_the_opentelemetry_handlers_come_out_as_a_person_wrote_them() {
    let fixtures: Vec<Fixture> = fixtures().into_iter().filter(|fixture| is_essential(&fixture.name)).collect();
    assert!(fixtures.len() >= 15, "there are only {} of them", fixtures.len());
    hold_against(&fixtures);
}

#[test]
fn all_scripts_come_out_as_the_list_has_it() {
    let fixtures: Vec<Fixture> = fixtures().into_iter().filter(|fixture| !is_essential(&fixture.name)).collect();
    assert!(fixtures.len() > 25, "there are only {} of them", fixtures.len());
    hold_against(&fixtures);
}
