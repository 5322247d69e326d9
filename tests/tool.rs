//! The tool as its users see it: what it prints, with which exit status, and that `explain` tells the truth.
//!
//! Expected outputs are files in tests/tool; `SNAPSHOTS=overwrite cargo test --test tool` writes them anew.
#![cfg(feature = "tool")]
#![expect(clippy::disallowed_methods, reason = "this test reads files and starts programs")]

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

use snapbox::Data;
use snapbox::cmd::{Command, OutputAssert};

use forerun::capture::{Disk, settle};
use forerun::environment::Env;
use forerun::runtime::Arch;
use forerun::start::Start;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tool in the root of the package.
fn forerun() -> Command {
    // Nothing of the test's own environment may matter, but for colour, which a pipe has not.
    Command::new(env!("CARGO_BIN_EXE_forerun")).current_dir(root()).env_clear()
}

fn run(line: &str) -> OutputAssert {
    forerun().args(line.split_ascii_whitespace()).assert()
}

/// Compares with a file in tests/tool, byte by byte.
fn same(output: &[u8], file: impl AsRef<Path>) {
    let expected = Data::read_from(&root().join("tests/tool").join(file), None).raw();
    let text = String::from_utf8(output.to_vec()).expect("the tool writes UTF-8");
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(Data::text(text).raw(), expected);
}

/// The output of a run that was fine or showed problems, compared with a file.
fn shows(run: OutputAssert, status: i32, file: impl AsRef<Path>) {
    let run = run.code(status).stderr_eq("");
    same(&run.get_output().stdout, file);
}

/// A command that cannot be carried out: nothing on stdout.
fn refuses(run: OutputAssert, file: impl AsRef<Path>) {
    let run = run.code(2).stdout_eq("");
    same(&run.get_output().stderr, file);
}

fn stdout(run: &OutputAssert) -> String {
    String::from_utf8_lossy(&run.get_output().stdout).into_owned()
}

fn broken() -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join("tests/tool/broken")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

#[test]
fn check_shows_every_problem_of_a_broken_profile() {
    let files = broken();
    assert!(files.len() > 20);
    let mut codes = BTreeSet::new();
    for file in files {
        let path = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let shown = run(&format!("check {path}"));
        codes.extend(stdout(&shown).split("error[").skip(1).map(|rest| rest[..5].to_owned()));
        shows(shown, 1, file.with_extension("stdout"));
    }
    let expected: BTreeSet<_> = (101..=109).map(|code| format!("FR{code}")).collect();
    assert_eq!(codes, expected, "each code for a profile has its example");
}

#[test]
fn check_finds_nothing_in_the_profiles_and_examples_of_this_repository() {
    let shown = run("check profiles examples tests/tool/opt").success().stderr_eq("");
    assert!(stdout(&shown).ends_with(" profiles: no problem\n") && stdout(&shown).lines().count() == 1);
}

#[test]
fn check_counts_over_files_and_folders_and_reads_a_file_once() {
    let shown = run("check tests/tool/broken tests/tool/broken/typo-key.toml profiles").code(1);
    let profiles = broken().len() + 5;
    assert!(stdout(&shown).contains(&format!("\n{profiles} profiles: ")), "{}", stdout(&shown));
}

#[test]
fn check_reads_standard_input() {
    shows(forerun().args(["check", "-"]).stdin("[env]\nA.sett = 1\n").assert(), 1, "check-stdin.stdout");
    forerun().args(["check", "-"]).stdin("").assert().success().stdout_eq("1 profile: no problem\n");
}

#[test]
fn check_says_which_path_cannot_be_read_and_checks_the_rest() {
    refuses(run("check nowhere.toml"), "check-nowhere.stderr");
    refuses(run("check"), "check-default.stderr");
    refuses(run("check tests/tool/task"), "check-empty-folder.stderr");
    let shown = run("check nowhere.toml profiles").code(2).stdout_eq("5 profiles: no problem\n");
    same(&shown.get_output().stderr, "check-nowhere.stderr");
}

#[test]
fn explain_shows_what_a_layer_does_to_each_runtime() {
    for runtime in ["python3.12", "nodejs20.x", "java11", "java21", "ruby3.3", "dotnet8"] {
        let shown = run(&format!("explain --runtime {runtime} --opt tests/tool/opt"));
        shows(shown, 0, format!("explain/{runtime}.stdout"));
    }
}

#[test]
fn explain_fits_into_80_columns() {
    for runtime in ["python3.12", "nodejs20.x", "java11", "java21", "ruby3.3", "dotnet8"] {
        let shown = run(&format!("explain --runtime {runtime} --opt tests/tool/opt"));
        let wide: Vec<_> = stdout(&shown).lines().filter(|line| line.chars().count() > 80).map(str::to_owned).collect();
        assert_eq!(wide, [""; 0], "{runtime}");
    }
}

#[test]
fn explain_knows_the_start_of_every_runtime_that_it_names() {
    let refused = run("explain --runtime cobol").code(2);
    let names = String::from_utf8_lossy(&refused.get_output().stderr).replace("\n        ", " ");
    let names = names.split("known are ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    for name in names.split(", ") {
        let shown = stdout(&run(&format!("explain --runtime {name}")).success());
        let family = name.trim_end_matches(".al2").trim_end_matches(".x");
        assert!(shown.contains(&format!("runtime      {family}")), "{shown}");
        assert!(shown.contains("the built-in one of the runtime"), "{shown}");
    }
}

#[test]
fn explain_masks_what_the_user_brings() {
    let line = "explain --runtime python3.12 --opt tests/tool/bare --profile secrets \
                --env TOKEN=hunter2 --env AGENT_SERVICE=hunter3";
    let masked = run(line);
    assert!(!stdout(&masked).contains("hunter"), "{}", stdout(&masked));
    shows(masked, 0, "explain/masked.stdout");
    let shown = run(&format!("{line} --show-values"));
    assert_eq!(stdout(&shown).matches("hunter2").count(), 3, "{}", stdout(&shown));
    shows(shown, 0, "explain/shown.stdout");
}

#[test]
fn explain_takes_a_relative_path_even_beside_an_opt_of_ones_own() {
    for path in ["./forerun/secrets.toml", "forerun/secrets.toml", "../bare/forerun/secrets.toml"] {
        let explain = forerun().current_dir(root().join("tests/tool/bare"));
        let shown =
            explain.args(["explain", "--runtime", "java21", "--opt", "../opt", "--profile", path]).assert().success();
        assert!(stdout(&shown).contains("/forerun/secrets.toml  selected\n"), "{}", stdout(&shown));
        assert!(stdout(&shown).contains(" 10-agent.toml:4\n"), "{}", stdout(&shown));
        assert!(stdout(&shown).contains(" written out "), "{}", stdout(&shown));
    }
}

#[test]
fn explain_takes_an_environment_from_a_file() {
    let explain = || {
        forerun().args([
            "explain",
            "--env-file",
            "-",
            "--show-values",
            "--profile",
            "tests/tool/bare/forerun/secrets.toml",
        ])
    };
    let lines = explain().args(["--", "/usr/bin/x", "y"]).stdin("# comment\n\nTOKEN=a b\r\nODD==\n").assert().success();
    assert!(stdout(&lines).contains("Bearer a b "), "{}", stdout(&lines));
    let zeros = explain().args(["--", "/usr/bin/x", "y"]).stdin("TOKEN=a\nb\0#=1\0").assert().success();
    assert!(stdout(&zeros).contains("Bearer a\\nb "), "{}", stdout(&zeros));
    refuses(explain().args(["--", "x"]).stdin("A=1\nnothing\n").assert(), "explain/env-file.stderr");
}

#[test]
fn explain_shows_an_argv_of_a_profiles_own() {
    shows(run("explain --opt tests/tool/bare --profile through -- /usr/bin/app one two"), 0, "explain/through.stdout");
}

#[test]
fn explain_shows_what_is_started_beside_the_runtime_and_what_its_process_gets() {
    let line = "explain --runtime nodejs20.x --opt tests/tool/bare --profile companions --env TOKEN=hunter2";
    let shown = run(line);
    assert!(!stdout(&shown).contains("hunter"), "{}", stdout(&shown));
    let wide: Vec<_> = stdout(&shown).lines().filter(|line| line.chars().count() > 80).map(str::to_owned).collect();
    assert_eq!(wide, [""; 0]);
    shows(shown, 0, "explain/companions.stdout");
    assert_eq!(stdout(&run(&format!("{line} --show-values"))).matches("hunter2").count(), 2);
}

#[test]
fn explain_says_why_nothing_changes() {
    let line = "explain --runtime ruby3.3 --opt tests/tool/bare --profile";
    shows(run(&format!("{line} wants-nothing")), 0, "explain/nothing.stdout");
    shows(run(&format!("{line} ruby --env FORERUN_BYPASS=1")), 0, "explain/bypass.stdout");
    shows(run("explain --opt tests/tool/bare -- /var/runtime/bootstrap"), 0, "explain/no-profile.stdout");
}

#[test]
fn explain_shows_the_problem_that_stops_the_start() {
    for profile in ["stops", "unknown", "broken"] {
        let line = format!("explain --runtime nodejs22 --opt tests/tool/bare --profile {profile}");
        shows(run(&line), 1, format!("explain/{profile}.stdout"));
    }
}

#[test]
fn a_wrong_command_line_is_refused_with_what_to_do() {
    refuses(run("explain"), "explain/no-start.stderr");
    refuses(run("explain --runtime python3.7"), "explain/unknown-runtime.stderr");
    refuses(run("explain --runtime java21 --opt nowhere"), "explain/no-folder.stderr");
    refuses(run("explain --runtime java21 --env NAME"), "explain/env.stderr");
    refuses(run("explain --runtime java21 --profile a,b"), "explain/comma.stderr");
    refuses(run("explain --runtime java21 --env-file nowhere"), "explain/no-env-file.stderr");
    for wrong in ["", "chek", "check --fast", "explain --arch sparc --runtime java21", "explain --init x -- y"] {
        run(wrong).code(2).stdout_eq("");
    }
}

#[test]
fn help_has_examples_and_the_version_is_the_packages() {
    run("--version").success().stdout_eq(concat!("forerun ", env!("CARGO_PKG_VERSION"), "\n"));
    for command in ["check", "explain"] {
        shows(run(&format!("{command} --help")), 0, format!("{command}-help.stdout"));
    }
    shows(run("--help"), 0, "help.stdout");
}

/// The real launcher starts cat(1), which prints the environment and the argv that it was given: they are those of
/// the plan, and `explain` says the same.
#[test]
fn explain_tells_what_the_wrapper_does() {
    let profile = root().join("tests/tool/parity.toml");
    let setting = format!("FORERUN_PROFILE={}", profile.display());
    let env = [
        &setting[..],
        "PATH=/usr/bin:/bin",
        "PARITY_DEFAULT=mine",
        "PARITY_EMPTY=",
        "PARITY_GONE=1",
        "UNTOUCHED=\u{e9}",
    ];
    let argv = ["/bin/cat", "/proc/self/environ", "/proc/version", "/dev/full", "/proc/self/cmdline"];

    let mut launcher = process::Command::new(env!("CARGO_BIN_EXE_wrapper"));
    launcher.args(argv).env_clear().envs(env.iter().map(|entry| entry.split_once('=').unwrap()));
    let output = launcher.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut seen: Vec<Vec<u8>> = output.stdout.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(seen.pop(), Some(Vec::new()));
    let at = seen.iter().position(|entry| entry == b"/bin/cat").unwrap();
    let seen_argv = seen.split_off(at);

    let strings = |texts: &[&str]| -> Vec<Cow<'static, CStr>> {
        texts.iter().map(|text| Cow::Owned(CString::new(*text).unwrap())).collect()
    };
    let mut sorted = env;
    // std::process::Command hands variables on in the order of their names.
    sorted.sort_unstable();
    let start = Start {
        own: Cow::Borrowed(c"/opt/wrapper"),
        argv: strings(&argv),
        env: Env::new(strings(&sorted)),
        arch: Arch::OWN,
        pid: 1,
    };
    let (_, settled) = settle(&Disk::default(), &start);
    let plan = settled.expect("the profile applies");
    let bytes =
        |strings: &mut dyn Iterator<Item = &CStr>| strings.map(|one| one.to_bytes().to_vec()).collect::<Vec<_>>();
    assert_eq!(seen, bytes(&mut plan.env.iter()));
    assert_eq!(seen_argv, bytes(&mut plan.argv_strings().iter().map(AsRef::as_ref)));

    let mut explain = forerun().args(["explain", "--show-values", "--profile"]).arg(&profile);
    for entry in &env[1..] {
        explain = explain.args(["--env", entry]);
    }
    let told = stdout(&explain.arg("--").args(argv).assert().success());
    let sections: Vec<&str> = told.split("\n\n").collect();
    let section = |title: &str| {
        let lines = sections.iter().find(|section| section.starts_with(title)).unwrap().lines().skip(1);
        lines.map(|line| line.split("  parity.toml:").next().unwrap().trim_end().to_owned()).collect::<Vec<_>>()
    };
    let told_argv = section("argv").into_iter().filter(|line| !line.starts_with("  -"));
    let told_argv: Vec<_> = told_argv.map(|line| line.as_bytes()[4..].to_vec()).collect();
    assert_eq!(told_argv, seen_argv, "{told}");

    let told_env = section("environment");
    let expected: BTreeSet<Vec<u8>> =
        seen.into_iter().filter(|entry| !env.iter().any(|old| old.as_bytes() == entry)).collect();
    let told_new: BTreeSet<Vec<u8>> = told_env
        .iter()
        .filter(|line| line.starts_with("  +") || line.starts_with("  ~"))
        .map(|line| {
            let (name, value) = line[4..].split_once(' ').unwrap();
            format!("{name}={}", value.trim_start()).into_bytes()
        })
        .collect();
    assert_eq!(told_new, expected, "{told}");
    assert!(told_env.iter().any(|line| line.starts_with("  - PARITY_GONE ")), "{told}");
}
