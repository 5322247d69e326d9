//! What argv may have besides what the runtime's own has.

use std::collections::BTreeSet;

use super::{Choice, Effect};
use crate::problem::printable;

/// How many options that a script mentions have choices.
const OPTIONS: usize = 5;

/// An edit of argv.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// This comes last.
    Last(&'static [u8]),
    /// An option of the interpreter so many times, behind the program.
    Option(Vec<u8>, usize),
    /// An option in which the handler occurs.
    WithHandler,
}

impl Edit {
    /// Edits argv, which is not empty.
    pub(super) fn apply(&self, argv: &mut Vec<Vec<u8>>, handler: &[u8]) {
        match self {
            Edit::Last(argument) => argv.push(argument.to_vec()),
            Edit::Option(option, times) => {
                argv.splice(1..1, std::iter::repeat_n(option.clone(), *times));
            }
            Edit::WithHandler => argv.insert(1, [b"-Dmade.up=", handler, b"Too"].concat()),
        }
    }
}

/// The choices for argv, with the options that the script mentions.
pub(super) fn choices(options: &BTreeSet<Vec<u8>>) -> Vec<Choice> {
    let mut choices = vec![Choice::new("no argument more", Effect::Ordinary)];
    let last: [(&str, &[u8]); 6] = [
        ("an argument with spaces", b" two  words "),
        ("an argument `*`", b"*"),
        ("an empty argument", b""),
        ("an argument with quotes and `$(echo x)`", b"it's \"so\" $HOME $(echo x)"),
        ("an argument with a backslash", b"a\\b"),
        ("an argument that is not UTF-8", b"caf\xe9"),
    ];
    choices.extend(last.map(|(label, argument)| Choice::new(label, Effect::Argv(Edit::Last(argument)))));
    choices.push(Choice::new("an argument with the handler in it", Effect::Argv(Edit::WithHandler)));
    // Those of the JVM matter most: the runtime's own argv is full of them.
    let mut options: Vec<&Vec<u8>> = options.iter().filter(|option| !option.contains(&0)).collect();
    options.sort_by_key(|option| (option.starts_with(b"--"), option.len()));
    for option in options.into_iter().take(OPTIONS) {
        let name = printable(option);
        choices.push(Choice::new(format!("argument `{name}`"), Effect::Argv(Edit::Option(option.clone(), 1))));
        choices.push(Choice::new(format!("argument `{name}` twice"), Effect::Argv(Edit::Option(option.clone(), 2))));
    }
    choices
}
