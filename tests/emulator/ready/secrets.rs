//! `secrets-manager`: a script that fetches secrets and starts forerun again, beside other profiles.

use std::path::Path;

use serde_json::Value;

use super::with_profiles;
use crate::cases::{answer, invoke};
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;

/// The runtime has the secrets and what the other profile does, whichever of the two is named first.
pub(crate) fn with_another_profile(runtime: &Runtime, name: &str) {
    for profiles in ["secrets-manager,python-importtime", "python-importtime,secrets-manager"] {
        let sandbox = with_profiles(profiles, runtime, name);
        put_layer(&sandbox);
        let outcome = invoke(runtime, &sandbox);
        let answer = answer(&outcome);
        assert_secrets(&answer);
        assert_eq!(answer["argv"][1], "-X");
        assert!(outcome.log.contains("import time:"), "{}", outcome.log);
    }
}

/// The secret names a further wrapper, as the script's users chain theirs.
pub(crate) fn with_further_wrapper(runtime: &Runtime, name: &str) {
    let sandbox = with_profiles("secrets-manager,python-importtime", runtime, name);
    put_layer(&sandbox);
    let fetches = "#!/bin/sh\necho 'DB_USER|app'\necho 'AWS_LAMBDA_EXEC_WRAPPER|/opt/further'\n";
    sandbox.write("layer/go-retrieve-secret", fetches);
    sandbox.write("layer/further", "#!/bin/sh\nexport FURTHER=yes\nexec \"$@\"\n");
    sandbox.make_executable("layer/further");
    let answer = answer(&invoke(runtime, &sandbox));
    assert_eq!(answer["env"]["DB_USER"], "app");
    assert_eq!(answer["env"]["FURTHER"], "yes");
    assert_eq!(answer["argv"][1], "-X");
}

/// A secret that cannot be read: the script ends, and so does the start.
pub(crate) fn without_secret(runtime: &Runtime, name: &str) {
    let sandbox = with_profiles("secrets-manager,python-importtime", runtime, name);
    put_layer(&sandbox);
    sandbox.write("layer/go-retrieve-secret", "#!/bin/sh\nexit 1\n");
    let outcome = invoke(runtime, &sandbox);
    assert_eq!(outcome.answers[0].status, 502);
    assert!(outcome.log.contains("the secret cannot be read"), "{}", outcome.log);
}

/// The script, and what stands for the program that it fetches secrets with.
pub(super) fn put_layer(sandbox: &Sandbox) {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrappers/secrets-import/opt");
    for script in ["get-secrets-layer", "go-retrieve-secret"] {
        sandbox.copy(&format!("layer/{script}"), &scripts.join(script));
        sandbox.make_executable(&format!("layer/{script}"));
    }
}

pub(super) fn assert_secrets(answer: &Value) {
    assert_eq!(answer["env"]["DB_USER"], "app");
    assert_eq!(answer["env"]["FORERUN_THROUGH"], Value::Null, "the mark of the first start is gone");
}
