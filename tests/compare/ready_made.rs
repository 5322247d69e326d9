//! Ready-made profiles against scripts of tests/wrappers that do what their vendors' do: what is different between the
//! two and has no reason that `compare` knows is what `pairs.rs` says, on as many starts as it says, no more and no
//! less. Which value the profile gives there, tests/ready knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use forerun::builtin;

use super::pairs::{NOT_TRIED, On, PAIRS, Pair};
use super::{Value, Wrapper, compare, json, said};
use crate::common::folder::Folder;

/// More than the starts on which one thing is out of the ordinary: only such ones are asked for.
const STARTS: &str = "200";

/// Puts everything below a folder into another one.
fn copy(from: &Path, to: &Path, renamed: &[(&str, &str)]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        if old.is_dir() {
            copy(&old, &new, renamed);
            continue;
        }
        fs::copy(&old, &new).unwrap();
        if !renamed.is_empty() {
            let text = fs::read_to_string(&old).unwrap();
            fs::write(new, renamed.iter().fold(text, |text, (from, to)| text.replace(from, to))).unwrap();
        }
    }
}

/// What `compare` says as JSON, or why it refuses.
fn run(pair: &Pair) -> Result<Value, String> {
    let wrapper = Wrapper::named(pair.script);
    let desk = Folder::new();
    copy(&wrapper.folder.join("opt"), &desk.0.join("opt"), pair.renamed);
    for file in pair.layer {
        desk.file(&format!("opt/{file}"), "");
    }
    let mut command = compare(&desk.0)
        .args([wrapper.about["script"].as_str().unwrap(), &format!("builtin:{}", pair.profile), "--root", "opt"])
        .args(["--json", "--runtime", pair.runtime, "--starts", STARTS, "--timeout", "30", "--only", "0"]);
    if wrapper.folder.join("task").is_dir() {
        copy(&wrapper.folder.join("task"), &desk.0.join("task"), &[]);
        command = command.args(["--task", "task"]);
    }
    for start in pair.starts {
        command = command.args(["--only", start]);
    }
    let run = command.assert();
    if matches!(run.get_output().status.code(), Some(0 | 1)) { Ok(json(&run)) } else { Err(said(&run)) }
}

/// What a difference is in, and for a line of the log which one, and whose.
fn name(difference: &Value) -> String {
    let text = |key: &str| difference[key].as_str();
    match (text("dimension").unwrap(), text("name")) {
        ("output", _) => match text("profile") {
            Some(line) => format!("says {line}"),
            None => format!("does not say {}", text("script").unwrap_or_default()),
        },
        (dimension, None) => dimension.to_owned(),
        (_, Some(name)) => name.to_owned(),
    }
}

/// Whether a difference is on as many starts as is said, and its example is one of them.
fn is_on(on: &On, difference: &Value, starts: usize) -> bool {
    // What is out of the ordinary stands behind the runtime.
    let described: Vec<&str> =
        difference["described"].as_array().unwrap()[1..].iter().flat_map(Value::as_str).collect();
    let (expected, example) = match on {
        On::AllBut(others) => (starts - others.len(), described.is_empty()),
        On::Only(these) => (these.len(), these.iter().any(|start| described == [*start])),
    };
    example && difference["starts"] == expected
}

/// What is different otherwise than the pair says.
fn news(pair: &Pair, document: &Value) -> Vec<String> {
    // The ordinary one is always there.
    let starts = pair.starts.len() + 1;
    let mut news = Vec::new();
    if document["starts"] != starts {
        news.push(format!("{} starts instead of {starts}", document["starts"]));
    }
    let mut known: Vec<_> = pair.differences.iter().collect();
    for difference in document["differences"].as_array().unwrap() {
        let name = name(difference);
        match known.iter().position(|(known, on, _)| *known == name && is_on(on, difference, starts)) {
            Some(place) => _ = known.remove(place),
            None => news.push(format!("new: {name}: {difference:#}")),
        }
    }
    news.extend(known.iter().map(|(name, on, why)| format!("not there: {name}, {on:?}: {why}")));
    news
}

#[test]
fn what_a_ready_made_profile_does_otherwise_than_a_script_is_written_down() {
    let mut failed = Vec::new();
    for pair in PAIRS {
        for (name, On::AllBut(starts) | On::Only(starts), _) in pair.differences {
            let unknown = starts.iter().find(|start| !pair.starts.contains(start));
            assert_eq!(unknown, None, "{} and {}: {name}: no such start", pair.profile, pair.script);
        }
        if !Wrapper::named(pair.script).has_interpreter() {
            assert!(std::env::var_os("CI").is_none(), "not run: {}: its interpreter is not installed", pair.script);
            eprintln!("{}: not run: its interpreter is not installed", pair.script);
            continue;
        }
        let news = run(pair).map_or_else(|refused| vec![refused], |document| news(pair, &document));
        failed.extend(news.iter().map(|news| format!("{} and {}: {news}", pair.profile, pair.script)));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_ready_made_profile_is_held_against_a_script_or_it_is_said_why_not() {
    let mut profiles: Vec<&str> = NOT_TRIED.iter().map(|(profile, _)| *profile).collect();
    profiles.extend(PAIRS.iter().map(|pair| pair.profile).collect::<BTreeSet<_>>());
    profiles.sort_unstable();
    let mut all: Vec<&str> = builtin::names().collect();
    all.sort_unstable();
    assert_eq!(profiles, all, "each one is in one of the two tables");
}
