//! The tool as its users see it: what it prints, with which exit status, and that `explain` tells the truth.
//!
//! Expected outputs are files in tests/tool; `SNAPSHOTS=overwrite cargo test --test tool` writes them anew.
#![cfg(feature = "tool")]
#![expect(clippy::disallowed_methods, reason = "this test reads files and starts programs")]

mod common;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

use serde_json::Value;
use snapbox::Data;
use snapbox::cmd::{Command, OutputAssert};

use common::elf;
use common::folder::{Folder, WRAPPER};
use forerun::builtin;
use forerun::capture::{Disk, settle};
use forerun::environment::Env;
use forerun::profile::parse;
use forerun::runtime::{Arch, Family};
use forerun::start::Start;

#[path = "tool/same_story.rs"]
mod same_story;

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

fn json(run: &OutputAssert) -> Value {
    serde_json::from_slice(&run.get_output().stdout).expect("one JSON document")
}

#[track_caller]
fn is_narrow(run: &OutputAssert) {
    let wide: Vec<_> = stdout(run).lines().filter(|line| line.chars().count() > 80).map(str::to_owned).collect();
    assert_eq!(wide, [""; 0]);
}

/// The runtimes whose start is known.
fn known_runtimes() -> Vec<String> {
    let refused = run("explain --runtime cobol").code(2);
    let names = String::from_utf8_lossy(&refused.get_output().stderr).replace("\n        ", " ");
    let names = names.split("known are ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    names.split(", ").map(str::to_owned).collect()
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
    let profiles = broken().len() + builtin::names().count();
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
    let all = format!("{} profiles: no problem\n", builtin::names().count());
    let shown = run("check nowhere.toml profiles").code(2).stdout_eq(all);
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
    for name in known_runtimes() {
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
    let open = run(&format!("{line} --show-values"));
    assert_eq!(stdout(&open).matches("hunter2").count(), 2);
    assert!(stdout(&open).contains("tcp `127.0.0.1:6379`"), "what is waited for, as it will be");
}

#[test]
fn explain_says_why_nothing_changes() {
    let line = "explain --runtime ruby3.3 --opt tests/tool/bare --profile";
    shows(run(&format!("{line} wants-nothing")), 0, "explain/nothing.stdout");
    shows(run(&format!("{line} ruby --env FORERUN_BYPASS=1")), 0, "explain/bypass.stdout");
    shows(run("explain --opt tests/tool/bare -- /var/runtime/bootstrap"), 0, "explain/no-profile.stdout");
    shows(run(&format!("{line} left-out")), 0, "explain/left-out.stdout");
}

#[test]
fn explain_reads_the_configuration_of_a_function() {
    let orders = run("explain --opt tests/tool/opt --function tests/tool/function/orders.json");
    assert!(!stdout(&orders).contains("hunter"), "{}", stdout(&orders));
    is_narrow(&orders);
    shows(orders, 0, "explain/function.stdout");
    let snapshot = run("explain --opt tests/tool/opt --function tests/tool/function/snapshot.json --show-values");
    is_narrow(&snapshot);
    shows(snapshot, 0, "explain/function-snapshot.stdout");
    let piped = forerun().args(["explain", "--opt", "tests/tool/opt", "--function", "-"]);
    let text = fs::read_to_string(root().join("tests/tool/function/orders.json")).unwrap();
    shows(piped.stdin(text).assert(), 0, "explain/function.stdout");
}

/// A profile that passes on whatever it finds, so that a test sees the start that was made of a configuration.
#[test]
fn the_start_of_a_function_is_what_its_configuration_says_and_options_win() {
    let folder = Folder::new();
    let names = [
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_LEVEL",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "DB_PASSWORD",
        "_HANDLER",
    ];
    let edits = names.map(|name| format!("SEEN_{name} = \"${{{name}:-none}}\"\n")).concat();
    let profile = folder.file("seen.toml", format!("[env]\n{edits}"));
    let profile = String::from_utf8(profile).unwrap();
    let seen = |options: &str| {
        let shown = run(&format!("explain --profile {profile} --show-values --json {options}")).success();
        let story = json(&shown);
        let value = |name: &str| {
            let variables = story["plan"]["variables"].as_array().unwrap();
            let variable = variables.iter().find(|variable| variable["name"] == format!("SEEN_{name}")).unwrap();
            variable["new"]["value"].as_str().unwrap().to_owned()
        };
        (
            names.map(value).join(" "),
            format!("{} on {}", story["plan"]["runtime"]["name"], story["plan"]["runtime"]["arch"]),
        )
    };
    let orders = "--function tests/tool/function/orders.json";
    let (values, runtime) = seen(orders);
    assert_eq!(
        values,
        "orders $LATEST 512 on-demand JSON ERROR /teams/orders eu-central-1 eu-central-1 AWS_Lambda_nodejs20.x hunter2 \
         src/orders.handler"
    );
    assert_eq!(runtime, r#""nodejs20" on "arm64""#);
    let options = "--runtime python3.12 --handler a.b --arch x86_64 --init provisioned-concurrency --env DB_PASSWORD=x \
                   --env AWS_REGION=us-west-2";
    let (values, runtime) = seen(&format!("{options} {orders}"));
    assert_eq!(
        values,
        "orders $LATEST 512 provisioned-concurrency JSON ERROR /teams/orders us-west-2 eu-central-1 \
         AWS_Lambda_python3.12 x a.b"
    );
    assert_eq!(runtime, r#""python3.12" on "x86_64""#);
    let (values, _) = seen("--function tests/tool/function/snapshot.json");
    assert_eq!(
        values,
        "billing 7 2048 snap-start Text none /aws/lambda/billing us-east-1 us-east-1 AWS_Lambda_java21 none \
         com.example.Billing::handle"
    );
    let (values, runtime) = seen("--function tests/tool/function/image.json -- /usr/bin/node app.js");
    assert_eq!(values, "render $LATEST 3008 on-demand none none /aws/lambda/render eu-west-1 eu-west-1 none none none");
    assert_eq!(runtime, r#""nodejs" on "x86_64""#);
    let (values, _) = seen("--function tests/tool/function/image.json --runtime python3.12");
    assert!(values.ends_with(" AWS_Lambda_python3.12 none render.main.handler"), "{values}");
    let odd = folder.text("odd.json");
    folder.file("odd.json", r#"{"FunctionName": "own", "Runtime": "provided.al2023", "Handler": "any"}"#);
    let (values, runtime) = seen(&format!("--function {odd} -- /var/task/bootstrap"));
    assert!(values.ends_with(" AWS_Lambda_provided.al2023 none any"), "{values}");
    assert_eq!(runtime, r#""provided" on "x86_64""#);
}

#[test]
fn explain_names_the_function_whose_start_would_stop() {
    let line = "explain --function tests/tool/function/orders.json --opt tests/tool/bare --profile stops";
    shows(run(line), 1, "explain/function-stops.stdout");
}

#[test]
fn explain_says_when_forerun_would_not_run_at_all() {
    let image = run("explain --function tests/tool/function/image.json -- /usr/bin/node app.js");
    is_narrow(&image);
    shows(image, 0, "explain/function-image.stdout");
    let unpublished = "explain --function tests/tool/function/unpublished.json --opt";
    let other = run(&format!("{unpublished} tests/tool/opt"));
    is_narrow(&other);
    shows(other, 0, "explain/function-unpublished.stdout");

    let hindrance = |line: &str| json(&run(&format!("{line} --json")).success())["function"]["hindrance"].clone();
    let layer = Folder::new();
    let unpublished = format!("{unpublished} {}", layer.0.display());
    layer.file("vendor-start", "#!/bin/sh\nexec \"$@\"\n");
    assert_eq!(
        hindrance(&format!("{unpublished} --show-values")),
        "forerun would not run at all: AWS_LAMBDA_EXEC_WRAPPER names another program (/opt/vendor-start); this is what \
         it would do as AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper"
    );
    fs::copy(WRAPPER, layer.0.join("vendor-start")).unwrap();
    assert_eq!(hindrance(&unpublished), Value::Null, "it is forerun under a name of its own");
    assert_eq!(hindrance("explain --function tests/tool/function/orders.json"), Value::Null);
    let snapshot = "explain --function tests/tool/function/snapshot.json";
    assert!(hindrance(snapshot).is_string());
    assert_eq!(hindrance(&format!("{snapshot} --env AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper")), Value::Null);
    let started =
        r#"{"PackageType": "Image", "ImageConfigResponse": {"ImageConfig": {"EntryPoint": ["/opt/wrapper"]}}}"#;
    let explain = forerun().args(["explain", "--json", "--function", "-", "--", "/usr/bin/node", "app.js"]);
    assert_eq!(json(&explain.stdin(started).assert().success())["function"]["hindrance"], Value::Null);
}

#[test]
fn explain_says_that_the_variables_of_a_function_are_not_known() {
    let unreadable = r#"{"Runtime": "ruby3.3", "Environment": {"Error": {"ErrorCode": "AccessDeniedException"}}}"#;
    let explain = forerun().args(["explain", "--function", "-"]).stdin(unreadable).assert();
    shows(explain, 0, "explain/function-unreadable.stdout");
}

#[test]
fn explain_refuses_what_is_not_the_configuration_of_a_function() {
    refuses(run("explain --function nowhere.json"), "explain/function-nowhere.stderr");
    refuses(run("explain --function tests/tool/function/image.json"), "explain/function-image.stderr");
    refuses(run("explain --function tests/tool/function/list.json"), "explain/function-list.stderr");
    let explain = |text: &str| forerun().args(["explain", "--function", "-"]).stdin(text.to_owned()).assert();
    refuses(explain("[]"), "explain/function-array.stderr");
    refuses(explain("{\"Runtime\": \"hunter2\",\n oops"), "explain/function-not-json.stderr");
    refuses(explain(""), "explain/function-empty.stderr");
    refuses(explain("{\"Stacks\": []}"), "explain/function-other.stderr");
    refuses(explain("{\"Handler\": \"a.b\"}"), "explain/function-no-runtime.stderr");
    refuses(explain("{\"Runtime\": \"python3.7\"}"), "explain/function-unknown-runtime.stderr");
    refuses(
        explain("{\"Runtime\": \"java21\", \"Environment\": {\"Variables\": {\"TOKEN\": {\"hunter2\": 1}}}}"),
        "explain/function-wrong-type.stderr",
    );
    let wrong = [
        r#"{"Runtime": 5}"#,
        r#"{"Runtime": "java21", "MemorySize": "hunter2"}"#,
        r#"{"Runtime": "java21", "Architectures": ["hunter2"]}"#,
        r#"{"Runtime": "java21", "Layers": ["hunter2"]}"#,
        r#"{"Runtime": "java21", "Environment": "hunter2"}"#,
        r#"{"Runtime": "java21", "Environment": {"Variables": {"A=": "hunter2"}}}"#,
        r#"{"Runtime": "java21", "Environment": {"Variables": {"A": "hunter2\u0000"}}}"#,
        r#"{"Runtime": "java21", "FunctionName": "hunter2\u0000"}"#,
        r#"{"Runtime": "java21", "Handler": "hunter2\u0000"}"#,
        r#"{"Runtime": "java21", "SnapStart": ["hunter2"]}"#,
        r#"{"Runtime": "java21", "LoggingConfig": {"LogFormat": {"hunter2": 1}}}"#,
        r#"{"Runtime": "java21", "ImageConfigResponse": 1, "PackageType": "Image"}"#,
    ];
    for text in wrong {
        let refused = explain(text).code(2).stdout_eq("");
        let said = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(said.starts_with("error: -: ") && !said.contains("hunter"), "{text}: {said}");
    }
    refuses(
        forerun().args(["explain", "--function", "-", "--env-file", "-"]).stdin("").assert(),
        "explain/function-twice.stderr",
    );
}

#[test]
fn explain_tells_the_story_as_json() {
    let bare = "explain --json --opt tests/tool/bare";
    let companions = format!("{bare} --runtime nodejs20.x --profile companions --env TOKEN=hunter2");
    assert!(!stdout(&run(&companions)).contains("hunter"));
    shows(run(&companions), 0, "explain/companions.json");
    shows(run(&format!("{bare} --runtime nodejs22 --profile stops")), 1, "explain/stops.json");
    shows(run(&format!("{bare} --profile through -- /usr/bin/app one two")), 0, "explain/through.json");
    let orders = "explain --json --opt tests/tool/opt --function tests/tool/function/orders.json";
    shows(run(orders), 0, "explain/function.json");
    let nothing = json(&run(&format!("{bare} --runtime ruby3.3 --profile wants-nothing")).success());
    assert_eq!(nothing["plan"]["nothing_changes"], "the start already is as the profiles want it");
    let secrets = format!("{bare} --runtime python3.12 --profile secrets --env TOKEN=hunter2");
    let new = |line: &str| json(&run(line).success())["plan"]["variables"][0]["new"].clone();
    assert_eq!(new(&secrets).to_string(), r#"{"masked":15}"#);
    assert_eq!(new(&format!("{secrets} --show-values")).to_string(), r#"{"value":"Bearer hunter2 "}"#);
    run("explain --json --runtime cobol").code(2).stdout_eq("");
    // A line that edits a variable twice is one origin.
    let folder = Folder::new();
    folder.file("twice.toml", "rules = [{ env.A = \"1\" }, { env.A = \"2\" }]");
    let twice = format!("--runtime ruby3.3 --profile {}", folder.text("twice.toml"));
    let story = json(&run(&format!("explain --json {twice}")).success());
    assert_eq!(story["plan"]["variables"][0]["origins"].as_array().unwrap().len(), 1);
    same_story::assert_same(&twice, &stdout(&run(&format!("explain {twice}"))), &story);
}

#[test]
fn text_and_json_tell_the_same_story() {
    let mut told = 0;
    for runtime in known_runtimes() {
        let mut starts = vec![
            format!("--runtime {runtime} --opt tests/tool/opt"),
            format!("--runtime {runtime} --opt tests/tool/opt --env AGENT_DEBUG=1 --env PATH=/bin"),
            format!("--runtime {runtime} --arch arm64 --init snap-start --task examples/opentelemetry"),
            format!(
                "--runtime {runtime} --function tests/tool/function/orders.json --opt tests/tool/opt --show-values"
            ),
        ];
        let orders = "--function tests/tool/function/orders.json --opt tests/tool/bare";
        starts.push(format!("--runtime {runtime} {orders} --profile stops"));
        for profile in ["companions", "secrets", "through", "wants-nothing", "stops", "unknown"] {
            starts.push(format!("--runtime {runtime} --opt tests/tool/bare --profile {profile} --env TOKEN=a"));
        }
        for start in starts {
            let (text, story) = (run(&format!("explain {start}")), run(&format!("explain --json {start}")));
            assert_eq!(text.get_output().status.code(), story.get_output().status.code(), "{start}");
            same_story::assert_same(&start, &stdout(&text), &json(&story));
            told += 1;
        }
    }
    assert!(told > 200, "{told} stories");
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
    let help = run("--help");
    let commands = commands(&stdout(&help));
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let help = run(&format!("{command} --help"));
        assert!(stdout(&help).contains("\nExample"), "{command}");
        shows(help, 0, format!("{command}-help.stdout"));
    }
    shows(help, 0, "help.stdout");
}

/// The commands that the help names.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_ascii_whitespace().next().map(str::to_owned));
    names.filter(|name| name != "help").collect()
}

#[test]
fn list_names_every_built_in_profile_and_show_prints_it() {
    let listed = run("list");
    let out = stdout(&listed);
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let lines: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(lines.len(), builtin::names().count());
    for (line, name) in lines.into_iter().zip(builtin::names()) {
        let text = builtin::text(name.as_bytes()).unwrap();
        assert!(line.starts_with(&format!("{name} ")) && !line.ends_with(' '), "{line}");
        run(&format!("show {name}")).success().stderr_eq("").stdout_eq(Data::text(text).raw());
        run(&format!("show builtin:{name}")).success().stdout_eq(Data::text(text).raw());
    }
    shows(listed, 0, "list.stdout");
}

#[test]
fn show_suggests_the_profile_that_was_meant() {
    refuses(run("show pyhton"), "show-pyhton.stderr");
    refuses(run("show opentelemetry"), "show-opentelemetry.stderr");
    run("show").code(2).stdout_eq("");
}

/// What `new` can be asked for, each with a start that it is for.
fn starters() -> Vec<(&'static str, &'static str)> {
    let start = |family| match family {
        Family::Dotnet => "--runtime dotnet8",
        Family::Java => "--runtime java21",
        Family::Nodejs => "--runtime nodejs22.x",
        Family::Provided => "--env AWS_LAMBDA_FUNCTION_NAME=my-function -- /var/task/bootstrap",
        Family::Python => "--runtime python3.13",
        Family::Ruby => "--runtime ruby3.4",
    };
    let families = Family::ALL.map(|family| (family.name(), start(family)));
    let any = families.map(|(_, start)| ("", start));
    [families, any].concat()
}

#[test]
fn new_makes_a_profile_without_problems_that_does_something() {
    let folder = Folder::new();
    for (number, (runtime, start)) in starters().into_iter().enumerate() {
        let starter = run(&format!("new {runtime}")).success().stderr_eq("");
        let path = folder.text(&format!("{number}.toml"));
        fs::write(&path, &starter.get_output().stdout).unwrap();
        run(&format!("check {path}")).success().stdout_eq("1 profile: no problem\n");
        let told = stdout(&run(&format!("explain --profile {path} {start}")).success());
        assert!(told.contains(&format!("{path}  selected\n")), "{told}");
        let changes = told.lines().filter(|line| line.starts_with("  + ") || line.starts_with("  ~ ")).count();
        assert!(changes >= 2 && !told.contains("warning["), "{runtime} {start}: {told}");
        if !runtime.is_empty() {
            let wide = stdout(&starter).lines().filter(|line| line.chars().count() > 120).count();
            assert_eq!(wide, 0, "{runtime}");
            shows(starter, 0, format!("new/{runtime}.stdout"));
        }
    }
    shows(run("new"), 0, "new/any.stdout");
}

#[test]
fn what_a_starter_offers_in_its_comments_is_a_profile_as_well() {
    for (runtime, _) in starters() {
        let text = stdout(&run(&format!("new {runtime}")));
        // A sentence stands behind `# `, an offer behind `#`.
        let taken: Vec<_> =
            text.lines().map(|line| line.strip_prefix('#').filter(|rest| offer(rest)).unwrap_or(line)).collect();
        let taken = taken.join("\n");
        assert!(taken.contains("\n[[sidecars]]\n"), "{runtime}");
        let parsed = parse(&taken, 0).profile;
        assert!(parsed.is_ok(), "{runtime}: {parsed:?}");
    }
}

fn offer(rest: &str) -> bool {
    !rest.is_empty() && !rest.starts_with(' ')
}

#[test]
fn new_takes_a_runtimes_full_name_and_suggests_what_was_meant() {
    for (full, family) in [("python3.13", "python"), ("nodejs22.x", "nodejs"), ("provided.al2023", "provided")] {
        let expected = run(&format!("new {family}")).get_output().stdout.clone();
        run(&format!("new {full}")).success().stdout_eq(Data::binary(expected));
    }
    refuses(run("new pyhton3.13"), "new/pyhton.stderr");
    refuses(run("new cobol"), "new/cobol.stderr");
}

#[test]
fn new_writes_a_file_only_where_there_is_none() {
    let folder = Folder::new();
    let new = || forerun().current_dir(&folder.0).args(["new", "ruby", "-o"]);
    let expected = fs::read(root().join("src/tool/starters/ruby.toml")).unwrap();
    new().arg("forerun.toml").assert().success().stdout_eq("").stderr_eq("");
    assert_eq!(fs::read(folder.0.join("forerun.toml")).unwrap(), expected);
    fs::write(folder.0.join("forerun.toml"), "mine").unwrap();
    refuses(new().arg("forerun.toml").assert(), "new/there.stderr");
    assert_eq!(fs::read(folder.0.join("forerun.toml")).unwrap(), b"mine");
    refuses(new().arg("nowhere/forerun.toml").assert(), "new/nowhere.stderr");
    new().arg("-").assert().success().stdout_eq(Data::binary(expected));
}

/// A folder with profiles and launchers to make layers of.
fn workshop() -> Folder {
    let folder = Folder::new();
    folder.file("otel/forerun.toml", "description = \"tracing\"\nenv.A.default = \"1\"\n");
    folder.file("20-limits.toml", "[limits]\ncore = 0\n");
    folder.file("broken.toml", "[env]\nA.sett = 1\nB = [1]\n");
    folder.file("wrapper-x86_64", elf::program(elf::X86_64));
    folder.file("wrapper-arm64", elf::position_independent(elf::AARCH64));
    folder
}

fn layer(folder: &Folder, line: &str) -> OutputAssert {
    forerun().current_dir(&folder.0).arg("layer").args(line.split_ascii_whitespace()).assert()
}

/// What another program reads in a zip file: name, mode, time, system, method and content of each entry.
const ENTRIES: &str = "
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as zip:
    assert zip.testzip() is None and not zip.comment
    for entry in zip.infolist():
        time = '%d-%02d-%02d %02d:%02d:%02d' % entry.date_time
        print(entry.filename, oct(entry.external_attr >> 16), time, entry.create_system, entry.compress_type, len(entry.extra))
        if len(sys.argv) > 2:
            zip.extract(entry, sys.argv[2])
";

fn python(arguments: &[&str]) -> String {
    let output = process::Command::new("python3").args(arguments).output().expect("`python3` is needed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn layer_holds_the_wrapper_and_the_profiles_with_their_modes() {
    let folder = workshop();
    let made = layer(&folder, "-o layer.zip --wrapper wrapper-x86_64 otel/forerun.toml 20-limits.toml");
    shows(made, 0, "layer/made.stdout");
    let there = folder.text("opt");
    same(python(&["-c", ENTRIES, &folder.text("layer.zip"), &there]).as_bytes(), "layer/entries.txt");
    for (entry, from) in [
        ("wrapper", "wrapper-x86_64"),
        ("forerun.d/10-otel.toml", "otel/forerun.toml"),
        ("forerun.d/20-limits.toml", "20-limits.toml"),
    ] {
        let (entry, from) = (folder.0.join("opt").join(entry), folder.0.join(from));
        assert!(fs::read(entry).unwrap() == fs::read(from).unwrap());
    }
    let told = stdout(&run(&format!("explain --runtime python3.13 --opt {there}")).success());
    assert!(told.contains("/10-otel.toml") && told.contains("/20-limits.toml"), "{told}");
}

#[test]
fn layer_is_the_same_bytes_every_time() {
    let (one, other) = (workshop(), workshop());
    layer(&one, "-o layer.zip --wrapper wrapper-x86_64 otel/forerun.toml 20-limits.toml").success();
    // Another folder, another time, other modes, another order where names have numbers of their own.
    for name in ["otel/forerun.toml", "20-limits.toml", "wrapper-x86_64"] {
        let file = fs::File::options().append(true).open(other.0.join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)).unwrap();
        other.mode(name, 0o600);
    }
    fs::rename(other.0.join("otel/forerun.toml"), other.0.join("10-otel.toml")).unwrap();
    let piped = layer(&other, "-o - --wrapper wrapper-x86_64 20-limits.toml 10-otel.toml").success().stderr_eq("");
    assert!(piped.get_output().stdout == fs::read(one.0.join("layer.zip")).unwrap());
    let changed = layer(&other, "-o - --wrapper wrapper-x86_64 20-limits.toml").success();
    assert!(changed.get_output().stdout != piped.get_output().stdout);
}

#[test]
fn layer_is_not_made_of_a_profile_with_problems() {
    let folder = workshop();
    for output in ["layer.zip", "-"] {
        let refused = layer(&folder, &format!("-o {output} --wrapper wrapper-x86_64 otel/forerun.toml broken.toml"));
        let refused = refused.code(1).stdout_eq("");
        if output != "-" {
            same(&refused.get_output().stderr, "layer/broken.stderr");
        }
    }
    assert!(!folder.0.join("layer.zip").exists());
}

#[test]
fn layer_takes_only_a_static_program_for_the_architecture() {
    let folder = workshop();
    layer(&folder, "-o a.zip --arch arm64 --wrapper wrapper-arm64 20-limits.toml").success();
    layer(&folder, "-o a.zip --wrapper wrapper-x86_64 20-limits.toml").success();
    let damaged = elf::program(elf::X86_64)[..150].to_vec();
    let mut truncated = elf::program(elf::X86_64);
    truncated.pop();
    for (name, bytes) in [
        ("other-machine", elf::program(elf::AARCH64)),
        ("neither-machine", elf::program(8)),
        ("dynamic", elf::dynamic(elf::X86_64)),
        ("needing", elf::needing(elf::X86_64)),
        ("library", elf::library(elf::X86_64)),
        ("damaged", damaged),
        ("truncated", truncated),
        ("script", b"#!/bin/sh\nexec \"$@\"\n".to_vec()),
        ("empty", Vec::new()),
    ] {
        folder.file(name, bytes);
        let refused = layer(&folder, &format!("-o layer.zip --wrapper {name} 20-limits.toml"));
        refuses(refused, format!("layer/{name}.stderr"));
    }
    refuses(layer(&folder, "-o layer.zip --wrapper nowhere 20-limits.toml"), "layer/no-file.stderr");
    // The launcher of a plain build is linked with the libc of this machine.
    let here =
        format!("-o layer.zip --arch {} --wrapper {} 20-limits.toml", Arch::OWN.name(), env!("CARGO_BIN_EXE_wrapper"));
    let refused = layer(&folder, &here).code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("linked dynamically"));
    assert!(!folder.0.join("layer.zip").exists());
}

#[test]
fn layer_finds_the_wrapper_beside_the_tool_and_where_cargo_puts_it() {
    let folder = workshop();
    fs::create_dir(folder.0.join("bin")).unwrap();
    fs::hard_link(env!("CARGO_BIN_EXE_forerun"), folder.0.join("bin/forerun")).unwrap();
    let make = |arch: &str| {
        let tool = Command::new(folder.0.join("bin/forerun")).current_dir(&folder.0).env_clear();
        tool.args(["layer", "-o", "layer.zip", "--arch", arch, "20-limits.toml"]).assert()
    };
    let here = folder.0.canonicalize().unwrap();
    let from = |made: OutputAssert| {
        let told = stdout(&made.success()).replace(here.to_str().unwrap(), "HERE");
        told.lines().last().unwrap().split_ascii_whitespace().last().unwrap().to_owned()
    };
    let missing = make("arm64").code(2).stdout_eq("");
    let missing = String::from_utf8_lossy(&missing.get_output().stderr).replace(here.to_str().unwrap(), "HERE");
    same(missing.as_bytes(), "layer/nowhere.stderr");

    folder.file("target/aarch64-unknown-linux-musl/release/wrapper", elf::program(elf::AARCH64));
    assert_eq!(from(make("arm64")), "target/aarch64-unknown-linux-musl/release/wrapper");
    folder.file("aarch64-unknown-linux-musl/release/wrapper", elf::program(elf::AARCH64));
    assert_eq!(from(make("arm64")), "HERE/aarch64-unknown-linux-musl/release/wrapper");
    // One that does not fit is passed over.
    folder.file("bin/wrapper", elf::program(elf::X86_64));
    assert_eq!(from(make("arm64")), "HERE/aarch64-unknown-linux-musl/release/wrapper");
    assert_eq!(from(make("x86_64")), "HERE/bin/wrapper");
}

#[test]
fn layer_says_what_is_wrong_with_the_command() {
    let folder = workshop();
    folder.file("other/20-limits.toml", "");
    let refused = |line: &str, file: &str| {
        refuses(layer(&folder, &format!("--wrapper wrapper-x86_64 {line}")), format!("layer/{file}.stderr"));
    };
    refused("-o layer.zip nowhere.toml", "no-profile");
    refused("-o layer.zip otel", "not-toml");
    refused("-o layer.zip 20-limits.toml other/20-limits.toml", "same-name");
    refused("-o layer.zip 99-a.toml otel/forerun.toml", "no-number");
    refused("-o nowhere/layer.zip 20-limits.toml", "no-folder");
    refused("-o layer.zip 20-limits.toml 20-limits.toml", "twice");
    // The name of the zip file was left out.
    refused("-o otel/forerun.toml 20-limits.toml", "over-a-profile");
    refused("-o wrapper-x86_64 20-limits.toml", "over-the-wrapper");
    assert_eq!(fs::read(folder.0.join("wrapper-x86_64")).unwrap(), elf::program(elf::X86_64));
    for wrong in ["-o layer.zip", "20-limits.toml", "-o layer.zip --arch sparc 20-limits.toml"] {
        layer(&folder, wrong).code(2).stdout_eq("");
    }
    assert!(!folder.0.join("layer.zip").exists());
}

#[test]
fn layer_writes_no_zip_file_to_a_terminal() {
    let folder = workshop();
    // On a terminal of its own, both of the tool's outputs.
    let terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut tool = process::Command::new("python3");
    tool.args(["-c", terminal, env!("CARGO_BIN_EXE_forerun"), "layer", "-o", "-", "--wrapper", "wrapper-x86_64"]);
    let output = tool.arg("20-limits.toml").current_dir(&folder.0).stdin(Stdio::null()).output().unwrap();
    let seen = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.code() == Some(2) && seen.contains("nothing for a terminal"), "{seen}");
}

#[test]
fn completions_complete_in_bash_and_know_every_command() {
    let commands = commands(&stdout(&run("--help")));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&run(&format!("completions {shell}")).success().stderr_eq(""));
        for command in &commands {
            assert!(script.contains(&command[..]), "{shell}: {command}");
        }
    }
    let complete = |line: &[&str]| {
        let script = format!(
            "source <(\"$1\" completions bash); COMP_WORDS=({}); COMP_CWORD={}; \
             _forerun forerun \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"; \
             echo \"${{COMPREPLY[*]}}\"",
            line.join(" "),
            line.len() - 1
        );
        let mut bash = process::Command::new("bash");
        let output = bash.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_forerun")]).output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete(&["forerun", "la"]), "layer\n");
    assert_eq!(complete(&["forerun", "layer", "--wr"]), "--wrapper\n");
    assert_eq!(complete(&["forerun", "layer", "--arch", "a"]), "arm64\n");
    run("completions cobol").code(2).stdout_eq("");
}

#[test]
fn man_has_a_page_for_every_command() {
    let folder = Folder::new();
    let out = folder.text("share/man1");
    run(&format!("man -o {out}")).success().stdout_eq("").stderr_eq("");
    let mut pages: Vec<String> =
        fs::read_dir(&out).unwrap().map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    let mut expected: Vec<String> =
        commands(&stdout(&run("--help"))).iter().map(|command| format!("forerun-{command}.1")).collect();
    expected.push("forerun.1".to_owned());
    expected.sort();
    assert_eq!(pages, expected);
    let page = |name: &str| fs::read(Path::new(&out).join(name)).unwrap();
    run("man").success().stderr_eq("").stdout_eq(Data::binary(page("forerun.1")));
    for name in ["forerun.1", "forerun-check.1", "forerun-layer.1"] {
        same(&page(name), format!("man/{name}"));
    }
    folder.file("file", "");
    let refused = forerun().current_dir(&folder.0).args(["man", "-o", "file/man1"]).assert();
    refuses(refused, "man/no-folder.stderr");
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
