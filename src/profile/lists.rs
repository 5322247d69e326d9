//! Variables that hold lists: how their elements are separated, quoted and told apart.
//!
//! The sources: Node's `ParseNodeOptionsEnvVar` (nodejs.org/api/cli.html#node_optionsoptions), the JVM's
//! `parse_options_buffer` (docs.oracle.com: "JDK_JAVA_OPTIONS" and "JAVA_TOOL_OPTIONS"), ruby(1) for RUBYOPT, ld.so(8),
//! the OpenTelemetry specification ("OTEL_RESOURCE_ATTRIBUTES") and Datadog's page on DD_TAGS.

/// How a variable's value is a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// What stands between two elements.
    pub separator: Vec<u8>,
    /// What an element is.
    pub kind: Kind,
}

/// What the elements of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words that mean the same wherever they stand: no element twice, none empty.
    Elements {
        /// Each is the path of a folder or file, so a relative one would mean the working directory.
        absolute: bool,
    },
    /// Command-line options: order and repetition count, the user's bytes are kept.
    Options(Quoting),
    /// `key=value` pairs.
    Pairs {
        /// Between key and value.
        assign: u8,
        /// Values are percent-encoded as in a W3C Baggage header.
        encoded: bool,
    },
}

/// How an option with a space in it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Space is the only separator; double quotes anywhere, a backslash escapes inside them.
    Node,
    /// Any ASCII white space separates; `'` or `"` anywhere, no escapes.
    Jvm,
    /// White space separates and nothing can be quoted.
    None,
}

const PATHS: Kind = Kind::Elements { absolute: true };
const WORDS: Kind = Kind::Elements { absolute: false };
const PAIRS: Kind = Kind::Pairs { assign: b'=', encoded: false };
const OTEL_PAIRS: Kind = Kind::Pairs { assign: b'=', encoded: true };
const TAGS: Kind = Kind::Pairs { assign: b':', encoded: false };
const JVM: Kind = Kind::Options(Quoting::Jvm);
const PLAIN: Kind = Kind::Options(Quoting::None);

/// The list variables that forerun knows, in the order of their names.
pub const KNOWN: [(&str, &str, Kind); 52] = [
    ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", ";", WORDS),
    ("BUNDLE_WITHOUT", ":", WORDS),
    ("CLASSPATH", ":", PATHS),
    ("DD_DISABLED_INTEGRATIONS", ",", WORDS),
    ("DD_SERVICE_MAPPING", ",", TAGS),
    ("DD_TAGS", ",", TAGS),
    ("DD_TRACE_DISABLED_PLUGINS", ",", WORDS),
    ("DD_TRACE_HEADER_TAGS", ",", TAGS),
    ("DOTNET_ADDITIONAL_DEPS", ":", PATHS),
    ("DOTNET_SHARED_STORE", ":", PATHS),
    ("DOTNET_STARTUP_HOOKS", ":", WORDS),
    ("GEM_PATH", ":", PATHS),
    ("JAVA_TOOL_OPTIONS", " ", JVM),
    ("JDK_JAVA_OPTIONS", " ", JVM),
    ("LD_AUDIT", ":", WORDS),
    ("LD_LIBRARY_PATH", ":", PATHS),
    ("LD_PRELOAD", ":", WORDS),
    ("NODE_OPTIONS", " ", Kind::Options(Quoting::Node)),
    ("NODE_PATH", ":", PATHS),
    ("NO_PROXY", ",", WORDS),
    ("OTEL_DOTNET_AUTO_PLUGINS", ":", WORDS),
    ("OTEL_DOTNET_AUTO_TRACES_ADDITIONAL_SOURCES", ",", WORDS),
    ("OTEL_EXPORTER_OTLP_HEADERS", ",", OTEL_PAIRS),
    ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", ",", OTEL_PAIRS),
    ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", ",", OTEL_PAIRS),
    ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", ",", OTEL_PAIRS),
    ("OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS", ",", WORDS),
    ("OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS", ",", WORDS),
    ("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS", ",", WORDS),
    ("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS", ",", WORDS),
    ("OTEL_LOGS_EXPORTER", ",", WORDS),
    ("OTEL_METRICS_EXPORTER", ",", WORDS),
    ("OTEL_NODE_DISABLED_INSTRUMENTATIONS", ",", WORDS),
    ("OTEL_NODE_ENABLED_INSTRUMENTATIONS", ",", WORDS),
    ("OTEL_NODE_RESOURCE_DETECTORS", ",", WORDS),
    ("OTEL_PROPAGATORS", ",", WORDS),
    ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", ",", WORDS),
    ("OTEL_PYTHON_EXCLUDED_URLS", ",", WORDS),
    ("OTEL_RESOURCE_ATTRIBUTES", ",", OTEL_PAIRS),
    ("OTEL_TRACES_EXPORTER", ",", WORDS),
    ("PATH", ":", PATHS),
    ("PERL5LIB", ":", PATHS),
    ("PERL5OPT", " ", PLAIN),
    ("PYTHONPATH", ":", PATHS),
    ("PYTHONWARNINGS", ",", WORDS),
    ("RUBYLIB", ":", PATHS),
    ("RUBYOPT", " ", PLAIN),
    ("RUBYPATH", ":", PATHS),
    ("XDG_CONFIG_DIRS", ":", PATHS),
    ("XDG_DATA_DIRS", ":", PATHS),
    ("_JAVA_OPTIONS", " ", JVM),
    ("no_proxy", ",", WORDS),
];

impl List {
    /// The list that a variable of this exact name holds.
    pub fn known(name: &str) -> Option<List> {
        let found = KNOWN.binary_search_by(|known| known.0.cmp(name)).ok()?;
        let (_, separator, kind) = KNOWN[found];
        Some(List { separator: separator.into(), kind })
    }

    /// The list of the value behind a flag of an interpreter.
    pub fn of_flag(flag: &str) -> Option<List> {
        let paths = ["-classpath", "-cp", "--class-path", "-p", "--module-path", "--upgrade-module-path"];
        let words = ["--add-modules", "--limit-modules"];
        if paths.contains(&flag) {
            Some(List { separator: b":".to_vec(), kind: WORDS })
        } else if words.contains(&flag) {
            Some(List { separator: b",".to_vec(), kind: WORDS })
        } else {
            None
        }
    }

    /// A list of a variable that forerun does not know, by the separator that the profile names.
    pub fn unknown(separator: &str) -> List {
        let kind = if separator.bytes().all(|byte| byte.is_ascii_whitespace()) { PLAIN } else { WORDS };
        List { separator: separator.into(), kind }
    }

    /// `key=value` pairs in a variable that forerun does not know.
    pub fn unknown_pairs(separator: &str) -> List {
        List { separator: separator.into(), kind: PAIRS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
