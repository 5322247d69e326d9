//! What the profiles say about lists and replacements: needed to see a script's mistake in the same place.

use std::collections::{BTreeMap, BTreeSet};

use super::class::Class;
use crate::problem::printable;
use crate::profile::lists::List;
use crate::profile::template::{Part, Template};
use crate::profile::{Extend, Operation, Profile};

/// What the profiles that are tried say.
#[derive(Clone, Debug, Default)]
pub(in crate::tool) struct Hints {
    /// The lists of variables that forerun does not know.
    pub(super) lists: BTreeMap<Vec<u8>, List>,
    /// Arguments that are replaced by others, both literal.
    pub(super) replaced: Vec<(Vec<u8>, Vec<u8>)>,
    /// What has been decided.
    pub(super) accepted: BTreeSet<Class>,
    /// The texts of `log`, `warn` and `fail`, as they are written.
    pub(super) said: BTreeSet<String>,
}

impl Hints {
    /// Reads them off profiles. `accepted`: the choices that are reasons.
    pub(in crate::tool) fn of<'p>(
        profiles: impl IntoIterator<Item = &'p Profile>,
        accepted: impl IntoIterator<Item = Class>,
    ) -> Hints {
        let mut hints = Hints { accepted: accepted.into_iter().collect(), ..Hints::default() };
        for rule in profiles.into_iter().flat_map(|profile| &profile.rules) {
            for edit in &rule.env {
                if let Operation::Extend { extend: Extend { list, .. }, .. } | Operation::Pairs { list, .. } =
                    &edit.operation
                {
                    hints.lists.insert(edit.name.clone(), list.clone());
                }
            }
            let said = [&rule.log, &rule.warn, &rule.fail].into_iter().flatten();
            hints.said.extend(said.map(|text| printable(text.value.as_bytes())));
            let pairs = rule.args.replace.iter();
            hints.replaced.extend(pairs.filter_map(|(old, new)| Some((literal(&old.value)?, literal(new)?))));
        }
        hints
    }

    /// The list that a variable holds.
    pub(super) fn list(&self, name: &[u8]) -> Option<List> {
        std::str::from_utf8(name).ok().and_then(List::known).or_else(|| self.lists.get(name).cloned())
    }
}

fn literal(template: &Template) -> Option<Vec<u8>> {
    let part = |part: &Part| match part {
        Part::Literal(text) => Some(text.clone()),
        _ => None,
    };
    template.parts.iter().map(part).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}
