//! Which starts are tried: an empty one and a full one, each with one thing different at a time, then random ones.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::markers;
use crate::profile::lists::{Kind, List};
use crate::runtime::Arch;
use crate::tool::known_starts;
use crate::tool::starts::mentions::{FileUse, Mentions};
use crate::tool::starts::space::{Surroundings, is_internal};
use crate::tool::trial::start::{FileState, RuntimeState, TrialStart};

/// Variables that stay what the runtime's image makes them: lists that its interpreter and the script need, and those
/// that say which runtime this is.
const FIXED: [&str; 11] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "GEM_PATH",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "NODE_PATH",
    "PATH",
    "RUBYLIB",
    "TZ",
];
/// More words than this are not tried on a variable.
const MOST_WORDS: usize = 10;
/// The runtimes that are tried unless others are asked for.
pub(super) const RUNTIMES: [&str; 6] = ["python3.12", "nodejs22.x", "java11", "java21", "ruby3.3", "dotnet8"];
/// The runtimes that are tried as well when the script asks which runtime it is.
pub(super) const MORE_RUNTIMES: [&str; 5] = ["nodejs18.x", "nodejs20.x", "nodejs24.x", "python3.9", "java17"];

/// What can be varied.
#[derive(Clone, Debug)]
pub(super) struct Space {
    runtimes: Vec<&'static str>,
    variables: Vec<Variable>,
    files: Vec<(Vec<u8>, FileState)>,
    arguments: Vec<Vec<u8>>,
}

/// A variable, and what it may hold.
#[derive(Clone, Debug)]
struct Variable {
    name: Vec<u8>,
    /// Unset, in the first place; the made-up value, in the second; then the others.
    values: Vec<Option<Vec<u8>>>,
    /// Lambda sets it on every start.
    of_platform: bool,
}

/// The places of [`Variable::values`] that every variable has.
const UNSET: usize = 0;
const MADE_UP: usize = 1;

/// One start, as picks of what can be varied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Picks {
    runtime: usize,
    variables: Vec<usize>,
    files: Vec<bool>,
    arguments: Vec<bool>,
}

impl Picks {
    /// How much is not as on an empty start.
    pub(super) fn weight(&self) -> usize {
        self.variables.iter().filter(|&&pick| pick > MADE_UP).count() * 2
            + self.variables.iter().filter(|&&pick| pick == MADE_UP).count()
            + self.files.iter().chain(&self.arguments).filter(|&&there| there).count()
    }
}

impl Space {
    /// The space for a script that mentions this.
    pub(super) fn new(mentions: &Mentions, runtimes: Vec<&'static str>, around: &Surroundings) -> Space {
        let platform = known_starts::platform_env();
        let mut names: BTreeSet<Vec<u8>> = mentions.variables.keys().cloned().collect();
        names.extend(platform.iter().map(|(name, _)| name.as_bytes().to_vec()));
        names.extend([b"_HANDLER".to_vec(), b"LAMBDA_RUNTIME_DIR".to_vec()]);
        names.retain(|name| !is_fixed(name) && !is_internal(name));
        let of_platform = |name: &Vec<u8>| {
            name == b"_HANDLER"
                || name == b"LAMBDA_RUNTIME_DIR"
                || platform.iter().any(|(of_platform, _)| of_platform.as_bytes() == name)
        };
        let variables = names.into_iter().enumerate().map(|(number, name)| Variable {
            values: values(&name, number, mentions, of_platform(&name)),
            of_platform: of_platform(&name),
            name,
        });
        // What is there and started or read stays as it is, and so does what it lies in.
        let is_needed = |path: &Vec<u8>, usage: FileUse| {
            let holds = |there: &Vec<u8>| there.strip_prefix(&path[..]).is_some_and(|rest| rest.starts_with(b"/"));
            *path == around.own
                || holds(&around.own)
                || around.files.iter().any(holds)
                || (around.files.contains(path) && matches!(usage, FileUse::Started | FileUse::Sourced))
        };
        let files = mentions.files.iter().filter(|(path, usage)| !is_needed(path, **usage));
        let files = files.map(|(path, usage)| {
            let state = match usage {
                FileUse::Folder => FileState::Folder,
                FileUse::Started => FileState::Program,
                FileUse::Sourced | FileUse::Named => FileState::Text(Vec::new()),
            };
            (path.clone(), state)
        });
        Space {
            runtimes,
            variables: variables.collect(),
            files: files.collect(),
            arguments: mentions.arguments.iter().cloned().collect(),
        }
    }

    /// How many runtimes there are.
    pub(super) fn runtimes(&self) -> usize {
        self.runtimes.len()
    }

    /// Lets a variable hold one more value.
    pub(super) fn add_value(&mut self, name: &[u8], value: Vec<u8>) {
        if let Some(variable) = self.variables.iter_mut().find(|variable| variable.name == name)
            && !variable.values.contains(&Some(value.clone()))
        {
            variable.values.push(Some(value));
        }
    }

    /// Varies one more variable, which the script was seen to write.
    pub(super) fn add_variable(&mut self, name: &[u8]) {
        if !is_fixed(name) && !is_internal(name) && !self.variables.iter().any(|variable| variable.name == name) {
            let values = values(name, self.variables.len(), &Mentions::default(), false);
            self.variables.push(Variable { name: name.to_vec(), values, of_platform: false });
        }
    }

    /// Picks that were made before a variable was added leave it unset.
    fn whole(&self, picks: &Picks) -> Picks {
        let mut picks = picks.clone();
        picks.variables.resize(self.variables.len(), UNSET);
        picks
    }

    /// Lambda's variables and no other, no file.
    pub(super) fn empty(&self, runtime: usize) -> Picks {
        let pick = |variable: &Variable| if variable.of_platform { MADE_UP } else { UNSET };
        Picks {
            runtime,
            variables: self.variables.iter().map(pick).collect(),
            files: vec![false; self.files.len()],
            arguments: vec![false; self.arguments.len()],
        }
    }

    /// All variables with made-up values, all files.
    pub(super) fn full(&self, runtime: usize) -> Picks {
        Picks {
            runtime,
            variables: vec![MADE_UP; self.variables.len()],
            files: vec![true; self.files.len()],
            arguments: vec![false; self.arguments.len()],
        }
    }

    /// The same picks on another runtime.
    pub(super) fn on(&self, picks: &Picks, runtime: usize) -> Picks {
        Picks { runtime, ..picks.clone() }
    }

    /// The picks with one thing different, for each thing.
    pub(super) fn neighbours(&self, picks: &Picks) -> Vec<Picks> {
        self.next_to(picks, true)
    }

    /// The same without Lambda's variables, on which conditions hardly ever depend.
    pub(super) fn own_neighbours(&self, picks: &Picks) -> Vec<Picks> {
        self.next_to(picks, false)
    }

    fn next_to(&self, picks: &Picks, with_platform: bool) -> Vec<Picks> {
        let picks = &self.whole(picks);
        let mut neighbours = Vec::new();
        for (at, variable) in
            self.variables.iter().enumerate().filter(|(_, variable)| with_platform || !variable.of_platform)
        {
            for value in (0..variable.values.len()).filter(|&value| value != picks.variables[at]) {
                let mut other = picks.clone();
                other.variables[at] = value;
                neighbours.push(other);
            }
        }
        for at in 0..self.files.len() {
            let mut other = picks.clone();
            other.files[at] ^= true;
            neighbours.push(other);
        }
        for at in 0..self.arguments.len() {
            let mut other = picks.clone();
            other.arguments[at] ^= true;
            neighbours.push(other);
        }
        neighbours
    }

    /// Each thing as in one of the bases or, as often, anything.
    pub(super) fn random(&self, rng: &mut Rng, bases: &[Picks]) -> Picks {
        let base = rng.choice(bases).cloned().unwrap_or_else(|| self.empty(0));
        let mut picks = self.whole(&base);
        picks.runtime = rng.usize(..self.runtimes.len());
        for (at, variable) in self.variables.iter().enumerate() {
            // What Lambda sets is there on nearly every start.
            if rng.u8(..8) < if variable.of_platform { 1 } else { 4 } {
                picks.variables[at] = rng.usize(..variable.values.len());
            }
        }
        for file in picks.files.iter_mut().chain(&mut picks.arguments) {
            *file ^= rng.u8(..4) == 0;
        }
        picks
    }

    /// The picks, with those of the other that are not in the way: `is_in_the_way` is asked for each.
    pub(super) fn approach(&self, from: &Picks, to: &Picks, mut is_fine: impl FnMut(&Picks) -> bool) -> Picks {
        let mut picks = from.clone();
        for at in 0..self.variables.len() {
            let old = std::mem::replace(&mut picks.variables[at], to.variables[at]);
            if old != picks.variables[at] && !is_fine(&picks) {
                picks.variables[at] = old;
            }
        }
        let files = std::mem::replace(&mut picks.files, to.files.clone());
        if !is_fine(&picks) {
            picks.files = files;
        }
        picks
    }

    /// The start.
    pub(super) fn start(&self, picks: &Picks) -> TrialStart {
        let mut known = known_starts::start(self.runtimes[picks.runtime], None, Arch::X86_64);
        let mut env: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for (name, value) in std::mem::take(&mut known.env) {
            env.insert(name.as_bytes().to_vec(), value.into_bytes());
        }
        env.remove(&b"AWS_LAMBDA_EXEC_WRAPPER"[..]);
        let old_handler = env.get(&b"_HANDLER"[..]).cloned().unwrap_or_default();
        for (variable, &pick) in self.variables.iter().zip(&picks.variables) {
            match &variable.values[pick] {
                Some(value) => env.insert(variable.name.clone(), value.clone()),
                None => env.remove(&variable.name),
            };
        }
        let handler = env.get(&b"_HANDLER"[..]).cloned().unwrap_or_default();
        let mut argv: Vec<Vec<u8>> = known.argv.into_iter().map(String::into_bytes).collect();
        argv.iter_mut().skip(1).filter(|argument| **argument == old_handler).for_each(|old| old.clone_from(&handler));
        let extra =
            self.arguments.iter().zip(&picks.arguments).filter(|(argument, there)| **there && !argv.contains(argument));
        let extra: Vec<Vec<u8>> = extra.map(|(argument, _)| argument.clone()).collect();
        // `dotnet exec` takes them behind `exec`.
        let place = if argv.get(1).is_some_and(|second| second == b"exec") { 2 } else { 1 };
        argv.splice(place..place, extra);
        let state = |(file, &there): (&(Vec<u8>, FileState), &bool)| {
            (file.0.clone(), if there { file.1.clone() } else { FileState::Absent })
        };
        let mut files: BTreeMap<Vec<u8>, FileState> = self.files.iter().zip(&picks.files).map(state).collect();
        // A script may start the file that the handler names.
        let root = env.get(&b"LAMBDA_TASK_ROOT"[..]).cloned().unwrap_or_default();
        files.insert([&root[..], b"/", &handler].concat(), FileState::Program);
        TrialStart { argv, env: env.into_iter().collect(), files, runtime: RuntimeState::Exits(0) }
    }
}

fn values(name: &[u8], number: usize, mentions: &Mentions, of_platform: bool) -> Vec<Option<Vec<u8>>> {
    let mut values = vec![None, Some(markers::value(name, number))];
    if name == b"_HANDLER" || name == b"LAMBDA_TASK_ROOT" {
        // There is always one, and what scripts do with it has to work.
        values[UNSET] = values[MADE_UP].clone();
        return values;
    }
    values.push(Some(Vec::new()));
    let list = std::str::from_utf8(name).ok().and_then(List::known);
    if of_platform || list.is_some_and(|list| matches!(list.kind, Kind::Pairs { .. })) {
        // A script that looks for a word in them would be misled by it, and what it means by that is clear without.
        return values;
    }
    let words = mentions.words.get(name).into_iter().flatten();
    let words: Vec<&[u8]> = words.map(Vec::as_slice).filter(|word| word.len() < 80).take(MOST_WORDS).collect();
    let is_switch = |word: &&[u8]| {
        ["true", "false", "1", "0", "yes", "on"].iter().any(|value| word.eq_ignore_ascii_case(value.as_bytes()))
    };
    let generic: &[&[u8]] = if words.iter().any(is_switch) { &[b"true", b"True", b"false", b"1"] } else { &[] };
    values.extend(words.iter().copied().chain(generic.iter().copied()).map(|word| Some(word.to_vec())));
    // Some tests look for a word inside of the value.
    values.extend(words.iter().filter(|word| word.len() > 2).take(3).map(|word| Some(markers::around(word))));
    let mut known = BTreeSet::new();
    values.retain(|value| known.insert(value.clone()));
    values
}

/// Whether a variable is never varied.
pub(super) fn is_fixed(name: &[u8]) -> bool {
    FIXED.iter().any(|fixed| fixed.as_bytes() == name)
}
