//! What is told of a function before its start: which one it is, whether forerun would run at all, what its
//! configuration leaves open.

use super::function::{Function, SnapStart};
use super::layout::{wrap_value, wrap_words};
use super::story::{Story, WIDTH};
use crate::problem::printable;

/// The memory that the argv of known starts is for, in megabytes.
const KNOWN_MEMORY: u64 = 1024;

/// A function, and what was found out about it.
#[derive(Debug)]
pub(super) struct About {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) memory: Option<u64>,
    pub(super) timeout: Option<u64>,
    pub(super) layers: Vec<String>,
    /// Why forerun would not run.
    pub(super) hindrance: Option<String>,
    pub(super) notes: Vec<String>,
}

impl About {
    /// `opt`: a folder stands for the layers. `sized_argv`: the argv is a known one, with options for the memory.
    pub(super) fn new(function: &Function, hindrance: Option<String>, opt: bool, sized_argv: bool) -> About {
        let mut notes = Vec::new();
        if function.variables_unreadable {
            notes.push(
                "the function's variables are not in its configuration, since Lambda could not read them; without one of \
                 its own AWS_LAMBDA_EXEC_WRAPPER is taken to be /opt/wrapper"
                    .into(),
            );
        }
        if let Some(memory) = function.memory.filter(|&memory| sized_argv && memory != KNOWN_MEMORY) {
            notes.push(format!(
                "the options for the memory in argv are those of {KNOWN_MEMORY} MB, and the function has {memory} MB"
            ));
        }
        if function.snap_start == SnapStart::WhenPublished {
            notes.push("published versions start from a snapshot: `--init snap-start` shows that".into());
        }
        if !function.layers.is_empty() {
            notes.push(if opt {
                "the content of --opt stands for that of the function's layers:".into()
            } else {
                "the content of the function's layers is given by `--opt DIR`, without it there is none:".into()
            });
        }
        About {
            name: function.name.clone(),
            version: function.version.clone(),
            memory: function.memory,
            timeout: function.timeout,
            layers: function.layers.clone(),
            hindrance,
            notes,
        }
    }
}

impl Story<'_> {
    /// The first lines, where the story is that of a function.
    pub(super) fn head(&self) -> String {
        let Some(about) = self.about else { return String::new() };
        let mut name = about.name.clone().unwrap_or_else(|| "without a name".to_owned());
        if let Some(version) = &about.version {
            name.push_str(&format!(" ({version})"));
        }
        let facts = [
            Some(printable(name.as_bytes())),
            about.memory.map(|memory| format!("{memory} MB")),
            about.timeout.map(|timeout| format!("{timeout} s at most")),
        ];
        let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mut text = self.block("function", &facts, |line| line);
        if let Some(hindrance) = &about.hindrance {
            text.push_str(&self.block("wrapper", hindrance, |line| self.paint.red(line)));
        }
        text
    }

    /// What the function's configuration leaves open; empty without a function.
    pub(super) fn notes(&self) -> String {
        let Some(about) = self.about.filter(|about| !about.notes.is_empty()) else { return String::new() };
        let mut text = self.heading("notes");
        for note in &about.notes {
            for (number, line) in wrap_words(note, WIDTH - 4).iter().enumerate() {
                text.push_str(&format!("{}{line}\n", if number == 0 { "  " } else { "    " }));
            }
        }
        for layer in &about.layers {
            for line in wrap_value(&printable(layer.as_bytes()), WIDTH - 6) {
                text.push_str(&format!("      {line}\n"));
            }
        }
        text
    }

    /// Words behind a label, in as many lines as they need.
    fn block(&self, label: &str, words: &str, paint: impl Fn(String) -> String) -> String {
        let mut text = String::new();
        for (number, line) in wrap_words(words, WIDTH - 13).into_iter().enumerate() {
            text.push_str(&self.labelled(if number == 0 { label } else { "" }, &paint(line)));
        }
        text
    }
}
