//! What happens when something is wrong: the exit status, the line on stderr, the report to Lambda, and what the runtime
//! gets when the start goes on.
#![expect(clippy::disallowed_methods, reason = "this test starts programs and makes files")]

mod common;

use std::ffi::CString;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::time::Duration;

use common::api::Api;
use common::folder::{Folder, WRAPPER, values};
use common::run::{Ended, Run, Step};
use common::world::{Settled, World};
use forerun::problem::Code;
use forerun::runtime::Arch;

/// The wrapper, started as on Lambda.
fn wrapper(argv: &[&[u8]]) -> Run {
    let argv: Vec<&[u8]> = [WRAPPER.as_bytes()].into_iter().chain(argv.iter().copied()).collect();
    Run::new(WRAPPER, &argv).env(["PATH=/usr/bin:/bin"])
}

/// The start stops: this status, one line with this code and this text, and the same in the report to Lambda.
#[track_caller]
fn assert_stops(run: Run, status: i32, code: &str, text: &str) -> Ended {
    let api = Api::new(false);
    let ended = run.env([api.variable()]).run();
    let requests = api.requests();
    assert_eq!(ended.exit(), status, "{ended:?}");
    assert_eq!(ended.stdout, "");
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let [.., line] = lines[..] else { panic!("no line: {ended:?}") };
    let said = line.strip_prefix(&format!("forerun: error[{code}]: ")).unwrap_or_else(|| panic!("{line}"));
    assert!(said.contains(text), "`{text}` is not in: {said}");
    assert_eq!(lines.iter().filter(|line| line.contains("error[")).count(), 1, "{lines:#?}");

    let [request] = &requests[..] else { panic!("one report: {requests:#?}") };
    assert_eq!(request.head[0], "POST /2018-06-01/runtime/init/error HTTP/1.1");
    let expected = match code.as_bytes()[2] {
        b'1' => "Runtime.ForerunProfile",
        b'2' => "Runtime.ForerunPlan",
        _ => "Runtime.ForerunExec",
    };
    assert_eq!(request.header("Lambda-Runtime-Function-Error-Type"), Some(expected));
    assert_eq!(request.header("Content-Length"), Some(request.body.len().to_string().as_str()));
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let told = serde_json::json!({
        "errorType": expected, "errorMessage": format!("{code}: {said}"), "stackTrace": []
    });
    assert_eq!(body, told);
    ended
}

/// The probe is started through a profile, and with what.
struct Started {
    folder: Folder,
    ended: Ended,
    report: Vec<String>,
}

impl Started {
    fn get(&self, name: &str) -> Option<&str> {
        values(&self.report, "variable").into_iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
    }

    fn arguments(&self) -> Vec<&str> {
        values(&self.report, "argument").split_off(1)
    }
}

/// Runs the probe with these profiles, all selected by path, and these variables.
#[track_caller]
fn start(profiles: &[&str], env: &[&str]) -> Started {
    let folder = Folder::new();
    folder.probe();
    let ended = with_profiles(&folder, &[&folder.path("probe"), b"script"], profiles).env(env).run();
    assert_eq!(ended.exit(), 0, "{ended:?}");
    let report = folder.report();
    assert_eq!(values(&report, "pid"), [ended.pid.to_string()]);
    Started { folder, ended, report }
}

fn with_profiles(folder: &Folder, argv: &[&[u8]], profiles: &[&str]) -> Run {
    let places: Vec<String> = profiles
        .iter()
        .enumerate()
        .map(|(number, text)| String::from_utf8(folder.file(&format!("{number}.toml"), text)).unwrap())
        .collect();
    wrapper(argv).env([format!("FORERUN_PROFILE={}", places.join(","))])
}

// ---- the runtime cannot be started

#[test]
fn a_program_that_is_not_there() {
    assert_stops(wrapper(&[b"/nonexistent/python", b"x"]), 127, "FR401", "`/nonexistent/python` does not exist");
    assert_stops(wrapper(&[b"/bin/sh/python"]), 127, "FR401", "`/bin/sh/python` does not exist");
    assert_stops(wrapper(&[b""]), 127, "FR401", "does not exist");
    assert_stops(wrapper(&[b"no-such-program"]), 127, "FR401", "`no-such-program` does not exist");
}

#[test]
fn a_program_that_may_not_be_executed() {
    let folder = Folder::new();
    let file = folder.file("runtime", "#!/bin/sh\n");
    assert_stops(wrapper(&[&file]), 126, "FR403", "runtime` is not executable");
    assert_stops(wrapper(&[&folder.path("")]), 126, "FR403", "is a folder");
}

#[test]
fn a_file_that_is_no_program() {
    let folder = Folder::new();
    assert_stops(wrapper(&[&folder.program("empty", "")]), 126, "FR404", "it is empty");
    let text = folder.program("text", "exec python3 \"$@\"\n");
    assert_stops(wrapper(&[&text]), 126, "FR404", "neither an ELF file for this machine nor a script");
    // EM_AARCH64 and EM_X86_64 (elf(5)): the machine that this one is not.
    let (machine, name) = if Arch::OWN == Arch::X86_64 { (183, "arm64") } else { (62, "x86_64") };
    let mut header = [0_u8; 64];
    header[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    header[16] = 2;
    header[18] = machine;
    header[20] = 1;
    header[52] = 64;
    let built = format!("it is built for {name} and this machine is {}", Arch::OWN.name());
    assert_stops(wrapper(&[&folder.program("foreign", header)]), 126, "FR404", &built);
}

#[test]
fn a_script_whose_interpreter_is_not_there() {
    let folder = Folder::new();
    let script = folder.program("script", "#! /nonexistent/bash -e\n");
    assert_stops(wrapper(&[&script]), 127, "FR402", "the interpreter `/nonexistent/bash` of the script");
    let windows = folder.program("windows", "#!/bin/sh\r\necho\r\n");
    let ended = assert_stops(wrapper(&[&windows]), 127, "FR402", "ends with a Windows line end");
    assert!(ended.stderr.contains("the interpreter `/bin/sh"), "{}", ended.stderr);
}

#[test]
fn a_binary_whose_loader_is_not_there() {
    let folder = Folder::new();
    let source = folder.text("main.c");
    fs::write(&source, "int main(void) { return 0; }\n").unwrap();
    let mut compiler = std::process::Command::new("cc");
    compiler.args(["-Wl,--dynamic-linker=/nonexistent/ld.so", "-o", &folder.text("program"), &source]);
    assert!(compiler.status().unwrap().success());
    assert_stops(wrapper(&[&folder.path("program")]), 127, "FR402", "the dynamic loader that it names is not");
}

#[test]
fn an_environment_that_is_too_large() {
    let folder = Folder::new();
    let profile = format!("[env]\nBIG = \"{}\"\n", "x".repeat(140_000));
    let run = with_profiles(&folder, &[b"/bin/true"], &[&profile]);
    let ended = assert_stops(run, 111, "FR405", "the largest variable is `BIG` with 140005 bytes");
    assert!(!ended.stderr.contains("xxx"), "the value is printed");
}

#[test]
fn an_argument_that_is_too_large() {
    let folder = Folder::new();
    let profile = format!("args.append = [\"{}\"]\n", "x".repeat(140_000));
    assert_stops(with_profiles(&folder, &[b"/bin/true"], &[&profile]), 111, "FR405", "too large for the kernel");
}

#[test]
fn a_wrapper_that_would_start_itself() {
    let folder = Folder::new();
    assert_stops(wrapper(&[WRAPPER.as_bytes(), b"/bin/true"]), 100, "FR406", "is forerun itself");
    symlink(WRAPPER, folder.0.join("link")).unwrap();
    assert_stops(wrapper(&[&folder.path("link"), b"/bin/true"]), 100, "FR406", "is forerun itself");
    let path = format!("PATH={}", folder.text(""));
    let in_path = Run { env: vec![path.into_bytes()], ..wrapper(&[b"link", b"/bin/true"]) };
    assert_stops(in_path, 100, "FR406", "is forerun itself");
    let command = format!("args.command = [\"{}\", \"${{0}}\", \"${{1..}}\"]", folder.text("link"));
    assert_stops(with_profiles(&folder, &[b"/bin/true"], &[&command]), 100, "FR406", "0.toml:1:");
    // A name that is not its own, or none along PATH, does not make it go round for ever.
    for own in [&b"/opt/wrapper"[..], b"wrapper", b"/bin/true", b""] {
        let mut run = with_profiles(&folder, &[b"/bin/true"], &[&command]).env(["FORERUN_LOG=error"]);
        run.argv[0] = own.to_vec();
        assert_stops(run, 100, "FR406", "0.toml:1:");
    }
}

#[test]
fn through_forerun_itself() {
    let folder = Folder::new();
    let through = |program: &str| format!("args.through = [\"{program}\"]");
    // Named as it was started, as Lambda names it, and under a name that only the disk knows.
    let own = with_profiles(&folder, &[b"/bin/true"], &[&through(WRAPPER)]);
    assert_stops(own, 100, "FR207", "names forerun itself");
    let by_variable = with_profiles(&folder, &[b"/bin/true"], &[&through("/opt/other")]);
    assert_stops(by_variable.env(["AWS_LAMBDA_EXEC_WRAPPER=/opt/other"]), 100, "FR207", "names forerun itself");
    symlink(WRAPPER, folder.0.join("link")).unwrap();
    let link = with_profiles(&folder, &[b"/bin/true"], &[&through(&folder.text("link"))]);
    assert_stops(link, 100, "FR406", "is forerun itself");
}

// ---- through another program

#[test]
fn a_chained_wrapper_that_starts_forerun_again() {
    let folder = Folder::new();
    folder.probe();
    symlink(WRAPPER, folder.0.join("wrapper")).unwrap();
    let script = "#!/bin/sh\nexport CHAINED=\"${CHAINED}x\" MARK=\"$FORERUN_THROUGH\"\nexec \"$AWS_LAMBDA_EXEC_WRAPPER\" \"$@\"\n";
    folder.program("vendor", script);
    let vendor = folder.text("vendor");
    let profile = format!(
        "args.through = [\"{vendor}\"]\nargs.append = [\"once\"]\n\
         env.LIST = {{ append = \"1\", separator = \" \" }}\nenv.COUNT = \"${{COUNT}}1\"\n"
    );
    let run = with_profiles(&folder, &[&folder.path("probe"), b"script"], &[&profile]);
    let run = run.env([format!("AWS_LAMBDA_EXEC_WRAPPER={}", folder.text("wrapper"))]);
    let ended = run.run();
    assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""));
    let report = folder.report();
    let started = Started { folder, ended, report };
    assert_eq!(values(&started.report, "pid"), [started.ended.pid.to_string()], "one process all the way");
    assert_eq!(started.get("CHAINED"), Some("x"));
    assert_eq!(started.get("MARK"), Some(&started.ended.pid.to_string()[..]));
    assert_eq!(started.get("COUNT"), Some("1"), "the profile applies once");
    assert_eq!(started.arguments(), ["script", "once"]);
    assert_eq!(started.get("FORERUN_THROUGH"), None);
}

#[test]
fn a_mark_of_another_process_means_nothing() {
    for mark in ["1", "0", "", "x"] {
        let started = start(&["[env]\nA = \"1\""], &[&format!("FORERUN_THROUGH={mark}")]);
        assert_eq!(started.get("A"), Some("1"));
        assert_eq!(started.get("FORERUN_THROUGH"), Some(mark), "it is not ours to touch");
    }
}

#[test]
fn a_program_that_execs_the_rest() {
    let folder = Folder::new();
    folder.probe();
    for name in ["inner", "outer"] {
        folder.program(name, format!("#!/bin/sh\nexport CHAIN=\"$CHAIN {name} $1\"\nshift\nexec \"$@\"\n"));
    }
    let inner = format!("args.through = [\"{}\", \"a\"]", folder.text("inner"));
    let outer = format!("args.through = [\"{}\", \"b\"]", folder.text("outer"));
    let ended = with_profiles(&folder, &[&folder.path("probe"), b"script"], &[&inner, &outer]).run();
    assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""));
    let report = folder.report();
    assert!(
        values(&report, "variable").contains(&"CHAIN= outer b inner a"),
        "a later one is the outermost: {report:#?}"
    );
    assert_eq!(values(&report, "argument")[1..], ["script"]);
}

// ---- usage and selection

#[test]
fn no_arguments() {
    assert_stops(wrapper(&[]), 100, "FR208", "no argument");
    assert_stops(wrapper(&[]).env(["FORERUN_BYPASS=1"]), 100, "FR208", "no argument");
    let nothing_at_all = Run { argv: Vec::new(), ..wrapper(&[]) };
    assert_stops(nothing_at_all, 100, "FR208", "no argument");
}

#[test]
fn an_unknown_profile_names_the_places() {
    let unknown = |entry: &str| wrapper(&[b"/bin/true"]).env([format!("FORERUN_PROFILE={entry}")]);
    let places = "/var/task/forerun/nosuch.toml, /opt/forerun/nosuch.toml, builtin:nosuch";
    assert_stops(unknown("nosuch"), 100, "FR201", places);
    let root = unknown("nosuch").env(["LAMBDA_TASK_ROOT=/srv/task"]);
    assert_stops(root, 100, "FR201", "/srv/task/forerun/nosuch.toml, /opt/forerun/nosuch.toml");
    assert_stops(unknown("builtin:nosuch"), 100, "FR201", "looked at builtin:nosuch");
    assert_stops(unknown("otel-pyton"), 100, "FR201", "write `otel-python`, which is built in");
    assert_stops(unknown("builtin:datadogg"), 100, "FR201", "write `datadog`, which is built in");
    assert_stops(unknown("/nonexistent/p.toml"), 100, "FR201", "looked at /nonexistent/p.toml");
    assert_stops(unknown("x/p.toml"), 100, "FR206", "x/p.toml");
    let went_on = unknown("nosuch").env(["FORERUN_ON_ERROR=continue"]).run();
    assert_eq!(went_on.exit(), 0);
    assert!(went_on.stderr.starts_with("forerun: warning[FR201]: "), "{}", went_on.stderr);
    assert_eq!(went_on.stderr.lines().count(), 1);
}

#[test]
fn a_profile_that_is_wrong() {
    let folder = Folder::new();
    let wrong = |text: &str| with_profiles(&folder, &[b"/bin/true"], &[text]);
    assert_stops(wrong("[env\n"), 100, "FR101", "0.toml:1:");
    assert_stops(wrong("[env]\nA.seperator = \",\"\n"), 100, "FR102", "0.toml:2:3: unknown key `seperator`");
    let many = "b = 1\nc = 1\nd = 1\n";
    assert_stops(wrong(many), 100, "FR102", "`forerun check` shows them all");
    assert_stops(wrong("fail = \"take it from the vault\""), 100, "FR204", "take it from the vault");
    let latin = with_profiles(&folder, &[b"/bin/true"], &[""]);
    fs::write(folder.0.join("0.toml"), b"description = \"caf\xe9\"").unwrap();
    assert_stops(latin, 100, "FR101", "UTF-8");
}

// ---- on_error

const BROKEN: &str = "[env]\nA.nonsense = 1\n";
const FAILS: &str = "[env]\nA = \"1\"\n[[rules]]\nfail = \"no\"\n";

#[test]
fn on_error_of_a_file_and_of_the_environment() {
    let stops = |text: &str, env: &[&str]| {
        let folder = Folder::new();
        let ended = with_profiles(&folder, &[b"/bin/true"], &[text]).env(env).run();
        let status = ended.exit();
        assert_eq!(status == 0, ended.stderr.starts_with("forerun: warning[FR216]: "), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        match status {
            0 => false,
            100 => true,
            other => panic!("{other}"),
        }
    };
    for text in [BROKEN, FAILS, "include = [\"nosuch\"]"] {
        let (with_stop, with_continue) =
            (format!("on_error = \"stop\"\n{text}"), format!("on_error = \"continue\"\n{text}"));
        assert!(stops(text, &[]));
        assert!(stops(&with_stop, &[]));
        assert!(!stops(&with_continue, &[]));
        assert!(!stops(text, &["FORERUN_ON_ERROR=continue"]));
        assert!(!stops(&with_stop, &["FORERUN_ON_ERROR=continue"]));
        assert!(stops(&with_continue, &["FORERUN_ON_ERROR=stop"]));
    }
    // What is not TOML cannot be asked.
    assert!(stops("on_error = \"continue\"\n[env\n", &[]));
    assert!(!stops("[env\n", &["FORERUN_ON_ERROR=continue"]));
    // A file for a newer forerun can.
    assert!(stops("forerun = \">=99\"\nnew_key = 1", &[]));
    assert!(!stops("forerun = \">=99\"\non_error = \"continue\"\nnew_key = 1", &[]));
}

#[test]
fn an_on_error_that_is_no_word_is_ignored_with_a_warning() {
    let folder = Folder::new();
    let run = with_profiles(&folder, &[b"/bin/true"], &[FAILS]).env(["FORERUN_ON_ERROR=contine"]);
    let ended = assert_stops(run, 100, "FR204", "no");
    assert!(ended.stderr.starts_with("forerun: warning[FR209]: FORERUN_ON_ERROR is not `stop`"), "{}", ended.stderr);
}

#[test]
fn a_profile_applies_whole_or_not_at_all() {
    let common = "[env]\nCOMMON = \"1\"\n";
    let folder = Folder::new();
    let common = String::from_utf8(folder.file("common.toml", common)).unwrap();
    let fails = format!(
        "on_error = \"continue\"\ninclude = [\"{common}\"]\nargs.options = [\"-x\"]\nargs.append = [\"y\"]\n\
         args.remove = [\"scr*\"]\nargs.through = [\"/nonexistent\"]\nwarn = \"told\"\n\
         handler = {{ redirect = \"mine.handler\", original = \"ORIG\" }}\n\
         env.NEW = \"1\"\nenv.OLD = \"changed\"\nenv.GONE.unset = true\nenv.TWICE = \"edited\"\n\
         [[rules]]\nenv.NEW = \"${{NEW}}2\"\nargs.command = [\"/nonexistent\"]\n[[rules]]\nfail = \"after all that\"\n"
    );
    let env = ["OLD=1", "TWICE=1", "GONE=1", "odd", "TWICE=2", "_HANDLER=app.handler"];
    let started = start(&[&fails], &env);
    let entries: Vec<&str> = values(&started.report, "variable");
    assert_eq!(entries[2..], env, "the environment is as it was");
    assert_eq!(started.arguments(), ["script"]);
    let place = started.folder.text("0.toml");
    let line = format!("forerun: warning[FR216]: {place} is left out: {place}:");
    assert!(started.ended.stderr.starts_with(&line), "{}", started.ended.stderr);
    assert!(started.ended.stderr.contains("after all that"));
    assert_eq!(started.ended.stderr.lines().count(), 1, "not its own warning: {}", started.ended.stderr);

    // The next profile goes on, and may use what the first one included and redirect what it redirected.
    let next = format!(
        "include = [\"{common}\"]\nhandler = {{ redirect = \"other.handler\", original = \"ORIG\" }}\nenv.NEXT = \"${{NEW:-clean}}\""
    );
    let started = start(&[&fails, &next], &env);
    assert_eq!(started.get("COMMON"), Some("1"));
    assert_eq!(started.get("NEXT"), Some("clean"));
    assert_eq!((started.get("ORIG"), started.get("_HANDLER")), (Some("app.handler"), Some("other.handler")));
}

#[test]
fn an_included_profile_that_fails_takes_only_itself_away() {
    let folder = Folder::new();
    let inner = format!("on_error = \"continue\"\n{FAILS}");
    let inner = String::from_utf8(folder.file("inner.toml", inner)).unwrap();
    let outer = format!("[env]\nB = \"1\"\n[[rules]]\ninclude = [\"{inner}\"]\nenv.C = \"1\"\n");
    let started = start(&[&outer], &[]);
    assert_eq!((started.get("A"), started.get("B"), started.get("C")), (None, Some("1"), Some("1")));
    assert!(started.ended.stderr.starts_with("forerun: warning[FR216]: "));
}

// ---- includes and handlers

#[test]
fn an_include_cycle_shows_its_path() {
    let world = World::new(["/bin/true"])
        .env(["FORERUN_PROFILE=a"])
        .file("/opt/forerun/a.toml", "include = [\"b\"]")
        .file("/opt/forerun/b.toml", "[[rules]]\ninclude = [\"c\"]")
        .file("/opt/forerun/c.toml", "include = [\"/opt/forerun/b.toml\"]");
    let settled = world.settle();
    assert_eq!(settled.stop, Some(Code::IncludeCycle));
    let line = settled.lines.last().unwrap();
    assert!(line.contains("/opt/forerun/b.toml → /opt/forerun/c.toml → /opt/forerun/b.toml"), "{line}");
    assert!(line.starts_with("error[FR202]: /opt/forerun/c.toml:1:12: "), "{line}");
    let own = World::new(["/bin/true"]).profile("include = [\"/opt/forerun.d/10-t.toml\"]").settle();
    assert_eq!(own.stop, Some(Code::IncludeCycle));
}

#[test]
fn two_redirects_into_one_variable() {
    let redirect = |to: &str, original: &str| format!("handler = {{ redirect = \"{to}\", original = \"{original}\" }}");
    let two = |first: &str, second: &str| {
        let world = World::new(["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"]).env(["_HANDLER=app.handler"]);
        world.file("/opt/forerun.d/10-a.toml", first).file("/opt/forerun.d/20-b.toml", second).settle()
    };
    let clash = two(&redirect("a.h", "ORIG"), &redirect("b.h", "ORIG"));
    assert_eq!(clash.stop, Some(Code::HandlerConflict));
    let line = clash.lines.last().unwrap();
    assert!(line.contains("/opt/forerun.d/20-b.toml:1:") && line.contains("/opt/forerun.d/10-a.toml:1:"), "{line}");
    let chained = two(&redirect("a.h", "ORIG_A"), &redirect("b.h", "ORIG_B"));
    let value = |name| chained.get(name);
    assert_eq!((value("_HANDLER"), value("ORIG_A"), value("ORIG_B")), (Some("b.h"), Some("app.handler"), Some("a.h")));
    let same = two(&redirect("a.h", "ORIG"), &redirect("a.h", "ORIG"));
    assert_eq!((same.get("_HANDLER"), same.get("ORIG")), (Some("a.h"), Some("app.handler")));
}

// ---- which profiles

/// A profile that leaves its name in a list.
fn trace(name: &str) -> String {
    format!("[env]\nTRACE = {{ append = [\"{name}\"], separator = \",\" }}\n")
}

fn traced(world: &World) -> (String, Settled) {
    let settled = world.settle();
    (settled.get("TRACE").unwrap_or("none").to_owned(), settled)
}

#[test]
fn profiles_apply_in_the_order_of_their_places() {
    let mut world = World::new(["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"])
        .env(["FORERUN_PROFILE= two ,,/opt/three.toml, one,two"])
        .file("/opt/forerun.d/50-b.toml", trace("drop-b"))
        .file("/opt/forerun.d/10-z.toml", trace("drop-z"))
        .file("/opt/forerun/otel-handler.toml", trace("own"))
        .file("/opt/forerun/one.toml", trace("opt-one"))
        .file("/opt/forerun/two.toml", trace("opt-two"))
        .file("/var/task/forerun/two.toml", trace("task-two"))
        .file("/opt/three.toml", trace("three"))
        .file("/var/task/forerun.toml", trace("function"));
    world.own = c"/opt/otel-handler".to_owned();
    let (order, settled) = traced(&world);
    assert_eq!(order, "drop-z,drop-b,own,task-two,three,opt-one,function");
    assert_eq!(settled.clean().get("PYTHONFAULTHANDLER"), None, "the built-in profile is not used");
}

#[test]
fn the_first_place_of_a_profile_wins_includes_counted() {
    let world = World::new(["/bin/true"])
        .env(["FORERUN_PROFILE=one,two"])
        .file("/opt/forerun.d/10-a.toml", format!("include = [\"two\"]\n{}", trace("drop")))
        .file("/opt/forerun/one.toml", trace("one"))
        .file("/opt/forerun/two.toml", trace("two"));
    assert_eq!(traced(&world).0, "two,drop,one");
}

#[test]
fn the_built_in_profile_is_for_those_who_configured_nothing() {
    let python = || World::new(["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"]);
    assert_eq!(python().settle().clean().get("PYTHONFAULTHANDLER"), Some("1"));
    let found = python().profile("").settle().clean();
    assert_eq!(found.get("PYTHONFAULTHANDLER"), None);
    assert!(
        found.lines.iter().any(|line| line.starts_with("info: ") && line.contains("builtin:")),
        "{:?}",
        found.lines
    );
    let back = python().profile("include = [\"builtin:python\"]").settle().clean();
    assert_eq!(back.get("PYTHONFAULTHANDLER"), Some("1"));
    assert_eq!(python().env(["FORERUN_SKIP=python"]).settle().clean().get("PYTHONFAULTHANDLER"), None);
    let own = python().file("/opt/forerun/python.toml", trace("mine")).env(["FORERUN_PROFILE=builtin:python"]);
    assert_eq!(own.settle().clean().get("PYTHONFAULTHANDLER"), Some("1"), "`builtin:` means that one only");
    assert!(World::new(["/srv/unknown"]).env(["A=1"]).settle().clean().env == ["A=1"]);
}

#[test]
fn a_wrapper_of_an_unknown_name_warns_and_goes_on() {
    let mut world = World::new(["/var/lang/bin/node", "/var/runtime/index.mjs"]);
    world.own = c"/opt/otel-handler".to_owned();
    let settled = world.settle();
    assert_eq!(settled.codes(), ["FR213"]);
    let places = "/var/task/forerun/otel-handler.toml, /opt/forerun/otel-handler.toml, builtin:otel-handler";
    assert!(settled.lines[0].contains(places), "{:?}", settled.lines);
    assert_eq!(settled.get("AWS_NODEJS_CONNECTION_REUSE_ENABLED"), Some("1"), "nobody configured anything");
    for plain in [c"/opt/wrapper", c"/opt/bootstrap", c"wrapper"] {
        world.own = plain.to_owned();
        world.settle().clean();
    }
}

#[test]
fn drop_ins_are_regular_files_of_that_ending_in_the_order_of_their_bytes() {
    let world = World::new(["/bin/true"])
        .file("/opt/forerun.d/b.toml", trace("b"))
        .file("/opt/forerun.d/B.toml", trace("B"))
        .file("/opt/forerun.d/10.toml", trace("10"))
        .file("/opt/forerun.d/9.toml", trace("9"))
        .file("/opt/forerun.d/é.toml", trace("e"))
        .file("/opt/forerun.d/.hidden.toml", trace("hidden"))
        .file("/opt/forerun.d/.toml", trace("nameless"))
        .file("/opt/forerun.d/a.toml.bak", trace("bak"))
        .file("/opt/forerun.d/a.TOML", trace("upper"))
        .file("/opt/forerun.d/readme", trace("readme"))
        .file("/opt/forerun.d/folder.toml/x.toml", trace("inside"))
        .file("/opt/elsewhere", trace("link"));
    let place = |name: &str| world.disk.0.join("opt/forerun.d").join(name);
    symlink("../elsewhere", place("20-link.toml")).unwrap();
    symlink("nowhere", place("21-dangling.toml")).unwrap();
    symlink("folder.toml", place("22-to-folder.toml")).unwrap();
    symlink("/dev/null", place("23-device.toml")).unwrap();
    assert_eq!(traced(&world).0, "10,link,9,B,b,e");
}

#[test]
fn a_pipe_among_the_drop_ins_is_passed_over() {
    let world = World::new(["/bin/true"]).file("/opt/forerun.d/b.toml", trace("b"));
    let pipe = world.disk.text("opt/forerun.d/a.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(traced(&world).0, "b");
}

#[test]
fn a_socket_among_the_drop_ins_is_passed_over() {
    let world = World::new(["/bin/true"]).file("/opt/forerun.d/b.toml", trace("b"));
    // The name of a socket has 108 bytes at most.
    let folder = std::env::temp_dir().join(format!("forerun-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(folder.join("s"));
    symlink(folder.join("s"), world.disk.0.join("opt/forerun.d/c.toml")).unwrap();
    let (order, settled) = traced(&world);
    fs::remove_dir_all(&folder).unwrap();
    socket.unwrap();
    assert_eq!(order, "b", "{:?}", settled.lines);
}

#[test]
fn a_drop_in_that_cannot_be_read_stops_the_start() {
    let world = |env: &[&str]| {
        let world = World::new(["/bin/true"]).env(env).file("/opt/forerun.d/b.toml", trace("b"));
        // Even root cannot open a link that leads to itself.
        symlink("a.toml", world.disk.0.join("opt/forerun.d/a.toml")).unwrap();
        world
    };
    let stopped = world(&[]).settle();
    assert_eq!(stopped.stop, Some(Code::ProfileUnreadable));
    let line = stopped.lines.last().unwrap();
    assert!(line.starts_with("error[FR100]: /opt/forerun.d/a.toml: the profile cannot be read: "), "{line}");
    let (order, settled) = traced(&world(&["FORERUN_ON_ERROR=continue"]));
    assert_eq!((&order[..], settled.codes()), ("b", vec!["FR216"]));
    let (order, settled) = traced(&world(&["FORERUN_SKIP=a"]));
    assert_eq!((&order[..], settled.codes()), ("b", vec![]));
}

#[test]
fn a_drop_in_without_permission_stops_the_start() {
    let world = World::new(["/bin/true"]).file("/opt/forerun.d/a.toml", trace("a"));
    world.disk.mode("opt/forerun.d/a.toml", 0o000);
    // Root may read it all the same.
    let readable = fs::File::open(world.disk.0.join("opt/forerun.d/a.toml")).is_ok();
    assert_eq!(world.settle().stop, (!readable).then_some(Code::ProfileUnreadable));
}

#[test]
fn a_profile_that_is_too_large() {
    let world = World::new(["/bin/true"]).profile("");
    let file = fs::OpenOptions::new().write(true).open(world.disk.0.join("opt/forerun.d/10-t.toml")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    let settled = world.settle();
    assert_eq!(settled.stop, Some(Code::ProfileUnreadable));
    assert!(settled.lines.last().unwrap().contains("16 MiB"), "{:?}", settled.lines);
}

#[test]
fn skip_leaves_out_single_profiles_with_or_without_their_number() {
    let skipping = |skip: &str| {
        let mut world = World::new(["/bin/true"])
            .env(["FORERUN_PROFILE=one,/opt/two.toml".to_owned(), format!("FORERUN_SKIP={skip}")])
            .file("/opt/forerun.d/10-otel.toml", trace("otel"))
            .file("/opt/forerun.d/20-datadog.toml", format!("include = [\"common\"]\n{}", trace("datadog")))
            .file("/opt/forerun.d/x-y.toml", trace("x-y"))
            .file("/opt/forerun/common.toml", trace("common"))
            .file("/opt/forerun/one.toml", trace("one"))
            .file("/opt/forerun/handler.toml", trace("handler"))
            .file("/opt/two.toml", trace("two"))
            .file("/var/task/forerun.toml", trace("function"));
        world.own = c"/opt/handler".to_owned();
        traced(&world).0
    };
    assert_eq!(skipping(""), "otel,common,datadog,x-y,handler,one,two,function");
    assert_eq!(skipping("otel"), "common,datadog,x-y,handler,one,two,function");
    assert_eq!(skipping("10-otel"), "common,datadog,x-y,handler,one,two,function");
    assert_eq!(skipping("10-otel, 20-datadog"), "x-y,handler,one,two,function");
    assert_eq!(skipping("common,one,two"), "otel,datadog,x-y,handler,function", "includes and selected ones as well");
    assert_eq!(skipping("forerun,handler"), "otel,common,datadog,x-y,one,two");
    let whole = skipping("");
    for no_name in ["y", "10", "20-otel", "OTEL", "10-otel.toml", "ote", "nosuch"] {
        assert_eq!(skipping(no_name), whole, "{no_name}");
    }
}

#[test]
fn a_skipped_profile_may_be_broken() {
    let folder = Folder::new();
    folder.file("50-broken.toml", BROKEN);
    let run = wrapper(&[b"/bin/true"]).env([format!("FORERUN_PROFILE={}", folder.text("50-broken.toml"))]);
    assert_eq!(run.clone().run().exit(), 100);
    let skipped = run.env(["FORERUN_SKIP=broken"]).run();
    assert_eq!((skipped.exit(), &skipped.stderr[..]), (0, ""));
}

// ---- what is written

const TALKS: &str = "log = \"some news\"\nwarn = \"a warning\"\n";

fn lines(env: &[&str]) -> Vec<String> {
    start(&[TALKS], env).ended.stderr.lines().map(str::to_owned).collect()
}

#[test]
fn log_levels() {
    let shown = |env: &[&str]| -> (bool, bool) {
        let lines = lines(env);
        let has = |begin: &str, end: &str| lines.iter().any(|line| line.starts_with(begin) && line.ends_with(end));
        (has("forerun: warning[FR217]: ", "a warning"), has("forerun: info: ", "some news"))
    };
    for (env, warning, news) in [
        (&[][..], true, false),
        (&["FORERUN_LOG="], true, false),
        (&["FORERUN_LOG=off"], false, false),
        (&["FORERUN_LOG=error"], false, false),
        (&["FORERUN_LOG=warn"], true, false),
        (&["FORERUN_LOG=info"], true, true),
        (&["FORERUN_LOG=debug"], true, true),
        (&["FORERUN_LOG=trace"], true, true),
        (&["FORERUN_LOG=INFO"], true, true),
        (&["AWS_LAMBDA_LOG_LEVEL=TRACE"], true, false),
        (&["AWS_LAMBDA_LOG_LEVEL=INFO"], true, false),
        (&["AWS_LAMBDA_LOG_LEVEL=WARN"], true, false),
        (&["AWS_LAMBDA_LOG_LEVEL=ERROR"], false, false),
        (&["AWS_LAMBDA_LOG_LEVEL=FATAL"], false, false),
        (&["AWS_LAMBDA_LOG_LEVEL=error"], false, false),
        (&["AWS_LAMBDA_LOG_LEVEL=FATAL", "FORERUN_LOG=info"], true, true),
        (&["AWS_LAMBDA_LOG_LEVEL=DEBUG", "FORERUN_LOG=error"], false, false),
    ] {
        assert_eq!(shown(env), (warning, news), "{env:?}");
    }
    let odd = lines(&["FORERUN_LOG=loud"]);
    assert!(odd[0].starts_with("forerun: warning[FR209]: FORERUN_LOG is not `error`"), "{odd:?}");
}

#[test]
fn what_stops_the_start_is_told_at_every_level_but_off() {
    for (level, shown) in
        [("FORERUN_LOG=error", true), ("AWS_LAMBDA_LOG_LEVEL=FATAL", true), ("FORERUN_LOG=off", false)]
    {
        let api = Api::new(false);
        let ended = wrapper(&[b"/nonexistent"]).env([level.to_owned(), api.variable()]).run();
        assert_eq!((ended.exit(), !ended.stderr.is_empty()), (127, shown), "{level}");
        assert_eq!(api.requests().len(), 1, "{level}: Lambda is told whatever the log level");
    }
}

#[test]
fn lines_as_json() {
    let folder = Folder::new();
    let run = with_profiles(&folder, &[b"/nonexistent\"\\\n"], &[TALKS]);
    let ended = run.env(["AWS_LAMBDA_LOG_FORMAT=JSON", "FORERUN_LOG=info"]).run();
    assert_eq!(ended.exit(), 127);
    let mut found = Vec::new();
    for line in ended.stderr.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let object = line.as_object().unwrap();
        let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["level", "message", "timestamp"]);
        let timestamp = object["timestamp"].as_str().unwrap();
        let shape: String = timestamp.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
        assert!(shape.starts_with("0000-00-00T00:00:00.000") && shape.ends_with('Z'), "{timestamp}");
        found.push((object["level"].as_str().unwrap().to_owned(), object["message"].as_str().unwrap().to_owned()));
    }
    let levels: Vec<&str> = found.iter().map(|(level, _)| &level[..]).collect();
    assert_eq!(levels.iter().filter(|level| **level == "INFO").count() + 2, levels.len(), "{levels:?}");
    assert!(levels.contains(&"WARN") && levels.last() == Some(&"FATAL"), "{levels:?}");
    let (_, last) = found.last().unwrap();
    assert!(last.starts_with("forerun: error[FR401]: ") && last.contains("/nonexistent\"\\\\n"), "{last}");
    for text in ["AWS_LAMBDA_LOG_FORMAT=Text", "AWS_LAMBDA_LOG_FORMAT=", "X=1"] {
        assert!(lines(&[text])[0].starts_with("forerun: warning[FR217]: "));
    }
    assert!(lines(&["AWS_LAMBDA_LOG_FORMAT=json"])[0].starts_with('{'));
}

#[test]
fn silent_on_success() {
    let busy = "[env]\nA = \"1\"\nPATH.prepend = [\"/opt/bin\"]\nLD_PRELOAD = { append = [\"/nonexistent.so\"], if_exists = \"/nonexistent.so\" }\n\
                [[rules]]\nargs.options = [\"-x\"]\nwhen.runtime = \"python\"\n";
    let started = start(&[busy], &["AWS_EXECUTION_ENV=AWS_Lambda_python3.12", "AWS_LAMBDA_LOG_FORMAT=JSON"]);
    assert_eq!((&started.ended.stdout[..], &started.ended.stderr[..]), ("", ""));
    assert_eq!(started.arguments(), ["-x", "script"]);
    let api = Api::new(false);
    start(&[busy], &[&api.variable()]);
    assert!(api.requests().is_empty(), "a start that succeeds tells Lambda nothing");
}

// ---- the Runtime API

#[test]
fn an_api_that_never_answers_holds_nothing_up() {
    let api = Api::new(true);
    let ended = wrapper(&[b"/nonexistent"]).env([api.variable()]).run();
    assert_eq!(ended.exit(), 127);
    assert!(ended.took < Duration::from_secs(2), "{:?}", ended.took);
    assert_eq!(api.requests().len(), 1, "it was told all the same");
}

#[test]
fn an_api_that_is_not_there_changes_nothing() {
    for address in ["127.0.0.1:1", "nonsense", "", "127.0.0.1", "127.0.0.1:99999", "\u{fffd}"] {
        let ended = wrapper(&[b"/nonexistent"]).env([format!("AWS_LAMBDA_RUNTIME_API={address}")]).run();
        assert_eq!((ended.exit(), ended.stderr.lines().count()), (127, 1), "{address}");
        assert!(ended.took < Duration::from_secs(2), "{:?}", ended.took);
    }
}

#[test]
fn the_report_goes_to_the_api_that_lambda_named() {
    let folder = Folder::new();
    let other = Api::new(false);
    let profile = format!("[env]\nAWS_LAMBDA_RUNTIME_API = \"{}\"\n", other.variable().split_once('=').unwrap().1);
    assert_stops(with_profiles(&folder, &[b"/nonexistent"], &[&profile]), 127, "FR401", "does not exist");
    assert!(other.requests().is_empty());
}

// ---- stderr

#[test]
fn a_stderr_that_is_closed() {
    let closed = |run: Run| run.step(Step::Close(2)).run().exit();
    assert_eq!(closed(wrapper(&[b"/nonexistent"])), 127);
    assert_eq!(closed(wrapper(&[])), 100);
    let folder = Folder::new();
    assert_eq!(closed(with_profiles(&folder, &[b"/bin/sh", b"-c", b"exit 7"], &[TALKS])), 7);
    // The profile's own descriptor may be number 2 while it is read: it is not written to.
    assert_eq!(fs::read_to_string(folder.0.join("0.toml")).unwrap(), TALKS);
    let api = Api::new(false);
    assert_eq!(closed(wrapper(&[b"/nonexistent"]).env([api.variable()])), 127);
    assert_eq!(api.requests().len(), 1);
}

#[test]
fn a_stderr_that_nobody_reads() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let broken = |run: Run| run.step(Step::Duplicate(writer.as_raw_fd(), 2));
    assert_eq!(broken(wrapper(&[b"/nonexistent"])).run().exit(), 127);
    assert_eq!(broken(wrapper(&[b"/nonexistent"])).step(Step::Ignore(libc::SIGPIPE)).run().exit(), 127);
    let folder = Folder::new();
    folder.probe();
    for blocked in [&[][..], &[Step::Block(libc::SIGPIPE)]] {
        let mut run = broken(with_profiles(&folder, &[&folder.path("probe"), b"exit=9"], &[TALKS]));
        run.steps.extend_from_slice(blocked);
        assert_eq!(run.run().exit(), 9);
        let report = folder.report();
        let mask =
            |kind: &str| report.iter().find_map(|line| line.strip_prefix(&format!("status {kind}:\\x09"))).unwrap();
        let blocked = if blocked.is_empty() { 0 } else { 1 << (libc::SIGPIPE - 1) };
        assert_eq!(u64::from_str_radix(mask("SigBlk"), 16).unwrap(), blocked, "the mask is put back");
        assert_eq!(mask("ShdPnd"), "0000000000000000", "no SIGPIPE is left for the runtime");
        assert_eq!(mask("SigPnd"), "0000000000000000", "no SIGPIPE is left for the runtime");
    }
}

// ---- secrets

const SECRET: &str = "hunter2-topsecret";

/// What a start with that secret writes and reports, at the highest level.
fn said(profile: &str, argv: &[&[u8]]) -> (Ended, String) {
    let folder = Folder::new();
    let api = Api::new(false);
    let run = with_profiles(&folder, argv, &[profile]).env([
        format!("SECRET={SECRET}"),
        format!("NODE_OPTIONS=--x=\"{SECRET}"),
        "FORERUN_LOG=trace".to_owned(),
        api.variable(),
    ]);
    let ended = run.run();
    let mut said = ended.stderr.clone();
    api.requests().iter().for_each(|request| said.push_str(&request.body));
    (ended, said)
}

#[test]
fn the_value_of_a_variable_is_never_written() {
    for profile in [
        "[env]\nA = \"${SECRET}\"\nSECRET = \"x${SECRET}\"\n",
        "warn = \"${SECRET}\"\nlog = \"${SECRET}\"\n",
        "fail = \"${SECRET}\"\n",
        "[env]\nPYTHONPATH.prepend.first_existing = [\"/x/${SECRET}\"]\n",
        "[env]\nA.if_exists = \"${SECRET}\"\nA.set = \"1\"\n",
        "[env]\nPYTHONPATH.prepend = [\"${SECRET}\"]\n",
        "[env]\nDD_TAGS.pairs = { team = \"${SECRET},a\" }\n",
        "[env]\nX = \"a ${SECRET}\"\n[[rules]]\nenv.RUBYOPT.append = [\"-r${X}\"]\n",
        "[env]\nX = \"${SECRET},b\"\n[[rules]]\nenv.DD_TAGS.pairs = { team = \"${X}\" }\n",
        "[env]\nNODE_OPTIONS.append = [\"--y\"]\n",
        "args.options = [\"${SECRET}\"]\n",
        "args.values.\"-classpath\".append = [\"/${SECRET}\"]\n",
        "handler = { redirect = \"${SECRET}\", original = \"O\" }\n",
        &format!("args.through = [\"{WRAPPER}\", \"${{SECRET}}\"]\n"),
        "args.append = [\"${SECRET}\"]\nargs.command = [\"/nonexistent\", \"${SECRET}\"]\n",
        "[[rules]]\nwhen.env.SECRET = \"other\"\nenv.A = \"1\"\n",
    ] {
        for argv in [&[&b"/bin/true"[..]][..], &[b"/nonexistent", b"x"]] {
            let (ended, said) = said(profile, argv);
            assert!(!said.contains("hunter2"), "{profile}\n{ended:?}");
        }
    }
}

#[test]
fn the_value_of_a_variable_in_a_path_that_fails_is_not_written() {
    let mut written = Vec::new();
    for (profile, code) in [
        ("include = [\"/opt/${SECRET}.toml\"]\n", "FR104"),
        ("include = [\"${SECRET}\"]\n", "FR104"),
        ("args.through = [\"/opt/${SECRET}\"]\n", "FR401"),
        ("args.command = [\"/opt/${SECRET}\", \"${1..}\"]\n", "FR401"),
    ] {
        let (ended, said) = said(profile, &[b"/bin/true", b"x"]);
        assert!(ended.stderr.contains(code), "{profile}\n{ended:?}");
        if said.contains("hunter2") {
            written.push(profile);
        }
    }
    assert_eq!(written, [""; 0]);
}

// ---- PATH

#[test]
fn a_file_of_that_name_in_the_working_directory_is_not_the_program() {
    let folder = Folder::new();
    folder.file("runtime", "");
    let here = CString::new(folder.path("")).expect("a path");
    assert_stops(wrapper(&[b"runtime"]).step(Step::Folder(here)), 127, "FR401", "`runtime` does not exist");
}

#[test]
fn a_link_to_a_profile_is_that_profile() {
    let folder = Folder::new();
    let profile = folder.file("once.toml", "env.T = { append = [\"x\"], separator = \" \" }\nargs.append = [\"x\"]\n");
    let profile = String::from_utf8(profile).expect("a path of ours");
    let link = profile.replace("once.toml", "link.toml");
    symlink(&profile, &link).expect("a link");
    let roundabout = profile.replace("/once.toml", "/./once.toml");
    let run = wrapper(&[b"/bin/echo"]).env([format!("FORERUN_PROFILE={profile},{link},{roundabout}")]);
    assert_eq!(run.run().stdout, "x\n");
}

#[test]
fn a_profile_that_is_left_out_is_not_tried_again() {
    let folder = Folder::new();
    let profile =
        String::from_utf8(folder.file("bad.toml", "on_error = \"continue\"\nfail = \"no\"\n")).expect("a path");
    let run = wrapper(&[b"/bin/true"]).env([format!("FORERUN_PROFILE={profile},{profile}")]);
    assert_eq!(run.run().stderr.matches("FR216").count(), 1);
}

#[test]
fn a_bare_name_is_searched_as_execvp_does() {
    let folder = Folder::new();
    let runtime = |name: &str, status: u8| folder.program(name, format!("#!/bin/sh\nexit {status}\n"));
    runtime("a/runtime", 1);
    runtime("b/runtime", 2);
    folder.mode("a/runtime", 0o644);
    folder.file("c/runtime/x", "");
    let with_path = |path: &str| {
        let folder = |name: &str| folder.text(name);
        let path = path.replace("A", &folder("a")).replace("B", &folder("b")).replace("C", &folder("c"));
        Run { env: vec![format!("PATH={path}").into_bytes()], ..wrapper(&[b"runtime"]) }
    };
    assert_eq!(with_path("/nonexistent:B").run().exit(), 2);
    assert_eq!(with_path("A:B").run().exit(), 2, "what may not be executed is passed over");
    assert_eq!(with_path("C:B").run().exit(), 2, "a folder is passed over");
    assert_eq!(with_path("/bin/sh:B").run().exit(), 2, "a file in PATH is passed over");
    assert_stops(with_path("A:/nonexistent"), 126, "FR403", "a/runtime` is not executable");
    assert_stops(with_path("C"), 126, "FR403", "is a folder");
    assert_stops(with_path("/nonexistent"), 127, "FR401", "`runtime` does not exist");
    let here = std::ffi::CString::new(folder.path("b")).unwrap();
    assert_eq!(with_path("/nonexistent:").step(Step::Folder(here.clone())).run().exit(), 2, "an empty entry is `.`");
    assert_eq!(with_path("").step(Step::Folder(here)).run().exit(), 2);
    let without = Run { env: Vec::new(), ..wrapper(&[b"sh", b"-c", b"exit 3"]) };
    assert_eq!(without.run().exit(), 3, "without PATH there is a default one");
}

#[test]
fn the_path_that_the_profiles_left_counts() {
    let folder = Folder::new();
    folder.program("bin/runtime", "#!/bin/sh\nexit 5\n");
    let profile = format!("[env]\nPATH.prepend = [\"{}\"]\n", folder.text("bin"));
    assert_eq!(with_profiles(&folder, &[b"runtime"], &[&profile]).run().exit(), 5);
    let profile = "[env]\nPATH.unset = true\n";
    assert_stops(with_profiles(&folder, &[b"runtime"], &[profile]), 127, "FR401", "`runtime` does not exist");
}
