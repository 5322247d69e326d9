//! The argv and the environment that Lambda's managed runtimes start the wrapper with, as far as they are known.
//!
//! Read from the runtimes' own bootstraps for Python, Node.js, Java 11, 17 and 21 and .NET; Ruby follows its stack
//! traces, Java 25 is taken to be like Java 21. The function has 1024 MB on x86_64 unless said otherwise.

use crate::runtime::Arch;

/// The runtimes, by the identifiers in a function's configuration.
pub(super) const NAMES: [&str; 22] = [
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "dotnet6",
    "dotnet8",
];

/// How Lambda starts a runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownStart {
    /// The argv behind the wrapper's name.
    pub(super) argv: Vec<String>,
    /// The environment.
    pub(super) env: Vec<(&'static str, String)>,
    /// Folders that every image of the runtime has, and a laptop has not.
    pub(super) folders: Vec<String>,
}

/// The full identifier of a runtime: `nodejs20` is taken for `nodejs20.x`.
pub(super) fn identifier(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| *known == name || known.strip_suffix(".x") == Some(name))
}

/// The start of a runtime in [`NAMES`].
pub(super) fn start(identifier: &'static str, handler: Option<&str>, arch: Arch) -> KnownStart {
    let digits = identifier.find(|char: char| char.is_ascii_digit()).unwrap_or(identifier.len());
    let (family, version) = identifier.split_at(digits);
    let number = version.split(".x").next().unwrap_or(version);
    let handler = handler.unwrap_or(match family {
        "java" => "example.Handler::handleRequest",
        "dotnet" => "Function::Function.Function::FunctionHandler",
        "nodejs" => "index.handler",
        "ruby" => "function.handler",
        _ => "app.handler",
    });
    let mut env = common_env(identifier, handler);
    let mut folders = vec!["/var/runtime".to_owned(), "/var/lang".to_owned(), "/var/lang/bin".to_owned()];
    let argv = match family {
        "python" => {
            folders.push(format!("/var/lang/lib/python{version}/site-packages"));
            words(&format!("/var/lang/bin/python{version} /var/runtime/bootstrap.py"))
        }
        "nodejs" => {
            env.push(("NODE_PATH", node_path(number)));
            env.push(("NODE_EXTRA_CA_CERTS", "/var/runtime/ca-cert.pem".into()));
            node_argv(number)
        }
        "java" => java_argv(version, handler, arch),
        "ruby" => {
            env.push(("GEM_PATH", format!("/var/task/vendor/bundle/ruby/{version}.0:/opt/ruby/gems/{version}.0")));
            env.push(("RUBYLIB", "/var/task:/var/runtime/lib:/opt/ruby/lib".into()));
            words("/var/lang/bin/ruby /var/runtime/index.rb")
        }
        _ => dotnet_argv(handler),
    };
    KnownStart { argv, env, folders }
}

fn common_env(identifier: &str, handler: &str) -> Vec<(&'static str, String)> {
    let identified = format!("AWS_Lambda_{identifier}");
    let image = [
        ("AWS_EXECUTION_ENV", &identified[..]),
        ("_HANDLER", handler),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
        (
            "LD_LIBRARY_PATH",
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
        ),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":/etc/localtime"),
    ];
    image.map(|(name, value)| (name, value.to_owned())).into_iter().chain(platform_env()).collect()
}

/// The families of [`image`].
pub(super) const IMAGES: [&str; 3] = ["python", "nodejs", "java"];

/// The start of a container image that is not made from one of AWS's base images, as the READMEs of the runtime
/// interface clients write its entry point: aws/aws-lambda-python-runtime-interface-client,
/// aws/aws-lambda-nodejs-runtime-interface-client, aws/aws-lambda-java-libs. The interpreters are where AWS's images have
/// them. Lambda has `AWS_EXECUTION_ENV` say `AWS_Lambda_Image` and sets no `_HANDLER`.
pub(super) fn image(family: &'static str) -> KnownStart {
    let argv = match family {
        "python" => "/var/lang/bin/python3 -m awslambdaric app.handler",
        "nodejs" => "/var/lang/bin/node /var/task/node_modules/.bin/aws-lambda-ric index.handler",
        _ => {
            "/var/lang/bin/java -cp ./* com.amazonaws.services.lambda.runtime.api.client.AWSLambda \
             example.Handler::handleRequest"
        }
    };
    let mut env = common_env("Image", "");
    env.retain(|(name, _)| *name != "_HANDLER");
    KnownStart { argv: words(argv), env, folders: Vec::new() }
}

/// The start of an OS-only runtime: the function's own program, with no argument.
pub(super) fn os_only() -> KnownStart {
    let mut env = common_env("provided", "app.handler");
    env.retain(|(name, _)| *name != "AWS_EXECUTION_ENV");
    KnownStart { argv: vec!["/var/task/bootstrap".to_owned()], env, folders: Vec::new() }
}

/// The environment that Lambda gives to every function, whatever its runtime.
pub(super) fn platform_env() -> Vec<(&'static str, String)> {
    [
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper"),
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_LAMBDA_FUNCTION_NAME", "my-function"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/my-function"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2025/01/01/[$LATEST]0123456789abcdef0123456789abcdef"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn words(line: &str) -> Vec<String> {
    line.split_ascii_whitespace().map(str::to_owned).collect()
}

fn node_path(major: &str) -> String {
    format!("/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules")
}

fn node_argv(major: &str) -> Vec<String> {
    // Until Node.js 18 the size of headers was an argument of its own.
    let header =
        if matches!(major, "16" | "18") { "--max-http-header-size 81920" } else { "--max-http-header-size=81920" };
    words(&format!(
        "/var/lang/bin/node --expose-gc {header} --max-semi-space-size=17 --max-old-space-size=922 /var/runtime/index.mjs"
    ))
}

fn java_argv(version: &str, handler: &str, arch: Arch) -> Vec<String> {
    let machine = if arch == Arch::Arm64 { "aarch_64" } else { "x86_64" };
    match version {
        "8.al2" => words(
            "/var/lang/bin/java -XX:MaxHeapSize=891291k -XX:MaxMetaspaceSize=104857k -XX:ReservedCodeCacheSize=52428k \
             -XX:+UseSerialGC -javaagent:/var/runtime/amzn-log4j-security-jdk8-0.1alpha.jar -Xshare:on \
             -XX:-TieredCompilation -Djava.net.preferIPv4Stack=true -classpath \
             /var/runtime/lib/aws-lambda-java-core-1.2.0.jar:/var/runtime/lib/aws-lambda-java-runtime-0.2.0.jar:\
             /var/runtime/lib/aws-lambda-java-serialization-0.2.0.jar lambdainternal.AWSLambda",
        ),
        "11" => words(
            "/var/lang/bin/java -XX:MaxHeapSize=891291k -XX:MaxMetaspaceSize=104857k -XX:ReservedCodeCacheSize=52428k \
             -XX:+UseSerialGC -javaagent:/var/runtime/amzn-log4j-security-jdk11-0.1alpha.jar -XX:-TieredCompilation \
             -Djava.net.preferIPv4Stack=true -Dorg.crac.Core.Compat=org.crac.inmemory -classpath \
             /var/runtime/lib/aws-lambda-java-core-1.2.0.jar:/var/runtime/lib/aws-lambda-java-runtime-0.2.0.jar:\
             /var/runtime/lib/aws-lambda-java-serialization-0.2.0.jar:/var/runtime/lib/org-crac-inmemory-0.1.0.jar \
             lambdainternal.AWSLambda",
        ),
        _ => {
            let mut argv = words(&format!(
                "/var/lang/bin/java -XX:MaxHeapSize=891290k \
                 -javaagent:/var/runtime/lib/Log4jHotPatch.jar=log4jFixerVerbose=false -XX:+UseSerialGC -Xshare:on \
                 -XX:SharedArchiveFile=/var/lang/lib/server/runtime.jsa -XX:+TieredCompilation -XX:TieredStopAtLevel=1 \
                 --add-opens=java.base/java.io=ALL-UNNAMED \
                 -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -XX:+ErrorFileToStderr \
                 -Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=\
                 /var/runtime/lib/jni/libaws-lambda-jni.linux-{machine}.so -classpath \
                 /var/runtime/lib/aws-lambda-java-core-1.2.3.jar:\
                 /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.4.2.jar:\
                 /var/runtime/lib/aws-lambda-java-serialization-1.1.5.jar \
                 com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
            ));
            argv.push(handler.to_owned());
            argv
        }
    }
}

fn dotnet_argv(handler: &str) -> Vec<String> {
    let mut argv = words(
        "/var/lang/bin/dotnet exec --depsfile /var/task/Function.deps.json \
         --runtimeconfig /var/task/Function.runtimeconfig.json /var/runtime/Amazon.Lambda.RuntimeSupport.dll",
    );
    argv.push(handler.to_owned());
    argv
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::ffi::CString;

    use super::*;
    use crate::detect::{self, Evidence};
    use crate::environment::Env;
    use crate::start::Start;

    fn c(text: &str) -> Cow<'static, std::ffi::CStr> {
        Cow::Owned(CString::new(text).unwrap())
    }

    #[test]
    fn images_and_programs_are_recognised_by_argv() {
        let starts = IMAGES.map(|family| (family, image(family))).into_iter().chain([("provided", os_only())]);
        for (family, known) in starts {
            let argv = known.argv.iter().map(|argument| c(argument)).collect();
            let env = Env::new(known.env.iter().map(|(name, value)| c(&format!("{name}={value}"))));
            let start = Start { own: c("/opt/wrapper"), argv, env, arch: Arch::X86_64, pid: 1 };
            let (runtime, evidence) = detect::detect(&start, |_| false);
            assert_eq!(runtime.family.map(crate::runtime::Family::name), Some(family));
            assert_eq!(evidence, Evidence::Argv);
            let last = (family != "provided").then(|| known.argv.len() - 1);
            assert_eq!(detect::handler_position(&start), last, "{family}");
        }
    }

    #[test]
    fn every_known_start_is_recognised_with_and_without_its_environment() {
        for name in NAMES {
            let known = start(name, Some("my.handler"), Arch::X86_64);
            let argv = || known.argv.iter().map(|argument| c(argument)).collect::<Vec<_>>();
            let env = Env::new(known.env.iter().map(|(name, value)| c(&format!("{name}={value}"))));
            let mut start = Start { own: c("/opt/wrapper"), argv: argv(), env, arch: Arch::X86_64, pid: 1 };
            let (runtime, evidence) = detect::detect(&start, |_| false);
            assert_eq!(evidence, Evidence::ExecutionEnv);
            assert_eq!(Some(runtime), crate::runtime::Runtime::parse(name.as_bytes()), "{name}");
            if let Some(position) = detect::handler_position(&start) {
                assert_eq!(start.argv[position].to_bytes(), b"my.handler", "{name}");
            } else {
                assert!(!known.argv.contains(&"my.handler".to_owned()), "{name}");
            }
            start.env = Env::default();
            assert_eq!(detect::detect(&start, |_| false).0.family, runtime.family, "{name}");
        }
    }
}
