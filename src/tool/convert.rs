//! `forerun convert`: a profile made by watching what a wrapper script does.
#![expect(clippy::disallowed_methods, reason = "this command writes the profile where it is told to")]

mod arguments;
mod condition;
mod edits;
mod effect;
mod excuses;
mod experiments;
mod files;
mod findings;
mod infer;
mod learn;
mod list_values;
mod markers;
mod rules;
mod run;
mod session;
mod sources;
#[cfg(test)]
mod tests;
mod text;
mod toml_text;
mod variables;
mod verify;
mod when;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::compare::comparison::each;
use super::compare::options::{TrialOptions, impossible};
use super::compare::subjects::{self, Script};
use super::layout::counted;
use super::starts::mentions::{Mentions, mentions};
use super::trial::Lab;
use super::trial::start::TrialStart;
use super::{FINE, PROBLEMS, Report, known_starts, reason};
use experiments::{MORE_RUNTIMES, RUNTIMES, Space};
use findings::Findings;
use session::{Converted, Task};
use sources::Sources;

/// Make a profile of what a wrapper script does
///
/// The script is run on many starts, each in namespaces of its own with a stand-in for
/// the runtime. Nothing of its text gets into the profile but what it was seen to do:
/// which variables it sets, and under which conditions, what it puts into lists and
/// into the command line. The two are then compared, as `forerun compare` does. What the
/// profile does not reproduce stands in comments at its top.
///
/// The script runs on this machine with your rights: with access to your files, without
/// network. Read it first.
///
/// Exit status: 0 the profile explains everything, 1 something is left, 2 there is no
/// profile.
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun convert ./otel-handler > otel.toml
      what a script does, on every family of runtimes
  forerun convert --root layer/ --runtime java21 --runtime java11 layer/otel-handler -o otel.toml
      a script that needs the files of its layer, on the runtimes that it is meant for"
)]
pub(super) struct Convert {
    /// The script; below --root it keeps its place, else it is put into /opt
    #[arg(value_name = "SCRIPT")]
    script: PathBuf,

    #[command(flatten)]
    trials: TrialOptions,

    /// The profile to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

impl Convert {
    /// Tries the script and writes the profile.
    pub(super) fn run(&self) -> Report {
        self.convert().unwrap_or_else(|report| report)
    }

    fn convert(&self) -> Result<Report, Report> {
        let (lab, script) = self.trials.lab(&self.script)?;
        let texts: Vec<&[u8]> = script.texts.iter().map(|text| &text[..]).collect();
        let mentions = mentions(&script.surroundings.own, &texts);
        let space = Space::new(&mentions, self.runtimes(&mentions)?, &script.surroundings);
        let name = self.script.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let words: BTreeSet<&Vec<u8>> = mentions.words.values().flatten().filter(|word| word.len() > 2).collect();
        let task = Task {
            description: format!("What {name} does"),
            words: words.into_iter().cloned().collect(),
            sources: Sources(script.texts.clone()),
            seed: self.trials.seed,
        };
        let mut attempt = |starts: &[TrialStart]| each(starts, |start| lab.run(&script.subject, start));
        let converted = session::convert(task, space, &mut attempt).map_err(impossible)?;
        let findings = self.compared(&lab, &script, &mentions, &converted).map_err(impossible)?;
        self.report(&name, &converted, &findings)
    }

    /// The runtimes that were asked for, else one of each family, and more where the script tells them apart.
    fn runtimes(&self, mentions: &Mentions) -> Result<Vec<&'static str>, Report> {
        if self.trials.runtimes.is_empty() {
            let asks = mentions.variables.contains_key(&b"AWS_EXECUTION_ENV"[..]);
            return Ok(RUNTIMES.into_iter().chain(MORE_RUNTIMES.into_iter().filter(|_| asks)).collect());
        }
        let known = |name: &String| {
            known_starts::identifier(name).ok_or_else(|| {
                let help = format!("known are {}", known_starts::NAMES.join(", "));
                Report::usage(format!("the runtime `{name}` is not known"), help)
            })
        };
        self.trials.runtimes.iter().map(known).collect()
    }

    /// What `compare` finds; what planning alone has found where there is no launcher to compare with.
    fn compared(
        &self,
        lab: &Lab,
        script: &Script,
        mentions: &Mentions,
        converted: &Converted,
    ) -> Result<Findings, String> {
        match subjects::wrapper(self.trials.wrapper.as_deref()) {
            Ok(wrapper) => findings::compare_with(
                lab,
                script,
                mentions,
                &self.trials.runtimes,
                wrapper,
                converted,
                self.trials.seed,
            ),
            Err(_) => Ok(Findings::of_planning(converted)),
        }
    }

    fn report(&self, name: &str, converted: &Converted, findings: &Findings) -> Result<Report, Report> {
        let trials = counted(converted.trials, "start");
        let mut text = format!("# Made by `forerun convert` from {name}, by what it did on {trials}.\n");
        text.push_str(&findings.comments());
        text.push('\n');
        text.push_str(&converted.profile);
        let left = findings.unexplained.len();
        let mut stderr = format!("{name} was tried on {trials}: ");
        stderr.push_str(&match left {
            0 => "the profile explains everything\n".to_owned(),
            _ => format!("{} not reproduced, see the comments of the profile\n", counted(left, "thing")),
        });
        let status = if left == 0 { FINE } else { PROBLEMS };
        if self.output == Path::new("-") {
            return Ok(Report { stdout: text.into_bytes(), stderr, status });
        }
        std::fs::write(&self.output, &text).map_err(|error| {
            let message = format!("{}: {}", self.output.display(), reason(&error));
            Report::usage(message, "-o takes a file that can be written")
        })?;
        Ok(Report { stdout: Vec::new(), stderr, status })
    }
}
