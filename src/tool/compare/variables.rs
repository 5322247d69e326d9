//! Why a variable differs: each reason is a test on its three values, and on what else the two starts show.

use std::collections::BTreeSet;

use super::class::Class;
use super::hints::Hints;
use super::listed::{self, Values};
use super::noise::Variable;
use super::sight::Sight;

/// The classes that explain the difference; none: it is unexplained.
pub(super) fn explain(variable: Variable<'_>, sight: &Sight<'_>, hints: &Hints) -> BTreeSet<Class> {
    let one = handler(variable, sight).or_else(|| set_to_nothing(variable)).or_else(|| echoed(variable));
    one.map(|class| BTreeSet::from([class])).or_else(|| as_list(variable, sight, hints)).unwrap_or_default()
}

/// Whether the profile keeps what the user has set and the script does not. Both may be meant.
pub(super) fn keeps_value(variable: Variable<'_>) -> Option<Class> {
    let given = variable.given.filter(|given| !given.is_empty())?;
    // Something that is added to it is no other value.
    let overwrites = variable.script.is_none_or(|script| listed::find(script, given).is_none());
    let beside = |profile: &[u8], script: &[u8]| {
        [&b","[..], b":", b";", b" "].iter().any(|separator| {
            profile == [given, separator, script].concat() || profile == [script, separator, given].concat()
        })
    };
    let keeps = match (variable.profile, variable.script) {
        (Some(profile), Some(script)) => profile == given || beside(profile, script),
        (profile, _) => profile == Some(given),
    };
    (keeps && overwrites).then_some(Class::ValueKept)
}

/// What a redirect of the handler does otherwise.
fn handler(variable: Variable<'_>, sight: &Sight<'_>) -> Option<Class> {
    let Variable { name, given, script, profile } = variable;
    let before = sight.given(b"_HANDLER").filter(|handler| !handler.is_empty());
    let after = sight.script.value(b"_HANDLER");
    let on_command_line = sight.handler();
    if name == b"_HANDLER" {
        let nothing_to_redirect = before.is_none() && on_command_line.is_none();
        return (nothing_to_redirect && profile == given && sight.says("FR212")).then_some(Class::NoHandler);
    }
    // From here on it is the variable that keeps the old handler.
    if before.is_none() && on_command_line.is_none() {
        let kept_nothing = script == Some(b"") && profile == given && after != sight.given(b"_HANDLER");
        return (kept_nothing && sight.says("FR212")).then_some(Class::NoHandler);
    }
    if before.is_some() && before == after && script == before && profile == given {
        return Some(Class::HandlerLost);
    }
    let from_argv = on_command_line.is_some() && profile == on_command_line && before != on_command_line;
    let from_variable = script.unwrap_or_default() == before.unwrap_or_default();
    (from_argv && from_variable && after != before).then_some(Class::HandlerOfArgv)
}

fn set_to_nothing(variable: Variable<'_>) -> Option<Class> {
    let only_script = variable.given.is_none() && variable.profile.is_none();
    (only_script && variable.script == Some(b"")).then_some(Class::EmptyVariable)
}

/// What `echo`, `$(…)` and an unquoted variable take off a value.
fn echoed(variable: Variable<'_>) -> Option<Class> {
    let (script, profile) = (variable.script?, variable.profile?);
    let without_line_ends = {
        let end = profile.iter().rposition(|&byte| byte != b'\n').map_or(0, |last| last + 1);
        &profile[..end]
    };
    let words = |text: &[u8]| {
        let words = text.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(&b' ')
    };
    // POSIX leaves options of `echo` open; bash's has these.
    let option = profile.len() > 1 && profile[0] == b'-' && profile[1..].iter().all(|byte| b"neE".contains(byte));
    let echoed = script == without_line_ends || script == words(profile) || option && script.is_empty();
    echoed.then_some(Class::EchoedValue)
}

fn as_list(variable: Variable<'_>, sight: &Sight<'_>, hints: &Hints) -> Option<BTreeSet<Class>> {
    let values = Values {
        given: variable.given.unwrap_or_default(),
        script: variable.script?,
        // A list in which nothing is left is not set at all.
        profile: variable.profile.or(variable.given.is_none().then_some(b""))?,
    };
    if variable.name == b"PYTHONPATH" {
        let folder = sight.given(b"LAMBDA_RUNTIME_DIR").filter(|folder| !folder.is_empty()).unwrap_or(b"/var/runtime");
        if let Some(classes) = listed::python_path(values, folder) {
            return Some(classes);
        }
    }
    listed::explain(&hints.list(variable.name)?, values)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcome, start, started};
    use super::*;

    struct Case {
        given: Vec<&'static str>,
        script: Vec<&'static str>,
        profile: Vec<&'static str>,
        says: &'static str,
    }

    fn why(name: &str, argv: &[&str], case: &Case) -> Vec<&'static str> {
        let start = start(argv, &case.given);
        let (script, mut profile) = (outcome(started(argv, &case.script)), outcome(started(argv, &case.profile)));
        profile.stderr = case.says.as_bytes().to_vec();
        let sight = Sight::of(&start, &script, &profile).expect("both started");
        let name = name.as_bytes();
        let variable = Variable {
            name,
            given: sight.given(name),
            script: sight.script.value(name),
            profile: sight.profile.value(name),
        };
        explain(variable, &sight, &Hints::default()).into_iter().map(Class::id).collect()
    }

    const JAVA: [&str; 3] =
        ["/var/lang/bin/java", "com.amazonaws.services.lambda.runtime.api.client.AWSLambda", "a.B::h"];

    #[test]
    fn a_redirected_handler_is_kept_where_it_counts() {
        let case = Case {
            given: vec!["_HANDLER=other"],
            script: vec!["_HANDLER=new", "OLD=other"],
            profile: vec!["_HANDLER=new", "OLD=a.B::h"],
            says: "",
        };
        assert_eq!(why("OLD", &JAVA, &case), ["handler-of-argv"]);
        assert_eq!(why("OLD", &["/var/lang/bin/java"], &case), [""; 0]);
        let again = Case {
            given: vec!["_HANDLER=new", "OLD=mine"],
            script: vec!["_HANDLER=new", "OLD=new"],
            profile: vec!["_HANDLER=new", "OLD=mine"],
            says: "",
        };
        assert_eq!(why("OLD", &["node"], &again), ["handler-lost"]);
        assert_eq!(why("OLD", &["node"], &Case { profile: vec!["_HANDLER=new", "OLD=x"], ..again }), [""; 0]);
    }

    #[test]
    fn a_missing_handler_is_forerun_s_to_warn_of() {
        let warning = "forerun: warning[FR212]: /opt/forerun.d/0-x.toml:1:1: there is no handler to redirect\n";
        let case = |says| Case { given: vec![], script: vec!["_HANDLER=new", "OLD="], profile: vec![], says };
        assert_eq!(why("_HANDLER", &["node"], &case(warning)), ["no-handler"]);
        assert_eq!(why("OLD", &["node"], &case(warning)), ["no-handler"]);
        assert_eq!(why("_HANDLER", &["node"], &case("")), [""; 0], "the profile does not redirect");
    }

    #[test]
    fn what_echo_does_to_a_value_is_known() {
        let why = |given: &'static str, script: &'static str, profile: &'static str| {
            let case = Case { given: vec![given], script: vec![script], profile: vec![profile], says: "" };
            why("X", &["node"], &case)
        };
        assert_eq!(why("X=A\n", "X=a", "X=a\n"), ["echoed-value"]);
        assert_eq!(why("X=a  b", "X=a b", "X=a  b"), ["echoed-value"]);
        assert_eq!(why("X=-n", "X=", "X=-n"), ["echoed-value"]);
        assert_eq!(why("X=a  b", "X=a c", "X=a  b"), [""; 0]);
        assert_eq!(why("X=-x", "X=", "X=-x"), [""; 0]);
        assert_eq!(why("X=a b", "X=a  b", "X=a b"), [""; 0]);
    }

    #[test]
    fn a_list_with_nothing_in_it_need_not_be_set() {
        let name = "OTEL_RESOURCE_ATTRIBUTES";
        let case = |given, script| Case { given, script: vec![script], profile: vec![], says: "" };
        let nothing = "OTEL_RESOURCE_ATTRIBUTES=service.name=,";
        assert_eq!(why(name, &["node"], &case(vec![], nothing)), ["empty-element", "pair-without-value"]);
        assert_eq!(why(name, &["node"], &case(vec![], "OTEL_RESOURCE_ATTRIBUTES=service.name=f,")), [""; 0]);
        assert_eq!(why(name, &["node"], &case(vec!["OTEL_RESOURCE_ATTRIBUTES=a=1"], nothing)), [""; 0]);
    }

    #[test]
    fn a_value_of_the_users_is_kept_or_overwritten() {
        let keeps = |given: &'static [u8], script: &'static [u8], profile: &'static [u8]| {
            let variable = Variable { name: b"X", given: Some(given), script: Some(script), profile: Some(profile) };
            keeps_value(variable).is_some()
        };
        assert!(keeps(b"mine", b"10000", b"mine"));
        assert!(!keeps(b"mine", b"mine,10000", b"mine"), "it is added to");
        assert!(keeps(b"mine", b"a=1", b"a=1,mine"));
        assert!(!keeps(b"mine", b"a=1", b"a=2,mine"));
        assert!(!keeps(b"mine", b"10000", b"20000"));
        assert!(!keeps(b"", b"10000", b""));
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_is_told_from_one_that_is_cleared() {
        let case = |given, profile| Case { given, script: vec!["X="], profile, says: "" };
        assert_eq!(why("X", &["node"], &case(vec![], vec![])), ["empty-variable"]);
        assert_eq!(why("X", &["node"], &case(vec!["X=1"], vec!["X=1"])), [""; 0]);
        assert_eq!(why("X", &["node"], &case(vec!["X=1"], vec![])), [""; 0]);
        assert_eq!(why("X", &["node"], &case(vec![], vec!["X=1"])), [""; 0]);
    }
}
