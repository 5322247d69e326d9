//! Adding to lists: pure functions from an old value and elements to a new value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::profile::Place;
use crate::profile::lists::{Kind, List, Quoting};

/// Adds words to a list without empty elements: in front, taking them from where they stood; or at the end, leaving
/// those that are there. `None`: nothing to add.
pub(super) fn extend_elements(old: &[u8], place: Place, new: &[&[u8]], list: &List) -> Option<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let new: Vec<&[u8]> = new.iter().copied().filter(|element| !element.is_empty() && seen.insert(*element)).collect();
    if new.is_empty() {
        return None;
    }
    let old = elements(old, list);
    let joined: Vec<&[u8]> = match place {
        Place::Front => new.iter().copied().chain(old.into_iter().filter(|element| !seen.contains(element))).collect(),
        Place::End => {
            let mut there = BTreeSet::new();
            there.extend(old.iter().copied());
            old.into_iter().chain(new.into_iter().filter(|element| !there.contains(element))).collect()
        }
    };
    Some(joined.join(&list.separator[..]))
}

/// The elements of a list, the empty ones left out.
pub(super) fn elements<'v>(value: &'v [u8], list: &List) -> Vec<&'v [u8]> {
    split(value, &list.separator).into_iter().filter(|element| !element.is_empty()).collect()
}

fn split<'v>(value: &'v [u8], separator: &[u8]) -> Vec<&'v [u8]> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.windows(separator.len()).position(|window| window == separator) {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    parts
}

/// An option that cannot be written without quoting, in a variable that has none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unwritable;

/// Adds options to an option list, keeping the user's bytes. `None`: they already stand there as one run.
pub(super) fn extend_options(
    old: &[u8],
    place: Place,
    new: &[Vec<u8>],
    list: &List,
    quoting: Quoting,
) -> Result<Option<Vec<u8>>, Unwritable> {
    let new: Vec<&Vec<u8>> = new.iter().filter(|option| !option.is_empty()).collect();
    let written = new.iter().map(|option| quote(option, quoting)).collect::<Result<Vec<_>, _>>()?;
    if new.is_empty() || stand_as_run(&tokens(old, quoting).0, &new) {
        return Ok(None);
    }
    Ok(Some(join_options(old, place, &written.join(&list.separator[..]), list)))
}

/// Adds raw text in the variable's own syntax to an option list.
pub(super) fn extend_raw_options(
    old: &[u8],
    place: Place,
    raw: &[u8],
    list: &List,
    quoting: Quoting,
) -> Option<Vec<u8>> {
    let raw = raw.trim_ascii();
    let new = tokens(raw, quoting).0;
    let stand_there = stand_as_run(&tokens(old, quoting).0, &new.iter().collect::<Vec<_>>());
    (!new.is_empty() && !stand_there).then(|| join_options(old, place, raw, list))
}

fn join_options(old: &[u8], place: Place, new: &[u8], list: &List) -> Vec<u8> {
    let space = |byte: Option<&u8>| byte.is_some_and(|byte| list.separator.contains(byte));
    if old.iter().all(|&byte| list.separator.contains(&byte)) {
        return new.to_vec();
    }
    match place {
        Place::Front if space(old.first()) => [new, old].concat(),
        Place::Front => [new, &list.separator, old].concat(),
        Place::End if space(old.last()) => [old, new].concat(),
        Place::End => [old, &list.separator, new].concat(),
    }
}

/// Whether options already stand somewhere as one run. Apart they would prove nothing: `--import a --import b` has
/// `--import` twice.
fn stand_as_run(there: &[Vec<u8>], new: &[&Vec<u8>]) -> bool {
    let same = |run: &[Vec<u8>]| run.iter().zip(new).all(|(there, new)| same_option(there, new));
    !new.is_empty() && there.windows(new.len()).any(same)
}

/// The same option. A `-javaagent` of the same jar is, whatever its own options: attached twice it breaks.
pub(super) fn same_option(there: &[u8], new: &[u8]) -> bool {
    fn jar(option: &[u8]) -> Option<&[u8]> {
        let agent = option.strip_prefix(b"-javaagent:")?;
        Some(agent.split(|&byte| byte == b'=').next().unwrap_or(agent))
    }
    there == new || jar(there).is_some() && jar(there) == jar(new)
}

/// The options in a value as the program will see them, and whether the last quote is closed.
///
/// Node: `ParseNodeOptionsEnvVar` in src/node_options.cc. The JVM: `Arguments::parse_options_buffer` in arguments.cpp
/// and `JLI_AddArgsFromEnvVar` in args.c. Ruby: `moreswitches` in ruby.c.
pub fn tokens(value: &[u8], quoting: Quoting) -> (Vec<Vec<u8>>, bool) {
    let mut tokens: Vec<Vec<u8>> = Vec::new();
    let mut fresh = true;
    let mut open: Option<u8> = None;
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        let literal = match (open, quoting) {
            (Some(_), Quoting::Node) if byte == b'\\' => bytes.next().unwrap_or(byte),
            (Some(quote), _) if byte == quote => {
                open = None;
                continue;
            }
            (Some(_), _) => byte,
            (None, Quoting::Node) if byte == b'"' => {
                open = Some(byte);
                continue;
            }
            (None, Quoting::Jvm) if byte == b'"' || byte == b'\'' => {
                open = Some(byte);
                // To the JVM a quote begins an option, even an empty one.
                if std::mem::take(&mut fresh) {
                    tokens.push(Vec::new());
                }
                continue;
            }
            (None, Quoting::Node) if byte == b' ' => {
                fresh = true;
                continue;
            }
            (None, Quoting::Jvm | Quoting::None) if is_space(byte) => {
                fresh = true;
                continue;
            }
            (None, _) => byte,
        };
        if std::mem::take(&mut fresh) {
            tokens.push(Vec::new());
        }
        if let Some(token) = tokens.last_mut() {
            token.push(literal);
        }
    }
    (tokens, open.is_none())
}

/// C's `isspace`: vertical tab included, which Rust's ASCII white space leaves out.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}

/// Writes one option so that the program reads it back as it is.
fn quote(option: &[u8], quoting: Quoting) -> Result<Cow<'_, [u8]>, Unwritable> {
    match quoting {
        Quoting::None if option.iter().any(|&byte| is_space(byte)) => Err(Unwritable),
        Quoting::None => Ok(option.into()),
        Quoting::Node if !option.iter().any(|byte| matches!(byte, b' ' | b'"')) => Ok(option.into()),
        Quoting::Node => {
            let mut quoted = vec![b'"'];
            for &byte in option {
                if matches!(byte, b'"' | b'\\') {
                    quoted.push(b'\\');
                }
                quoted.push(byte);
            }
            quoted.push(b'"');
            Ok(quoted.into())
        }
        Quoting::Jvm if !option.iter().any(|&byte| is_space(byte) || matches!(byte, b'"' | b'\'')) => Ok(option.into()),
        Quoting::Jvm => {
            // There are no escapes: a text with both quotes is written in pieces, each in the quote it has not.
            let mut quoted = Vec::new();
            let mut rest = option;
            while !rest.is_empty() {
                let mark = if rest.starts_with(b"\"") { b'\'' } else { b'"' };
                let end = rest.iter().position(|&byte| byte == mark).unwrap_or(rest.len());
                quoted.push(mark);
                quoted.extend_from_slice(&rest[..end]);
                quoted.push(mark);
                rest = &rest[end..];
            }
            Ok(quoted.into())
        }
    }
}

/// Gives keys of a list of pairs new values: in their place, else in front in the order written. Pairs with an empty
/// value are left out. Returns the new value, `None` for no change, and the keys whose value cannot be written.
pub(super) fn set_pairs<'k>(
    old: &[u8],
    pairs: &[(&'k [u8], Vec<u8>)],
    keep: bool,
    list: &List,
) -> (Option<Vec<u8>>, Vec<&'k [u8]>) {
    let Kind::Pairs { assign, encoded } = list.kind else { return (None, Vec::new()) };
    let mut there: Vec<Cow<'_, [u8]>> = elements(old, list).into_iter().map(Cow::Borrowed).collect();
    let mut places: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (place, pair) in there.iter().enumerate() {
        let key = pair.split(|&byte| byte == assign).next().unwrap_or(pair).trim_ascii();
        places.entry(key.to_vec()).or_default().push(place);
    }
    let (mut front, mut unwritable, mut changed) = (Vec::new(), Vec::new(), false);
    for (key, value) in pairs {
        if value.is_empty() {
            continue;
        }
        let value = if encoded { percent_encode(value) } else { value.clone() };
        if value.windows(list.separator.len()).any(|window| window == list.separator) {
            unwritable.push(*key);
            continue;
        }
        let pair = [key, &[assign][..], &value].concat();
        match places.get(*key) {
            None => front.push(Cow::Owned(pair)),
            Some(_) if keep => continue,
            Some(places) => {
                there[places[0]] = Cow::Owned(pair);
                for &later in &places[1..] {
                    there[later] = Cow::Borrowed(b"");
                }
            }
        }
        changed = true;
    }
    if !changed {
        return (None, unwritable);
    }
    let joined: Vec<Cow<'_, [u8]>> = front.into_iter().chain(there).filter(|pair| !pair.is_empty()).collect();
    (Some(joined.join(&list.separator[..])), unwritable)
}

/// Encodes what is not a `baggage-octet` of W3C Baggage, and `=` and `%`, as the OpenTelemetry specification asks of
/// resource attributes and headers.
fn percent_encode(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\' | b'=' | b'%') {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str) -> List {
        List::known(name).unwrap()
    }

    fn path(old: &str, place: Place, new: &[&str]) -> String {
        let new: Vec<&[u8]> = new.iter().map(|element| element.as_bytes()).collect();
        let value = extend_elements(old.as_bytes(), place, &new, &list("PYTHONPATH"));
        value.map_or_else(|| old.to_owned(), |value| String::from_utf8(value).unwrap())
    }

    #[test]
    fn path_lists_never_have_an_empty_element() {
        for (old, front, end) in [
            ("", "/a:/b", "/a:/b"),
            (":", "/a:/b", "/a:/b"),
            ("/x:", "/a:/b:/x", "/x:/a:/b"),
            (":/x::/y", "/a:/b:/x:/y", "/x:/y:/a:/b"),
            ("/b:/x", "/a:/b:/x", "/b:/x:/a"),
        ] {
            assert_eq!(path(old, Place::Front, &["/a", "/b"]), front, "front of {old:?}");
            assert_eq!(path(old, Place::End, &["/a", "/b"]), end, "end of {old:?}");
        }
        assert_eq!(path("/x:", Place::End, &[""]), "/x:", "nothing to add: untouched");
    }

    fn options(variable: &str, old: &str, place: Place, new: &[&str]) -> String {
        let list = list(variable);
        let Kind::Options(quoting) = list.kind else { panic!("{variable} holds no options") };
        let new: Vec<Vec<u8>> = new.iter().map(|option| option.as_bytes().to_vec()).collect();
        let value = extend_options(old.as_bytes(), place, &new, &list, quoting).unwrap();
        value.map_or_else(|| old.to_owned(), |value| String::from_utf8(value).unwrap())
    }

    #[test]
    fn option_lists_keep_the_users_bytes_and_take_a_run_once() {
        let node = |old, new: &[&str]| options("NODE_OPTIONS", old, Place::End, new);
        assert_eq!(node("", &["--import", "/a.mjs"]), "--import /a.mjs");
        assert_eq!(node("--x  \"a b\"", &["--import", "/a.mjs"]), "--x  \"a b\" --import /a.mjs");
        assert_eq!(node("--import /a.mjs", &["--import", "/b.mjs"]), "--import /a.mjs --import /b.mjs");
        assert_eq!(node("--x --import \"/b.mjs\" --y", &["--import", "/b.mjs"]), "--x --import \"/b.mjs\" --y");
        assert_eq!(node("--x ", &["a\"b\\ c"]), "--x \"a\\\"b\\\\ c\"");
        assert_eq!(options("NODE_OPTIONS", " --x", Place::Front, &["--y"]), "--y --x");
    }

    #[test]
    fn a_java_agent_is_attached_once_whatever_its_options() {
        let java = |old, new| options("JAVA_TOOL_OPTIONS", old, Place::Front, &[new]);
        assert_eq!(java("-javaagent:/x.jar=a=b -Dy", "-javaagent:/x.jar"), "-javaagent:/x.jar=a=b -Dy");
        assert_eq!(java("-javaagent:/x.jars", "-javaagent:/x.jar"), "-javaagent:/x.jar -javaagent:/x.jars");
        assert_eq!(java("", "-Da=b c"), "\"-Da=b c\"");
        assert_eq!(java("", "-Da=b' c"), "\"-Da=b' c\"");
    }

    #[test]
    fn what_is_quoted_reads_back_as_it_was() {
        let hard = ["a b", "\"", "'", "a\"b'c d", "\\", "\\\\ \"", "a\tb", "é", "-Dq='\"'"];
        for quoting in [Quoting::Node, Quoting::Jvm] {
            for option in hard {
                let written = quote(option.as_bytes(), quoting).unwrap().into_owned();
                assert_eq!(
                    tokens(&written, quoting),
                    (vec![option.as_bytes().to_vec()], true),
                    "{quoting:?} {option:?}"
                );
            }
        }
        assert_eq!(quote(b"a b", Quoting::None), Err(Unwritable));
    }

    fn pairs(variable: &str, old: &str, pairs: &[(&str, &str)], keep: bool) -> String {
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.as_bytes(), value.as_bytes().to_vec())).collect();
        let (value, unwritable) = set_pairs(old.as_bytes(), &pairs, keep, &list(variable));
        assert!(unwritable.is_empty());
        value.map_or_else(|| old.to_owned(), |value| String::from_utf8(value).unwrap())
    }

    #[test]
    fn pairs_replace_in_place_or_come_first() {
        let otel = |old, keep| pairs("OTEL_RESOURCE_ATTRIBUTES", old, &[("service.name", "f"), ("empty", "")], keep);
        assert_eq!(otel("", false), "service.name=f");
        assert_eq!(otel("my.service.name=x,", true), "service.name=f,my.service.name=x");
        assert_eq!(otel("a=1, service.name=x", false), "a=1,service.name=f");
        assert_eq!(otel("a=1, service.name=x", true), "a=1, service.name=x");
        assert_eq!(otel("service.name=1,b=2,service.name=3", false), "service.name=f,b=2");
        assert_eq!(pairs("OTEL_RESOURCE_ATTRIBUTES", "", &[("k", "a,b=c d%é")], false), "k=a%2Cb%3Dc%20d%25%C3%A9");
        assert_eq!(pairs("DD_TAGS", "team:x", &[("env", "prod"), ("team", "y")], false), "env:prod,team:y");
    }

    #[test]
    fn a_value_with_the_separator_cannot_be_a_tag() {
        let pairs = [(&b"team"[..], b"a,b".to_vec())];
        assert_eq!(set_pairs(b"", &pairs, false, &list("DD_TAGS")), (None, vec![&b"team"[..]]));
    }
}
