//! Whether a condition can hold: on any start that there may be, or on that of one runtime.
//!
//! All starts are too many to try, so those that differ in what conditions ask are tried: runtimes and the versions
//! next to those that are named, architectures, initialization types. Of variables only what the profile itself says is
//! known. What cannot be told may hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::settings::truthy;
use crate::plan::when::is_runtime;
use crate::profile::grammar::INIT_TYPES;
use crate::profile::{EnvTest, When};
use crate::runtime::{Arch, Family, Runtime, Version};
use crate::tool::known_starts;

/// Variables whose value is known where a condition is asked; an empty value stands for an unset variable, too.
pub(super) type Known = BTreeMap<Vec<u8>, Vec<u8>>;

/// Variables that change while a profile applies.
#[derive(Clone, Debug, Default)]
pub(super) enum Changing {
    /// None, as far as is asked.
    #[default]
    None,
    /// These.
    Names(BTreeSet<Vec<u8>>),
    /// Any may: another profile comes in between.
    Any,
}

impl Changing {
    fn has(&self, name: &[u8]) -> bool {
        match self {
            Changing::None => false,
            Changing::Names(names) => names.contains(name),
            Changing::Any => true,
        }
    }
}

/// What must hold for a rule to apply.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions<'p> {
    /// The family of a `[runtime.NAME]` rule.
    pub(super) families: Vec<Family>,
    /// Conditions, all of which must hold.
    pub(super) all: Vec<&'p When>,
    /// What the rules before it have settled.
    pub(super) known: Known,
    /// Variables that are not the same when one condition is asked and when another is.
    pub(super) changing: Changing,
}

impl<'p> Conditions<'p> {
    /// Whether they hold on some start.
    pub(super) fn possible(&self) -> bool {
        self.runtimes().into_iter().any(|runtime| self.possible_on(runtime))
    }

    /// Whether they hold on some start of a runtime.
    pub(super) fn possible_on(&self, runtime: Runtime) -> bool {
        let starts =
            [Arch::X86_64, Arch::Arm64].into_iter().flat_map(|arch| INIT_TYPES.iter().map(move |init| (arch, *init)));
        !self.contradicts_itself()
            && !self.denies_itself()
            && starts.into_iter().any(|(arch, init)| {
                let point = Point { runtime, arch, init, known: &self.known };
                self.families.iter().all(|family| runtime.family == Some(*family))
                    && self.all.iter().all(|when| point.holds(when) != Some(false))
            })
    }

    /// These and the others together, on a start on which nothing changes the variables that they ask for.
    pub(super) fn and(&self, other: &Conditions<'p>) -> Conditions<'p> {
        Conditions {
            families: [&self.families[..], &other.families].concat(),
            all: [&self.all[..], &other.all].concat(),
            known: Known::new(),
            changing: Changing::None,
        }
    }

    /// The runtimes that make a difference.
    fn runtimes(&self) -> Vec<Runtime> {
        let mut runtimes: Vec<Runtime> =
            known_starts::NAMES.iter().filter_map(|name| Runtime::parse(name.as_bytes())).collect();
        runtimes.push(Runtime::default());
        runtimes.extend(Family::ALL.map(|family| Runtime { family: Some(family), version: None }));
        let mut asked = Vec::new();
        self.all.iter().for_each(|when| versions(when, &mut asked));
        for (family, Version { major, minor }) in asked {
            let near = |number: u32| [number.saturating_sub(1), number, number + 1];
            for major in near(major) {
                let minors = minor.map_or(vec![None], |minor| near(minor).map(Some).into());
                runtimes.extend(
                    minors
                        .into_iter()
                        .map(|minor| Runtime { family: Some(family), version: Some(Version { major, minor }) }),
                );
            }
        }
        runtimes
    }

    /// Whether something must hold and must not.
    fn denies_itself(&self) -> bool {
        let is_constant = |when: &When| when.env.iter().all(|(name, _)| !self.changing.has(name));
        let denies = |denied: &When| is_constant(denied) && self.all.iter().any(|when| demands(when, denied));
        self.all.iter().filter_map(|when| when.not.as_deref()).any(denies)
    }

    /// Whether two tests of one variable exclude each other.
    fn contradicts_itself(&self) -> bool {
        let mut atoms: Vec<(usize, Atom<'_>)> = Vec::new();
        for (number, when) in self.all.iter().enumerate() {
            let mut own = Vec::new();
            gather(when, &mut own);
            atoms.extend(own.into_iter().map(|atom| (number, atom)));
        }
        let excluded = |(one, first): &(usize, Atom<'_>), (other, second): &(usize, Atom<'_>)| {
            first.excludes(second) && (one == other || !self.changing.has(first.name))
        };
        atoms.iter().enumerate().any(|(at, one)| atoms[at + 1..].iter().any(|other| excluded(one, other)))
    }
}

/// Whether a condition holds only where the other one does: it has the same parts, and maybe more.
fn demands(when: &When, other: &When) -> bool {
    let asks = |empty: bool, same: bool| empty || same;
    other.not.is_none()
        && asks(other.runtime.is_empty(), other.runtime == when.runtime)
        && asks(other.arch.is_empty(), other.arch == when.arch)
        && asks(other.init.is_empty(), other.init == when.init)
        && asks(other.module.is_empty(), other.module == when.module)
        && asks(other.exists.is_empty(), other.exists == when.exists)
        && asks(other.any.is_none(), other.any == when.any)
        && other.env.iter().all(|tests| when.env.contains(tests))
        && other.all.iter().all(|part| when.all.iter().any(|own| demands(own, part)))
}

fn versions(when: &When, found: &mut Vec<(Family, Version)>) {
    for test in &when.runtime {
        found.extend(test.bounds.iter().map(|bound| (test.family, bound.1)));
    }
    when.not.iter().for_each(|when| versions(when, found));
    when.all.iter().chain(when.any.iter().flatten()).for_each(|when| versions(when, found));
}

/// A start, as far as conditions ask for it.
struct Point<'k> {
    runtime: Runtime,
    arch: Arch,
    init: &'static str,
    known: &'k Known,
}

impl Point<'_> {
    /// `None`: it may hold and may not.
    fn holds(&self, when: &When) -> Option<bool> {
        let asked = |asked: bool, holds: bool| if asked { Some(holds) } else { Some(true) };
        let mut parts = vec![
            asked(!when.runtime.is_empty(), when.runtime.iter().any(|test| is_runtime(self.runtime, test))),
            asked(!when.arch.is_empty(), when.arch.contains(&self.arch)),
            asked(!when.init.is_empty(), when.init.iter().any(|init| init == self.init)),
        ];
        if !when.module.is_empty() {
            // No other runtime has a handler's file that Node.js would load.
            let other =
                self.runtime.family.is_some_and(|family| family != Family::Nodejs && family != Family::Provided);
            parts.push(if other { Some(false) } else { None });
        }
        if !when.exists.is_empty() {
            parts.push(None);
        }
        for (name, tests) in &when.env {
            let value = self.known.get(name);
            parts.extend(tests.iter().map(|test| value.and_then(|value| passes(test, value))));
        }
        parts.extend(when.not.iter().map(|not| self.holds(not).map(|holds| !holds)));
        parts.extend(when.all.iter().map(|all| self.holds(all)));
        if let Some(any) = &when.any {
            let each: Vec<_> = any.iter().map(|one| self.holds(one)).collect();
            let none = each.iter().all(|holds| *holds == Some(false));
            parts.push(if each.contains(&Some(true)) {
                Some(true)
            } else if none {
                Some(false)
            } else {
                None
            });
        }
        if parts.contains(&Some(false)) {
            Some(false)
        } else if parts.contains(&None) {
            None
        } else {
            Some(true)
        }
    }
}

/// Whether a value passes a test; `None` when that depends on other variables.
fn passes(test: &EnvTest, value: &[u8]) -> Option<bool> {
    match test {
        EnvTest::OneOf(wanted) => {
            let wanted: Option<Vec<_>> = wanted.iter().map(|wanted| wanted.literal()).collect();
            Some(wanted?.contains(&value))
        }
        EnvTest::Truthy(wanted) => Some(truthy(value) == *wanted),
        EnvTest::Empty(wanted) => Some(value.is_empty() == *wanted),
        EnvTest::Contains(part) => {
            let part = part.literal()?;
            Some(value.windows(part.len().max(1)).any(|window| window == part))
        }
        EnvTest::Matches(glob) => {
            let glob = glob.literal()?;
            let plain = !glob.iter().any(|byte| matches!(byte, b'*' | b'?'));
            plain.then_some(glob == value)
        }
    }
}

/// A test that must be passed, or must not.
struct Atom<'p> {
    name: &'p [u8],
    test: &'p EnvTest,
    negated: bool,
}

/// The tests that must be passed whatever else holds.
fn gather<'p>(when: &'p When, atoms: &mut Vec<Atom<'p>>) {
    for (name, tests) in &when.env {
        atoms.extend(tests.iter().map(|test| Atom { name, test, negated: false }));
    }
    if let Some(not) = &when.not
        && let [(name, tests)] = &not.env[..]
        && let [test] = &tests[..]
        && **not == (When { span: not.span, env: not.env.clone(), ..When::default() })
    {
        atoms.push(Atom { name, test, negated: true });
    }
    when.all.iter().for_each(|all| gather(all, atoms));
}

impl Atom<'_> {
    /// The values that pass, where they are few.
    fn values(&self) -> Option<Vec<&[u8]>> {
        match self.test {
            EnvTest::OneOf(wanted) if !self.negated => wanted.iter().map(|wanted| wanted.literal()).collect(),
            EnvTest::Empty(empty) if *empty != self.negated => Some(vec![b""]),
            _ => None,
        }
    }

    /// Whether no value passes both.
    fn excludes(&self, other: &Atom<'_>) -> bool {
        let misses = |values: Vec<&[u8]>, atom: &Atom<'_>| {
            values.iter().all(|value| passes(atom.test, value).is_some_and(|passed| passed == atom.negated))
        };
        self.name == other.name
            && (self.values().is_some_and(|values| misses(values, other))
                || other.values().is_some_and(|values| misses(values, self))
                || (self.test == other.test && self.negated != other.negated)
                || match (self.test, other.test) {
                    (EnvTest::Truthy(one), EnvTest::Truthy(two)) | (EnvTest::Empty(one), EnvTest::Empty(two)) => {
                        (one != two) == (self.negated == other.negated)
                    }
                    _ => false,
                })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::parse;

    fn possible(text: &str) -> bool {
        let profile = parse(text, 0).profile.unwrap();
        Conditions { all: profile.when.iter().collect(), ..Conditions::default() }.possible()
    }

    #[test]
    fn what_can_hold_is_told_from_what_cannot() {
        for good in [
            "when.runtime = \"nodejs>=20,<23\"",
            "when.runtime = \"python3.12\"",
            "when.runtime = \"nodejs>=99\"",
            "when.runtime = \"provided.al2023\"",
            "when.env.X = \"a\"\nwhen.not.env.X = \"b\"",
            "when.any = [{ env.X = \"a\" }, { env.X = \"b\" }]",
            "when.env.X = true\nwhen.env.Y = false",
            "when.env.X = [\"1\", \"0\"]\nwhen.all = [{ env.X = true }]",
            "when.not = { runtime = \"python\", arch = \"arm64\" }\nwhen.runtime = \"python\"",
            "when.module = \"esm\"",
            "when.exists = \"/opt/x\"\nwhen.not.exists = \"/opt/y\"",
            "when.env.X = \"a\"\nwhen.not.env = { X = \"a\", Y = true }",
            "when.not.env.X = { empty = true }\nwhen.all = [{ env.X = { contains = \"a\" } }]",
        ] {
            assert!(possible(good), "{good}");
        }
        for bad in [
            "when.runtime = \"nodejs>=22,<20\"",
            "when.runtime = \"python\"\nwhen.not.runtime = \"python\"",
            "when.runtime = \"python\"\nwhen.module = \"esm\"",
            "when.env.X = \"a\"\nwhen.not.env.X = \"a\"",
            "when.env.X = { empty = true, contains = \"a\" }",
            "when.all = [{ env.X = \"a\" }, { env.X = \"b\" }]",
            "when.all = [{ env.X = true }, { env.X = false }]",
            "when.all = [{ env.X = \"off\" }, { env.X = true }]",
            "when.arch = \"arm64\"\nwhen.not.arch = \"arm64\"",
            "when.exists = \"/opt/x\"\nwhen.not.exists = \"/opt/x\"",
            "when.env = { X = \"a\", Y = true }\nwhen.not.env = { X = \"a\", Y = true }",
        ] {
            assert!(!possible(bad), "{bad}");
        }
    }
}
