//! The profiles that send the runtime's calls to a proxy. The relay is one: without it no answer would come.

use super::with_profiles;
use crate::cases::{answer, invoke};
use crate::runtimes::Runtime;

/// The emulator's own address.
const REAL: &str = "127.0.0.1:9001";

pub(crate) fn runtime_api_proxy(runtime: &Runtime, name: &str) {
    let kept = [("LRAP_RUNTIME_API_ENDPOINT", REAL)];
    proxied("runtime-api-proxy", &[], "127.0.0.1:9009", &kept, runtime, name);
    proxied("runtime-api-proxy", &[("LRAP_LISTENER_PORT", "8082")], "127.0.0.1:8082", &kept, runtime, name);
}

pub(crate) fn firetail(runtime: &Runtime, name: &str) {
    proxied("firetail", &[], "127.0.0.1:9009", &[], runtime, name);
    proxied("firetail", &[("FIRETAIL_LAMBDA_EXTENSION_PORT", "8082")], "127.0.0.1:8082", &[], runtime, name);
}

pub(crate) fn live_lambda(runtime: &Runtime, name: &str) {
    proxied("live-lambda", &[], "127.0.0.1:8082", &[], runtime, name);
    proxied("live-lambda", &[("LRAP_LISTENER_PORT", "9009")], "127.0.0.1:9009", &[], runtime, name);
}

pub(crate) fn lpr(runtime: &Runtime, name: &str) {
    let kept = [("LPR_UPSTREAM_RUNTIME_API", REAL)];
    proxied("lpr", &[], "127.0.0.1:9009", &kept, runtime, name);
    proxied("lpr", &[("LPR_PROXY_ADDR", "127.0.0.1:8082")], "127.0.0.1:8082", &kept, runtime, name);
}

pub(crate) fn merloc(runtime: &Runtime, name: &str) {
    proxied("merloc", &[], "127.0.0.1:9100", &[], runtime, name);
    // Emulators set one of these; the calls then go where they went.
    proxied("merloc", &[("AWS_SAM_LOCAL", "true")], REAL, &[], runtime, name);
    proxied("merloc", &[("IS_LOCAL", "True")], REAL, &[], runtime, name);
}

/// With these `variables` the runtime's calls go to `address`, and the function sees what is `kept`.
fn proxied(
    profile: &str,
    variables: &[(&str, &str)],
    address: &str,
    kept: &[(&str, &str)],
    runtime: &Runtime,
    name: &str,
) {
    let mut sandbox = with_profiles(profile, runtime, name);
    sandbox.write("layer/extensions/relay.py", include_str!("../extension/relay.py"));
    sandbox.make_executable("layer/extensions/relay.py");
    for (variable, value) in variables {
        sandbox.set(variable, value);
    }
    let answer = answer(&invoke(runtime, &sandbox));
    for (variable, value) in [("AWS_LAMBDA_RUNTIME_API", address)].iter().chain(kept) {
        assert_eq!(answer["env"][variable], *value, "{variable}");
    }
}
