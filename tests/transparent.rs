//! The runtime cannot tell that a wrapper ran: whatever it can see of how it was started is the same with the wrapper
//! and without it, but for what the profile changes.
#![expect(clippy::disallowed_methods, reason = "this test starts programs and writes files")]

mod common;

use std::ffi::CString;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;

use common::folder::{Folder, WRAPPER, values};
use common::run::{Ended, Run, Step, memory};

/// A start in two ways: of the probe itself, and of the probe through the wrapper.
struct Pair {
    folder: Folder,
    /// The argv of the probe.
    argv: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    steps: Vec<Step>,
    /// What the wrapper is started as.
    own: &'static [u8],
    /// Called before each of the two.
    before: Box<dyn Fn()>,
    /// Standard error is not there to be looked at.
    deaf: bool,
}

struct Seen {
    report: Vec<String>,
    ended: Ended,
}

impl Pair {
    fn new() -> Pair {
        let folder = Folder::new();
        let probe = folder.probe().into_os_string().into_vec();
        let env = [&b"PATH=/usr/bin:/bin"[..], b"AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper", b"_HANDLER=app.handler"];
        let env = env.map(<[u8]>::to_vec).to_vec();
        let before = Box::new(|| ());
        Pair { folder, argv: vec![probe], env, steps: Vec::new(), own: b"/opt/wrapper", before, deaf: false }
    }

    fn arguments(mut self, arguments: &[&[u8]]) -> Pair {
        self.argv.extend(arguments.iter().map(|argument| argument.to_vec()));
        self
    }

    fn env(mut self, entries: &[&[u8]]) -> Pair {
        self.env = entries.iter().map(|entry| entry.to_vec()).collect();
        self
    }

    fn more_env(mut self, entry: impl AsRef<[u8]>) -> Pair {
        self.env.push(entry.as_ref().to_vec());
        self
    }

    fn steps(mut self, steps: impl IntoIterator<Item = Step>) -> Pair {
        self.steps.extend(steps);
        self
    }

    fn direct(&self) -> Seen {
        self.start(self.folder.path("probe"), self.argv.clone())
    }

    fn wrapped(&self) -> Seen {
        let argv = [self.own.to_vec()].into_iter().chain(self.argv.clone()).collect();
        self.start(WRAPPER.into(), argv)
    }

    fn start(&self, program: Vec<u8>, argv: Vec<Vec<u8>>) -> Seen {
        (self.before)();
        let _ = std::fs::remove_file(self.folder.0.join("probe.report"));
        let ended = Run { program, argv, env: self.env.clone(), steps: self.steps.clone() }.run();
        let report = self.folder.report();
        // One process from fork to end: nothing is spawned and waited for.
        assert_eq!(values(&report, "pid"), [ended.pid.to_string()]);
        assert_eq!(values(&report, "parent"), [std::process::id().to_string()]);
        assert_eq!(values(&report, "wait"), ["-1 10"], "it has a child");
        Seen { report: report.into_iter().filter(|line| !line.starts_with("pid ")).collect(), ended }
    }

    /// Nothing that the probe sees differs, and nothing is written.
    #[track_caller]
    fn assert_same(&self) {
        let (direct, wrapped) = (self.direct(), self.wrapped());
        let (without, with) = differences(&direct.report, &wrapped.report);
        assert!(direct.report == wrapped.report, "without the wrapper:\n{without:#?}\nwith it:\n{with:#?}");
        assert_eq!(direct.ended.status, wrapped.ended.status);
        assert_eq!(wrapped.ended.stdout, "");
        if !self.deaf {
            assert_eq!(wrapped.ended.stderr, "");
        }
    }

    /// The probe sees these variables in place of those, and nothing else differs.
    #[track_caller]
    fn assert_changes(&self, without: &[&str], with: &[&str]) {
        let (direct, wrapped) = (self.direct(), self.wrapped());
        let (gone, new) = differences(&direct.report, &wrapped.report);
        assert_eq!((gone, new), (without.to_vec(), with.to_vec()));
        assert_eq!(wrapped.ended.stderr, "");
        let others = |report: &[String], changed: &[&str]| -> Vec<String> {
            report.iter().filter(|line| !changed.contains(&&***line)).cloned().collect()
        };
        assert_eq!(others(&direct.report, without), others(&wrapped.report, with), "the order differs");
    }
}

/// The lines that only the one and only the other has.
fn differences<'s>(one: &'s [String], other: &'s [String]) -> (Vec<&'s str>, Vec<&'s str>) {
    let only = |here: &'s [String], there: &[String]| -> Vec<&'s str> {
        here.iter().filter(|line| !there.contains(line)).map(String::as_str).collect()
    };
    (only(one, other), only(other, one))
}

#[test]
fn a_plain_start() {
    Pair::new().arguments(&[b"-m", b"a b", b"--x=y"]).assert_same();
}

#[test]
fn a_start_in_a_process_group_of_its_own_as_on_lambda() {
    let pair = Pair::new().steps([Step::OwnGroup]);
    pair.assert_same();
    assert!(pair.wrapped().report.contains(&"group own".to_owned()));
}

#[test]
fn dispositions_of_signals() {
    let bit = |signal: i32| 1_u64 << (signal - 1);
    let signals = |kind: &str, report: &[String]| -> u64 {
        let line = report.iter().find_map(|line| line.strip_prefix(&format!("status {kind}:\\x09"))).unwrap();
        // 32 and 33 belong to the C library, which lets nobody reset them.
        u64::from_str_radix(line, 16).unwrap() & !(bit(32) | bit(33))
    };
    // Rust's own start-up ignores SIGPIPE. Here it is as it was given, whichever way that is.
    let default = Pair::new();
    default.assert_same();
    assert_eq!(signals("SigIgn", &default.wrapped().report), 0);
    let ignored = Pair::new().steps([libc::SIGPIPE, libc::SIGHUP, libc::SIGCHLD].map(Step::Ignore));
    ignored.assert_same();
    let expected = bit(libc::SIGPIPE) | bit(libc::SIGHUP) | bit(libc::SIGCHLD);
    assert_eq!(signals("SigIgn", &ignored.wrapped().report), expected);
}

#[test]
fn blocked_and_pending_signals() {
    let blocked = [libc::SIGTERM, libc::SIGUSR1, libc::SIGPIPE, libc::SIGRTMAX()].map(Step::Block);
    let pair = Pair::new().steps(blocked).steps([Step::Raise(libc::SIGUSR1), Step::Raise(libc::SIGPIPE)]);
    pair.assert_same();
    let pending = pair.wrapped().report.into_iter().find(|line| line.starts_with("status ShdPnd")).unwrap();
    assert!(pending.ends_with("1200"), "SIGUSR1 and SIGPIPE: {pending}");
}

#[test]
fn descriptors_that_the_runtime_inherits() {
    // 3 is where Lambda's log pipe is.
    let (one, other) = (memory(c"one"), memory(c"other"));
    let steps = [Step::Duplicate(one.as_raw_fd(), 3), Step::Duplicate(other.as_raw_fd(), 9)];
    let pair = Pair::new().steps(steps);
    pair.assert_same();
    let report = pair.wrapped().report;
    let here = |line: &&String| line.starts_with("fd 3 flags 0 ") || line.starts_with("fd 9 flags 0 ");
    assert_eq!(report.iter().filter(here).count(), 2, "{report:#?}");
}

#[test]
fn descriptors_after_a_profile_was_read() {
    // What the wrapper opens takes the lowest free numbers, and none of it may be left.
    for closed in [&[][..], &[0], &[2], &[0, 2], &[0, 1, 2]] {
        let pair = with_profile("[env]\nA.if_exists = \"/\"\nA.default = \"x\"");
        let mut pair = pair.steps(closed.iter().map(|&descriptor| Step::Close(descriptor)));
        pair.deaf = closed.contains(&2);
        pair.assert_same();
    }
}

#[test]
fn an_environment_of_odd_entries() {
    Pair::new()
        .env(&[
            b"A=1",
            b"no equals sign",
            b"=x",
            b"=",
            b"",
            b"B=",
            b"A=2",
            b"caf\xe9=\xff\xfe",
            b"NEW=line\nfeed\ttab",
            b"C==d=e",
            b"A=3",
            b"B=again",
            b"  =spaces",
        ])
        .assert_same();
}

#[test]
fn an_empty_environment() {
    Pair::new().env(&[]).assert_same();
}

#[test]
fn a_large_environment() {
    let entries: Vec<Vec<u8>> = (0..2000).map(|number| format!("N{}={number}", number % 1500).into_bytes()).collect();
    let entries: Vec<&[u8]> = entries.iter().map(|entry| &entry[..]).collect();
    Pair::new().env(&entries).assert_same();
}

#[test]
fn odd_arguments() {
    Pair::new()
        .arguments(&[b"", b"\xff\xfe", b"", b"--", b"-h", b"--version", b"a\nb", b"${HOME} $(id)", b""])
        .assert_same();
}

#[test]
fn umask_limits_and_the_rest_of_the_state() {
    Pair::new()
        .steps([
            Step::Umask(0o137),
            Step::Limit(libc::RLIMIT_NOFILE, 300, 310),
            Step::Limit(libc::RLIMIT_CORE, 4096, 8192),
            Step::Limit(libc::RLIMIT_STACK, 4 << 20, 16 << 20),
            Step::Alarm,
            Step::Nice(3),
        ])
        .assert_same();
}

#[test]
fn a_working_directory_that_is_gone() {
    let mut pair = Pair::new();
    let gone = pair.folder.0.join("gone");
    let path = CString::new(pair.folder.path("gone")).unwrap();
    pair.before = Box::new(move || std::fs::create_dir(&gone).unwrap());
    let pair = pair.steps([Step::Folder(path.clone()), Step::RemoveFolder(path)]);
    pair.assert_same();
    assert!(pair.wrapped().report.iter().any(|line| line.starts_with("folder ") && line.ends_with("/gone (deleted)")));
}

#[test]
fn another_working_directory() {
    Pair::new().steps([Step::Folder(c"/".to_owned())]).assert_same();
}

#[test]
fn standard_streams_that_are_closed() {
    for closed in [&[0][..], &[2], &[1], &[0, 2], &[0, 1, 2]] {
        let mut pair = Pair::new().steps(closed.iter().map(|&descriptor| Step::Close(descriptor)));
        pair.deaf = closed.contains(&2);
        pair.assert_same();
    }
}

#[test]
fn a_wrapper_of_another_path() {
    for own in [&b"/var/task/bin/wrapper"[..], b"wrapper", b"./bootstrap", b""] {
        let mut pair = Pair::new();
        pair.own = own;
        pair.assert_same();
    }
    // A name of its own asks for a profile of that name, and says that there is none.
    let mut pair = Pair::new().more_env("FORERUN_LOG=off");
    pair.own = b"/opt/otel-handler";
    pair.assert_same();
}

#[test]
fn a_program_that_is_searched_in_path() {
    let mut pair = Pair::new();
    pair.argv[0] = b"probe".to_vec();
    let folder = pair.folder.0.to_str().unwrap().to_owned();
    let path = format!("PATH=/nonexistent:{folder}:/bin");
    pair.env(&[path.as_bytes()]).assert_same();
}

#[test]
fn every_exit_status_comes_through() {
    let pair = Pair::new();
    let probe = pair.folder.path("probe");
    for status in 0..=255 {
        let ended = Run::new(WRAPPER, &[b"/opt/wrapper", &probe, format!("exit={status}").as_bytes()]).run();
        assert_eq!(ended.exit(), status);
    }
}

#[test]
fn a_death_by_a_signal_comes_through() {
    let pair = Pair::new();
    let probe = pair.folder.path("probe");
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGPIPE, libc::SIGUSR2] {
        let run = Run::new(WRAPPER, &[b"/opt/wrapper", &probe, format!("signal={signal}").as_bytes()]);
        let status = run.step(Step::Limit(libc::RLIMIT_CORE, 0, 0)).run().status;
        assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == signal, "{signal}: {status:#x}");
    }
}

/// A pair with duplicates and a profile.
fn with_profile(text: &str) -> Pair {
    let pair = Pair::new().env(&[b"A=1", b"odd", b"B=2", b"\xff=3", b"A=4", b"C=5", b"C=6", b"D="]);
    let profile = pair.folder.file("p.toml", text);
    pair.more_env([b"FORERUN_PROFILE=", &profile[..]].concat())
}

#[test]
fn a_profile_changes_what_it_says_and_nothing_else() {
    with_profile("[env]\nB = \"new\"").assert_changes(&["variable B=2"], &["variable B=new"]);
    with_profile("[env]\nB.unset = true").assert_changes(&["variable B=2"], &[]);
    with_profile("[env]\nE = \"new\"").assert_changes(&[], &["variable E=new"]);
    // Of a variable that is edited the first entry counts, and the others go.
    with_profile("[env]\nA = \"new\"").assert_changes(&["variable A=1", "variable A=4"], &["variable A=new"]);
    // So they do where the value comes out the same.
    with_profile("[env]\nA = \"1\"\nB.default = \"x\"\nC = \"${C}\"")
        .assert_changes(&["variable A=4", "variable C=6"], &[]);
    with_profile("[[rules]]\nwhen.env.B = \"3\"\nenv.A = \"x\"\nargs.options = [\"-x\"]").assert_same();
}

#[test]
fn a_new_variable_comes_last() {
    let seen = with_profile("[env]\nE = \"new\"").wrapped();
    assert_eq!(values(&seen.report, "variable").last(), Some(&"E=new"));
}

#[test]
fn arguments_of_a_profile_are_the_only_difference() {
    let pair = with_profile("args.options = [\"-x\"]\nargs.append = [\"last\"]").arguments(&[b"script"]);
    let argc = (&["argc 2"][..], &["argc 4", "argument -x", "argument last"][..]);
    pair.assert_changes(argc.0, argc.1);
    assert_eq!(values(&pair.wrapped().report, "argument")[1..], ["-x", "script", "last"]);
}

#[test]
fn bypass_is_the_start_without_the_wrapper() {
    for profile in ["this is not TOML", "fail = \"no\"", "[env]\nA = \"x\"\nB.unset = true", "args.remove = [\"s*\"]"] {
        with_profile(profile).more_env("FORERUN_BYPASS=1").arguments(&[b"script"]).assert_same();
    }
    // Neither is a profile looked for that is not there.
    Pair::new().more_env("FORERUN_PROFILE=nosuch,x/y").more_env("FORERUN_BYPASS=yes").assert_same();
}

#[test]
fn sidecars_and_their_supervisor_leave_no_trace_in_the_runtime() {
    let states: [&[Step]; 7] = [
        &[],
        &[Step::OwnGroup],
        &[Step::Block(libc::SIGCHLD), Step::Block(libc::SIGTERM)],
        &[Step::Ignore(libc::SIGCHLD)],
        &[Step::Block(libc::SIGCHLD), Step::Raise(libc::SIGCHLD)],
        &[Step::Close(0), Step::Close(2)],
        &[Step::Close(0), Step::Close(1), Step::Close(2)],
    ];
    let sidecars = "[[sidecars]]\nname = \"one\"\ncommand = [\"/bin/sleep\", \"60\"]\nlog = \"null\"\n\
                    [[sidecars]]\nname = \"two\"\ncommand = [\"/bin/sleep\", \"60\"]\nrequired = true\n";
    for steps in states {
        let mut pair = with_profile(sidecars);
        // The hand-over between two inits goes by this address.
        let api = [b"AWS_LAMBDA_RUNTIME_API=", &pair.folder.path("")[..]].concat();
        pair = pair.more_env(api).steps(steps.iter().cloned());
        pair.deaf = true;
        pair.assert_same();
        pair.assert_same();
    }
}
