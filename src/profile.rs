//! Profiles: what a TOML file says, checked for form, before anything is known of the start it will meet.

pub mod address;
pub mod grammar;
pub mod lists;
mod parse;
mod section;
pub mod template;

pub use parse::{Parsed, parse};

use std::time::Duration;

use crate::problem::Span;
use crate::runtime::{Arch, Family, Version};
use lists::List;
use template::Template;

/// A profile in good form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What it is for, one line.
    pub description: Option<String>,
    /// Gates the whole profile.
    pub when: Option<When>,
    /// What happens when it cannot be applied.
    pub on_error: OnError,
    /// Its rules in the order in which they run: the top of the file, `[runtime.*]`, `[[rules]]`.
    pub rules: Vec<Rule>,
    /// Its companion processes.
    pub sidecars: Vec<Sidecar>,
    /// Soft limits of the runtime: the resource's name and its value.
    pub limits: Vec<(Spanned<&'static str>, Limit)>,
    /// Folders to make.
    pub directories: Vec<Spanned<Template>>,
    /// Whether the runtime is to hear SIGTERM; `None`: not said.
    pub graceful: Option<Spanned<bool>>,
}

/// What happens when a profile cannot be applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The start stops.
    #[default]
    Stop,
    /// A warning is written and the profile is left out whole.
    Continue,
}

impl OnError {
    /// `stop` or `continue`.
    pub fn named(name: &[u8]) -> Option<OnError> {
        match name {
            b"stop" => Some(OnError::Stop),
            b"continue" => Some(OnError::Continue),
            _ => None,
        }
    }
}

/// A rule: everything in it reads the start as it was when the rule began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The header of the rule, or the first key at the top of the file.
    pub span: Span,
    /// The family of a `[runtime.NAME]` rule.
    pub family: Option<Family>,
    /// Its condition.
    pub when: Option<When>,
    /// Profiles that apply here, before the rest of the rule.
    pub include: Vec<Spanned<Template>>,
    /// The handler redirect.
    pub handler: Option<Redirect>,
    /// Edits of variables, one each.
    pub env: Vec<Edit>,
    /// Edits of argv.
    pub args: Args,
    /// An info line.
    pub log: Option<Spanned<String>>,
    /// A warning.
    pub warn: Option<Spanned<String>>,
    /// A reason to stop.
    pub fail: Option<Spanned<String>>,
}

/// A companion process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    /// Where it stands.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// The program and its arguments.
    pub command: Spanned<Vec<Template>>,
    /// Its condition.
    pub when: Option<When>,
    /// Edits of its environment.
    pub env: Vec<Edit>,
    /// The variables that it inherits; `None`: all but those that are held back.
    pub inherit: Option<Vec<Vec<u8>>>,
    /// Where it runs.
    pub working_directory: Option<Spanned<Template>>,
    /// Its failure stops the start.
    pub required: bool,
    /// Whether it is started again.
    pub restart: Restart,
    /// Its output.
    pub log: Log<Spanned<Template>>,
    /// The time from SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
    /// It inherits the function's credentials.
    pub credentials: bool,
    /// What the start waits for.
    pub ready: Option<Ready>,
}

/// Whether a sidecar is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// It is not.
    #[default]
    Never,
    /// After it ended with another status than 0 or by a signal.
    OnFailure,
}

/// Where a sidecar's output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Log<Path> {
    /// To the runtime's.
    Inherit,
    /// Nowhere.
    Null,
    /// To the end of a file.
    File(Path),
}

/// What the start waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// What shows that the sidecar is ready.
    pub target: Spanned<Target<Template>>,
    /// How long it is waited for.
    pub timeout: Duration,
}

/// What shows that a sidecar is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<Text> {
    /// It says so itself: sd_notify(3).
    Notify,
    /// A Unix socket accepts connections.
    Unix(Text),
    /// A path exists.
    File(Text),
    /// A URL answers.
    Http(Text),
    /// A port accepts connections.
    Tcp(Text),
}

/// A soft limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// This number.
    To(u64),
    /// As much as the hard limit allows.
    Hard,
    /// None.
    Unlimited,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// Where.
    pub span: Span,
    /// What.
    pub value: T,
}

/// `handler.redirect` and `handler.original`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Where `redirect` stands.
    pub span: Span,
    /// The new handler.
    pub to: Template,
    /// The variable that keeps the old one.
    pub original: Vec<u8>,
}

/// An edit of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where its key stands.
    pub span: Span,
    /// The variable.
    pub name: Vec<u8>,
    /// The edit happens when one of these paths exists; no paths: always.
    pub if_exists: Vec<Template>,
    /// What happens.
    pub operation: Operation,
    /// The outcome is folded to lower case.
    pub lowercase: bool,
}

/// What an edit does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing but what `lowercase` does.
    Keep,
    /// Set.
    Set(Value),
    /// Set when unset or empty.
    Default(Value),
    /// Remove.
    Unset,
    /// Add to a list.
    Extend {
        /// The value to start from when the variable is unset or empty.
        base: Option<Value>,
        /// What to add, where.
        extend: Extend,
    },
    /// Add pairs to a list of pairs.
    Pairs {
        /// The value to start from when the variable is unset or empty.
        base: Option<Value>,
        /// The pairs in the order written.
        pairs: Vec<(Vec<u8>, Template)>,
        /// A key that is already there keeps its value.
        keep: bool,
        /// What the variable holds.
        list: List,
    },
}

/// Elements for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extend {
    /// At the front or at the end.
    pub place: Place,
    /// Which.
    pub items: Items,
    /// What the variable holds.
    pub list: List,
}

/// The end of a list at which something is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `prepend`
    Front,
    /// `append`
    End,
}

/// What is added to a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Items {
    /// A string: raw text in the variable's own syntax.
    Raw(Template),
    /// An array: one verbatim element each.
    Elements(Vec<Template>),
    /// The first path that exists.
    FirstExisting(Vec<Template>),
}

/// A single value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Template),
    /// The first path that exists.
    FirstExisting(Vec<Template>),
}

/// Edits of argv, in the order in which they are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// Globs of arguments to drop.
    pub remove: Vec<Spanned<Template>>,
    /// Whole arguments to exchange.
    pub replace: Vec<(Spanned<Template>, Template)>,
    /// Values of flags to edit.
    pub values: Vec<FlagEdit>,
    /// Options for the interpreter.
    pub options: Vec<Spanned<Template>>,
    /// Arguments for the end.
    pub append: Vec<Spanned<Template>>,
    /// A new argv.
    pub command: Option<Spanned<Vec<Template>>>,
    /// A program to run the runtime through.
    pub through: Option<Spanned<Vec<Template>>>,
}

/// An edit of a flag's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagEdit {
    /// Where the flag's key stands.
    pub span: Span,
    /// The flag, dashes included.
    pub flag: Vec<u8>,
    /// What happens to its value.
    pub operation: FlagOperation,
}

/// What happens to a flag's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlagOperation {
    /// Set; an absent flag is added.
    Set(Value),
    /// Remove the flag and its value.
    Unset,
    /// Add to the list that it holds.
    Extend(Extend),
}

/// A condition: everything in it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// Where it stands.
    pub span: Span,
    /// Any of these runtimes; none: any runtime.
    pub runtime: Vec<RuntimeTest>,
    /// Any of these architectures.
    pub arch: Vec<Arch>,
    /// Any of these initialization types.
    pub init: Vec<String>,
    /// Any of these module kinds of a Node.js handler.
    pub module: Vec<Module>,
    /// Tests of variables.
    pub env: Vec<(Vec<u8>, Vec<EnvTest>)>,
    /// One of these paths exists.
    pub exists: Vec<Template>,
    /// These do not hold.
    pub not: Option<Box<When>>,
    /// All of these hold.
    pub all: Vec<When>,
    /// One of these holds; `None`: not asked.
    pub any: Option<Vec<When>>,
}

/// A test of the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeTest {
    /// The family.
    pub family: Family,
    /// Bounds on its version, all to be kept.
    pub bounds: Vec<(Bound, Version)>,
}

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Equal in every number that is written.
    Exactly,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// How Node.js loads the handler's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// As an ES module.
    Esm,
    /// As a CommonJS module.
    CommonJs,
}

/// A test of a variable; an unset one is read as empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvTest {
    /// Equal to one of these.
    OneOf(Vec<Template>),
    /// `1`, `t`, `true`, `y`, `yes`, `on` in any case, or none of them.
    Truthy(bool),
    /// Unset or empty, or not.
    Empty(bool),
    /// Has this in it.
    Contains(Template),
    /// Matches this glob.
    Matches(Template),
}
