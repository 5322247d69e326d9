//! Lints: mistakes that the form of a profile does not show.
//!
//! `forerun check` and `forerun layer` run them over profiles that parse. Each file below is about one topic; a finding
//! is a lint of the table, a place and what to do. What a lint cannot know for sure it does not speak of: a profile that
//! does what it should is met with silence.

mod agents;
mod conditions;
mod document;
mod edits;
mod flow;
mod handler;
mod imagine;
mod layer_files;
mod node;
#[cfg(test)]
mod odd_profiles;
mod options;
mod order;
mod overridden;
mod programs;
mod proxies;
mod real_node;
mod root;
mod rules;
mod shutdown;
mod sidecars;
mod table;
mod unknown;
mod variables;
mod words;
mod writable;

use crate::library::{Library, Source};
use crate::problem::{Origin, ProfileId, Span, printable};
use crate::profile::{Profile, Rule};
use crate::runtime::Runtime;
use conditions::Conditions;
use document::Node;
use node::NodeOptions;

pub(super) use root::Root;
pub(super) use table::{Level, Lint, Row, TABLE};

use super::known_starts;

/// Something that a lint found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) lint: Lint,
    /// The place in a profile.
    pub(super) origin: Option<Origin>,
    /// The file, where it is no profile.
    pub(super) file: Option<String>,
    /// What is wrong and why: one line, lower case, no full stop, the reason behind a semicolon.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl Finding {
    /// About a file that is no profile.
    fn of_file(lint: Lint, file: String, message: impl Into<String>) -> Finding {
        Finding { lint, origin: None, file: Some(file), message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    pub(super) fn level(&self) -> Level {
        self.lint.row().level
    }
}

/// What the lints know besides the profiles.
#[derive(Debug)]
pub(super) struct Field {
    /// The runtimes that were asked for; none: any.
    runtimes: Vec<&'static str>,
    /// What stands for `/opt`.
    root: Option<Root>,
    /// What Node.js allows in NODE_OPTIONS.
    node: NodeOptions,
}

impl Field {
    /// For these profiles, runtimes, and what stands for `/opt`. Asks the Node.js of this machine for its options, where
    /// there is one and a profile has to do with them.
    pub(super) fn new(library: &Library, runtimes: Vec<&'static str>, root: Option<Root>) -> Field {
        let rules =
            library.sources().filter_map(|(_, source)| source.profile.as_ref().ok()).flat_map(|profile| &profile.rules);
        let asks = rules.flat_map(|rule| &rule.env).any(|edit| edit.name == b"NODE_OPTIONS");
        let mut node = NodeOptions::built_in();
        if let Some(answer) = asks.then(real_node::ask).flatten() {
            node.add(&answer);
        }
        Field { runtimes, root, node }
    }

    /// The managed runtimes on which something may apply, of those that were asked for.
    fn runtimes_of(&self, conditions: &Conditions<'_>) -> Vec<&'static str> {
        let asked = if self.runtimes.is_empty() { &known_starts::NAMES[..] } else { &self.runtimes };
        let may = |name: &&str| Runtime::parse(name.as_bytes()).is_some_and(|runtime| conditions.possible_on(runtime));
        asked.iter().copied().filter(may).collect()
    }
}

/// A profile, where each of its parts stands, and under which conditions its rules apply.
struct Subject<'a> {
    id: ProfileId,
    source: &'a Source,
    profile: &'a Profile,
    document: Node,
    /// For each rule: what must hold, and what is known when it begins.
    stages: Vec<flow::Stage<'a>>,
}

impl<'a> Subject<'a> {
    fn new(id: ProfileId, source: &'a Source) -> Option<Subject<'a>> {
        let profile = source.profile.as_ref().ok()?;
        Some(Subject { id, source, profile, document: Node::document(&source.text), stages: flow::stages(profile) })
    }

    fn rules(&self) -> impl Iterator<Item = (&'a Rule, &flow::Stage<'a>)> {
        self.profile.rules.iter().zip(&self.stages)
    }

    /// The conditions under which one of the profile's sidecars is started.
    fn conditions_of(&self, sidecar: &'a crate::profile::Sidecar) -> Conditions<'a> {
        let all = self.profile.when.iter().chain(&sidecar.when).collect();
        Conditions { all, changing: flow::changing(self.profile), ..Conditions::default() }
    }

    fn finding(&self, lint: Lint, span: Span, message: impl Into<String>) -> Finding {
        let origin = Some(Origin { profile: self.id, span });
        // What a file says may hold anything; a message is one line.
        let message = printable(message.into().as_bytes());
        Finding { lint, origin, file: None, message, help: None }
    }
}

/// A lint's own function: it looks at one profile.
type Look = fn(&Subject<'_>, &Field) -> Vec<Finding>;

const LOOKS: [Look; 12] = [
    node::look,
    options::look,
    overridden::look,
    variables::look,
    words::look,
    handler::look,
    rules::look,
    order::look,
    sidecars::look,
    writable::look,
    shutdown::look,
    layer_files::look,
];

/// All that the lints find in the profiles of a library, in the order of their places, without what the profiles allow.
///
/// `groups` are the profiles that apply together: what one of them attaches, another must not attach again.
pub(super) fn find(library: &Library, groups: &[Vec<ProfileId>], field: &Field) -> Vec<Finding> {
    let subjects: Vec<Subject<'_>> = library.sources().filter_map(|(id, source)| Subject::new(id, source)).collect();
    let mut findings = Vec::new();
    for subject in &subjects {
        findings.extend(LOOKS.iter().flat_map(|look| look(subject, field)));
    }
    for group in groups {
        let together: Vec<&Subject<'_>> = subjects.iter().filter(|subject| group.contains(&subject.id)).collect();
        findings.extend(agents::look(library, &together));
        findings.extend(proxies::look(library, &together));
        findings.extend(sidecars::targets(library, &together));
    }
    // What is wrong with the layer stands in no profile: any of them may allow it.
    let mut allowed_anywhere = Vec::new();
    for subject in &subjects {
        let (allowed, slips) = unknown::allowed(subject);
        findings.retain(|finding| {
            finding.origin.is_none_or(|origin| origin.profile != subject.id) || !allowed.contains(&finding.lint)
        });
        findings.extend(slips);
        allowed_anywhere.extend(allowed);
    }
    findings.sort_by_key(|finding| (finding.origin.map(|origin| (origin.profile, origin.span.start)), finding.lint));
    findings
        .dedup_by(|one, other| one.lint == other.lint && one.origin == other.origin && one.message == other.message);
    let graceful = subjects.iter().any(|subject| subject.profile.graceful.as_ref().is_some_and(|asked| asked.value));
    let of_layer = field.root.iter().flat_map(|root| layer_files::of_layer(root, graceful));
    findings.extend(of_layer.filter(|finding| !allowed_anywhere.contains(&finding.lint)));
    findings
}
