//! The lints: each finds what it is for, says so in the words that are kept here, and is silent where nothing is wrong.
//!
//! `SNAPSHOTS=overwrite cargo test --test lints` writes the expected outputs anew.
#![cfg(feature = "tool")]
#![expect(clippy::disallowed_methods, reason = "this test reads files and starts programs")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::Data;
use snapbox::cmd::{Command, OutputAssert};
use zip::write::SimpleFileOptions;

use common::elf;
use common::folder::{Folder, WRAPPER};
use forerun::profile::parse;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn forerun(desk: &Folder) -> Command {
    Command::new(env!("CARGO_BIN_EXE_forerun")).current_dir(&desk.0).env_clear()
}

fn check(desk: &Folder, line: &str) -> OutputAssert {
    forerun(desk).arg("check").args(line.split_ascii_whitespace()).assert()
}

fn stdout(run: &OutputAssert) -> String {
    String::from_utf8(run.get_output().stdout.clone()).expect("the tool writes UTF-8")
}

/// Compares with a file in tests/lints.
fn same(text: String, file: impl AsRef<Path>) {
    let expected = Data::read_from(&root().join("tests/lints").join(file), None).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(Data::text(text).raw(), expected);
}

/// The profiles in a folder of tests/lints, by name.
fn corpus(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("tests/lints").join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            found.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    found.sort();
    found
}

/// What the first line of a profile adds to the command: `#: --root layer`.
fn options(text: &str) -> &str {
    text.lines().next().and_then(|line| line.strip_prefix("#: ")).unwrap_or("")
}

/// The codes in a text, as `[FR510]`.
fn codes(text: &str) -> BTreeSet<String> {
    let codes = text.lines().filter_map(|line| line.split_once("[FR")?.1.split(']').next());
    codes.map(|code| format!("FR{code}")).collect()
}

/// A folder with a layer, `layer`, and one that has its own flaws, `flawed`.
fn desk() -> Folder {
    let desk = Folder::new();
    let glibc = "/lib64/ld-linux-x86-64.so.2";
    desk.program("layer/wrapper", elf::program(elf::X86_64));
    desk.program("layer/bin/static", elf::program(elf::X86_64));
    desk.program("layer/bin/collector", elf::program(elf::X86_64));
    desk.program("layer/bin/arm64", elf::program(elf::AARCH64));
    desk.program("layer/bin/riscv", elf::program(243));
    desk.program("layer/bin/library", elf::library(elf::X86_64));
    desk.program("layer/bin/damaged", &elf::dynamic(elf::X86_64)[..150]);
    desk.program("layer/bin/dynamic", elf::linked(elf::X86_64, glibc, &["libc.so.6", "libown.so.1"], "GLIBC_2.17"));
    desk.program(
        "layer/bin/needy",
        elf::linked(elf::X86_64, glibc, &["libssl.so.1.1", "libm.so.6", "libxml2.so.2"], "GLIBC_2.34"),
    );
    desk.program("layer/bin/new", elf::linked(elf::X86_64, glibc, &["libc.so.6"], "GLIBC_2.38"));
    desk.program("layer/bin/of-al2023", elf::linked(elf::X86_64, glibc, &["libc.so.6"], "GLIBC_2.34"));
    desk.program("layer/bin/musl", elf::linked(elf::X86_64, "/lib/ld-musl-x86_64.so.1", &["libc.so"], ""));
    desk.program("layer/bin/text", "exec something\n");
    desk.program("layer/bin/script", "#!/bin/sh\nexec true\n");
    desk.program("layer/bin/script-with-crlf", "#!/bin/sh\r\nexec true\r\n");
    desk.program("layer/bin/script-of-python", "#!/usr/bin/env python3\n");
    desk.program("layer/bin/script-of-perl", "#!/usr/bin/perl -w\n");
    desk.program("layer/bin/script-of-deno", "#!/usr/bin/env -S deno run\n");
    desk.file("layer/bin/not-executable", elf::program(elf::X86_64));
    desk.file("layer/lib/libown.so.1", elf::library(elf::X86_64));
    desk.file("layer/lib/arm64.so", elf::library(elf::AARCH64));
    desk.file("layer/agent.jar", "PK");
    desk.file("layer/hooks/init.js", "");
    desk.file("flawed/wrapper", elf::program(elf::X86_64));
    desk.mode("flawed/wrapper", 0o644);
    desk.program("crowded/extensions/e11", elf::program(elf::X86_64));
    for number in 1..=10 {
        desk.program(&format!("crowded/extensions/e{number}"), elf::program(elf::X86_64));
        desk.program(&format!("flawed/extensions/e{number}"), elf::program(elf::X86_64));
        desk.program(&format!("full/extensions/e{number}"), elf::program(elf::X86_64));
    }
    for folder in ["crowded/extensions", "flawed/extensions", "full/extensions", "layer/bin", "layer"] {
        for entry in fs::read_dir(desk.0.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // What `install` read from.
            if path.extension().is_some_and(|ending| ending == "draft") {
                fs::remove_file(path).unwrap();
            }
        }
    }
    desk
}

/// Code and name of each lint, as the tool lists them.
fn lints(desk: &Folder) -> BTreeMap<String, String> {
    let listed = stdout(&check(desk, "--list").success());
    let row = |line: &str| {
        let mut words = line.split_ascii_whitespace().map(str::to_owned);
        Some((words.next()?, words.next()?))
    };
    listed.lines().filter_map(row).collect()
}

#[test]
fn each_lint_finds_what_it_is_for_and_says_so_in_these_words() {
    let desk = desk();
    let lints = lints(&desk);
    let mut found = BTreeSet::new();
    for (name, text) in corpus("found") {
        assert!(parse(&text, 0).profile.is_ok(), "{name}: a lint is about profiles that parse");
        desk.file(&format!("{name}.toml"), &text);
        let run = check(&desk, &format!("{name}.toml {}", options(&text)));
        let shown = stdout(&run);
        let lint = lints.iter().filter(|(_, lint)| name.starts_with(&lint[..])).max_by_key(|(_, lint)| lint.len());
        let code = lint.unwrap_or_else(|| panic!("{name} is named after no lint")).0;
        assert!(codes(&shown).contains(code), "{name} does not find {code}:\n{shown}");
        found.extend(codes(&shown));
        let notes_only = name == "guard-not-in-layer";
        run.code(i32::from(!notes_only)).stderr_eq("");
        same(shown, format!("found/{name}.stdout"));
    }
    assert_eq!(found, lints.into_keys().collect(), "each lint has an example");
}

#[test]
fn the_mistakes_of_newcomers_are_found() {
    let desk = desk();
    let corpus = corpus("newcomer");
    assert!(corpus.len() >= 20);
    for (name, text) in corpus {
        desk.file(&format!("{name}.toml"), &text);
        let run = check(&desk, &format!("{name}.toml")).code(1).stderr_eq("");
        same(stdout(&run), format!("newcomer/{name}.stdout"));
    }
}

#[test]
fn profiles_that_do_what_they_should_are_met_with_silence() {
    let desk = desk();
    let silent = |path: &str, options: &str| {
        let run = check(&desk, &format!("{path} {options}"));
        let shown = stdout(&run);
        assert!(shown.ends_with(": no problem\n") && shown.lines().count() == 1, "{path} {options}:\n{shown}");
    };
    let sane = root().join("tests/lints/sane");
    for folder in [&sane, &root().join("profiles"), &root().join("examples")] {
        silent(folder.to_str().unwrap(), "");
    }
    for runtime in ["python3.12", "nodejs22.x", "java11", "java21", "ruby3.4", "dotnet8"] {
        silent(sane.to_str().unwrap(), &format!("--runtime {runtime}"));
        silent(root().join("profiles").to_str().unwrap(), &format!("--runtime {runtime}"));
    }
    for runtime in ["python", "nodejs", "java", "ruby", "dotnet"] {
        let name = format!("new-{runtime}.toml");
        forerun(&desk).args(["new", runtime, "-o", &name]).assert().success();
        silent(&name, "");
    }
}

#[test]
fn a_layer_that_has_what_the_profile_names_is_met_with_silence() {
    let desk = desk();
    let profile = r#"
[runtime.nodejs.env]
NODE_OPTIONS.append = ["--require", "/opt/hooks/init", "--import", "file:///opt/hooks/init.js"]

[runtime.java]
args.options = ["-javaagent:/opt/agent.jar=level=info"]

[env]
SSL_CERT_FILE = { default = "/etc/ssl/bundle.pem", if_exists = "/etc/ssl/bundle.pem" }
LD_PRELOAD.prepend.first_existing = ["/opt/lib/nowhere.so", "/opt/lib/libown.so.1"]

[[rules]]
when.exists = "/opt/other-layer"
env.X = "/opt/other-layer/file"

[[rules]]
when.runtime = "python"
when.env.TRACE = true
args.through = ["/opt/bin/script-of-python"]

[[sidecars]]
name = "a"
command = ["/opt/bin/dynamic", "--config", "${CONFIG:-/opt/agent.jar}"]
env.LD_LIBRARY_PATH = "/opt/lib"

[[sidecars]]
name = "b"
command = ["/opt/bin/script"]

[[sidecars]]
name = "c"
when.arch = "arm64"
command = ["/opt/bin/arm64"]

[[sidecars]]
name = "d"
command = ["/opt/bin/of-al2023"]
"#;
    desk.file("forerun.toml", profile);
    let packed = pack(&desk, "layer");
    desk.file("layer.zip", packed);
    for layer in ["layer", "layer.zip"] {
        check(&desk, &format!("--root {layer}")).success().stdout_eq("1 profile: no problem\n").stderr_eq("");
    }
}

/// A zip file of a folder, modes included.
fn pack(desk: &Folder, folder: &str) -> Vec<u8> {
    use std::os::unix::fs::PermissionsExt;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut open = vec![PathBuf::from(folder)];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(desk.0.join(&next)).unwrap() {
            let entry = entry.unwrap();
            let path = next.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(path);
                continue;
            }
            let mode = entry.metadata().unwrap().permissions().mode();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            zip.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
            zip.write_all(&fs::read(entry.path()).unwrap()).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_file_is_looked_into_like_a_folder() {
    let desk = desk();
    for (layer, profiles) in [
        ("layer", &["not-executable", "library-missing", "not-a-program"][..]),
        ("flawed", &["wrapper-not-executable"]),
    ] {
        desk.file(&format!("{layer}.zip"), pack(&desk, layer));
        for name in profiles {
            let text = fs::read_to_string(root().join(format!("tests/lints/found/{name}.toml"))).unwrap();
            desk.file("forerun.toml", text);
            let shown = |root: &str| stdout(&check(&desk, &format!("--root {root}")).code(1)).replace(".zip", "");
            assert_eq!(shown(&format!("{layer}.zip")), shown(layer), "{name}");
        }
    }
    let refused = check(&desk, "--root forerun.toml").code(2).stdout_eq("");
    same(String::from_utf8(refused.get_output().stderr.clone()).unwrap(), "no-root.stderr");
    desk.file("wrapper-of-forerun", fs::read(WRAPPER).unwrap());
    fs::create_dir(desk.0.join("renamed")).unwrap();
    fs::copy(desk.0.join("wrapper-of-forerun"), desk.0.join("renamed/otel-handler")).unwrap();
    desk.file("forerun.toml", "");
    assert!(stdout(&check(&desk, "--root renamed").code(1)).contains("FR587"), "under whatever name");
}

#[test]
fn what_a_profile_allows_is_not_spoken_of() {
    let desk = desk();
    for (name, text) in corpus("found") {
        let options = options(&text);
        let shown = |text: &str| {
            desk.file("forerun.toml", text);
            codes(&stdout(&check(&desk, options)))
        };
        let found = shown(&text);
        for (code, lint) in lints(&desk).iter().filter(|(code, _)| found.contains(*code)) {
            // An `allow` that is there already is the lint's own example.
            let allowed = match text.strip_prefix("allow = [") {
                Some(rest) => format!("allow = [\"{lint}\", {rest}"),
                None => format!("allow = \"{lint}\"\n{text}"),
            };
            let left = shown(&allowed);
            assert!(!left.contains(code), "{name}: {code} is there although it is allowed");
            let others: BTreeSet<_> = found.iter().filter(|other| *other != code).cloned().collect();
            assert_eq!(left, others, "{name}: the others stay");
        }
    }
}

#[test]
fn profiles_of_one_folder_of_drop_ins_are_looked_at_together() {
    let desk = desk();
    let agent = "[runtime.java]\nargs.options = [\"-javaagent:/opt/agent.jar\"]\n";
    let sidecar = |name: &str| {
        format!("[[sidecars]]\nname = \"{name}\"\ncommand = [\"/opt/bin/{name}\"]\nready.tcp = \"127.0.0.1:1\"\n")
    };
    desk.file("forerun.d/10-one.toml", format!("{agent}{}", sidecar("one")));
    desk.file("forerun.d/20-two.toml", format!("{agent}{}", sidecar("two")));
    same(stdout(&check(&desk, "forerun.d").code(1)), "together.stdout");
    desk.file("apart/one.toml", format!("{agent}{}", sidecar("one")));
    desk.file("apart/two.toml", format!("{agent}{}", sidecar("two")));
    check(&desk, "apart").success();
    desk.file("forerun.d/20-two.toml", sidecar("one"));
    check(&desk, "forerun.d").success();
}

#[test]
fn a_proxy_that_takes_the_place_of_another_profiles_is_spoken_of() {
    let desk = desk();
    let proxies = |first: &str, second: &str| {
        for (file, name) in [("10-one.toml", first), ("20-two.toml", second)] {
            desk.file(&format!("forerun.d/{file}"), forerun::builtin::text(name.as_bytes()).unwrap());
        }
        codes(&stdout(&check(&desk, "forerun.d")))
    };
    let replaced = BTreeSet::from(["FR516".to_owned()]);
    assert_eq!(proxies("lpr", "firetail"), replaced);
    assert_eq!(proxies("firetail", "datadog"), replaced);
    assert_eq!(proxies("firetail", "lpr"), BTreeSet::new(), "it is told of the other one");
    assert_eq!(proxies("datadog", "runtime-api-proxy"), BTreeSet::new(), "it is told of the other one");
}

#[test]
fn node_is_asked_where_there_is_one() {
    let desk = desk();
    desk.file("forerun.toml", "[env]\nNODE_OPTIONS.append = [\"--of-tomorrow\"]\n");
    assert!(codes(&stdout(&check(&desk, "").code(1))).contains("FR510"));
    desk.program("bin/node", "#!/bin/sh\n[ \"$1\" = -p ] && printf 'v24.99.0\\n--of-tomorrow\\n'\n");
    let asked = |options: &str| {
        forerun(&desk).env("PATH", desk.0.join("bin")).arg("check").args(options.split_ascii_whitespace()).assert()
    };
    asked("").success();
    asked("--runtime nodejs24.x").success();
    asked("--runtime nodejs20.x").code(1);
    desk.program("bin/node", "#!/bin/sh\nexit 1\n");
    asked("").code(1);
}

#[test]
fn problems_are_told_to_programs() {
    let desk = desk();
    desk.file("layer.d/broken, 100%.toml", "[env]\nA.sett = 1\n");
    let text = fs::read_to_string(root().join("tests/lints/found/reserved-variable.toml")).unwrap();
    desk.file("layer.d/reserved.toml", text);
    let told = |format: &str| check(&desk, &format!("layer.d --root flawed --format {format}")).code(1).stderr_eq("");
    same(stdout(&told("github")), "github.stdout");
    let document = stdout(&told("json"));
    let parsed: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(parsed["profiles"], 2);
    assert_eq!(parsed["problems"].as_array().unwrap().len(), 6);
    same(document, "json.stdout");
    desk.file("fine.toml", "");
    check(&desk, "fine.toml --format github").success().stdout_eq("");
    let fine = stdout(&check(&desk, "fine.toml --format json").success());
    assert_eq!(serde_json::from_str::<Value>(&fine).unwrap()["problems"], Value::Array(Vec::new()));
}

#[test]
fn a_file_that_is_taken_for_a_name_gets_a_hint() {
    let desk = desk();
    let explain = |profile: &str| {
        let setting = format!("FORERUN_PROFILE={profile}");
        let run = forerun(&desk).args(["explain", "--runtime", "python3.12", "--env", &setting]).assert().code(1);
        stdout(&run)
    };
    same(explain("agent.toml"), "name-with-ending.stdout");
    assert!(explain("agent").contains("add the file to a layer or to the function"));
}

/// A pipe would be read for ever.
#[test]
fn what_is_no_regular_file_is_passed_over() {
    let desk = Folder::new();
    desk.file("profiles/a.toml", "description = \"a\"\n");
    nix::unistd::mkfifo(&desk.0.join("profiles/b.toml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(stdout(&check(&desk, "profiles")), "1 profile: no problem\n");
    let refused = check(&desk, "profiles/a.toml --root profiles/b.toml");
    assert_eq!(refused.get_output().status.code(), Some(2));
}

#[test]
fn the_command_says_what_is_wrong_with_it() {
    let desk = desk();
    let refused = check(&desk, "--runtime pyhton3.12").code(2).stdout_eq("");
    same(String::from_utf8(refused.get_output().stderr.clone()).unwrap(), "runtime.stderr");
    same(stdout(&check(&desk, "--list").success()), "list.stdout");
}

#[test]
fn a_layer_is_made_with_warnings_and_not_with_errors() {
    let desk = desk();
    let agent = "[runtime.java]\nargs.options = [\"-javaagent:/opt/agent.jar\"]\n";
    desk.file("one.toml", agent);
    desk.file("two.toml", format!("{agent}env.PATH = \"/opt/bin\"\n"));
    let made = |profiles: &str| {
        let line = format!("layer -o layer.zip --wrapper layer/wrapper {profiles}");
        let run = forerun(&desk).args(line.split_ascii_whitespace()).assert();
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        (run, stderr, fs::remove_file(desk.0.join("layer.zip")).is_ok())
    };
    let (run, stderr, is_there) = made("two.toml");
    run.success();
    assert!(is_there && codes(&stderr) == BTreeSet::from(["FR524".to_owned()]), "{stderr}");
    // Together they attach the agent twice.
    let (run, stderr, is_there) = made("one.toml two.toml");
    run.code(1).stdout_eq("");
    assert!(!is_there);
    same(stderr, "layer.stderr");
    desk.file(
        "two.toml",
        format!("allow = [\"agent-attached-twice\", \"list-overwritten\"]\n{agent}env.PATH = \"/opt/bin\"\n"),
    );
    let (run, stderr, is_there) = made("one.toml two.toml");
    run.success();
    assert!(is_there && stderr.is_empty(), "{stderr}");
}

/// The sections of docs/lints.md: heading, and text.
fn sections() -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join("docs/lints.md")).unwrap();
    let sections = page.split("\n## ").skip(1).filter(|section| section.starts_with("FR"));
    sections
        .map(|section| section.split_once('\n').unwrap())
        .map(|(heading, text)| (heading.to_owned(), text.to_owned()))
        .collect()
}

#[test]
fn the_page_has_a_section_for_each_lint() {
    let desk = desk();
    let headings: Vec<String> = sections().into_iter().map(|(heading, _)| heading).collect();
    let expected: Vec<String> = lints(&desk).into_iter().map(|(code, name)| format!("{code} {name}")).collect();
    assert_eq!(headings, expected);
    let listed = stdout(&check(&desk, "--list").success());
    for ((heading, text), row) in sections().iter().zip(listed.lines()) {
        let level = row.split_ascii_whitespace().nth(2).unwrap();
        let article = if level == "error" { "An" } else { "A" };
        assert!(
            text.contains(&format!("**{article} {level}.**")),
            "{heading} does not say that it is {article} {level}"
        );
    }
}

/// The fenced blocks of a section: what stands behind the fence, and the text.
fn blocks(section: &str) -> Vec<(String, String)> {
    let mut parts = section.split("\n```");
    parts.next();
    let odd = parts.step_by(2);
    odd.map(|block| block.split_once('\n').unwrap())
        .map(|(info, text)| (info.to_owned(), format!("{text}\n")))
        .collect()
}

#[test]
fn the_bad_examples_of_the_page_are_found_and_the_good_ones_are_not() {
    let desk = desk();
    for (heading, section) in sections() {
        let code = heading.split(' ').next().unwrap();
        let (mut bad, mut good) = (0, 0);
        for (info, text) in blocks(&section) {
            let (language, options) = info.split_once(' ').unwrap_or((&info, ""));
            desk.file("forerun.toml", &text);
            match language {
                "toml,lint" => {
                    let shown = stdout(&check(&desk, options));
                    assert_eq!(codes(&shown), BTreeSet::from([code.to_owned()]), "{heading}\n{text}\n{shown}");
                    bad += 1;
                }
                "toml" => {
                    let shown = stdout(&check(&desk, options).success());
                    assert_eq!(shown, "1 profile: no problem\n", "{heading}\n{text}");
                    good += 1;
                }
                "text" => {}
                other => panic!("{heading}: a block of {other}"),
            }
        }
        assert!(bad > 0 && good > 0, "{heading} has {bad} bad and {good} good examples");
    }
}
