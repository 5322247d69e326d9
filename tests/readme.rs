//! Every command of the README, of the tool's page and of the pages on `explain`, `compare` and `convert` does what the page shows.
#![expect(clippy::disallowed_methods, reason = "a test reads files and starts programs")]

mod common;

use std::path::Path;
use std::process::Command;

use common::elf;
use common::folder::Folder;
use snapbox::Data;

/// The commands of the console blocks, each with the output shown below it.
fn commands(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
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

/// In a folder with a profile that has mistakes and a static program, as somebody who follows the page would have them.
#[cfg(feature = "tool")]
#[test]
fn the_tool_does_what_its_page_shows() {
    let desk = Folder::new();
    desk.file(
        "slips.toml",
        "[env]\nNODE_OPTIONS.append = [\"--require\", \"/opt/agent.js\"]\nNODE_OPTIONS.seperator = \" \"\n",
    );
    desk.file("late.toml", "[env]\nPORT.default = 4318\nCOLLECTOR.default = \"http://127.0.0.1:${PORT}\"\n");
    desk.file("wrapper", elf::program(elf::X86_64));
    does_what_it_shows("docs/tool.md", &desk);
}

/// In a folder with a wrapper script and a profile that is to take its place.
#[cfg(feature = "tool")]
#[test]
fn compare_does_what_its_page_shows() {
    let desk = Folder::new();
    desk.program("otel-wrapper", OTEL_WRAPPER);
    desk.file("otel.toml", OTEL_PROFILE);
    does_what_it_shows("docs/compare.md", &desk);
}

#[cfg(feature = "tool")]
#[test]
fn convert_does_what_its_page_shows() {
    let desk = Folder::new();
    desk.program("otel-wrapper", OTEL_WRAPPER);
    does_what_it_shows("docs/convert.md", &desk);
}

#[cfg(feature = "tool")]
const OTEL_WRAPPER: &str = r#"#!/bin/bash
# Loads OpenTelemetry into a Node.js function.
export NODE_OPTIONS="$NODE_OPTIONS --import /opt/otel.mjs"
export OTEL_RESOURCE_ATTRIBUTES="service.name=$AWS_LAMBDA_FUNCTION_NAME,$OTEL_RESOURCE_ATTRIBUTES"
if [ "$OTEL_DEBUG" == "true" ]; then
  export OTEL_LOG_LEVEL=debug
fi
exec $@
"#;

#[cfg(feature = "tool")]
const OTEL_PROFILE: &str = r#"[env]
NODE_OPTIONS.append = ["--import", "/opt/otel.mjs"]
OTEL_RESOURCE_ATTRIBUTES.pairs = { "service.name" = "${AWS_LAMBDA_FUNCTION_NAME}" }

[[rules]]
when.env.OTEL_DEBUG = true
env.OTEL_LOG_LEVEL = "debug"
"#;

/// Runs the commands of a page in a folder.
#[cfg(feature = "tool")]
fn does_what_it_shows(page: &str, desk: &Folder) {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("a page");
    // Another test here has cargo build: what it replaces is not what runs.
    let tool = Folder::new();
    for (name, program) in [("forerun", env!("CARGO_BIN_EXE_forerun")), ("wrapper", env!("CARGO_BIN_EXE_wrapper"))] {
        let own = tool.0.join(name);
        std::fs::hard_link(program, &own).or_else(|_| std::fs::copy(program, &own).map(drop)).expect("a program");
    }
    let path = format!("{}:{}", tool.0.display(), std::env::var("PATH").unwrap_or_default());
    let commands = commands(&page);
    assert!(commands.len() >= 5, "{} commands", commands.len());
    for (command, expected) in commands {
        let mut shell = Command::new("bash");
        shell
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(&desk.0)
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C");
        let said = shell.output().expect("a shell").stdout;
        let said = String::from_utf8(said).expect("text");
        snapbox::assert_data_eq!(said, expected);
    }
}
