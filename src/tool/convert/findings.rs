//! What the comparison of script and profile says, as comments of the profile.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::session::Converted;
use crate::library::Library;
use crate::problem::printable;
use crate::tool::compare::class::Class;
use crate::tool::compare::comparison::{Bench, cases, compare};
use crate::tool::compare::difference::Aspect;
use crate::tool::compare::hints::Hints;
use crate::tool::compare::learn::learn;
use crate::tool::compare::subjects::Script;
use crate::tool::layout::{counted, wrap_words};
use crate::tool::starts::mentions::Mentions;
use crate::tool::starts::space::Space;
use crate::tool::trial::{Lab, Subject};

/// How wide comments are written, without their mark.
const WIDTH: usize = 108;
/// More starts than this would take longer than anybody waits; `forerun compare` tries all.
const MOST_STARTS: usize = 100;
/// Of the names that a reason concerns so many are shown.
const MOST_NAMES: usize = 4;

/// What there is to say of a profile.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What the script does and the profile does not.
    pub(super) unexplained: Vec<String>,
    /// What the two do otherwise for a reason.
    reasons: Vec<String>,
}

impl Findings {
    /// Without a launcher: what was seen in making the profile.
    pub(super) fn of_planning(converted: &Converted) -> Findings {
        let mut unexplained = converted.unexplained.clone();
        unexplained.extend(converted.differing.clone());
        Findings { unexplained, reasons: vec!["not compared: there is no launcher to run the profile with".into()] }
    }

    /// As comments of TOML.
    pub(super) fn comments(&self) -> String {
        let mut text = String::new();
        let mut list = |title: &str, lines: &[String]| {
            if lines.is_empty() {
                return;
            }
            text.push_str(&format!("#\n# {title}\n"));
            for line in lines {
                for (at, part) in wrap_words(line, WIDTH).iter().enumerate() {
                    text.push_str(if at == 0 { "# - " } else { "#   " });
                    text.push_str(part);
                    text.push('\n');
                }
            }
        };
        list("Not reproduced:", &self.unexplained);
        list("Otherwise than the script, and on purpose:", &self.reasons);
        text
    }
}

/// Runs script and profile on the starts of `forerun compare`.
///
/// # Errors
///
/// Why a trial could not be run.
pub(super) fn compare_with(
    lab: &Lab,
    script: &Script,
    mentions: &Mentions,
    runtimes: &[String],
    wrapper: PathBuf,
    converted: &Converted,
    seed: u64,
) -> Result<Findings, String> {
    let mut library = Library::default();
    let id = library.add(b"converted.toml".to_vec(), Ok(converted.profile.clone().into_bytes()));
    let Ok(profile) = &library.source(id).profile else { return Ok(Findings::of_planning(converted)) };
    let hints = Hints::of([profile], []);
    let profiles = vec![("converted.toml".to_owned(), converted.profile.clone().into_bytes())];
    let profile = Subject::Forerun { wrapper, profiles };
    let space = |learned: &_| Space::new(mentions, learned, runtimes, &script.surroundings);
    let (learned, tried) = learn(lab, &script.subject, &space(&Default::default())?)?;
    let bench = Bench { lab, script: &script.subject, profile: &profile, hints: &hints, tried: &tried };
    let comparison = compare(&bench, cases(&space(&learned)?, seed, Some(MOST_STARTS)), &|| {})?;
    let summary = comparison.summary();
    let mut findings = Findings { unexplained: converted.unexplained.clone(), reasons: Vec::new() };
    for group in &summary.groups {
        if let Aspect::Variable(name) = &group.difference.aspect
            && converted.given_up.contains(name)
        {
            continue;
        }
        let mut line = format!("{} on {}", named(&group.difference.aspect), counted(group.starts, "start"));
        if !group.example.described.is_empty() {
            line.push_str(&format!(", as with {}", group.example.described.join(", ")));
        }
        findings.unexplained.push(line);
    }
    // That lines are worded otherwise goes without saying.
    for reason in summary.reasons.iter().filter(|reason| reason.class != Class::OwnWords) {
        let names: BTreeSet<String> = reason.aspects.iter().map(|aspect| named(aspect)).collect();
        let mut shown: Vec<String> = names.iter().take(MOST_NAMES).cloned().collect();
        shown.extend((names.len() > MOST_NAMES).then(|| "…".to_owned()));
        findings.reasons.push(format!("{} ({}): {}", reason.class.facts().about, shown.join(", "), reason.class.id()));
    }
    Ok(findings)
}

fn named(aspect: &Aspect) -> String {
    match aspect {
        Aspect::Variable(name) => printable(name),
        Aspect::Start => "whether the runtime is started".to_owned(),
        Aspect::Argv => "the command line".to_owned(),
        Aspect::Status => "the exit status".to_owned(),
        Aspect::Output => "the log".to_owned(),
        Aspect::Process(what) => (*what).to_owned(),
    }
}
