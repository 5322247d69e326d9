//! The JSON Schema and the parser are made from the same tables; here they are held to the same answers.
#![expect(clippy::disallowed_methods, reason = "a test reads files and starts the tool")]

use std::path::{Path, PathBuf};
use std::process::Command;

use forerun::problem::Code;
use forerun::profile::grammar::{Grammar, PROFILE, Shape};
use forerun::profile::parse;
use serde_json::Value;

fn printed() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_forerun")).arg("schema").output().expect("the tool starts");
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the project").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn the_schema_in_docs_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profile.schema.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == printed(), "run `cargo run -- schema > docs/profile.schema.json`");
}

/// What the parser takes, the schema takes; an unknown key or a wrong type, neither takes.
#[test]
fn schema_and_parser_agree() {
    let schema: Value = serde_json::from_str(&printed()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let (mut good, mut bad) = (0, 0);
    for path in [files("profiles"), files("examples"), files("tests/tool")].concat() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Ok(document) = toml::from_str::<Value>(&text) else { continue };
        let verdict = validator.validate(&document);
        match parse(&text, 0).profile {
            Ok(_) => {
                good += 1;
                assert!(verdict.is_ok(), "{}: {verdict:?}", path.display());
            }
            Err(problems)
                if problems.iter().any(|problem| matches!(problem.code, Code::UnknownKey | Code::WrongType)) =>
            {
                bad += 1;
                assert!(verdict.is_err(), "{}: the schema takes what the parser refuses", path.display());
            }
            Err(_) => {}
        }
    }
    assert!(good > 15 && bad > 1, "{good} good and {bad} bad profiles");
}

/// A date is wrong everywhere: every key of every table has an arm in the parser that looks at its value.
#[test]
fn the_parser_reads_every_key_of_the_grammar() {
    let mut checked = 0;
    walk(&PROFILE, "", &mut Vec::new(), &mut checked);
    assert!(checked > 70, "{checked} keys");
}

fn walk(grammar: &'static Grammar, prefix: &str, above: &mut Vec<*const Grammar>, checked: &mut usize) {
    if above.contains(&std::ptr::from_ref(grammar)) {
        return;
    }
    above.push(grammar);
    for key in grammar.keys {
        let path = format!("{prefix}{}", key.name);
        let text = format!("{path} = 2026-01-01\n");
        let problems = parse(&text, 0).profile.expect_err(&text);
        assert!(problems.iter().all(|problem| problem.code != Code::UnknownKey), "{text}: {problems:?}");
        *checked += 1;
        match key.shape {
            Shape::Table(below) => walk(below, &format!("{path}."), above, checked),
            Shape::Edits(below) | Shape::Tests(below) => walk(below, &format!("{path}.NAME."), above, checked),
            Shape::Families(below) => walk(below, &format!("{path}.python."), above, checked),
            _ => {}
        }
    }
    above.pop();
}
