//! The wrapper scripts below `tests/wrappers` are whole: what their descriptions name is there, and the profiles beside
//! them are profiles.
#![expect(clippy::disallowed_methods, reason = "a test reads files")]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use forerun::profile::parse;
use toml::Table;

/// The keys that an `about.toml` may have.
const KEYS: [&str; 6] = ["script", "runtimes", "handler", "sh", "defects", "cannot"];

fn wrappers() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wrappers")
}

fn folders() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(wrappers()).expect("the folder of the scripts").flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| (entry.file_name().into_string().expect("a plain name"), entry.path())).collect()
}

fn about(folder: &std::path::Path) -> Table {
    let path = folder.join("about.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    text.parse().unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn texts<'a>(table: &'a Table, key: &str) -> Vec<&'a str> {
    table[key].as_array().expect(key).iter().map(|text| text.as_str().expect(key)).collect()
}

/// The first cells of the rows below a heading of the README.
fn rows(heading: &str) -> BTreeSet<String> {
    let page = std::fs::read_to_string(wrappers().join("README.md")).expect("the README");
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).expect(heading);
    let table = section.split("\n\n").find(|part| part.starts_with('|')).expect("a table");
    let cells = table.lines().skip(2).filter_map(|line| line.split('|').nth(1));
    cells.map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
}

#[test]
fn every_script_is_there_and_can_be_executed() {
    for (name, folder) in folders() {
        let about = about(&folder);
        for key in about.keys() {
            assert!(KEYS.contains(&key.as_str()), "{name}: unknown key {key}");
        }
        assert!(!texts(&about, "runtimes").is_empty(), "{name}");
        let script = folder.join(about["script"].as_str().expect("the path of a script"));
        let text = std::fs::read_to_string(&script).unwrap_or_else(|why| panic!("{}: {why}", script.display()));
        assert!(text.starts_with("#!/"), "{}", script.display());
        let mode = std::fs::metadata(&script).expect("it was read").permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{}", script.display());
    }
}

#[test]
fn every_profile_is_one_and_only_what_cannot_be_said_has_none() {
    for (name, folder) in folders() {
        let Ok(text) = std::fs::read_to_string(folder.join("profile.toml")) else {
            assert!(about(&folder).contains_key("cannot"), "{name}: neither a profile nor a reason");
            continue;
        };
        if let Err(problems) = parse(&text, 0).profile {
            panic!("{name}: {:?}", problems.iter().map(|problem| problem.code).collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_readme_names_every_script_and_every_class_of_defect() {
    let names: BTreeSet<String> = folders().into_iter().map(|(name, _)| name).collect();
    assert_eq!(rows("The scripts"), names);
    let named = folders()
        .into_iter()
        .flat_map(|(_, folder)| texts(&about(&folder), "defects").into_iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(rows("Classes of defects"), named.collect());
}
