//! Starts that differ from a given one in what might be the cause of a difference, and in nothing else.

use std::borrow::Cow;
use std::ffi::CString;

use super::class::Class;
use super::sight::given;
use crate::detect;
use crate::environment::Env;
use crate::plan::settings::truthy;
use crate::runtime::{Arch, Family};
use crate::start::Start;
use crate::tool::known_starts;
use crate::tool::trial::start::TrialStart;

/// A start in which one thing is plain that is not plain in another start.
#[derive(Clone, Debug)]
pub(super) struct Twin {
    /// What it is if the difference is gone here.
    pub(super) class: Class,
    /// Changes of argv and variables.
    edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
enum Edit {
    /// Arguments that are this become that.
    Argument { old: Vec<u8>, new: Vec<u8> },
    /// The variable gets this value.
    Variable { name: Vec<u8>, old: Vec<u8>, new: Vec<u8> },
}

impl Twin {
    /// The twin of a start.
    pub(super) fn apply(&self, start: &mut TrialStart) {
        for edit in &self.edits {
            match edit {
                Edit::Argument { old, new } => {
                    start.argv[1..].iter_mut().filter(|argument| *argument == old).for_each(|argument| {
                        argument.clone_from(new);
                    });
                }
                Edit::Variable { name, new, .. } => {
                    start.env.retain(|(other, _)| other != name);
                    start.env.push((name.clone(), new.clone()));
                }
            }
        }
    }

    /// Puts the text of the original into what was made of the twin.
    pub(super) fn undo(&self, text: &[u8], form: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        self.edits.iter().fold(text.to_vec(), |text, edit| match edit {
            Edit::Argument { old, new } | Edit::Variable { old, new, .. } if self.is_made_up() => {
                super::arguments::replace(&text, new, &form(old))
            }
            _ => text,
        })
    }

    /// Whether its texts are made up, so that they can be found again in what comes of it.
    pub(super) fn is_made_up(&self) -> bool {
        matches!(self.class, Class::RereadArguments | Class::RereadValue)
    }

    /// The original with the special texts twice: a cause that is more than a word with a meaning of its own is still
    /// there.
    pub(super) fn doubled(&self) -> Option<Twin> {
        let twice = |old: &Vec<u8>| [&old[..], b"x", old].concat();
        let double = |edit: &Edit| match edit {
            Edit::Argument { old, .. } => Edit::Argument { old: old.clone(), new: twice(old) },
            Edit::Variable { name, old, .. } => {
                Edit::Variable { name: name.clone(), old: old.clone(), new: twice(old) }
            }
        };
        self.is_made_up().then(|| Twin { class: self.class, edits: self.edits.iter().map(double).collect() })
    }

    /// The switch the other way round.
    pub(super) fn opposite(&self) -> Option<Twin> {
        let turned = |edit: &Edit| match edit {
            Edit::Variable { name, old, .. } => {
                let new = if truthy(old) { b"false".to_vec() } else { b"true".to_vec() };
                Edit::Variable { name: name.clone(), old: old.clone(), new }
            }
            Edit::Argument { .. } => edit.clone(),
        };
        let edits = self.edits.iter().map(turned).collect();
        (self.class == Class::BooleanSpelling).then_some(Twin { class: self.class, edits })
    }

    /// The variable whose value is another.
    pub(super) fn variable(&self) -> Option<&[u8]> {
        self.edits.iter().find_map(|edit| match edit {
            Edit::Variable { name, .. } => Some(&name[..]),
            Edit::Argument { .. } => None,
        })
    }
}

/// Characters that are no text to a shell, or to `sed` and `awk`.
fn is_special(text: &[u8]) -> bool {
    let special =
        |byte: &u8| !byte.is_ascii() || byte.is_ascii_whitespace() || b"'\"\\$`*?[]{}()<>|&;!#~^".contains(byte);
    text.is_empty() || text.starts_with(b"-") || text.iter().any(special)
}

/// The plain twins of a start.
pub(super) fn of(start: &TrialStart) -> Vec<Twin> {
    let (mut twins, platform) = (Vec::new(), known_starts::platform_env());
    let special = start.argv[1..].iter().filter(|argument| {
        // The runtime's own options begin with a dash, and no shell minds.
        is_special(argument) && !(argument.len() > 1 && argument.starts_with(b"-") && !is_special(&argument[1..]))
    });
    let arguments: Vec<Edit> = special
        .enumerate()
        .map(|(number, old)| Edit::Argument { old: old.clone(), new: format!("plain{number}").into_bytes() })
        .collect();
    if !arguments.is_empty() {
        twins.push(Twin { class: Class::RereadArguments, edits: arguments });
    }
    for (number, (name, value)) in start.env.iter().enumerate() {
        // Without its PATH a script finds nothing; `$LATEST` is what Lambda gives to nearly all functions.
        let fixed = [&b"PATH"[..], b"AWS_EXECUTION_ENV"].contains(&&name[..]);
        let usual = platform.iter().any(|(other, usual)| other.as_bytes() == name && usual.as_bytes() == value);
        if !fixed && !usual && !value.is_empty() && is_special(value) {
            twins.push(plain_value(name, value, &format!("plain{number}value")));
        }
        twins.extend(spelled(name, value));
    }
    twins.extend(execution_envs(start));
    twins
}

/// A variable with a made-up value. A handler is one on the command line as well.
pub(super) fn plain_value(name: &[u8], value: &[u8], made_up: &str) -> Twin {
    let new = made_up.as_bytes().to_vec();
    let mut edits = vec![Edit::Variable { name: name.to_vec(), old: value.to_vec(), new: new.clone() }];
    if name == b"_HANDLER" {
        edits.push(Edit::Argument { old: value.to_vec(), new });
    }
    Twin { class: Class::RereadValue, edits }
}

/// A switch in the usual spellings.
fn spelled(name: &[u8], value: &[u8]) -> Vec<Twin> {
    let no: [&[u8]; 6] = [b"false", b"0", b"no", b"off", b"f", b"n"];
    let usual: [&[u8]; 2] = match value {
        _ if truthy(value) => [b"true", b"1"],
        _ if no.iter().any(|word| word.eq_ignore_ascii_case(value)) => [b"false", b"0"],
        _ => return Vec::new(),
    };
    let twin = |new: &&[u8]| Twin {
        class: Class::BooleanSpelling,
        edits: vec![Edit::Variable { name: name.to_vec(), old: value.to_vec(), new: new.to_vec() }],
    };
    usual.iter().filter(|new| **new != value).map(twin).collect()
}

/// The start with an `AWS_EXECUTION_ENV` that is right: of a runtime that is usual, and of the newest, which forerun takes an
/// unknown one for.
fn execution_envs(start: &TrialStart) -> Vec<Twin> {
    let argument = |text: &Vec<u8>| Cow::Owned(CString::new(text.clone()).unwrap_or_default());
    let argv = start.argv.iter().map(argument).collect();
    let by_argv = Start { own: c"".into(), argv, env: Env::default(), arch: Arch::X86_64, pid: 1 };
    let right: [&[u8]; 2] = match detect::detect(&by_argv, |_| false).0.family {
        Some(Family::Python) => [b"AWS_Lambda_python3.12", b"AWS_Lambda_python3.14"],
        Some(Family::Nodejs) => [b"AWS_Lambda_nodejs22.x", b"AWS_Lambda_nodejs24.x"],
        Some(Family::Java) => [b"AWS_Lambda_java21", b"AWS_Lambda_java25"],
        Some(Family::Ruby) => [b"AWS_Lambda_ruby3.3", b"AWS_Lambda_ruby3.4"],
        Some(Family::Dotnet) => [b"AWS_Lambda_dotnet8", b"AWS_Lambda_dotnet10"],
        Some(Family::Provided) | None => return Vec::new(),
    };
    let name = b"AWS_EXECUTION_ENV".to_vec();
    let old = given(start, &name).unwrap_or_default().to_vec();
    // One of the right family is right enough.
    let family = |value: &[u8]| value.split(|byte| byte.is_ascii_digit()).next().map(<[u8]>::to_vec);
    if family(&old) == family(right[0]) {
        return Vec::new();
    }
    let twin = |new: &[u8]| Twin {
        class: Class::NeedsExecutionEnv,
        edits: vec![Edit::Variable { name: name.clone(), old: old.clone(), new: new.to_vec() }],
    };
    right.map(twin).into()
}

#[cfg(test)]
mod tests {
    use super::super::testing::start;
    use super::*;

    #[test]
    fn twins_are_plain_in_one_thing() {
        let original = start(
            &["/var/lang/bin/java", "-Xshare:on", "a b", "", "h*"],
            &["_HANDLER=h*", "FAST=True", "NAME=plain", "AWS_EXECUTION_ENV=AWS_Lambda_java11"],
        );
        let twins = of(&original);
        let classes: Vec<_> = twins.iter().map(|twin| twin.class.id()).collect();
        assert_eq!(classes, ["reread-arguments", "reread-value", "boolean-spelling", "boolean-spelling"]);
        let applied = |number: usize| {
            let mut twin = original.clone();
            twins[number].apply(&mut twin);
            twin
        };
        assert_eq!(applied(0).argv[1..], [&b"-Xshare:on"[..], b"plain0", b"plain1", b"plain2"]);
        assert_eq!(applied(1).argv[4], given(&applied(1), b"_HANDLER").expect("a handler"));
        assert_eq!(given(&applied(2), b"FAST"), Some(&b"true"[..]));
        assert_eq!(given(&applied(3), b"FAST"), Some(&b"1"[..]));
        let made = given(&applied(1), b"_HANDLER").expect("a handler").to_vec();
        assert_eq!(twins[1].undo(&[b"x=", &made[..], b",y"].concat(), <[u8]>::to_vec), b"x=h*,y");
        let mut doubled = original.clone();
        twins[1].doubled().expect("made up").apply(&mut doubled);
        assert_eq!(given(&doubled, b"_HANDLER"), Some(&b"h*xh*"[..]));
    }

    #[test]
    fn an_execution_env_of_another_family_or_of_none_has_a_right_one() {
        for (env, is_wrong) in [
            (&["AWS_EXECUTION_ENV=AWS_Lambda_Image"][..], true),
            (&[], true),
            (&["AWS_EXECUTION_ENV=AWS_Lambda_python3.12"], true),
            (&["AWS_EXECUTION_ENV=AWS_Lambda_java8.al2"], false),
        ] {
            let twins = of(&start(&["/var/lang/bin/java", "M"], env));
            assert_eq!(twins.iter().any(|twin| twin.class == Class::NeedsExecutionEnv), is_wrong, "{env:?}");
        }
    }
}
