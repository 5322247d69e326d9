//! Ruby with a client of ours: Debian has no package of AWS's own.

use serde_json::json;

use super::{Hook, Options, Placed, Runtime, managed, owned};
use crate::interpreters;

pub(crate) fn ruby() -> Result<Runtime, String> {
    Ok(Runtime {
        interpreter: interpreters::ruby()?,
        argv: owned(&["/var/lang/bin/ruby", "/var/runtime/index.rb"]),
        variables: managed("AWS_Lambda_ruby3.2"),
        files: vec![
            Placed::text("runtime/index.rb", include_str!("ruby/index.rb")),
            Placed::text("task/app.rb", include_str!("ruby/app.rb")),
            Placed::text("task/redirected.rb", include_str!("ruby/redirected.rb")),
        ],
        handler: "app.handler",
        handler_variable: true,
        redirected: "redirected.redirected_handler",
        default: ("MALLOC_ARENA_MAX", "2"),
        hook: Hook {
            edit: r#"RUBYOPT.append = ["-r/opt/pre.rb"]"#,
            files: vec![Placed::text("layer/pre.rb", include_str!("ruby/pre.rb"))],
        },
        options: Options { arguments: &["--enable=frozen-string-literal"], at: 1, effect: json!(true) },
    })
}
