//! Why the runtime's argv differs: the script's is read off the profile's, element by element, with what scripts do to
//! arguments in between. Where that does not come out even, there is no reason.

use std::collections::BTreeSet;

use regex::bytes::Regex;

use super::class::Class;
use super::hints::Hints;
use super::listed::find;
use super::sight::{Sight, handler_position};
use crate::start::base_name;
use crate::tool::trial::start::TrialStart;

type Words = [Vec<u8>];

/// The classes that explain the difference; none: it is unexplained.
pub(super) fn explain(sight: &Sight<'_>, hints: &Hints) -> BTreeSet<Class> {
    let (script, profile) = (&sight.script.started.argv, &sight.profile.started.argv);
    let reader = Reader { given: &sight.start.argv, replaced: replaced(sight, hints) };
    let unmoved = || reader.read(script, profile);
    let not_replaced = || {
        let mended = handler_put_back(sight)?;
        let classes = reader.read(script, &mended)?;
        Some(with(classes, Class::HandlerNotReplaced))
    };
    let moved = || {
        options_moved(sight).into_iter().find_map(|(mended, class)| Some(with(reader.read(script, &mended)?, class)))
    };
    let added_again = || {
        let mended = without_second(sight);
        mended.into_iter().find_map(|mended| Some(with(reader.read(&mended, profile)?, Class::AddedTwice)))
    };
    let of_variable = || Some(with(reader.read(script, &with_handler_of_variable(sight)?)?, Class::HandlerOfArgv));
    unmoved().or_else(not_replaced).or_else(moved).or_else(added_again).or_else(of_variable).unwrap_or_default()
}

fn with(mut classes: BTreeSet<Class>, class: Class) -> BTreeSet<Class> {
    classes.insert(class);
    classes
}

/// Texts that are replaced by others: the handler, and what the profile replaces as whole arguments.
fn replaced(sight: &Sight<'_>, hints: &Hints) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut replaced = hints.replaced.clone();
    if let (Some(old), Some(new)) = (sight.given(b"_HANDLER"), sight.script.value(b"_HANDLER"))
        && old != new
    {
        replaced.push((old.to_vec(), new.to_vec()));
    }
    replaced.retain(|(old, _)| !old.is_empty());
    replaced
}

/// Whether the profile keeps arguments of the start that the script drops. Both may be meant.
pub(super) fn keeps(sight: &Sight<'_>) -> Option<Class> {
    let script = &sight.script.started.argv;
    let drops = |wanted: &Words| {
        let mut script = script.iter().skip(1).peekable();
        let mut others = wanted.iter().skip(1).filter(|argument| script.next_if(|next| next == argument).is_none());
        let all_given = others.all(|argument| sight.start.argv.contains(argument));
        all_given && script.next().is_none()
    };
    let other_handler = || with_handler_of_variable(sight).is_some_and(|wanted| drops(&wanted));
    (drops(&sight.profile.started.argv) || other_handler()).then_some(Class::ArgumentsKept)
}

/// The profile's argv with the handler that the start has in its variable, where the command line has another one.
fn with_handler_of_variable(sight: &Sight<'_>) -> Option<Vec<Vec<u8>>> {
    let mut argv = sight.profile.started.argv.clone();
    let own = &sight.start.argv[handler_position(sight.start)?];
    let at = argv.iter().rposition(|argument| argument == own)?;
    argv[at] = sight.given(b"_HANDLER").unwrap_or_default().to_vec();
    Some(argv)
}

/// Reads a script's argv off another one.
struct Reader<'r> {
    given: &'r Words,
    replaced: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Reader<'_> {
    fn read(&self, script: &Words, wanted: &Words) -> Option<BTreeSet<Class>> {
        let (first, rest) = script.split_first()?;
        let (wanted_first, wanted_rest) = wanted.split_first()?;
        // One is looked for along PATH, the other is a path.
        let by_name = |name: &[u8], path: &[u8]| !name.contains(&b'/') && base_name(path) == name;
        if first != wanted_first && !by_name(first, wanted_first) && !by_name(wanted_first, first) {
            return None;
        }
        let classes = self.rest(rest, wanted_rest)?;
        Some(if first == wanted_first { classes } else { with(classes, Class::InterpreterByPath) })
    }

    /// Everything behind the interpreter; arguments that are the start's own may come a second time at the end.
    fn rest(&self, script: &Words, wanted: &Words) -> Option<BTreeSet<Class>> {
        if let Some(classes) = self.words(script, wanted) {
            return Some(classes);
        }
        let own = &self.given[1..];
        for at in (1..script.len()).rev() {
            let (once, again) = script.split_at(at);
            let repeats = |of: &Words| (0..of.len()).any(|from| self.words(again, &of[from..]).is_some());
            if (repeats(own) || repeats(wanted))
                && let Some(classes) = self.words(once, wanted)
            {
                return Some(with(classes, Class::RepeatedArguments));
            }
        }
        None
    }

    /// Whether `script` is what becomes of `wanted`, and by which ways.
    fn words(&self, script: &Words, wanted: &Words) -> Option<BTreeSet<Class>> {
        let Some((next, wanted)) = wanted.split_first() else {
            return script.is_empty().then(BTreeSet::new);
        };
        if script.first() == Some(next)
            && let Some(classes) = self.words(&script[1..], wanted)
        {
            return Some(classes);
        }
        // Only what the start brought along can be spoilt on its way.
        if !self.given.contains(next) {
            return None;
        }
        self.variants(next).into_iter().find_map(|(variant, class)| {
            if let Some(class) = class
                && script.first() == Some(&variant)
                && let Some(classes) = self.words(&script[1..], wanted)
            {
                return Some(with(classes, class));
            }
            let classes = self.split(&variant, script, wanted)?;
            Some(class.into_iter().fold(classes, with))
        })
    }

    /// The argument, and the argument with a text replaced inside of it.
    fn variants(&self, argument: &[u8]) -> Vec<(Vec<u8>, Option<Class>)> {
        let mut variants = vec![(argument.to_vec(), None)];
        for (old, new) in &self.replaced {
            if argument != old && find(argument, old).is_some() {
                variants.push((replace(argument, old, new), Some(Class::ReplacedInsideArguments)));
            }
        }
        variants
    }

    /// The argument as words of the shell: split at white space, each word perhaps a pattern of files.
    fn split(&self, argument: &[u8], script: &Words, wanted: &Words) -> Option<BTreeSet<Class>> {
        let words: Vec<&[u8]> =
            argument.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
        if words == [argument] {
            // As it stands it was tried already; once more for each argument would double the time with every one.
            return self.files(argument, &[], script, wanted);
        }
        self.expand(&words, script, wanted).map(|classes| with(classes, Class::SplitArguments))
    }

    fn expand(&self, words: &[&[u8]], script: &Words, wanted: &Words) -> Option<BTreeSet<Class>> {
        let Some((word, words)) = words.split_first() else {
            return self.words(script, wanted);
        };
        if script.first().is_some_and(|next| next == word)
            && let Some(classes) = self.expand(words, &script[1..], wanted)
        {
            return Some(classes);
        }
        self.files(word, words, script, wanted)
    }

    /// The word as a pattern of files.
    fn files(&self, word: &[u8], words: &[&[u8]], script: &Words, wanted: &Words) -> Option<BTreeSet<Class>> {
        let pattern = pattern(word)?;
        let files = script.iter().take_while(|file| pattern.is_match(file)).count();
        (1..=files).rev().find_map(|files| {
            self.expand(words, &script[files..], wanted).map(|classes| with(classes, Class::ExpandedArguments))
        })
    }
}

/// Replaces a text wherever it stands.
pub(super) fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, old) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// A word as the shell's pattern of file names (POSIX 2.14); `None` when it is none.
fn pattern(word: &[u8]) -> Option<Regex> {
    if !word.iter().any(|byte| b"*?[".contains(byte)) {
        return None;
    }
    let mut regex = "(?s-u)^".to_owned();
    for &byte in word {
        match byte {
            b'*' => regex.push_str("[^/]*"),
            b'?' => regex.push_str("[^/]"),
            b'[' | b']' | b'-' => regex.push(char::from(byte)),
            b'!' => regex.push('^'),
            _ => regex.push_str(&format!("\\x{byte:02x}")),
        }
    }
    Regex::new(&(regex + "$")).ok()
}

/// The profile's argv with the old handler where the profile has the new one. The redirect has to be the same in the
/// variable.
fn handler_put_back(sight: &Sight<'_>) -> Option<Vec<Vec<u8>>> {
    let old = &sight.start.argv[handler_position(sight.start)?];
    let new = sight.profile.value(b"_HANDLER").filter(|new| *new != &old[..])?;
    if sight.script.value(b"_HANDLER") != Some(new) {
        return None;
    }
    let mut argv = sight.profile.started.argv.clone();
    let at = argv.iter().rposition(|argument| argument == new)?;
    argv[at].clone_from(old);
    Some(argv)
}

/// The profile's argv with its options where the script has put the same ones.
fn options_moved(sight: &Sight<'_>) -> Vec<(Vec<Vec<u8>>, Class)> {
    let (given, profile) = (&sight.start.argv, &sight.profile.started.argv);
    let script = &sight.script.started.argv;
    // `dotnet exec` stays together.
    let behind_interpreter = if given.get(1).is_some_and(|word| word == b"exec") { 2 } else { 1 };
    let added = profile.len().saturating_sub(given.len());
    let Some(options) = profile.get(behind_interpreter..behind_interpreter + added).filter(|_| added > 0) else {
        return Vec::new();
    };
    let rest = [&profile[..behind_interpreter], &profile[behind_interpreter + added..]].concat();
    let entry = entry(sight.start);
    let places = (1..=rest.len())
        .filter(|&at| at != behind_interpreter && script.len() >= at + added && script[at..at + added] == *options);
    let moved = places.map(|at| {
        let class = match at {
            _ if at < behind_interpreter => Class::OptionsBeforeExec,
            _ if at <= entry => Class::OptionsInFront,
            _ => Class::OptionsBehindScript,
        };
        ([&rest[..at], options, &rest[at..]].concat(), class)
    });
    moved.collect()
}

/// The script's argv without options that stood in the start already, where the profile has not added them again.
fn without_second(sight: &Sight<'_>) -> Vec<Vec<Vec<u8>>> {
    let (given, script) = (&sight.start.argv, &sight.script.started.argv);
    let added = script.len().saturating_sub(sight.profile.started.argv.len());
    if added == 0 {
        return Vec::new();
    }
    let stands_in = |options: &Words, argv: &Words| argv.windows(added).any(|had| had == options);
    let places = (1..=script.len() - added).filter(|&at| {
        let options = &script[at..at + added];
        options[0].starts_with(b"-") && stands_in(options, given)
    });
    let without = places.map(|at| (&script[at..at + added], [&script[..at], &script[at + added..]].concat()));
    without.filter(|(options, rest)| stands_in(options, rest)).map(|(_, rest)| rest).collect()
}

/// The position of the script, main class or module that the interpreter is given. What stands behind it is the
/// function's.
fn entry(start: &TrialStart) -> usize {
    let own: [&[u8]; 5] = [b"/bootstrap.py", b"/index.mjs", b"/index.js", b"/index.rb", b".AWSLambda"];
    let is_own = |argument: &Vec<u8>| own.iter().any(|end| argument.ends_with(end));
    let in_front = handler_position(start).map(|handler| handler - 1);
    let found = in_front.or_else(|| start.argv.iter().rposition(is_own));
    found.unwrap_or(start.argv.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcome, start, started};
    use super::*;

    fn why(given: &[&str], env: [&[&str]; 3], script: &[&str], profile: &[&str]) -> Vec<&'static str> {
        let start = start(given, env[0]);
        let (script, profile) = (outcome(started(script, env[1])), outcome(started(profile, env[2])));
        let sight = Sight::of(&start, &script, &profile).expect("both started");
        let hints = Hints { replaced: vec![(b"-Xshare:on".to_vec(), b"-Xshare:auto".to_vec())], ..Hints::default() };
        explain(&sight, &hints).into_iter().map(Class::id).collect()
    }

    const NONE: [&[&str]; 3] = [&[]; 3];

    #[test]
    fn arguments_that_a_shell_spoilt_are_read_back() {
        let given = ["/java", "-Da=b c", "*.jar", "", "M"];
        let option = |rest: &[&'static str]| [&["/java", "-X"], rest].concat();
        let profile = option(&given[1..]);
        for (script, classes) in [
            (option(&["-Da=b", "c", "*.jar", "M"]), &["split-arguments"][..]),
            (option(&["-Da=b c", "a.jar", "b.jar", "", "M"]), &["expanded-arguments"]),
            (option(&["-Da=b", "c", "a.jar", "M"]), &["split-arguments", "expanded-arguments"]),
            (option(&["-Da=b c", "*.jar", "", "M", "*.jar", "", "M"]), &["repeated-arguments"]),
            (option(&["-Da=b", "c", "*.jar", "M", "*.jar", "", "M"]), &["split-arguments", "repeated-arguments"]),
        ] {
            assert_eq!(why(&given, NONE, &script, &profile), classes, "{script:?}");
        }
    }

    #[test]
    fn arguments_that_are_missing_other_or_new_are_not_explained() {
        let given = ["/java", "-Da=b c", "*.jar", "", "M"];
        for (script, profile) in [
            (&["/java", "-Da=b", "c", "*.jar"][..], &given[..]),
            (&["/java", "-Da=b", "d", "*.jar", "M"], &given),
            (&["/java", "-X", "-Da=b", "c", "*.jar", "M"], &given),
            (&["/java", "-Da=b c", "a.class", "", "M"], &given),
            (&["/java", "-Da=b c", "*.jar", "", "M", "x"], &given),
            (&["/java", "-Da=b c", "*.jar", "", "M", "M", "x"], &given),
            (&["/other", "-Da=b c", "*.jar", "", "M"], &given),
            // What the profile itself adds is not split.
            (&["/java", "-X", "y", "-Da=b c", "*.jar", "", "M"], &["/java", "-X y", "-Da=b c", "*.jar", "", "M"]),
        ] {
            assert_eq!(why(&given, NONE, script, profile), [""; 0], "{script:?}");
        }
    }

    #[test]
    fn texts_replaced_inside_arguments_are_told_from_whole_ones() {
        let env: [&[&str]; 3] = [&["_HANDLER=a.B::h"], &["_HANDLER=N"], &["_HANDLER=N"]];
        let given = ["/java", "-Dx=a.B::h", "-Dy=-Xshare:on", "M"];
        let handler = ["/java", "-Dx=N", "-Dy=-Xshare:on", "M"];
        assert_eq!(why(&given, env, &handler, &given), ["replaced-inside-arguments"]);
        assert_eq!(why(&given, NONE, &handler, &given), [""; 0], "the handler stays");
        let share = ["/java", "-Dx=a.B::h", "-Dy=-Xshare:auto", "M"];
        assert_eq!(why(&given, NONE, &share, &given), ["replaced-inside-arguments"]);
        assert_eq!(why(&["/java", "-Xshare:on"], NONE, &["/java", "-Xshare:auto"], &["/java", "-Xshare:on"]), [""; 0]);
    }

    const MAIN: &str = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

    #[test]
    fn a_handler_that_stays_on_the_command_line_is_seen() {
        let env: [&[&str]; 3] = [&["_HANDLER=a.B::h"], &["_HANDLER=N"], &["_HANDLER=N"]];
        let (given, profile) = (["/java", MAIN, "a.B::h"], ["/java", MAIN, "N"]);
        assert_eq!(why(&given, env, &given, &profile), ["handler-not-replaced"]);
        assert_eq!(why(&given, [env[0], &["_HANDLER=O"], env[2]], &given, &profile), [""; 0]);
        assert_eq!(why(&given, env, &profile, &given), [""; 0], "the profile has not replaced it");
    }

    #[test]
    fn options_are_found_where_the_script_put_them() {
        let java = ["/java", "-cp", "x", MAIN, "h"];
        let profile = ["/java", "-X", "-Y", "-cp", "x", MAIN, "h"];
        assert_eq!(
            why(&java, NONE, &["/java", "-cp", "x", MAIN, "-X", "-Y", "h"], &profile),
            ["options-behind-script"]
        );
        assert_eq!(why(&java, NONE, &["/java", "-cp", "x", "-X", "-Y", MAIN, "h"], &profile), ["options-in-front"]);
        assert_eq!(why(&java, NONE, &["/java", "-cp", "x", "-Y", "-X", MAIN, "h"], &profile), [""; 0]);
        assert_eq!(why(&java, NONE, &["/java", "-cp", "x", "-X", MAIN, "h"], &profile), [""; 0]);
        let python = ["/python3", "/var/runtime/bootstrap.py", "x"];
        assert_eq!(
            why(&python, NONE, &["/python3", python[1], "-X", "x"], &["/python3", "-X", python[1], "x"]),
            ["options-behind-script"]
        );
        let dotnet = ["/dotnet", "exec", "/var/runtime/Amazon.Lambda.RuntimeSupport.dll", "h"];
        assert_eq!(
            why(
                &dotnet,
                NONE,
                &["/dotnet", "-X", "exec", "/var/runtime/Amazon.Lambda.RuntimeSupport.dll", "h"],
                &["/dotnet", "exec", "-X", "/var/runtime/Amazon.Lambda.RuntimeSupport.dll", "h"]
            ),
            ["options-before-exec"]
        );
    }

    #[test]
    fn options_that_stood_there_already_are_told_from_others() {
        let given = ["/java", "-X", "y", "-Z", MAIN, "h"];
        let twice = ["/java", "-X", "y", "-Z", MAIN, "-X", "y", "h"];
        assert_eq!(why(&given, NONE, &twice, &given), ["added-twice"]);
        assert_eq!(why(&given, NONE, &["/java", "-Z", "-X", "y", "-Z", MAIN, "h"], &given), ["added-twice"]);
        let fewer = ["/java", "-X", "y", MAIN, "h"];
        assert_eq!(why(&given, NONE, &given, &fewer), [""; 0], "the profile has removed it");
        for script in
            [["/java", "-X", "y", "-Z", MAIN, "-X", "h", "h"], ["/java", "-X", "y", "-Z", MAIN, "h", "-W", "y"]]
        {
            assert_eq!(why(&given, NONE, &script, &given), [""; 0], "{script:?}");
        }
    }

    #[test]
    fn an_interpreter_that_is_looked_for_is_the_same_by_name() {
        assert_eq!(why(&["/j/java", "M"], NONE, &["java", "M"], &["/j/java", "M"]), ["interpreter-by-path"]);
        assert_eq!(why(&["/j/java", "M"], NONE, &["jav", "M"], &["/j/java", "M"]), [""; 0]);
        assert_eq!(why(&["/j/java", "M"], NONE, &["/k/java", "M"], &["/j/java", "M"]), [""; 0]);
    }
}
