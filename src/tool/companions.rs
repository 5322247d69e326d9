//! What a story tells besides environment and argv: sidecars, limits, folders, the end.

use super::layout::{length, pad, wrap_value, wrap_words};
use super::secrets::{Shown, is_literal};
use super::story::{Story, WIDTH};
use crate::capture::Disk;
use crate::plan::sidecars::{Ready, Sidecar, Target, Text};
use crate::plan::{Message, Plan};
use crate::problem::{Code, Origin, Problem, printable};
use crate::profile::{self, Limit, Log, Restart};

/// The width of the labels of a sidecar.
const LABEL: usize = 13;

/// What a sidecar finds in its environment.
pub(super) struct SidecarEnvironment {
    /// The profile lists what it inherits.
    listed: bool,
    /// Names of the start's variables that it has.
    pub(super) inherited: Vec<String>,
    /// Names of those that it has not.
    pub(super) withheld: Vec<String>,
    /// Its own.
    pub(super) set: Vec<(String, Shown)>,
}

impl Story<'_> {
    /// The section on sidecars; empty when there are none.
    pub(super) fn sidecars(&self, plan: &Plan<'_>) -> String {
        if plan.sidecars.is_empty() {
            return String::new();
        }
        let mut text = self.heading("sidecars, before the runtime");
        let widest = plan.sidecars.iter().map(|sidecar| length(&sidecar.name)).max().unwrap_or(0);
        for sidecar in &plan.sidecars {
            let name = self.signed('+', &pad(&sidecar.name, widest));
            text.push_str(&format!("  {name}  {}\n", self.paint.faint(self.place(sidecar.origin))));
            for (label, value) in self.sidecar(sidecar) {
                for (number, line) in value.iter().enumerate() {
                    let label = if number == 0 { label } else { "" };
                    text.push_str(&format!("      {}{line}\n", pad(label, LABEL)));
                }
            }
        }
        text
    }

    fn sidecar(&self, sidecar: &Sidecar) -> Vec<(&'static str, Vec<String>)> {
        let words = |text: &str| wrap_words(text, WIDTH - LABEL - 6);
        let mut rows = vec![(
            "command",
            words(&self.command(sidecar).iter().map(|word| quoted(&word.to_string())).collect::<Vec<_>>().join(" ")),
        )];
        rows.push(("environment", self.sidecar_environment(sidecar)));
        if let Some(folder) = &sidecar.working_directory {
            rows.push(("folder", words(&self.text(folder))));
        }
        let log = match &sidecar.log {
            Log::Inherit => "to the runtime's".to_owned(),
            Log::Null => "nowhere".to_owned(),
            Log::File(path) => self.text(path),
        };
        rows.push(("output", words(&log)));
        let failure = if sidecar.required { "the start stops" } else { "a warning, and the runtime starts" };
        let ready = match &sidecar.ready {
            Some(ready) => {
                let time = milliseconds(ready.timeout);
                format!("{}, waited for up to {time}; else {failure}", self.ready(ready))
            }
            None if sidecar.required => format!("not waited for; if it cannot be started {failure}"),
            None => "not waited for".to_owned(),
        };
        rows.push(("ready", words(&ready)));
        if sidecar.restart == Restart::OnFailure {
            rows.push(("restart", words("on failure, up to five times")));
        }
        let time = milliseconds(sidecar.stop_timeout);
        rows.push(("end", words(&format!("SIGTERM when the runtime has ended, SIGKILL {time} later"))));
        rows
    }

    /// The words of the command; a value of the user's is masked.
    pub(super) fn command(&self, sidecar: &Sidecar) -> Vec<Shown> {
        let declared = self.declared(sidecar);
        let word = |(number, word): (usize, &std::ffi::CString)| {
            let template = declared.and_then(|declared| declared.command.value.get(number));
            if template.is_some_and(is_literal) {
                Shown::Whole(word.as_bytes().to_vec())
            } else {
                self.secrets.value(word.as_bytes())
            }
        };
        sidecar.argv.iter().enumerate().map(word).collect()
    }

    /// A path; with its variables put in where values are shown.
    pub(super) fn text(&self, text: &Text) -> String {
        if self.secrets.open { printable(text.text.as_bytes()) } else { text.shown.clone() }
    }

    /// What is waited for; with its variables put in where values are shown.
    pub(super) fn ready(&self, ready: &Ready) -> String {
        match &ready.target {
            _ if !self.secrets.open => ready.shown.clone(),
            Target::Notify => ready.shown.clone(),
            Target::Unix(path) => format!("unix `{}`", printable(path.as_bytes())),
            Target::File(path) => format!("file `{}`", printable(path.as_bytes())),
            Target::Http(url) => format!("http `http://{}{}`", url.host, url.path),
            Target::Tcp(address) => format!("tcp `{address}`"),
        }
    }

    /// A warning for each sidecar whose program is not in the folders that stand for Lambda's. What is elsewhere is in
    /// the image, which nobody showed.
    pub(super) fn missing_programs(&self, plan: &Plan<'_>, disk: &Disk) -> Vec<Message> {
        let missing = |sidecar: &Sidecar| {
            let folder = disk.lacks(sidecar.argv.first()?.as_bytes())?;
            let message = format!(
                "the program `{}` of the sidecar `{}` is not in {}",
                sidecar.program,
                sidecar.name,
                folder.display()
            );
            Some(Message::warning(Problem::at(Code::SidecarNotStarted, sidecar.origin, message)))
        };
        plan.sidecars.iter().filter_map(missing).collect()
    }

    fn declared(&self, sidecar: &Sidecar) -> Option<&profile::Sidecar> {
        let profile = self.library.source(sidecar.origin.profile).profile.as_ref().ok()?;
        profile.sidecars.iter().find(|declared| declared.span == sidecar.origin.span)
    }

    fn sidecar_environment(&self, sidecar: &Sidecar) -> Vec<String> {
        let SidecarEnvironment { listed, inherited, withheld, set } = self.environment_of(sidecar);
        let inherited = match (listed, inherited.is_empty(), withheld.is_empty()) {
            (true, true, _) => "nothing of the start's".to_owned(),
            (true, false, _) => format!("of the start's only {}", inherited.join(", ")),
            (false, _, true) => "the start's".to_owned(),
            (false, _, false) => format!("the start's without {}", withheld.join(", ")),
        };
        // A start on a desk has none to be withheld.
        let credentials = match self.declared(sidecar) {
            Some(declared) if declared.inherit.is_none() && declared.credentials => "; AWS credentials are passed on",
            Some(declared) if declared.inherit.is_none() => "; AWS credentials are not passed on",
            _ => "",
        };
        let inherited = inherited + credentials;
        let mut lines = wrap_words(&inherited, WIDTH - LABEL - 6);
        for (name, value) in set {
            let text = format!("{name} = {value}");
            lines.extend(wrap_value(&text, WIDTH - LABEL - 8).iter().map(|line| self.signed('+', line)));
        }
        lines
    }

    pub(super) fn environment_of(&self, sidecar: &Sidecar) -> SidecarEnvironment {
        let name = |entry: &[u8]| entry.split(|&byte| byte == b'=').next().unwrap_or_default().to_vec();
        let given: Vec<&[u8]> = self.start.env.iter().map(|entry| entry.to_bytes()).collect();
        let (inherited, withheld): (Vec<&&[u8]>, Vec<&&[u8]>) =
            given.iter().partition(|entry| sidecar.env.iter().any(|own| name(own.as_bytes()) == name(entry)));
        let names = |entries: &[&&[u8]]| entries.iter().map(|entry| printable(&name(entry))).collect();
        let variable = |entry: &std::ffi::CString| {
            let name = name(entry.as_bytes());
            let value = entry.as_bytes().get(name.len() + 1..).unwrap_or_default();
            let origin = self.declared(sidecar).and_then(|declared| {
                let edit = declared.env.iter().find(|edit| edit.name == name)?;
                Some(Origin { profile: sidecar.origin.profile, span: edit.span })
            });
            (printable(&name), self.secrets.variable(&name, value, origin))
        };
        SidecarEnvironment {
            listed: self.declared(sidecar).is_some_and(|declared| declared.inherit.is_some()),
            inherited: names(&inherited),
            withheld: names(&withheld),
            set: sidecar.env.iter().filter(|entry| !given.contains(&entry.as_bytes())).map(variable).collect(),
        }
    }

    /// The section on what the runtime's process gets; empty when that is nothing.
    pub(super) fn process(&self, plan: &Plan<'_>) -> String {
        let mut rows: Vec<(String, String, String)> = Vec::new();
        for (origin, name, limit) in &plan.process.limits {
            let limit = match limit {
                Limit::To(number) => number.to_string(),
                Limit::Hard => "up to the hard limit".to_owned(),
                Limit::Unlimited => "unlimited".to_owned(),
            };
            rows.push((format!("limit {name}"), limit, self.place(*origin)));
        }
        for (origin, path) in &plan.process.directories {
            rows.push(("folder".to_owned(), self.text(path), self.place(*origin)));
        }
        if let Some(origin) = plan.process.graceful {
            let what = "SIGTERM before the end, by an extension that asks for no event".to_owned();
            rows.push(("shutdown".to_owned(), what, self.place(origin)));
        }
        if rows.is_empty() {
            return String::new();
        }
        let names = rows.iter().map(|row| length(&row.0)).max().unwrap_or(0);
        let places = rows.iter().map(|row| length(&row.2)).max().unwrap_or(0);
        let room = WIDTH.saturating_sub(names + places + 8);
        let cells: Vec<Vec<String>> = rows.iter().map(|row| wrap_words(&row.1, room)).collect();
        let values = cells.iter().flatten().map(|line| length(line)).max().unwrap_or(0);
        let mut text = self.heading("process");
        for ((name, _, place), cells) in rows.iter().zip(&cells) {
            for (number, cell) in cells.iter().enumerate() {
                let (head, place) = if number == 0 {
                    (self.signed('+', &pad(name, names)), &place[..])
                } else {
                    (pad("", names + 2), "")
                };
                let line = format!("  {head}  {}  {}", pad(cell, values), self.paint.faint(place));
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        text
    }
}

fn milliseconds(time: std::time::Duration) -> String {
    let time = time.as_millis();
    if time.is_multiple_of(1000) { format!("{} s", time / 1000) } else { format!("{time} ms") }
}

/// A word that is told apart from its neighbours.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && !word.contains([' ', '"']);
    if plain || word.starts_with('…') { word.to_owned() } else { format!("{word:?}") }
}
