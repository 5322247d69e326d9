//! A comparison in short: how many starts, which reasons, and which differences have none.

use std::collections::{BTreeMap, BTreeSet};

use super::class::Class;
use super::comparison::{Case, Comparison};
use super::difference::{Aspect, Difference, Seen};

/// A comparison in short.
#[derive(Debug, Default)]
pub(in crate::tool) struct Summary<'c> {
    pub(in crate::tool) starts: usize,
    /// So many more were left out, since the script hung again and again.
    pub(in crate::tool) left_out: usize,
    /// So many starts without a difference.
    pub(in crate::tool) same: usize,
    /// So many on which every difference has its reason.
    pub(in crate::tool) explained: usize,
    /// So many on which one has none.
    pub(in crate::tool) unexplained: usize,
    /// The reasons that were found, in the order of their table.
    pub(in crate::tool) reasons: Vec<Reason<'c>>,
    /// The differences that have none.
    pub(in crate::tool) groups: Vec<Group<'c>>,
}

/// A reason, and where it was found.
#[derive(Debug)]
pub(in crate::tool) struct Reason<'c> {
    pub(in crate::tool) class: Class,
    /// On so many starts.
    pub(in crate::tool) starts: usize,
    /// In these variables, or in what else.
    pub(in crate::tool) aspects: BTreeSet<&'c Aspect>,
    /// The smallest of the starts.
    pub(in crate::tool) example: &'c Case,
}

/// Differences of one kind.
#[derive(Debug)]
pub(in crate::tool) struct Group<'c> {
    /// On so many starts.
    pub(in crate::tool) starts: usize,
    /// The smallest of them.
    pub(in crate::tool) example: &'c Case,
    /// The difference there.
    pub(in crate::tool) difference: &'c Difference,
}

impl Comparison {
    /// The comparison in short.
    pub(in crate::tool) fn summary(&self) -> Summary<'_> {
        let mut summary = Summary { starts: self.compared.len(), left_out: self.left_out, ..Summary::default() };
        let mut reasons: BTreeMap<Class, Reason<'_>> = BTreeMap::new();
        let mut groups: BTreeMap<(&Aspect, String), Group<'_>> = BTreeMap::new();
        for one in &self.compared {
            match &one.differences {
                all if all.is_empty() => summary.same += 1,
                all if all.iter().any(Difference::is_unexplained) => summary.unexplained += 1,
                _ => summary.explained += 1,
            }
            let case = &one.case;
            let (mut classes, mut shapes) = (BTreeSet::new(), BTreeSet::new());
            for difference in &one.differences {
                for &class in &difference.classes {
                    let first = Reason { class, starts: 0, aspects: BTreeSet::new(), example: case };
                    let reason = reasons.entry(class).or_insert(first);
                    reason.starts += usize::from(classes.insert(class));
                    reason.aspects.insert(&difference.aspect);
                    if smaller(case, reason.example) {
                        reason.example = case;
                    }
                }
                if difference.is_unexplained() {
                    let shape = (&difference.aspect, shape(difference));
                    let group = groups.entry(shape.clone()).or_insert(Group { starts: 0, example: case, difference });
                    group.starts += usize::from(shapes.insert(shape));
                    if smaller(case, group.example) {
                        (group.example, group.difference) = (case, difference);
                    }
                }
            }
        }
        summary.reasons = reasons.into_values().collect();
        summary.groups = groups.into_values().collect();
        summary
    }
}

/// Whether less of a start is out of the ordinary.
fn smaller(one: &Case, other: &Case) -> bool {
    (one.described.len(), one.number) < (other.described.len(), other.number)
}

/// What kind of difference it is, apart from the values.
fn shape(difference: &Difference) -> String {
    let line = |seen: &Seen| match seen {
        Seen::Bytes(line) => String::from_utf8_lossy(line).into_owned(),
        _ => String::new(),
    };
    match (&difference.aspect, &difference.script, &difference.profile) {
        (Aspect::Output, script, profile) => format!("{}\n{}", line(script), line(profile)),
        (Aspect::Argv, Seen::Words(script), Seen::Words(profile)) => format!("{:?}", script.len().cmp(&profile.len())),
        (_, script, profile) => format!("{} {}", *script == Seen::Nothing, *profile == Seen::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison::Compared;
    use super::super::testing::start;
    use super::*;

    fn compared(number: usize, described: &[&str], differences: Vec<Difference>) -> Compared {
        let described = described.iter().map(|&line| line.to_owned()).collect();
        Compared { case: Case { number, described, start: start(&["/x"], &[]) }, differences }
    }

    fn differs(name: &str, script: Option<&str>, classes: &[Class]) -> Difference {
        let (script, profile) = (Seen::value(script.map(str::as_bytes)), Seen::Bytes(b"x".to_vec()));
        Difference::new(Aspect::Variable(name.into()), script, profile, classes.iter().copied().collect())
    }

    #[test]
    fn differences_of_one_shape_are_one_group_with_the_smallest_start() {
        let comparison = Comparison {
            left_out: 0,
            compared: vec![
                compared(0, &["java21"], vec![]),
                compared(1, &["java21", "A", "B"], vec![differs("X", Some("1"), &[])]),
                compared(2, &["java21", "A"], vec![differs("X", Some("2"), &[]), differs("X", Some("3"), &[])]),
                compared(
                    3,
                    &["java21", "A"],
                    vec![differs("X", None, &[]), differs("Y", None, &[Class::EmptyElement])],
                ),
                compared(4, &["java21"], vec![differs("Y", None, &[Class::EmptyElement])]),
            ],
        };
        let summary = comparison.summary();
        assert_eq!((summary.starts, summary.same, summary.explained, summary.unexplained), (5, 1, 1, 3));
        let groups: Vec<_> = summary.groups.iter().map(|group| (group.starts, group.example.number)).collect();
        assert_eq!(groups, [(2, 2), (1, 3)]);
        let reasons: Vec<_> = summary.reasons.iter().map(|reason| (reason.starts, reason.example.number)).collect();
        assert_eq!(reasons, [(2, 4)]);
    }
}
