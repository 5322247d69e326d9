//! What stays beside the runtime when there is a sidecar, the supervisor and the listener: what they know, what they hold,
//! and that they sleep.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "these tests start programs and look at processes")]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use common::folder::{Folder, WRAPPER};

/// Longer than anything here takes.
const LONGEST: Duration = Duration::from_secs(20);
/// Stands for the runtime and for a sidecar that does nothing.
const SLEEP: [&str; 2] = ["/bin/sleep", "300"];

/// Distinctive, and long enough to be found in pieces.
const SECRETS: [(&str, &str); 3] = [
    ("AWS_SECRET_ACCESS_KEY", "k7Qz0vXw2LrT9bNp4HsD8mYc6JgF1aUe3RiZoKxB"),
    ("AWS_SESSION_TOKEN", "u3Wn8RfK1zYq6PtB0cMj5XhL9dGv2SeA7oIxTrZiQpEwUyNaVbCkDgHsJmFl4"),
    ("DB_PASSWORD", "Gx5ZrV2nQ9tLw7KyB4sHc1MpJ8dF0eTa6UjXoRiWzNqEvYkPbSgCm3hL"),
];

/// A start whose runtime and sidecar go on.
struct Started {
    folder: Folder,
    runtime: Child,
    supervisor: Pid,
    listener: Pid,
    sidecar: Pid,
}

impl Started {
    /// Starts the wrapper, with a file for each of the runtime's descriptors 0 to 3, and waits until all is quiet.
    fn new(profile: &str) -> Started {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // Who looks into a process's memory has to be its ancestor where the kernel is strict (Yama).
        nix::sys::prctl::set_child_subreaper(true).unwrap();
        let folder = Folder::new();
        folder.file("profile.toml", profile.replace("FOLDER", &folder.text("")));
        let [stdin, stdout, stderr] = ["stdin", "stdout", "stderr"].map(|name| {
            folder.file(name, "");
            File::options().read(true).append(true).open(folder.0.join(name)).unwrap()
        });
        // The name of the socket by which two inits of one execution environment know each other.
        let api = format!("supervision-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let runtime = Command::new("/bin/sh")
            .args(["-c", "exec 3>>\"$0\"; exec \"$@\""])
            .arg(folder.0.join("telemetry"))
            .arg(WRAPPER)
            .args(SLEEP)
            .env_clear()
            .envs(SECRETS)
            .env("PATH", "/usr/bin:/bin")
            .env("_LAMBDA_TELEMETRY_LOG_FD", "3")
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .env("FORERUN_PROFILE", folder.0.join("profile.toml"))
            .stdin(Stdio::from(stdin))
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut started = Started { folder, runtime, supervisor: NOBODY, listener: NOBODY, sidecar: NOBODY };
        started.wait_until_quiet();
        started
    }

    /// Until the runtime runs, and the supervisor and the listener have done all that follows.
    fn wait_until_quiet(&mut self) {
        let runtime = self.runtime_pid();
        let program = fs::canonicalize(SLEEP[0]).unwrap();
        let mark = format!("FORERUN_SIDECAR={runtime}-").into_bytes();
        self.wait_for("the runtime and a sidecar", |started| {
            let runs = |pid: Pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|found| found == program);
            let marked = |pid: Pid| entries(pid).is_some_and(|all| all.iter().any(|entry| entry.starts_with(&mark)));
            started.sidecar = pids().into_iter().find(|&pid| marked(pid) && runs(pid))?;
            runs(runtime).then_some(())
        });
        // By their names, which they give themselves when the sidecars are started.
        self.wait_for("the supervisor and the listener", |started| {
            let supervisor = Pid::from_raw(field(started.sidecar, "PPid")?.parse().ok()?);
            let is_child = |pid: &Pid| field(*pid, "PPid").is_some_and(|parent| parent == supervisor.to_string());
            let named = |pid: Pid, name: &str| {
                field(pid, "Name").is_some_and(|found| found == name)
                    && field(pid, "State").is_some_and(|state| state.starts_with('S'))
            };
            started.supervisor = Some(supervisor).filter(|&pid| named(pid, "forerun-super"))?;
            let listens = |pid: &Pid| is_child(pid) && named(*pid, "forerun-listen");
            started.listener = pids().into_iter().find(listens)?;
            Some(())
        });
        let mut before = (0, 0);
        self.wait_for("rest", |started| {
            let now = (switches(started.supervisor), switches(started.listener));
            let is_quiet = std::mem::replace(&mut before, now) == now;
            sleep(Duration::from_millis(100));
            is_quiet.then_some(())
        });
    }

    #[track_caller]
    fn wait_for(&mut self, what: &str, mut look: impl FnMut(&mut Started) -> Option<()>) {
        let begun = Instant::now();
        while look(self).is_none() {
            assert!(begun.elapsed() < LONGEST, "{what}: not there\n{}", self.stderr());
            sleep(Duration::from_millis(5));
        }
    }

    fn runtime_pid(&self) -> Pid {
        Pid::from_raw(self.runtime.id().cast_signed())
    }

    fn stderr(&self) -> String {
        fs::read_to_string(self.folder.0.join("stderr")).unwrap()
    }

    /// What a process has open, by number. Sockets and the like without the numbers that the kernel gives them.
    fn descriptors(&self, pid: Pid) -> BTreeMap<u32, String> {
        let folder = self.folder.text("");
        fs::read_dir(format!("/proc/{pid}/fd"))
            .unwrap()
            .filter_map(|entry| {
                let entry = entry.unwrap();
                // That of the listing itself is gone by now.
                let target = fs::read_link(entry.path()).ok()?.into_os_string().into_string().unwrap();
                // A pidfd had no number of its own before Linux 6.9.
                let kind = target.trim_start_matches("anon_inode:").trim_start_matches('[').trim_end_matches(']');
                let kind = kind.split(":[").next().unwrap();
                let name = kind.strip_prefix(folder.as_str()).unwrap_or(kind).to_owned();
                Some((entry.file_name().to_str().unwrap().parse().unwrap(), name))
            })
            .collect()
    }

    /// The names at 0, 1 and 2, and the sorted rest.
    fn held(&self, pid: Pid) -> (Vec<String>, Vec<String>) {
        let mut all = self.descriptors(pid);
        let standard = (0..=2).map(|number| all.remove(&number).unwrap_or_else(|| "closed".to_owned())).collect();
        let mut others: Vec<String> = all.into_values().collect();
        others.sort();
        (standard, others)
    }
}

impl Drop for Started {
    /// Ends the runtime; the rest ends by itself, and if it does not, by force and as a failure.
    fn drop(&mut self) {
        let _ = self.runtime.kill();
        let _ = self.runtime.wait();
        let all = [self.sidecar, self.listener, self.supervisor];
        let begun = Instant::now();
        let mut left: Vec<Pid> = all.into_iter().filter(|&pid| pid != NOBODY).collect();
        while !left.is_empty() && begun.elapsed() < LONGEST {
            // The supervisor has become a child of this process.
            let _ = waitpid(self.supervisor, Some(WaitPidFlag::WNOHANG));
            left.retain(|&pid| field(pid, "State").is_some_and(|state| !state.starts_with('Z')));
            sleep(Duration::from_millis(2));
        }
        for pid in &left {
            let _ = kill(*pid, Signal::SIGKILL);
        }
        assert!(left.is_empty() || std::thread::panicking(), "they outlived the runtime: {left:?}");
    }
}

/// No process has this number, and no signal is sent to it.
const NOBODY: Pid = Pid::from_raw(i32::MAX);

fn pids() -> Vec<Pid> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    fs::read_dir("/proc").unwrap().filter_map(name).map(Pid::from_raw).collect()
}

/// A line of /proc/PID/status; `None` when there is no such process.
fn field(pid: Pid, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.trim().to_owned())
}

/// How often a process was given a processor and left it again.
fn switches(pid: Pid) -> u64 {
    let counts = ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"];
    counts.iter().map(|name| field(pid, name).unwrap().parse::<u64>().unwrap()).sum()
}

/// The environment that a process was started with, as far as it may be read.
fn entries(pid: Pid) -> Option<Vec<Vec<u8>>> {
    let text = fs::read(format!("/proc/{pid}/environ")).ok()?;
    Some(text.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect())
}

/// All memory that a process can read, with the names of its mappings.
struct Memory(Vec<(String, Vec<u8>)>);

impl Memory {
    fn of(pid: Pid) -> Memory {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let memory = File::open(format!("/proc/{pid}/mem")).expect("the memory of a descendant can be read");
        let parts = maps.lines().filter_map(|line| {
            let mut fields = line.split_whitespace();
            let (range, rights) = (fields.next()?, fields.next()?);
            // The kernel's own pages, which cannot be read this way.
            if !rights.starts_with('r') || line.contains("[vvar") || line.contains("[vsyscall]") {
                return None;
            }
            let (from, to) = range.split_once('-')?;
            let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            memory.read_exact_at(&mut bytes, from).unwrap_or_else(|error| panic!("{line}: {error}"));
            Some((line.to_owned(), bytes))
        });
        let mut parts: Vec<(String, Vec<u8>)> = parts.collect();
        parts.push(("environ".to_owned(), fs::read(format!("/proc/{pid}/environ")).unwrap()));
        assert!(parts.iter().any(|(name, _)| name.contains("[stack]")), "{maps}");
        Memory(parts)
    }

    /// Where a text is.
    fn find(&self, text: &[u8]) -> Vec<String> {
        let mut places = Vec::new();
        for (name, bytes) in &self.0 {
            let mut from = 0;
            while let Some(at) = position(&bytes[from..], text) {
                places.push(format!("{name} + {:#x}", from + at));
                from += at + 1;
            }
        }
        places
    }

    /// Where any piece of a secret is: half-overwritten strings count.
    fn find_pieces(&self, secret: &str) -> Vec<String> {
        const PIECE: usize = 12;
        let pieces = secret.as_bytes().chunks_exact(PIECE);
        pieces.flat_map(|piece| self.find(piece)).collect()
    }
}

fn position(bytes: &[u8], text: &[u8]) -> Option<usize> {
    // By the first byte first: a debug build would take seconds to compare megabytes at every place.
    let first = *text.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes[from..].iter().position(|&byte| byte == first)?;
        if bytes[at..].starts_with(text) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The names of the secrets of which something is found, with the places.
fn known(memory: &Memory, secrets: &Range<usize>) -> Vec<(&'static str, Vec<String>)> {
    let found = SECRETS[secrets.clone()].iter().map(|(name, secret)| (*name, memory.find_pieces(secret)));
    found.filter(|(_, places)| !places.is_empty()).collect()
}

const ALL: Range<usize> = 0..SECRETS.len();
const CREDENTIALS: Range<usize> = 0..2;

/// The password goes through an expansion, a message and a folder's name before the supervisor is forked.
const SECRETIVE: &str = r#"
env.DATABASE_URL = "postgres://app:${DB_PASSWORD}@db/orders"
env.TOKEN_COPY = "${AWS_SESSION_TOKEN}"

[process]
directories = ["/proc/none/${DB_PASSWORD}"]

[[sidecars]]
name = "agent-of-the-test"
command = ["/bin/sleep", "300"]
required = true
"#;

#[test]
fn secrets_are_forgotten_by_those_who_stay() {
    let started = Started::new(SECRETIVE);
    assert!(started.stderr().contains("warning[FR311]"), "no message was written before: {}", started.stderr());
    // The scanner finds what is there: all of it in the runtime, in memory and as it was started.
    let runtime = Memory::of(started.runtime_pid());
    for (name, secret) in SECRETS {
        let places = runtime.find(secret.as_bytes());
        assert!(places.iter().any(|place| place.contains("[stack]")), "{name}: {places:?}");
        assert!(places.iter().any(|place| place.starts_with("environ")), "{name}: {places:?}");
    }
    let mark = format!("FORERUN_SIDECAR={}-", started.runtime_pid());
    for (who, pid) in [("supervisor", started.supervisor), ("listener", started.listener)] {
        let memory = Memory::of(pid);
        assert!(!memory.find(mark.as_bytes()).is_empty(), "the {who}'s memory was not seen");
        assert_eq!(known(&memory, &ALL), [], "the {who} knows them");
    }
    // Its environment is as it was given, but for the credentials.
    let sidecar = Memory::of(started.sidecar);
    assert_eq!(known(&sidecar, &CREDENTIALS), []);
    assert!(!known(&sidecar, &ALL).is_empty(), "the sidecar inherits the rest");
}

#[test]
fn a_restart_needs_the_sidecars_environment_and_nothing_else() {
    let started = Started::new(&format!("{SECRETIVE}restart = \"on-failure\"\n"));
    let supervisor = Memory::of(started.supervisor);
    assert_eq!(known(&supervisor, &CREDENTIALS), []);
    assert!(!known(&supervisor, &ALL).is_empty(), "it could not start the sidecar again as it was");
    // That of the runtime is not the sidecar's.
    assert_eq!(supervisor.find(b"postgres://app:"), [""; 0]);
    assert_eq!(known(&Memory::of(started.listener), &ALL), []);
}

#[test]
fn arguments_of_a_sidecar_are_forgotten() {
    let started = Started::new(
        r#"
[[sidecars]]
name = "agent-of-the-test"
command = ["/usr/bin/env", "ONE=${DB_PASSWORD}", "OTHER=${AWS_SESSION_TOKEN}", "sleep", "300"]
required = true
"#,
    );
    assert_eq!(known(&Memory::of(started.sidecar), &ALL).len(), 2, "it was given them");
    for (who, pid) in [("supervisor", started.supervisor), ("listener", started.listener)] {
        assert_eq!(known(&Memory::of(pid), &ALL), [], "the {who} knows them");
    }
}

#[test]
fn only_needed_descriptors_are_held() {
    // One of each: ready, never ready, not waited for. Each has to be let go of what it was watched by.
    let started = Started::new(
        r#"
[[sidecars]]
name = "ready"
command = ["/bin/sh", "-c", "echo > FOLDER/ready; exec sleep 300"]
ready.file = "FOLDER/ready"

[[sidecars]]
name = "late"
command = ["/bin/sleep", "300"]
ready.tcp = "127.0.0.1:1"
ready.timeout = "20ms"

[[sidecars]]
name = "unawaited"
command = ["/bin/sleep", "300"]
"#,
    );
    let mut runtime = started.descriptors(started.runtime_pid());
    // Whoever runs the tests may leave descriptors open in all that follow.
    let own = started.descriptors(Pid::this());
    runtime.retain(|number, name| *number <= 3 || own.get(number) != Some(name));
    let given = [(0, "stdin"), (1, "stdout"), (2, "stderr"), (3, "telemetry")];
    assert_eq!(runtime, given.map(|(number, name)| (number, name.to_owned())).into());

    let (standard, others) = started.held(started.supervisor);
    assert_eq!(standard, ["/dev/null", "stdout", "stderr"]);
    // Children that end, the runtime, the listener, and the name by which the next init knows this one.
    assert_eq!(others, ["pidfd", "signalfd", "socket", "socket"]);

    let (standard, others) = started.held(started.listener);
    assert_eq!(standard, ["/dev/null"; 3]);
    assert_eq!(others, ["signalfd", "socket", "socket"]);

    let (standard, others) = started.held(started.sidecar);
    assert_eq!(standard, ["/dev/null", "stdout", "stderr"]);
    assert_eq!(others, [""; 0]);
}

#[test]
fn a_log_that_is_not_inherited_is_not_held() {
    let sidecar = "[[sidecars]]\nname = \"quiet\"\nrequired = true\ncommand = [\"/bin/sleep\", \"300\"]\n";
    for (log, name) in [("null", "/dev/null"), ("FOLDER/log", "log")] {
        let started = Started::new(&format!("{sidecar}log = \"{log}\"\n"));
        assert_eq!(started.held(started.sidecar).0, ["/dev/null", name, name]);
        // Its own messages still go to the log of the function.
        assert_eq!(started.held(started.supervisor).0, ["/dev/null", "/dev/null", "stderr"]);
    }
}

#[test]
fn nobody_wakes_up_while_nothing_happens() {
    const QUIET: Duration = Duration::from_secs(1);
    // A port that was never open in time is not asked for any more.
    let started = Started::new(
        r#"
[[sidecars]]
name = "ready"
command = ["/bin/sh", "-c", "echo > FOLDER/ready; exec sleep 300"]
ready.file = "FOLDER/ready"
restart = "on-failure"

[[sidecars]]
name = "late"
command = ["/bin/sleep", "300"]
ready.tcp = "127.0.0.1:1"
ready.timeout = "20ms"
"#,
    );
    let all = || (switches(started.supervisor), switches(started.listener));
    let before = all();
    sleep(QUIET);
    assert_eq!(all(), before, "the supervisor, the listener");
    // The figures move when something happens.
    kill(started.sidecar, Signal::SIGKILL).unwrap();
    let begun = Instant::now();
    while switches(started.supervisor) == before.0 {
        assert!(begun.elapsed() < LONGEST, "nobody noticed the end of a sidecar");
        sleep(Duration::from_millis(5));
    }
    assert!(Path::new("/proc").join(started.supervisor.to_string()).exists());
}
