//! Options of the JVM in the variables that it reads them from.
//!
//! JAVA_TOOL_OPTIONS and _JAVA_OPTIONS are read by the JVM itself, which does not know what its launcher `java` takes
//! from argv: it ends with "Unrecognized option". JDK_JAVA_OPTIONS is read by the launcher, which forbids some.
//! Tried with OpenJDK 17; <https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html>.

use super::edits::options;
use super::{Field, Finding, Lint, Subject};
use crate::problem::printable;

/// Options of the launcher `java`. Where a `=` follows, the JVM itself knows some of them.
const LAUNCHER: [&str; 40] = [
    "--class-path",
    "--describe-module",
    "--dry-run",
    "--finalization",
    "--full-version",
    "--help",
    "--help-extra",
    "--list-modules",
    "--module",
    "--show-module-resolution",
    "--show-version",
    "--source",
    "--validate-modules",
    "--version",
    "-?",
    "-X",
    "-Xdiag",
    "-XshowSettings",
    "-classpath",
    "-client",
    "-cp",
    "-d",
    "-d32",
    "-d64",
    "-fullversion",
    "-h",
    "-help",
    "-jar",
    "-jre-no-restrict-search",
    "-jre-restrict-search",
    "-m",
    "-minimal",
    "-no-jre-restrict-search",
    "-noverify",
    "-p",
    "-server",
    "-showversion",
    "-splash",
    "-version",
    "-zero",
];

/// Options that the JVM knows with `=` only: their value as an argument of its own is the launcher's way.
const WITH_EQUALS: [&str; 9] = [
    "--add-exports",
    "--add-modules",
    "--add-opens",
    "--add-reads",
    "--enable-native-access",
    "--limit-modules",
    "--module-path",
    "--patch-module",
    "--upgrade-module-path",
];

/// What the launcher forbids in JDK_JAVA_OPTIONS.
const FORBIDDEN: [&str; 17] = [
    "--describe-module",
    "--dry-run",
    "--full-version",
    "--help",
    "--help-extra",
    "--module",
    "--source",
    "--validate-modules",
    "--version",
    "-?",
    "-X",
    "-fullversion",
    "-h",
    "-help",
    "-jar",
    "-m",
    "-version",
];

pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, stage) in subject.rules() {
        if !field.runtimes_of(&stage.conditions).iter().any(|runtime| runtime.starts_with("java")) {
            continue;
        }
        for edit in &rule.env {
            let variable = printable(&edit.name);
            let by_launcher = match &variable[..] {
                "JAVA_TOOL_OPTIONS" | "_JAVA_OPTIONS" => false,
                "JDK_JAVA_OPTIONS" => true,
                _ => continue,
            };
            for option in options(subject, edit) {
                let (name, equals) = match option.text.split_once('=') {
                    Some((name, _)) => (name, true),
                    None => (&option.text[..], false),
                };
                let stem = name.split(':').next().unwrap_or(name);
                let refused = if by_launcher {
                    FORBIDDEN.contains(&name)
                } else {
                    LAUNCHER.contains(&stem) || name.starts_with('@') || (!equals && WITH_EQUALS.contains(&name))
                };
                if !refused {
                    continue;
                }
                let message = if by_launcher {
                    format!(
                        "java does not allow `{name}` in {variable}; it ends with \"is not allowed in environment \
                         variable\""
                    )
                } else {
                    format!("the JVM takes `{name}` from argv only; in {variable} it ends with \"Unrecognized option\"")
                };
                let finding = subject.finding(Lint::JvmOptionOnlyInArgv, option.span, message);
                findings.push(match name {
                    "-cp" | "-classpath" | "--class-path" => finding.help(
                        "add to the class path with `args.values.\"-classpath\".append = [\"/opt/lib/extra.jar\"]`",
                    ),
                    _ if !by_launcher && WITH_EQUALS.contains(&name) => {
                        finding.help(format!("write name and value as one element, as in `{name}=…`"))
                    }
                    _ if FORBIDDEN.contains(&name) => {
                        finding.help("leave it out: with it java would not run the function")
                    }
                    _ => finding.help("put it into `args.options`"),
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(LAUNCHER.is_sorted() && WITH_EQUALS.is_sorted() && FORBIDDEN.is_sorted());
    }
}
