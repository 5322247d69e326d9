//! Whatever a profile says, the lints come to an end and speak of places that are in it.

use std::path::Path;

use proptest::prelude::*;

use super::{Field, NodeOptions, Root, find};
use crate::library::Library;

const TOPS: [&str; 4] = ["", r#"allow = ["", "FR501"]"#, r#"when.runtime = "java>=17""#, "shutdown.graceful = true"];

const CONDITIONS: [&str; 8] = [
    "",
    r#"runtime = ["nodejs>=0", "java<99", "python3.0"]"#,
    r#"env.X = """#,
    r#"not.env.X = ["a", "é"]"#,
    r#"arch = "arm64""#,
    "any = [{ env.X = true }]",
    r#"env.X = { matches = "*" }"#,
    r#"exists = "/opt/é""#,
];

const BODIES: [&str; 15] = [
    r#"env.NODE_OPTIONS.append = ["--é=", "-", "--"]"#,
    r#"env.NODE_OPTIONS = "--import \"""#,
    r#"env.JAVA_TOOL_OPTIONS = "-javaagent: -cp""#,
    r#"env.X.default = "${X:-}""#,
    r#"env.X = """#,
    "env.X.unset = true",
    r#"env.X = "/opt/""#,
    r#"env.LD_PRELOAD.append = ["/opt/*"]"#,
    r#"env.CORECLR_PROFILER = "}""#,
    r#"env.Y = "`é`""#,
    r#"args.options = ["-XX:", "-D", "-XX:+UseG1GC"]"#,
    r#"args.append = ["-"]"#,
    r#"args.through = ["/opt/é"]"#,
    r#"args.command = ["${0}", "${1..}", "-é"]"#,
    r#"handler = { redirect = "${_HANDLER}", original = "X" }"#,
];

const SIDECARS: [&str; 4] = ["", r#"ready.tcp = "${X}""#, r#"log = "/tmp/""#, r#"ready.file = "/opt/é""#];

proptest! {
    #[test]
    fn no_profile_is_too_odd_to_be_looked_at(
        top in prop::sample::select(&TOPS[..]),
        rules in proptest::collection::vec(
            (prop::sample::select(&CONDITIONS[..]), prop::sample::select(&BODIES[..])),
            0..6,
        ),
        sidecar in prop::sample::select(&SIDECARS[..]),
    ) {
        let rule = |(when, body): &(&str, &str)| format!("[[rules]]\nwhen = {{ {when} }}\n{body}\n");
        let rules: String = rules.iter().map(rule).collect();
        let sidecar = format!("[[sidecars]]\nname = \"a\"\ncommand = [\"/opt/a b\", \"${{X}}\"]\n{sidecar}\n");
        let text = format!("{top}\n{rules}{sidecar}");
        let mut library = Library::default();
        let id = library.add(b"x.toml".to_vec(), Ok(text.clone().into_bytes()));
        prop_assert!(library.source(id).profile.is_ok(), "{text}");
        let root = Root::open(Path::new(env!("CARGO_MANIFEST_DIR"))).ok();
        let field = Field { runtimes: Vec::new(), root, node: NodeOptions::built_in() };
        for finding in find(&library, &[vec![id]], &field) {
            let place = finding.origin.map(|origin| origin.span);
            prop_assert!(place.is_none_or(|span| text.get(span.start..span.end).is_some()), "{finding:?}");
            prop_assert!(!finding.message.contains('\n'));
        }
    }
}
