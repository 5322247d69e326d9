//! The reference says what the program does: its examples parse, its tables are complete, every message is in it.
#![expect(clippy::disallowed_methods, reason = "this test reads the pages and the profiles")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use forerun::problem::Code;
use forerun::profile::grammar::{FIRST_EXISTING, Grammar, PROFILE, Shape};
use forerun::profile::lists::{KNOWN, Kind, Quoting};
use forerun::profile::parse;

/// Codes that are only ever warnings: the start goes on.
const WARNINGS: [Code; 14] = [
    Code::Setting,
    Code::NoInterpreter,
    Code::NoneExists,
    Code::NoHandler,
    Code::NoProfileOfOwnName,
    Code::FlagAbsent,
    Code::UnterminatedQuote,
    Code::ProfileLeftOut,
    Code::ProfileWarns,
    Code::SidecarEnded,
    Code::StillThere,
    Code::LimitNotSet,
    Code::DirectoryNotMade,
    Code::NotRegistered,
];

/// Codes that are warnings, but errors when the sidecar is `required`.
const AS_REQUIRED: [Code; 6] = [
    Code::SidecarNotStarted,
    Code::SidecarDied,
    Code::SidecarNotReady,
    Code::SidecarInUse,
    Code::SupervisorFailed,
    Code::SidecarUnusable,
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder whose name has this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn pages() -> Vec<PathBuf> {
    let mut pages = files(&root().join("docs"), ".md");
    pages.extend(files(&root().join("examples"), ".md"));
    pages.extend(Some(root().join("README.md")).filter(|readme| readme.exists()));
    pages
}

/// A fenced block of a page.
struct Block {
    place: String,
    language: String,
    text: String,
}

fn blocks(path: &Path) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in read(path).lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                inside = true;
                let place = format!("{}:{}", path.display(), number + 1);
                blocks.push(Block { place, language: language.trim().to_owned(), text: String::new() });
            }
            None if inside => {
                let block = blocks.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!inside, "{}: a block is not closed", path.display());
    blocks
}

#[track_caller]
fn assert_parses(place: &str, text: &str) {
    if let Err(problems) = parse(text, 0).profile {
        let shown: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.code, problem.message)).collect();
        panic!("{place} does not parse:\n{}", shown.join("\n"));
    }
}

#[test]
fn examples_in_the_pages_parse_and_bad_ones_are_refused() {
    let (mut good, mut bad) = (0, 0);
    for block in pages().iter().flat_map(|page| blocks(page)) {
        match &block.language[..] {
            "toml" => {
                assert_parses(&block.place, &block.text);
                good += 1;
            }
            "toml,bad" => {
                let code = block.text.lines().next().and_then(|line| line.strip_prefix("# "));
                let code = code.unwrap_or_else(|| panic!("{}: the first line names no code", block.place));
                let problems = parse(&block.text, 0).profile.err().unwrap_or_default();
                let found: Vec<String> = problems.iter().map(|problem| problem.code.to_string()).collect();
                assert_eq!(found, [code], "{}", block.place);
                bad += 1;
            }
            _ => {}
        }
    }
    assert!(good > 20 && bad > 10, "{good} good and {bad} bad blocks: too few to be all");
}

#[test]
fn profiles_that_ship_parse() {
    let built_in = files(&root().join("profiles"), ".toml");
    let examples = files(&root().join("examples"), ".toml");
    assert!(built_in.len() >= 5 && examples.len() >= 11);
    for path in built_in.iter().chain(&examples) {
        let text = read(path);
        assert_parses(&path.display().to_string(), &text);
        let described = parse(&text, 0).profile.is_ok_and(|profile| profile.description.is_some());
        assert!(described, "{} has no description", path.display());
    }
}

#[test]
fn every_example_has_a_readme() {
    for path in files(&root().join("examples"), "forerun.toml") {
        let readme = path.with_file_name("README.md");
        assert!(readme.exists(), "{} is missing", readme.display());
    }
}

/// The grammar of a table and of all tables in it.
fn grammars(grammar: &'static Grammar, seen: &mut Vec<&'static Grammar>) {
    if seen.iter().any(|one| std::ptr::eq(*one, grammar)) {
        return;
    }
    seen.push(grammar);
    for key in grammar.keys {
        match key.shape {
            Shape::Table(inner)
            | Shape::Tables(inner)
            | Shape::Edits(inner)
            | Shape::Tests(inner)
            | Shape::Families(inner) => grammars(inner, seen),
            Shape::Value | Shape::Items => grammars(&FIRST_EXISTING, seen),
            _ => {}
        }
    }
}

#[test]
fn the_reference_names_every_key() {
    let page = read(&root().join("docs/profile.md"));
    let mut all = Vec::new();
    grammars(&PROFILE, &mut all);
    let missing: Vec<String> = all
        .iter()
        .flat_map(|grammar| grammar.keys.iter().map(move |key| (grammar, key)))
        .filter(|(_, key)| !page.contains(&format!("`{}`", key.name)))
        .map(|(grammar, key)| format!("`{}` of {}", key.name, grammar.label))
        .collect();
    assert_eq!(missing, [""; 0]);
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Elements { absolute: true } => "paths".to_owned(),
        Kind::Elements { absolute: false } => "words".to_owned(),
        Kind::Options(Quoting::Node) => "options, Node quoting".to_owned(),
        Kind::Options(Quoting::Jvm) => "options, JVM quoting".to_owned(),
        Kind::Options(Quoting::None) => "options, no quoting".to_owned(),
        Kind::Pairs { assign, encoded } => {
            format!("pairs with `{}`{}", char::from(assign), if encoded { ", percent-encoded" } else { "" })
        }
    }
}

#[test]
fn the_table_of_list_variables_is_the_programs() {
    let page = read(&root().join("docs/profile.md"));
    let table = page.split("### Known list variables").nth(1).expect("the section is there");
    let rows: Vec<&str> =
        table.lines().take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = KNOWN
        .iter()
        .map(|&(name, separator, holds)| {
            let separator = if separator == " " { "space".to_owned() } else { format!("`{separator}`") };
            format!("| `{name}` | {separator} | {} |", kind(holds))
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn every_message_has_its_section() {
    let page = read(&root().join("docs/messages.md"));
    let mut sections = page.split("\n## ").skip(1).filter(|section| section.starts_with("FR"));
    for code in Code::ALL {
        let section = sections.next().unwrap_or_else(|| panic!("{code} {code:?} has no section"));
        assert_eq!(section.lines().next(), Some(&format!("{code} {code:?}")[..]), "in the order of the codes");
        let warning = "**A warning.** The start goes on.";
        let status = code.exit_status();
        let (level, outcome) = if WARNINGS.contains(&code) {
            ("warning", warning.to_owned())
        } else if AS_REQUIRED.contains(&code) {
            ("warning", format!("{warning} If the sidecar is `required`: **an error.** Exit status {status}."))
        } else {
            ("error", format!("**An error.** Exit status {status}."))
        };
        assert!(section.lines().any(|line| line == outcome), "{code} does not say: {outcome}");
        let example = format!("forerun: {level}[{code}]: ");
        assert!(section.lines().any(|line| line.starts_with(&example)), "{code} has no example line");
    }
    let left: Vec<&str> = sections.filter_map(|section| section.lines().next()).collect();
    assert_eq!(left, [""; 0], "sections of codes that do not exist");
}

/// The anchor that a heading gets where the pages are read.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    for page in pages() {
        let text = read(&page);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, section) = target.split_once('#').unwrap_or((target, ""));
            let there = if file.is_empty() { page.clone() } else { page.with_file_name("").join(file) };
            assert!(there.exists(), "{}: {target}", page.display());
            if !section.is_empty() {
                let headings = read(&there);
                let anchors: BTreeSet<String> = headings
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .map(|line| anchor(line.trim_start_matches('#').trim()))
                    .collect();
                assert!(anchors.contains(section), "{}: {target}", page.display());
            }
        }
    }
}
