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
    /// `true`, or a list of strings.
    YesOrList,
    /// A duration: a whole number of `ms` or `s`.
    Duration,
    /// A whole number, or one of these strings.
    Number(&'static [&'static str]),
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
        key("allow", Shape::Texts, "Lints of `forerun check` that are not to speak of this file."),
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
        key("sidecars", Shape::Tables(&SIDECAR), "Companion processes, started before the runtime."),
        key("limits", Shape::Table(&LIMITS), "Soft resource limits of the runtime (setrlimit(2))."),
        key("process", Shape::Table(&PROCESS), "What the runtime finds when it starts."),
        key("shutdown", Shape::Table(&SHUTDOWN), "How the runtime is told of its end."),
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

/// A companion process.
pub static SIDECAR: Grammar = Grammar {
    name: "sidecar",
    label: "a sidecar",
    keys: &[
        key("name", Shape::Text, "Its name; a later profile's sidecar of the same name replaces it."),
        key("command", Shape::Program, "The program, by its absolute path, and its arguments."),
        key("when", Shape::Table(&WHEN), "Started only when everything in this table holds."),
        key("env", Shape::Edits(&EDIT), "Edits its own environment, one operation for each variable."),
        key("inherit_env", Shape::YesOrList, "What it inherits of the environment that Lambda gave."),
        key("working_directory", Shape::Text, "Its working directory, in place of the runtime's."),
        key("required", Shape::Flag, "Whether the start stops when it cannot be started or does not become ready."),
        key("restart", Shape::Word(&["never", "on-failure"]), "Whether it is started again after a failure."),
        key("log", Shape::Text, "Its output: `inherit`, `null` or the absolute path of a file to append to."),
        key("stop_timeout", Shape::Duration, "The time from SIGTERM to SIGKILL, at most `1s`."),
        key("credentials", Shape::Flag, "Whether it inherits the function's AWS credentials."),
        key("ready", Shape::Table(&READY), "What the start of the runtime waits for."),
    ],
};

/// How a sidecar tells that it is ready.
pub static READY: Grammar = Grammar {
    name: "ready",
    label: "`ready`",
    keys: &[
        key("notify", Shape::Yes, "It sends `READY=1` to the socket in `NOTIFY_SOCKET` (sd_notify(3))."),
        key("unix", Shape::Text, "It accepts connections on the Unix socket at this absolute path."),
        key("file", Shape::Text, "This absolute path comes into being."),
        key("http", Shape::Text, "This `http://` address answers with a status from 200 to 399."),
        key("tcp", Shape::Text, "It accepts connections on this `address:port`."),
        key("timeout", Shape::Duration, "How long the runtime waits at most, `1s` when absent, at most `60s`."),
    ],
};

const LIMIT: Shape = Shape::Number(&["hard", "unlimited"]);

/// Soft resource limits of the runtime.
pub static LIMITS: Grammar = Grammar {
    name: "limits",
    label: "`limits`",
    keys: &[
        key("as", LIMIT, "Size of the address space, in bytes."),
        key("core", LIMIT, "Size of a core file, in bytes."),
        key("cpu", LIMIT, "Processor time, in seconds."),
        key("data", LIMIT, "Size of the data segment, in bytes."),
        key("fsize", LIMIT, "Size of a file that is written, in bytes."),
        key("memlock", LIMIT, "Locked memory, in bytes."),
        key("msgqueue", LIMIT, "Size of the user's POSIX message queues, in bytes."),
        key("nice", LIMIT, "20 less the lowest nice value that may be set."),
        key("nofile", LIMIT, "Number of open files, plus one."),
        key("nproc", LIMIT, "Number of processes and threads of the user."),
        key("rtprio", LIMIT, "Highest real-time priority that may be set."),
        key("rttime", LIMIT, "Processor time without a blocking call under real-time scheduling, in microseconds."),
        key("sigpending", LIMIT, "Number of signals that may be queued."),
        key("stack", LIMIT, "Size of the main thread's stack, in bytes."),
    ],
};

/// What the runtime finds when it starts.
pub static PROCESS: Grammar = Grammar {
    name: "process",
    label: "`process`",
    keys: &[key("directories", Shape::List, "Folders that are made, with those above them, before the start.")],
};

/// How the runtime is told of its end.
pub static SHUTDOWN: Grammar = Grammar {
    name: "shutdown",
    label: "`shutdown`",
    keys: &[key("graceful", Shape::Flag, "Whether Lambda sends SIGTERM to the runtime before it ends it.")],
};
