use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::tool::starts::mentions::{FileUse, mentions};

/// A script with twelve variables of its own, of the kinds that wrappers have.
const TWELVE: &str = r#"#!/bin/bash
export NODE_OPTIONS="${NODE_OPTIONS} --require /opt/probe/hook.js"
export PYTHONPATH="/opt/probe:$PYTHONPATH"
export JAVA_TOOL_OPTIONS="-javaagent:/opt/probe/agent.jar $JAVA_TOOL_OPTIONS"
if [[ $OTEL_RESOURCE_ATTRIBUTES != *"service.name="* ]]; then
    export OTEL_RESOURCE_ATTRIBUTES="service.name=$AWS_LAMBDA_FUNCTION_NAME,$OTEL_RESOURCE_ATTRIBUTES"
fi
export OTEL_PROPAGATORS="${OTEL_PROPAGATORS:-tracecontext}"
[ "$PROBE_ENABLED" = "true" ] || exec "$@"
[ "$PROBE_FAST" == "True" ] && export PROBE_MODE="${PROBE_MODE:-lean}"
case "$PROBE_LEVEL" in debug|trace) PROBE_VERBOSE=${PROBE_VERBOSE:-1} ;; esac
export PROBE_REGION="${PROBE_REGION:-$AWS_REGION}"
[ -z "$PROBE_HANDLER" ] && export PROBE_HANDLER="$_HANDLER"
if [ -f /opt/probe/extra ]; then set -- "$1" -XX:+UseSerialGC "${@:2}"; fi
exec "$@"
"#;

fn space(text: &str, learned: &[(&str, &str)], runtimes: &[&str]) -> Space {
    let learned =
        learned.iter().map(|(name, value)| (name.as_bytes().to_vec(), BTreeSet::from([value.as_bytes().to_vec()])));
    let runtimes: Vec<String> = runtimes.iter().map(|&name| name.to_owned()).collect();
    let surroundings = Surroundings { own: b"/opt/own".to_vec(), files: BTreeSet::from([b"/opt/given".to_vec()]) };
    Space::new(&mentions(b"/opt/own", &[text.as_bytes()]), &Learned(learned.collect()), &runtimes, &surroundings)
        .unwrap()
}

fn labels<'s>(space: &'s Space, what: &What) -> Vec<&'s str> {
    let dimension = space.dimensions().iter().find(|dimension| dimension.what == *what).expect("a dimension");
    dimension.choices.iter().map(|choice| &choice.label[..]).collect()
}

fn variable(name: &str) -> What {
    What::Variable(name.as_bytes().to_vec())
}

/// The start with one pick out of the ordinary.
fn with(space: &Space, what: &What, label: &str) -> (Vec<usize>, TrialStart) {
    let at = space.dimensions().iter().position(|dimension| dimension.what == *what).expect("a dimension");
    let pick = labels(space, what).iter().position(|&other| other == label);
    let mut picks = space.ordinary();
    picks[at] = pick.unwrap_or_else(|| panic!("{label} is none of {:?}", labels(space, what)));
    let start = space.start(&picks);
    (picks, start)
}

fn value<'t>(start: &'t TrialStart, name: &str) -> Option<&'t [u8]> {
    start.env.iter().find(|(other, _)| other == name.as_bytes()).map(|(_, value)| &value[..])
}

#[test]
fn twelve_variables_need_less_than_four_hundred_starts() {
    let learned = [
        ("NODE_OPTIONS", " --require /opt/probe/hook.js"),
        ("PYTHONPATH", "/opt/probe:"),
        ("JAVA_TOOL_OPTIONS", "-javaagent:/opt/probe/agent.jar "),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=my-function,"),
        ("OTEL_PROPAGATORS", "tracecontext"),
        ("PROBE_HANDLER", "app.handler"),
        ("PROBE_REGION", "eu-west-1"),
    ];
    let space = space(TWELVE, &learned, &[]);
    let own = space.dimensions().iter().filter(|dimension| dimension.choices.len() > 6);
    assert!(own.count() >= 12);
    let rows = space.rows(1, None);
    assert!((200..400).contains(&rows.len()), "{} rows", rows.len());
    // In detail.
    let few = "echo $PYTHONPATH $NODE_OPTIONS $JAVA_TOOL_OPTIONS $OTEL_RESOURCE_ATTRIBUTES $PROBE true";
    let rows = self::space(few, &learned, &[]).rows(1, None);
    assert!((200..450).contains(&rows.len()), "{} rows", rows.len());
}

#[test]
fn the_ordinary_start_is_that_of_the_runtime() {
    let space = space(TWELVE, &[], &["java21"]);
    let start = space.start(&space.ordinary());
    assert_eq!(start.argv[0], b"/var/lang/bin/java");
    assert_eq!(value(&start, "AWS_EXECUTION_ENV"), Some(&b"AWS_Lambda_java21"[..]));
    assert_eq!(value(&start, "PROBE_MODE"), None);
    assert_eq!(value(&start, "AWS_LAMBDA_EXEC_WRAPPER"), None);
    assert_eq!(start.runtime, RuntimeState::Exits(0));
    assert_eq!(space.describe(&space.ordinary()), ["java21"]);
}

#[test]
fn a_description_says_what_is_out_of_the_ordinary() {
    let space = space(TWELVE, &[], &["python3.12"]);
    let (picks, start) = with(&space, &variable("PROBE_ENABLED"), "= TRUE");
    assert_eq!(value(&start, "PROBE_ENABLED"), Some(&b"TRUE"[..]));
    assert_eq!(space.describe(&picks), ["python3.12", "PROBE_ENABLED = TRUE"]);
    let (picks, start) = with(&space, &What::RuntimeState, "the runtime exits with 7");
    assert_eq!(start.runtime, RuntimeState::Exits(7));
    assert_eq!(space.describe(&picks), ["python3.12", "the runtime exits with 7"]);
    let (picks, start) = with(&space, &What::File(b"/opt/probe/extra".to_vec()), "absent");
    assert_eq!(start.files[&b"/opt/probe/extra"[..]], FileState::Absent);
    assert_eq!(space.describe(&picks), ["python3.12", "/opt/probe/extra absent"]);
}

#[test]
fn the_value_may_be_there_already() {
    let learned = [("NODE_OPTIONS", " --require /opt/a.js"), ("OTEL_RESOURCE_ATTRIBUTES", "a.b=c,d=e,")];
    let space =
        space("NODE_OPTIONS=\"$NODE_OPTIONS --require /opt/a.js\"\necho $OTEL_RESOURCE_ATTRIBUTES\n", &learned, &[]);
    let name = variable("NODE_OPTIONS");
    let of = |label: &str| value(&with(&space, &name, label).1, "NODE_OPTIONS").unwrap().to_vec();
    assert_eq!(of("already what the script gives it"), b"--require /opt/a.js");
    assert_eq!(of("with what the script gives it first"), b"--require /opt/a.js --title=\"one\"");
    assert_eq!(of("with what the script gives it last"), b"--title=\"one\" --require /opt/a.js");
    let name = variable("OTEL_RESOURCE_ATTRIBUTES");
    let of = |label: &str| value(&with(&space, &name, label).1, "OTEL_RESOURCE_ATTRIBUTES").unwrap().to_vec();
    assert_eq!(of("with another `a.b`"), b"made.up=1,a.b=another");
    assert_eq!(of("with `my.a.b`"), b"my.a.b=another");
    assert_eq!(of("with a separator at the end"), b"made.up=one,");
}

#[test]
fn interpreters_keep_what_they_need() {
    let text = "echo $PATH $IFS $BASH_ENV $LC_ALL $PYTHONHOME $NODE_OPTIONS $RUBYOPT ${BASH_SOURCE[0]} $PWD";
    let space = space(
        text,
        &[("PATH", "/opt/own/bin:/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"), ("SHLVL", "1")],
        &[],
    );
    let names: Vec<&[u8]> = space
        .dimensions()
        .iter()
        .filter_map(|dimension| match &dimension.what {
            What::Variable(name) => Some(&name[..]),
            _ => None,
        })
        .collect();
    assert_eq!(names, [&b"AWS_EXECUTION_ENV"[..], b"NODE_OPTIONS", b"PATH", b"RUBYOPT", b"_HANDLER"]);
    for label in labels(&space, &variable("PATH")) {
        let (_, start) = with(&space, &variable("PATH"), label);
        let path = value(&start, "PATH").expect("always set");
        assert!(path.windows(9).any(|window| window == b"/usr/bin/"), "{label}");
    }
    let of = |label: &str| value(&with(&space, &variable("PATH"), label).1, "PATH").unwrap().to_vec();
    assert!(of("already what the script gives it").starts_with(b"/opt/own/bin:/var/lang/bin"));
    let of = |label: &str| value(&with(&space, &variable("RUBYOPT"), label).1, "RUBYOPT").unwrap().to_vec();
    assert_eq!(of("with spaces"), b" -I/nowhere/two  -I/nowhere/words ");
}

#[test]
fn the_handler_in_argv_is_that_of_the_environment() {
    let space = space("exec \"$@\"\n", &[], &["java"]);
    let (_, start) = with(&space, &variable("_HANDLER"), "= src/my.module.handler");
    assert_eq!(start.argv.last().unwrap(), b"src/my.module.handler");
    let (_, start) = with(&space, &variable("_HANDLER"), "empty");
    assert_eq!(start.argv.last().unwrap(), b"example.Handler::handleRequest");
    let (_, start) = with(&space, &What::Argv, "an argument with the handler in it");
    assert_eq!(start.argv[1], b"-Dmade.up=example.Handler::handleRequestToo");
    assert_eq!(labels(&space, &What::Runtime), ["java21", "java11", "java image"]);
    let (_, start) = with(&space, &variable("AWS_EXECUTION_ENV"), "of another family");
    assert_eq!(value(&start, "AWS_EXECUTION_ENV"), Some(&b"AWS_Lambda_python3.12"[..]));
    let (_, start) = with(&space, &variable("AWS_EXECUTION_ENV"), "of the newest version");
    assert_eq!(value(&start, "AWS_EXECUTION_ENV"), Some(&b"AWS_Lambda_java25"[..]));
}

#[test]
fn files_are_there_or_not() {
    let text = "[ -f /opt/given ] && [ -f package.json ] && . /opt/more && exec /opt/own /opt/bin/tool\n";
    let space = space(text, &[], &[]);
    let of = |path: &str| labels(&space, &What::File(path.as_bytes().to_vec()));
    assert_eq!(of("/opt/given"), ["as it is", "absent"]);
    assert_eq!(of("/var/task/package.json"), ["absent", "of ES modules", "without a type"]);
    assert_eq!(of("/opt/more"), ["present, sets a variable", "absent"]);
    assert_eq!(of("/opt/bin/tool"), ["present, a program", "absent"]);
    assert!(space.dimensions().iter().all(|dimension| dimension.what != What::File(b"/opt/own".to_vec())));
}

#[test]
fn an_option_is_put_where_options_belong() {
    let space = space("[ \"$1\" = \"-Xshare:on\" ]\n", &[], &["java11"]);
    let (_, start) = with(&space, &What::Argv, "argument `-Xshare:on` twice");
    assert_eq!(start.argv[1..3], [b"-Xshare:on", b"-Xshare:on"]);
    let (_, start) = with(&space, &What::Argv, "an argument that is not UTF-8");
    assert_eq!(start.argv.last().unwrap(), b"caf\xe9");
}

#[test]
fn nothing_is_combined_with_a_runtime_that_does_not_start() {
    let space = space(TWELVE, &[], &[]);
    let state = space.dimensions().iter().position(|dimension| dimension.what == What::RuntimeState).unwrap();
    let rows = space.rows(7, None);
    for pick in 2..4 {
        let with_it: Vec<_> = rows.iter().filter(|row| row[state] == pick).collect();
        assert_eq!(with_it.len(), 1);
        assert_eq!(with_it[0].iter().filter(|&&pick| pick != 0).count(), 1);
    }
    assert!(rows.iter().filter(|row| row[state] == 1).count() > 10);
    assert_eq!(rows[..9], space.rows(7, Some(9)));
    let alone = space.dimensions().iter().map(|dimension| dimension.choices.len() - 1).sum::<usize>();
    assert!(rows[1..=alone].iter().all(|row| row.iter().filter(|&&pick| pick != 0).count() == 1));
    assert_eq!(rows[..=alone], space.alone());
}

#[test]
fn a_folder_that_holds_given_files_is_given() {
    let surroundings =
        Surroundings { own: Vec::new(), files: BTreeSet::from([b"/opt/a.b".to_vec(), b"/opt/a/b".to_vec()]) };
    assert!(surroundings.has(b"/opt/a") && surroundings.has(b"/opt/a.b"));
    assert!(!surroundings.has(b"/opt/b") && !surroundings.has(b"/opt/a/b/c"));
}

#[test]
fn a_runtime_that_is_not_known_is_named() {
    let unknown = ["python3.12".to_owned(), "cobol".to_owned()];
    let space = Space::new(&Mentions::default(), &Learned::default(), &unknown, &Surroundings::default());
    assert_eq!(space.unwrap_err(), "cobol");
}

const NAMES: [&str; 7] =
    ["PATH", "NODE_OPTIONS", "RUBYOPT", "OTEL_RESOURCE_ATTRIBUTES", "_HANDLER", "AWS_REGION", "PYTHONPATH"];

fn names() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(&NAMES[..]).prop_map(|name| name.as_bytes().to_vec()),
        "[A-Z][A-Z_]{0,8}".prop_map(String::into_bytes)
    ]
}

fn any_mentions() -> impl Strategy<Value = (Mentions, Learned)> {
    let texts = || prop::collection::btree_set(prop::collection::vec(any::<u8>(), 0..12), 0..5);
    let uses = prop::sample::select(&[Use::Read, Use::Written][..]);
    let files = prop::sample::select(&[FileUse::Named, FileUse::Folder, FileUse::Started, FileUse::Sourced][..]);
    let variables = prop::collection::btree_map(names(), uses, 0..9);
    let words = prop::collection::btree_map(names(), texts(), 0..6);
    let learned = prop::collection::btree_map(names(), texts(), 0..6);
    let files = prop::collection::btree_map("/opt/[a-z]{1,5}".prop_map(String::into_bytes), files, 0..4);
    (variables, words, learned, files, texts()).prop_map(|(variables, words, learned, files, arguments)| {
        (Mentions { variables, words, files, arguments }, Learned(learned))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_start_can_be_made(made in any_mentions(), seed: u64) {
        let (mentions, learned) = made;
        let space = Space::new(&mentions, &learned, &[], &Surroundings::default()).unwrap();
        for dimension in space.dimensions() {
            prop_assert!(!dimension.choices.is_empty());
            let labels: BTreeSet<&str> = dimension.choices.iter().map(|choice| &choice.label[..]).collect();
            prop_assert_eq!(labels.len(), dimension.choices.len(), "{:?}", dimension);
        }
        for row in space.rows(seed, Some(150)).iter().rev().take(60) {
            let start = space.start(row);
            prop_assert!(!start.argv.is_empty() && start.argv[0].starts_with(b"/"));
            prop_assert!(start.argv.iter().chain(start.env.iter().map(|(_, value)| value)).all(|text| !text.contains(&0)));
            let names: BTreeSet<&Vec<u8>> = start.env.iter().map(|(name, _)| name).collect();
            prop_assert_eq!(names.len(), start.env.len());
            prop_assert!(names.iter().all(|name| !name.is_empty() && !name.contains(&b'=')));
            prop_assert!(space.describe(row).iter().all(|line| !line.is_empty() && !line.contains(char::is_control)));
        }
    }
}
