//! Every command of the README does what the README shows.
#![expect(clippy::disallowed_methods, reason = "a test reads files and starts programs")]

use std::path::Path;
use std::process::Command;

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
fn the_commands_do_what_the_readme_shows() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(project.join("README.md")).expect("a README");
    let mut run = 0;
    for (command, expected) in commands(&readme) {
        // This very run is that command.
        if command == "cargo test" {
            continue;
        }
        let mut shell = Command::new("sh");
        // Variables that cargo set for this test would have the same code built anew.
        shell.args(["-c", &command]).current_dir(project).env("NO_COLOR", "1");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
                shell.env_remove(name);
            }
        }
        let output = shell.output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        snapbox::assert_data_eq!(said, expected.trim_end_matches('\n').to_owned() + "\n");
        run += 1;
    }
    assert!(run >= 3, "{run} commands");
}
