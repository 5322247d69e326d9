//! What differs from one language runtime to the next.

pub(crate) mod dotnet;
mod java;
mod node;
mod python;
mod ruby;

use std::path::PathBuf;

use serde_json::Value;

use crate::interpreters::Interpreter;
use crate::sandbox::Sandbox;

pub(crate) use dotnet::dotnet;
pub(crate) use java::java;
pub(crate) use node::node;
pub(crate) use python::{python, python_image, python_newer};
pub(crate) use ruby::ruby;

/// A function of one runtime, and what a case has to know of it.
pub(crate) struct Runtime {
    pub(crate) interpreter: Interpreter,
    /// What the bootstrap gives to the wrapper, the handler included where it is so.
    pub(crate) argv: Vec<String>,
    /// What only this runtime sets.
    pub(crate) variables: Vec<(&'static str, String)>,
    pub(crate) files: Vec<Placed>,
    pub(crate) handler: &'static str,
    /// Set as `_HANDLER` too; in an image of one's own the handler is only in argv.
    pub(crate) handler_variable: bool,
    /// Another handler in the same files, which says so in its answer.
    pub(crate) redirected: &'static str,
    pub(crate) hook: Hook,
    pub(crate) options: Options,
    /// The variable that the built-in profile sets.
    pub(crate) default: (&'static str, &'static str),
}

/// Code that is loaded by one of the interpreter's list variables; the answer shows it.
pub(crate) struct Hook {
    /// A line of a profile's `[env]`.
    pub(crate) edit: &'static str,
    pub(crate) files: Vec<Placed>,
}

/// Options of the interpreter, and the `option` of the answer that shows their effect.
pub(crate) struct Options {
    pub(crate) arguments: &'static [&'static str],
    /// Their place in argv.
    pub(crate) at: usize,
    pub(crate) effect: Value,
}

/// A file or directory of the sandbox.
pub(crate) struct Placed {
    at: &'static str,
    content: Content,
}

enum Content {
    Text(&'static str),
    CopyOf(PathBuf),
}

impl Placed {
    pub(crate) fn text(at: &'static str, text: &'static str) -> Self {
        Self { at, content: Content::Text(text) }
    }

    pub(crate) fn copy(at: &'static str, from: PathBuf) -> Self {
        Self { at, content: Content::CopyOf(from) }
    }

    pub(crate) fn put_into(&self, sandbox: &Sandbox) {
        match &self.content {
            Content::Text(text) => sandbox.write(self.at, text),
            Content::CopyOf(from) => sandbox.copy(self.at, from),
        }
    }
}

impl Runtime {
    /// A sandbox with the function in it and without a launcher.
    pub(crate) fn sandbox(&self, name: &str) -> Sandbox {
        let mut sandbox = Sandbox::new(name);
        sandbox.write("runtime/bootstrap", include_str!("runtimes/bootstrap.sh"));
        sandbox.make_executable("runtime/bootstrap");
        sandbox.write("runtime/command", &(self.argv.join("\n") + "\n"));
        for file in &self.files {
            file.put_into(&sandbox);
        }
        for (variable, value) in &self.variables {
            sandbox.set(variable, value);
        }
        if self.handler_variable {
            sandbox.set("_HANDLER", self.handler);
        }
        sandbox
    }
}

/// The bootstrap, with a line of the shell before everything.
pub(crate) fn bootstrap_after(line: &str) -> String {
    include_str!("runtimes/bootstrap.sh").replacen('\n', &format!("\n{line}\n"), 1)
}

/// The variables that say which managed runtime it is.
fn managed(execution_env: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_EXECUTION_ENV", execution_env.into()),
        ("LAMBDA_TASK_ROOT", "/var/task".into()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".into()),
    ]
}

fn owned(argv: &[&str]) -> Vec<String> {
    argv.iter().map(ToString::to_string).collect()
}
