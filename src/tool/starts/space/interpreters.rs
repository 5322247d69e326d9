//! Variables that the interpreters of wrapper scripts go by: which ones never differ, and how the value of the others
//! is made so that the script still runs.

use crate::profile::lists::{Kind, List, Quoting};

/// The `PATH` of Lambda's images.
pub(super) const PATH: &[u8] = b"/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin";

/// Set or read by a shell, the dynamic linker or Python for themselves (bash(1) "Shell Variables", ld.so(8),
/// python(1) "ENVIRONMENT VARIABLES"): with a value of ours the script would not be what is tried any more.
const INTERNAL: [&str; 71] = [
    "AWS_LAMBDA_EXEC_WRAPPER",
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "BASH_ENV",
    "BASH_REMATCH",
    "BASH_SOURCE",
    "BASH_VERSION",
    "CDPATH",
    "COLUMNS",
    "DIRSTACK",
    "ENV",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GLOBIGNORE",
    "GROUPS",
    "HISTFILE",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "LANG",
    "LANGUAGE",
    "LD_DEBUG",
    "LD_TRACE_LOADED_OBJECTS",
    "LINENO",
    "LINES",
    "MACHTYPE",
    "MAPFILE",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PERL5DB",
    "PIPESTATUS",
    "POSIXLY_CORRECT",
    "PPID",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PWD",
    "PYTHONASYNCIODEBUG",
    "PYTHONCASEOK",
    "PYTHONCOERCECLOCALE",
    "PYTHONDEBUG",
    "PYTHONDEVMODE",
    "PYTHONDUMPREFS",
    "PYTHONEXECUTABLE",
    "PYTHONHASHSEED",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONINTMAXSTRDIGITS",
    "PYTHONIOENCODING",
    "PYTHONMALLOC",
    "PYTHONPLATLIBDIR",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONSTARTUP",
    "PYTHONTRACEMALLOC",
    "PYTHONUTF8",
    "PYTHONVERBOSE",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "TMOUT",
    "UID",
];

/// Whether a variable never differs.
pub(in crate::tool) fn is_internal(name: &[u8]) -> bool {
    name == b"_"
        || [&b"BASH_FUNC_"[..], b"BASH_ARG", b"COMP_", b"LC_"].iter().any(|prefix| name.starts_with(prefix))
        || INTERNAL.iter().any(|internal| internal.as_bytes() == name)
}

/// How a text becomes a value that the interpreters understand.
pub(super) enum Dress {
    /// It is the value.
    Plain,
    /// It stands behind this: a path that is not there, a key.
    Behind(Vec<u8>),
    /// It is an entry before the usual ones.
    Path,
    /// It is the value of an option that means nothing to the function.
    Option(Quoting),
}

impl Dress {
    /// The dress of a variable that may be a list.
    pub(super) fn of(name: &[u8], list: Option<&List>) -> Dress {
        match (name, list.map(|list| list.kind)) {
            (b"PATH", _) => Dress::Path,
            (b"LD_PRELOAD" | b"LD_AUDIT", _) | (_, Some(Kind::Elements { absolute: true })) => {
                Dress::Behind(b"/nowhere/".to_vec())
            }
            (b"PYTHONWARNINGS", _) => Dress::Behind(b"ignore:".to_vec()),
            (_, Some(Kind::Pairs { assign, .. })) => Dress::Behind([b"made.up", &[assign][..]].concat()),
            (_, Some(Kind::Options(quoting))) => Dress::Option(quoting),
            (_, Some(Kind::Elements { absolute: false }) | None) => Dress::Plain,
        }
    }

    /// An element with this text in it.
    pub(super) fn element(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Dress::Plain => text.to_vec(),
            Dress::Behind(before) => [before, text].concat(),
            Dress::Path => [b"/nowhere/", text].concat(),
            // `node --help`: a title may be any text, and is allowed in NODE_OPTIONS.
            Dress::Option(Quoting::Node) => {
                let escaped = text.iter().flat_map(|&byte| match byte {
                    b'"' | b'\\' => vec![b'\\', byte],
                    _ => vec![byte],
                });
                [b"--title=\"".to_vec(), escaped.collect(), b"\"".to_vec()].concat()
            }
            Dress::Option(Quoting::Jvm) => {
                let inner = text.iter().copied().filter(|&byte| byte != b'"').collect();
                [b"-Dmade.up=\"".to_vec(), inner, b"\"".to_vec()].concat()
            }
            // Ruby and Perl: each word is an option of its own.
            Dress::Option(Quoting::None) => {
                let mut value = Vec::new();
                let mut before = b' ';
                for &byte in text {
                    if before.is_ascii_whitespace() && !byte.is_ascii_whitespace() {
                        value.extend_from_slice(b"-I/nowhere/");
                    }
                    value.push(byte);
                    before = byte;
                }
                value
            }
        }
    }

    /// The whole value, when this is the list in it.
    pub(super) fn value(&self, list: &[u8]) -> Vec<u8> {
        match self {
            // Without it nothing is found, `env` in `#!/usr/bin/env bash` to begin with.
            Dress::Path => [list, b":", PATH].concat(),
            _ => list.to_vec(),
        }
    }
}
