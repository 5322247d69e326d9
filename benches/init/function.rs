//! One function, in every way in which it can be started.

use std::path::{Path, PathBuf};

use crate::interpreters::{self, Interpreter};
use crate::sandbox::Sandbox;
use crate::{Outcome, packages, parts};

/// Starts what spans are sent to, then invokes the function; what spans are sent to does nothing meanwhile.
const DRIVER: &str = include_str!("driver.sh");
const APP: &str = include_str!("../../tests/emulator/ready/python/app.py");
const BOOTSTRAP: &str = include_str!("../../tests/emulator/runtimes/bootstrap.sh");
const SECOND_STAGE: &str = include_str!("../../tests/emulator/runtimes/python/bootstrap.py");
const RECEIVER: &str = include_str!("../../tests/emulator/otlp/receiver.py");
const OTEL_WRAPPER: &str = include_str!("../../tests/emulator/otlp/otel_wrapper.py");
const ADOT_WRAPPER: &str = include_str!("../../tests/emulator/ready/python/adot_wrapper.py");

/// Instrumentations that the profile leaves out and the tests' script does not: both do, or forerun would be faster by
/// that.
const DISABLED: &str =
    "asyncio,grpc_aio_client,grpc_aio_server,grpc_client,grpc_server,logging,requests,sqlite3,system_metrics,threading";

/// Who instruments the function.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Vendor {
    OpenTelemetry,
    Aws,
}

/// What starts it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// The layer is there and nobody looks at it.
    Plain,
    Script,
    Forerun,
}

pub(crate) struct Function {
    pub(crate) vendor: Vendor,
    pub(crate) way: Way,
    interpreter: Interpreter,
    sandbox: Sandbox,
}

impl Vendor {
    pub(crate) const ALL: [Self; 2] = [Self::OpenTelemetry, Self::Aws];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenTelemetry => "OpenTelemetry",
            Self::Aws => "ADOT",
        }
    }

    fn packages(self) -> Outcome<Vec<PathBuf>> {
        match self {
            Self::OpenTelemetry => packages::opentelemetry(),
            Self::Aws => packages::aws_distribution(),
        }
    }

    /// The file of the layer that the handler is exchanged for.
    fn handler(self) -> &'static str {
        match self {
            Self::OpenTelemetry => OTEL_WRAPPER,
            Self::Aws => ADOT_WRAPPER,
        }
    }

    fn profile(self) -> &'static str {
        match self {
            Self::OpenTelemetry => "otel-python",
            Self::Aws => "adot-python",
        }
    }
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Script, Self::Forerun];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "no wrapper, not instrumented",
            Self::Script => "the layer's script",
            Self::Forerun => "forerun",
        }
    }
}

impl Function {
    pub(crate) fn all(wrapper: &Path) -> Outcome<Vec<Self>> {
        let mut functions = Vec::new();
        for vendor in Vendor::ALL {
            for way in Way::ALL {
                functions.push(Self::new(vendor, way, wrapper)?);
            }
        }
        Ok(functions)
    }

    fn new(vendor: Vendor, way: Way, wrapper: &Path) -> Outcome<Self> {
        let (interpreter, version) = interpreters::python()?;
        let mut sandbox = Sandbox::new(&format!("bench-{}-{}", vendor as u8, way as u8));
        sandbox.write("runtime/bootstrap", BOOTSTRAP);
        sandbox.make_executable("runtime/bootstrap");
        sandbox.write("runtime/command", &format!("/var/lang/bin/python{version}\n/var/runtime/bootstrap.py\n"));
        sandbox.copy("runtime", &parts::python_runtime_client(&version)?);
        sandbox.write("runtime/bootstrap.py", SECOND_STAGE);
        sandbox.write("task/app.py", APP);
        sandbox.write("backend", RECEIVER);
        sandbox.make_executable("backend");
        sandbox.drive(DRIVER)?;
        packages::put_into(&sandbox, "layer/python", &vendor.packages()?);
        sandbox.write("layer/python/otel_wrapper.py", vendor.handler());
        for (name, value) in [
            ("AWS_EXECUTION_ENV", &*format!("AWS_Lambda_python{version}")),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
            ("_HANDLER", "app.handler"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:14318"),
            ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", DISABLED),
        ] {
            sandbox.set(name, value);
        }
        match way {
            Way::Plain => {}
            Way::Script => packages::put_script_into_layer(&mut sandbox, vendor.profile(), "otel-instrument"),
            Way::Forerun => {
                sandbox.copy("layer/wrapper", wrapper);
                sandbox.set("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper");
                sandbox.set("FORERUN_PROFILE", vendor.profile());
            }
        }
        Ok(Self { vendor, way, interpreter, sandbox })
    }

    /// Milliseconds from the start of the bootstrap to the runtime's first request, as the emulator measures them.
    pub(crate) fn init(&self) -> Outcome<f64> {
        let outcome = self.sandbox.invoke(&self.interpreter, &["{}"])?;
        let answer = &outcome.answers[0];
        if answer.status != 200 || !answer.body.contains("\"status\": 200") {
            return Err(format!("{}, {}: {answer:?}\n{}", self.vendor.name(), self.way.name(), outcome.log));
        }
        let after = outcome.log.split_once("INIT REPORT(durationMs: ").ok_or("the emulator tells no duration")?.1;
        let number = after.split(')').next().unwrap_or_default();
        number.parse().map_err(|error| format!("{number}: {error}"))
    }
}
