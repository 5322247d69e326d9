//! The reasons for a difference that are known by name: what scripts do wrong, and what forerun does otherwise on purpose.
//! docs/compare.md says what each means for a function; a test keeps the two the same.

/// Why a difference is none of the profile's mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tool) enum Class {
    SplitArguments,
    ExpandedArguments,
    RepeatedArguments,
    RereadArguments,
    OptionsBehindScript,
    OptionsBeforeExec,
    ReplacedInsideArguments,
    HandlerNotReplaced,
    HandlerLost,
    InterpreterByPath,
    EmptyElement,
    StraySpace,
    AddedTwice,
    PairWithoutValue,
    RepeatedKey,
    NotEncoded,
    SubstringTest,
    HidesSitePackages,
    EchoedValue,
    RereadValue,
    BooleanSpelling,
    NeedsExecutionEnv,
    UnquotedTest,
    ShellError,
    ScriptError,
    RuntimeIsChild,
    LostSignal,
    LostStatus,
    HelperPrograms,
    IgnoredSignals,
    RuntimeNotStarted,
    PrintsValues,
    OwnWords,
    OwnStatus,
    OptionsInFront,
    OrderOfPairs,
    RelativePath,
    EmptyVariable,
    HandlerOfArgv,
    NoHandler,
    Supervised,
    ChangesEveryRun,
    ValueKept,
    ArgumentsKept,
    LineLeftOut,
}

/// Whose doing a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tool) enum Kind {
    /// The script is wrong here.
    Defect,
    /// Neither is wrong: forerun does it otherwise, and says so in its documentation.
    Otherwise,
    /// Somebody has to decide which is right: it is a reason only for those who say so (`--accept`).
    Choice,
}

/// What is said of a class.
pub(in crate::tool) struct Facts {
    /// What `--json` and docs/compare.md call it; stays the same from release to release.
    pub(in crate::tool) id: &'static str,
    pub(in crate::tool) kind: Kind,
    /// One sentence, lower case, no full stop.
    pub(in crate::tool) about: &'static str,
}

impl Class {
    /// Every class, defects first.
    pub(in crate::tool) const ALL: [Class; 45] = [
        Class::SplitArguments,
        Class::ExpandedArguments,
        Class::RepeatedArguments,
        Class::RereadArguments,
        Class::OptionsBehindScript,
        Class::OptionsBeforeExec,
        Class::ReplacedInsideArguments,
        Class::HandlerNotReplaced,
        Class::HandlerLost,
        Class::InterpreterByPath,
        Class::EmptyElement,
        Class::StraySpace,
        Class::AddedTwice,
        Class::PairWithoutValue,
        Class::RepeatedKey,
        Class::NotEncoded,
        Class::SubstringTest,
        Class::HidesSitePackages,
        Class::EchoedValue,
        Class::RereadValue,
        Class::BooleanSpelling,
        Class::NeedsExecutionEnv,
        Class::UnquotedTest,
        Class::ShellError,
        Class::ScriptError,
        Class::RuntimeIsChild,
        Class::LostSignal,
        Class::LostStatus,
        Class::HelperPrograms,
        Class::IgnoredSignals,
        Class::RuntimeNotStarted,
        Class::PrintsValues,
        Class::OwnWords,
        Class::OwnStatus,
        Class::OptionsInFront,
        Class::OrderOfPairs,
        Class::RelativePath,
        Class::EmptyVariable,
        Class::HandlerOfArgv,
        Class::NoHandler,
        Class::Supervised,
        Class::ChangesEveryRun,
        Class::ValueKept,
        Class::ArgumentsKept,
        Class::LineLeftOut,
    ];

    /// What is said of it.
    pub(in crate::tool) fn facts(self) -> Facts {
        use Kind::{Choice, Defect, Otherwise};
        let (id, kind, about) = match self {
            Class::SplitArguments => {
                ("split-arguments", Defect, "arguments of the runtime are split at white space, and empty ones vanish")
            }
            Class::ExpandedArguments => {
                ("expanded-arguments", Defect, "arguments of the runtime are taken for file patterns and expanded")
            }
            Class::RepeatedArguments => ("repeated-arguments", Defect, "the runtime gets its arguments twice"),
            Class::RereadArguments => (
                "reread-arguments",
                Defect,
                "arguments are read as program text once more: quotes, `$`, `;` and the like take effect",
            ),
            Class::OptionsBehindScript => (
                "options-behind-script",
                Defect,
                "options stand behind the runtime's script or main class, where they are arguments of the function",
            ),
            Class::OptionsBeforeExec => {
                ("options-before-exec", Defect, "options stand between `dotnet` and `exec`, which has to come first")
            }
            Class::ReplacedInsideArguments => {
                ("replaced-inside-arguments", Defect, "a text is replaced inside of other arguments as well")
            }
            Class::HandlerNotReplaced => (
                "handler-not-replaced",
                Defect,
                "the handler on the command line stays, so that the redirect has no effect",
            ),
            Class::HandlerLost => (
                "handler-lost",
                Defect,
                "a handler that is redirected already is redirected to itself, and the function's own is lost",
            ),
            Class::InterpreterByPath => (
                "interpreter-by-path",
                Defect,
                "the interpreter is looked for along PATH, which may find another one than was given",
            ),
            Class::EmptyElement => (
                "empty-element",
                Defect,
                "a list has an empty element: a separator too many in front, at the end or inside",
            ),
            Class::StraySpace => ("stray-space", Defect, "a list of options has spaces too many, which do no harm"),
            Class::AddedTwice => ("added-twice", Defect, "what is in a list already is added once more"),
            Class::PairWithoutValue => {
                ("pair-without-value", Defect, "a list of pairs has a key without a value, as its variable was not set")
            }
            Class::RepeatedKey => ("repeated-key", Defect, "a list of pairs has the same key twice"),
            Class::NotEncoded => ("not-encoded", Defect, "a value in a list of pairs is not percent-encoded"),
            Class::SubstringTest => {
                ("substring-test", Defect, "something is not added since its text is found inside of something else")
            }
            Class::HidesSitePackages => (
                "hides-site-packages",
                Defect,
                "setting PYTHONPATH keeps the runtime from adding the packages of layers",
            ),
            Class::EchoedValue => (
                "echoed-value",
                Defect,
                "a value loses white space, line ends or all of it on its way through `echo` or `$(…)`",
            ),
            Class::RereadValue => {
                ("reread-value", Defect, "special characters in the value of a variable change what the script does")
            }
            Class::BooleanSpelling => {
                ("boolean-spelling", Defect, "a switch is only understood in one spelling: `True` or `1` is not `true`")
            }
            Class::NeedsExecutionEnv => (
                "needs-execution-env",
                Defect,
                "the script takes the runtime from AWS_EXECUTION_ENV, which is missing or wrong in images",
            ),
            Class::UnquotedTest => (
                "unquoted-test",
                Defect,
                "a test of the script breaks on a value with spaces, or on an empty one, since it is not quoted",
            ),
            Class::ShellError => ("shell-error", Defect, "the shell finds an error in the script"),
            Class::ScriptError => ("script-error", Defect, "the script ends with an error that it does not catch"),
            Class::RuntimeIsChild => (
                "runtime-is-child",
                Defect,
                "the runtime is a child of the script, which stays as a process between it and Lambda",
            ),
            Class::LostSignal => ("lost-signal", Defect, "the SIGTERM that Lambda sends does not reach the runtime"),
            Class::LostStatus => ("lost-status", Defect, "the exit status of the runtime is lost"),
            Class::HelperPrograms => {
                ("helper-programs", Defect, "the script starts programs on its way, which every cold start pays for")
            }
            Class::IgnoredSignals => (
                "ignored-signals",
                Defect,
                "the script's interpreter leaves signals ignored that the runtime should get",
            ),
            Class::RuntimeNotStarted => {
                ("runtime-not-started", Defect, "the script breaks off or ends, and no runtime is started")
            }
            Class::PrintsValues => {
                ("prints-values", Defect, "the script prints the value of a variable or an argument into the log")
            }
            Class::OwnWords => ("own-words", Otherwise, "the same event, told in forerun's words"),
            Class::OwnStatus => ("own-status", Otherwise, "both stop the start, each with an exit status of its own"),
            Class::OptionsInFront => (
                "options-in-front",
                Otherwise,
                "forerun puts options directly behind the interpreter, in front of the runtime's own",
            ),
            Class::OrderOfPairs => ("order-of-pairs", Otherwise, "the same pairs stand in another order"),
            Class::RelativePath => {
                ("relative-path", Otherwise, "a variable makes a path relative, and forerun stops rather than use it")
            }
            Class::EmptyVariable => {
                ("empty-variable", Otherwise, "a variable is set to nothing, where forerun leaves it unset")
            }
            Class::HandlerOfArgv => (
                "handler-of-argv",
                Otherwise,
                "forerun takes the handler from the command line, which is where the runtime takes it from",
            ),
            Class::NoHandler => {
                ("no-handler", Otherwise, "there is no handler to redirect: forerun warns and changes nothing")
            }
            Class::Supervised => {
                ("supervised", Otherwise, "both start programs beside the runtime; forerun's own two watch over them")
            }
            Class::ChangesEveryRun => (
                "changes-every-run",
                Otherwise,
                "the script itself gives another value each time, such as the time or a process id",
            ),
            Class::ValueKept => {
                ("value-kept", Choice, "the profile keeps the user's value of a variable, and the script overwrites it")
            }
            Class::ArgumentsKept => {
                ("arguments-kept", Choice, "the profile keeps arguments of the runtime that the script drops")
            }
            Class::LineLeftOut => {
                ("line-left-out", Choice, "the profile does not write a line that the script writes into the log")
            }
        };
        Facts { id, kind, about }
    }

    /// What `--json` and docs/compare.md call it.
    pub(in crate::tool) fn id(self) -> &'static str {
        self.facts().id
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_page_has_every_class_with_its_id() {
        let page = include_str!("../../../docs/compare.md");
        for kind in [Kind::Defect, Kind::Otherwise, Kind::Choice] {
            let heading = match kind {
                Kind::Defect => "\n## What scripts do wrong\n",
                Kind::Otherwise => "\n## What forerun does otherwise\n",
                Kind::Choice => "\n## What you decide\n",
            };
            let section = page.split(heading).nth(1).expect(heading).split("\n## ").next().unwrap_or_default();
            let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
            let classes = Class::ALL.into_iter().filter(|class| class.facts().kind == kind).map(Class::id);
            assert_eq!(rows.collect::<Vec<_>>(), classes.collect::<Vec<_>>());
        }
    }

    #[test]
    fn classes_are_distinct_sorted_and_told_in_one_sentence() {
        assert!(Class::ALL.is_sorted() && Class::ALL.windows(2).all(|pair| pair[0] != pair[1]));
        let ids: BTreeSet<_> = Class::ALL.map(Class::id).into();
        assert_eq!(ids.len(), Class::ALL.len());
        assert!(Class::ALL.map(|class| class.facts().kind).is_sorted(), "defects first");
        for class in Class::ALL {
            let about = class.facts().about;
            assert!(about.starts_with(|first: char| first.is_lowercase()) && !about.ends_with('.'), "{about}");
        }
    }
}
