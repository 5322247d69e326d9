//! What npm's registry has of the layers for Node.js, each with exact versions.

use std::path::PathBuf;
use std::process::Command;

use crate::parts;

/// OpenTelemetry's packages of which its layer is made.
pub(super) fn opentelemetry() -> Result<PathBuf, String> {
    installed("opentelemetry-nodejs", include_str!("nodejs/opentelemetry.json"))
}

/// AWS's distribution of them.
pub(super) fn adot() -> Result<PathBuf, String> {
    installed("adot-nodejs", include_str!("nodejs/adot.json"))
}

/// The `node_modules` that the package.json `wanted` asks for.
fn installed(name: &str, wanted: &str) -> Result<PathBuf, String> {
    let part = parts::build(name, &[("package.json", wanted)], |dir| {
        let mut npm = Command::new("npm");
        npm.current_dir(dir).args(["install", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"]);
        parts::run(npm.args(["--omit=dev", "--no-package-lock", "--fetch-retries=1"])).map(drop)
    })?;
    Ok(part.join("node_modules"))
}
