//! Profiles that change what an interpreter is started with.

use serde_json::json;

use super::with_profiles;
use crate::cases::{answer, invoke};
use crate::runtimes::Runtime;

pub(crate) fn importtime(runtime: &Runtime, name: &str) {
    let outcome = invoke(runtime, &with_profiles("python-importtime", runtime, name));
    answer(&outcome);
    assert!(outcome.log.contains("import time:"), "{}", outcome.log);
}

/// The function's own modules are loaded before its handler, the loader first; what is missing is not.
pub(crate) fn import(runtime: &Runtime, name: &str) {
    let loader = ("task/loader.mjs", "globalThis.forerunHook = ['loader'];\n");
    let instrumentation = ("task/instrumentation.mjs", "(globalThis.forerunHook ??= []).push('instrumentation');\n");
    for (files, loaded) in [
        (&[loader, instrumentation][..], json!(["loader", "instrumentation"])),
        (&[instrumentation], json!(["instrumentation"])),
        (&[], json!(null)),
    ] {
        let mut sandbox = with_profiles("nodejs-import", runtime, name);
        sandbox.set("NODE_OPTIONS", "--stack-trace-limit=7");
        for (at, text) in files {
            sandbox.write(at, text);
        }
        let answer = answer(&invoke(runtime, &sandbox));
        assert_eq!(answer["hook"], loaded);
        assert_eq!(answer["option"], 7, "the user's own option");
    }
}

/// What the variable asks for is gone; an empty one asks for nothing.
pub(crate) fn exclude_args(runtime: &Runtime, name: &str) {
    for excluded in ["Tiered", "", "-XX:*"] {
        let mut sandbox = with_profiles("exclude-args", runtime, name);
        sandbox.set("AWS_LAMBDA_EXEC_WRAPPER_EXCLUDE_ARGS", excluded);
        let answer = answer(&invoke(runtime, &sandbox));
        let kept = runtime.argv.iter().filter(|argument| excluded.is_empty() || !argument.contains(excluded));
        assert_eq!(answer["argv"], json!(kept.collect::<Vec<_>>()), "{excluded:?}");
    }
}
