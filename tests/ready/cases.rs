//! The cases of each ready-made profile: a start, variables of the function, files on the disk.

/// The profiles of the runtimes; other tests are about them.
pub(super) const DEFAULTS: [&str; 5] = ["dotnet", "java", "nodejs", "python", "ruby"];

const SITECUSTOMIZE: &str = "/opt/python/opentelemetry/instrumentation/auto_instrumentation/sitecustomize.py";
const OTEL_JAR: &str = "/opt/opentelemetry-javaagent.jar";
const STARTUP_HOOK: &str = "/opt/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll";

/// Among the files: those of the layer are not there.
pub(super) const NO_LAYER: &str = "no layer";

/// The launcher under the name that Datadog's extension looks for.
const OF_DATADOG: &str = "AWS_LAMBDA_EXEC_WRAPPER=/opt/datadog_wrapper";

/// A start, variables, files.
pub(super) type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

/// The files of a profile's layer that it looks for.
pub(super) fn layer(name: &str) -> &'static [&'static str] {
    match name {
        "otel" => &[OTEL_JAR, "/opt/init.mjs", SITECUSTOMIZE, "/opt/wrapper.rb"],
        "adot" => &[
            "/opt/aws-opentelemetry-javaagent.jar",
            "/opt/wrapper.js",
            "/opt/wrapper.mjs",
            SITECUSTOMIZE,
            STARTUP_HOOK,
        ],
        "otel-java" => &[OTEL_JAR],
        "adot-legacy-java" => &["/opt/otel-handler"],
        "otel-nodejs" | "adot-legacy-nodejs" => &["/opt/init.mjs", "/opt/adot-extension.js"],
        "otel-python" | "adot-python" | "adot-legacy-python" => &[SITECUSTOMIZE],
        "otel-ruby" => &["/opt/wrapper.rb"],
        "adot-dotnet" => &[STARTUP_HOOK],
        "adot-java" => &["/opt/aws-opentelemetry-javaagent.jar"],
        "adot-nodejs" => &["/opt/wrapper.js", "/opt/wrapper.mjs", "/opt/lite-wrapper.js", "/opt/lite-wrapper.mjs"],
        "newrelic-java" | "newrelic-java-slim" => &["/opt/newrelic/newrelic.jar"],
        "elastic-java" => &["/opt/elastic-apm-agent.jar"],
        "datadog" => &["/opt/java/lib/dd-java-agent.jar", "/opt/datadog/linux-x64/Datadog.Tracer.Native.so"],
        "elastic-python" => &["/opt/python/elasticapm_handler.py"],
        "datadog-nodejs" => &["/opt/nodejs/node_modules/datadog-lambda-js/handler.mjs"],
        "datadog-python" => &["/opt/python/lib/python3.12/site-packages/datadog_lambda/handler.py"],
        "newrelic-nodejs" => &["/opt/nodejs/node_modules/newrelic-lambda-wrapper/index.js"],
        "newrelic-python" => &["/opt/python/lib/python3.12/site-packages/newrelic_lambda_wrapper.py"],
        "debug" => &["/opt/python/debugpy/__main__.py"],
        "serverless-otel-nodejs" => &["/opt/otel-extension-internal-node/index.js"],
        "serverless-sdk-nodejs" => &["/opt/sls-sdk-node/index.js"],
        "serverless-sdk-python" => &["/var/task/app.py"],
        "secrets-manager" => &["/opt/get-secrets-layer"],
        "jemalloc" => &["/opt/lib/x86_64/libjemalloc.so.2", "/opt/lib/arm64/libjemalloc.so.2"],
        _ => &[],
    }
}

/// Variables without which a profile does nothing.
pub(super) fn variables(name: &str) -> &'static [&'static str] {
    match name {
        "serverless-sdk-python" => &["SLS_ORG_ID=o"],
        "sidecar-serve" => &["SERVE_CMD=/opt/bin/server"],
        "exclude-args" => &["AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS=Tiered"],
        "otel-java" | "adot-java" => &["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED=True"],
        _ => &[],
    }
}

pub(super) fn of(name: &str) -> &'static [Case] {
    match name {
        "otel" => &[
            ("java21", &[], &[]),
            ("nodejs20", &[], &[]),
            ("python3.12", &[], &[]),
            ("ruby3.3", &[], &[]),
            ("dotnet8", &[], &[]),
        ],
        "otel-java" => &[
            ("java21", &[], &[]),
            ("java21", &[], &[NO_LAYER]),
            ("java21", &["OTEL_SDK_DISABLED=TRUE"], &[]),
            ("java21", &["JAVA_TOOL_OPTIONS=-Dservice.version=1", "OTEL_RESOURCE_ATTRIBUTES=my.service.name=x,"], &[]),
            (
                "java21",
                &[
                    "JAVA_TOOL_OPTIONS=-javaagent:/opt/opentelemetry-javaagent.jar=x",
                    "OTEL_RESOURCE_ATTRIBUTES=service.name=s",
                    "OTEL_PROPAGATORS=b3",
                    "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT=1",
                ],
                &[],
            ),
            ("java11", &["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED=true"], &[]),
            ("java17", &["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED=True"], &[]),
            ("java-image", &["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED=1"], &[]),
            (
                "java11",
                &["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED=true", "argv: -XX:-TieredCompilation", "argv: -Da=b c"],
                &[],
            ),
        ],
        "otel-java-handler" | "otel-java-proxy" | "otel-java-sqs" | "otel-java-stream" => &[
            ("java11", &[], &[]),
            ("java21", &[], &[]),
            ("java21", &["_HANDLER="], &[]),
            ("java11", &["_HANDLER="], &[]),
            ("java11", &["_HANDLER=*"], &[]),
            ("java21", &["_HANDLER=*"], &[]),
            ("java17", &["argv: app.handler", "argv: -Dy=app.handler.x"], &[]),
            ("java21", &["OTEL_RESOURCE_ATTRIBUTES=a=b,service.name=s", "OTEL_SDK_DISABLED=true"], &[]),
        ],
        "otel-nodejs" => &[
            ("nodejs20", &[], &[]),
            ("nodejs20", &[], &[NO_LAYER]),
            ("nodejs-image", &["NODE_OPTIONS=--trace-gc ", "OTEL_RESOURCE_ATTRIBUTES=a=b"], &[]),
            ("nodejs20", &["NODE_OPTIONS=--import /opt/init.mjs"], &[]),
        ],
        "otel-python" => &[
            ("python3.12", &[], &[]),
            ("python3.12", &[], &[NO_LAYER]),
            ("python3.12", &[], &["/opt/python/lib/python3.12/site-packages/x.py", "/var/runtime/bootstrap.py"]),
            ("python3.12", &["PYTHONPATH=:"], &[]),
            ("python3.12", &["PYTHONPATH=/mine:", "LAMBDA_RUNTIME_DIR", "AWS_REGION"], &[]),
            ("python-image", &["OTEL_RESOURCE_ATTRIBUTES=cloud.region=mine,x=y", "OTEL_SERVICE_NAME=s"], &[]),
            ("python-image", &["LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"], &[]),
        ],
        "otel-ruby" => &[
            ("ruby3.3", &[], &[]),
            ("ruby3.3", &[], &[NO_LAYER]),
            ("ruby3.3", &["AWS_REGION=", "OTEL_RESOURCE_ATTRIBUTES=a=b"], &[]),
        ],
        "adot" => &[("java21", &[], &[]), ("nodejs20", &[], &[]), ("python3.12", &[], &[]), ("dotnet8", &[], &[])],
        "adot-python" => &[
            ("python3.12", &[], &[]),
            ("python3.12", &[], &[NO_LAYER]),
            ("python3.12", &["OTEL_AWS_LAMBDA_FAST_START=TRUE"], &[]),
            ("python3.12", &["OTEL_AWS_LAMBDA_FAST_START=", "OTEL_AWS_APPLICATION_SIGNALS_ENABLED=false"], &[]),
            ("python-image", &["OTEL_PROPAGATORS=a b", "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=flask"], &[]),
            ("python-image", &["LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"], &[]),
        ],
        "adot-nodejs" => &[
            ("nodejs18", &[], &["/var/task/app.mjs"]),
            ("nodejs20", &["OTEL_AWS_LAMBDA_FAST_START=true"], &[NO_LAYER, "/opt/wrapper.js", "/var/task/app.js"]),
            ("nodejs20", &[], &[NO_LAYER, "/opt/wrapper.js", "/var/task/app.mjs"]),
            ("nodejs18", &[], &["/var/task/app.js"]),
            ("nodejs18", &["OTEL_AWS_LAMBDA_FAST_START=True"], &["/var/task/app.mjs"]),
            ("nodejs20", &[], &["/var/task/app.js", "/var/task/stray.mjs"]),
            ("nodejs20", &[], &["/var/task/app.js", "/var/task/package.json {\"type\":\"module\"}"]),
            ("nodejs20", &[], &["/var/task/app.js", "/var/task/package.json {\"a\":{\"type\":\"module\"}}"]),
            ("nodejs20", &["OTEL_AWS_LAMBDA_FAST_START=true"], &["/var/task/app.js"]),
            ("nodejs20", &["OTEL_AWS_LAMBDA_FAST_START=true", "HANDLER_IS_ESM=TRUE"], &["/var/task/app.js"]),
            ("nodejs20", &["OTEL_AWS_LAMBDA_FAST_START=true", "OTEL_METRICS_EXPORTER=otlp"], &["/var/task/app.js"]),
            ("nodejs24", &[], &["/var/task/app.js"]),
            ("nodejs-image", &[], &["/var/task/app.js"]),
            ("nodejs20", &["OTEL_NODE_ENABLED_INSTRUMENTATIONS=pg"], &[]),
            ("nodejs20", &["OTEL_NODE_DISABLED_INSTRUMENTATIONS=pg"], &[]),
            ("nodejs18", &["HANDLER_IS_ESM=true"], &["/var/task/app.js"]),
            ("nodejs24", &["OTEL_AWS_LAMBDA_FAST_START=true"], &["/var/task/app.mjs"]),
            ("nodejs-image", &["OTEL_AWS_LAMBDA_FAST_START=true"], &["/var/task/app.mjs"]),
            ("nodejs20", &["OTEL_AWS_LAMBDA_FAST_START=true", "OTEL_LOGS_EXPORTER=otlp"], &["/var/task/app.mjs"]),
            ("nodejs20", &["OTEL_NODE_ENABLED_INSTRUMENTATIONS=pg", "OTEL_NODE_DISABLED_INSTRUMENTATIONS=fs"], &[]),
            ("nodejs20", &[], &[NO_LAYER]),
        ],
        "adot-java" => &[
            ("java21", &[], &[]),
            ("java21", &[], &[NO_LAYER]),
            ("java11", &["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED=true", "OTEL_RESOURCE_ATTRIBUTES=service.name=s"], &[]),
            (
                "java21",
                &[
                    "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT=1",
                    "OTEL_INSTRUMENTATION_NETTY_ENABLED=false",
                    "OTEL_LOGS_EXPORTER=otlp",
                ],
                &[],
            ),
        ],
        "adot-dotnet" => &[
            ("dotnet8", &[], &[]),
            ("dotnet8@arm64", &[], &[]),
            ("dotnet8", &[], &["/lib/ld-musl-x86_64.so.1"]),
            ("dotnet8", &[], &[NO_LAYER]),
            ("dotnet-assembly", &["ENABLE_PROFILING=False", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x"], &[]),
            ("dotnet8", &["ENABLE_PROFILING=x", "DOTNET_STARTUP_HOOKS=/mine.dll:", "DOTNET_SHARED_STORE=/s"], &[]),
            ("dotnet8", &["CORECLR_PROFILER={846F5F1C-F9AE-4B07-969E-05C26BC060D8}"], &[]),
            ("dotnet8", &["OS_TYPE=linux-musl", "ARCHITECTURE=arm64", "DOTNET_ADDITIONAL_DEPS=/d"], &[]),
            ("dotnet8", &["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://x", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x"], &[]),
        ],
        "adot-legacy-java" => {
            &[("java21", &[], &[]), ("java11", &[], &[OTEL_JAR]), ("java21", &["OTEL_PROPAGATORS=x"], &[])]
        }
        "adot-legacy-java-proxy" | "adot-legacy-java-stream" => &[("java21", &[], &[]), ("java11", &[], &[])],
        "adot-legacy-nodejs" => {
            &[("nodejs20", &[], &[]), ("nodejs20", &["NODE_OPTIONS=--trace-gc"], &[]), ("nodejs20", &[], &[NO_LAYER])]
        }
        "adot-legacy-python" => &[("python3.12", &[], &[]), ("python3.12", &[], &[NO_LAYER])],
        "datadog" => &[
            ("python3.12", &["DD_LOG_LEVEL=DEBUG"], &[]),
            ("python3.12", &["DD_LOG_LEVEL=-n"], &[]),
            ("nodejs20", &["DD_EXPERIMENTAL_ENABLE_PROXY=TRUE", OF_DATADOG], &[]),
            ("nodejs20", &["DD_SERVERLESS_APPSEC_ENABLED=T", OF_DATADOG], &[]),
            ("nodejs20", &["DD_SERVERLESS_APPSEC_ENABLED=T"], &[]),
            ("nodejs20", &["DD_SERVERLESS_APPSEC_ENABLED=1", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9009", OF_DATADOG], &[]),
            ("nodejs20", &["DD_SERVERLESS_APPSEC_ENABLED=no", "DD_TRACE_ENABLED=false"], &[]),
            ("dotnet8", &[], &[]),
            ("dotnet8", &[], &[NO_LAYER]),
            ("dotnet8", &["CORECLR_PROFILER_PATH=/mine.so"], &[]),
            ("dotnet8", &[], &[NO_LAYER, "/opt/datadog/linux-x64/Datadog.Trace.ClrProfiler.Native.so"]),
            ("dotnet8", &[], &[NO_LAYER, "/opt/datadog/linux-arm64/Datadog.Trace.ClrProfiler.Native.so"]),
            ("dotnet8", &[], &[NO_LAYER, "/opt/datadog/linux-arm64/Datadog.Tracer.Native.so"]),
            ("dotnet8", &[], &[NO_LAYER, "/opt/datadog/Datadog.Trace.ClrProfiler.Native.so"]),
            ("java21", &["argv: -Da=b c", "argv: *.jar"], &[]),
            ("dotnet8", &["CORECLR_PROFILER={918728DD-259F-4A6A-AC2B-B85E1B658318}"], &[]),
            ("java11", &[], &[]),
            ("java21", &["DD_APPSEC_ENABLED=true"], &[]),
            ("java21", &[], &[NO_LAYER]),
            ("java-image", &[], &[]),
            ("java21", &["JAVA_TOOL_OPTIONS=-javaagent:/opt/java/lib/dd-java-agent.jar"], &[]),
        ],
        "datadog-nodejs" => &[
            ("nodejs20", &[], &[]),
            ("nodejs20", &["DD_EXPERIMENTAL_ENABLE_PROXY=true"], &[]),
            ("nodejs20", &[], &[NO_LAYER]),
            ("nodejs20", &[], &[NO_LAYER, "/var/task/node_modules/datadog-lambda-js/dist/handler.mjs"]),
        ],
        "datadog-python" => &[
            ("python3.12", &[], &[]),
            ("python3.12", &["DD_EXPERIMENTAL_ENABLE_PROXY=true", "DD_LOG_LEVEL=DEBUG"], &[]),
            ("python3.12", &["_HANDLER=datadog_lambda.handler.handler", "DD_LAMBDA_HANDLER=app.handler"], &[]),
            ("python3.12", &[], &[NO_LAYER]),
            ("python3.12", &[], &[NO_LAYER, "/var/task/datadog_lambda/handler.py"]),
            ("python-image", &[], &[NO_LAYER]),
        ],
        "newrelic-nodejs" => &[("nodejs20", &[], &[]), ("nodejs20", &[], &[NO_LAYER])],
        "newrelic-python" => &[
            ("python3.12", &[], &[]),
            ("python3.12", &["_HANDLER=newrelic_lambda_wrapper.handler", "NEW_RELIC_LAMBDA_HANDLER=app.handler"], &[]),
            ("python3.12", &[], &[NO_LAYER]),
            ("python3.12", &[], &[NO_LAYER, "/opt/python/newrelic_lambda_wrapper.py"]),
            ("python-image", &[], &[NO_LAYER]),
        ],
        "newrelic-java" | "newrelic-java-slim" => &[
            ("java8", &[], &[]),
            ("java11", &[], &[]),
            ("java17", &[], &[]),
            ("java21", &["JAVA_TOOL_OPTIONS=-Dservice.version=1.2", "NEW_RELIC_LOG_FILE_PATH=/tmp/nr"], &[]),
            ("java-image", &[], &[]),
            ("java21", &[], &[NO_LAYER]),
        ],
        "lumigo-nodejs" => {
            &[("nodejs20", &[], &[]), ("nodejs20", &["_HANDLER="], &[]), ("nodejs20", &["_HANDLER=src/a b.h"], &[])]
        }
        "serverless-otel-python" => &[
            ("python3.12", &[], &[]),
            ("python-image", &[], &[]),
            ("python3.12", &["_HANDLER=src/app.h"], &[]),
            ("python3.12", &["_HANDLER="], &[]),
        ],
        "serverless-otel-nodejs" | "serverless-sdk-nodejs" => {
            &[("nodejs20", &[], &[]), ("nodejs20", &["NODE_OPTIONS=--trace-gc"], &[]), ("nodejs20", &[], &[NO_LAYER])]
        }
        "serverless-sdk-python" => &[
            ("python3.12", &["SLS_ORG_ID=o"], &[]),
            ("python3.12", &[], &[]),
            ("python3.12", &["SLS_ORG_ID=o", "_HANDLER=gone.h"], &[]),
            ("python3.12", &["SLS_ORG_ID=o", "_HANDLER=src/pkg.h"], &["/var/task/src/pkg/__init__.py"]),
        ],
        "elastic-java" => &[
            ("java21", &[], &[]),
            ("java11", &["ELASTIC_APM_SERVICE_NAME=mine", "JAVA_TOOL_OPTIONS=-Da=1"], &[]),
            ("java21", &["argv: -Xshare:on", "argv: -Dx=-Xshare:on", "_HANDLER"], &[]),
            ("java21", &[], &[NO_LAYER]),
        ],
        "elastic-python" => &[
            ("python3.12", &[], &[]),
            ("python3.12", &[], &[NO_LAYER]),
            ("python-image", &[], &[NO_LAYER]),
            ("python3.12", &["_HANDLER"], &[]),
        ],
        "runtime-api-proxy" | "live-lambda" => &[
            ("nodejs20", &[], &[]),
            ("nodejs20", &["LRAP_LISTENER_PORT="], &[]),
            ("nodejs20", &["LRAP_LISTENER_PORT=9100"], &[]),
            ("nodejs20", &["AWS_LAMBDA_RUNTIME_API"], &[]),
        ],
        "firetail" => &[
            ("nodejs20", &[], &[]),
            ("nodejs20", &["FIRETAIL_LAMBDA_EXTENSION_PORT=9100"], &[]),
            ("nodejs20", &["AWS_LAMBDA_RUNTIME_API=127.0.0.1:9000"], &[]),
        ],
        "lpr" => &[
            ("nodejs20", &[], &[]),
            ("nodejs20", &["LPR_PROXY_ADDR=127.0.0.1:1", "LPR_UPSTREAM_RUNTIME_API=h:2"], &[]),
            ("nodejs20", &["AWS_LAMBDA_RUNTIME_API"], &[]),
        ],
        "merloc" => &[
            ("java11", &[], &[]),
            ("java11", &["AWS_SAM_LOCAL=True", "AWS_LAMBDA_RUNTIME_API"], &[]),
            ("java11", &["IS_LOCAL=true"], &[]),
            ("java11", &[], &["/var/task/.merloc-env"]),
            ("java11", &["AWS_LAMBDA_RUNTIME_API=127.0.0.1:9009"], &[]),
        ],
        "web-adapter" => &[
            ("python3.12", &["_HANDLER=run.sh"], &[]),
            ("python3.12", &["_HANDLER=-x"], &[]),
            ("python3.12", &["_HANDLER=/bin/run"], &[]),
            ("python3.12", &["_HANDLER="], &[]),
        ],
        "sidecar-serve" => &[
            ("nodejs20", &["SERVE_CMD=/opt/bin/server"], &[]),
            ("nodejs20", &["SERVE_CMD=/opt/bin/server --port 1"], &[]),
            ("nodejs20", &["SERVE_CMD=server"], &[]),
            ("nodejs20", &[], &[]),
        ],
        "secrets-manager" => &[
            ("python3.12", &[], &[]),
            ("python3.12", &["AWS_LAMBDA_EXEC_WRAPPER=/opt/get-secrets-layer"], &[]),
            ("python3.12", &[], &[NO_LAYER]),
        ],
        "jemalloc" => &[
            ("ruby3.3", &[], &[]),
            ("ruby3.3@arm64", &["LD_PRELOAD=/a.so /b.so"], &[]),
            ("ruby3.3", &[], &[NO_LAYER]),
            ("ruby3.3@arm64", &[], &[NO_LAYER, "/usr/lib/aarch64-linux-gnu/libjemalloc.so.2"]),
        ],
        "java-tiered" => &[
            ("java8", &[], &[]),
            ("java11", &["_JAVA_OPTIONS=-Xmx1g"], &[]),
            ("java21", &[], &[]),
            ("java11", &["argv: -XX:-TieredCompilation", "argv: -XX:TieredStopAtLevel=4"], &[]),
        ],
        "java-c2" => &[("java21", &["argv: -XX:TieredStopAtLevel=1", "argv: -XX:+TieredCompilation"], &[])],
        "exclude-args" => &[
            ("java21", &["AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS=Tiered"], &[]),
            ("java21", &["AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS="], &[]),
            ("java21", &["AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS=*"], &[]),
        ],
        "nodejs-import" => &[
            ("nodejs20", &[], &["/var/task/loader.mjs", "/var/task/instrumentation.mjs"]),
            ("nodejs20", &["NODE_OPTIONS=--trace-gc"], &["/var/task/instrumentation.mjs"]),
            ("nodejs20", &[], &[]),
        ],
        "debug" => &[
            ("nodejs20", &["AWS_LAMBDA_DEBUG_PORT=1234"], &[]),
            ("nodejs-image", &["NPM_CONFIG_NODE_OPTIONS=--trace-gc"], &[]),
            ("python3.12", &["AWS_LAMBDA_DEBUG_PORT="], &[]),
            ("python3.12", &[], &[NO_LAYER]),
            ("java8", &[], &[]),
            ("java21", &["AWS_LAMBDA_DEBUG_PORT=1234"], &[]),
        ],
        // All there is to say of these is what they do to the command line.
        "java-no-cert-check" | "python-importtime" | "ruby-frozen-strings" => &[],
        _ => panic!("no case for {name}"),
    }
}
