//! What holds for every profile, every environment and every argv, tried on many that a generator makes up.

mod common;

use std::ffi::CString;

use common::world::{plan_purely, start};
use forerun::plan::{Halt, Plan, tokens};
use forerun::profile::lists::{KNOWN, Kind, Quoting};
use forerun::profile::parse;
use forerun::runtime::Arch;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A profile with every form of the language in it; the parser takes it.
const EVERYTHING: &str = r#"
description = "all of it"
forerun = ">=0.1"
on_error = "continue"
when.not.env.NEVER = "x"
include = ["nosuch"]
log = "news"
[env]
A = "${B}<${C:-d}>${_HANDLER%.*}$$"
B = { default = "${A}", lowercase = true }
C.unset = true
D = { set = "${A}", if_exists = ["/opt/x", "/opt/${A}"] }
E.set.first_existing = ["/opt/${A}", "/opt/b"]
PATH.prepend = ["/opt/bin", "/opt/${A}"]
PYTHONPATH = { append = ["/opt/${B}"], default = "/d" }
LD_PRELOAD.prepend = ["${A}"]
NODE_OPTIONS.append = ["--import", "${A} x"]
JAVA_TOOL_OPTIONS.prepend = ["-javaagent:${A}", "-Dx=' \""]
RUBYOPT.append = ["-r${A}"]
OTEL_RESOURCE_ATTRIBUTES.default_pairs = { "a.b" = "${A}", c = "é, %" }
DD_TAGS.pairs = { team = "${A}", x = 1 }
OTHER = { append = "${A}", separator = "::" }
[runtime.python]
handler = { redirect = "${A}.handler", original = "ORIG" }
env.P = "${forerun.runtime_version}${forerun.arch}${forerun.profile_dir}${forerun.working_dir}"
[runtime.java]
args.values."-cp".prepend = ["${A}"]
[[rules]]
when.runtime = ["python>=3.8,<4", "nodejs", "java17"]
when.any = [{ env.A = { contains = "${B}" } }, { env.A = { matches = "*${B}?*" } }, { module = "esm" }]
when.all = [{ exists = "/opt/${A}" }, { arch = "arm64", init = "snap-start" }]
env.F = "1"
[[rules]]
warn = "careful"
args.options = ["-x", "${A}"]
args.append = ["${B}", "y"]
args.remove = ["-?*", "${A}*"]
args.replace = { "${A}" = "${B}", b = "c" }
args.values."--x".set = "${A}"
args.values."-p".unset = true
args.values."--y" = { append = "${A}", separator = "," }
[[rules]]
args.command = ["/opt/p", "${0}", "${1..}", "${A}"]
args.through = ["/opt/t", "${A}"]
[[rules]]
when.env = { A = true, B = false, C = "", D = ["${A}", "x"], E = { empty = false } }
fail = "no"
"#;

/// What `fail` and the missing include of the profile above do not stop.
const WITHOUT_STOPS: [&str; 2] = ["include = [\"nosuch\"]\n", "fail = \"no\"\n"];

fn everything() -> String {
    WITHOUT_STOPS.iter().fold(EVERYTHING.to_owned(), |text, stop| text.replace(stop, ""))
}

fn seeds() -> Vec<&'static str> {
    let built_in = forerun::builtin::names().filter_map(|name| forerun::builtin::text(name.as_bytes()));
    built_in.chain([EVERYTHING, include_str!("../examples/opentelemetry/forerun.toml")]).collect()
}

/// Bytes that a C string can hold.
fn bytes(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![4 => select(b"ab=:, \"'\\/.-$*?{}".to_vec()), 1 => 1..=255_u8], 0..longest)
}

/// An entry of an environment: any bytes, more often one of the variables that the profiles touch.
fn entry() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "A",
        "B",
        "C",
        "D",
        "E",
        "F",
        "X",
        "PATH",
        "PYTHONPATH",
        "LD_PRELOAD",
        "NODE_OPTIONS",
        "JAVA_TOOL_OPTIONS",
        "RUBYOPT",
        "DD_TAGS",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTHER",
        "_HANDLER",
        "LAMBDA_TASK_ROOT",
        "FORERUN_SKIP",
        "FORERUN_LOG",
        "FORERUN_ON_ERROR",
        "FORERUN_PROFILE",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
    ];
    let known = (select(names.to_vec()), bytes(12)).prop_map(|(name, value)| [name.as_bytes(), b"=", &value].concat());
    prop_oneof![1 => bytes(12), 3 => known]
}

fn environment() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(entry(), 0..24)
}

fn arguments() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let known = [
        "/var/lang/bin/python3.12",
        "/var/runtime/bootstrap.py",
        "node",
        "java",
        "dotnet",
        "exec",
        "-m",
        "awslambdaric",
        "-cp",
        "-p",
        "--x=1",
        "--y",
        "--",
        "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
        "/var/runtime/Amazon.Lambda.RuntimeSupport.dll",
        "",
        "aws-lambda-ric",
    ];
    let known = select(known.to_vec()).prop_map(|argument| argument.as_bytes().to_vec());
    vec(prop_oneof![bytes(8), known], 1..8)
}

fn strings(texts: &[Vec<u8>]) -> Vec<CString> {
    texts.iter().map(|text| CString::new(text.clone()).unwrap()).collect()
}

/// The outcome as plain values: the environment, the argv, the messages; or what stops the start.
type Outcome = Result<(Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<String>), String>;

fn planned(env: &[Vec<u8>], argv: &[Vec<u8>], profiles: &[&str]) -> Outcome {
    let (own, argv, env) = (c"/opt/wrapper".to_owned(), strings(argv), strings(env));
    let start = start(&own, &argv, &env, Arch::X86_64);
    let (library, planned) = plan_purely(&start, profiles);
    match planned {
        Ok(plan) => Ok(values(&plan)),
        Err(Halt::Stop(problem, _)) => Err(format!("{}: {}", problem.code, library.line(&problem))),
        Err(Halt::Lacks(_)) => unreachable!("plan_purely answers everything"),
    }
}

fn values(plan: &Plan<'_>) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<String>) {
    let env = plan.env.iter().map(|entry| entry.to_bytes().to_vec()).collect();
    let argv = plan.argv.iter().map(|argument| argument.text.clone()).collect();
    (env, argv, plan.messages.iter().map(|message| format!("{message:?}")).collect())
}

/// The value of the first entry of that name.
fn get(env: &[Vec<u8>], name: &str) -> Option<Vec<u8>> {
    let prefix = format!("{name}=");
    env.iter().find_map(|entry| entry.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec))
}

/// A basic string of TOML, with `$` as a template wants it.
fn toml(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|char| match char {
            '$' => "$$".to_owned(),
            ' '..='~' if char != '"' && char != '\\' => char.to_string(),
            char => format!("\\U{:08x}", u32::from(char)),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// Text without NUL and not empty.
fn element() -> impl Strategy<Value = String> {
    let char = prop_oneof![3 => select("ab/-=:, \"'\\\t\n.".chars().collect::<Vec<_>>()), 1 => any::<char>()];
    let not_nul = |text: &String| !text.contains('\0');
    vec(char, 1..10).prop_map(|chars| chars.into_iter().collect::<String>()).prop_filter("NUL", not_nul)
}

/// The known variables of one kind.
fn known(of: impl Fn(Kind) -> bool) -> Vec<(&'static str, &'static str, Kind)> {
    KNOWN.into_iter().filter(|known| of(known.2)).collect()
}

/// What can go wrong with a text: a cut, a copy, a changed or an added character.
#[derive(Clone, Debug)]
enum Mutation {
    Cut(Index, Index),
    Copy(Index, Index, Index),
    Put(Index, String),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let piece = prop_oneof![
        select(
            [
                "[", "]", "{", "}", "\"", "'", "=", ".", ",", "\n", "#", "${", "$", "}", "true", "1", "[[", "\"\"\"",
                "[]", "{}", "\\u0000", "*", "é"
            ]
            .to_vec()
        )
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    let at = any::<Index>;
    prop_oneof![
        (at(), at()).prop_map(|(from, to)| Mutation::Cut(from, to)),
        (at(), at(), at()).prop_map(|(from, to, into)| Mutation::Copy(from, to, into)),
        (at(), piece).prop_map(|(into, piece)| Mutation::Put(into, piece)),
    ]
}

fn mutated(text: &str, mutations: &[Mutation]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for mutation in mutations {
        let size = chars.len() + 1;
        match mutation {
            Mutation::Cut(from, to) => {
                let (from, to) = (from.index(size), to.index(size));
                chars.drain(from.min(to)..from.max(to).min(from.min(to) + 20));
            }
            Mutation::Copy(from, to, into) => {
                let (from, to) = (from.index(size), to.index(size));
                let copy = chars[from.min(to)..from.max(to).min(from.min(to) + 60)].to_vec();
                let into = into.index(size);
                chars.splice(into..into, copy);
            }
            Mutation::Put(into, piece) => {
                let into = into.index(size);
                chars.splice(into..into, piece.chars());
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn the_profile_with_everything_parses_and_does_something() {
    assert!(parse(EVERYTHING, 0).profile.is_ok(), "{:?}", parse(EVERYTHING, 0).profile);
    let env = ["A=1", "_HANDLER=app.handler"].map(|entry| entry.as_bytes().to_vec());
    let argv = ["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"].map(|argument| argument.as_bytes().to_vec());
    let (after, argv, _) = planned(&env, &argv, &[&everything()]).unwrap();
    assert_eq!(get(&after, "ORIG").unwrap(), b"app.handler");
    assert_eq!(get(&after, "NODE_OPTIONS").unwrap(), b"--import \"1 x\"");
    assert_eq!(argv[0], b"/opt/t");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text, 0);
    }

    #[test]
    fn no_text_of_tomls_own_characters_makes_the_parser_panic(
        text in "([a-z]{1,7}|[\\[\\]{}=.,\"'#\n $*?-]|[0-9]{1,3}|true|env|when|args|rules|runtime){0,60}",
    ) {
        let _ = parse(&text, 0);
    }

    #[test]
    fn no_damaged_profile_makes_parser_or_plan_panic(
        seed in select(seeds()),
        mutations in vec(mutation(), 0..6),
        env in environment(),
        argv in arguments(),
    ) {
        let text = mutated(seed, &mutations);
        // A profile that is refused stops the start, another one is planned: neither may panic.
        let parsed = parse(&text, 0);
        if let Err(problems) = &parsed.profile {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                let span = problem.origin.unwrap().span;
                prop_assert!(span.start <= span.end && span.end <= text.len(), "{problem:?}");
            }
        }
        let _ = planned(&env, &argv, &[&text]);
    }

    #[test]
    fn any_start_can_be_planned_and_twice_is_the_same(env in environment(), argv in arguments()) {
        let everything = everything();
        let first = planned(&env, &argv, &[&everything, EVERYTHING]);
        prop_assert_eq!(&first, &planned(&env, &argv, &[&everything, EVERYTHING]));
    }

    #[test]
    fn a_profile_that_is_left_out_leaves_nothing(env in environment(), argv in arguments()) {
        let env: Vec<_> = env.into_iter().filter(|entry| !entry.starts_with(b"FORERUN_")).collect();
        // `on_error = "continue"`, and its last rule fails.
        let fails = everything().replace("when.not.env.NEVER = \"x\"", "") + "[[rules]]\nfail = \"no\"\n";
        let (after, argv_after, messages) = planned(&env, &argv, &[&fails]).unwrap();
        prop_assert_eq!(after, env);
        prop_assert_eq!(argv_after, argv);
        prop_assert_eq!(messages.iter().filter(|message| message.contains("Warn")).count(), 1, "{:?}", messages);
    }

    #[test]
    fn variables_that_no_rule_touches_stay_in_their_order(env in environment(), argv in arguments()) {
        let profile = "[env]\nA = \"${B}x\"\nX.unset = true\nPATH.prepend = [\"/opt/bin\"]\n[[rules]]\nenv.NEW = \"${A}\"\n";
        let Ok((after, ..)) = planned(&env, &argv, &[profile]) else { return Ok(()) };
        let others = |env: &[Vec<u8>]| -> Vec<Vec<u8>> {
            let touched = [&b"A="[..], b"X=", b"PATH=", b"NEW="];
            env.iter().filter(|entry| !touched.iter().any(|name| entry.starts_with(name))).cloned().collect()
        };
        prop_assert_eq!(others(&env), others(&after));
        prop_assert_eq!(get(&after, "X"), None);
        let b = get(&env, "B").unwrap_or_default();
        prop_assert_eq!(get(&after, "A").unwrap(), [&b[..], b"x"].concat());
        prop_assert_eq!(after.iter().filter(|entry| entry.starts_with(b"A=")).count(), 1);
    }

    #[test]
    fn word_lists_are_idempotent_and_free_of_empty_elements(
        (name, separator, _) in select(known(|kind| matches!(kind, Kind::Elements { .. }))),
        place in select(vec!["prepend", "append"]),
        elements in vec("[a-z ._=-]{1,3}", 1..4),
        old in bytes(16),
        raw in any::<bool>(),
    ) {
        let elements: Vec<String> = elements.iter().map(|element| format!("/{element}")).collect();
        let value = if raw {
            toml(&format!("{separator}{}", elements.join(&separator.repeat(2))))
        } else {
            format!("[{}]", elements.iter().map(|element| toml(element)).collect::<Vec<_>>().join(", "))
        };
        let profile = format!("[env]\n{name}.{place} = {value}\n");
        let env = [[name.as_bytes(), b"=", &old].concat()];
        let argv = [b"/srv/p".to_vec()];
        let once = planned(&env, &argv, &[&profile]).unwrap().0;
        let twice = planned(&once, &argv, &[&profile]).unwrap().0;
        prop_assert_eq!(&once, &twice);
        let now = get(&once, name).unwrap();
        let separator = separator.as_bytes()[0];
        let parts: Vec<&[u8]> = now.split(|&byte| byte == separator || name == "LD_PRELOAD" && byte == b' ').collect();
        prop_assert!(parts.iter().all(|part| !part.is_empty()), "{:?}", String::from_utf8_lossy(&now));
        for element in elements.iter().flat_map(|element| element.split(|char| name == "LD_PRELOAD" && char == ' ')) {
            prop_assert!(element.is_empty() || parts.contains(&element.as_bytes()), "{element}");
        }
        // Nothing that was there is lost.
        for part in old.split(|&byte| byte == separator || name == "LD_PRELOAD" && byte == b' ') {
            prop_assert!(part.is_empty() || parts.contains(&part));
        }
    }

    #[test]
    fn option_lists_are_idempotent_and_keep_the_old_bytes(
        (name, _, kind) in select(known(|kind| matches!(kind, Kind::Options(_)))),
        place in select(vec!["prepend", "append"]),
        elements in vec(element(), 1..4),
        old in bytes(16),
    ) {
        let Kind::Options(quoting) = kind else { unreachable!() };
        prop_assume!(tokens(&old, quoting).1, "an open quote swallows what comes behind it");
        let space = |char: char| char.is_ascii_whitespace() || char == '\u{b}';
        prop_assume!(quoting != Quoting::None || !elements.iter().any(|element| element.contains(space)));
        let value = elements.iter().map(|element| toml(element)).collect::<Vec<_>>().join(", ");
        let profile = format!("[env]\n{name}.{place} = [{value}]\n");
        let env = [[name.as_bytes(), b"=", &old].concat()];
        let argv = [b"/srv/p".to_vec()];
        let once = planned(&env, &argv, &[&profile]).unwrap().0;
        let twice = planned(&once, &argv, &[&profile]).unwrap().0;
        prop_assert_eq!(&once, &twice);
        let now = get(&once, name).unwrap();
        let before = tokens(&old, quoting).0;
        let added: Vec<Vec<u8>> = elements.into_iter().map(String::into_bytes).collect();
        let expected = if place == "append" { [before.clone(), added.clone()].concat() } else { [added.clone(), before.clone()].concat() };
        let there = before.windows(added.len()).any(|run| run == added);
        prop_assert_eq!(tokens(&now, quoting), (if there { before } else { expected }, true));
        let kept = old.iter().all(u8::is_ascii_whitespace) || now.starts_with(&old) || now.ends_with(&old);
        prop_assert!(kept, "{:?}", String::from_utf8_lossy(&now));
    }

    #[test]
    fn raw_options_are_idempotent(
        (name, _, kind) in select(known(|kind| matches!(kind, Kind::Options(_)))),
        place in select(vec!["prepend", "append"]),
        raw in element(),
        old in bytes(12),
    ) {
        let Kind::Options(quoting) = kind else { unreachable!() };
        prop_assume!(tokens(&old, quoting).1 && tokens(raw.as_bytes(), quoting).1);
        let profile = format!("[env]\n{name}.{place} = {}\n", toml(&raw));
        let env = [[name.as_bytes(), b"=", &old].concat()];
        let argv = [b"/srv/p".to_vec()];
        let once = planned(&env, &argv, &[&profile]).unwrap().0;
        prop_assert_eq!(&once, &planned(&once, &argv, &[&profile]).unwrap().0);
    }

    #[test]
    fn pairs_are_idempotent_and_every_key_stands_once(
        (name, separator, kind) in select(known(|kind| matches!(kind, Kind::Pairs { .. }))),
        operation in select(vec!["pairs", "default_pairs"]),
        values in vec("[a-z0-9 .%é]{1,4}", 1..4),
        old in bytes(16),
    ) {
        let Kind::Pairs { assign, .. } = kind else { unreachable!() };
        let keys = ["a", "b", "key.c"];
        let pairs: Vec<_> = keys.iter().zip(&values).map(|(key, value)| format!("{} = {}", toml(key), toml(value))).collect();
        let profile = format!("[env]\n{name}.{operation} = {{ {} }}\n", pairs.join(", "));
        let env = [[name.as_bytes(), b"=", &old].concat()];
        let argv = [b"/srv/p".to_vec()];
        let once = planned(&env, &argv, &[&profile]).unwrap().0;
        prop_assert_eq!(&once, &planned(&once, &argv, &[&profile]).unwrap().0);
        let now = get(&once, name).unwrap();
        if now != old {
            let parts: Vec<&[u8]> = now.split(|&byte| byte == separator.as_bytes()[0]).collect();
            prop_assert!(parts.iter().all(|part| !part.is_empty()), "{:?}", String::from_utf8_lossy(&now));
            for key in keys.iter().take(values.len()) {
                let of_key = |part: &&&[u8]| part.split(|&byte| byte == assign).next().unwrap().trim_ascii() == key.as_bytes();
                let count = parts.iter().filter(of_key).count();
                prop_assert!(count == 1 || count > 1 && operation == "default_pairs", "{key}: {count}");
            }
        }
    }

    #[test]
    fn options_read_back_as_they_were_written(
        (name, quoting) in select(vec![("NODE_OPTIONS", Quoting::Node), ("JAVA_TOOL_OPTIONS", Quoting::Jvm)]),
        elements in vec(element(), 1..5),
    ) {
        let list = elements.iter().map(|element| toml(element)).collect::<Vec<_>>().join(", ");
        let profile = format!("[env]\n{name}.append = [{list}]\n");
        let (env, ..) = planned(&[], &[b"/srv/p".to_vec()], &[&profile]).unwrap();
        let expected: Vec<Vec<u8>> = elements.into_iter().map(String::into_bytes).collect();
        prop_assert_eq!(tokens(&get(&env, name).unwrap(), quoting), (expected, true));
    }

    #[test]
    fn values_and_arguments_arrive_byte_for_byte(text in element(), value in bytes(12), argv in arguments()) {
        let profile = format!("[env]\nOUT = {}\nCOPY = \"<${{A}}>\"\nargs.append = [{}, \"x${{A}}\"]\n", toml(&text), toml(&text));
        let profile = profile.replace("\nargs", "\n[[rules]]\nargs");
        let (env, after, _) = planned(&[[b"A=", &value[..]].concat()], &argv, &[&profile]).unwrap();
        prop_assert_eq!(get(&env, "OUT").unwrap(), text.as_bytes());
        prop_assert_eq!(get(&env, "COPY").unwrap(), [b"<", &value[..], b">"].concat());
        let expected = [argv, vec![text.into_bytes(), [b"x", &value[..]].concat()]].concat();
        prop_assert_eq!(after, expected);
    }

    #[test]
    fn no_value_makes_the_tokens_panic(value in bytes(40)) {
        for quoting in [Quoting::Node, Quoting::Jvm, Quoting::None] {
            let (tokens, _) = tokens(&value, quoting);
            prop_assert!(tokens.iter().map(Vec::len).sum::<usize>() <= value.len());
        }
    }
}
