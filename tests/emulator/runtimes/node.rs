//! Node with a client of ours: AWS's own is built for minutes.

use serde_json::json;

use super::{Hook, Options, Placed, Runtime, managed, owned};
use crate::interpreters;

pub(crate) fn node() -> Result<Runtime, String> {
    Ok(Runtime {
        interpreter: interpreters::node()?,
        argv: owned(&[
            "/var/lang/bin/node",
            "--expose-gc",
            "--max-http-header-size",
            "81920",
            "/var/runtime/index.cjs",
        ]),
        variables: managed("AWS_Lambda_nodejs20.x"),
        files: vec![
            Placed::text("runtime/index.cjs", include_str!("node/index.cjs")),
            Placed::text("task/app.js", include_str!("node/app.js")),
            Placed::text("task/redirected.js", include_str!("node/redirected.js")),
        ],
        handler: "app.handler",
        handler_variable: true,
        redirected: "redirected.handler",
        default: ("AWS_NODEJS_CONNECTION_REUSE_ENABLED", "1"),
        hook: Hook {
            edit: r#"NODE_OPTIONS.append = ["--require", "/opt/pre.cjs"]"#,
            files: vec![Placed::text("layer/pre.cjs", include_str!("node/pre.cjs"))],
        },
        options: Options { arguments: &["--stack-trace-limit=7"], at: 1, effect: json!(7) },
    })
}
