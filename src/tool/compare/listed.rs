//! Why two values of a list variable differ: by mending what scripts get wrong in lists, one thing after the other, until
//! the script's value is the profile's. What had to be mended are the classes; if something is left, there is no reason.

use std::collections::{BTreeMap, BTreeSet};

use super::class::Class;
use crate::plan::tokens;
use crate::profile::lists::{Kind, List, Quoting};

/// The value in the start (empty when unset), the script's and the profile's.
#[derive(Clone, Copy)]
pub(super) struct Values<'v> {
    pub(super) given: &'v [u8],
    pub(super) script: &'v [u8],
    pub(super) profile: &'v [u8],
}

/// The classes that explain the difference; `None` when they leave something unexplained.
pub(super) fn explain(list: &List, values: Values<'_>) -> Option<BTreeSet<Class>> {
    match list.kind {
        Kind::Options(quoting) => options(values, quoting),
        Kind::Elements { .. } => elements(values, &list.separator),
        Kind::Pairs { assign, encoded } => pairs(values, &list.separator, assign, encoded),
    }
}

type Words<'v> = Vec<&'v [u8]>;

pub(super) fn split<'v>(value: &'v [u8], separator: &[u8]) -> Words<'v> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(at) = find(rest, separator) {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    parts
}

/// Where a text begins inside another one.
pub(super) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    (!part.is_empty() && part.len() <= text.len())
        .then(|| text.windows(part.len()).position(|window| window == part))?
}

/// Splits and drops empty elements. The class, if the script's value has more of them.
fn without_empty<'v>(
    values: Values<'v>,
    separator: &[u8],
    classes: &mut BTreeSet<Class>,
) -> Option<(Words<'v>, Words<'v>)> {
    let (mut script, mut profile) = (split(values.script, separator), split(values.profile, separator));
    // An empty value is an empty list, not one empty element.
    let empty =
        |words: &Words<'_>| if words.len() > 1 { words.iter().filter(|word| word.is_empty()).count() } else { 0 };
    match empty(&script).cmp(&empty(&profile)) {
        std::cmp::Ordering::Greater => _ = classes.insert(Class::EmptyElement),
        std::cmp::Ordering::Equal => {}
        // forerun leaves none in a list that it edits.
        std::cmp::Ordering::Less => return None,
    }
    script.retain(|word| !word.is_empty());
    profile.retain(|word| !word.is_empty());
    Some((script, profile))
}

fn elements(values: Values<'_>, separator: &[u8]) -> Option<BTreeSet<Class>> {
    let mut classes = BTreeSet::new();
    let (mut script, mut profile) = without_empty(values, separator, &mut classes)?;
    if script != profile {
        let before = (script.len(), profile.len());
        once(&mut script);
        once(&mut profile);
        if before.0 - script.len() > before.1 - profile.len() {
            classes.insert(Class::AddedTwice);
        }
    }
    if script != profile {
        let given = split(values.given, separator);
        left_out(&script, &profile, |missing| {
            !given.contains(&missing) && !script.contains(&missing) && find(values.script, missing).is_some()
        })?;
        classes.insert(Class::SubstringTest);
    }
    reasons(classes)
}

/// No reason is no explanation.
fn reasons(classes: BTreeSet<Class>) -> Option<BTreeSet<Class>> {
    (!classes.is_empty()).then_some(classes)
}

/// Drops what stood there before. In all these lists the first one counts.
fn once(words: &mut Words<'_>) {
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(*word));
}

/// Whether the script's words are the profile's, in their order, but for some that may be missing.
fn left_out<'w, W: AsRef<[u8]>>(script: &[W], profile: &'w [W], may: impl Fn(&'w [u8]) -> bool) -> Option<()> {
    let mut script = script.iter().peekable();
    for word in profile {
        if script.next_if(|next| next.as_ref() == word.as_ref()).is_none() && !may(word.as_ref()) {
            return None;
        }
    }
    script.next().is_none().then_some(())
}

/// The folders that Lambda's Python runtime adds only while PYTHONPATH is unset, and forerun before it sets it
/// (docs/profile.md, "PYTHONPATH on managed Python").
pub(super) fn python_path(values: Values<'_>, runtime_folder: &[u8]) -> Option<BTreeSet<Class>> {
    let mut classes = BTreeSet::from([Class::HidesSitePackages]);
    let (mut script, profile) = without_empty(values, b":", &mut classes)?;
    let length = script.len();
    once(&mut script);
    if script.len() < length {
        classes.insert(Class::AddedTwice);
    }
    let site_packages = |folder: &[u8]| {
        let below = folder.strip_prefix(b"/opt/python/lib/").or_else(|| folder.strip_prefix(b"/var/lang/lib/"));
        let version = below.and_then(|below| below.strip_suffix(b"/site-packages"));
        version.is_some_and(|version| version.starts_with(b"python3.") && !version.contains(&b'/'))
    };
    let default = |folder: &[u8]| site_packages(folder) || folder == b"/opt/python" || folder == runtime_folder;
    let was_unset = values.given.is_empty() && !script.is_empty() && script.len() < profile.len();
    (was_unset && left_out(&script, &profile, default).is_some()).then_some(classes)
}

fn options(values: Values<'_>, quoting: Quoting) -> Option<BTreeSet<Class>> {
    let (script, profile) = (tokens(values.script, quoting).0, tokens(values.profile, quoting).0);
    if script == profile {
        return Some(BTreeSet::from([Class::StraySpace]));
    }
    let given = tokens(values.given, quoting).0;
    if is_with_repeats(&script, &profile, &given) {
        return Some(BTreeSet::from([Class::AddedTwice]));
    }
    left_out(&script, &profile, |missing| {
        !given.iter().chain(&script).any(|token| token == missing) && find(values.script, missing).is_some()
    })?;
    Some(BTreeSet::from([Class::SubstringTest]))
}

/// Whether the script's words are the profile's with runs in between that were given, and so are there twice.
fn is_with_repeats(script: &[Vec<u8>], profile: &[Vec<u8>], given: &[Vec<u8>]) -> bool {
    if let (Some((first, rest)), Some((wanted, others))) = (script.split_first(), profile.split_first())
        && first == wanted
        && is_with_repeats(rest, others, given)
    {
        return true;
    }
    let stands = |run: &[Vec<u8>]| {
        given.windows(run.len()).any(|there| there.iter().zip(run).all(|(one, other)| same(one, other)))
    };
    script.is_empty() && profile.is_empty()
        || (1..=script.len())
            .take_while(|&end| stands(&script[..end]))
            .any(|end| is_with_repeats(&script[end..], profile, given))
}

/// The same option: for the agent of a JVM, that of the same jar.
fn same(one: &[u8], other: &[u8]) -> bool {
    let jar = |option: &[u8]| option.starts_with(b"-javaagent:").then(|| split(option, b"=")[0].to_vec());
    one == other || jar(one).is_some() && jar(one) == jar(other)
}

fn pairs(values: Values<'_>, separator: &[u8], assign: u8, encoded: bool) -> Option<BTreeSet<Class>> {
    let mut classes = BTreeSet::new();
    let original = values.script;
    let mut text = original.to_vec();
    if encoded && encode_as(&mut text, values.profile, separator) {
        classes.insert(Class::NotEncoded);
    }
    let values = Values { script: &text, ..values };
    let (mut script, profile) = without_empty(values, separator, &mut classes)?;
    let key = |pair: &[u8]| pair.split(|&byte| byte == assign).next().unwrap_or(pair).trim_ascii().to_vec();
    let count = |pairs: &Words<'_>| {
        let mut keys: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        pairs.iter().for_each(|pair| *keys.entry(key(pair)).or_default() += 1);
        keys
    };
    if script != profile {
        let length = script.len();
        script.retain(|pair| pair.last() != Some(&assign) || profile.contains(pair));
        if script.len() < length {
            classes.insert(Class::PairWithoutValue);
        }
    }
    if script != profile {
        // The last of a key counts, as it does for those who read such lists into a map.
        let in_profile = count(&profile);
        let mut left = count(&script);
        let length = script.len();
        script.retain(|pair| {
            let key = key(pair);
            let still = left.entry(key.clone()).or_default();
            *still -= 1;
            *still == 0 || in_profile.get(&key) != Some(&1)
        });
        if script.len() < length {
            classes.insert(Class::RepeatedKey);
        }
    }
    if script != profile {
        let given = split(values.given, separator);
        let is_inside = |missing: &[u8]| {
            let name = [&key(missing)[..], &[assign]].concat();
            let is_there = given.iter().chain(&script).any(|pair| key(pair) == key(missing));
            !is_there && find(original, &name).is_some()
        };
        if left_out(&script, &profile, is_inside).is_some() {
            classes.insert(Class::SubstringTest);
        } else {
            let keys = count(&profile);
            let (mut sorted, mut wanted) = (script.clone(), profile.clone());
            sorted.sort_unstable();
            wanted.sort_unstable();
            if sorted != wanted || keys.values().any(|&times| times > 1) {
                return None;
            }
            classes.insert(Class::OrderOfPairs);
        }
    }
    reasons(classes)
}

/// Writes pairs as the profile has them where they only differ in their encoding. Whether there were any.
fn encode_as(text: &mut Vec<u8>, profile: &[u8], separator: &[u8]) -> bool {
    let mut any = false;
    for pair in split(profile, separator) {
        let plain = decoded(pair);
        if plain == pair || position(text, pair, separator).is_some() {
            continue;
        }
        if let Some(at) = position(text, &plain, separator) {
            text.splice(at..at + plain.len(), pair.iter().copied());
            any = true;
        }
    }
    any
}

/// Where a text stands as a whole between separators. It may have separators in it.
fn position(list: &[u8], whole: &[u8], separator: &[u8]) -> Option<usize> {
    (0..=list.len().checked_sub(whole.len())?).find(|&at| {
        let (before, rest) = list.split_at(at);
        let behind = rest.strip_prefix(whole);
        (before.is_empty() || before.ends_with(separator))
            && behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(separator))
    })
}

/// The text as a percent-encoded value (docs/profile.md, "Pairs").
pub(super) fn encoded(text: &[u8]) -> Vec<u8> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\=%".contains(&byte);
    let written = |&byte: &u8| if plain(byte) { vec![byte] } else { format!("%{byte:02X}").into_bytes() };
    text.iter().flat_map(written).collect()
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while at < text.len() {
        match (text[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(variable: &str, given: &str, script: &str, profile: &str) -> Option<Vec<&'static str>> {
        let values = Values { given: given.as_bytes(), script: script.as_bytes(), profile: profile.as_bytes() };
        let classes = explain(&List::known(variable).expect("a known list"), values)?;
        Some(classes.into_iter().map(Class::id).collect())
    }

    #[test]
    fn lists_of_words_are_explained_by_what_scripts_do_to_them() {
        for (given, script, profile, classes) in [
            ("", "/a:", "/a", &["empty-element"][..]),
            ("", ":/a", "/a", &["empty-element"]),
            ("/x::/y", "/a:/x::/y", "/a:/x:/y", &["empty-element"]),
            ("/x:/a", "/a:/x:/a", "/a:/x", &["added-twice"]),
            ("/a", "/a:/a:", "/a", &["empty-element", "added-twice"]),
            ("/a/lib", "/a/lib", "/a:/a/lib", &["substring-test"]),
        ] {
            assert_eq!(why("LD_LIBRARY_PATH", given, script, profile).as_deref(), Some(classes), "{script}");
        }
    }

    #[test]
    fn lists_of_words_that_differ_otherwise_are_not_explained() {
        for (given, script, profile) in [
            ("", "/a:", "/b"),
            ("", "/a:", "/a:/b"),
            ("/x", "/a:/x:", "/a"),
            ("", "/a", "/a:"),
            ("", "/a:/b", "/b:/a"),
            ("/x", "/x:/a", "/a:/x"),
            ("/x", "/x", "/a:/x"),
            ("/a/lib", "/a/lib", "/a:/b:/a/lib"),
        ] {
            assert_eq!(why("LD_LIBRARY_PATH", given, script, profile), None, "{script}");
        }
    }

    #[test]
    fn option_lists_are_compared_as_they_are_read() {
        let node = |given, script, profile| why("NODE_OPTIONS", given, script, profile);
        assert_eq!(node("", " --import /a", "--import /a"), Some(vec!["stray-space"]));
        assert_eq!(node("--x", "--x --x", "--x"), Some(vec!["added-twice"]));
        assert_eq!(
            node("--import /a --y", "--import /a --y --import /a", "--import /a --y"),
            Some(vec!["added-twice"])
        );
        assert_eq!(node("--import /a.mjs", "--import /a.mjs", "--import /a.mjs --import /a"), None);
        assert_eq!(node("", " --import /a", "--import /b"), None);
        assert_eq!(node("", "--x --x", "--x"), None, "nothing was there");
        assert_eq!(node("", "--x", "--x --y"), None);
        let java = |given, script, profile| why("JAVA_TOOL_OPTIONS", given, script, profile);
        assert_eq!(
            java("-javaagent:/a=x", "-javaagent:/a -javaagent:/a=x", "-javaagent:/a=x"),
            Some(vec!["added-twice"])
        );
        assert_eq!(
            java("-javaagent:/ab", "-javaagent:/ab", "-javaagent:/a -javaagent:/ab"),
            Some(vec!["substring-test"])
        );
    }

    #[test]
    fn pairs_are_explained_key_by_key() {
        let otel = |given, script, profile| why("OTEL_RESOURCE_ATTRIBUTES", given, script, profile);
        assert_eq!(otel("", "service.name=f,", "service.name=f"), Some(vec!["empty-element"]));
        assert_eq!(otel("", "a=1,region=,b=2", "a=1,b=2"), Some(vec!["pair-without-value"]));
        assert_eq!(otel("", "a=x y,b=2", "a=x%20y,b=2"), Some(vec!["not-encoded"]));
        assert_eq!(otel("c=%20", "a=x,y,c=%20", "a=x%2Cy,c=%20"), Some(vec!["not-encoded"]));
        assert_eq!(otel("a=2", "a=1,a=2", "a=2"), Some(vec!["repeated-key"]));
        assert_eq!(
            otel("my.service.name=x", "my.service.name=x", "service.name=f,my.service.name=x"),
            Some(vec!["substring-test"])
        );
        assert_eq!(otel("", "a=1,b=2", "b=2,a=1"), Some(vec!["order-of-pairs"]));
        assert_eq!(
            otel("a=2", "region=,a=1,n=x y,,a=2", "n=x%20y,a=2"),
            Some(vec!["empty-element", "pair-without-value", "repeated-key", "not-encoded"])
        );
    }

    #[test]
    fn pairs_with_another_key_or_value_are_not_explained() {
        let otel = |given, script, profile| why("OTEL_RESOURCE_ATTRIBUTES", given, script, profile);
        for (given, script, profile) in [
            ("", "service.name=f,", "service.name=g"),
            ("", "a=1,region=,b=2", "a=1"),
            ("", "a=1", "a=1,region=eu"),
            ("a=2", "a=1,a=2", "a=1"),
            ("", "a=x y", "a=x%20z"),
            ("service.name=x", "service.name=x", "service.name=f,service.name=x"),
            ("", "a=1", "a=1,a=1"),
        ] {
            assert_eq!(otel(given, script, profile), None, "{script}");
        }
    }

    #[test]
    fn the_folders_of_the_python_runtime_are_known() {
        let path = |given: &str, script: &str, profile: &str| {
            let values = Values { given: given.as_bytes(), script: script.as_bytes(), profile: profile.as_bytes() };
            python_path(values, b"/var/runtime").map(|classes| classes.into_iter().map(Class::id).collect::<Vec<_>>())
        };
        let site = "/opt/python/lib/python3.12/site-packages:/var/lang/lib/python3.12/site-packages";
        assert_eq!(
            path("", "/var/runtime:/opt/python:", &format!("/var/runtime:/opt/python:{site}")),
            Some(vec!["empty-element", "hides-site-packages"])
        );
        assert_eq!(path("", "/a", &format!("/a:{site}:/b")), None);
        assert_eq!(path("", "/b", &format!("/a:{site}")), None);
        assert_eq!(path("/x", "/a:/x", &format!("/a:/x:{site}")), None, "it was not unset");
    }
}
