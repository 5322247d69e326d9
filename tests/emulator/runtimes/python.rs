//! Python with AWS's own runtime client, as a managed runtime and in an image of one's own.

use serde_json::json;

use super::{Hook, Options, Placed, Runtime, managed};
use crate::interpreters::{self, Interpreter};
use crate::parts;

/// The managed runtime: a second stage of the bootstrap sets the search path.
pub(crate) fn python() -> Result<Runtime, String> {
    let (interpreter, version) = interpreters::python()?;
    let execution_env = format!("AWS_Lambda_python{version}");
    managed_python(interpreter, &version, &execution_env)
}

/// Python 3.12 or newer: the client waits in a thread of its own, so that signals are handled meanwhile.
pub(crate) fn python_newer() -> Result<Runtime, String> {
    let (interpreter, version) = match interpreters::newer_python() {
        Some(newer) => newer,
        None => interpreters::python()?,
    };
    // The client goes by this name alone, whatever interpreter it runs in.
    let named = if interpreters::minor(&version) < 12 { "3.12" } else { &version };
    let execution_env = format!("AWS_Lambda_python{named}");
    managed_python(interpreter, &version, &execution_env)
}

fn managed_python(interpreter: Interpreter, version: &str, execution_env: &str) -> Result<Runtime, String> {
    let mut runtime = function(interpreter, version);
    runtime.argv.push("/var/runtime/bootstrap.py".into());
    runtime.variables = managed(execution_env);
    runtime.files.extend([
        Placed::copy("runtime", parts::python_runtime_client(version)?),
        Placed::text("runtime/bootstrap.py", include_str!("python/bootstrap.py")),
    ]);
    Ok(runtime)
}

/// An image of one's own: the client is among the function's files, the handler in argv only,
/// and nothing says which runtime it is.
pub(crate) fn python_image() -> Result<Runtime, String> {
    let (interpreter, version) = interpreters::python()?;
    let mut runtime = function(interpreter, &version);
    runtime.argv.extend(["-m".into(), "awslambdaric".into(), runtime.handler.into()]);
    runtime.handler_variable = false;
    runtime.files.push(Placed::copy("task", parts::python_runtime_client(&version)?));
    Ok(runtime)
}

fn function(interpreter: Interpreter, version: &str) -> Runtime {
    Runtime {
        interpreter,
        argv: vec![format!("/var/lang/bin/python{version}")],
        variables: Vec::new(),
        files: vec![
            Placed::text("task/app.py", include_str!("python/app.py")),
            Placed::text("task/redirected.py", include_str!("python/redirected.py")),
        ],
        handler: "app.handler",
        handler_variable: true,
        redirected: "redirected.handler",
        default: ("PYTHONFAULTHANDLER", "1"),
        hook: Hook {
            edit: r#"PYTHONPATH.prepend = ["/opt/extra"]"#,
            files: vec![Placed::text("layer/extra/hook.py", include_str!("python/hook.py"))],
        },
        options: Options { arguments: &["-X", "dev"], at: 1, effect: json!(true) },
    }
}
