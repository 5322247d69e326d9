//! Conditions on a start, as the profile language can say them.

use crate::runtime::{Family, Version};

use super::files;
use super::run::Run;

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// The runtime is of this family.
    Family(Family),
    /// The runtime is of this family and not older than this.
    AtLeast(Family, (u32, Option<u32>)),
    /// The variable has one of these values; the empty one stands for unset as well.
    OneOf(Vec<u8>, Vec<Vec<u8>>),
    /// The variable is neither unset nor empty.
    Filled(Vec<u8>),
    /// The variable has this text in it.
    Contains(Vec<u8>, Vec<u8>),
    /// This path exists.
    Exists(Vec<u8>),
}

/// A test, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Literal {
    pub(super) atom: Atom,
    pub(super) holds: bool,
}

/// Any of these, of each all. The empty list never holds, that of one empty list always does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition(pub(super) Vec<Vec<Literal>>);

impl Condition {
    pub(super) fn always() -> Condition {
        Condition(vec![Vec::new()])
    }

    pub(super) fn is_always(&self) -> bool {
        self.0.iter().any(Vec::is_empty)
    }
}

impl Literal {
    pub(super) fn holds_in(&self, run: &Run) -> bool {
        self.atom.holds(run) == self.holds
    }

    /// How much there is to read: of two conditions that fit, the one that says less is the better guess.
    pub(super) fn cost(&self) -> usize {
        let atom = match &self.atom {
            Atom::Family(_) => 2,
            Atom::AtLeast(..) => 4,
            Atom::OneOf(_, values) => 1 + 2 * values.len(),
            Atom::Filled(_) | Atom::Exists(_) => 2,
            Atom::Contains(..) => 5,
        };
        // "Is none of" is said with `not`, "is empty" without.
        atom + usize::from(!self.holds && !matches!(self.atom, Atom::Filled(_)))
    }
}

impl Atom {
    pub(super) fn variable(&self) -> Option<&[u8]> {
        match self {
            Atom::OneOf(name, _) | Atom::Filled(name) | Atom::Contains(name, _) => Some(name),
            _ => None,
        }
    }

    fn holds(&self, run: &Run) -> bool {
        match self {
            Atom::Family(family) => run.runtime.family == Some(*family),
            Atom::AtLeast(family, (major, minor)) => {
                let wanted = Version { major: *major, minor: *minor }.numeric();
                run.runtime.family == Some(*family)
                    && run.runtime.version.is_none_or(|version| version.numeric() >= wanted)
            }
            Atom::OneOf(name, values) => values.iter().any(|value| run.given(name) == value),
            Atom::Filled(name) => !run.given(name).is_empty(),
            Atom::Contains(name, part) => run.given(name).windows(part.len().max(1)).any(|window| window == part),
            Atom::Exists(path) => files::exists(&run.start, path),
        }
    }
}

/// Whether forerun's `true` takes this value: `1`, `t`, `true`, `y`, `yes` or `on`, in any case.
pub(super) fn is_true(value: &[u8]) -> bool {
    crate::plan::settings::truthy(value)
}
