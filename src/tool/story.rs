//! A plan, told: which profiles applied, what they changed and by which line, what they did not do.

use std::collections::BTreeSet;

use super::about_function::About;
use super::layout::{length, pad, wrap_value, wrap_words};
use super::paint::Paint;
use super::secrets::{Secrets, Shown};
use crate::builtin;
use crate::detect::{self, Evidence};
use crate::library::Library;
use crate::plan::{Because, Level, Message, Plan};
use crate::problem::{Origin, printable};
use crate::runtime::Runtime;
use crate::start::{Start, base_name};

/// The width of a page.
pub(super) const WIDTH: usize = 80;
/// Longer names of variables have a line of their own.
const LONGEST_NAME: usize = 30;
/// No value is written narrower than this.
const NARROWEST_VALUE: usize = 24;

/// What the story is about.
pub(super) struct Story<'s> {
    pub(super) start: &'s Start<'s>,
    pub(super) library: &'s Library,
    pub(super) secrets: &'s Secrets<'s>,
    /// The function that it is of, when that is known.
    pub(super) about: Option<&'s About>,
    pub(super) paint: Paint,
}

/// What became of a variable.
pub(super) struct Row {
    /// `+` new, `-` gone, `~` different.
    pub(super) sign: char,
    pub(super) name: String,
    pub(super) new: Option<Shown>,
    pub(super) old: Option<Shown>,
    /// None: forerun itself.
    pub(super) origins: Vec<Origin>,
}

impl Story<'_> {
    /// The whole story.
    pub(super) fn tell(&self, plan: &Plan<'_>) -> String {
        let mut text = self.head() + &self.runtime(plan) + &self.profiles(plan);
        let (rows, arguments) = (self.variables(plan), self.arguments(plan));
        let companions = self.sidecars(plan) + &self.process(plan);
        if rows.is_empty() && arguments.is_empty() {
            if companions.is_empty() {
                text.push_str(&format!("\n{}: {}\n", self.paint.strong("nothing changes"), why_nothing(plan)));
            } else {
                text.push_str(&format!("\n{}", self.labelled("environment", "unchanged, as is argv")));
            }
        } else {
            text.push_str(&self.environment(&rows));
            let unchanged = || format!("\n{}", self.labelled("argv", "unchanged"));
            text.push_str(&if arguments.is_empty() { unchanged() } else { arguments });
        }
        text.push_str(&companions);
        text.push_str(&self.skipped(plan));
        text.push_str(&self.messages(&plan.messages));
        text.push_str(&self.notes());
        if !self.secrets.open && rows.iter().any(|row| row.new.is_some() || row.old.is_some()) {
            text.push_str(
                &self.paint.faint("\nvalues that no profile spells out are masked; --show-values shows them\n"),
            );
        }
        text
    }

    pub(super) fn heading(&self, title: &str) -> String {
        format!("\n{}\n", self.paint.strong(title))
    }

    /// A line with its label in front.
    pub(super) fn labelled(&self, label: &str, text: &str) -> String {
        format!("{}{text}\n", self.paint.strong(pad(label, 13)))
    }

    fn runtime(&self, plan: &Plan<'_>) -> String {
        let (runtime, evidence) = self.detected(plan);
        let evidence = match evidence {
            Evidence::ExecutionEnv => " (from AWS_EXECUTION_ENV)",
            Evidence::Argv => " (from argv)",
            Evidence::Files => " (from the files of the image)",
            Evidence::Nothing => "",
        };
        self.labelled("runtime", &format!("{runtime} on {}{evidence}", self.start.arch.name()))
    }

    /// The planner works the runtime out when something asks for it; here somebody always does.
    pub(super) fn detected(&self, plan: &Plan<'_>) -> (Runtime, Evidence) {
        plan.runtime.unwrap_or_else(|| detect::detect(self.start, |_| false))
    }

    fn profiles(&self, plan: &Plan<'_>) -> String {
        let mut rows: Vec<(String, String)> = Vec::new();
        for applied in &plan.applied {
            let mut because = match applied.because {
                Because::DropIn => "drop-in".to_owned(),
                Because::OwnName => "the wrapper's own name".to_owned(),
                Because::Selected => "selected".to_owned(),
                Because::Function => "the function's own".to_owned(),
                Because::Runtime => "the built-in one of the runtime".to_owned(),
                Because::Included(origin) => format!("included by {}", self.place(origin)),
            };
            if let Some(unmet) = &applied.unmet {
                because.push_str(&format!("; does not apply: {unmet}"));
            }
            rows.push((printable(&self.library.source(applied.profile).place), because));
        }
        rows.extend(self.unused_builtin(plan).map(|place| (place, "not used: profiles were found".to_owned())));
        if rows.is_empty() {
            rows.push(("none".to_owned(), String::new()));
        }
        let widest = rows.iter().map(|row| length(&row.0)).filter(|&width| width <= 40).max().unwrap_or(0);
        let mut text = String::new();
        for (number, (place, because)) in rows.iter().enumerate() {
            let label = if number == 0 { "profiles" } else { "" };
            text.push_str(&self.labelled(label, format!("{}  {because}", pad(place, widest)).trim_end()));
        }
        text
    }

    /// The built-in profile that the runtime would have, had nothing else been found.
    pub(super) fn unused_builtin(&self, plan: &Plan<'_>) -> Option<String> {
        let name = self.detected(plan).0.family?.name();
        let place = format!("builtin:{name}");
        builtin::text(name.as_bytes())?;
        let applied = plan.applied.iter().any(|one| self.library.source(one.profile).place == place.as_bytes());
        (!applied && !plan.applied.is_empty()).then_some(place)
    }

    /// What became of each variable, in the order in which they were first edited.
    pub(super) fn variables(&self, plan: &Plan<'_>) -> Vec<Row> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut known = BTreeSet::new();
        let edited = plan.changes.iter().map(|change| &change.name[..]);
        let all = self.start.env.iter().chain(plan.env.iter()).map(|entry| {
            let entry = entry.to_bytes();
            &entry[..entry.iter().position(|&byte| byte == b'=').unwrap_or(0)]
        });
        for name in edited.chain(all) {
            if !name.is_empty() && known.insert(name) {
                names.push(name);
            }
        }
        names.into_iter().filter_map(|name| self.variable(plan, name)).collect()
    }

    fn variable(&self, plan: &Plan<'_>, name: &[u8]) -> Option<Row> {
        let (old, new) = (self.start.env.get(name), plan.env.get(name));
        if old == new {
            return None;
        }
        let origins: Vec<Origin> =
            plan.changes.iter().filter(|change| change.name == name).map(|change| change.origin).collect();
        let shown = new.map(|new| match origins.last() {
            Some(&origin) => self.secrets.variable(name, new, Some(origin)),
            // forerun's own mark, which holds the process id.
            None => Shown::ProcessId,
        });
        let sign = match (old, new) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        let old = old.map(|old| self.secrets.value(old));
        Some(Row { sign, name: printable(name), new: shown, old, origins })
    }

    fn environment(&self, rows: &[Row]) -> String {
        if rows.is_empty() {
            return format!("\n{}", self.labelled("environment", "unchanged"));
        }
        let names = rows.iter().map(|row| length(&row.name)).filter(|&width| width <= LONGEST_NAME).max().unwrap_or(0);
        let all_places: Vec<Vec<String>> = rows.iter().map(|row| self.places(row)).collect();
        let places = all_places.iter().flatten().map(|place| length(place)).max().unwrap_or(0);
        let room = WIDTH.saturating_sub(names + places + 8).max(NARROWEST_VALUE);
        let cells: Vec<Vec<String>> = rows.iter().map(|row| values(row, room)).collect();
        let values = cells.iter().flatten().map(|line| length(line)).max().unwrap_or(0);
        let mut text = self.heading("environment");
        for ((row, cells), places) in rows.iter().zip(&cells).zip(&all_places) {
            let mut name = &row.name[..];
            if length(name) > names {
                text.push_str(&format!("  {}\n", self.signed(row.sign, name)));
                name = "";
            }
            for number in 0..cells.len().max(places.len()) {
                let head = if number == 0 && !name.is_empty() {
                    self.signed(row.sign, &pad(name, names))
                } else {
                    pad("", names + 2)
                };
                let cell = cells.get(number).map_or("", |cell| cell);
                let place = places.get(number).map_or("", |place| place);
                let line = format!("  {head}  {}  {}", pad(cell, values), self.paint.faint(place));
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        text
    }

    fn places(&self, row: &Row) -> Vec<String> {
        if row.origins.is_empty() {
            return vec!["forerun".to_owned()];
        }
        let mut places: Vec<String> = row.origins.iter().map(|&origin| self.place(origin)).collect();
        places.dedup();
        places
    }

    pub(super) fn signed(&self, sign: char, text: &str) -> String {
        let line = format!("{sign} {text}");
        match sign {
            '+' => self.paint.green(line),
            '-' => self.paint.red(line),
            '~' => self.paint.yellow(line),
            _ => line,
        }
    }

    fn skipped(&self, plan: &Plan<'_>) -> String {
        let mut rows: Vec<(String, String)> = Vec::new();
        for skipped in &plan.skipped {
            let (place, unmet) = (self.place(skipped.origin), &skipped.unmet);
            if let Some(sidecar) = &skipped.sidecar {
                rows.push((place, format!("the sidecar `{sidecar}`: {unmet}")));
                continue;
            }
            // A profile for every runtime has a `[runtime.NAME]` for each: they share a line.
            match (rows.last_mut(), unmet.strip_prefix("runtime.")) {
                (Some((first, others)), Some(family)) if others.starts_with("runtime.") && same_file(first, &place) => {
                    others.push_str(&format!(", .{family}"));
                }
                _ => rows.push((place, unmet.clone())),
            }
        }
        let widest = rows.iter().map(|row| length(&row.0)).max().unwrap_or(0);
        let lines: String = rows.iter().map(|(place, unmet)| format!("  {}  {unmet}\n", pad(place, widest))).collect();
        if lines.is_empty() { lines } else { self.heading("what did not apply") + &lines }
    }

    /// The lines that the wrapper would write, and the news that it would write if it were asked to.
    pub(super) fn messages(&self, messages: &[Message]) -> String {
        // Told among the profiles.
        let told = |message: &&Message| message.origin.is_none() && message.text.starts_with("profiles were found");
        let messages: Vec<_> = messages.iter().filter(|message| !told(message)).collect();
        if messages.is_empty() {
            return String::new();
        }
        let mut text = self.heading("messages");
        for message in messages {
            let code = message.code.map_or_else(String::new, |code| format!("[{code}]"));
            let kind = match message.level {
                Level::Error => self.paint.red(format!("error{code}")),
                Level::Warn => self.paint.yellow(format!("warning{code}")),
                Level::Info => self.paint.green(format!("info{code}")),
            };
            let place = message.origin.map_or_else(String::new, |origin| format!("  {}", self.place(origin)));
            text.push_str(&format!("  {kind}{place}\n"));
            for line in wrap_words(&message.text, WIDTH - 6) {
                text.push_str(&format!("      {line}\n"));
            }
        }
        text
    }

    /// `10-otel.toml:3`; the whole path where two files have the same name.
    pub(super) fn place(&self, origin: Origin) -> String {
        let source = self.library.source(origin.profile);
        let name = base_name(&source.place);
        let same = self.library.sources().filter(|(_, other)| base_name(&other.place) == name).count();
        let name = if same > 1 { &source.place[..] } else { name };
        format!("{}:{}", printable(name), source.line_and_column(origin.span).0)
    }
}

/// Whether two places, `10-otel.toml:3`, are of one file.
fn same_file(one: &str, other: &str) -> bool {
    one.rsplit_once(':').map(|split| split.0) == other.rsplit_once(':').map(|split| split.0)
}

pub(super) fn why_nothing(plan: &Plan<'_>) -> &'static str {
    if let Some(reason) = plan.untouched {
        reason
    } else if plan.applied.is_empty() {
        "no profile was found, and the runtime has no built-in one"
    } else if plan.applied.iter().all(|applied| applied.unmet.is_some()) {
        "the profiles do not apply to this start"
    } else if plan.messages.iter().any(|message| message.level == Level::Warn && message.origin.is_some()) {
        "what the profiles want cannot be had; see the messages"
    } else {
        "the start already is as the profiles want it"
    }
}

/// The lines in the column of values.
fn values(row: &Row, room: usize) -> Vec<String> {
    let mut lines = row.new.as_ref().map_or_else(Vec::new, |new| wrap_value(&new.to_string(), room));
    if let Some(old) = &row.old {
        let wrapped = wrap_value(&old.to_string(), room.saturating_sub(4));
        lines.extend(
            wrapped.iter().enumerate().map(
                |(number, line)| {
                    if number == 0 { format!("was {line}") } else { format!("    {line}") }
                },
            ),
        );
    }
    lines
}
