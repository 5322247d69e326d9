//! What the text of a wrapper script mentions: variables, what they are compared with, files, options of a runtime.
//!
//! No language is parsed. Whatever looks like a mention is one: what is mentioned in vain costs a few more trials, what
//! is missed may hide a difference.

/// Regular expressions, each made when it is first needed.
macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a pattern"));)*
    };
}

mod literals;
mod own_place;
mod paths;
mod statements;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use literals::Literals;
use paths::Paths;
use statements::{Script, Statement};
use variables::Found;

/// What scripts mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tool) struct Mentions {
    /// Environment variables, and what is done with them.
    pub(in crate::tool) variables: BTreeMap<Vec<u8>, Use>,
    /// By variable, the literals that stand in a statement with it, or with another variable that is made of it.
    pub(in crate::tool) words: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    /// Files below `/opt`, `/var/task` and `/tmp`: absolute paths, normalised.
    pub(in crate::tool) files: BTreeMap<Vec<u8>, FileUse>,
    /// Literals that look like an option of a runtime: `-XX:+UseSerialGC`, `--enable-source-maps`.
    pub(in crate::tool) arguments: BTreeSet<Vec<u8>>,
}

/// What is done with a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tool) enum Use {
    /// What the environment has for it may make a difference.
    Read,
    /// It is given a value before anything reads it, or nothing does.
    Written,
}

/// What is done with a file, by its first mention that tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tool) enum FileUse {
    /// It is looked for, read or named.
    Named,
    /// A folder.
    Folder,
    /// It is started.
    Started,
    /// A shell reads commands from it.
    Sourced,
}

/// What a script and the scripts that it reads mention, in the order in which they are read. `own` is the script's path at
/// the start, or empty when that is not known; it tells what `$(dirname "$0")/lib.sh` is. A text with a NUL in it is a
/// binary, of which only the names of variables and paths are taken.
pub(in crate::tool) fn mentions(own: &[u8], texts: &[&[u8]]) -> Mentions {
    let mut collected = Collected { paths: Paths::new(own), ..Collected::default() };
    for text in texts {
        if text.contains(&0) {
            collected.binary(text);
        } else {
            collected.script(&Script::new(text));
        }
    }
    collected.finish()
}

/// What is known while texts are read.
#[derive(Default)]
struct Collected {
    mentions: Mentions,
    paths: Paths,
    /// Names of the scripts' own, and the variables that their values are made of.
    made_of: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    /// Variables that had a value of the script's own before the first read.
    settled: BTreeSet<Vec<u8>>,
    /// Names that are assigned somewhere in a shell script.
    assigned: BTreeSet<Vec<u8>>,
}

impl Collected {
    fn script(&mut self, script: &Script) {
        let mut subject = BTreeSet::new();
        for statement in &script.statements {
            let found = variables::find(statement, script.is_shell);
            self.note(&found, statement);
            let mentioned = self.mentioned(statement, &found);
            let literals = Literals::of(statement, script.is_shell);
            if let Some(patterns) = literals.begins_choice {
                subject.clone_from(&mentioned);
                self.add_words(&subject, patterns);
            } else if !literals.patterns.is_empty() {
                self.add_words(&subject, literals.patterns);
            }
            self.add_words(&mentioned, literals.words);
            // Those in NODE_OPTIONS and the like are no arguments.
            if !found.written.iter().any(|name| variables::holds_options(name)) {
                self.mentions.arguments.extend(literals.options);
            }
            self.paths.read(statement, script.is_shell);
        }
    }

    fn binary(&mut self, bytes: &[u8]) {
        for line in statements::printable_strings(bytes) {
            for name in variables::in_binary(&line) {
                self.mentions.variables.insert(name, Use::Read);
            }
            self.paths.read(&line, false);
        }
    }

    fn note(&mut self, found: &Found, statement: &Statement) {
        for name in &found.read {
            if !self.settled.contains(name) {
                self.mentions.variables.insert(name.clone(), Use::Read);
            }
        }
        for name in &found.written {
            let is_first = !self.mentions.variables.contains_key(name);
            self.mentions.variables.entry(name.clone()).or_insert(Use::Written);
            if is_first && (found.always || !statement.indented) && found.alone {
                self.settled.insert(name.clone());
            }
            self.assigned.insert(name.clone());
        }
        for name in found.written.iter().chain(&found.own) {
            self.made_of.entry(name.clone()).or_default().extend(found.read.iter().cloned());
        }
    }

    /// The variables of a statement and the names of the script's own.
    fn mentioned(&self, statement: &Statement, found: &Found) -> BTreeSet<Vec<u8>> {
        let own = variables::words(&statement.text).filter(|word| self.made_of.contains_key(*word));
        found.read.iter().chain(&found.written).cloned().chain(own.map(<[u8]>::to_vec)).collect()
    }

    fn add_words(&mut self, names: &BTreeSet<Vec<u8>>, words: BTreeSet<Vec<u8>>) {
        for name in names {
            let words = words.iter().filter(|word| *word != name).cloned();
            self.mentions.words.entry(name.clone()).or_default().extend(words);
        }
    }

    fn finish(mut self) -> Mentions {
        // What is compared with a name of the script's own is meant for the variables that it is made of.
        for name in self.made_of.keys() {
            let Some(words) = self.mentions.words.get(name).cloned() else { continue };
            let mut sources = BTreeSet::new();
            let mut open = vec![name];
            while let Some(next) = open.pop() {
                let of = self.made_of.get(next).into_iter().flatten();
                open.extend(of.filter(|source| sources.insert(*source)));
            }
            for source in sources {
                self.mentions.words.entry(source.clone()).or_default().extend(words.iter().cloned());
            }
        }
        // Shell scripts write their own variables in small letters.
        let is_own = |name: &Vec<u8>| self.assigned.contains(name) && !name.iter().any(u8::is_ascii_uppercase);
        self.mentions.variables.retain(|name, _| !is_own(name));
        let variables = &self.mentions.variables;
        for words in self.mentions.words.values_mut() {
            words.retain(|word| !variables.contains_key(word));
        }
        self.mentions.words.retain(|name, words| variables.contains_key(name) && !words.is_empty());
        self.mentions.files = self.paths.finish();
        self.mentions
    }
}

#[cfg(test)]
mod tests;
