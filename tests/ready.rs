//! The ready-made profiles: what each does to the starts that it is for, and what holds for all of them on any start.
//!
//! Expected outcomes are files in tests/ready; `SNAPSHOTS=overwrite cargo test --test ready` writes them anew. In them
//! `+` is new, `-` gone and `~` another value.
#![expect(clippy::disallowed_methods, reason = "this test reads files")]

mod common;

use std::collections::BTreeSet;
use std::ffi::CString;
use std::path::Path;

use common::folder::Folder;
use common::shapes::{ENVIRONMENT, SHAPES};
use common::world::start;
use forerun::builtin;
use forerun::capture::{Disk, settle};
use forerun::plan::Message;
use forerun::problem::printable;
use forerun::profile::lists::{KNOWN, Kind};
use forerun::runtime::Arch;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use snapbox::Data;

#[path = "ready/cases.rs"]
mod cases;
#[path = "ready/pairs.rs"]
mod pairs;
#[path = "ready/variables.rs"]
mod variables;

type Bytes = Vec<u8>;

/// Among the variables of a case: an argument more, behind the first.
const ARGUMENT: &str = "argv: ";

/// What became of a start.
struct Outcome {
    env: Vec<Bytes>,
    argv: Vec<Bytes>,
    lines: Vec<String>,
    sidecars: Vec<String>,
    stopped: bool,
}

/// A start of a shape, on a disk with some files.
#[derive(Clone)]
struct Given {
    env: Vec<Bytes>,
    argv: Vec<Bytes>,
    arch: Arch,
}

impl Given {
    /// A start as Lambda makes it, with these variables instead of Lambda's own of the same names: `NAME` without `=`
    /// takes one away. `argv: X` is an argument more, behind the first.
    fn new(shape: &str, profiles: &str, variables: &[&str]) -> Given {
        let (name, arch) = match shape.strip_suffix("@arm64") {
            Some(name) => (name, Arch::Arm64),
            None => (shape, Arch::X86_64),
        };
        let (_, execution, argv) = SHAPES.iter().find(|shape| shape.0 == name).unwrap_or_else(|| panic!("{name}"));
        let mut env: Vec<String> = ENVIRONMENT.map(str::to_owned).into();
        env.extend((!execution.is_empty()).then(|| format!("AWS_EXECUTION_ENV={execution}")));
        env.push(format!("FORERUN_PROFILE={profiles}"));
        let (more, variables): (Vec<&str>, Vec<&str>) =
            variables.iter().copied().partition(|variable| variable.starts_with(ARGUMENT));
        for variable in variables {
            let name = variable.split('=').next().unwrap_or(variable);
            env.retain(|entry| entry.split('=').next() != Some(name));
            env.extend(variable.contains('=').then(|| variable.to_owned()));
        }
        let mut argv = argv.to_vec();
        argv.splice(1..1, more.iter().map(|variable| &variable[ARGUMENT.len()..]));
        let bytes = |text: &str| text.as_bytes().to_vec();
        Given {
            env: env.into_iter().map(String::into_bytes).collect(),
            argv: argv.into_iter().map(bytes).collect(),
            arch,
        }
    }

    fn on(&self, disk: &Folder) -> Outcome {
        let strings = |all: &[Bytes]| all.iter().map(|one| CString::new(one.clone()).unwrap()).collect::<Vec<_>>();
        let (own, argv, env) = (c"/opt/wrapper".to_owned(), strings(&self.argv), strings(&self.env));
        let start = start(&own, &argv, &env, self.arch);
        let disk = Disk { stand_ins: vec![(Vec::new(), disk.0.clone())], working_dir: Some(b"/var/task".to_vec()) };
        let (library, settled) = settle(&disk, &start);
        let line = |message: &Message| {
            let code = message.code.map_or_else(|| "info".to_owned(), |code| code.to_string());
            let place = message.origin.map_or_else(String::new, |origin| library.locate(origin) + ": ");
            format!("{code}: {place}{}", message.text)
        };
        let told = |messages: &[Message]| {
            let news = |message: &&Message| !message.text.starts_with("profiles were found");
            messages.iter().filter(news).map(line).collect::<Vec<_>>()
        };
        match settled {
            Ok(plan) => Outcome {
                env: plan.env.iter().map(|entry| entry.to_bytes().to_vec()).collect(),
                argv: plan.argv.iter().map(|argument| argument.text.clone()).collect(),
                lines: told(&plan.messages),
                sidecars: plan.sidecars.iter().map(|sidecar| format!("{:?}", sidecar.argv)).collect(),
                stopped: false,
            },
            Err((problem, messages)) => {
                let mut lines = told(&messages);
                lines.push(format!("{}: stops: {}", problem.code, library.line(&problem)));
                Outcome { env: vec![], argv: vec![], lines, sidecars: vec![], stopped: true }
            }
        }
    }
}

impl Outcome {
    fn get(&self, name: &str) -> Option<String> {
        value(&self.env, name.as_bytes()).map(|value| printable(&value))
    }

    /// What is different from the start, a line each.
    fn difference(&self, given: &Given) -> String {
        let mut text = String::new();
        let mut line = |line: String| text.push_str(&format!("  {line}\n"));
        if !self.stopped {
            for (name, new) in self.env.iter().filter_map(|entry| split(entry)) {
                match value(&given.env, &name) {
                    None => line(format!("+ {}={}", printable(&name), printable(&new))),
                    Some(old) if old != new => line(format!("~ {}={}", printable(&name), printable(&new))),
                    Some(_) => {}
                }
            }
            for (name, _) in given.env.iter().filter_map(|entry| split(entry)) {
                if value(&self.env, &name).is_none() {
                    line(format!("- {}", printable(&name)));
                }
            }
            if self.argv != given.argv {
                let argument = |argument: &Bytes| {
                    let sign = if given.argv.contains(argument) { "" } else { "+" };
                    format!("{sign}{}", printable(argument))
                };
                line(format!("argv {}", self.argv.iter().map(argument).collect::<Vec<_>>().join(" | ")));
            }
            self.sidecars.iter().for_each(|sidecar| line(format!("sidecar {sidecar}")));
        }
        self.lines.iter().for_each(|said| line(said.clone()));
        if text.is_empty() { "  nothing changes\n".to_owned() } else { text }
    }
}

fn split(entry: &[u8]) -> Option<(Bytes, Bytes)> {
    let at = entry.iter().position(|&byte| byte == b'=')?;
    Some((entry[..at].to_vec(), entry[at + 1..].to_vec()))
}

fn value(env: &[Bytes], name: &[u8]) -> Option<Bytes> {
    env.iter().filter_map(|entry| split(entry)).find(|(known, _)| known == name).map(|(_, value)| value)
}

fn disk<'f>(files: impl IntoIterator<Item = &'f str>) -> Folder {
    let disk = Folder::new();
    for file in files {
        let (path, text) = file.split_once(' ').unwrap_or((file, ""));
        disk.file(path.trim_start_matches('/'), text);
    }
    disk
}

/// Compares with a file in tests/ready.
fn same(text: &str, file: &str) {
    let expected = Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ready").join(file), None).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(Data::text(text.to_owned()).raw(), expected);
}

#[test]
fn the_folder_holds_what_the_table_names_and_every_profile_says_what_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let files: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let names: Vec<&str> = builtin::names().collect();
    assert_eq!(files, names.iter().map(|name| format!("{name}.toml")).collect());
    assert_eq!(names, builtin::GROUPS.iter().flat_map(|group| group.names.iter().copied()).collect::<Vec<_>>());
    for name in names {
        let text = builtin::text(name.as_bytes()).unwrap();
        let profile =
            forerun::profile::parse(text, 0).profile.unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert!(profile.description.is_some_and(|description| !description.is_empty()), "{name}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 120 || !line.starts_with('#') || line.contains("http"))
        );
    }
    assert_eq!(builtin::text(b"nosuch"), None);
    assert_eq!(builtin::text(b"\xff"), None);
}

#[test]
fn the_page_for_those_who_come_from_a_script_names_every_profile_and_no_other() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coming-from.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.split(" | ").nth(1)?.strip_prefix('`')?.strip_suffix('`'));
    let named: BTreeSet<&str> = rows.collect();
    let families = ["otel", "adot"];
    let ready = |name: &&str| !cases::DEFAULTS.contains(name) && !families.contains(name);
    assert_eq!(named, builtin::names().filter(ready).collect());
    assert!(families.iter().all(|family| page.contains(&format!("`{family}` picks the one"))));
}

/// The catalogue of cases, and every argv that Lambda is known to make.
#[test]
fn every_profile_does_to_each_start_what_its_file_says() {
    for name in builtin::names().filter(|name| !cases::DEFAULTS.contains(name)) {
        let mut text = String::new();
        let layer = cases::layer(name);
        for &(shape, variables, files) in cases::of(name) {
            text.push_str(&[&[shape][..], variables, files].concat().join("  "));
            text.push('\n');
            let given = Given::new(shape, name, variables);
            let present = if files.contains(&cases::NO_LAYER) { &[][..] } else { layer };
            text.push_str(
                &given
                    .on(&disk(present.iter().chain(files).copied().filter(|file| *file != cases::NO_LAYER)))
                    .difference(&given),
            );
        }
        text.push_str("\nthe command line of every start\n");
        let disk = disk(layer.iter().copied());
        for (shape, ..) in SHAPES {
            let given = Given::new(shape, name, cases::variables(name));
            let outcome = given.on(&disk);
            let difference = outcome.difference(&given);
            let argv = difference.lines().find(|line| line.starts_with("  argv"));
            let said = difference.lines().find(|line| line.starts_with("  FR"));
            let rest = if difference.contains("nothing changes") { "nothing changes" } else { "argv unchanged" };
            let line = argv.or(said).map_or(rest, str::trim_start);
            text.push_str(&format!("  {shape}: {line}\n"));
        }
        same(&text, &format!("{name}.txt"));
    }
}

#[test]
fn every_value_of_a_variable_has_the_outcome_that_its_file_says() {
    // Those that only include others have nothing of their own, and some change the command line only.
    let own = |name: &&str| {
        !cases::DEFAULTS.contains(name) && !["otel", "adot"].contains(name) && !cases::of(name).is_empty()
    };
    for name in builtin::names().filter(own) {
        let names = mentioned(name).into_iter().filter(|name| !name.starts_with(|char: char| char.is_ascii_digit()));
        let names: Vec<String> = names.collect();
        let on = |files: &[&str]| disk(cases::layer(name).iter().chain(files).copied());
        same(variables::tables(name, &names, &on).trim_start(), &format!("variables/{name}.txt"));
    }
}

/// The names of variables in a profile, and in those that it includes.
fn mentioned(name: &str) -> BTreeSet<String> {
    let text = builtin::text(name.as_bytes()).unwrap();
    let code = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    let mut names: BTreeSet<String> = code
        .split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'))
        .filter(|word| {
            word.len() > 3
                && !word.contains(|char: char| char.is_ascii_lowercase())
                && (word.contains('_') || KNOWN.iter().any(|known| known.0 == *word))
        })
        .map(str::to_owned)
        .collect();
    for included in code.split("builtin:").skip(1) {
        names.extend(mentioned(included.split('"').next().unwrap()));
    }
    if code.contains("handler.redirect") {
        names.insert("_HANDLER".to_owned());
    }
    names
}

/// What users write into variables, and what they had better not.
fn hard_value() -> impl Strategy<Value = Bytes> {
    let texts = [
        "",
        "v",
        "true",
        "True",
        "false",
        "1",
        "x,",
        ",x",
        ":",
        "/a:/b",
        "a=b,c=d",
        "service.name=s",
        "my.service.name=s",
        "*",
        "--import /opt/init.mjs",
        "-javaagent:/opt/opentelemetry-javaagent.jar=x -Dservice.version=1",
        "a b",
        "$X",
        "\\",
        "-Da='b c'",
        "\n",
        "app.handler",
        "none",
        "{918728DD-259F-4A6A-AC2B-B85E1B658318}",
    ];
    prop_oneof![4 => select(texts.to_vec()).prop_map(|text| text.as_bytes().to_vec()), 1 => vec(1..=255_u8, 0..6)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Applied twice a profile changes nothing more; it leaves no empty element in a list, and other variables alone.
    #[test]
    fn any_start_is_edited_once_and_nowhere_else(
        values in vec((any::<prop::sample::Index>(), hard_value()), 0..6),
        (shape, ..) in select(SHAPES.to_vec()),
        execution in select(vec!["as is", "", "AWS_Lambda_Image", "AWS_Lambda_python3.12", "AWS_Lambda_java21"]),
        odd in hard_value(),
    ) {
        for name in builtin::names().filter(|name| !cases::DEFAULTS.contains(name)) {
            let names: Vec<String> = mentioned(name).into_iter().collect();
            let mut given = Given::new(shape, name, cases::variables(name));
            for (index, value) in values.iter().filter(|_| !names.is_empty()) {
                let variable = index.get(&names);
                given.env.retain(|entry| split(entry).is_none_or(|(known, _)| known != variable.as_bytes()));
                given.env.push([variable.as_bytes(), b"=", value].concat());
            }
            if execution != "as is" {
                given.env.retain(|entry| !entry.starts_with(b"AWS_EXECUTION_ENV="));
                given.env.push(format!("AWS_EXECUTION_ENV={execution}").into_bytes());
            }
            given.argv.push(odd.clone());
            given.env.push([b"OTHER=", &odd[..]].concat());
            let disk = disk(cases::layer(name).iter().copied());
            let once = given.on(&disk);
            if once.stopped {
                continue;
            }
            let left_alone = |env: &[Bytes]| -> Vec<Bytes> {
                let other = |entry: &&Bytes| split(entry).is_none_or(|(known, _)| {
                    let known = printable(&known);
                    known != "FORERUN_THROUGH" && !names.contains(&known)
                });
                env.iter().filter(other).cloned().collect()
            };
            prop_assert_eq!(shown(&left_alone(&given.env)), shown(&left_alone(&once.env)), "{}", name);
            for (variable, separator, kind) in KNOWN {
                let (old, new) = (value(&given.env, variable.as_bytes()), value(&once.env, variable.as_bytes()));
                if old != new && !matches!(kind, Kind::Options(_)) {
                    let new = new.unwrap();
                    let empty = new.split(|&byte| byte == separator.as_bytes()[0]).any(<[u8]>::is_empty);
                    prop_assert!(!empty, "{name}: {variable}={}", printable(&new));
                }
            }
            // Behind an open quote nobody can tell what stands there already.
            if once.lines.iter().any(|line| line.starts_with("FR215")) {
                continue;
            }
            let again = Given { env: once.env.clone(), argv: once.argv.clone(), arch: given.arch };
            let twice = again.on(&disk);
            let unmarked = |env: &[Bytes]| -> Vec<Bytes> {
                env.iter().filter(|entry| !entry.starts_with(b"FORERUN_THROUGH=")).cloned().collect()
            };
            prop_assert_eq!(shown(&unmarked(&once.env)), shown(&unmarked(&twice.env)), "{}", name);
            prop_assert_eq!(shown(&once.argv), shown(&twice.argv), "{}", name);
        }
    }
}

/// Bytes as an assertion shows them, one text for each of them.
fn shown(all: &[Bytes]) -> Vec<String> {
    all.iter().map(|one| printable(one)).collect()
}

/// The text of an argv, for a test that looks at a part of it.
fn joined(outcome: &Outcome) -> String {
    shown(&outcome.argv).join(" ")
}
