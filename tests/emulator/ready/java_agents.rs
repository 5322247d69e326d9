//! The profiles for Java, with real agents at the vendors' places.
//!
//! The vendors' own are neither in Debian nor on PyPI or npm, where all other parts come from. In their places are
//! Byteman and AspectJ's weaver, which both rewrite the function's bytecode. Attached twice, Byteman ends the JVM.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::secrets::{assert_secrets, put_layer};
use super::with_profiles;
use crate::cases::{answer, invoke, or_not_run};
use crate::interpreters::Interpreter;
use crate::parts;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;
use crate::watched::watch;

const APP: &str = include_str!("java_agents/App.java");
const WOVEN: &str = include_str!("java_agents/Woven.java");
const WRAPPER: &str = include_str!("java_agents/Wrapper.java");
const OLDER_CLIENT: &str = include_str!("java_agents/OlderAWSLambda.java");

const OLDER_MAIN: &str = "lambdainternal.AWSLambda";

/// The classes that the vendors put in front of a handler, and the profile of each.
const WRAPPERS: [(&str, &str, &str); 4] = [
    ("otel-java-handler", "io.opentelemetry.instrumentation.awslambdaevents.v3_11", "TracingRequestWrapper"),
    ("otel-java-proxy", "io.opentelemetry.instrumentation.awslambdaevents.v3_11", "TracingRequestApiGatewayWrapper"),
    ("otel-java-sqs", "io.opentelemetry.instrumentation.awslambdaevents.v3_11", "TracingSqsEventWrapper"),
    ("otel-java-stream", "io.opentelemetry.instrumentation.awslambdacore.v1_0", "TracingRequestStreamWrapper"),
];

/// The same by way of AWS's former layers, where there is no agent in them.
const LEGACY_WRAPPERS: [(&str, &str, &str); 2] =
    [("adot-legacy-java", WRAPPERS[0].1, WRAPPERS[0].2), ("adot-legacy-java-stream", WRAPPERS[3].1, WRAPPERS[3].2)];

/// A sandbox's function, and the agents that a layer may have.
struct Parts {
    function: PathBuf,
    byteman: PathBuf,
    aspectj: PathBuf,
}

/// The places of the vendors' agents, and their profiles.
const OTEL: (&str, &str) = ("otel-java", "/opt/opentelemetry-javaagent.jar");
const ADOT: (&str, &str) = ("adot-java", "/opt/aws-opentelemetry-javaagent.jar");
const NEW_RELIC: (&str, &str) = ("newrelic-java", "/opt/newrelic/newrelic.jar");
const ELASTIC: (&str, &str) = ("elastic-java", "/opt/elastic-apm-agent.jar");
const DATADOG: (&str, &str) = ("datadog", "/opt/java/lib/dd-java-agent.jar");

pub(crate) fn otel(runtime: &Runtime, name: &str) {
    attached_once(OTEL, runtime, name);
}

pub(crate) fn adot(runtime: &Runtime, name: &str) {
    attached_once(ADOT, runtime, name);
}

pub(crate) fn new_relic(runtime: &Runtime, name: &str) {
    attached_once(NEW_RELIC, runtime, name);
}

pub(crate) fn new_relic_slim(runtime: &Runtime, name: &str) {
    attached_once(("newrelic-java-slim", NEW_RELIC.1), runtime, name);
}

pub(crate) fn elastic(runtime: &Runtime, name: &str) {
    attached_once(ELASTIC, runtime, name);
}

pub(crate) fn datadog(runtime: &Runtime, name: &str) {
    attached_once(DATADOG, runtime, name);
}

/// An image that does not say which runtime it has.
pub(crate) fn datadog_in_image(_: &Runtime, name: &str) {
    let Some(mut image) = or_not_run(name, crate::runtimes::java()) else { return };
    image.variables.retain(|(variable, _)| *variable != "AWS_EXECUTION_ENV");
    attached_once(DATADOG, &image, name);
}

/// AWS's former layers: with an agent in it, that one is attached.
pub(crate) fn adot_legacy(runtime: &Runtime, name: &str) {
    attached_once(("adot-legacy-java", OTEL.1), runtime, name);
}

/// Whatever the user's options hold, the agent is attached once, and no other JVM is started to find out. Arguments
/// that a shell would split or expand stay as they are.
fn attached_once((profile, jar): (&str, &str), runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    let mut command = runtime.argv.clone();
    command.splice(1..1, ["-Dnote=a b", "-Dfiles=*.jar"].map(str::to_owned));
    for options in ["-Dservice.version=1.2".to_owned(), format!("-Dservice.version=1.2 -javaagent:{jar}=own=1")] {
        let mut sandbox = function(&parts, profile, runtime, name);
        sandbox.copy(&in_layer(jar), &parts.byteman);
        sandbox.write("task/one.jar", "");
        sandbox.write("runtime/command", &(command.join("\n") + "\n"));
        sandbox.set("JAVA_TOOL_OPTIONS", &options);
        let event = json!({ "order": ["a", "b"] });
        let watched = watch(&mut sandbox, &runtime.interpreter, std::slice::from_ref(&event));
        let answer = watched.answer(0);
        assert_eq!(answer["event"], event);
        assert_eq!(answer["agents"], json!(["Byteman"]));
        let attached = texts(&answer["options"]).filter(|option| option.starts_with(&format!("-javaagent:{jar}")));
        assert_eq!(attached.count(), 1, "{}", answer["options"]);
        assert!(texts(&answer["options"]).any(|option| option == "-Dservice.version=1.2"), "{}", answer["options"]);
        let kept: Vec<&str> =
            texts(&answer["argv"]).filter(|argument| command.iter().any(|own| own == argument)).collect();
        assert_eq!(kept, command);
        let started = watched.processes();
        let started = started.iter().filter(|process| process.command_line().starts_with("/var/lang/bin/java "));
        assert_eq!(started.count(), 1);
    }
}

pub(crate) fn otel_and_datadog(runtime: &Runtime, name: &str) {
    // One by JAVA_TOOL_OPTIONS, which the JVM reads first, and one on the command line.
    both_attached(OTEL, DATADOG, [OTEL, DATADOG], runtime, name);
}

pub(crate) fn otel_and_new_relic(runtime: &Runtime, name: &str) {
    // Each goes to the front of JAVA_TOOL_OPTIONS.
    both_attached(OTEL, NEW_RELIC, [NEW_RELIC, OTEL], runtime, name);
}

/// Two vendors' agents in one JVM, which is told of them in this order.
fn both_attached(first: (&str, &str), second: (&str, &str), told: [(&str, &str); 2], runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    let sandbox = function(&parts, &format!("{},{}", first.0, second.0), runtime, name);
    sandbox.copy(&in_layer(first.1), &parts.byteman);
    sandbox.copy(&in_layer(second.1), &parts.aspectj);
    let answer = answer(&invoke(runtime, &sandbox));
    let mut agents: Vec<&str> = texts(&answer["agents"]).collect();
    agents.sort_unstable();
    assert_eq!(agents, ["AspectJ", "Byteman"]);
    let options = texts(&answer["options"]).filter_map(|option| option.strip_prefix("-javaagent:"));
    assert_eq!(options.collect::<Vec<_>>(), told.map(|(_, jar)| jar));
}

/// Layers that were forgotten: the function starts, and each profile says what is missing.
pub(crate) fn no_agents(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    let profiles = [OTEL, ADOT, NEW_RELIC, ELASTIC, DATADOG].map(|(profile, _)| profile).join(",");
    let sandbox = function(&parts, &profiles, runtime, name);
    let outcome = invoke(runtime, &sandbox);
    let answer = answer(&outcome);
    assert_eq!(answer["agents"], json!([]));
    assert_eq!(answer["env"]["JAVA_TOOL_OPTIONS"], Value::Null);
    for (profile, jar) in [OTEL, ADOT, NEW_RELIC, ELASTIC, DATADOG] {
        assert!(outcome.log.contains(&format!("builtin:{profile}:")), "{profile}: {}", outcome.log);
        assert!(outcome.log.contains(&format!("{jar} is missing")), "{}", outcome.log);
    }
}

/// A runtime that insists on the JVM's shared archive insists no longer.
pub(crate) fn elastic_without_shared_archive(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    let sandbox = function(&parts, ELASTIC.0, runtime, name);
    sandbox.copy(&in_layer(ELASTIC.1), &parts.byteman);
    command_with(&sandbox, runtime, &["-Xshare:on"]);
    let answer = answer(&invoke(runtime, &sandbox));
    assert_eq!(answer["agents"], json!(["Byteman"]));
    assert_eq!(answer["argv"][1], "-Xshare:auto");
}

/// The fast start of OpenTelemetry's agents, on a runtime that asks for the second compiler.
pub(crate) fn fast_startup(runtime: &Runtime, name: &str) {
    for ((profile, jar), execution_env, verifies) in
        [(OTEL, "AWS_Lambda_java17", true), (ADOT, "AWS_Lambda_java17", true), (OTEL, "AWS_Lambda_java11", false)]
    {
        let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
        let mut sandbox = function(&parts, profile, runtime, name);
        sandbox.copy(&in_layer(jar), &parts.byteman);
        sandbox.set("OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED", "true");
        sandbox.set("AWS_EXECUTION_ENV", execution_env);
        compilers(&sandbox, runtime, &["-XX:-TieredCompilation"]);
        let outcome = invoke(runtime, &sandbox);
        let answer = answer(&outcome);
        assert_eq!(answer["agents"], json!(["Byteman"]));
        assert_eq!(answer["flags"]["TieredCompilation"], "true");
        assert_eq!(answer["flags"]["TieredStopAtLevel"], "1");
        let told_not_to = texts(&answer["options"]).any(|option| option == "-Xverify:none");
        assert_eq!(told_not_to, !verifies, "{}", answer["options"]);
        // A JVM from 13 on complains of that option.
        assert_eq!(outcome.log.contains("deprecated"), !verifies, "{}", outcome.log);
    }
}

/// One compiler or the other, whatever the runtime asks for, and the JVM does as it is told.
pub(crate) fn compilers_of_the_jvm(runtime: &Runtime, name: &str) {
    let java11 = &["-XX:-TieredCompilation"][..];
    let java17 = &["-XX:+TieredCompilation", "-XX:TieredStopAtLevel=1"][..];
    for (profile, given, tiered, level) in
        [("java-tiered", java11, "true", "1"), ("java-tiered", java17, "true", "1"), ("java-c2", java17, "false", "4")]
    {
        let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
        let sandbox = function(&parts, profile, runtime, name);
        compilers(&sandbox, runtime, given);
        let answer = answer(&invoke(runtime, &sandbox));
        let flags = &answer["flags"];
        assert_eq!([&flags["TieredCompilation"], &flags["TieredStopAtLevel"]], [tiered, level], "{profile}, {given:?}");
    }
}

pub(crate) fn wrapped_handlers(runtime: &Runtime, name: &str) {
    assert_wrapped(&WRAPPERS, runtime, name);
}

pub(crate) fn handlers_wrapped_by_former_layers(runtime: &Runtime, name: &str) {
    assert_wrapped(&LEGACY_WRAPPERS, runtime, name);
}

/// The vendor's class takes the handler's place in argv, where alone Java looks for it, and calls the function's own.
fn assert_wrapped(wrappers: &[(&str, &str, &str)], runtime: &Runtime, name: &str) {
    for (profile, package, class) in wrappers {
        let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
        let sandbox = function(&parts, profile, runtime, name);
        // The script, by which AWS's former layers are known.
        sandbox.write("layer/otel-handler", "");
        // An argument that merely looks like the handler.
        command_with(&sandbox, runtime, &["-Dhandler=App::handle"]);
        let answer = answer(&invoke(runtime, &sandbox));
        assert_eq!(answer["wrapped"], true);
        assert_eq!(texts(&answer["argv"]).last(), Some(&format!("{package}.{class}")[..]));
        assert_eq!(answer["argv"][1], "-Dhandler=App::handle");
        assert_eq!(answer["env"]["OTEL_INSTRUMENTATION_AWS_LAMBDA_HANDLER"], runtime.handler);
    }
}

/// Java 11 as Lambda starts it: the handler is in no argument, and the JVM is told to compile for long work.
pub(crate) fn older_java(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    for (profiles, wrapped) in [("datadog,java-tiered", Value::Null), ("datadog,otel-java-handler", json!(true))] {
        let mut sandbox = function(&parts, profiles, runtime, name);
        sandbox.copy(&in_layer(DATADOG.1), &parts.byteman);
        sandbox.copy("runtime/lib/lambdainternal", &parts.function.join("lambdainternal"));
        let command = [&runtime.argv[0], "-XX:-TieredCompilation", "-classpath", "/var/runtime/lib", OLDER_MAIN];
        sandbox.write("runtime/command", &(command.join("\n") + "\n"));
        sandbox.set("AWS_EXECUTION_ENV", "AWS_Lambda_java11");
        let answer = answer(&invoke(runtime, &sandbox));
        assert_eq!(answer["agents"], json!(["Byteman"]));
        assert_eq!(answer["wrapped"], wrapped);
        assert_eq!(answer["flags"]["TieredStopAtLevel"], "1");
        assert_eq!(texts(&answer["argv"]).last(), Some(OLDER_MAIN));
    }
}

/// Any certificate will do, for the SDK that reads this property.
pub(crate) fn no_certificate_check(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    let sandbox = function(&parts, "java-no-cert-check", runtime, name);
    let answer = answer(&invoke(runtime, &sandbox));
    let property = "-Dcom.amazonaws.sdk.disableCertChecking=true";
    assert!(texts(&answer["options"]).any(|option| option == property), "{}", answer["options"]);
}

/// The script with the secrets starts forerun again, which attaches nothing a second time.
pub(crate) fn new_relic_with_secrets(runtime: &Runtime, name: &str) {
    let Some(parts) = or_not_run(name, parts(&runtime.interpreter)) else { return };
    let sandbox = function(&parts, "secrets-manager,newrelic-java", runtime, name);
    sandbox.copy(&in_layer(NEW_RELIC.1), &parts.byteman);
    put_layer(&sandbox);
    let fetches = "#!/bin/sh\necho 'DB_USER|app'\necho 'NEW_RELIC_APP_NAME|shop'\n";
    sandbox.write("layer/go-retrieve-secret", fetches);
    let answer = answer(&invoke(runtime, &sandbox));
    assert_eq!(answer["agents"], json!(["Byteman"]));
    assert_eq!(answer["env"]["NEW_RELIC_SERVERLESS_MODE_ENABLED"], "true");
    assert_eq!(answer["env"]["NEW_RELIC_APP_NAME"], "shop", "a secret wins over a profile's value");
    assert_secrets(&answer);
}

/// The function that tells of its JVM, in the place of the runtime's own, with these profiles.
fn function(parts: &Parts, profiles: &str, runtime: &Runtime, name: &str) -> Sandbox {
    let sandbox = with_profiles(profiles, runtime, name);
    sandbox.copy("task", &parts.function);
    sandbox.write("task/META-INF/aop.xml", include_str!("java_agents/aop.xml"));
    sandbox
}

fn in_layer(path: &str) -> String {
    path.replacen("/opt", "layer", 1)
}

/// The runtime's command with more options.
fn command_with(sandbox: &Sandbox, runtime: &Runtime, options: &[&str]) {
    let mut command: Vec<&str> = runtime.argv.iter().map(String::as_str).collect();
    command.splice(1..1, options.iter().copied());
    sandbox.write("runtime/command", &(command.join("\n") + "\n"));
}

/// The runtime's command with these options of the compilers, in the place of its own.
fn compilers(sandbox: &Sandbox, runtime: &Runtime, options: &[&str]) {
    let mut command: Vec<&str> = runtime.argv.iter().map(String::as_str).collect();
    command.retain(|argument| !argument.contains("Tiered"));
    command.splice(1..1, options.iter().copied());
    sandbox.write("runtime/command", &(command.join("\n") + "\n"));
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn parts(jdk: &Interpreter) -> Result<Parts, String> {
    let aspectj = parts::debian_alone("libaspectj-java")?.join("usr/share/java/aspectjweaver.jar");
    // A link to the one with a version in its name.
    let aspectj = aspectj.canonicalize().map_err(|error| format!("{}: {error}", aspectj.display()))?;
    let byteman = parts::debian_alone("libbyteman-java")?.join("usr/share/java/byteman-agent.jar");
    Ok(Parts { function: build_function(jdk, &aspectj)?, byteman: byteman_with_rule(jdk, &byteman)?, aspectj })
}

/// The function, what AspectJ's agent weaves into it, and the wrappers of its handler.
fn build_function(jdk: &Interpreter, aspectj: &Path) -> Result<PathBuf, String> {
    let wrappers = WRAPPERS.map(|(_, package, class)| {
        let text = format!("package {package};\n\npublic class {class} extends wrapper.Wrapper {{}}\n");
        (format!("{class}.java"), text)
    });
    let mut sources =
        vec![("App.java", APP), ("Woven.java", WOVEN), ("Wrapper.java", WRAPPER), ("AWSLambda.java", OLDER_CLIENT)];
    sources.extend(wrappers.iter().map(|(file, text)| (&file[..], &text[..])));
    let part = parts::build("java-observed", &sources, |dir| {
        // AspectJ wants the names of variables.
        let mut javac = javac(jdk, dir, aspectj);
        parts::run(javac.arg("-g").args(sources.iter().map(|(file, _)| *file))).map(drop)
    })?;
    Ok(part.join("classes"))
}

/// Byteman as a vendor would ship an agent: one jar that needs no options.
fn byteman_with_rule(jdk: &Interpreter, byteman: &Path) -> Result<PathBuf, String> {
    let sources = [
        ("BytemanWithRule.java", include_str!("java_agents/BytemanWithRule.java")),
        ("agent.btm", include_str!("java_agents/agent.btm")),
        ("manifest", "Premain-Class: BytemanWithRule\n"),
    ];
    let part = parts::build("java-byteman-with-rule", &sources, |dir| {
        fs::copy(byteman, dir.join("agent.jar")).map_err(|error| format!("{}: {error}", byteman.display()))?;
        parts::run(javac(jdk, dir, byteman).arg("BytemanWithRule.java"))?;
        let mut jar = Command::new(jdk.prefix.join("bin/jar"));
        jar.current_dir(dir).args(["-u", "-f", "agent.jar", "-m", "manifest", "agent.btm"]);
        parts::run(jar.args(["-C", "classes", "BytemanWithRule.class"])).map(drop)
    })?;
    Ok(part.join("agent.jar"))
}

fn javac(jdk: &Interpreter, dir: &Path, classes: &Path) -> Command {
    let mut javac = Command::new(jdk.prefix.join("bin/javac"));
    javac.current_dir(dir).args(["-d", "classes", "-classpath"]).arg(classes);
    javac
}
