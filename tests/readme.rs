//! Every command of the README, and of the page on `explain`, does what is shown there.
#![expect(clippy::disallowed_methods, reason = "a test reads files and starts programs")]

use std::path::Path;
use std::process::Command;

use snapbox::Data;

/// The commands of the console blocks, each with the output shown below it.
fn commands(readme: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => {
                    output.push_str(line);
                    output.push('\n');
                }
                (None, None) => panic!("output without a command: {line}"),
            },
        }
    }
    found
}

#[test]
fn the_commands_do_what_the_pages_show() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = |name: &str| std::fs::read_to_string(project.join(name)).expect(name);
    let shown = ["README.md", "docs/explain.md"].map(|name| commands(&page(name))).concat();
    let mut run = 0;
    for (command, expected) in shown {
        // This very run is that command.
        if command == "cargo test" {
            continue;
        }
        let mut shell = Command::new("sh");
        // Variables that cargo set for this test would have the same code built anew.
        let installed = r#"forerun() { cargo run --quiet -- "$@"; }"#;
        shell.args(["-c", &format!("{installed}\n{command}")]).current_dir(project).env("NO_COLOR", "1");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
                shell.env_remove(name);
            }
        }
        let output = shell.output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        let expected = expected.trim_end_matches('\n').to_owned() + "\n";
        // Backslashes in JSON are not those of a path.
        snapbox::Assert::new().eq(Data::text(said).raw(), Data::text(expected).raw());
        run += 1;
    }
    assert!(run >= 7, "{run} commands");
}
