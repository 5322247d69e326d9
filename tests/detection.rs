//! Every argv that Lambda is known to start a runtime with, with an AWS_EXECUTION_ENV that is right, unset, or says
//! `AWS_Lambda_Image`: the family, the version and the place of the handler.

mod common;

use std::ffi::CString;

use common::world::start;
use forerun::detect::{Evidence, INTERPRETERS, detect, handler_position, is_managed_python};
use forerun::runtime::{Arch, Family, Runtime, Version};

/// A way to start a runtime.
struct Row {
    argv: &'static [&'static str],
    /// What AWS_EXECUTION_ENV is where it is right.
    execution_env: &'static str,
    family: Family,
    /// The version by AWS_EXECUTION_ENV.
    version: Option<(u32, Option<u32>)>,
    /// The version by argv.
    seen: Option<(u32, Option<u32>)>,
    handler: Option<usize>,
}

const fn row(argv: &'static [&'static str], execution_env: &'static str, family: Family) -> Row {
    Row { argv, execution_env, family, version: None, seen: None, handler: None }
}

impl Row {
    const fn version(self, major: u32, minor: Option<u32>) -> Row {
        Row { version: Some((major, minor)), ..self }
    }

    /// argv tells the version as well.
    const fn seen(self) -> Row {
        Row { seen: self.version, ..self }
    }

    const fn handler(self, position: usize) -> Row {
        Row { handler: Some(position), ..self }
    }
}

const PYTHON: &str = "/var/runtime/bootstrap.py";
const JAVA_8: &[&str] = &[
    "/var/lang/bin/java",
    "-XX:MaxHeapSize=445645k",
    "-XX:MaxMetaspaceSize=52429k",
    "-XX:ReservedCodeCacheSize=26214k",
    "-XX:+UseSerialGC",
    "-javaagent:/var/runtime/amzn-log4j-security-jdk8-0.1alpha.jar",
    "-Xshare:on",
    "-XX:-TieredCompilation",
    "-Djava.net.preferIPv4Stack=true",
    "-classpath",
    "/var/runtime/lib/aws-lambda-java-core-1.2.0.jar:/var/runtime/lib/aws-lambda-java-runtime-0.2.0.jar:/var/runtime/lib/aws-lambda-java-serialization-0.2.0.jar",
    "lambdainternal.AWSLambda",
];
const JAVA_11: &[&str] = &[
    "/var/lang/bin/java",
    "-XX:MaxHeapSize=222823k",
    "-XX:MaxMetaspaceSize=26214k",
    "-XX:ReservedCodeCacheSize=13107k",
    "-XX:+UseSerialGC",
    "-javaagent:/var/runtime/amzn-log4j-security-jdk11-0.1alpha.jar",
    "-XX:-TieredCompilation",
    "-Djava.net.preferIPv4Stack=true",
    "-Dorg.crac.Core.Compat=org.crac.inmemory",
    "-classpath",
    "/var/runtime/lib/aws-lambda-java-core-1.2.0.jar:/var/runtime/lib/aws-lambda-java-runtime-0.2.0.jar",
    "lambdainternal.AWSLambda",
];
const JAVA_17: &[&str] = &[
    "/var/lang/bin/java",
    "-XX:MaxHeapSize=445645k",
    "-javaagent:/var/runtime/lib/Log4jHotPatch.jar=log4jFixerVerbose=false",
    "-XX:+UseSerialGC",
    "-Xshare:on",
    "-XX:SharedArchiveFile=/var/lang/lib/server/runtime.jsa",
    "-XX:+TieredCompilation",
    "-XX:TieredStopAtLevel=1",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
    "-XX:+ErrorFileToStderr",
    "-Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=/var/runtime/lib/jni/libaws-lambda-jni.linux-x86_64.so",
    "-classpath",
    "/var/runtime/lib/aws-lambda-java-core-1.2.3.jar:/var/runtime/lib/aws-lambda-java-runtime-interface-client-2.3.2-linux-x86_64.jar",
    "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
    "example.Handler::handleRequest",
];
const DOTNET: &[&str] = &[
    "/var/lang/bin/dotnet",
    "exec",
    "--depsfile",
    "/var/task/Function.deps.json",
    "--runtimeconfig",
    "/var/task/Function.runtimeconfig.json",
    "/var/runtime/Amazon.Lambda.RuntimeSupport.dll",
    "Function::Function.Handler::Handle",
];
const DOTNET_ASSEMBLY: &[&str] = &["/var/lang/bin/dotnet", "exec", "/var/task/Function.dll"];
const NODE_14: &[&str] = &[
    "/var/lang/bin/node",
    "--expose-gc",
    "--max-http-header-size",
    "81920",
    "--max-semi-space-size=6",
    "--max-old-space-size=102",
    "/var/runtime/index.js",
];
const NODE_16: &[&str] = &[
    "/var/lang/bin/node",
    "--expose-gc",
    "--max-http-header-size",
    "81920",
    "--max-semi-space-size=6",
    "--max-old-space-size=102",
    "/var/runtime/index.mjs",
];
const NODE_20: &[&str] = &[
    "/var/lang/bin/node",
    "--expose-gc",
    "--max-http-header-size=81920",
    "--max-semi-space-size=17",
    "--max-old-space-size=922",
    "/var/runtime/index.mjs",
];
const NODE_24: &[&str] =
    &["/var/lang/bin/node", "--expose-gc", "--max-http-header-size=81920", "/var/runtime/index.mjs"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(&["/var/lang/bin/python3.8", PYTHON], "AWS_Lambda_python3.8", Family::Python).version(3, Some(8)).seen(),
    row(&["/var/lang/bin/python3.9", PYTHON], "AWS_Lambda_python3.9", Family::Python).version(3, Some(9)).seen(),
    row(&["/var/lang/bin/python3.10", PYTHON], "AWS_Lambda_python3.10", Family::Python).version(3, Some(10)).seen(),
    row(&["/var/lang/bin/python3.11", PYTHON], "AWS_Lambda_python3.11", Family::Python).version(3, Some(11)).seen(),
    row(&["/var/lang/bin/python3.12", PYTHON], "AWS_Lambda_python3.12", Family::Python).version(3, Some(12)).seen(),
    row(&["/var/lang/bin/python3.13", PYTHON], "AWS_Lambda_python3.13", Family::Python).version(3, Some(13)).seen(),
    row(&["/usr/local/bin/python", "-m", "awslambdaric", "app.handler"], "AWS_Lambda_python3.12", Family::Python)
        .version(3, Some(12)).handler(3),
    Row { seen: Some((3, None)), ..row(&["python3", "-m", "awslambdaric", "app.handler"], "AWS_Lambda_python3.12",
        Family::Python).version(3, Some(12)).handler(3) },
    row(&["/opt/venv/bin/entry", "-m", "awslambdaric", "app.handler"], "AWS_Lambda_python3.9", Family::Python)
        .version(3, Some(9)).handler(3),
    row(NODE_14, "AWS_Lambda_nodejs14.x", Family::Nodejs).version(14, None),
    row(NODE_16, "AWS_Lambda_nodejs16.x", Family::Nodejs).version(16, None),
    row(NODE_16, "AWS_Lambda_nodejs18.x", Family::Nodejs).version(18, None),
    row(NODE_20, "AWS_Lambda_nodejs20.x", Family::Nodejs).version(20, None),
    row(NODE_20, "AWS_Lambda_nodejs22.x", Family::Nodejs).version(22, None),
    row(NODE_24, "AWS_Lambda_nodejs24.x", Family::Nodejs).version(24, None),
    row(&["/usr/local/bin/npx", "aws-lambda-ric", "index.handler"], "AWS_Lambda_nodejs20.x", Family::Nodejs)
        .version(20, None).handler(2),
    row(&["/usr/bin/node", "/function/node_modules/.bin/aws-lambda-ric", "index.handler"], "AWS_Lambda_nodejs20.x",
        Family::Nodejs).version(20, None).handler(2),
    row(JAVA_8, "AWS_Lambda_java8.al2", Family::Java).version(8, None),
    row(JAVA_11, "AWS_Lambda_java11", Family::Java).version(11, None),
    row(JAVA_17, "AWS_Lambda_java17", Family::Java).version(17, None).handler(15),
    row(JAVA_17, "AWS_Lambda_java21", Family::Java).version(21, None).handler(15),
    row(&["/usr/bin/java", "-cp", "./*", "com.amazonaws.services.lambda.runtime.api.client.AWSLambda", "example.App::run"],
        "AWS_Lambda_java17", Family::Java).version(17, None).handler(4),
    row(&["/var/lang/bin/ruby", "/var/runtime/lib/runtime.rb"], "AWS_Lambda_ruby2.7", Family::Ruby).version(2, Some(7)),
    row(&["/var/lang/bin/ruby", "/var/runtime/index.rb"], "AWS_Lambda_ruby3.3", Family::Ruby).version(3, Some(3)),
    row(&["/usr/local/bin/aws_lambda_ric", "app.handler"], "AWS_Lambda_ruby3.2", Family::Ruby)
        .version(3, Some(2)).handler(1),
    row(DOTNET, "AWS_Lambda_dotnet6", Family::Dotnet).version(6, None).handler(7),
    row(DOTNET, "AWS_Lambda_dotnet8", Family::Dotnet).version(8, None).handler(7),
    row(DOTNET_ASSEMBLY, "AWS_Lambda_dotnet8", Family::Dotnet).version(8, None),
    row(DOTNET_ASSEMBLY, "AWS_Lambda_dotnet_custom", Family::Dotnet),
];

fn detected(argv: &[&str], env: &[&str], there: &[&str]) -> (Runtime, Evidence) {
    let argv: Vec<CString> = argv.iter().map(|argument| CString::new(*argument).unwrap()).collect();
    let env: Vec<CString> = env.iter().map(|entry| CString::new(*entry).unwrap()).collect();
    let own = c"/opt/wrapper".to_owned();
    let start = start(&own, &argv, &env, Arch::X86_64);
    detect(&start, |path| there.iter().any(|there| there.as_bytes() == path))
}

fn runtime(family: Family, version: Option<(u32, Option<u32>)>) -> Runtime {
    let version = version.map(|(major, minor)| Version { major, minor });
    Runtime { family: Some(family), version }
}

#[test]
fn every_known_argv() {
    let everything: Vec<&str> = INTERPRETERS.iter().map(|(path, _)| std::str::from_utf8(path).unwrap()).collect();
    for Row { argv, execution_env, family, version, seen, handler } in ROWS {
        // Neither the files of an image nor their lack may change what environment and argv tell.
        for there in [&[][..], &everything] {
            let right = format!("AWS_EXECUTION_ENV={execution_env}");
            let by_env = detected(argv, &["A=1", &right], there);
            assert_eq!(by_env, (runtime(*family, version.or(*seen)), Evidence::ExecutionEnv), "{argv:?} {right}");
            for silent in [&["A=1"][..], &["AWS_EXECUTION_ENV=AWS_Lambda_Image"], &["AWS_EXECUTION_ENV="]] {
                let by_argv = detected(argv, silent, there);
                assert_eq!(by_argv, (runtime(*family, *seen), Evidence::Argv), "{argv:?} {silent:?}");
            }
        }
        let own = c"/opt/wrapper".to_owned();
        let strings: Vec<CString> = argv.iter().map(|argument| CString::new(*argument).unwrap()).collect();
        let start = start(&own, &strings, &[], Arch::X86_64);
        assert_eq!(handler_position(&start), *handler, "{argv:?}");
        assert_eq!(is_managed_python(&start), argv.contains(&PYTHON), "{argv:?}");
    }
}

#[test]
fn a_native_binary_is_known_by_its_environment_or_by_files() {
    let argv = &["/var/task/Function"];
    let by_env = detected(argv, &["AWS_EXECUTION_ENV=AWS_Lambda_dotnet8"], &[]);
    assert_eq!(by_env, (runtime(Family::Dotnet, Some((8, None))), Evidence::ExecutionEnv));
    for silent in [&[][..], &["AWS_EXECUTION_ENV=AWS_Lambda_Image"]] {
        assert_eq!(detected(argv, silent, &["/var/lang/bin/dotnet"]), (runtime(Family::Dotnet, None), Evidence::Files));
        assert_eq!(detected(argv, silent, &["/var/lang/bin/node"]), (runtime(Family::Nodejs, None), Evidence::Files));
        assert_eq!(detected(argv, silent, &[]), (Runtime::default(), Evidence::Nothing));
    }
}

#[test]
fn an_interpreter_of_another_family_beats_an_inherited_environment() {
    let python = &["AWS_EXECUTION_ENV=AWS_Lambda_python3.12"];
    assert_eq!(detected(NODE_20, python, &[]), (runtime(Family::Nodejs, None), Evidence::Argv));
    assert_eq!(detected(JAVA_17, python, &[]), (runtime(Family::Java, None), Evidence::Argv));
    assert_eq!(detected(DOTNET, python, &[]), (runtime(Family::Dotnet, None), Evidence::Argv));
    // A program that names no family does not contradict it.
    let own = detected(&["/var/task/start.sh", "x"], python, &["/var/lang/bin/node"]);
    assert_eq!(own, (runtime(Family::Python, Some((3, Some(12)))), Evidence::ExecutionEnv));
}

#[test]
fn an_environment_that_is_not_lambdas_is_not_believed() {
    for odd in [
        "python3.12",
        "AWS_Lambda_",
        "AWS_Lambda_rapid",
        "AWS_ECS_FARGATE",
        "aws_lambda_python3.12",
        "AWS_Lambda_Python3.12",
    ] {
        let odd = format!("AWS_EXECUTION_ENV={odd}");
        assert_eq!(detected(NODE_20, &[&odd], &[]), (runtime(Family::Nodejs, None), Evidence::Argv), "{odd}");
        assert_eq!(detected(&["/x"], &[&odd], &[]), (Runtime::default(), Evidence::Nothing), "{odd}");
    }
}

#[test]
fn os_only_runtimes() {
    let bootstrap = detected(&["/var/runtime/bootstrap"], &[], &[]);
    assert_eq!(bootstrap, (runtime(Family::Provided, None), Evidence::Argv));
    let by_env = detected(&["/var/task/main"], &["AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023"], &[]);
    assert_eq!((by_env.0.family, by_env.1), (Some(Family::Provided), Evidence::ExecutionEnv));
}

#[test]
fn names_that_only_begin_like_an_interpreter() {
    for name in [
        "/usr/bin/nodemon",
        "/opt/javaw",
        "/x/rubyfmt",
        "/x/python3-config",
        "/x/dotnet-script",
        "/x/bootstrap.sh",
        "/node/x",
    ] {
        assert_eq!(detected(&[name], &[], &[]), (Runtime::default(), Evidence::Nothing), "{name}");
    }
    for name in ["python", "/python3", "python3.14", "./node", "/usr/lib/jvm/bin/java", "ruby", "/x/dotnet"] {
        assert_eq!(detected(&[name], &[], &[]).1, Evidence::Argv, "{name}");
    }
}

#[test]
fn a_runtime_without_a_handler_behind_it_has_none() {
    for argv in
        [&["python", "-m", "awslambdaric"][..], &["npx", "aws-lambda-ric"], &["python", "app.py", "app.handler"]]
    {
        let own = c"/opt/wrapper".to_owned();
        let strings: Vec<CString> = argv.iter().map(|argument| CString::new(*argument).unwrap()).collect();
        assert_eq!(handler_position(&start(&own, &strings, &[], Arch::X86_64)), None, "{argv:?}");
    }
}
