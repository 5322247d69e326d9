//! Sidecars, limits and shutdown, as far as they can be seen without an execution environment: what is planned, and what
//! is said when something does not work. What they do on Lambda is tested under the emulator.
#![expect(clippy::disallowed_methods, reason = "this test starts programs and makes files")]

mod common;

use std::os::unix::net::UnixListener;

use common::api::Api;
use common::folder::{Folder, WRAPPER, values};
use common::run::{Ended, Run, Step};
use common::world::{Settled, World};
use forerun::plan::sidecars::{Sidecar, Target};
use forerun::problem::Code;
use forerun::profile::Limit;

/// What Lambda gives.
const GIVEN: [&str; 12] = [
    "PATH=/usr/bin",
    "AWS_REGION=eu-west-1",
    "AWS_ACCESS_KEY_ID=key",
    "AWS_SECRET_ACCESS_KEY=secret",
    "AWS_SESSION_TOKEN=token",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN=token",
    "AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper",
    "_LAMBDA_TELEMETRY_LOG_FD=3",
    "LD_PRELOAD=/opt/lib.so",
    "NODE_OPTIONS=--import=/opt/x.mjs",
    "CORECLR_PROFILER_PATH=/opt/p.so",
    "DB_PASSWORD=hidden",
];

fn world() -> World {
    World::new(["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"]).env(GIVEN)
}

fn settle(profile: &str) -> Settled {
    world().profile(profile).settle()
}

/// The one sidecar of a profile.
#[track_caller]
fn one(keys: &str) -> Sidecar {
    let settled = settle(&format!("[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/s\"]\n{keys}\n")).clean();
    let [sidecar] = &settled.sidecars[..] else { panic!("{:#?}", settled.sidecars) };
    sidecar.clone()
}

fn env(sidecar: &Sidecar) -> Vec<&str> {
    sidecar.env.iter().map(|entry| entry.to_str().unwrap()).collect()
}

fn names(settled: &Settled) -> Vec<&str> {
    settled.sidecars.iter().map(|sidecar| &sidecar.name[..]).collect()
}

// ---- what is planned

#[test]
fn a_sidecar_gets_neither_credentials_nor_what_loads_code() {
    let kept = ["PATH=/usr/bin", "AWS_REGION=eu-west-1", "DB_PASSWORD=hidden"];
    assert_eq!(env(&one("")), kept);
    assert_eq!(env(&one("inherit_env = true")), kept);
    let with_credentials = &GIVEN[..6];
    assert_eq!(env(&one("credentials = true")), [with_credentials, &["DB_PASSWORD=hidden"]].concat());
    assert_eq!(env(&one("inherit_env = []")), [""; 0]);
    assert_eq!(
        env(&one("inherit_env = [\"LD_PRELOAD\", \"PATH\", \"NONE\"]")),
        ["PATH=/usr/bin", "LD_PRELOAD=/opt/lib.so"]
    );
}

#[test]
fn its_environment_is_edited_from_its_own_and_reads_the_runtimes() {
    let profile = "[env]\nPORT = 6379\nDB_PASSWORD.unset = true\nPATH.append = \"/opt/bin\"\n[[sidecars]]\nname = \"s\"\n\
                   command = [\"/opt/s\", \"--port\", \"${PORT}\"]\nready.tcp = \"127.0.0.1:${PORT}\"\n\
                   env.ADDRESS = \"${PORT}\"\nenv.PATH.prepend = [\"/opt/s\"]\nenv.AWS_REGION.unset = true\n\
                   env.PYTHONPATH.prepend = [\"/opt/lib\"]\n";
    let settled = settle(profile).clean();
    let [sidecar] = &settled.sidecars[..] else { panic!("{settled:#?}") };
    assert_eq!(env(sidecar), ["PATH=/opt/s:/usr/bin", "DB_PASSWORD=hidden", "ADDRESS=6379", "PYTHONPATH=/opt/lib"]);
    let argv: Vec<_> = sidecar.argv.iter().map(|argument| argument.to_str().unwrap()).collect();
    assert_eq!(argv, ["/opt/s", "--port", "6379"]);
    assert_eq!(sidecar.ready.as_ref().unwrap().target, Target::Tcp(([127, 0, 0, 1], 6379).into()));
    assert_eq!((settled.get("PATH"), settled.get("ADDRESS")), (Some("/usr/bin:/opt/bin"), None));
}

#[test]
fn a_later_profiles_sidecar_of_the_same_name_replaces_it() {
    let sidecar = |name: &str, program: &str, more: &str| {
        format!("[[sidecars]]\nname = \"{name}\"\ncommand = [\"{program}\"]\n{more}\n")
    };
    let both = |second: &str| {
        world()
            .file("/opt/forerun.d/1.toml", sidecar("a", "/opt/1", "") + &sidecar("b", "/opt/1", ""))
            .file("/opt/forerun.d/2.toml", second)
            .settle()
            .clean()
    };
    let settled = both(&sidecar("a", "/opt/2", ""));
    assert_eq!(names(&settled), ["b", "a"]);
    assert_eq!(settled.sidecars[1].program, "/opt/2");
    let switched_off = both(&sidecar("a", "/opt/2", "when.env.A = true"));
    assert_eq!(names(&switched_off), ["b"]);
}

#[test]
fn the_includer_has_the_last_word_over_what_it_includes() {
    let settled = world()
        .file("/opt/forerun/base.toml", "limits.core = 1\n[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/base\"]\n")
        .profile("include = [\"base\"]\nlimits.core = 2\n[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/own\"]\n")
        .settle()
        .clean();
    assert_eq!(settled.sidecars[0].program, "/opt/own");
    assert_eq!(settled.process.limits[0].2, Limit::To(2));
}

#[test]
fn a_profile_that_is_left_out_starts_nothing() {
    let settled = world()
        .file("/opt/forerun.d/1.toml", "on_error = \"continue\"\nfail = \"no\"\nlimits.core = 0\n[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/s\"]\n")
        .settle();
    assert_eq!(settled.stop, None);
    assert_eq!(settled.codes(), ["FR216"]);
    assert!(settled.sidecars.is_empty() && settled.process.limits.is_empty());
    assert!(settle("when.env.A = true\n[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/s\"]\n").sidecars.is_empty());
    let bypassed = world().env(["FORERUN_BYPASS=1"]).profile("[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/s\"]\n");
    assert!(bypassed.settle().sidecars.is_empty());
}

#[test]
fn what_becomes_unusable_with_its_variables_is_left_out_or_stops_the_start() {
    let table = [
        ("command = [\"${NONE}/s\", \"x\"]", None),
        ("command = [\"${AWS_REGION}/s\"]", Some(Code::RelativePath)),
        ("command = [\"/opt/s\"]\nready.tcp = \"${NONE}:80\"", Some(Code::SidecarUnusable)),
        ("command = [\"/opt/s\"]\nready.http = \"${AWS_REGION}\"", Some(Code::SidecarUnusable)),
        ("command = [\"/opt/s\"]\nready.unix = \"/tmp/${LONG}\"", Some(Code::SidecarUnusable)),
        ("command = [\"/opt/s\"]\nready.file = \"${AWS_REGION}\"", Some(Code::RelativePath)),
        ("command = [\"/opt/s\"]\nlog = \"${AWS_REGION}\"", Some(Code::RelativePath)),
        ("command = [\"/opt/s\"]\nworking_directory = \"${AWS_REGION}\"", Some(Code::RelativePath)),
    ];
    for (keys, code) in table {
        let long = format!("LONG={}", "x".repeat(200));
        let profile = |required| format!("[[sidecars]]\nname = \"s\"\nrequired = {required}\n{keys}\n");
        let start = |required| world().env([&long[..]]).profile(&profile(required)).settle();
        let (left_out, stopped) = (start(false), start(true));
        assert_eq!(stopped.stop, code, "{keys}");
        assert_eq!(left_out.stop, None, "{keys}");
        assert_eq!(left_out.sidecars.is_empty(), code.is_some(), "{keys}");
        let codes: Vec<String> = code.iter().map(ToString::to_string).collect();
        assert_eq!(left_out.codes(), codes, "{keys}");
        assert!(!left_out.lines.concat().contains("eu-west-1"), "a value is printed: {:?}", left_out.lines);
    }
}

#[test]
fn as_process_1_sidecars_are_refused_with_the_name_of_an_init() {
    let mut world = world().profile("[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/s\"]\n");
    world.pid = 1;
    let settled = world.settle();
    assert_eq!(settled.stop, Some(Code::SidecarsAsInit));
    assert!(settled.lines.last().unwrap().contains("tini"), "{:?}", settled.lines);
    assert_eq!((Code::SidecarsAsInit.exit_status(), Code::SidecarNotReady.exit_status()), (100, 111));
}

#[test]
fn the_initialization_type_is_spoken_of_in_one_line() {
    let profile = "[shutdown]\ngraceful = true\n[[sidecars]]\nname = \"s\"\ncommand = [\"/opt/s\"]\n";
    let lines = |init: &str| {
        let settled = world().env([format!("AWS_LAMBDA_INITIALIZATION_TYPE={init}")]).profile(profile).settle().clean();
        assert_eq!(names(&settled), ["s"]);
        let mut lines = settled.lines;
        lines.retain(|line| !line.contains("built-in"));
        (lines, settled.process.graceful.is_some())
    };
    assert_eq!(lines("on-demand"), (Vec::new(), true));
    assert_eq!(lines("provisioned-concurrency"), (Vec::new(), true));
    for (init, word) in [("snap-start", "snapshot"), ("lambda-managed-instances", "instance")] {
        let (lines, graceful) = lines(init);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("info: ")) && lines[0].contains(word), "{lines:?}");
        assert!(lines[1].contains("`graceful` is ignored") && !graceful);
    }
}

#[test]
fn of_limits_and_shutdown_the_later_profile_counts_and_all_folders_are_made() {
    let settled = world()
        .file("/opt/forerun.d/1.toml", "limits = { core = 0, nofile = \"hard\" }\nprocess.directories = [\"/tmp/a\"]\nshutdown.graceful = true\n")
        .file("/opt/forerun.d/2.toml", "limits.core = \"unlimited\"\nprocess.directories = [\"/tmp/b\", \"${NONE}/c\"]\nshutdown.graceful = false\n")
        .settle()
        .clean();
    let limits: Vec<_> = settled.process.limits.iter().map(|(_, name, limit)| (*name, *limit)).collect();
    assert_eq!(limits, [("nofile", Limit::Hard), ("core", Limit::Unlimited)]);
    let folders: Vec<_> = settled.process.directories.iter().map(|(_, path)| path.text.to_str().unwrap()).collect();
    assert_eq!(folders, ["/tmp/a", "/tmp/b"]);
    assert_eq!(settled.process.graceful, None);
}

#[test]
fn on_a_python_that_does_not_hear_sigterm_graceful_says_so() {
    let lines = |version: &str| {
        let argv = [format!("/var/lang/bin/python{version}"), "/var/runtime/bootstrap.py".to_owned()];
        let settled = World::new(argv).profile("shutdown.graceful = true").settle().clean();
        assert!(settled.process.graceful.is_some());
        settled.lines.into_iter().filter(|line| line.contains("SIGTERM")).count()
    };
    assert_eq!((lines("3.11"), lines("3.12"), lines("3.14")), (1, 0, 0));
}

// ---- what is said

/// Runs `/bin/echo started` behind the wrapper with this profile and a Runtime API of its own.
fn start(folder: &Folder, profile: &str) -> (Ended, usize) {
    start_runtime(folder, profile, &[b"/bin/echo", b"started"])
}

/// The same with another runtime.
fn start_runtime(folder: &Folder, profile: &str, runtime: &[&[u8]]) -> (Ended, usize) {
    let file = folder.file("forerun.toml", profile);
    let api = Api::new(false);
    let run = Run::new(WRAPPER, &[&[WRAPPER.as_bytes()], runtime].concat());
    let run = run.env([
        "PATH=/usr/bin:/bin".to_owned(),
        api.variable(),
        format!("FORERUN_PROFILE={}", String::from_utf8(file).unwrap()),
    ]);
    let ended = run.run();
    (ended, api.requests().len())
}

/// A sidecar that fails is a warning with this code and text; where it is required the start stops, and Lambda is told.
#[track_caller]
fn assert_fails(keys: &str, code: &str, text: &str) {
    for required in [false, true] {
        let folder = Folder::new();
        let keys = keys.replace("DIR", std::str::from_utf8(&folder.path("")).unwrap().trim_end_matches('/'));
        let profile = format!("[[sidecars]]\nname = \"s\"\nrequired = {required}\n{keys}\n");
        // Without readiness nobody waits for one that is not required: its supervisor says so, in its own time.
        if !required && !keys.contains("ready") {
            continue;
        }
        let (ended, told) = start(&folder, &profile);
        let (kind, status, output) = if required { ("error", 111, "") } else { ("warning", 0, "started\n") };
        assert_eq!((ended.exit(), &ended.stdout[..], told), (status, output, usize::from(required)), "{ended:?}");
        let [line] = ended.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{ended:?}") };
        assert!(line.starts_with(&format!("forerun: {kind}[{code}]: ")), "{line}");
        assert!(line.contains("/forerun.toml:1:1: the sidecar `s` ") && line.contains(text), "`{text}`: {line}");
    }
}

#[test]
fn a_sidecar_that_cannot_be_started() {
    assert_fails("command = [\"/nonexistent\"]", "FR301", "`/nonexistent`: No such file");
    assert_fails("command = [\"/nonexistent\"]\nready.tcp = \"127.0.0.1:1\"", "FR301", "`/nonexistent`");
    assert_fails("command = [\"/etc/passwd\"]", "FR301", "give it the mode 755");
    assert_fails("command = [\"/bin/true\"]\nlog = \"DIR/none/x.log\"", "FR301", "its log `");
    assert_fails("command = [\"/bin/true\"]\nworking_directory = \"DIR/none\"", "FR301", "its working directory `");
}

#[test]
fn one_that_is_only_required_has_to_begin_to_run_and_may_end_at_once() {
    for program in ["/bin/false", "/bin/true"].repeat(10) {
        let folder = Folder::new();
        let sidecars = (0..10)
            .map(|number| format!("[[sidecars]]\nname = \"s{number}\"\nrequired = true\ncommand = [\"{program}\"]\n"));
        let (ended, _) = start(&folder, &sidecars.collect::<String>());
        assert_eq!((ended.exit(), &ended.stdout[..]), (0, "started\n"), "{ended:?}");
    }
}

#[test]
fn a_sidecar_that_ends_before_it_is_ready() {
    let ends = |program: &str| format!("command = [\"{program}\"]\nready.notify = true");
    assert_fails(&ends("/bin/false"), "FR302", "ended with status 1 before it was ready");
    assert_fails(&ends("/bin/true"), "FR302", "run it in the foreground");
    let killed = "command = [\"/bin/sh\", \"-c\", \"kill -9 $$$$\"]\nready.file = \"DIR/ready\"";
    assert_fails(killed, "FR302", "was ended by signal 9");
}

#[test]
fn a_sidecar_that_does_not_become_ready_in_time() {
    let never = |ready: &str| format!("command = [\"/bin/sleep\", \"60\"]\nready.{ready}\nready.timeout = \"20ms\"");
    assert_fails(&never("tcp = \"127.0.0.1:1\""), "FR303", "within 20 ms: waited for tcp `127.0.0.1:1`");
    assert_fails(&never("http = \"http://localhost:1/x\""), "FR303", "waited for http `http://localhost:1/x`");
    assert_fails(&never("unix = \"DIR/s\""), "FR303", "waited for unix `");
    assert_fails(&never("file = \"DIR/none/f\""), "FR303", "waited for file `");
    assert_fails(&never("notify = true"), "FR303", "waited for `READY=1` on its notify socket");
}

/// A profile whose sidecar is Python's own HTTP server.
fn server(port: u16, path: &str, more: &str) -> String {
    format!(
        "[[sidecars]]\nname = \"s\"\ncommand = [\"/usr/bin/python3\", \"-m\", \"http.server\", \"--bind\", \"127.0.0.1\", \
         \"{port}\"]\nworking_directory = \"/usr/lib\"\n{more}\nready = {{ http = \"http://127.0.0.1:{port}{path}\", timeout = \"3s\" }}\n"
    )
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_server_is_listened_to_until_it_has_said_all() {
    let (folder, port) = (Folder::new(), free_port());
    let outcome = folder.0.join("outcome");
    // The status comes at once, and the rest when the runtime has long been started.
    let program = format!(
        "import socket, time\ns = socket.socket(); s.bind(('127.0.0.1', {port})); s.listen()\nc, _ = s.accept(); c.recv(999)\n\
         c.sendall(b'HTTP/1.1 200 OK\\\\r\\\\n\\\\r\\\\n')\ntry:\n for _ in range(20):\n  time.sleep(0.01); c.sendall(b'x' * 50000)\n said = 'all'\n\
         except OSError as error:\n said = str(error)\nc.close()\nopen('{0}', 'w').write(said)\ntime.sleep(60)\n",
        outcome.display()
    );
    let profile = format!(
        "[[sidecars]]\nname = \"s\"\nready.http = \"http://127.0.0.1:{port}/\"\n\
         command = [\"/usr/bin/python3\", \"-c\", \"\"\"{program}\"\"\"]\n"
    );
    let runtime = format!("for _ in $(seq 500); do test -s {0} && break; sleep 0.01; done; cat {0}", outcome.display());
    let (ended, _) = start_runtime(&folder, &profile, &[b"/bin/sh", b"-c", runtime.as_bytes()]);
    assert_eq!((ended.exit(), &ended.stdout[..], &ended.stderr[..]), (0, "all", ""));
}

#[test]
fn a_server_that_answers_something_else_is_not_ready_and_what_it_answers_is_said() {
    let folder = Folder::new();
    let (ended, _) = start(&folder, &server(free_port(), "/nothing/here", "log = \"null\""));
    let text = "which last answered with status 404; a status from 200 to 399 is waited for";
    assert!(ended.stderr.contains("FR303") && ended.stderr.contains(text), "{ended:?}");
}

#[test]
fn a_target_that_is_there_before_its_sidecar() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    let taken = |ready: &str| format!("command = [\"/bin/sleep\", \"60\"]\nready.{ready}");
    assert_fails(&taken(&format!("tcp = \"{address}\"")), "FR304", "is not started: tcp `127.0.0.1:");
    assert_fails(&taken(&format!("http = \"http://{address}/\"")), "FR304", "in use already");
    assert_fails(&taken("file = \"/etc/passwd\""), "FR304", "file `/etc/passwd` is in use already");
    let folder = Folder::new();
    let path = String::from_utf8(folder.path("socket")).unwrap();
    let socket = UnixListener::bind(&path).unwrap();
    assert_fails(&taken(&format!("unix = \"{path}\"")), "FR304", "in use already");
    // Left behind by a process that is gone: a new one may take its place.
    drop(socket);
    let late = format!("{}\nready.timeout = \"20ms\"", taken(&format!("unix = \"{path}\"")));
    assert_fails(&late, "FR303", "not ready within 20 ms");
}

#[test]
fn values_of_variables_are_not_printed() {
    for keys in [
        "command = [\"/nonexistent/${SECRET}\"]\nready.notify = true",
        "command = [\"/bin/true\"]\nworking_directory = \"/nonexistent/${SECRET}\"\nready.notify = true",
        "command = [\"/bin/true\"]\nlog = \"/nonexistent/${SECRET}\"\nready.notify = true",
        "command = [\"/bin/sleep\", \"9\"]\nready = { file = \"/nonexistent/${SECRET}\", timeout = \"1ms\" }",
    ] {
        let folder = Folder::new();
        let profile = format!(
            "[env]\nSECRET = \"hidden\"\n[[sidecars]]\nname = \"s\"\n{keys}\n[process]\ndirectories = [\"/proc/${{SECRET}}\"]\n"
        );
        let (ended, _) = start(&folder, &profile);
        assert_eq!(ended.exit(), 0, "{ended:?}");
        assert!(ended.stderr.contains("${SECRET}") && !ended.stderr.contains("hidden"), "{ended:?}");
    }
}

#[test]
fn folders_and_limits_of_the_runtime() {
    let folder = Folder::new();
    folder.probe();
    let path = |name: &str| String::from_utf8(folder.path(name)).unwrap();
    let profile = format!(
        "[limits]\ncore = 0\nnofile = \"hard\"\n[process]\ndirectories = [\"{}\", \"/proc/none/x\"]\n",
        path("a/b/c")
    );
    let file = folder.file("forerun.toml", &profile);
    let run = Run::new(WRAPPER, &[WRAPPER.as_bytes(), &folder.path("probe")])
        .env([format!("FORERUN_PROFILE={}", String::from_utf8(file).unwrap())])
        .step(Step::Limit(libc::RLIMIT_CORE, 4096, 8192))
        .step(Step::Limit(libc::RLIMIT_NOFILE, 600, 900));
    let ended = run.run();
    assert_eq!(ended.exit(), 0, "{ended:?}");
    assert!(std::path::Path::new(&path("a/b/c")).is_dir());
    let warning = format!("forerun: warning[FR311]: {}:5:", path("forerun.toml"));
    assert!(ended.stderr.starts_with(&warning) && ended.stderr.contains("`/proc/none/x`"), "{ended:?}");
    let report = folder.report();
    let limits = values(&report, "limit");
    let limit = |name: &str| {
        let line = limits.iter().find_map(|line| line.strip_prefix(name));
        line.map(|line| line.split_ascii_whitespace().take(2).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(limit("Max core file size").as_deref(), Some("0 8192"), "{limits:?}");
    assert_eq!(limit("Max open files").as_deref(), Some("900 900"));
}

#[test]
fn narrow_limits_do_not_keep_a_failure_from_being_said() {
    for limits in ["fsize = 0", "as = 1000000", "nofile = 0", "stack = 4096"] {
        let folder = Folder::new();
        let file = folder.file("forerun.toml", format!("[limits]\n{limits}\n"));
        let api = Api::new(false);
        let ended = Run::new(WRAPPER, &[WRAPPER.as_bytes(), b"/nonexistent/python"])
            .env([format!("FORERUN_PROFILE={}", String::from_utf8(file).unwrap()), api.variable()])
            .run();
        assert_eq!(ended.exit(), 127, "{limits}: {ended:?}");
        assert!(ended.stderr.contains("FR401"), "{limits}: {ended:?}");
        assert_eq!(api.requests().len(), 1, "{limits}");
    }
}

#[test]
fn a_required_sidecar_has_to_last_until_the_runtime_starts() {
    let folder = Folder::new();
    let ready = |name: &str| String::from_utf8(folder.path(name)).unwrap();
    let profile = format!(
        "[[sidecars]]\nname = \"first\"\nrequired = true\ncommand = [\"/bin/sh\", \"-c\", \"touch {0}; sleep 0.05; exit 3\"]\n\
         ready.file = \"{0}\"\n[[sidecars]]\nname = \"second\"\ncommand = [\"/bin/sh\", \"-c\", \"sleep 0.5; touch {1}; sleep 60\"]\n\
         ready.file = \"{1}\"\n",
        ready("first"),
        ready("second")
    );
    let (ended, _) = start(&folder, &profile);
    assert_eq!((ended.exit(), &ended.stdout[..]), (111, ""), "{ended:?}");
    let text = "error[FR302]: ";
    assert!(
        ended.stderr.contains(text) && ended.stderr.contains("`first` ended with status 3 before the runtime"),
        "{ended:?}"
    );
}

#[test]
fn a_server_that_loses_its_first_request_is_asked_again() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    drop(server);
    let program = format!(
        "import socket\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n\
         s.bind(('127.0.0.1', {}))\ns.listen()\nlost, _ = s.accept()\nwhile True:\n c, _ = s.accept()\n c.recv(99)\n \
         c.send(b'HTTP/1.1 204 No Content\\\\r\\\\n\\\\r\\\\n')\n c.close()\n",
        address.port()
    );
    let folder = Folder::new();
    let profile = format!(
        "[[sidecars]]\nname = \"s\"\nrequired = true\nready = {{ http = \"http://{address}/\", timeout = \"5s\" }}\n\
         command = [\"/usr/bin/python3\", \"-c\", \"\"\"{program}\"\"\"]\n"
    );
    let (ended, _) = start(&folder, &profile);
    assert_eq!((ended.exit(), &ended.stdout[..], &ended.stderr[..]), (0, "started\n", ""));
}

#[test]
fn what_has_left_the_session_hears_sigterm_too() {
    let folder = Folder::new();
    let (ready, heard) = (folder.0.join("ready"), folder.0.join("heard"));
    let profile = format!(
        "[[sidecars]]\nname = \"s\"\nready.file = \"{0}\"\nstop_timeout = \"1s\"\ncommand = [\"/bin/sh\", \"-c\", '''\n\
         setsid sh -c 'trap \"echo > {1}; exit\" TERM; echo > {0}; while :; do sleep 0.01; done' & wait\n''']\n",
        ready.display(),
        heard.display()
    );
    let (ended, _) = start(&folder, &profile);
    assert_eq!((ended.exit(), &ended.stderr[..]), (0, ""), "{ended:?}");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
    // The file that was waited for goes last.
    while ready.exists() {
        assert!(std::time::Instant::now() < until, "it has not ended");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(heard.exists(), "it was killed and not asked to end");
}
