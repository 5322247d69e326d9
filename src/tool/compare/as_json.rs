//! What `compare` says to a program. docs/compare.md describes it; names that are there stay.

use serde::Serialize;

use super::class::{Class, Kind};
use super::difference::{Aspect, Seen};
use super::report::{ended, named};
use super::summary::Summary;
use crate::problem::printable;

#[derive(Debug, Serialize)]
struct Document<'d> {
    /// The version of forerun.
    forerun: &'static str,
    seed: u64,
    starts: usize,
    /// Starts that were left out, since the script hung again and again.
    left_out: usize,
    same: usize,
    explained: usize,
    unexplained: usize,
    reasons: Vec<Reason>,
    differences: Vec<Difference<'d>>,
}

#[derive(Debug, Serialize)]
struct Reason {
    class: &'static str,
    /// `defect` of the script, `otherwise` or `accepted`.
    kind: &'static str,
    about: &'static str,
    starts: usize,
    found_in: Vec<String>,
    example: usize,
}

/// Differences that have no reason.
#[derive(Debug, Serialize)]
struct Difference<'d> {
    /// `start`, `environment`, `argv`, `status`, `output` or `process`.
    dimension: &'static str,
    /// The variable, or the property of the process.
    name: Option<String>,
    starts: usize,
    example: usize,
    /// What the start is.
    described: &'d [String],
    script: Value,
    profile: Value,
    /// What `--accept` would make a reason of it; `null`: nothing.
    accept: Option<&'static str>,
}

/// What was seen: `null` for nothing, a text, or a list of texts for argv.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Value {
    Nothing,
    Text(String),
    Words(Vec<String>),
}

/// The document.
pub(super) fn document(summary: &Summary<'_>, seed: u64) -> String {
    let reasons = summary.reasons.iter().map(|reason| Reason {
        class: reason.class.id(),
        kind: match reason.class.facts().kind {
            Kind::Defect => "defect",
            Kind::Otherwise => "otherwise",
            Kind::Choice => "accepted",
        },
        about: reason.class.facts().about,
        starts: reason.starts,
        found_in: reason.aspects.iter().map(|aspect| named(aspect)).collect(),
        example: reason.example.number,
    });
    let differences = summary.groups.iter().map(|group| Difference {
        dimension: group.difference.aspect.dimension(),
        name: match &group.difference.aspect {
            Aspect::Variable(name) => Some(text(name)),
            Aspect::Process(what) => Some((*what).to_owned()),
            _ => None,
        },
        starts: group.starts,
        example: group.example.number,
        described: &group.example.described,
        script: value(&group.difference.script),
        profile: value(&group.difference.profile),
        accept: group.difference.choice.map(Class::id),
    });
    let document = Document {
        forerun: env!("CARGO_PKG_VERSION"),
        seed,
        starts: summary.starts,
        left_out: summary.left_out,
        same: summary.same,
        explained: summary.explained,
        unexplained: summary.unexplained,
        reasons: reasons.collect(),
        differences: differences.collect(),
    };
    // Nothing in it can fail: every key is a string.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn value(seen: &Seen) -> Value {
    match seen {
        Seen::Nothing => Value::Nothing,
        Seen::Bytes(bytes) => Value::Text(text(bytes)),
        Seen::Words(words) => Value::Words(words.iter().map(|word| text(word)).collect()),
        Seen::Ending(ending) => Value::Text(ended(*ending)),
        Seen::Text(text) => Value::Text(text.clone()),
    }
}

/// Bytes that are not UTF-8 are escaped, as in the text for people.
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|odd| printable(odd.as_bytes()))
}
