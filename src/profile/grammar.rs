//! The profile language as data: which keys each table has, what they hold, what they mean.
//!
//! The parser refuses what is not here and has an arm for all that is; the JSON Schema and the reference are made and
//! tested from the same tables.

/// A table of the language.
#[derive(Debug)]
pub struct Grammar {
    /// Its name in the JSON Schema.
    pub name: &'static str,
    /// How messages call it.
    pub label: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What it means, one sentence.
    pub doc: &'static str,
}

/// What a key holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string.
    Text,
    /// A string, number or boolean, taken as text.
    Scalar,
    /// A string or number to compare with.
    Compared,
    /// `true` only.
    Yes,
    /// A boolean.
    Flag,
    /// One of these strings.
    Word(&'static [&'static str]),
    /// One of these strings, or a list of them.
    Words(&'static [&'static str]),
    /// A string or a list of strings.
    Texts,
    /// A list of strings.
    List,
    /// A list of strings, the program first.
    Program,
    /// A scalar or `{ first_existing = […] }`.
    Value,
    /// A string, a list of strings or `{ first_existing = […] }`.
    Items,
    /// A table from names of one's own to scalars.
    Pairs,
    /// A table from names of one's own to strings.
    Renames,
    /// A table of the language.
    Table(&'static Grammar),
    /// A list of tables of the language.
    Tables(&'static Grammar),
    /// A table from names of one's own to tables of the language, or to a scalar, which means `set`.
    Edits(&'static Grammar),
    /// A table from names of one's own to tables of the language, or to a scalar or list of scalars to compare with.
    Tests(&'static Grammar),
    /// A table from the names of families to tables of the language.
    Families(&'static Grammar),
}

const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, doc }
}

/// The initialization types (docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
pub const INIT_TYPES: &[&str] = &["on-demand", "provisioned-concurrency", "snap-start", "lambda-managed-instances"];
/// The families.
pub const FAMILIES: &[&str] = &["dotnet", "java", "nodejs", "provided", "python", "ruby"];

const WHEN_KEY: Key = key("when", Shape::Table(&WHEN), "Applies only when everything in this table holds.");
const INCLUDE: Key = key("include", Shape::List, "Applies other profiles here, by name or path.");
const ENV: Key = key("env", Shape::Edits(&EDIT), "Edits variables, one operation each.");
const ARGS_KEY: Key = key("args", Shape::Table(&ARGS), "Edits the runtime's argv.");
const HANDLER_KEY: Key = key("handler", Shape::Table(&HANDLER), "Redirects the function's handler.");
const LOG: Key = key("log", Shape::Text, "Writes an info line.");
const WARN: Key = key("warn", Shape::Text, "Writes a warning.");
const FAIL: Key = key("fail", Shape::Text, "Stops the start with this message.");

/// The top of a file, which is also its first rule.
pub static PROFILE: Grammar = Grammar {
    name: "profile",
    label: "the profile",
    keys: &[
        key("description", Shape::Text, "What the profile is for, one line."),
        key("forerun", Shape::Text, "The oldest forerun that understands the file, as in `\">=0.1\"`."),
        key("on_error", Shape::Word(&["stop", "continue"]), "What happens when the profile cannot be applied."),
        WHEN_KEY,
        INCLUDE,
        ENV,
        ARGS_KEY,
        HANDLER_KEY,
        LOG,
        WARN,
        FAIL,
        key("runtime", Shape::Families(&RULE), "A rule for one family of runtimes, run before `[[rules]]`."),
        key("rules", Shape::Tables(&RULE), "Rules, run one after the other."),
    ],
};

/// A rule.
pub static RULE: Grammar =
    Grammar { name: "rule", label: "a rule", keys: &[WHEN_KEY, INCLUDE, ENV, ARGS_KEY, HANDLER_KEY, LOG, WARN, FAIL] };

/// The edit of a variable.
pub static EDIT: Grammar = Grammar {
    name: "edit",
    label: "the edit of a variable",
    keys: &[
        key("set", Shape::Value, "Sets the variable."),
        key(
            "default",
            Shape::Value,
            "Sets it when it is unset or empty; beside a list operation: what that starts from.",
        ),
        key("unset", Shape::Yes, "Removes it."),
        key("prepend", Shape::Items, "Adds to the front of a list: raw text, or one verbatim element each."),
        key("append", Shape::Items, "Adds to the end of a list."),
        key("pairs", Shape::Pairs, "Gives these keys of a key=value list these values."),
        key("default_pairs", Shape::Pairs, "The same, but a key that is there keeps its value."),
        key("separator", Shape::Text, "Separates the elements of a variable that forerun does not know."),
        key("if_exists", Shape::Texts, "Does the rest only when this path, or one of these, exists."),
        key("lowercase", Shape::Yes, "Folds ASCII letters to lower case."),
    ],
};

/// In place of a value.
pub static FIRST_EXISTING: Grammar = Grammar {
    name: "first_existing",
    label: "a value",
    keys: &[key("first_existing", Shape::List, "The first of these paths that exists.")],
};

/// Edits of argv.
pub static ARGS: Grammar = Grammar {
    name: "args",
    label: "`args`",
    keys: &[
        key("options", Shape::List, "Options for the interpreter, behind argv[0]."),
        key("append", Shape::List, "Arguments for the end."),
        key("remove", Shape::List, "Drops the arguments that match one of these globs."),
        key("replace", Shape::Renames, "Exchanges whole arguments, all at once."),
        key("values", Shape::Edits(&FLAG), "Edits the values of flags."),
        key("through", Shape::Program, "Runs the runtime through another program."),
        key("command", Shape::Program, "Replaces the whole argv; `${0}` is the old interpreter, `${1..}` the rest."),
    ],
};

/// The edit of a flag's value.
pub static FLAG: Grammar = Grammar {
    name: "flag",
    label: "the edit of a flag",
    keys: &[
        key("set", Shape::Value, "Sets the flag's value; an absent flag is added."),
        key("unset", Shape::Yes, "Removes the flag and its value."),
        key("prepend", Shape::Items, "Adds to the front of the list that it holds."),
        key("append", Shape::Items, "Adds to the end of it."),
        key("separator", Shape::Text, "Separates its elements."),
    ],
};

/// The redirect of the handler.
pub static HANDLER: Grammar = Grammar {
    name: "handler",
    label: "`handler`",
    keys: &[
        key("redirect", Shape::Text, "The new handler."),
        key("original", Shape::Text, "The variable that keeps the old one."),
    ],
};

/// A condition.
pub static WHEN: Grammar = Grammar {
    name: "when",
    label: "a condition",
    keys: &[
        key("runtime", Shape::Texts, "The runtime: a family, an exact version or bounds."),
        key("arch", Shape::Words(&["x86_64", "arm64"]), "The processor architecture."),
        key("init", Shape::Words(INIT_TYPES), "The initialization type."),
        key("module", Shape::Words(&["esm", "commonjs"]), "How Node.js loads the handler's file."),
        key("env", Shape::Tests(&ENV_TEST), "Tests of variables."),
        key("exists", Shape::Texts, "This path, or one of these, exists."),
        key("not", Shape::Table(&WHEN), "This condition does not hold."),
        key("all", Shape::Tables(&WHEN), "All of these conditions hold."),
        key("any", Shape::Tables(&WHEN), "One of these conditions holds."),
    ],
};

/// A test of a variable.
pub static ENV_TEST: Grammar = Grammar {
    name: "env_test",
    label: "a test of a variable",
    keys: &[
        key("empty", Shape::Flag, "It is unset or empty, or it is not."),
        key("contains", Shape::Compared, "It has this text in it."),
        key("matches", Shape::Compared, "It matches this glob."),
    ],
};
