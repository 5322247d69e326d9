//! Real servers as sidecars of a Python function, which uses them, crashes, runs into its timeout and is ended.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cases::{launched, or_not_run};
use crate::interpreters::Interpreter;
use crate::parts;
use crate::runtimes::{Runtime, bootstrap_after};
use crate::watched::{Watched, watch};

const APP: &str = include_str!("real_sidecars/app.py");

/// One server: how it is started, and what it says.
struct Server {
    /// The table of its profile.
    table: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// A word of the command lines of its processes, and how many there are.
    processes: (&'static str, usize),
    port: Option<u16>,
    /// What the function says to it, and what it answers whenever it has just been started.
    event: Value,
    answer: &'static str,
    /// What it answers when it is asked once more, if it is something else.
    again: &'static str,
    /// In milliseconds.
    stop_timeout: f64,
}

/// Stores one thing, and says how many are stored: after a new start it is the first one again.
fn push(address: &str) -> Value {
    json!({ "talk": { "address": address, "text": "RPUSH list x\r\nPING\r\n", "end": "+PONG\r\n" } })
}

fn get(address: &str, end: Option<&str>) -> Value {
    json!({ "talk": { "address": address, "text": "GET / HTTP/1.0\r\n\r\n", "end": end } })
}

pub(crate) fn redis_tcp(runtime: &Runtime, name: &str) {
    let table = r#"
        command = ["/usr/bin/redis-server", "--bind", "127.0.0.1", "--port", "6379", "--save", ""]
        ready.tcp = "127.0.0.1:6379"
    "#;
    redis(table, Some(6379), push("127.0.0.1:6379"), runtime, name);
}

/// The socket's file is gone as well, or it would be in the way of the next one.
pub(crate) fn redis_unix(runtime: &Runtime, name: &str) {
    let table = r#"
        command = ["/usr/bin/redis-server", "--port", "0", "--unixsocket", "/tmp/redis.sock", "--save", ""]
        ready.unix = "/tmp/redis.sock"
    "#;
    redis(table, None, push("/tmp/redis.sock"), runtime, name);
}

pub(crate) fn redis_notify(runtime: &Runtime, name: &str) {
    let table = r#"
        command = [
            "/usr/bin/redis-server", "--supervised", "systemd", "--bind", "127.0.0.1", "--port", "6379", "--save", "",
        ]
        ready.notify = true
    "#;
    redis(table, Some(6379), push("127.0.0.1:6379"), runtime, name);
}

fn redis(table: &'static str, port: Option<u16>, event: Value, runtime: &Runtime, name: &str) {
    let server = Server {
        table,
        files: &[],
        processes: ("redis-server", 1),
        port,
        event,
        answer: ":1\r\n+PONG\r\n",
        again: ":2\r\n+PONG\r\n",
        stop_timeout: 200.0,
    };
    serve(&server, "redis-server", runtime, name);
}

/// A master with two workers, which hold the port as well.
pub(crate) fn nginx(runtime: &Runtime, name: &str) {
    let server = Server {
        table: r#"
            command = ["/usr/sbin/nginx", "-e", "stderr", "-c", "/opt/nginx.conf"]
            ready.http = "http://127.0.0.1:8081/health"
        "#,
        files: &[("layer/nginx.conf", include_str!("real_sidecars/nginx.conf"))],
        processes: ("nginx", 3),
        port: Some(8081),
        event: get("127.0.0.1:8081", Some("a real server\n")),
        answer: "a real server\n",
        again: "a real server\n",
        stop_timeout: 200.0,
    };
    serve(&server, "nginx-light", runtime, name);
}

/// By itself it takes a second to stop.
pub(crate) fn memcached(runtime: &Runtime, name: &str) {
    let text = "add key 0 0 5\r\nvalue\r\nget key\r\n";
    let server = Server {
        table: r#"
            command = ["/usr/bin/memcached", "-u", "root", "-l", "127.0.0.1", "-p", "11211"]
            ready.tcp = "127.0.0.1:11211"
            stop_timeout = "150ms"
        "#,
        files: &[],
        processes: ("memcached", 1),
        port: Some(11211),
        event: json!({ "talk": { "address": "127.0.0.1:11211", "text": text, "end": "END\r\n" } }),
        answer: "STORED\r\nVALUE key 0 5\r\nvalue\r\nEND\r\n",
        again: "NOT_STORED\r\nVALUE key 0 5\r\nvalue\r\nEND\r\n",
        stop_timeout: 150.0,
    };
    if let Some(watched) = serve(&server, "memcached", runtime, name) {
        // It had its time and was killed then.
        assert!(watched.assert_nothing_is_left(server.stop_timeout) > server.stop_timeout / 2.0);
    }
}

pub(crate) fn haproxy(runtime: &Runtime, name: &str) {
    let server = Server {
        table: r#"
            command = ["/usr/sbin/haproxy", "-db", "-f", "/opt/haproxy.cfg"]
            ready.http = "http://localhost:8081/"
        "#,
        files: &[("layer/haproxy.cfg", include_str!("real_sidecars/haproxy.cfg"))],
        processes: ("haproxy", 1),
        port: Some(8081),
        event: get("127.0.0.1:8081", Some("a real proxy\n")),
        answer: "a real proxy\n",
        again: "a real proxy\n",
        stop_timeout: 200.0,
    };
    serve(&server, "haproxy", runtime, name);
}

/// The supervisor is killed: with it go the server's processes, although their environment does not say whose they are.
pub(crate) fn nginx_unsupervised(runtime: &Runtime, name: &str) {
    let profile = r#"
        [[sidecars]]
        name = "server"
        command = ["/usr/sbin/nginx", "-e", "stderr", "-c", "/opt/nginx.conf"]
        ready.http = "http://127.0.0.1:8081/"
    "#;
    let kill = json!({ "kill": { "whom": "supervisor", "name": "nginx" } });
    unsupervised(&[kill], profile, "nginx-light", runtime, name);
}

/// The same after the server was killed and started once more, in another session.
pub(crate) fn redis_unsupervised(runtime: &Runtime, name: &str) {
    let profile = r#"
        [[sidecars]]
        name = "server"
        command = ["/usr/bin/redis-server", "--port", "0", "--unixsocket", "/tmp/redis.sock", "--save", ""]
        ready.unix = "/tmp/redis.sock"
        restart = "on-failure"
    "#;
    let [server, supervisor] =
        ["server", "supervisor"].map(|whom| json!({ "kill": { "whom": whom, "name": "redis-server" } }));
    unsupervised(&[server, supervisor], profile, "redis-server", runtime, name);
}

/// After the last of the `events` there is nothing of the server; the function goes on.
fn unsupervised(events: &[Value], profile: &str, package: &str, runtime: &Runtime, name: &str) {
    let Some(packages) = or_not_run(name, parts::debian(package)) else { return };
    let mut sandbox = launched(runtime, name);
    sandbox.write("task/app.py", APP);
    sandbox.write("layer/nginx.conf", include_str!("real_sidecars/nginx.conf"));
    sandbox.write("layer/forerun.d/10-test.toml", profile);
    let after = json!({});
    let events: Vec<Value> = events.iter().chain([&after]).cloned().collect();
    let watched = watch(&mut sandbox, &with_packages(runtime, packages), &events);
    let last = events.len() - 2;
    for number in 0..last {
        assert_ne!(watched.answer(number)["left"], 0, "it was not started again");
    }
    assert_eq!(watched.answer(last)["left"], 0, "it goes with the supervisor");
    assert_eq!(*watched.listening_after(last), json!([]));
    assert!(watched.answer(last + 1)["env"].is_object());
    watched.assert_no_children();
    watched.assert_nothing_is_left(200.0);
}

/// The whole life of a function with this server: used, crashed, used, timed out, used, ended.
fn serve(server: &Server, package: &str, runtime: &Runtime, name: &str) -> Option<Watched> {
    let packages = or_not_run(name, parts::debian(package))?;
    let mut sandbox = launched(runtime, name);
    sandbox.write("task/app.py", APP);
    sandbox.write("layer/forerun.d/10-test.toml", &format!("[[sidecars]]\nname = \"server\"\n{}", server.table));
    for (at, text) in server.files {
        sandbox.write(at, text);
    }
    sandbox.set("AWS_LAMBDA_FUNCTION_TIMEOUT", "2");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "the function's own");
    let interpreter = with_packages(runtime, packages);
    let used = server.event.clone();
    // The server is still ending when the next start wants its port.
    let crashed = json!({ "crash": 7, "hasty": true });
    let hung = json!({ "hang": true });
    let events = [used.clone(), used.clone(), crashed, used.clone(), hung, used];
    let watched = watch(&mut sandbox, &interpreter, &events);

    for (number, answer) in [(0, server.answer), (1, server.again), (3, server.answer), (5, server.answer)] {
        let answered = watched.answer(number);
        let received = answered["received"].as_str().unwrap_or_default();
        assert!(received.ends_with(answer), "event {number}: {received:?}");
        assert_eq!(answered["env"]["FORERUN_SIDECAR"], Value::Null);
        assert_eq!(answered["env"]["AWS_SECRET_ACCESS_KEY"], "the function's own");
        assert_runs(server, &watched, number);
    }
    // What the emulator answers without a launcher too.
    assert_eq!(watched.answer(2)["errorType"], "Runtime.ExitError");
    assert_eq!(watched.answers[4].body, "Task timed out after 2.00 seconds");
    assert_eq!(*watched.listening_after(4), json!([]), "after the timeout");
    assert_eq!(watched.runtimes().len(), 3);
    watched.assert_no_children();
    watched.assert_nothing_is_left(server.stop_timeout);
    assert!(!watched.log.contains("[FR3"), "a problem with the sidecar was found");
    Some(watched)
}

/// The server's processes are there, apart from the runtime and without the function's credentials.
fn assert_runs(server: &Server, watched: &Watched, number: usize) {
    let (word, count) = server.processes;
    let mut processes = watched.processes_after(number);
    let runtime = watched.runtime_after(number);
    let session = processes.iter().find(|process| process.id() == runtime).expect("the runtime is there").session();
    processes.retain(|process| process.command_line().contains(word));
    assert_eq!(processes.len(), count, "processes of {word} after event {number}");
    for process in processes {
        assert_ne!(process.session(), session, "{word} is in a session of its own");
        // redis and nginx write their titles over their environment, so there is nothing to see of it.
        assert!(["redis-server", "nginx"].contains(&word) || process.variable("FORERUN_SIDECAR").is_some());
        assert_eq!(process.variable("AWS_SECRET_ACCESS_KEY"), None);
    }
    assert_eq!(*watched.listening_after(number), json!(server.port.as_slice()));
}

fn with_packages(runtime: &Runtime, packages: PathBuf) -> Interpreter {
    Interpreter { prefix: runtime.interpreter.prefix.clone(), packages: Some(packages) }
}

/// The runtime has the limits of the profile and the sidecar those that the platform gave; the directories are there
/// before the sidecar, whose log is in one of them.
pub(crate) fn limits_and_directories(runtime: &Runtime, name: &str) {
    let mut sandbox = launched(runtime, name);
    sandbox.write("task/app.py", APP);
    sandbox.write("layer/forerun.d/10-test.toml", include_str!("real_sidecars/limits.toml"));
    sandbox.write("layer/forerun.d/20-test.toml", "[process]\ndirectories = [\"/tmp/second/deep\"]\n");
    // What the platform gives to the wrapper, in units of 1024 but for the number of files.
    sandbox.write("runtime/bootstrap", &bootstrap_after("ulimit -S -c 0 -n 512 -s 2048 -d 4000000"));
    let event = json!({ "directories": ["/tmp/first/deep", "/tmp/second/deep", "/tmp/third"] });
    let watched = watch(&mut sandbox, &runtime.interpreter, &[event]);

    let answer = watched.answer(0);
    assert_eq!(answer["directories"], json!([true, true, false]));
    let limits = &answer["limits"];
    assert_eq!(limits["CORE"][0], limits["CORE"][1]);
    assert_eq!(limits["NOFILE"][0], limits["NOFILE"][1]);
    assert_eq!(limits["STACK"][0], 4_194_304);
    assert_eq!(limits["DATA"][0], -1);

    let processes = watched.processes_after(0);
    let sidecar = processes.iter().find(|process| process.command_line().contains("sleep"));
    let sidecar = sidecar.expect("the sidecar runs");
    for (limit, soft) in [
        ("Max core file size", "0"),
        ("Max open files", "512"),
        ("Max stack size", "2097152"),
        ("Max data size", "4096000000"),
    ] {
        assert_eq!(sidecar.limit(limit)[0], soft, "{limit} of the sidecar");
    }
    let log = sandbox.read("tmp/first/deep/sidecar.log").unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(log, "the sidecar's words\n");
    assert!(!watched.log.contains("[FR3"), "a problem was found");
    watched.assert_nothing_is_left(200.0);
}
