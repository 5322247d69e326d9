//! What can happen to a function with sidecars, a case each.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, Instant};

use super::freezer::Freezer;
use super::function::{Case, Function, Generation, SECRETS, SLACK, STOP};
use crate::cases::or_not_run;

/// For what must not happen: a look after it is late enough.
const WHILE: Duration = Duration::from_millis(400);

/// A sidecar in a profile; `words` are for sidecar.c, `keys` further lines of TOML.
fn sidecar(name: &str, words: &str, keys: &str) -> String {
    let words: String = words.split_whitespace().map(|word| format!(", \"{word}\"")).collect();
    format!("[[sidecars]]\nname = \"{name}\"\ncommand = [\"/opt/sidecar\", \"{name}\"{words}]\n{keys}\n")
}

/// One with a worker that ignores SIGTERM and holds its port.
fn cache() -> String {
    sidecar("cache", "tcp=7001 worker", "ready.tcp = \"127.0.0.1:7001\"")
}

/// One that ends as soon as it is asked to.
fn agent() -> String {
    sidecar("agent", "notify", "ready.notify = true")
}

/// Both.
fn usual(case: &Case) {
    case.profile(&(cache() + &agent()));
}

/// A number of a line in a diary.
fn field(line: &str, at: usize) -> u64 {
    line.split(' ').nth(at).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("not a line: {line}"))
}

const USUAL: &[&str] = &["cache", "agent"];

/// An extension of the platform's kind: with it SIGTERM comes before SIGKILL.
fn register_extension(case: &Case) {
    case.copy("layer/extensions/watcher", "layer/sidecar");
}

// The runtime's end.

pub(crate) fn timeout(mut case: Case) {
    case.time_out();
    ends_and_starts_again(case, "sleep");
}

pub(crate) fn crash(case: Case) {
    ends_and_starts_again(case, "crash");
}

pub(crate) fn exit_zero(case: Case) {
    ends_and_starts_again(case, "exit");
}

fn ends_and_starts_again(case: Case, event: &'static str) {
    usual(&case);
    let mut function = case.start();
    let first = function.answers(USUAL);
    let number = function.invoke(event);
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    let second = function.answers(USUAL);
    assert_ne!(second.runtime, first.runtime);
    assert_eq!(function.diary("agent.flushed").len(), 1, "it was asked to end, once");
    function.finish();
}

pub(crate) fn sigterm_unregistered(case: Case) {
    usual(&case);
    let mut function = case.start();
    function.answers(USUAL);
    let flushed = function.tmp("agent.flushed");
    function.finish_with(|function, _| {
        function.until("the end of the agent", || flushed.exists().then_some(()));
    });
}

pub(crate) fn sigterm_registered(case: Case) {
    usual(&case);
    register_extension(&case);
    let mut function = case.start();
    function.answers(USUAL);
    let supervisor = function.supervisor("agent").pid;
    function.finish_with(|function, _| {
        let terms = function.until("SIGTERM", || Some(function.diary("agent.terms")).filter(|terms| !terms.is_empty()));
        assert_eq!(terms.len(), 1, "{terms:?}");
        assert_eq!(field(&terms[0], 1), u64::from(supervisor.unsigned_abs()), "from another than the supervisor");
    });
}

pub(crate) fn sigterm_graceful(case: Case) {
    case.profile(&(cache() + &agent() + "[shutdown]\ngraceful = true\n"));
    let mut function = case.start();
    function.answers(USUAL);
    hears_sigterm(function);
}

pub(crate) fn sigterm_ignored(case: Case) {
    usual(&case);
    register_extension(&case);
    let mut function = case.start();
    function.answers(USUAL);
    let ignores = function.invoke("ignore SIGTERM");
    function.as_bare(ignores);
    function.finish_with(|function, generation| heard_in_time(function, generation));
}

/// The platform sends SIGTERM.
fn hears_sigterm(mut function: Function) {
    let ignores = function.invoke("ignore SIGTERM");
    function.as_bare(ignores);
    let told = Instant::now();
    function.finish_with(|function, generation| {
        heard_in_time(function, generation);
        // SIGKILL, the platform's only other word, would have ended it long before.
        assert!(function.end(generation) - told > WHILE, "the platform has sent no SIGTERM");
    });
}

/// The runtime goes on after SIGTERM until SIGKILL comes, 600 ms later; its sidecars do not.
fn heard_in_time(function: &Function, generation: &Generation) {
    let flushed = function.tmp("agent.flushed");
    function.until("the end of the agent", || flushed.exists().then_some(()));
    let heard = Instant::now();
    assert!(function.is_there(&generation.runtime), "the runtime has ended first");
    // It should be 350 ms. Both ends are set by others' clocks, so that a loaded machine does not matter much.
    let before = function.end(generation) - heard;
    assert!(before > Duration::from_millis(150), "the sidecars have heard only {before:?} before the runtime's end");
}

pub(crate) fn function_signals_its_group(case: Case) {
    usual(&case);
    let mut function = case.start();
    let before = function.answers(USUAL);
    let number = function.invoke("signal the group");
    function.as_bare(number);
    // Longer than a SIGTERM of the platform's would be waited with.
    thread::sleep(WHILE);
    let after = function.answers(USUAL);
    assert_eq!(after.all, before.all);
    assert!(function.diary("agent.terms").is_empty());
    function.finish();
}

// The end of one of ours.

pub(crate) fn supervisor_killed(case: Case) {
    let cache = sidecar("cache", "tcp=7001 worker daemon", "ready.tcp = \"127.0.0.1:7001\"");
    case.profile(&(cache + &agent()));
    let mut function = case.start();
    let first = function.answers(USUAL);
    let supervisor = function.supervisor("agent");
    let end = Instant::now();
    function.signal("KILL", &[supervisor.pid]);
    let mut rest = first.clone();
    rest.all.retain(|process| *process != first.runtime);
    function.gone_within(&rest, end, Duration::from_millis(100) + SLACK);
    // The function goes on, without its sidecars.
    let second = function.answers(&[]);
    assert_eq!(second.all, [first.runtime]);
    function.finish();
}

pub(crate) fn listener_killed(case: Case) {
    usual(&case);
    let mut function = case.start();
    function.answers(USUAL);
    let sidecars = [function.sidecar("cache"), function.sidecar("agent")];
    let listener = function.listener("agent");
    function.signal("KILL", &[listener.pid]);
    function.until("the listener's end", || (!function.is_there(&listener)).then_some(()));
    thread::sleep(WHILE);
    let first = function.answers(USUAL);
    assert_eq!([function.sidecar("cache"), function.sidecar("agent")], sidecars);
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    function.answers(USUAL);
    function.finish();
}

pub(crate) fn sidecar_killed_never(case: Case) {
    usual(&case);
    let mut function = case.start();
    function.answers(USUAL);
    let agent = function.sidecar("agent");
    function.signal("KILL", &[agent.pid]);
    function.expect(&["FR305"]);
    assert!(function.line("FR305").contains("`agent`"));
    thread::sleep(WHILE);
    let after = function.answers(&["cache"]);
    assert_eq!(function.diary("agent.starts").len(), 1);
    // Nobody has to wait for it, and nobody is its parent any more.
    assert!(function.proc.get(agent.pid).is_none_or(|process| process != agent), "{after:?}");
    function.finish();
}

pub(crate) fn sidecar_killed_on_failure(case: Case) {
    let again = "restart = \"on-failure\"";
    let agent = sidecar("agent", "notify", &format!("ready.notify = true\n{again}"));
    case.profile(&(cache() + again + "\n" + &agent));
    let mut function = case.start();
    function.answers(USUAL);
    // The second has a worker that holds its port.
    for (name, times) in [("agent", 2), ("cache", 2), ("agent", 3)] {
        let killed = function.sidecar(name);
        function.signal("KILL", &[killed.pid]);
        let diary = format!("{name}.starts");
        function.until("the next start", || (function.diary(&diary).len() == times).then_some(()));
        function.expect(&["FR305"]);
        let generation = function.answers(USUAL);
        assert_ne!(function.sidecar(name), killed);
        assert!(!generation.all.contains(&killed));
        function.until("its port", || function.proc.ports().contains(&7001).then_some(()));
    }
    assert_eq!(function.diary("cache.starts").len(), 2, "it has found its port");
    function.finish();
}

/// Five tries, 100 ms doubling.
pub(crate) fn restart_gives_up(case: Case) {
    let keys = "ready.notify = true\nrestart = \"on-failure\"";
    case.profile(&(cache() + &sidecar("agent", "notify sleep=100 exit=3", keys)));
    let mut function = case.start();
    function.answers(&["cache"]);
    function.until("six starts", || (function.diary("agent.starts").len() == 6).then_some(()));
    let times: Vec<u64> = function.diary("agent.starts").iter().map(|line| field(line, 2)).collect();
    for (pair, pause) in times.windows(2).zip([100, 200, 400, 800, 1600]) {
        // It runs for 100 ms itself.
        let took = pair[1] - pair[0] - 100;
        assert!((pause..pause + 200).contains(&took), "{took} ms in the place of {pause}");
    }
    function.expect(&["FR305"; 6]);
    function.until("the last line", || (function.codes().len() == 6).then_some(()));
    function.answers(&["cache"]);
    assert_eq!(function.diary("agent.starts").len(), 6);
    function.finish();
}

// The end of all before there is a runtime.

pub(crate) fn group_killed_before_ready(mut case: Case) {
    case.time_out();
    case.profile(&(cache() + &sidecar("agent", "daemon", "ready.notify = true\nready.timeout = \"20s\"")));
    let mut function = case.start();
    let number = function.invoke("sleep");
    function.sidecar("agent");
    function.until("the daemon", || (function.generation().all.len() >= 7).then_some(()));
    let waiting = function.generation();
    let end = function.end(&waiting);
    function.gone(&waiting, end);
    function.as_bare(number);
    function.finish();
}

pub(crate) fn group_killed_between_forks(case: Case) {
    case.profile(&agent());
    let filter: Vec<&str> = case.filter().to_vec();
    let mut function = case.start();
    let variables: String = SECRETS.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let limit = (STOP + Duration::from_millis(100) + SLACK).as_millis();
    function.tell(&format!(
        "(env -i PATH=/usr/bin:/bin AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper{variables} \
         /opt/before {} -- /opt/storm 160 50 {limit} -- /opt/wrapper /opt/sidecar stranger; echo storm: ended) &",
        filter.join(" ")
    ));
    let log = function.until("the storm", || Some(function.story()).filter(|story| story.contains("storm: ended")));
    assert!(log.contains("storm: all went"), "{log}");
    // Some kills came before the sidecar's start and some after: else it was another time that was looked at.
    let starts = function.diary("agent.starts").len();
    assert!((1..160).contains(&starts), "{starts} starts");
    function.finish();
}

// What sidecars do.

pub(crate) fn sidecar_dies_early(case: Case) {
    case.profile(&(cache() + &sidecar("agent", "exit=3", "ready.notify = true\nready.timeout = \"20s\"")));
    let mut function = case.start();
    function.expect(&["FR302"]);
    function.answers(&["cache"]);
    let line = function.line("FR302");
    assert!(line.contains("`agent`") && line.contains("status 3"), "{line}");
    function.finish();
}

pub(crate) fn required_sidecar_dies_early(case: Case) {
    let keys = "required = true\nready.notify = true\nready.timeout = \"20s\"";
    case.profile(&(cache() + &sidecar("agent", "exit=3", keys)));
    let mut function = case.start();
    let number = function.invoke("answer");
    let body = function.body(number);
    assert!(body.contains("FR302") && body.contains("Runtime.ForerunSidecar"), "{body}");
    assert!(function.line("FR302").contains("error[FR302]"));
    // The emulator may start it a second time.
    let codes = function.codes();
    assert!(codes.iter().all(|code| code == "FR302"), "{codes:?}");
    function.expect(&vec!["FR302"; codes.len()]);
    function.finish();
}

pub(crate) fn sidecar_hangs(case: Case) {
    case.profile(&(agent() + &sidecar("cache", "", "ready.tcp = \"127.0.0.1:7001\"\nready.timeout = \"300ms\"")));
    not_ready(case, "7001");
}

pub(crate) fn sidecar_closes_notify_socket(case: Case) {
    case.profile(&(agent() + &sidecar("cache", "notify-closed", "ready.notify = true\nready.timeout = \"300ms\"")));
    not_ready(case, "READY=1");
}

fn not_ready(case: Case, waited_for: &str) {
    let mut function = case.start();
    function.expect(&["FR303"]);
    let begun = Instant::now();
    function.answers(&["agent"]);
    assert!(begun.elapsed() >= Duration::from_millis(300), "it was not waited for");
    let line = function.line("FR303");
    assert!(line.contains("`cache`") && line.contains(waited_for), "{line}");
    function.finish();
}

pub(crate) fn sidecar_ignores_sigterm(case: Case) {
    case.profile(&(agent() + &sidecar("cache", "ignore-term tcp=7001", "ready.tcp = \"127.0.0.1:7001\"")));
    let mut function = case.start();
    let first = function.answers(USUAL);
    let cache = function.sidecar("cache");
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.until("the end of the cache", || (!function.is_there(&cache)).then_some(()));
    let took = end.elapsed();
    assert!(took > STOP - Duration::from_millis(30), "it had only {took:?}");
    function.gone(&first, end);
    function.as_bare(number);
    function.answers(USUAL);
    function.finish();
}

pub(crate) fn stop_timeout_is_kept(mut case: Case) {
    case.stop = Duration::from_secs(1);
    // More than it has by default, and much less than it has.
    let agent = sidecar("agent", "flush=250 notify", "ready.notify = true\nstop_timeout = \"1s\"");
    case.profile(&(cache() + &agent));
    let mut function = case.start();
    let first = function.answers(USUAL);
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    assert_eq!(function.diary("agent.flushed").len(), 1, "it was killed before its time");
    function.as_bare(number);
    function.finish();
}

pub(crate) fn sidecar_with_workers(case: Case) {
    survivors(case, "worker worker worker");
}

pub(crate) fn sidecar_daemonises(case: Case) {
    survivors(case, "daemon worker");
}

pub(crate) fn sidecar_changes_credentials(case: Case) {
    // The owner of our own /proc entry is our effective user.
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if or_not_run("a sidecar of another user", root.then_some(()).ok_or("only root has one".into())).is_some() {
        survivors(case, "setuid=1000 worker");
    }
}

/// Processes that hold a port and ignore SIGTERM, over the end of the runtime and of the platform's SIGTERM.
fn survivors(case: Case, words: &str) {
    let cache = sidecar("cache", &format!("tcp=7001 {words}"), "ready.tcp = \"127.0.0.1:7001\"");
    case.profile(&(cache + &agent()));
    register_extension(&case);
    let mut function = case.start();
    let first = function.answers(USUAL);
    // Runtime, supervisor, listener, two sidecars and what the words make.
    assert!(first.all.len() >= 6, "{first:?}");
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    function.answers(USUAL);
    function.finish();
}

pub(crate) fn target_in_use(case: Case) {
    let file = sidecar("writer", "file=/tmp/there", "ready.file = \"/tmp/there\"");
    case.profile(&(cache() + &file + &agent()));
    let mut function = case.start();
    let there = function.tmp("there");
    function.tell("echo mine >/tmp/there; /opt/sidecar stranger tcp=7001 & stranger=$!");
    function.until("the stranger", || function.proc.ports().contains(&7001).then_some(()));
    function.expect(&["FR304", "FR304"]);
    let first = function.answers(&["agent"]);
    for name in ["cache.starts", "writer.starts"] {
        assert!(function.diary(name).is_empty(), "{name}");
    }
    let log = function.story();
    for what in ["`cache`", "`writer`"] {
        assert!(log.lines().any(|line| line.contains("FR304") && line.contains(what)), "{what}: {log}");
    }
    // Its own port is no port of a sidecar's.
    function.tell("kill -s KILL $stranger");
    function.until("the stranger's end", || (!function.proc.ports().contains(&7001)).then_some(()));
    // What is somebody else's is left to them.
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    assert!(there.exists());
    function.finish();
}

pub(crate) fn reinit_at_once(case: Case) {
    overlaps(case, "ignore-term tcp=7001", "ready.tcp = \"127.0.0.1:7001\"", true);
}

pub(crate) fn reinit_at_once_with_600_mb(case: Case) {
    overlaps(case, "touch=600 tcp=7001", "ready.tcp = \"127.0.0.1:7001\"\nready.timeout = \"10s\"", false);
}

/// The next wrapper is there before the sidecars of the former one have gone.
fn overlaps(case: Case, words: &str, keys: &str, surely: bool) {
    case.profile(&sidecar("cache", words, keys));
    let mut function = case.start();
    let first = function.answers(&["cache"]);
    let old = function.sidecar("cache");
    let number = function.invoke_all(&["crash", "answer"]);
    let end = function.end(&first);
    let next = function.until("the next wrapper", || function.runtime().filter(|next| *next != first.runtime));
    let overlapped = function.is_there(&old);
    assert!(overlapped || !surely, "there was nothing to wait for");
    function.gone(&first, end);
    function.as_bare(number);
    function.as_bare(number + 1);
    let second = function.answers(&["cache"]);
    assert!(second.runtime == next, "{:?} and {next:?}", second.runtime);
    function.finish();
}

pub(crate) fn hundred_inits(case: Case) {
    case.profile(&(agent() + &sidecar("cache", "tcp=7001", "ready.tcp = \"127.0.0.1:7001\"")));
    let mut function = case.start();
    let first = function.answers(USUAL);
    let sockets = function.proc.own_sockets().len();
    let number = function.invoke_all(&["crash"; 100]);
    for number in number..number + 100 {
        function.as_bare(number);
    }
    let last = function.answers(USUAL);
    assert_eq!(last.all.len(), first.all.len(), "{}", function.story());
    assert_eq!(function.proc.own_sockets().len(), sockets);
    assert_eq!(function.diary("agent.starts").len(), 101);
    assert_eq!(function.diary("cache.starts").len(), 101);
    function.finish();
}

pub(crate) fn twenty_sidecars(case: Case) {
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let profile: String = (0..20)
        .map(|number| {
            let name = &names[number];
            match number % 5 {
                0 => sidecar(name, "notify", "ready.notify = true"),
                1 => sidecar(
                    name,
                    &format!("tcp={}", 7000 + number),
                    &format!("ready.tcp = \"localhost:{}\"", 7000 + number),
                ),
                2 => sidecar(name, &format!("unix=/tmp/{name}"), &format!("ready.unix = \"/tmp/{name}\"")),
                3 => sidecar(name, &format!("file=/tmp/{name}"), &format!("ready.file = \"/tmp/{name}\"")),
                _ => {
                    let url = format!("ready.http = \"http://127.0.0.1:{}/health\"", 7000 + number);
                    sidecar(name, &format!("http={}", 7000 + number), &url)
                }
            }
        })
        .collect();
    case.profile(&profile);
    let mut function = case.start();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let first = function.answers(&names);
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    function.answers(&names);
    function.finish();
}

// Frozen.

pub(crate) fn freeze_after_sigterm(case: Case) {
    // It works for 20 ms of its own after SIGTERM, which come after the thaw.
    case.profile(&(cache() + &sidecar("agent", "notify flush=20", "ready.notify = true")));
    let mut function = case.start();
    let mut freezer = Freezer::around(&mut function);
    let first = function.answers(USUAL);
    let number = function.invoke("crash");
    function.until("SIGTERM", || (!function.diary("agent.terms").is_empty()).then_some(()));
    freezer.freeze(&mut function);
    assert!(function.diary("agent.flushed").is_empty(), "frozen too late to tell");
    thread::sleep(3 * STOP);
    let thawed = Instant::now();
    freezer.thaw(&mut function);
    function.gone(&first, thawed);
    assert_eq!(function.diary("agent.flushed").len(), 1, "the time frozen was counted");
    function.as_bare(number);
    function.answers(USUAL);
    function.finish();
}

pub(crate) fn freeze_after_the_platforms_sigterm(case: Case) {
    usual(&case);
    register_extension(&case);
    let mut function = case.start();
    let mut freezer = Freezer::around(&mut function);
    function.answers(USUAL);
    let ignores = function.invoke("ignore SIGTERM");
    function.as_bare(ignores);
    function.finish_with(|function, _| {
        // In the middle of the time that the runtime has before its sidecars are told.
        thread::sleep(Duration::from_millis(60));
        freezer.freeze(function);
        assert!(function.diary("agent.terms").is_empty(), "frozen too late to tell");
        thread::sleep(3 * STOP);
        assert!(function.diary("agent.terms").is_empty(), "it is not frozen");
        freezer.thaw(function);
        function.until("SIGTERM", || (!function.diary("agent.terms").is_empty()).then_some(()));
    });
}

/// Half a minute is longer than every time that a sidecar is given, as is usual between two invocations.
pub(crate) fn freeze_in_the_middle(case: Case) {
    usual(&case);
    let mut function = case.start();
    let mut freezer = Freezer::around(&mut function);
    let before = function.answers(USUAL);
    freezer.freeze(&mut function);
    thread::sleep(Duration::from_secs(30));
    freezer.thaw(&mut function);
    let after = function.answers(USUAL);
    assert_eq!(after.all, before.all);
    let number = function.invoke("crash");
    let end = function.end(&after);
    function.gone(&after, end);
    function.as_bare(number);
    function.finish();
}

// What the wrapper is given.

pub(crate) fn sigchld_ignored(mut case: Case) {
    case.before(&["ignore-chld"]);
    let keys = "ready.notify = true\nrestart = \"on-failure\"";
    case.profile(&(cache() + &sidecar("agent", "notify", keys)));
    let mut function = case.start();
    let first = function.answers(USUAL);
    assert_bit(&function, &first, "SigIgn", 17);
    // The supervisor hears of its children all the same.
    let agent = function.sidecar("agent");
    function.signal("KILL", &[agent.pid]);
    function.expect(&["FR305"]);
    function.until("the next start", || (function.diary("agent.starts").len() == 2).then_some(()));
    assert!(function.line("FR305").contains("`agent`"));
    function.answers(USUAL);
    function.finish();
}

pub(crate) fn sigterm_blocked(mut case: Case) {
    case.before(&["block-term"]);
    usual(&case);
    register_extension(&case);
    let mut function = case.start();
    let first = function.answers(USUAL);
    assert_bit(&function, &first, "SigBlk", 15);
    let agent = function.sidecar("agent");
    function.finish_with(|function, generation| {
        // It cannot hear, but its SIGKILL comes before that of the runtime.
        function.until("the agent's end", || (!function.is_there(&agent)).then_some(()));
        assert!(function.is_there(&generation.runtime), "the runtime has ended first");
    });
}

fn assert_bit(function: &Function, generation: &Generation, set: &str, signal: u32) {
    let text = function.proc.status(generation.runtime.pid, set).unwrap_or_default();
    let bits = u64::from_str_radix(&text, 16).unwrap_or_default();
    assert_ne!(bits & (1 << (signal - 1)), 0, "the runtime's {set}: {text}");
}

pub(crate) fn stderr_closed(mut case: Case) {
    case.before(&["close-stderr"]);
    usual(&case);
    case_of_the_wrapper(case);
}

pub(crate) fn no_proc(mut case: Case) {
    case.before(&["hide-proc"]);
    usual(&case);
    case_of_the_wrapper(case);
}

/// The runtime's log and what else is open is the runtime's alone.
pub(crate) fn more_descriptors(mut case: Case) {
    case.before(&["more-descriptors"]);
    usual(&case);
    case_of_the_wrapper(case);
}

pub(crate) fn more_descriptors_no_proc(mut case: Case) {
    case.before(&["more-descriptors", "hide-proc"]);
    usual(&case);
    case_of_the_wrapper(case);
}

fn case_of_the_wrapper(case: Case) {
    let mut function = case.start();
    let first = function.answers(USUAL);
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    function.answers(USUAL);
    function.finish();
}

// A Runtime API that does not do what it should.

/// A function whose launcher asks the proxy, which does this to a registration.
fn behind_proxy(mut case: Case, fault: &str) -> Function {
    case.before(&["api=127.0.0.1:9002"]);
    case.profile(&(cache() + &agent() + "[shutdown]\ngraceful = true\n"));
    let mut function = case.start();
    function.tell(&format!("/var/lang/bin/python3 -ISB /opt/proxy.py {fault} &"));
    function.until("the proxy", || function.proc.ports().contains(&9002).then_some(()));
    function
}

fn asked(function: &Function) -> Vec<String> {
    function.diary("proxy").iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

const REGISTER: &str = "POST /2020-01-01/extension/register";
const NEXT: &str = "GET /2020-01-01/extension/event/next";

pub(crate) fn registration_slow(case: Case) {
    let mut function = behind_proxy(case, "slow");
    let begun = Instant::now();
    function.answers(USUAL);
    assert!(begun.elapsed() >= Duration::from_secs(1), "it was not waited for");
    assert_eq!(asked(&function), [REGISTER, NEXT]);
    hears_sigterm(function);
}

/// There is no way back from a registration: the platform ends it, and all that was started.
pub(crate) fn registration_never_answered(mut case: Case) {
    case.time_out();
    let mut function = behind_proxy(case, "mute");
    let number = function.invoke("sleep");
    function.until("the registration", || (asked(&function) == [REGISTER]).then_some(()));
    let waiting = function.generation();
    assert!(waiting.all.len() > 5, "its sidecars are there: {waiting:?}");
    let end = function.end(&waiting);
    function.gone(&waiting, end);
    function.as_bare(number);
    function.finish();
}

/// The next event is asked for on another connection.
pub(crate) fn registration_reset(case: Case) {
    let mut function = behind_proxy(case, "reset");
    function.answers(USUAL);
    assert_eq!(asked(&function), [REGISTER, NEXT]);
    hears_sigterm(function);
}

pub(crate) fn registration_lost(case: Case) {
    let mut function = behind_proxy(case, "gone");
    let number = function.invoke("answer");
    // There is nobody to tell the invoker why.
    assert_eq!(function.body(number), "");
    let line = function.line("FR313");
    assert!(line.contains("error[FR313]"), "{line}");
    let codes = function.codes();
    function.expect(&vec!["FR313"; codes.len()]);
    function.finish();
}

pub(crate) fn registration_taken(case: Case) {
    registration_refused_with(case, "taken", &[]);
}

pub(crate) fn registration_too_many(case: Case) {
    registration_refused_with(case, "too-many", &[]);
}

pub(crate) fn registration_refused(case: Case) {
    registration_refused_with(case, "refused", &["FR312"]);
}

fn registration_refused_with(case: Case, fault: &str, codes: &[&'static str]) {
    let mut function = behind_proxy(case, fault);
    function.expect(codes);
    function.answers(USUAL);
    assert_eq!(asked(&function), [REGISTER]);
    function.finish();
}

// Two of them.

pub(crate) fn chained(mut case: Case) {
    case.wrapper = Some("/opt/first");
    case.program("layer/first", "#!/bin/bash\nexec /opt/outer /opt/inner \"$@\"\n");
    case.copy("layer/outer", "layer/wrapper");
    case.copy("layer/inner", "layer/wrapper");
    let slow = sidecar("cache", "tcp=7001 worker ignore-term", "ready.tcp = \"127.0.0.1:7001\"");
    case.file("layer/forerun/outer.toml", &slow);
    case.file("layer/forerun/inner.toml", &agent());
    let mut function = case.start();
    let first = function.answers(USUAL);
    assert_ne!(function.supervisor("cache"), function.supervisor("agent"));
    let of = |function: &Function, name: &str| {
        let variables = function.proc.variables(function.sidecar(name).pid);
        variables.into_iter().find(|variable| variable.starts_with("FORERUN_SIDECAR="))
    };
    assert_ne!(of(&function, "cache"), of(&function, "agent"));
    // The inner one has not waited for the sidecars of the outer one to end: it would have for this long.
    let between = function.sidecar("agent").start - function.sidecar("cache").start;
    assert!(between < 40, "{between} ticks of 10 ms");
    let number = function.invoke("crash");
    let end = function.end(&first);
    function.gone(&first, end);
    function.as_bare(number);
    function.answers(USUAL);
    function.finish();
}

// What only an unfiltered process has, or what is so in every case.

pub(crate) fn names_of_processes(case: Case) {
    usual(&case);
    let mut function = case.start();
    function.answers(USUAL);
    assert_eq!(function.supervisor("agent").name, "forerun-super");
    assert_eq!(function.listener("agent").name, "forerun-listen");
    function.finish();
}

pub(crate) fn secrets_are_forgotten(mut case: Case) {
    case.trusted = "agent";
    let copy = "[env]\nCOPY = \"x${AWS_SESSION_TOKEN}\"\n";
    let agent = sidecar("agent", "notify", "ready.notify = true\ncredentials = true");
    case.profile(&(copy.to_owned() + &cache() + &agent));
    let mut function = case.start();
    let first = function.answers(USUAL);
    let secrets = SECRETS.map(|(_, value)| value);
    let (supervisor, listener) = (function.supervisor("agent"), function.listener("agent"));
    assert!(function.proc.remembers(first.runtime.pid, &secrets), "the runtime's are seen");
    for process in [&supervisor, &listener] {
        assert!(!function.proc.remembers(process.pid, &secrets), "{process:?} remembers the credentials");
    }
    function.finish();
}

pub(crate) fn supervisor_sleeps(case: Case) {
    usual(&case);
    let mut function = case.start();
    function.answers(USUAL);
    let ours = [function.supervisor("agent"), function.listener("agent")];
    let turns = |function: &Function| {
        ours.clone().map(|process| function.proc.status(process.pid, "voluntary_ctxt_switches").expect("it runs"))
    };
    let before = turns(&function);
    thread::sleep(2 * WHILE);
    assert_eq!(turns(&function), before, "they woke up for nothing");
    function.finish();
}
