//! Proxies of the Runtime API of two vendors at once, as docs/two-vendors.md has it.

use serde_json::json;

use super::with_profiles;
use crate::runtimes::Runtime;
use crate::watched::watch;

/// Named last, the proxy that has been told of the other one hands on to it.
pub(crate) fn one_behind_the_other(runtime: &Runtime, name: &str) {
    let passed = proxies_passed("firetail,lpr", "127.0.0.1:9008", runtime, name);
    assert_eq!(passed, ["lpr to 127.0.0.1:9009", "firetail to 127.0.0.1:9001"]);
}

/// Named last, the one that has not been told leaves the other one out.
pub(crate) fn one_alone(runtime: &Runtime, name: &str) {
    let passed = proxies_passed("lpr,firetail", "127.0.0.1:9009", runtime, name);
    assert_eq!(passed, ["firetail to 127.0.0.1:9001"]);
}

/// Which proxies the runtime's calls go through, when it is told of the one at `nearest`.
fn proxies_passed(profiles: &str, nearest: &str, runtime: &Runtime, name: &str) -> Vec<String> {
    let mut sandbox = with_profiles(profiles, runtime, name);
    for vendor in ["firetail", "lpr"] {
        let extension = format!("layer/extensions/{vendor}");
        sandbox.write(&extension, include_str!("two_proxies/proxy.py"));
        sandbox.make_executable(&extension);
    }
    // An extension sees the function's own settings, and not those of a profile.
    sandbox.set("LPR_PROXY_ADDR", "127.0.0.1:9008");
    sandbox.set("LPR_UPSTREAM_RUNTIME_API", "127.0.0.1:9009");
    let event = json!({ "order": 7 });
    let watched = watch(&mut sandbox, &runtime.interpreter, std::slice::from_ref(&event));
    assert_eq!(watched.answer(0)["event"], event);
    assert_eq!(watched.answer(0)["env"]["AWS_LAMBDA_RUNTIME_API"], nearest);

    let passed = sandbox.read("tmp/proxies").unwrap_or_else(|why| panic!("{why}"));
    // The runtime may have opened several connections, all of them on the same way.
    let mut order: Vec<String> = Vec::new();
    for proxy in passed.lines() {
        if !order.iter().any(|known| known == proxy) {
            order.push(proxy.to_owned());
        }
    }
    order
}
