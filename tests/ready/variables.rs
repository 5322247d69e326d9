//! What becomes of a start when one variable that a profile reads or writes has another value than usual.

use forerun::problem::printable;

use super::{Bytes, Folder, Given, Outcome, cases, split, value};

/// What people set variables to, and what they had better not.
const VALUES: [(&str, &[u8]); 18] = [
    ("empty", b""),
    ("v", b"v"),
    ("true", b"true"),
    ("True", b"True"),
    ("1", b"1"),
    ("false", b"false"),
    (",v,,w,", b",v,,w,"),
    (":/v::/w:", b":/v::/w:"),
    ("k=v", b"k=v"),
    ("space v w space", b" v w "),
    ("*", b"*"),
    ("quotes", b"\"v w\" 'x'"),
    ("$HOME", b"$HOME"),
    ("backslash", b"\\v"),
    ("newline", b"v\nw"),
    ("not UTF-8", b"caf\xe9"),
    ("-v", b"-v"),
    ("src/mod.fn", b"src/mod.fn"),
];

/// Of those, what a variable that Lambda sets may come to be.
const BY_LAMBDA: [&str; 5] = ["empty", ",v,,w,", "k=v", "space v w space", "not UTF-8"];

/// How the names of these begin.
const BY_PLATFORM: [&[u8]; 3] = [b"AWS_LAMBDA_FUNCTION", b"AWS_LAMBDA_LOG", b"AWS_REGION"];

/// What AWS_EXECUTION_ENV may be besides right.
const EXECUTION: [(&str, &[u8]); 4] = [
    ("empty", b""),
    ("AWS_Lambda_Image", b"AWS_Lambda_Image"),
    ("AWS_Lambda_python3.12", b"AWS_Lambda_python3.12"),
    ("AWS_Lambda_java21", b"AWS_Lambda_java21"),
];

/// The first case of each runtime family.
fn ordinary(name: &str) -> Vec<(&'static str, &'static [&'static str], &'static [&'static str])> {
    let family = |shape: &'static str| shape.split(|char: char| !char.is_ascii_alphabetic()).next();
    let mut starts: Vec<cases::Case> = Vec::new();
    for case in cases::of(name).iter().filter(|(_, _, files)| !files.contains(&cases::NO_LAYER)) {
        if !starts.iter().any(|known| family(known.0) == family(case.0)) {
            starts.push((case.0, cases::variables(name), case.2));
        }
    }
    starts
}

/// One table for each ordinary start: a variable, and each outcome with the values that lead to it.
pub(super) fn tables(name: &str, names: &[String], disk: &dyn Fn(&[&str]) -> Folder) -> String {
    let mut text = String::new();
    for (shape, variables, files) in ordinary(name) {
        let disk = disk(files);
        let given = Given::new(shape, name, variables);
        let usual = given.on(&disk);
        text.push_str(&format!("\n{}\n", [&[shape][..], variables, files].concat().join("  ")));
        let execution = b"AWS_EXECUTION_ENV";
        let names = names.iter().map(String::as_bytes).filter(|name| name != execution);
        for variable in names.chain([&execution[..]]) {
            let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
            let already = value(&usual.env, variable).filter(|new| value(&given.env, variable).as_ref() != Some(new));
            let values = if variable == b"AWS_EXECUTION_ENV" { &EXECUTION[..] } else { &VALUES };
            let by_lambda = BY_PLATFORM.iter().any(|prefix| variable.starts_with(prefix));
            let values = values.iter().filter(|(label, _)| !by_lambda || BY_LAMBDA.contains(label));
            let values = values.map(|(label, value)| (*label, Some(value.to_vec())));
            for (label, set) in [("unset", None), ("as it becomes", already)].into_iter().chain(values) {
                if label == "as it becomes" && set.is_none() {
                    continue;
                }
                let effect = effect(&given, &usual, variable, set, &disk);
                match groups.iter_mut().find(|(known, _)| *known == effect) {
                    Some((_, labels)) => labels.push(label),
                    None => groups.push((effect, vec![label])),
                }
            }
            // What leaves everything as usual is not worth a word.
            if groups.len() == 1 && groups[0].0.is_empty() {
                continue;
            }
            text.push_str(&format!("  {}\n", printable(variable)));
            for (effect, labels) in groups {
                let effect = if effect.is_empty() { "as usual" } else { &effect };
                text.push_str(&format!("    {}: {effect}\n", labels.join(" | ")));
            }
        }
    }
    text
}

/// What is done to a variable with this value, and what else is otherwise than usual.
fn effect(given: &Given, usual: &Outcome, variable: &[u8], set: Option<Bytes>, disk: &Folder) -> String {
    let mut given = given.clone();
    given.env.retain(|entry| split(entry).is_none_or(|(name, _)| name != variable));
    given.env.extend(set.iter().map(|value| [variable, b"=", &value[..]].concat()));
    let outcome = given.on(disk);
    let mut effects: Vec<String> = Vec::new();
    if !outcome.stopped {
        effects.extend(own(set.as_deref(), value(&outcome.env, variable).as_deref()));
        let mut names: Vec<Bytes> =
            outcome.env.iter().chain(&usual.env).filter_map(|entry| Some(split(entry)?.0)).collect();
        names.sort();
        names.dedup();
        for name in names.iter().filter(|name| *name != variable) {
            let (new, old) = (value(&outcome.env, name), value(&usual.env, name));
            match new {
                _ if new == old => {}
                Some(new) => effects.push(format!("{}={}", printable(name), printable(&new))),
                None => effects.push(format!("no {}", printable(name))),
            }
        }
        if outcome.argv != usual.argv {
            effects
                .push(format!("argv {}", outcome.argv.iter().map(|one| printable(one)).collect::<Vec<_>>().join(" ")));
        }
        if outcome.sidecars != usual.sidecars {
            effects.push(format!("sidecars {}", outcome.sidecars.join(" ")));
        }
    }
    effects.extend(outcome.lines.iter().filter(|line| !usual.lines.contains(line)).cloned());
    effects.join("; ")
}

/// What is done to the variable itself: the user's text is called `…`.
fn own(old: Option<&[u8]>, new: Option<&[u8]>) -> Option<String> {
    let old = old.filter(|old| !old.is_empty());
    match (old, new) {
        (None, None) => None,
        (None, Some([])) => Some("stays".to_owned()),
        (None, Some(new)) => Some(printable(new)),
        (Some(_), None) => Some("goes".to_owned()),
        (Some(old), Some(new)) if old == new => Some("stays".to_owned()),
        (Some(old), Some(new)) => match (new.strip_suffix(old), new.strip_prefix(old)) {
            (Some(front), _) => Some(format!("{}…", printable(front))),
            (_, Some(behind)) => Some(format!("…{}", printable(behind))),
            _ => Some(printable(new)),
        },
    }
}
