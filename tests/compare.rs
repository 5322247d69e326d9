//! `forerun compare`: finds what is different, names what is the script's mistake, and lets no mistake of a profile pass.
#![cfg(feature = "tool")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "this test reads files, starts programs and says what it does not run"
)]

mod common;
#[path = "compare/pairs.rs"]
mod pairs;
#[path = "compare/ready_made.rs"]
mod ready_made;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert};

use common::folder::{Folder, WRAPPER};

/// So few starts that a debug build is done in time, and enough for each choice of a script to come alone.
const STARTS: &str = "30";

fn compare(folder: &Path) -> Command {
    // A `python3` that is a shim of some version manager would bring variables of its own.
    let path = "/usr/local/bin:/usr/bin:/bin";
    Command::new(env!("CARGO_BIN_EXE_forerun")).current_dir(folder).env("PATH", path).args([
        "compare",
        "--wrapper",
        WRAPPER,
    ])
}

fn json(run: &OutputAssert) -> Value {
    serde_json::from_slice(&run.get_output().stdout).unwrap_or_else(|_| panic!("{}", said(run)))
}

fn said(run: &OutputAssert) -> String {
    let output = run.get_output();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn classes(document: &Value) -> Vec<&str> {
    document["reasons"].as_array().unwrap().iter().map(|reason| reason["class"].as_str().unwrap()).collect()
}

/// A script of tests/wrappers, with what is said of it.
struct Wrapper {
    name: String,
    folder: PathBuf,
    about: toml::Table,
}

impl Wrapper {
    fn all() -> Vec<Wrapper> {
        let wrappers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrappers");
        let mut folders: Vec<PathBuf> = fs::read_dir(wrappers).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.retain(|folder| folder.join("profile.toml").is_file());
        folders.sort();
        folders.into_iter().map(Wrapper::read).collect()
    }

    fn read(folder: PathBuf) -> Wrapper {
        let about = fs::read_to_string(folder.join("about.toml")).unwrap().parse().unwrap();
        Wrapper { name: folder.file_name().unwrap().to_str().unwrap().to_owned(), folder, about }
    }

    fn named(name: &str) -> Wrapper {
        Wrapper::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrappers").join(name))
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        let list = self.about.get(key).and_then(toml::Value::as_array);
        list.into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
    }

    /// Whether this machine has what the script's first line names.
    fn has_interpreter(&self) -> bool {
        let text = fs::read_to_string(self.folder.join(self.about["script"].as_str().unwrap())).unwrap();
        let line = text.lines().next().unwrap().trim_start_matches("#!").replace("/usr/bin/env ", "/usr/bin/");
        Path::new(&line).exists()
    }

    fn compare(&self, starts: &str) -> OutputAssert {
        let mut command = compare(&self.folder)
            .args([self.about["script"].as_str().unwrap(), "profile.toml", "--root", "opt", "--json"])
            .args(["--starts", starts, "--timeout", "30"]);
        if self.folder.join("task").is_dir() {
            command = command.args(["--task", "task"]);
        }
        for runtime in self.texts("runtimes") {
            command = command.args(["--runtime", runtime]);
        }
        // Decisions that the profile's author has made, and about.toml tells.
        for (defect, choice) in [
            ("user's value overwritten", "value-kept"),
            ("private variable leaks", "value-kept"),
            ("writes to the log", "line-left-out"),
            ("interpreter by PATH", "arguments-kept"),
            ("secret in the log", "line-left-out"),
            ("program not supervised", "line-left-out"),
        ] {
            if self.texts("defects").contains(&defect) {
                command = command.args(["--accept", choice]);
            }
        }
        command.assert()
    }
}

#[test]
fn what_is_different_about_the_wrappers_of_the_wild_has_its_reasons() {
    let (mut tried, mut failed) = (0, Vec::new());
    for wrapper in Wrapper::all() {
        if !wrapper.has_interpreter() {
            assert!(std::env::var_os("CI").is_none(), "not run: {}: its interpreter is not installed", wrapper.name);
            eprintln!("{}: not run: its interpreter is not installed", wrapper.name);
            continue;
        }
        let run = wrapper.compare(STARTS);
        let status = run.get_output().status.code();
        // What a profile cannot say stays different.
        let expected = if wrapper.about.contains_key("cannot") {
            status == Some(0) || status == Some(1)
        } else {
            status == Some(0)
        };
        if !expected {
            failed.push(format!("{}: {}", wrapper.name, said(&run)));
        }
        tried += 1;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(tried > 40, "{tried} wrappers");
}

#[test]
fn what_scripts_do_wrong_is_named() {
    for (name, expected) in [
        ("otel-java-agent", &["empty-element", "stray-space", "boolean-spelling"][..]),
        ("otel-python", &["empty-element", "hides-site-packages", "pair-without-value"]),
        ("elastic-java", &["split-arguments"]),
        ("datadog", &["repeated-arguments"]),
        ("importtime-before-last", &["options-behind-script"]),
        ("importtime-python-system", &["runtime-is-child", "lost-signal", "lost-status"]),
    ] {
        let run = Wrapper::named(name).compare("60");
        let document = json(&run);
        let found = classes(&document);
        let missing: Vec<_> = expected.iter().filter(|class| !found.contains(class)).collect();
        assert!(missing.is_empty(), "{name}: {missing:?} of {found:?}");
    }
}

/// A script with a part for every dimension, and the profile that says the same.
const SCRIPT: &str = r#"#!/bin/sh
if [ "$AGENT_CLOSED" = "yes" ]; then
  echo "it is refused"
  exit 3
fi
echo "[agent] tracing is on"
export AGENT_MODE="${AGENT_MODE:-full}"
export LD_LIBRARY_PATH="/opt/lib:$LD_LIBRARY_PATH"
program="$1"
shift
exec "$program" --agent "$@"
"#;

const PROFILE: &str = r#"
log = "tracing is on"

[env]
AGENT_MODE.default = "full"
LD_LIBRARY_PATH.prepend = ["/opt/lib"]

[[rules]]
when.env.AGENT_CLOSED = "yes"
fail = "it is refused"

[[rules]]
args.options = ["--agent"]
"#;

/// Compares the script with a profile, on few starts of Node.js.
fn tried(profile: &str) -> OutputAssert {
    let desk = Folder::new();
    desk.program("wrapper-script", SCRIPT);
    desk.file("p.toml", profile);
    compare(&desk.0).args(["wrapper-script", "p.toml", "--runtime", "nodejs22.x", "--starts", "45", "--json"]).assert()
}

#[test]
fn the_same_in_other_words_is_the_same() {
    // A profile refuses before it says anything.
    let run = tried(
        &PROFILE
            .replace("log = \"tracing is on\"\n", "")
            .replace("[[rules]]\nargs", "[[rules]]\nlog = \"tracing is on\"\nargs"),
    );
    let document = json(&run);
    assert_eq!(run.get_output().status.code(), Some(0), "{}", said(&run));
    assert_eq!(document["unexplained"], 0);
    assert!(document["starts"].as_u64().unwrap() > 20);
    assert_eq!(document["differences"].as_array().unwrap().len(), 0);
    assert!(classes(&document).contains(&"own-status"), "{}", said(&run));
}

/// A profile, made wrong by putting `new` in the place of `old`, is caught in this dimension.
#[track_caller]
fn is_caught(old: &str, new: &str, dimension: &str, name: Option<&str>) {
    let right = PROFILE
        .replace("log = \"tracing is on\"\n", "")
        .replace("[[rules]]\nargs", "[[rules]]\nlog = \"tracing is on\"\nargs");
    assert!(right.contains(old), "{old}");
    let run = tried(&right.replace(old, new));
    assert_eq!(run.get_output().status.code(), Some(1), "{}", said(&run));
    let document = json(&run);
    let found = document["differences"].as_array().unwrap();
    let caught = found.iter().any(|one| {
        one["dimension"] == dimension && name.is_none_or(|name| one["name"] == name) && one["starts"].as_u64() > Some(0)
    });
    assert!(caught, "{dimension} {name:?}: {}", said(&run));
}

#[test]
fn a_profile_that_is_wrong_about_the_environment_is_caught() {
    let mode = "AGENT_MODE.default = \"full\"";
    is_caught(mode, "AGENT_MODE.default = \"fast\"", "environment", Some("AGENT_MODE"));
    is_caught(mode, "AGENT_MODE = \"full\"", "environment", Some("AGENT_MODE"));
    is_caught(mode, "", "environment", Some("AGENT_MODE"));
    is_caught(mode, &format!("{mode}\nAGENT_EXTRA = 1"), "environment", Some("AGENT_EXTRA"));
    is_caught("prepend = [\"/opt/lib\"]", "append = [\"/opt/lib\"]", "environment", Some("LD_LIBRARY_PATH"));
    is_caught("[\"/opt/lib\"]", "[\"/opt/lib\", \"/opt/lib64\"]", "environment", Some("LD_LIBRARY_PATH"));
}

#[test]
fn a_profile_that_is_wrong_about_argv_is_caught() {
    is_caught("args.options = [\"--agent\"]", "args.options = [\"--agents\"]", "argv", None);
    is_caught("args.options = [\"--agent\"]", "", "argv", None);
    is_caught("args.options = [\"--agent\"]", "args.append = [\"--agent\"]", "argv", None);
    is_caught(
        "args.options = [\"--agent\"]",
        "args.options = [\"--agent\"]\nargs.remove = [\"--expose-gc\"]",
        "argv",
        None,
    );
}

#[test]
fn a_profile_that_is_wrong_about_the_status_is_caught() {
    is_caught("fail = \"it is refused\"", "warn = \"it is refused\"", "start", None);
    is_caught("fail = \"it is refused\"", "warn = \"it is refused\"", "status", None);
    is_caught("when.env.AGENT_CLOSED = \"yes\"", "", "status", None);
    is_caught("when.env.AGENT_CLOSED = \"yes\"", "when.env.AGENT_CLOSED = \"no\"", "start", None);
}

#[test]
fn a_profile_that_is_wrong_about_the_log_is_caught() {
    is_caught("log = \"tracing is on\"", "log = \"tracing is off\"", "output", None);
    is_caught("log = \"tracing is on\"\n", "", "output", None);
    is_caught("fail = \"it is refused\"", "fail = \"no\"", "output", None);
    is_caught("[env]", "[env]\nX.default = \"1\"\n[[rules]]\nwarn = \"more\"\n[[rules]]\n[rules.env]", "output", None);
}

#[test]
fn a_decision_is_asked_for_and_can_be_given() {
    let desk = Folder::new();
    desk.program("wrapper-script", "#!/bin/sh\nexport AGENT_MODE=full\nexec \"$@\"\n");
    desk.file("p.toml", "[env]\nAGENT_MODE.default = \"full\"\n");
    let run = |more: &[&str]| {
        let command = compare(&desk.0).args(["wrapper-script", "p.toml", "--runtime", "python3.12", "--json"]);
        command.args(more).assert()
    };
    let asked = run(&[]).code(1);
    assert_eq!(json(&asked)["differences"][0]["accept"], "value-kept");
    let given = run(&["--accept", "value-kept"]).code(0);
    assert!(classes(&json(&given)).contains(&"value-kept"));
}

#[test]
fn one_start_can_be_run_again() {
    let desk = Folder::new();
    desk.program("wrapper-script", SCRIPT);
    desk.file("p.toml", "");
    let run = |more: &[&str]| {
        let command =
            compare(&desk.0).args(["wrapper-script", "p.toml", "--runtime", "ruby3.3", "--starts", "20", "--json"]);
        command.args(more).assert()
    };
    let all = json(&run(&[]).code(1));
    let number = all["differences"][0]["example"].to_string();
    let one = json(&run(&["--only", &number]).code(1));
    assert_eq!(one["starts"], 1);
    assert_eq!(one["differences"][0]["script"], all["differences"][0]["script"]);
    assert_eq!(one["differences"][0]["described"], all["differences"][0]["described"]);
    run(&["--only", "999999"]).code(2);
}

#[test]
fn a_script_that_hangs_is_ended_and_not_tried_for_ever() {
    let desk = Folder::new();
    desk.program("wrapper-script", "#!/bin/sh\nsleep 1000\n");
    desk.file("p.toml", "");
    let command = compare(&desk.0).args(["wrapper-script", "p.toml", "--timeout", "1", "--json"]);
    let document = json(&command.assert().code(1));
    assert!(document["left_out"].as_u64().unwrap() > 0, "{document}");
    let status = document["differences"].as_array().unwrap().iter().find(|one| one["dimension"] == "status").unwrap();
    assert_eq!(status["script"], "did not end in time");
}

#[test]
fn a_script_whose_interpreter_is_missing_is_refused() {
    let desk = Folder::new();
    desk.file("p.toml", "");
    for line in ["#!/nowhere/python3", "#!/usr/bin/env nowhere-python3", "#!/opt/nowhere"] {
        desk.program("wrapper-script", format!("{line}\n"));
        let run = compare(&desk.0).args(["wrapper-script", "p.toml", "--root", "."]).assert().code(2).stdout_eq("");
        assert!(said(&run).contains("is not on this machine"), "{}", said(&run));
    }
}

#[test]
fn a_program_is_a_script_like_any_other() {
    let desk = Folder::new();
    desk.file("p.toml", "");
    // env(1) becomes the program that is named behind it.
    let run = compare(&desk.0).args(["/usr/bin/env", "p.toml", "--runtime", "python3.12", "--starts", "25", "--json"]);
    let run = run.assert();
    assert_eq!(run.get_output().status.code(), Some(0), "{}", said(&run));
    assert!(json(&run)["same"].as_u64().unwrap() > 10);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let desk = Folder::new();
    desk.program("wrapper-script", SCRIPT);
    desk.file("p.toml", "");
    desk.file("slip.toml", "[env]\nA.sett = 1\n");
    let run = |line: &str| compare(&desk.0).args(line.split_ascii_whitespace()).assert();
    run("nowhere p.toml").code(2).stdout_eq("");
    run("wrapper-script nowhere.toml").code(2).stdout_eq("");
    run("wrapper-script p.toml --root nowhere").code(2).stdout_eq("");
    run("wrapper-script p.toml --runtime cobol").code(2).stdout_eq("");
    run("wrapper-script builtin:cobol").code(2).stdout_eq("");
    desk.program("no-first-line", "exec \"$@\"\n");
    assert!(said(&run("no-first-line p.toml").code(2)).contains("`#!` line"));
    desk.program("windows", "#!/bin/sh\r\nexec \"$@\"\r\n");
    assert!(said(&run("windows p.toml").code(2)).contains("carriage return"));
    let slip = run("wrapper-script slip.toml").code(1).stdout_eq("");
    assert!(said(&slip).contains("FR102"), "{}", said(&slip));
}

/// Tries to leave something on the machine and to reach a port of it, and says what it could.
const INTRUDER: &str = r#"#!/bin/bash
touch "$DESK/mark" 2>/dev/null
touch /etc/mark 2>/dev/null && echo "wrote into /etc"
touch /dev/shm/forerun-mark
touch /tmp/forerun-mark
(: </dev/tcp/127.0.0.1/PORT) 2>/dev/null && echo "reached a port"
kill -0 PID 2>/dev/null && echo "saw a process"
exec "$@"
"#;

/// Compares the intruder with a profile that does nothing: whatever it could do is a line in the log.
fn intrude(command: impl Fn(&Path) -> Command) {
    let desk = Folder::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let number = port.local_addr().unwrap().port();
    let script = INTRUDER.replace("PORT", &number.to_string()).replace("PID", &std::process::id().to_string());
    desk.program("intruder", script.replace("$DESK", desk.0.to_str().unwrap()));
    desk.file("p.toml", "");
    let run =
        command(&desk.0).args(["intruder", "p.toml", "--runtime", "nodejs22.x", "--starts", "1", "--json"]).assert();
    let document = json(&run);
    assert_eq!(document["starts"], 2, "{}", said(&run));
    assert_eq!(document["differences"], Value::Array(Vec::new()), "{}", said(&run));
    assert!(!desk.0.join("mark").exists());
    for path in ["/etc/mark", "/dev/shm/forerun-mark", "/tmp/forerun-mark"] {
        assert!(!Path::new(path).exists(), "{path}");
    }
}

#[test]
fn a_trial_leaves_the_machine_as_it_is() {
    intrude(compare);
}

/// As an ordinary user, where the tests are run by the superuser.
#[test]
fn a_trial_needs_no_superuser() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let programs = Folder::new();
    for (name, program) in [("forerun", env!("CARGO_BIN_EXE_forerun")), ("wrapper", WRAPPER)] {
        fs::copy(program, programs.0.join(name)).unwrap();
    }
    Command::new("chmod").args(["-R", "a+rX"]).arg(&programs.0).assert().success();
    intrude(|desk| {
        Command::new("chmod").args(["-R", "a+rX"]).arg(desk).assert().success();
        Command::new("setpriv")
            .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
            .arg(programs.0.join("forerun"))
            .current_dir(desk)
            .arg("compare")
    });
}
