//! The starts that Lambda makes, and an own image's: the argv of each, and what it has in AWS_EXECUTION_ENV.

/// Name, value of AWS_EXECUTION_ENV (empty: unset), argv.
pub(crate) const SHAPES: [(&str, &str, &[&str]); 17] = [
    ("python3.12", "AWS_Lambda_python3.12", &["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"]),
    ("python-image", "AWS_Lambda_Image", &["/usr/local/bin/python", "-m", "awslambdaric", "app.handler"]),
    ("nodejs14", "AWS_Lambda_nodejs14.x", &["/var/lang/bin/node", "--expose-gc", "/var/runtime/index.js"]),
    ("nodejs18", "AWS_Lambda_nodejs18.x", NODE),
    ("nodejs20", "AWS_Lambda_nodejs20.x", NODE),
    ("nodejs24", "AWS_Lambda_nodejs24.x", NODE),
    ("nodejs-image", "", &["/usr/local/bin/npx", "aws-lambda-ric", "app.handler"]),
    (
        "java8",
        "AWS_Lambda_java8.al2",
        &[
            "/var/lang/bin/java",
            "-Xshare:on",
            "-XX:-TieredCompilation",
            "-classpath",
            "a.jar:b.jar",
            "lambdainternal.AWSLambda",
        ],
    ),
    (
        "java11",
        "AWS_Lambda_java11",
        &[
            "/var/lang/bin/java",
            "-XX:+UseSerialGC",
            "-XX:-TieredCompilation",
            "-classpath",
            "a.jar:b.jar",
            "lambdainternal.AWSLambda",
        ],
    ),
    (
        "java-image",
        "",
        &["/var/lang/bin/java", "-XX:-TieredCompilation", "-classpath", "a.jar", "lambdainternal.AWSLambda"],
    ),
    ("java17", "AWS_Lambda_java17", JAVA),
    ("java21", "AWS_Lambda_java21", JAVA),
    ("ruby3.3", "AWS_Lambda_ruby3.3", &["/var/lang/bin/ruby", "/var/runtime/index.rb"]),
    (
        "dotnet8",
        "AWS_Lambda_dotnet8",
        &[
            "/var/lang/bin/dotnet",
            "exec",
            "--depsfile",
            "F",
            "--runtimeconfig",
            "F",
            "/var/runtime/Amazon.Lambda.RuntimeSupport.dll",
            "app.handler",
        ],
    ),
    ("dotnet-assembly", "AWS_Lambda_dotnet8", &["/var/lang/bin/dotnet", "exec", "/var/task/X.dll"]),
    ("dotnet-native", "AWS_Lambda_dotnet8", &["/var/task/bootstrap"]),
    ("provided", "", &["/var/task/bootstrap", "an argument", "*", ""]),
];

const NODE: &[&str] = &[
    "/var/lang/bin/node",
    "--expose-gc",
    "--max-http-header-size",
    "81920",
    "--max-semi-space-size=17",
    "/var/runtime/index.mjs",
];

const JAVA: &[&str] = &[
    "/var/lang/bin/java",
    "-Xshare:on",
    "-XX:+TieredCompilation",
    "-XX:TieredStopAtLevel=1",
    "-Dx=app.handler",
    "-classpath",
    "a.jar:b.jar",
    "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
    "app.handler",
];

/// What Lambda gives to every function.
pub(crate) const ENVIRONMENT: [&str; 11] = [
    "_HANDLER=app.handler",
    "LAMBDA_TASK_ROOT=/var/task",
    "LAMBDA_RUNTIME_DIR=/var/runtime",
    "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001",
    "AWS_LAMBDA_FUNCTION_NAME=fn",
    "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
    "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/fn",
    "AWS_LAMBDA_LOG_STREAM_NAME=2025/01/01/[$LATEST]0123",
    "AWS_REGION=eu-west-1",
    "PATH=/var/lang/bin:/usr/bin",
    "AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper",
];
