//! Options that the runtime's own argv overrides: of two that contradict each other the last one wins, on the JVM as in
//! Node.js, and the runtime's stand behind those of `args.options` and of the option variables. Tried with OpenJDK 17 and
//! Node.js 20; _JAVA_OPTIONS is read behind argv.

use super::edits::{Text, options, written};
use super::{Field, Finding, Lint, Subject, imagine};
use crate::plan::Argv;

/// Variables whose options stand in front of argv.
const BEFORE_ARGV: [&[u8]; 3] = [b"JAVA_TOOL_OPTIONS", b"JDK_JAVA_OPTIONS", b"NODE_OPTIONS"];
/// The collectors of the JVM; it ends with "Multiple garbage collectors selected" when two are asked for.
const COLLECTORS: [&str; 7] =
    ["UseConcMarkSweepGC", "UseEpsilonGC", "UseG1GC", "UseParallelGC", "UseSerialGC", "UseShenandoahGC", "UseZGC"];

/// The argv of each runtime, as the rule leaves it.
type Argvs = Vec<(&'static str, Argv)>;

pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, stage) in subject.rules() {
        let arguments = rule.args.options.iter().map(|option| Text { text: written(&option.value), span: option.span });
        let in_variables = |read: &dyn Fn(&[u8]) -> bool| -> Vec<Text> {
            rule.env.iter().filter(|edit| read(&edit.name)).flat_map(|edit| options(subject, edit)).collect()
        };
        let mut asked: Vec<Text> = arguments.chain(in_variables(&|name| BEFORE_ARGV.contains(&name))).collect();
        let behind = in_variables(&|name| name == b"_JAVA_OPTIONS");
        if asked.is_empty() && behind.is_empty() {
            continue;
        }
        let runtimes = field.runtimes_of(&stage.conditions);
        let kinds = runtimes.into_iter().filter(|name| name.starts_with("java") || name.starts_with("nodejs"));
        let argvs: Argvs = kinds.filter_map(|name| Some((name, imagine::argv(subject, rule, name)?))).collect();
        findings.extend(asked.iter().filter_map(|option| overridden(subject, option, &argvs)));
        asked.extend(behind);
        findings.extend(asked.iter().filter_map(|option| second_collector(subject, option, &argvs)));
    }
    findings
}

fn overridden(subject: &Subject<'_>, option: &Text, argvs: &Argvs) -> Option<Finding> {
    let losing = |(name, argv): &(&'static str, Argv)| {
        let java = name.starts_with("java");
        let (key, value) = setting(&option.text, java)?;
        let last = own(argv, java).into_iter().rev().find(|own| own.0 == key)?;
        (last.1 != value).then_some((*name, last.2))
    };
    let lost: Vec<(&str, String)> = argvs.iter().filter_map(losing).collect();
    // The newest runtime has the form that lasts.
    let (_, winner) = lost.last()?;
    let key = key_of(&option.text);
    let message =
        format!("`{key}` is overridden on {}; the runtime's own `{winner}` stands behind it and wins", on(&lost));
    let help = match winner.split_once('=') {
        Some((own, _)) => format!("change the runtime's own: `args.values.\"{own}\" = \"…\"`"),
        None => format!("take the runtime's out: `args.remove = [\"{winner}\"]`"),
    };
    Some(subject.finding(Lint::OptionOverridden, option.span, message).help(help))
}

fn second_collector(subject: &Subject<'_>, option: &Text, argvs: &Argvs) -> Option<Finding> {
    let asked = collector(&option.text)?;
    let other = |(name, argv): &(&'static str, Argv)| {
        let own = own(argv, true).into_iter().map(|own| own.2);
        let other = own.rev().find(|own| collector(own).is_some_and(|other| other != asked))?;
        name.starts_with("java").then_some((*name, other))
    };
    let twice: Vec<(&str, String)> = argvs.iter().filter_map(other).collect();
    let (_, other) = twice.first()?;
    let message = format!(
        "`{}` is the second garbage collector on {}; with the runtime's own `{other}` the JVM does not start",
        option.text,
        on(&twice)
    );
    let help = format!("take the runtime's out: `args.remove = [\"{other}\"]`");
    Some(subject.finding(Lint::TwoGarbageCollectors, option.span, message).help(help))
}

/// The runtime's own options: key, value, and as written.
fn own(argv: &Argv, java: bool) -> Vec<(String, String, String)> {
    let own = argv.own.iter().skip(1).filter(|argument| argument.origin.is_none());
    let texts: Vec<String> = own.map(|argument| String::from_utf8_lossy(&argument.text).into_owned()).collect();
    texts
        .iter()
        .enumerate()
        .filter_map(|(at, text)| match setting(text, java) {
            Some((key, value)) => Some((key, value, text.clone())),
            // Until Node.js 18 the size is an argument of its own.
            None if text == "--max-http-header-size" => Some((text.clone(), texts.get(at + 1)?.clone(), text.clone())),
            None => None,
        })
        .collect()
}

/// What an option sets, and to what.
fn setting(option: &str, java: bool) -> Option<(String, String)> {
    let pair = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
    if !java {
        let (key, value) = option.strip_prefix("--")?.split_once('=')?;
        return pair(&format!("--{}", key.replace('_', "-")), value);
    }
    if let Some(flag) = option.strip_prefix("-XX:+") {
        return pair(flag, "+");
    }
    if let Some(flag) = option.strip_prefix("-XX:-") {
        return pair(flag, "-");
    }
    if let Some((flag, value)) = option.strip_prefix("-XX:").and_then(|flag| flag.split_once('=')) {
        return pair(flag, value);
    }
    if let Some((name, value)) = option.strip_prefix("-D").and_then(|property| property.split_once('=')) {
        return pair(&format!("-D{name}"), value);
    }
    for (prefix, flag) in
        [("-Xmx", "MaxHeapSize"), ("-Xms", "InitialHeapSize"), ("-Xss", "ThreadStackSize"), ("-Xshare:", "Xshare")]
    {
        if let Some(value) = option.strip_prefix(prefix) {
            return pair(flag, value);
        }
    }
    None
}

/// The collector that an option asks for.
fn collector(option: &str) -> Option<&str> {
    option.strip_prefix("-XX:+").filter(|flag| COLLECTORS.contains(flag))
}

/// An option without its value: that may come from a variable.
fn key_of(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

fn on(runtimes: &[(&str, String)]) -> String {
    runtimes.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
