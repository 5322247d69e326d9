//! The dimensions that starts differ in, and the start that a pick of each makes.

mod arguments;
mod files;
mod interpreters;
mod runtimes;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use super::mentions::{Mentions, Use};
use super::pairwise::pairwise;
use crate::problem::printable;
use crate::tool::trial::start::{FileState, RuntimeState, TrialStart};
use arguments::Edit;
pub(in crate::tool) use interpreters::is_internal;
use runtimes::{Other, Shape};
use values::{Detail, Variable};

/// What differs in a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tool) enum What {
    /// The runtime: its argv and the environment that Lambda gives it.
    Runtime,
    /// What is in argv besides.
    Argv,
    /// A variable.
    Variable(Vec<u8>),
    /// A file, by its path.
    File(Vec<u8>),
    /// What the runtime does.
    RuntimeState,
}

/// One way in which starts differ.
#[derive(Clone, Debug)]
pub(in crate::tool) struct Dimension {
    /// What it is about.
    pub(in crate::tool) what: What,
    /// Never empty. The first is the ordinary one.
    pub(in crate::tool) choices: Vec<Choice>,
    /// So many of the first choices are tried together with those of other dimensions. With the others nothing else can
    /// be seen: where the runtime does not start, no variable reaches it.
    combined: usize,
}

impl Dimension {
    fn new(what: What, choices: Vec<Choice>) -> Dimension {
        Dimension { what, combined: choices.len(), choices }
    }
}

/// A choice of a dimension.
#[derive(Clone, Debug)]
pub(in crate::tool) struct Choice {
    /// A few words on one line that go behind the name of what differs: `unset`, `= true`, `with spaces`. No value
    /// that the script was seen to set is in them.
    pub(in crate::tool) label: String,
    effect: Effect,
}

/// What a choice does to a start.
#[derive(Clone, Debug)]
enum Effect {
    /// Nothing.
    Ordinary,
    /// It is the start of this runtime.
    Runtime(Box<Shape>),
    /// argv is edited.
    Argv(Edit),
    /// The variable has this value.
    Set(Vec<u8>),
    /// The variable is not there.
    Unset,
    /// `AWS_EXECUTION_ENV` names another runtime than the one that is started.
    Another(Other),
    /// The file is in this state.
    File(FileState),
    /// The runtime does this.
    RuntimeState(RuntimeState),
}

impl Choice {
    fn new(label: impl Into<String>, effect: Effect) -> Choice {
        Choice { label: label.into(), effect }
    }
}

/// Values that the script was seen to give variables that were unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tool) struct Learned(pub(in crate::tool) BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>);

/// Where the script stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tool) struct Surroundings {
    /// The script's own path, which stays as it is.
    pub(in crate::tool) own: Vec<u8>,
    /// The files and folders that are there besides, by their paths at the start: `/opt/lib/agent.so`.
    pub(in crate::tool) files: BTreeSet<Vec<u8>>,
}

impl Surroundings {
    /// Whether there is a file of this path, or one below it.
    fn has(&self, path: &[u8]) -> bool {
        let below = [path, b"/"].concat();
        self.files.contains(path)
            || self.files.range(below.clone()..).next().is_some_and(|file| file.starts_with(&below))
    }
}

/// The starts on which a script is tried.
#[derive(Clone, Debug)]
pub(in crate::tool) struct Space {
    dimensions: Vec<Dimension>,
}

/// Up to so many variables that are read, every kind of value has a choice of its own; with more, kinds are put together,
/// since the rows grow with the square of the choices.
const FEW: usize = 5;

impl Space {
    /// The space for a script that mentions this. `runtimes` are identifiers (`python3.12`) or families (`python`,
    /// which includes container images; `provided`); when there are none, it is one of every family.
    ///
    /// # Errors
    ///
    /// The first of `runtimes` that is not known.
    pub(in crate::tool) fn new(
        mentions: &Mentions,
        learned: &Learned,
        runtimes: &[String],
        surroundings: &Surroundings,
    ) -> Result<Space, String> {
        let shapes = runtimes::shapes(runtimes)?;
        let mut names: BTreeMap<&[u8], Use> = BTreeMap::new();
        for name in learned.0.keys() {
            names.insert(name, Use::Written);
        }
        for (name, usage) in &mentions.variables {
            names.insert(name, *usage);
        }
        // What decides on the runtime matters to every profile.
        names.insert(b"AWS_EXECUTION_ENV", Use::Read);
        names.insert(b"_HANDLER", Use::Read);
        names.retain(|name, _| !interpreters::is_internal(name));

        let own_names = names.iter().filter(|(name, usage)| **usage == Use::Read && !values::is_reserved(name));
        let detail = if own_names.count() <= FEW { Detail::Fine } else { Detail::Coarse };
        let nothing = BTreeSet::new();
        let variables = names.into_iter().map(|(name, usage)| {
            let variable = Variable {
                name,
                usage,
                words: mentions.words.get(name).unwrap_or(&nothing),
                learned: learned.0.get(name).unwrap_or(&nothing),
                by_platform: shapes.iter().any(|shape| shape.variable(name).is_some()),
            };
            Dimension::new(What::Variable(name.to_vec()), values::choices(&variable, detail))
        });
        let variables: Vec<Dimension> = variables.collect();

        let starts = shapes.into_iter().map(|shape| Choice::new(shape.label.clone(), Effect::Runtime(Box::new(shape))));
        let mut dimensions = vec![
            Dimension::new(What::Runtime, starts.collect()),
            Dimension::new(What::Argv, arguments::choices(&mentions.arguments)),
            Dimension { combined: STARTING, ..Dimension::new(What::RuntimeState, states()) },
        ];
        dimensions.extend(variables);
        for (path, usage) in &mentions.files {
            // The script itself, and the folders that it is in, stay.
            if !surroundings.own.starts_with(&[&path[..], b"/"].concat()) && *path != surroundings.own {
                let choices = files::choices(path, *usage, surroundings.has(path));
                dimensions.push(Dimension::new(What::File(path.clone()), choices));
            }
        }
        Ok(Space { dimensions })
    }

    /// The dimensions; a row of picks has one for each, in this order.
    pub(in crate::tool) fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The picks to try, as [`pairwise`] makes them: first the ordinary ones, then each choice alone, then pairs.
    pub(in crate::tool) fn rows(&self, seed: u64, most: Option<usize>) -> Vec<Vec<usize>> {
        let combined: Vec<usize> = self.dimensions.iter().map(|dimension| dimension.combined).collect();
        let mut rows = pairwise(&combined, seed, most);
        let mut place = 1 + combined.iter().map(|count| count - 1).sum::<usize>();
        for (position, dimension) in self.dimensions.iter().enumerate() {
            for pick in dimension.combined..dimension.choices.len() {
                let mut row = self.ordinary();
                row[position] = pick;
                rows.insert(place.min(rows.len()), row);
                place += 1;
            }
        }
        rows.truncate(most.unwrap_or(usize::MAX));
        rows
    }

    /// The first of [`Space::rows`]: the ordinary picks, and each other choice alone.
    pub(in crate::tool) fn alone(&self) -> Vec<Vec<usize>> {
        let count = self.dimensions.iter().map(|dimension| dimension.choices.len() - 1).sum::<usize>();
        self.rows(0, Some(1 + count))
    }

    /// The picks of the start where nothing is out of the ordinary.
    pub(in crate::tool) fn ordinary(&self) -> Vec<usize> {
        vec![0; self.dimensions.len()]
    }

    /// The start that these picks make: one for each dimension, less than its number of choices.
    pub(in crate::tool) fn start(&self, picks: &[usize]) -> TrialStart {
        let picked: Vec<(&What, &Effect)> = self
            .dimensions
            .iter()
            .zip(picks)
            .map(|(dimension, &pick)| (&dimension.what, &dimension.choices[pick].effect))
            .collect();
        let shape = picked.iter().find_map(|(_, effect)| match effect {
            Effect::Runtime(shape) => Some(shape),
            _ => None,
        });
        let shape = shape.expect("the first dimension is the runtime");
        let mut start = TrialStart {
            argv: shape.argv.clone(),
            env: shape.env.clone(),
            files: BTreeMap::new(),
            runtime: RuntimeState::Exits(0),
        };
        let mut edit = None;
        for (what, effect) in picked {
            match (what, effect) {
                (What::Variable(name), Effect::Set(value)) => {
                    set(&mut start.env, name, value);
                    // Lambda puts the function's handler there as well.
                    if name == b"_HANDLER"
                        && !value.is_empty()
                        && let Some(position) = shape.handler
                    {
                        start.argv[position].clone_from(value);
                    }
                }
                (What::Variable(name), Effect::Unset) => start.env.retain(|(other, _)| other != name),
                (What::Variable(name), Effect::Another(other)) => {
                    set(&mut start.env, name, &shape.execution_env(*other));
                }
                (What::File(path), Effect::File(state)) => {
                    start.files.insert(path.clone(), state.clone());
                }
                (_, Effect::RuntimeState(state)) => start.runtime = *state,
                (_, Effect::Argv(edits)) => edit = Some(edits),
                _ => {}
            }
        }
        if let Some(edit) = edit {
            let handler = match shape.handler {
                Some(position) => start.argv[position].clone(),
                None => start
                    .env
                    .iter()
                    .find(|(name, value)| name == b"_HANDLER" && !value.is_empty())
                    .map_or(b"app.handler".to_vec(), |(_, handler)| handler.clone()),
            };
            edit.apply(&mut start.argv, &handler);
        }
        start
    }

    /// What these picks are, each on one line: the runtime, and what is out of the ordinary.
    pub(in crate::tool) fn describe(&self, picks: &[usize]) -> Vec<String> {
        let mut lines = Vec::new();
        for (dimension, &pick) in self.dimensions.iter().zip(picks) {
            let label = &dimension.choices[pick].label;
            match &dimension.what {
                What::Runtime => lines.push(label.clone()),
                _ if pick == 0 => {}
                What::Argv | What::RuntimeState => lines.push(label.clone()),
                What::Variable(name) | What::File(name) => lines.push(format!("{} {label}", printable(name))),
            }
        }
        lines
    }
}

fn set(env: &mut Vec<(Vec<u8>, Vec<u8>)>, name: &[u8], value: &[u8]) {
    match env.iter_mut().find(|(other, _)| other == name) {
        Some((_, old)) => old.splice(.., value.iter().copied()).for_each(drop),
        None => env.push((name.to_vec(), value.to_vec())),
    }
}

/// In so many of [`states`] the runtime starts.
const STARTING: usize = 2;

/// What the runtime may do.
fn states() -> Vec<Choice> {
    let states = [
        ("the runtime exits with 0", RuntimeState::Exits(0)),
        ("the runtime exits with 7", RuntimeState::Exits(7)),
        ("the runtime is missing", RuntimeState::Missing),
        ("the runtime cannot be executed", RuntimeState::NotExecutable),
    ];
    states.map(|(label, state)| Choice::new(label, Effect::RuntimeState(state))).into()
}

#[cfg(test)]
mod tests;
