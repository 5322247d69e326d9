//! The lints as data: code, name, level and what they find. docs/lints.md has a section for each.

use std::fmt;

/// A lint. Its number is its code: `FR510`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub(in crate::tool) enum Lint {
    UnknownName = 501,
    NodeOptionRefused = 510,
    JvmOptionOnlyInArgv = 511,
    AgentAttachedTwice = 512,
    TwoClrProfilers = 513,
    OptionOverridden = 514,
    TwoGarbageCollectors = 515,
    ProxyReplaced = 516,
    ReservedVariable = 520,
    CredentialVariable = 521,
    ForerunVariable = 522,
    VariableNobodyReads = 523,
    ListOverwritten = 524,
    SeveralWordsInOne = 530,
    QuotesInElement = 531,
    ShellSyntax = 532,
    HandlerInEnv = 540,
    OptionBehindHandler = 541,
    RuleNeverHolds = 550,
    EditUndone = 551,
    DefaultWithoutEffect = 552,
    ReadsOldValue = 553,
    EnvBelowRules = 554,
    SidecarTargetTwice = 560,
    SidecarVariableUnset = 561,
    ReadyTimeoutTooLong = 562,
    SidecarIsExtension = 563,
    FolderNotWritable = 564,
    FolderMissing = 565,
    GracefulWithoutEffect = 566,
    NotInLayer = 580,
    NotExecutable = 581,
    NotAProgram = 582,
    OtherArchitecture = 583,
    LibraryMissing = 584,
    InterpreterMissing = 585,
    TooManyExtensions = 586,
    WrapperNotExecutable = 587,
    GuardNotInLayer = 588,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tool) enum Level {
    /// The runtime would not start, or something would surely go wrong.
    Error,
    /// Most likely not what was meant.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// The word in messages.
    pub(in crate::tool) fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub(in crate::tool) struct Row {
    pub(in crate::tool) lint: Lint,
    /// What `allow` calls it.
    pub(in crate::tool) name: &'static str,
    pub(in crate::tool) level: Level,
    /// What it finds, one line.
    pub(in crate::tool) summary: &'static str,
}

const fn row(lint: Lint, name: &'static str, level: Level, summary: &'static str) -> Row {
    Row { lint, name, level, summary }
}

use Level::{Error, Note, Warning};

/// All lints, in the order of their codes.
pub(in crate::tool) static TABLE: [Row; 39] = [
    row(Lint::UnknownName, "unknown-lint", Warning, "`allow` names a lint that does not exist"),
    row(Lint::NodeOptionRefused, "node-option-refused", Error, "Node.js refuses the option in NODE_OPTIONS"),
    row(Lint::JvmOptionOnlyInArgv, "jvm-option-only-in-argv", Error, "the JVM takes the option from argv only"),
    row(Lint::AgentAttachedTwice, "agent-attached-twice", Error, "the same `-javaagent` is attached twice"),
    row(Lint::TwoClrProfilers, "two-clr-profilers", Error, "two CLR profilers, and .NET loads one"),
    row(Lint::OptionOverridden, "option-overridden", Warning, "the runtime's own argv overrides the option"),
    row(Lint::TwoGarbageCollectors, "two-garbage-collectors", Error, "two garbage collectors, and the JVM takes one"),
    row(Lint::ProxyReplaced, "proxy-replaced", Warning, "a proxy of the Runtime API takes another's place"),
    row(Lint::ReservedVariable, "reserved-variable", Warning, "the variable is Lambda's own"),
    row(Lint::CredentialVariable, "credential-variable", Error, "credentials are set in a profile"),
    row(Lint::ForerunVariable, "forerun-variable", Warning, "forerun has read the variable before any profile"),
    row(Lint::VariableNobodyReads, "variable-nobody-reads", Warning, "a name much like one that a runtime reads"),
    row(Lint::ListOverwritten, "list-overwritten", Warning, "what others put into a list variable is lost"),
    row(Lint::SeveralWordsInOne, "several-words-in-one", Warning, "several arguments in one string"),
    row(Lint::QuotesInElement, "quotes-in-element", Warning, "quotes that become part of the value"),
    row(Lint::ShellSyntax, "shell-syntax", Warning, "syntax of a shell, and there is none"),
    row(Lint::HandlerInEnv, "handler-in-env", Warning, "`_HANDLER` is set where the handler is read from argv"),
    row(Lint::OptionBehindHandler, "option-behind-handler", Warning, "an option where the interpreter takes none"),
    row(Lint::RuleNeverHolds, "rule-never-holds", Warning, "a condition that can never hold"),
    row(Lint::EditUndone, "edit-undone", Warning, "a later rule undoes the edit"),
    row(Lint::DefaultWithoutEffect, "default-without-effect", Warning, "a `default` that never takes effect"),
    row(Lint::ReadsOldValue, "reads-old-value", Warning, "`${X}` in the rule that sets X reads the old value"),
    row(Lint::EnvBelowRules, "env-below-rules", Warning, "`[env]` is below `[[rules]]` and applies first"),
    row(Lint::SidecarTargetTwice, "sidecar-target-twice", Error, "two sidecars at one port, socket or file"),
    row(Lint::SidecarVariableUnset, "sidecar-variable-unset", Warning, "nobody sets the variable of a sidecar"),
    row(Lint::ReadyTimeoutTooLong, "ready-timeout-too-long", Warning, "longer than Lambda waits for the init phase"),
    row(Lint::SidecarIsExtension, "sidecar-is-extension", Warning, "Lambda starts the sidecar's program, too"),
    row(Lint::FolderNotWritable, "folder-not-writable", Warning, "only /tmp can be written to"),
    row(Lint::FolderMissing, "folder-missing", Warning, "nobody makes the folder"),
    row(Lint::GracefulWithoutEffect, "graceful-without-effect", Warning, "Python before 3.12 does not hear SIGTERM"),
    row(Lint::NotInLayer, "not-in-layer", Warning, "the path is not in the layer"),
    row(Lint::NotExecutable, "not-executable", Error, "the program is not executable"),
    row(Lint::NotAProgram, "not-a-program", Error, "the file cannot be run or loaded"),
    row(Lint::OtherArchitecture, "other-architecture", Error, "the file is for another architecture"),
    row(Lint::LibraryMissing, "library-missing", Warning, "linked against what the image lacks"),
    row(Lint::InterpreterMissing, "interpreter-missing", Error, "the program's interpreter is not in the image"),
    row(Lint::TooManyExtensions, "too-many-extensions", Error, "Lambda takes ten extensions"),
    row(Lint::WrapperNotExecutable, "wrapper-not-executable", Error, "the wrapper is not executable in the layer"),
    row(Lint::GuardNotInLayer, "guard-not-in-layer", Note, "the path of `if_exists` is not in the layer"),
];

impl Lint {
    /// Its row.
    pub(in crate::tool) fn row(self) -> &'static Row {
        let at = TABLE.binary_search_by_key(&self, |row| row.lint);
        // A test holds that every lint has a row.
        &TABLE[at.unwrap_or(0)]
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FR{}", *self as u16)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_names_are_distinct_and_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].lint < pair[1].lint));
        let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), TABLE.len());
        for name in names {
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
        }
        assert!(TABLE.iter().all(|row| std::ptr::eq(row.lint.row(), row)));
    }
}
