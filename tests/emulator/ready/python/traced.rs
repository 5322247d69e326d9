//! A function whose spans are received, started by a vendor's script or by forerun.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::packages;
use crate::ready::{receive_spans_with_layer, spans, with_profiles};
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;
use crate::watched::watch;

/// Variables that are other ones because another program starts the function.
pub(crate) const START: [&str; 9] = [
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_LAMBDA_METADATA_TOKEN",
    "FORERUN_PROFILE",
    // Bash's own.
    "PWD",
    "SHLVL",
    "_",
    // See `packages::OF_THE_SCRIPTS`.
    "LAMBDA_LAYER_PKGS_DIR",
    "LAMBDA_RESOURCE_ATTRIBUTES",
    // Forerun leaves no empty element in it, and keeps the packages of other layers.
    "PYTHONPATH",
];

/// What instruments the function: packages, and files beside them in the layer.
pub(crate) struct Layer {
    pub(crate) packages: Vec<PathBuf>,
    pub(crate) files: Vec<(String, &'static str)>,
}

/// What starts the function.
#[derive(Clone, Copy)]
pub(crate) enum Starter {
    /// A wrapper of tests/wrappers, and the script in it.
    Script(&'static str, &'static str),
    Profiles(&'static str),
}

/// What one invocation left.
pub(crate) struct Traced {
    pub(crate) answer: Value,
    /// In an order of their own, without what is another one in each run.
    pub(crate) spans: Vec<Value>,
    pub(crate) log: String,
}

/// Invokes the function once.
pub(crate) fn traced(
    runtime: &Runtime,
    name: &str,
    layer: &Layer,
    starter: Starter,
    prepare: impl FnOnce(&mut Sandbox),
) -> Traced {
    let mut sandbox = match starter {
        Starter::Script(wrapper, script) => {
            let mut sandbox = runtime.sandbox(&format!("{name}-script"));
            packages::put_script_into_layer(&mut sandbox, wrapper, script);
            sandbox
        }
        Starter::Profiles(profiles) => with_profiles(profiles, runtime, &format!("{name}-profile")),
    };
    packages::put_into(&sandbox, "layer/python", &layer.packages);
    for (at, text) in &layer.files {
        sandbox.write(at, text);
    }
    sandbox.write("task/app.py", include_str!("app.py"));
    receive_spans_with_layer(&mut sandbox);
    prepare(&mut sandbox);

    let event = json!({ "number": 1 });
    let watched = watch(&mut sandbox, &runtime.interpreter, std::slice::from_ref(&event));
    let answer = watched.answer(0);
    assert_eq!(answer["event"], event);
    assert_eq!(answer["status"], 200);
    let mut spans = spans(&sandbox);
    for span in &mut spans {
        for (of, attribute) in [("attributes", "faas.invocation_id"), ("resource", "service.instance.id")] {
            span[of].as_object_mut().expect("attributes are an object").remove(attribute);
        }
    }
    // One is sent when it ends, or all at once.
    spans.sort_by_key(|span| span["scope"].as_str().map(str::to_owned));
    Traced { answer, spans, log: watched.log }
}

/// Makes [`Traced::pythons`] known.
pub(crate) fn count_pythons(sandbox: &mut Sandbox) {
    sandbox.set("PYTHONPROFILEIMPORTTIME", "1");
}

impl Traced {
    /// What wrote the spans.
    pub(crate) fn scopes(&self) -> Vec<&str> {
        self.spans.iter().filter_map(|span| span["scope"].as_str()).collect()
    }

    /// The names of the variables that the function found with another value than that one did, or without.
    pub(crate) fn variables_unlike(&self, other: &Traced) -> BTreeSet<String> {
        let [own, other] = [self, other].map(|traced| traced.answer["env"].as_object().expect("an object"));
        own.keys().chain(other.keys()).filter(|name| own.get(*name) != other.get(*name)).cloned().collect()
    }

    /// How many Pythons were started, where they are counted: each begins its table of imports with this heading.
    pub(crate) fn pythons(&self) -> usize {
        self.log.matches("import time: self [us] | cumulative | imported package").count()
    }
}
