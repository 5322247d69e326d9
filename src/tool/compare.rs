//! `forerun compare`: a wrapper script and profiles on the same starts.

mod arguments;
mod as_json;
pub(in crate::tool) mod class;
pub(in crate::tool) mod comparison;
pub(in crate::tool) mod difference;
mod endings;
mod experiment;
pub(in crate::tool) mod hints;
pub(in crate::tool) mod learn;
mod lines;
mod listed;
mod noise;
pub(in crate::tool) mod options;
mod output;
mod processes;
mod report;
mod sight;
pub(in crate::tool) mod subjects;
pub(in crate::tool) mod summary;
#[cfg(test)]
mod testing;
mod twins;
mod variables;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};

use super::paint::Paint;
use super::starts::mentions::mentions;
use super::starts::space::Space;
use super::{FINE, PROBLEMS, Report, known_starts};
use class::{Class, Kind};
use comparison::{Bench, Case, cases, compare};
use hints::Hints;
use options::{TrialOptions, impossible};
use subjects::Profiles;

/// Compare a wrapper script with profiles
///
/// Runs the script and forerun with the profiles on the same starts, each time in
/// namespaces of their own with a stand-in for the runtime, and tells where the
/// runtime's environment, its argv, the exit status or the log differ. The starts are
/// made from what the script mentions: each of its variables unset, empty, with
/// spaces, with what the script adds already in it, and so on.
///
/// What the script's interpreter does by itself is left out. Differences that are
/// mistakes of the script, or what forerun does otherwise on purpose, are named as
/// such; docs/compare.md describes each.
///
/// The script runs on this machine with your rights: with access to your files, without
/// network. Read it first.
///
/// Exit status: 0 every difference has a reason, 1 one has none or a profile has
/// problems, 2 this command is wrong or nothing can be run here.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun compare otel-handler otel.toml
      a script that needs nothing else
  forerun compare layer/otel-handler otel.toml --root layer --runtime java21
      a script of a layer, with all that is in the layer, for functions in Java
  forerun compare layer/otel-handler otel.toml --root layer --only 17
      one start again, as a report names it
  forerun compare layer/otel-handler otel.toml --root layer --only 'NODE_OPTIONS with spaces'
      one start that is wanted
  forerun compare layer/otel-handler otel.toml --root layer --json
      for CI"
)]
pub(super) struct Compare {
    /// The wrapper script, or any program that is used as one
    script: PathBuf,

    /// Profiles, in the order in which they apply; or builtin:NAME
    #[arg(value_name = "PROFILE", required = true)]
    profiles: Vec<PathBuf>,

    #[command(flatten)]
    trials: TrialOptions,

    /// At most so many starts, besides those with a SIGTERM
    #[arg(long, value_name = "N")]
    starts: Option<usize>,

    /// Only this start, by its number or by what alone is out of the ordinary, as a report names it; may be repeated
    #[arg(long, value_name = "START")]
    only: Vec<String>,

    /// A choice of the profile's that is right; may be repeated
    #[arg(long, value_name = "CLASS", value_parser = choice())]
    accept: Vec<Class>,

    /// Tell it as one JSON document, for programs
    #[arg(long)]
    json: bool,
}

impl Compare {
    /// Compares and tells.
    pub(super) fn run(&self, paint: Paint) -> Report {
        self.report(paint).unwrap_or_else(|refused| refused)
    }

    fn report(&self, paint: Paint) -> Result<Report, Report> {
        let (lab, script) = self.trials.lab(&self.script)?;
        let profiles = Profiles::read(&self.profiles)?;
        let hints = Hints::of(profiles.checked()?, self.accept.iter().copied());
        let profile = profiles.subject(subjects::wrapper(self.trials.wrapper.as_deref())?);

        let texts: Vec<&[u8]> = script.texts.iter().map(|text| &text[..]).collect();
        let mentions = mentions(&script.surroundings.own, &texts);
        let unknown = |name: String| {
            let help = format!("known are {}, and the families among them", known_starts::NAMES.join(", "));
            Report::usage(format!("the runtime `{name}` is not known"), help)
        };
        let space =
            |learned: &_| Space::new(&mentions, learned, &self.trials.runtimes, &script.surroundings).map_err(unknown);
        let first = space(&Default::default())?;
        let (learned, tried) = learn::learn(&lab, &script.subject, &first).map_err(impossible)?;
        let cases = self.chosen(cases(&space(&learned)?, self.trials.seed, self.starts))?;

        let bench = Bench { lab: &lab, script: &script.subject, profile: &profile, hints: &hints, tried: &tried };
        let bar = progress(cases.len());
        let comparison = compare(&bench, cases, &|| bar.inc(1)).map_err(impossible)?;
        bar.finish_and_clear();

        let summary = comparison.summary();
        let said = match self.json {
            true => as_json::document(&summary, self.trials.seed),
            false => report::text(&summary, &self.again(), paint),
        };
        let status = if comparison.has_unexplained() { PROBLEMS } else { FINE };
        Ok(Report { stdout: said.into(), stderr: String::new(), status })
    }

    fn chosen(&self, mut cases: Vec<Case>) -> Result<Vec<Case>, Report> {
        if let Some(unknown) = self.only.iter().find(|only| !cases.iter().any(|case| is(case, only))) {
            let count = cases.len();
            return Err(Report::usage(
                format!("there is no start `{unknown}`: there are {count}, counted from 0"),
                alike(&cases, unknown),
            ));
        }
        if !self.only.is_empty() {
            cases.retain(|case| self.only.iter().any(|only| is(case, only)));
        }
        Ok(cases)
    }

    /// The command line that runs one of these starts again, without its number.
    fn again(&self) -> String {
        let mut words = vec!["forerun compare".to_owned(), quoted(&self.script)];
        words.extend(self.profiles.iter().map(|path| quoted(path)));
        for (option, folder) in
            [("--root", &self.trials.root), ("--task", &self.trials.task), ("--wrapper", &self.trials.wrapper)]
        {
            words.extend(folder.iter().map(|folder| format!("{option} {}", quoted(folder))));
        }
        words.extend(self.trials.runtimes.iter().map(|runtime| format!("--runtime {runtime}")));
        words.extend(self.accept.iter().map(|choice| format!("--accept {}", choice.id())));
        words.extend(self.starts.map(|most| format!("--starts {most}")));
        words.extend((self.trials.seed != 1).then(|| format!("--seed {}", self.trials.seed)));
        words.extend((self.trials.timeout != 5).then(|| format!("--timeout {}", self.trials.timeout)));
        words.join(" ")
    }
}

/// Whether the start has this number, or is out of the ordinary in this alone.
fn is(case: &Case, only: &str) -> bool {
    let numbered = only.parse() == Ok(case.number);
    numbered || matches!(&case.described[..], [_, alone] if alone == only)
}

/// What `--only` may say instead: what else is done to the variable or the file that it names.
fn alike(cases: &[Case], only: &str) -> String {
    let first = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let words = cases.iter().filter_map(|case| match &case.described[..] {
        [_, alone] if first(alone) == first(only) => Some(format!("`{alone}`")),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    match words.is_empty() {
        true => "take the number or the words from a report of the same script, with the same options".to_owned(),
        false => format!("there are {}", words.join(", ")),
    }
}

/// The classes that are up to whoever writes the profile.
fn choice() -> impl TypedValueParser<Value = Class> {
    let choices = Class::ALL.into_iter().filter(|class| class.facts().kind == Kind::Choice);
    let named = choices.map(|class| PossibleValue::new(class.id()).help(class.facts().about));
    PossibleValuesParser::new(named)
        .map(|id| Class::ALL.into_iter().find(|class| class.id() == id).expect("one of the possible values"))
}

/// A path as a word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |char: char| char.is_ascii_alphanumeric() || "/._-+=:,@%".contains(char);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A bar for those who wait; nothing where nobody looks.
fn progress(cases: usize) -> ProgressBar {
    let bar = ProgressBar::new(2 * cases as u64);
    let style = ProgressStyle::with_template("{bar:40} {percent}% of the starts, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
