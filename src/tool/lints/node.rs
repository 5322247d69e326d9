//! NODE_OPTIONS: Node.js ends with status 9, before any handler, when it holds an option that it refuses there.

use std::collections::BTreeMap;

use super::edits::options;
use super::{Field, Finding, Lint, Subject};
use crate::problem::printable;

/// What Node.js allows in NODE_OPTIONS.
#[derive(Clone, Debug)]
pub(super) struct NodeOptions {
    /// The major versions that allow each option.
    allowed: BTreeMap<String, Vec<u32>>,
    /// The major versions whose list is known.
    known: Vec<u32>,
}

impl NodeOptions {
    /// The lists that forerun brings along.
    pub(super) fn built_in() -> NodeOptions {
        let mut allowed: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for line in include_str!("node_options.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let option = words.next().unwrap_or_default().to_owned();
            allowed.insert(option, words.filter_map(|word| word.parse().ok()).collect());
        }
        let known = allowed.get("--require").cloned().unwrap_or_default();
        NodeOptions { allowed, known }
    }

    /// Adds what a real Node.js says of itself: its version, and the options that it allows, one a line.
    pub(super) fn add(&mut self, answer: &str) {
        let mut lines = answer.lines();
        let version = lines.next().and_then(|line| line.trim().strip_prefix('v'));
        let Some(major) = version.and_then(|version| version.split('.').next()?.parse().ok()) else { return };
        for option in lines.map(str::trim).filter(|line| line.starts_with('-')) {
            let majors = self.allowed.entry(option.to_owned()).or_default();
            if !majors.contains(&major) {
                majors.push(major);
            }
        }
        if !self.known.contains(&major) {
            self.known.push(major);
        }
    }

    /// Whether this major version allows an option; one whose list is not known may allow anything.
    fn allows(&self, major: u32, option: &str) -> bool {
        let has = |option: &str| self.allowed.get(option).is_some_and(|majors| majors.contains(&major));
        let without_no = option.strip_prefix("--no-").map(|rest| format!("--{rest}"));
        !self.known.contains(&major) || has(option) || without_no.is_some_and(|option| has(&option))
    }

    fn nearest(&self, major: u32, option: &str) -> Option<&str> {
        let known =
            self.allowed.keys().map(String::as_str).filter(|known| known.len() > 2 && self.allows(major, known));
        crate::problem::nearest(option, known)
    }
}

/// The name of an option as the lists have it: `--max_old_space_size=64` is `--max-old-space-size`.
fn name(option: &str) -> String {
    let name = option.split('=').next().unwrap_or(option);
    name.strip_prefix("--").map_or_else(|| name.to_owned(), |rest| format!("--{}", rest.replace('_', "-")))
}

pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, stage) in subject.rules() {
        let runtimes = field.runtimes_of(&stage.conditions);
        let majors: Vec<u32> = runtimes
            .iter()
            .filter_map(|runtime| runtime.strip_prefix("nodejs")?.strip_suffix(".x")?.parse().ok())
            .collect();
        if majors.is_empty() {
            continue;
        }
        for edit in rule.env.iter().filter(|edit| edit.name == b"NODE_OPTIONS") {
            for option in options(subject, edit).iter().filter(|option| option.text.starts_with('-')) {
                let asked = name(&option.text);
                if asked.contains("${") || majors.iter().any(|major| field.node.allows(*major, &asked)) {
                    continue;
                }
                let versions = match &majors[..] {
                    [one] => format!("Node.js {one}"),
                    _ => "Node.js".to_owned(),
                };
                let shown = printable(asked.as_bytes());
                let message = format!(
                    "{versions} refuses `{shown}` in NODE_OPTIONS; it ends with exit status 9 before the handler \
                     is loaded"
                );
                let finding = subject.finding(Lint::NodeOptionRefused, option.span, message);
                findings.push(finding.help(help(&asked, &majors, &field.node)));
            }
        }
    }
    findings
}

/// What to do instead.
fn help(asked: &str, majors: &[u32], lists: &NodeOptions) -> String {
    let newest = majors.iter().copied().max().unwrap_or_default();
    let first = asked.split(' ').next().unwrap_or_default();
    let later = lists.known.iter().copied().filter(|major| *major > newest && lists.allows(*major, asked)).min();
    let near = lists.nearest(newest, asked).filter(|near| near.len().abs_diff(asked.len()) < 3);
    if first != asked && lists.allows(newest, first) {
        "write each word as an element of its own: forerun quotes what has a space in it".to_owned()
    } else if let Some(later) = later {
        format!("Node.js allows it from {later} on: give the rule a `when.runtime = \"nodejs>={later}\"`")
    } else if OTHER_WORK.contains(&asked) {
        "leave it out: with it node would not run the function".to_owned()
    } else if let Some(near) = near {
        format!("did you mean `{near}`? Else put it into `args.options`, which the function's own node gets")
    } else {
        "put it into `args.options`: on the command line node takes every option".to_owned()
    }
}

/// Options by which node does something else than to run a program.
const OTHER_WORK: [&str; 16] = [
    "--",
    "--build-snapshot",
    "--check",
    "--eval",
    "--help",
    "--interactive",
    "--print",
    "--run",
    "--test",
    "--v8-options",
    "--version",
    "-c",
    "-e",
    "-h",
    "-p",
    "-v",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_allows_what_its_list_says() {
        let mut lists = NodeOptions::built_in();
        assert!(lists.allows(20, "--import") && !lists.allows(16, "--import"));
        assert!(!lists.allows(22, "--eval") && !lists.allows(24, "--"));
        assert!(lists.allows(18, "--no-warnings") && !lists.allows(18, "--no-eval"));
        assert!(lists.allows(99, "--anything"), "nobody knows");
        lists.add("v99.1.2\n--import\n");
        assert!(lists.allows(99, "--import") && !lists.allows(99, "--anything"));
        lists.add("v20.99.0\n--new-in-20\n");
        assert!(lists.allows(20, "--new-in-20") && !lists.allows(22, "--new-in-20"));
        assert_eq!(name("--max_old_space_size=64"), "--max-old-space-size");
    }
}
