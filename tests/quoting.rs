//! What forerun writes into NODE_OPTIONS, JAVA_TOOL_OPTIONS and JDK_JAVA_OPTIONS is read back exactly: by the real Node.js
//! and the real JVM, and by `forerun::plan::tokens`, which is to know what they do.
#![expect(clippy::disallowed_methods, reason = "this test starts interpreters and writes files")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::folder::{Folder, WRAPPER};
use common::run::{Ended, Run};
use forerun::plan::tokens;
use forerun::profile::lists::Quoting;

/// Texts that are hard to hand through.
const HARD: &[&str] = &[
    "plain",
    "two words",
    " leading and trailing ",
    "double  space",
    "\"quoted\"",
    "'quoted'",
    "say \"it's\" now",
    "\"'\"'",
    "'\"",
    "back\\slash",
    "ends in a backslash\\",
    "ends\\",
    "\\\" escaped",
    "\\\\ \" two",
    "tab\there",
    "tab\tand space",
    "line\nfeed",
    "line\nfeed and space",
    "form\u{c}feed",
    "vertical\u{b}tab",
    "carriage\rreturn",
    "é ü 漢字 😀",
    "nbsp\u{a0}here",
    "$HOME `id` $(id) *",
    "a=b,c;d:e",
    "#hash # hash",
    "@file",
    "%41",
];

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

fn list(elements: &[String]) -> String {
    let elements: Vec<String> = elements.iter().map(|element| toml(element)).collect();
    format!("[{}]", elements.join(", "))
}

/// A program along PATH; `None`, said aloud, where it is missing and nobody insists.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "`{name}` is needed here and is not in PATH");
        eprintln!("skipped: `{name}` is not in PATH, so nothing is known of how it reads its options");
    }
    found
}

/// Starts an interpreter through the wrapper with this profile.
fn start(folder: &Folder, argv: &[&str], profile: &str, env: &[&str]) -> Ended {
    let place = folder.file("p.toml", profile);
    let argv: Vec<&[u8]> = ["/opt/wrapper"].iter().chain(argv).map(|argument| argument.as_bytes()).collect();
    let run = Run::new(WRAPPER, &argv).env([[b"FORERUN_PROFILE=", &place[..]].concat()]);
    run.env(["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"]).env(env).run()
}

/// Hexadecimal UTF-16, as both languages have their strings.
fn hex(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("{unit:04x}")).collect::<Vec<_>>().join(" ")
}

// ---- Node.js

/// Writes modules of hard names. Returns their paths.
fn modules(folder: &Folder) -> Vec<String> {
    let write = |(number, text): (usize, &&str)| {
        let name = format!("m{number}-{text}.cjs");
        // A slash would be a folder; nothing else is forbidden.
        folder.file(&name, "const hex = [...__filename.split('').map((c) => c.charCodeAt(0).toString(16).padStart(4, '0'))];\nconsole.log(hex.join(' '));\n");
        folder.text(&name)
    };
    HARD.iter().enumerate().map(write).collect()
}

const PRINT_OPTIONS: &str = "console.log(Buffer.from(process.env.NODE_OPTIONS).toString('hex'));";

/// What the last line of the output says that NODE_OPTIONS was.
fn node_options(ended: &Ended) -> Vec<u8> {
    let hex = ended.stdout.lines().last().unwrap_or_default();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn node_reads_back_what_is_appended() {
    let Some(node) = program("node") else { return };
    let folder = Folder::new();
    let modules = modules(&folder);
    let elements: Vec<String> = modules.iter().flat_map(|module| ["--require".to_owned(), module.clone()]).collect();
    let script = folder.file("script.cjs", PRINT_OPTIONS);
    let argv = [node.to_str().unwrap(), std::str::from_utf8(&script).unwrap()];
    for (operation, old) in
        [("append", ""), ("prepend", ""), ("append", " --no-warnings  "), ("prepend", "--no-warnings")]
    {
        let profile = format!("[env]\nNODE_OPTIONS.{operation} = {}\n", list(&elements));
        let ended = start(&folder, &argv, &profile, &[&format!("NODE_OPTIONS={old}")]);
        assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""), "{ended:?}");
        let loaded: Vec<&str> = ended.stdout.lines().take(modules.len()).collect();
        let expected: Vec<String> = modules.iter().map(|module| hex(module)).collect();
        assert_eq!(loaded, expected);
        let written = node_options(&ended);
        let mut all = elements.clone();
        if !old.is_empty() {
            all.insert(if operation == "append" { 0 } else { elements.len() }, "--no-warnings".to_owned());
        }
        let expected = (all.into_iter().map(String::into_bytes).collect(), true);
        assert_eq!(tokens(&written, Quoting::Node), expected);
    }
}

#[test]
fn node_reads_back_a_single_option_with_its_value() {
    let Some(node) = program("node") else { return };
    let folder = Folder::new();
    let script = folder.file("script.cjs", format!("console.log(process.title.split('').map((c) => c.charCodeAt(0).toString(16).padStart(4, '0')).join(' '));{PRINT_OPTIONS}"));
    // The title is written over argv, so there has to be room in it.
    let room = "x".repeat(500);
    let argv = [node.to_str().unwrap(), std::str::from_utf8(&script).unwrap(), &room];
    for text in HARD {
        let option = format!("--title={text}");
        let profile = format!("[env]\nNODE_OPTIONS.append = {}\n", list(std::slice::from_ref(&option)));
        let ended = start(&folder, &argv, &profile, &[]);
        assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""), "{text:?}: {ended:?}");
        assert_eq!(ended.stdout.lines().next(), Some(&hex(text)[..]), "{text:?}");
        assert_eq!(tokens(&node_options(&ended), Quoting::Node), (vec![option.into_bytes()], true), "{text:?}");
    }
}

/// How Node.js reads values that users write by hand, and that our tokens agree.
#[test]
fn node_and_our_tokens_agree_on_values_of_others() {
    let Some(node) = program("node") else { return };
    let folder = Folder::new();
    let script = folder.file("script.cjs", format!("console.log(process.title.split('').map((c) => c.charCodeAt(0).toString(16).padStart(4, '0')).join(' '));{PRINT_OPTIONS}"));
    let room = "x".repeat(500);
    let argv = [node.to_str().unwrap(), std::str::from_utf8(&script).unwrap(), &room];
    for old in [
        "--title=a",
        "  --title=a  ",
        "--title=a\\b",
        "--title=\"a b\"",
        "\"--title=a b\"",
        "--ti\"tle=a\" ",
        "--title=\"a\\\"b\"",
        "--title=\"a\\\\b\"",
        "--title=\"a\\b\"",
        "--title='a'",
        "--title=a\tb",
        "--title=a\"\"b",
        "--title=\"a\"b\"c d\"",
    ] {
        let ended = start(&folder, &argv, "[env]\nX = \"1\"\n", &[&format!("NODE_OPTIONS={old}")]);
        assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""), "{old:?}: {ended:?}");
        let (tokens, closed) = tokens(old.as_bytes(), Quoting::Node);
        assert!(closed && tokens.len() == 1, "{old:?}: {tokens:?}");
        let title = String::from_utf8(tokens[0].clone()).unwrap();
        let title = title.strip_prefix("--title=").unwrap();
        assert_eq!(ended.stdout.lines().next(), Some(&hex(title)[..]), "{old:?}");
    }
    let unterminated = start(&folder, &argv, "[env]\nX = \"1\"\n", &["NODE_OPTIONS=--title=\"a"]);
    assert_eq!(unterminated.exit(), 9, "{unterminated:?}");
    assert!(!tokens(b"--title=\"a", Quoting::Node).1);
}

// ---- the JVM

/// Prints all properties that begin with `k`, and nothing else.
const PRINT_PROPERTIES: &str = r#"
public class Print {
    static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        for (char unit : text.toCharArray()) hex.append(hex.length() > 0 ? " " : "").append(String.format("%04x", (int) unit));
        return hex.toString();
    }
    public static void main(String[] arguments) {
        for (int number = 0; System.getProperty("k" + number) != null; number++) {
            System.out.println(hex(System.getProperty("k" + number)));
        }
        for (String argument : arguments) System.out.println("argument " + hex(argument));
        System.out.println(hex(String.valueOf(System.getenv(System.getProperty("variable")))));
    }
}
"#;

/// A folder with the compiled program.
fn java() -> Option<(Folder, PathBuf)> {
    let (java, javac) = (program("java")?, program("javac")?);
    let folder = Folder::new();
    folder.file("Print.java", PRINT_PROPERTIES);
    let compiled = Command::new(javac).args(["-d", &folder.text(""), &folder.text("Print.java")]).status().unwrap();
    assert!(compiled.success());
    Some((folder, java))
}

fn text(hex: &str) -> String {
    let units: Vec<u16> = hex.split(' ').map(|unit| u16::from_str_radix(unit, 16).unwrap()).collect();
    String::from_utf16(&units).unwrap()
}

/// The options `-Dk0=…`, `-Dk1=…` of these values.
fn properties(values: &[&str]) -> Vec<String> {
    values.iter().enumerate().map(|(number, value)| format!("-Dk{number}={value}")).collect()
}

#[test]
fn the_jvm_reads_back_what_is_added() {
    let Some((folder, java)) = java() else { return };
    for variable in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"] {
        let elements = properties(HARD);
        let which = format!("-Dvariable={variable}");
        let argv = [java.to_str().unwrap(), "-Xshare:auto", "-cp", &folder.text(""), &which, "Print"];
        for (operation, old) in [("append", ""), ("prepend", " -Dold=1 ")] {
            let profile = format!("[env]\n{variable}.{operation} = {}\n", list(&elements));
            let ended = start(&folder, &argv, &profile, &[&format!("{variable}={old}")]);
            assert_eq!(ended.exit(), 0, "{variable}: {ended:?}");
            assert!(!ended.stderr.contains("forerun"), "{ended:?}");
            let lines: Vec<&str> = ended.stdout.lines().collect();
            let found: Vec<String> = lines[..lines.len() - 1].iter().map(|line| text(line)).collect();
            assert_eq!(found, HARD, "{variable}");
            let mut all = elements.clone();
            if !old.is_empty() {
                all.push("-Dold=1".to_owned());
            }
            let expected = (all.into_iter().map(String::into_bytes).collect(), true);
            assert_eq!(tokens(text(lines[lines.len() - 1]).as_bytes(), Quoting::Jvm), expected, "{variable}");
        }
    }
}

#[test]
fn the_jvm_and_our_tokens_agree_on_values_of_others() {
    let Some((folder, java)) = java() else { return };
    let values = [
        "-Dk0=a",
        "\t-Dk0=a\n-Dk1=b  ",
        "-Dk0='a b'",
        "'-Dk0=a b'",
        "\"-Dk0=a 'b\"",
        "-D'k0=a'\" b\"c",
        "-Dk0=a\\ -Dk1=b",
        "-Dk0='a\\' -Dk1=\"\\\"",
        "-Dk0=a''b -Dk1=\"\"",
        "-Dk0=a\u{b}-Dk1=b\u{c}-Dk2=c\r-Dk3=d",
        "-Dk0=é\u{a0}x",
    ];
    for variable in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"] {
        let argv = [java.to_str().unwrap(), "-cp", &folder.text(""), "-Dvariable=X", "Print"];
        for old in values {
            let ended = start(&folder, &argv, "[env]\nX = \"1\"\n", &[&format!("{variable}={old}")]);
            assert_eq!(ended.exit(), 0, "{variable}={old:?}: {ended:?}");
            let lines: Vec<&str> = ended.stdout.lines().collect();
            let found: Vec<String> = lines[..lines.len() - 1]
                .iter()
                .map(|line| if line.is_empty() { String::new() } else { text(line) })
                .collect();
            let (tokens, closed) = tokens(old.as_bytes(), Quoting::Jvm);
            assert!(closed, "{old:?}");
            let expected: Vec<String> = tokens
                .iter()
                .map(|token| String::from_utf8(token.clone()).unwrap().split_once('=').unwrap().1.to_owned())
                .collect();
            assert_eq!(found, expected, "{variable}={old:?}");
        }
    }
}

#[test]
fn arguments_need_no_quoting_at_all() {
    let Some((folder, java)) = java() else { return };
    let options = properties(HARD);
    let texts: Vec<String> = HARD.iter().map(|text| (*text).to_owned()).collect();
    let profile = format!("args.options = {}\nargs.append = {}\n", list(&options), list(&texts));
    let argv = [java.to_str().unwrap(), "-cp", &folder.text(""), "-Dvariable=X", "Print"];
    let ended = start(&folder, &argv, &profile, &[]);
    assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let found: Vec<String> = lines[..HARD.len()].iter().map(|line| text(line)).collect();
    assert_eq!(found, HARD);
    let arguments: Vec<String> =
        lines[HARD.len()..].iter().filter_map(|line| line.strip_prefix("argument ")).map(text).collect();
    assert_eq!(arguments, HARD);
}
