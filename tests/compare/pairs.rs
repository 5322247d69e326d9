//! Which script a ready-made profile is held against, on which starts, and what is different with good reason.
//!
//! The scripts are in our own words: where one has another file, address or text than the vendor's, that is among the
//! differences, and says so.

use On::{AllBut, Only};

/// On which of a pair's starts something is different.
#[derive(Debug)]
pub(super) enum On {
    /// On the ordinary one, and on all others but these.
    AllBut(&'static [&'static str]),
    /// On these, and not on the ordinary one.
    Only(&'static [&'static str]),
}

const EVERY: On = AllBut(&[]);

/// A profile and a script that does what the profile replaces.
pub(super) struct Pair {
    pub(super) profile: &'static str,
    /// A folder of tests/wrappers.
    pub(super) script: &'static str,
    pub(super) runtime: &'static str,
    /// Files below /opt that the profile looks for.
    pub(super) layer: &'static [&'static str],
    /// What the script calls otherwise than the vendor.
    pub(super) renamed: &'static [(&'static str, &'static str)],
    /// The starts besides the ordinary one, by what is out of the ordinary.
    pub(super) starts: &'static [&'static str],
    /// What is different and has no reason that `compare` knows, on which starts, and why that is right.
    pub(super) differences: &'static [(&'static str, On, &'static str)],
}

const NONE: Pair =
    Pair { profile: "", script: "", runtime: "", layer: &[], renamed: &[], starts: &[], differences: &[] };

const LEFT_OUT: &str = "where the layer is missing the profile is left out, and the function starts without it";
const KEPT: &str = "what the user set stays";
const UNREAD: &str = "nothing but the script is known to read it";
const ONE_PYTHON: &str = "what opentelemetry-instrument does is done here, without a second Python";
const QUIET: &str = "a start that goes well writes no line";
const SITECUSTOMIZE: &str = "python/opentelemetry/instrumentation/auto_instrumentation/sitecustomize.py";

pub(super) const PAIRS: &[Pair] = &[
    Pair {
        profile: "otel-java",
        script: "otel-java-agent",
        runtime: "java21",
        layer: &["opentelemetry-javaagent.jar"],
        starts: &[
            "JAVA_TOOL_OPTIONS with spaces",
            "JAVA_TOOL_OPTIONS with what the script gives it last",
            "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT set",
            "OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED = true",
            "OTEL_PROPAGATORS empty",
            "OTEL_RESOURCE_ATTRIBUTES with `my.service.name`",
            "OTEL_RESOURCE_ATTRIBUTES with a separator at the end",
            "AWS_LAMBDA_FUNCTION_NAME unset",
            "AWS_EXECUTION_ENV unset",
            "/opt/opentelemetry-javaagent.jar absent",
        ],
        differences: &[
            (
                "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT",
                Only(&["OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT set"]),
                KEPT,
            ),
            (
                "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT",
                Only(&["/opt/opentelemetry-javaagent.jar absent"]),
                LEFT_OUT,
            ),
            ("JAVA_TOOL_OPTIONS", Only(&["/opt/opentelemetry-javaagent.jar absent"]), LEFT_OUT),
            ("OTEL_PROPAGATORS", Only(&["/opt/opentelemetry-javaagent.jar absent"]), LEFT_OUT),
            ("OTEL_RESOURCE_ATTRIBUTES", Only(&["/opt/opentelemetry-javaagent.jar absent"]), LEFT_OUT),
            (
                "argv",
                Only(&["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED = true"]),
                "-Xverify:none is for Java before 13, and what Lambda's own argv says already is not said again",
            ),
            (
                "does not say otel: starting with one compiler only",
                Only(&["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED = true"]),
                QUIET,
            ),
            (
                "says FR216: /opt/opentelemetry-javaagent.jar is missing: add the OpenTelemetry layer with the Java agent",
                Only(&["/opt/opentelemetry-javaagent.jar absent"]),
                LEFT_OUT,
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "otel-java-handler",
        script: "otel-java-handler",
        runtime: "java21",
        starts: &[
            "an argument with the handler in it",
            "_HANDLER empty",
            "_HANDLER with glob characters",
            "AWS_EXECUTION_ENV = AWS_Lambda_Image",
            "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT set",
            "OTEL_RESOURCE_ATTRIBUTES with spaces",
            "OTEL_PROPAGATORS empty",
        ],
        differences: &[(
            "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT",
            Only(&["OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT set"]),
            KEPT,
        )],
        ..NONE
    },
    Pair {
        profile: "otel-nodejs",
        script: "otel-node-import",
        runtime: "nodejs22.x",
        layer: &["init.mjs"],
        starts: &[
            "NODE_OPTIONS with quotes",
            "NODE_OPTIONS already what the script gives it",
            "NODE_OPTIONS not UTF-8",
            "OTEL_RESOURCE_ATTRIBUTES with `my.service.name`",
            "OTEL_RESOURCE_ATTRIBUTES with another `service.name`",
            "OTEL_PROPAGATORS empty",
            "AWS_LAMBDA_FUNCTION_NAME with spaces, quotes, `*` and `$HOME`",
            "AWS_EXECUTION_ENV unset",
            "/opt/init.mjs absent",
        ],
        differences: &[
            ("NODE_OPTIONS", Only(&["/opt/init.mjs absent"]), LEFT_OUT),
            ("OTEL_PROPAGATORS", Only(&["/opt/init.mjs absent"]), LEFT_OUT),
            ("OTEL_RESOURCE_ATTRIBUTES", Only(&["/opt/init.mjs absent"]), LEFT_OUT),
            (
                "says FR216: /opt/init.mjs is missing: add the OpenTelemetry layer for Node.js, or a newer one",
                Only(&["/opt/init.mjs absent"]),
                LEFT_OUT,
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "otel-python",
        script: "otel-python",
        runtime: "python3.13",
        layer: &[SITECUSTOMIZE],
        starts: &[
            "LAMBDA_RUNTIME_DIR unset",
            "OTEL_RESOURCE_ATTRIBUTES with a backslash",
            "OTEL_SERVICE_NAME set",
            "PYTHONPATH with a separator at the end",
            "AWS_REGION unset",
            "_HANDLER empty",
        ],
        differences: &[
            ("LAMBDA_LAYER_PKGS_DIR", EVERY, UNREAD),
            ("LAMBDA_RESOURCE_ATTRIBUTES", EVERY, UNREAD),
            ("PYTHONPATH", EVERY, ONE_PYTHON),
            ("argv", EVERY, ONE_PYTHON),
        ],
        ..NONE
    },
    Pair {
        profile: "otel-ruby",
        script: "otel-ruby",
        runtime: "ruby3.4",
        layer: &["wrapper.rb"],
        starts: &["OTEL_RESOURCE_ATTRIBUTES with spaces", "AWS_REGION unset", "_HANDLER with spaces", "_HANDLER unset"],
        differences: &[("LAMBDA_RESOURCE_ATTRIBUTES", EVERY, UNREAD)],
        ..NONE
    },
    Pair {
        profile: "adot-python",
        script: "adot-python",
        runtime: "python3.13",
        layer: &[SITECUSTOMIZE],
        starts: &[
            "OTEL_AWS_LAMBDA_FAST_START = TRUE",
            "OTEL_AWS_APPLICATION_SIGNALS_ENABLED = True",
            "OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED set",
            "OTEL_PROPAGATORS with spaces and quotes",
            "OTEL_PYTHON_CONFIGURATOR set",
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS a list of two",
            "OTEL_PYTHON_DISTRO set",
            "OTEL_RESOURCE_ATTRIBUTES with spaces and quotes",
            "AWS_LAMBDA_LOG_GROUP_NAME unset",
        ],
        differences: &[
            ("LAMBDA_LAYER_PKGS_DIR", EVERY, UNREAD),
            ("LAMBDA_RESOURCE_ATTRIBUTES", EVERY, UNREAD),
            ("PYTHONPATH", EVERY, ONE_PYTHON),
            ("argv", AllBut(&["OTEL_AWS_LAMBDA_FAST_START = TRUE"]), ONE_PYTHON),
            (
                "OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED",
                Only(&["OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED set"]),
                KEPT,
            ),
            ("OTEL_PYTHON_CONFIGURATOR", Only(&["OTEL_PYTHON_CONFIGURATOR set"]), KEPT),
            ("OTEL_PYTHON_DISTRO", Only(&["OTEL_PYTHON_DISTRO set"]), KEPT),
            (
                "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
                AllBut(&["OTEL_AWS_LAMBDA_FAST_START = TRUE", "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS a list of two"]),
                "the script here has a shorter list than the vendor's",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "adot-nodejs",
        script: "adot-js",
        runtime: "nodejs22.x",
        layer: &["wrapper.js", "wrapper.mjs", "lite-wrapper.js", "lite-wrapper.mjs"],
        starts: &[
            "HANDLER_IS_ESM = true",
            "HANDLER_IS_ESM = TRUE",
            "OTEL_AWS_LAMBDA_FAST_START = true",
            "OTEL_METRICS_EXPORTER a list of two",
            "OTEL_NODE_DISABLED_INSTRUMENTATIONS a list of two",
            "OTEL_NODE_ENABLED_INSTRUMENTATIONS a list of two",
            "OTEL_RESOURCE_ATTRIBUTES with another `service.name`",
            "/var/task/package.json of ES modules",
            "AWS_EXECUTION_ENV unset",
            "AWS_EXECUTION_ENV of the newest version",
        ],
        differences: &[
            ("LAMBDA_RESOURCE_ATTRIBUTES", EVERY, UNREAD),
            (
                "HANDLER_IS_ESM",
                Only(&["/var/task/package.json of ES modules"]),
                "package.json is asked for the handler's file, and there is none on this start",
            ),
            ("NODE_OPTIONS", Only(&["/var/task/package.json of ES modules"]), "the same"),
        ],
        ..NONE
    },
    Pair {
        profile: "adot-java",
        script: "adot-java",
        runtime: "java21",
        layer: &["aws-opentelemetry-javaagent.jar"],
        starts: &[
            "OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED set",
            "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT set",
            "OTEL_INSTRUMENTATION_AWS_SDK_EXPERIMENTAL_SPAN_ATTRIBUTES set",
            "OTEL_INSTRUMENTATION_NETTY_ENABLED set",
            "OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED = true",
            "OTEL_LOGS_EXPORTER a list of two",
            "OTEL_RESOURCE_ATTRIBUTES with spaces and quotes",
            "OTEL_SERVICE_NAME set",
        ],
        differences: &[
            (
                "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT",
                Only(&["OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT set"]),
                KEPT,
            ),
            (
                "OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED",
                Only(&["OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED set"]),
                KEPT,
            ),
            (
                "OTEL_INSTRUMENTATION_AWS_SDK_EXPERIMENTAL_SPAN_ATTRIBUTES",
                Only(&["OTEL_INSTRUMENTATION_AWS_SDK_EXPERIMENTAL_SPAN_ATTRIBUTES set"]),
                KEPT,
            ),
            (
                "argv",
                Only(&["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED = true"]),
                "-Xverify:none is for Java before 13, and what Lambda's own argv says already is not said again",
            ),
            (
                "does not say otel: starting with one compiler only",
                Only(&["OTEL_JAVA_AGENT_FAST_STARTUP_ENABLED = true"]),
                QUIET,
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "adot-dotnet",
        script: "adot-dotnet",
        runtime: "dotnet8",
        layer: &["net/OpenTelemetry.AutoInstrumentation.StartupHook.dll"],
        starts: &[
            "ARCHITECTURE = arm64",
            "OS_TYPE set",
            "CORECLR_ENABLE_PROFILING set",
            "DOTNET_STARTUP_HOOKS with separators in front, in a row and at the end",
            "ENABLE_PROFILING = False",
            "ENABLE_PROFILING set",
            "OTEL_DOTNET_AUTO_HOME set",
            "OTEL_EXPORTER_OTLP_ENDPOINT set",
            "_HANDLER empty",
        ],
        differences: &[
            (
                "CORECLR_PROFILER_PATH",
                Only(&["ARCHITECTURE = arm64"]),
                "ARCHITECTURE is not read: the profiler is the one of the processor",
            ),
            (
                "start",
                Only(&["ENABLE_PROFILING = False", "ENABLE_PROFILING set", "OS_TYPE set"]),
                "a value that is not known does not keep the runtime from starting",
            ),
            ("status", Only(&["ENABLE_PROFILING = False", "ENABLE_PROFILING set", "OS_TYPE set"]), "the same"),
            (
                "does not say ENABLE_PROFILING is true or false",
                Only(&["ENABLE_PROFILING = False", "ENABLE_PROFILING set"]),
                "the same",
            ),
            ("CORECLR_ENABLE_PROFILING", Only(&["CORECLR_ENABLE_PROFILING set"]), KEPT),
            ("OTEL_DOTNET_AUTO_HOME", Only(&["OTEL_DOTNET_AUTO_HOME set"]), KEPT),
        ],
        ..NONE
    },
    Pair {
        profile: "adot-legacy-nodejs",
        script: "chain-node",
        runtime: "nodejs22.x",
        layer: &["init.mjs", "adot-extension.js"],
        starts: &[
            "NODE_OPTIONS with spaces",
            "NODE_OPTIONS already what the script gives it",
            "/opt/adot-extension.js absent",
            "/opt/otel-handler-upstream absent",
        ],
        differences: &[("NODE_OPTIONS", Only(&["/opt/adot-extension.js absent"]), "what is not there is not loaded")],
        ..NONE
    },
    Pair {
        profile: "datadog",
        script: "datadog",
        runtime: "java21",
        starts: &[
            "an argument with spaces",
            "an argument `*`",
            "argument `-XX:-TieredCompilation`",
            "AWS_EXECUTION_ENV unset",
            "DD_APPSEC_ENABLED set",
            "DD_JMXFETCH_ENABLED set",
            "DD_LOG_LEVEL = debug",
            "DD_SERVERLESS_APPSEC_ENABLED = TRUE",
            "DD_EXPERIMENTAL_ENABLE_PROXY = TRUE",
            "/opt/java/lib/dd-java-agent.jar absent",
        ],
        differences: &[
            ("DD_APPSEC_ENABLED", Only(&["DD_APPSEC_ENABLED set"]), KEPT),
            ("DD_JMXFETCH_ENABLED", Only(&["DD_JMXFETCH_ENABLED set"]), KEPT),
            (
                "argv",
                AllBut(&["AWS_EXECUTION_ENV unset", "/opt/java/lib/dd-java-agent.jar absent"]),
                "-XX:TieredStopAtLevel=1, which stands there already, is not added once more",
            ),
            (
                "argv",
                Only(&["AWS_EXECUTION_ENV unset"]),
                "the command line tells as well that it is Java, and the function is traced",
            ),
            (
                "AWS_LAMBDA_RUNTIME_API",
                Only(&["DD_SERVERLESS_APPSEC_ENABLED = TRUE"]),
                "the extension listens only where the launcher has its script's name, and here it has not",
            ),
            (
                "says FR217: Datadog's extension takes calls only for AWS_LAMBDA_EXEC_WRAPPER=/opt/datadog_wrapper: none \
                 are sent to it",
                Only(&["DD_SERVERLESS_APPSEC_ENABLED = TRUE", "DD_EXPERIMENTAL_ENABLE_PROXY = TRUE"]),
                "the same",
            ),
            ("does not say datadog: preparing the runtime", Only(&["DD_LOG_LEVEL = debug"]), QUIET),
            ("does not say datadog: a Java function", Only(&["DD_LOG_LEVEL = debug"]), QUIET),
            (
                "says FR217: /opt/java/lib/dd-java-agent.jar is missing: without Datadog's layer for Java the function is not \
                 traced",
                Only(&["/opt/java/lib/dd-java-agent.jar absent"]),
                "the script says nothing, and nothing is traced",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "newrelic-java-slim",
        script: "newrelic-java-lite",
        runtime: "java21",
        layer: &["newrelic/newrelic.jar"],
        starts: &[
            "JAVA_TOOL_OPTIONS with spaces",
            "NEW_RELIC_APP_NAME set",
            "NEW_RELIC_ENABLE_AUTO_APP_NAMING set",
            "NEW_RELIC_EXTENSION_LOG_LEVEL = DEBUG",
            "NEW_RELIC_LITE_MODE set",
            "NEW_RELIC_LOG_FILE_PATH set",
            "NEW_RELIC_SERVERLESS_MODE_ENABLED set",
        ],
        differences: &[
            ("NEW_RELIC_ENABLE_AUTO_APP_NAMING", Only(&["NEW_RELIC_ENABLE_AUTO_APP_NAMING set"]), KEPT),
            ("NEW_RELIC_LITE_MODE", Only(&["NEW_RELIC_LITE_MODE set"]), KEPT),
            ("NEW_RELIC_SERVERLESS_MODE_ENABLED", Only(&["NEW_RELIC_SERVERLESS_MODE_ENABLED set"]), KEPT),
            ("does not say /var/lang/bin/java", EVERY, QUIET),
            ("does not say newrelic: java found", EVERY, QUIET),
            (
                "does not say newrelic: java's version is 17.0.15",
                Only(&["NEW_RELIC_EXTENSION_LOG_LEVEL = DEBUG"]),
                QUIET,
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "elastic-java",
        script: "elastic-java",
        runtime: "java21",
        layer: &["elastic-apm-agent.jar"],
        starts: &[
            "an argument with spaces",
            "ELASTIC_APM_AWS_LAMBDA_HANDLER set",
            "ELASTIC_APM_CENTRAL_CONFIG set",
            "ELASTIC_APM_CLOUD_PROVIDER set",
            "ELASTIC_APM_METRICS_INTERVAL set",
            "ELASTIC_APM_SERVICE_NAME set",
            "JAVA_TOOL_OPTIONS with quotes",
        ],
        differences: &[
            ("ELASTIC_APM_CENTRAL_CONFIG", Only(&["ELASTIC_APM_CENTRAL_CONFIG set"]), KEPT),
            ("ELASTIC_APM_CLOUD_PROVIDER", Only(&["ELASTIC_APM_CLOUD_PROVIDER set"]), KEPT),
            ("ELASTIC_APM_METRICS_INTERVAL", Only(&["ELASTIC_APM_METRICS_INTERVAL set"]), KEPT),
            ("ELASTIC_APM_SERVICE_NAME", Only(&["ELASTIC_APM_SERVICE_NAME set"]), KEPT),
        ],
        ..NONE
    },
    Pair {
        profile: "elastic-python",
        script: "elastic-python",
        runtime: "python3.13",
        layer: &["python/elasticapm_handler.py"],
        starts: &[
            "_HANDLER with spaces",
            "_HANDLER unset",
            "AWS_EXECUTION_ENV = AWS_Lambda_Image",
            "an empty argument",
        ],
        ..NONE
    },
    Pair {
        profile: "lumigo-nodejs",
        script: "lumigo-node",
        runtime: "nodejs22.x",
        starts: &["_HANDLER empty", "_HANDLER = src/my.module.handler", "_HANDLER with spaces"],
        ..NONE
    },
    Pair {
        profile: "serverless-otel-nodejs",
        script: "sls-node-append",
        runtime: "nodejs22.x",
        layer: &["otel-extension-internal-node/index.js"],
        starts: &[
            "NODE_OPTIONS with quotes",
            "NODE_OPTIONS already what the script gives it",
            "/opt/otel-extension-internal-node absent",
        ],
        differences: &[
            ("NODE_OPTIONS", Only(&["/opt/otel-extension-internal-node absent"]), LEFT_OUT),
            (
                "says FR216: /opt/otel-extension-internal-node is missing: add the layer of Serverless Console",
                Only(&["/opt/otel-extension-internal-node absent"]),
                LEFT_OUT,
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "serverless-sdk-nodejs",
        script: "sls-node-prepend",
        runtime: "nodejs22.x",
        layer: &["sls-sdk-node/index.js"],
        starts: &["NODE_OPTIONS with newlines", "NODE_OPTIONS already what the script gives it"],
        ..NONE
    },
    Pair {
        profile: "serverless-otel-python",
        script: "sls-python-swap",
        runtime: "python3.13",
        starts: &["_HANDLER empty", "_HANDLER = src/my.module.handler"],
        ..NONE
    },
    Pair {
        profile: "serverless-sdk-python",
        script: "sls-python-system",
        runtime: "python3.13",
        starts: &["SLS_ORG_ID set", "_HANDLER = src/my.module.handler", "_HANDLER unset", "an argument with spaces"],
        differences: &[
            (
                "says FR217: SLS_ORG_ID is not set: the function is not traced",
                AllBut(&["SLS_ORG_ID set"]),
                "the same in words of its own",
            ),
            (
                "does not say SLS_ORG_ID is missing: the function is not traced",
                AllBut(&["SLS_ORG_ID set"]),
                "the same in words of its own",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "runtime-api-proxy",
        script: "proxy-keeps-address",
        runtime: "nodejs22.x",
        starts: &[
            "AWS_LAMBDA_RUNTIME_API unset",
            "AWS_LAMBDA_RUNTIME_API = 127.0.0.1:9009",
            "LRAP_RUNTIME_API_ENDPOINT set",
        ],
        differences: &[
            ("LRAP_RUNTIME_API_ENDPOINT", Only(&["LRAP_RUNTIME_API_ENDPOINT set"]), KEPT),
            (
                "LRAP_RUNTIME_API_ENDPOINT",
                Only(&["AWS_LAMBDA_RUNTIME_API = 127.0.0.1:9009"]),
                "applied twice, the proxy would be told to call itself",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "runtime-api-proxy",
        script: "proxy-port-variable",
        runtime: "nodejs22.x",
        starts: &["LRAP_LISTENER_PORT empty", "LRAP_LISTENER_PORT set", "AWS_LAMBDA_RUNTIME_API unset"],
        differences: &[(
            "LRAP_RUNTIME_API_ENDPOINT",
            AllBut(&["AWS_LAMBDA_RUNTIME_API unset"]),
            "the real address is kept for a proxy that asks for it",
        )],
        ..NONE
    },
    Pair {
        profile: "firetail",
        script: "proxy-port-variable",
        runtime: "nodejs22.x",
        renamed: &[("LRAP_LISTENER_PORT", "FIRETAIL_LAMBDA_EXTENSION_PORT")],
        starts: &["FIRETAIL_LAMBDA_EXTENSION_PORT empty", "FIRETAIL_LAMBDA_EXTENSION_PORT set"],
        ..NONE
    },
    Pair {
        profile: "live-lambda",
        script: "proxy-port-sh",
        runtime: "nodejs22.x",
        starts: &["LRAP_LISTENER_PORT empty", "LRAP_LISTENER_PORT set", "AWS_LAMBDA_RUNTIME_API unset"],
        ..NONE
    },
    Pair {
        profile: "lpr",
        script: "proxy-chosen-address",
        runtime: "nodejs22.x",
        starts: &[
            "AWS_LAMBDA_RUNTIME_API unset",
            "LPR_PROXY_ADDR set",
            "LPR_PROXY_ADDR = 127.0.0.1:9009",
            "LPR_UPSTREAM_RUNTIME_API set",
            "LPR_UPSTREAM_RUNTIME_API empty",
        ],
        ..NONE
    },
    Pair {
        profile: "merloc",
        script: "proxy-unless-local",
        runtime: "java11",
        starts: &["AWS_SAM_LOCAL = True", "IS_LOCAL = true", "IS_LOCAL set"],
        differences: &[
            ("MADE_UP", EVERY, ".merloc-env is shell code, and not read"),
            (
                "says FR217: .merloc-env is not read: put its variables into a profile or into the function's configuration",
                AllBut(&["AWS_SAM_LOCAL = True", "IS_LOCAL = true"]),
                "the same",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "web-adapter",
        script: "web-adapter",
        runtime: "python3.13",
        starts: &["_HANDLER with spaces", "_HANDLER empty", "_HANDLER with glob characters", "an argument with spaces"],
        ..NONE
    },
    Pair {
        profile: "java-tiered",
        script: "tiered",
        runtime: "java11",
        starts: &["_JAVA_OPTIONS set", "an argument with spaces"],
        differences: &[
            (
                "_JAVA_OPTIONS",
                AllBut(&["_JAVA_OPTIONS set"]),
                "the command line is edited instead, and the variable is the user's",
            ),
            ("argv", EVERY, "the same, and the JVM is the one that Lambda names"),
            ("_JAVA_OPTIONS", Only(&["_JAVA_OPTIONS set"]), KEPT),
        ],
        ..NONE
    },
    Pair {
        profile: "java-c2",
        script: "jvm-options",
        runtime: "java21",
        starts: &[
            "argument `-XX:+TieredCompilation` twice",
            "argument `-XX:-TieredCompilation`",
            "argument `-XX:TieredStopAtLevel=1` twice",
            "an argument with spaces",
        ],
        ..NONE
    },
    Pair {
        profile: "exclude-args",
        script: "exclude-args",
        runtime: "java21",
        starts: &[
            "AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS empty",
            "AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS set",
            "AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS with `*`",
        ],
        ..NONE
    },
    Pair {
        profile: "nodejs-import",
        script: "node-loader",
        runtime: "nodejs22.x",
        starts: &["NODE_OPTIONS set", "/var/task/loader.mjs present"],
        differences: &[
            (
                "NODE_OPTIONS",
                AllBut(&["NODE_OPTIONS set", "/var/task/loader.mjs present"]),
                "a file that is not there is not loaded",
            ),
            (
                "NODE_OPTIONS",
                Only(&["NODE_OPTIONS set", "/var/task/loader.mjs present"]),
                "the same, and what the user set stays",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "java-no-cert-check",
        script: "disable-cert",
        runtime: "java8.al2",
        starts: &["an argument with spaces", "argument `-Dcom.amazonaws.sdk.disableCertChecking=true`"],
        ..NONE
    },
    Pair {
        profile: "python-importtime",
        script: "importtime-before-last",
        runtime: "python3.13",
        starts: &["an argument with spaces", "AWS_EXECUTION_ENV = AWS_Lambda_Image"],
        ..NONE
    },
    Pair {
        profile: "ruby-frozen-strings",
        script: "frozen-string-ruby",
        runtime: "ruby3.4",
        starts: &["an argument with spaces"],
        ..NONE
    },
    Pair {
        profile: "debug",
        script: "debugpy",
        runtime: "python3.13",
        layer: &["python/debugpy/__main__.py"],
        starts: &["AWS_LAMBDA_DEBUG_PORT empty", "AWS_LAMBDA_DEBUG_PORT set", "/opt/python/debugpy absent"],
        differences: &[
            ("argv", Only(&["/opt/python/debugpy absent"]), "what is missing is not started"),
            (
                "says FR217: /opt/python/debugpy is missing: add a layer with debugpy",
                Only(&["/opt/python/debugpy absent"]),
                "the same",
            ),
        ],
        ..NONE
    },
    Pair {
        profile: "debug",
        script: "node-inspect-after-first",
        runtime: "nodejs22.x",
        starts: &["an argument with spaces"],
        differences: &[("argv", EVERY, "one option, which waits and names the port, instead of two")],
        ..NONE
    },
    Pair {
        profile: "jemalloc",
        script: "ld-preload",
        runtime: "python3.13",
        layer: &["lib/libjemalloc.so.2"],
        renamed: &[("libblock.so", "libjemalloc.so.2")],
        starts: &["LD_PRELOAD set", "AWS_EXECUTION_ENV = AWS_Lambda_Image"],
        differences: &[("LD_PRELOAD", Only(&["LD_PRELOAD set"]), KEPT)],
    },
];

const NO_SCRIPT: &str = "it replaces no script: it is the default of a runtime";
const BY_HAND: &str = "it replaces settings that are made by hand or by a tool, and no script";
const PARTS: &str = "it only includes others, which are tried";
const OTHER_CLASS: &str = "`otel-java-handler` with another class";

/// The profiles that are held against no script, and why.
pub(super) const NOT_TRIED: &[(&str, &str)] = &[
    ("dotnet", NO_SCRIPT),
    ("java", NO_SCRIPT),
    ("nodejs", NO_SCRIPT),
    ("python", NO_SCRIPT),
    ("ruby", NO_SCRIPT),
    ("otel", PARTS),
    ("otel-java-proxy", OTHER_CLASS),
    ("otel-java-sqs", OTHER_CLASS),
    ("otel-java-stream", OTHER_CLASS),
    ("adot", PARTS),
    ("adot-legacy-java", "`otel-java` or `otel-java-handler`, with defaults in front"),
    ("adot-legacy-java-proxy", "`otel-java-proxy`, with defaults in front"),
    ("adot-legacy-java-stream", "`otel-java-stream`, with defaults in front"),
    ("adot-legacy-python", "`otel-python`, with a default in front"),
    ("datadog-nodejs", BY_HAND),
    ("datadog-python", BY_HAND),
    ("newrelic-java", "`newrelic-java-slim` includes it"),
    ("newrelic-nodejs", BY_HAND),
    ("newrelic-python", BY_HAND),
    ("sidecar-serve", "it looks after a program that the script leaves alone: the emulator runs it with a server"),
    ("secrets-manager", "it goes through the script instead of replacing it"),
];
