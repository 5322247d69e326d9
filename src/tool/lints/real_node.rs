//! The Node.js of this machine, asked for the options that it allows in NODE_OPTIONS.
#![expect(clippy::disallowed_methods, reason = "starts node, where there is one, with a question of ours")]

use std::process::{Command, Stdio};

/// A version, and the options, one a line.
const QUESTION: &str = "[process.version, ...process.allowedNodeEnvironmentFlags].join('\\n')";

/// What `node` on the PATH answers; `None` when there is none. Nothing but this question is ever run.
pub(super) fn ask() -> Option<String> {
    // Without a PATH the library would look at places of its own.
    std::env::var_os("PATH")?;
    let mut node = Command::new("node");
    let output = node.args(["-p", QUESTION]).env_remove("NODE_OPTIONS").stdin(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}
