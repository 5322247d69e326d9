//! Conditions as the profile language writes them.

use super::condition::{Atom, Condition, Literal, is_true};
use super::toml_text::Toml;

/// The condition as the table behind `when`; `None` when there is nothing to ask, or when it is not UTF-8.
pub(super) fn table(condition: &Condition) -> Option<Vec<(String, Toml)>> {
    let (first, rest) = condition.0.split_first()?;
    // What all terms ask is asked once.
    let common: Vec<Literal> =
        first.iter().filter(|literal| rest.iter().all(|term| term.contains(literal))).cloned().collect();
    let mut table = all(&common)?;
    if !rest.is_empty() {
        let left = condition.0.iter().map(|term| {
            let left: Vec<Literal> = term.iter().filter(|literal| !common.contains(literal)).cloned().collect();
            all(&left).map(Toml::Table)
        });
        table.push(("any".into(), Toml::List(left.collect::<Option<_>>()?)));
    }
    Some(table)
}

/// All of these tests.
fn all(term: &[Literal]) -> Option<Vec<(String, Toml)>> {
    let mut table: Vec<(String, Toml)> = Vec::new();
    let (mut variables, mut not, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for literal in merge_versions(term) {
        match test(&literal)? {
            Test::Is(key, value) if table.iter().any(|(other, _)| *other == key) => {
                more.push(Toml::Table(vec![(key, value)]));
            }
            Test::Is(key, value) => table.push((key, value)),
            Test::Variable(name, value) if variables.iter().any(|(other, _)| *other == name) => {
                more.push(Toml::Table(vec![("env".into(), Toml::Table(vec![(name, value)]))]));
            }
            Test::Variable(name, value) => variables.push((name, value)),
            Test::Not(table) => not.push(table),
        }
    }
    if !variables.is_empty() {
        table.push(("env".into(), Toml::Table(variables)));
    }
    match &not[..] {
        [] => {}
        [one] => table.push(("not".into(), one.clone())),
        _ => table.push(("not".into(), Toml::Table(vec![("any".into(), Toml::List(not))]))),
    }
    if !more.is_empty() {
        table.push(("all".into(), Toml::List(more)));
    }
    Some(table)
}

enum Test {
    /// A key of the condition.
    Is(String, Toml),
    /// A key of its table `env`.
    Variable(String, Toml),
    /// A table that must not hold.
    Not(Toml),
}

fn test(literal: &Literal) -> Option<Test> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(|text| text.replace('$', "$$"));
    let name = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let positive = match &literal.atom {
        Atom::Family(family) => Test::Is("runtime".into(), Toml::text(family.name())),
        Atom::AtLeast(family, (major, minor)) => {
            let version = minor.map_or_else(|| major.to_string(), |minor| format!("{major}.{minor}"));
            Test::Is("runtime".into(), Toml::text(format!("{}>={version}", family.name())))
        }
        Atom::OneOf(variable, values) if is_switch(values) => {
            return Some(Test::Variable(name(variable)?, Toml::Bool(literal.holds)));
        }
        Atom::OneOf(variable, values) => {
            let texts = values.iter().map(|value| text(value).map(Toml::Text)).collect::<Option<Vec<_>>>()?;
            let value = if let [one] = &texts[..] { one.clone() } else { Toml::List(texts) };
            Test::Variable(name(variable)?, value)
        }
        Atom::Filled(variable) => {
            let empty = Toml::Table(vec![("empty".into(), Toml::Bool(!literal.holds))]);
            return Some(Test::Variable(name(variable)?, empty));
        }
        Atom::Contains(variable, part) => {
            Test::Variable(name(variable)?, Toml::Table(vec![("contains".into(), Toml::Text(text(part)?))]))
        }
        Atom::Exists(path) => Test::Is("exists".into(), Toml::Text(text(path)?)),
    };
    Some(match positive {
        positive if literal.holds => positive,
        Test::Is(key, value) => Test::Not(Toml::Table(vec![(key, value)])),
        Test::Variable(name, value) => Test::Not(Toml::Table(vec![("env".into(), Toml::Table(vec![(name, value)]))])),
        Test::Not(table) => Test::Not(table),
    })
}

/// Whether a set of values is what a script takes for yes.
pub(super) fn is_switch(values: &[Vec<u8>]) -> bool {
    values.iter().all(|value| is_true(value)) && values.iter().any(|value| value == b"true" || value == b"1")
}

/// A bound names its family already: `nodejs` beside `nodejs>=20` says nothing.
fn merge_versions(term: &[Literal]) -> Vec<Literal> {
    // A bound names its family already.
    let bounded = |literal: &Literal| match literal.atom {
        Atom::Family(family) => {
            literal.holds
                && term.iter().any(|other| other.holds && matches!(other.atom, Atom::AtLeast(of, _) if of == family))
        }
        _ => false,
    };
    term.iter().filter(|literal| !bounded(literal)).cloned().collect()
}
