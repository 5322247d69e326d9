//! A function with sidecars that a test looks at and interferes with while it runs, and what must hold of every one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::processes::{Proc, Process};
use super::programs;
use crate::interpreters::Interpreter;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;

/// How long a sidecar has after SIGTERM, unless its profile says otherwise.
pub(crate) const STOP: Duration = Duration::from_millis(200);
/// Nothing outlives the runtime by more than `stop_timeout` and this.
const MORE: Duration = Duration::from_millis(100);
/// What a loaded machine and looking from outside may add.
pub(crate) const SLACK: Duration = Duration::from_millis(300);
/// Longer than anything here takes.
const LONGEST: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// What must not reach a sidecar: the variable and its value in the function's configuration.
pub(crate) const SECRETS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AKIAFORERUNTEST0001"),
    ("AWS_SECRET_ACCESS_KEY", "key/of/the/function+0002"),
    ("AWS_SESSION_TOKEN", "token-of-the-function-0003"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token-of-the-container-0004"),
];
/// Other variables that stay behind: the runtime's own, and one that loads code.
const WITHHELD: [&str; 3] = ["AWS_LAMBDA_EXEC_WRAPPER=", "_LAMBDA_TELEMETRY_LOG_FD=", "LD_LIBRARY_PATH="];

/// A case before its function runs.
pub(crate) struct Case {
    pub(crate) name: String,
    kind: &'static str,
    /// What the runtime is kept from.
    filter: &'static [&'static str],
    before: Vec<String>,
    runtime: fn() -> Result<Runtime, String>,
    interpreter: Interpreter,
    sandbox: Sandbox,
    /// None: the function runs without a launcher.
    pub(crate) wrapper: Option<&'static str>,
    /// The sidecar that is given the function's credentials.
    pub(crate) trusted: &'static str,
    /// The longest `stop_timeout` of the profile.
    pub(crate) stop: Duration,
}

/// Its function.
pub(crate) struct Function {
    pub(crate) case: Case,
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) proc: Proc,
    events: Vec<&'static str>,
    expected: Vec<&'static str>,
}

/// All processes between the start of a runtime and its end.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) runtime: Process,
    pub(crate) all: Vec<Process>,
}

/// What a function does without a launcher.
#[derive(Clone, Debug)]
struct Bare {
    descriptors: BTreeMap<u32, String>,
    bodies: BTreeMap<&'static str, String>,
}

/// What a function can be told that it answers to at once.
const QUICK: &[&str] = &["answer", "ignore SIGTERM", "signal the group", "crash", "exit"];

impl Case {
    pub(crate) fn new(
        name: &str,
        kind: &'static str,
        runtime: fn() -> Result<Runtime, String>,
        filter: &'static [&'static str],
    ) -> Result<Case, String> {
        let made = runtime()?;
        let programs = programs::programs()?;
        let mut sandbox = made.sandbox(name);
        match kind {
            "python" => sandbox.write("task/app.py", include_str!("functions/app.py")),
            "node" => sandbox.write("task/app.js", include_str!("functions/app.js")),
            "ruby" => sandbox.write("task/app.rb", include_str!("functions/app.rb")),
            "java" => sandbox.copy("task", &programs::java_function()?),
            _ => return Err(format!("no function in {kind}")),
        }
        for program in ["sidecar", "before", "storm"] {
            sandbox.copy(&format!("layer/{program}"), &programs.join(program));
        }
        sandbox.copy("layer/wrapper", Path::new(env!("CARGO_BIN_EXE_wrapper")));
        sandbox.write("layer/proxy.py", include_str!("proxy.py"));
        sandbox.write("driver", include_str!("driver.sh"));
        sandbox.make_executable("driver");
        for (variable, value) in SECRETS {
            sandbox.set(variable, value);
        }
        // Some sidecars are another user.
        fs::set_permissions(sandbox.dir().join("tmp"), fs::Permissions::from_mode(0o1777)).expect("it is ours");
        let filtered = filter.iter().map(ToString::to_string).collect();
        let name = name.to_owned();
        Ok(Case {
            name,
            kind,
            filter,
            before: filtered,
            runtime,
            interpreter: made.interpreter,
            sandbox,
            wrapper: Some("/opt/wrapper"),
            trusted: "",
            stop: STOP,
        })
    }

    /// A profile beside the others.
    pub(crate) fn profile(&self, text: &str) {
        self.file("layer/forerun.d/10-test.toml", text);
    }

    /// A file: `layer/…` is /opt/….
    pub(crate) fn file(&self, at: &str, text: &str) {
        self.sandbox.write(at, text);
    }

    /// A program.
    pub(crate) fn program(&self, at: &str, text: &str) {
        self.sandbox.write(at, text);
        self.sandbox.make_executable(at);
    }

    /// A copy of a program of the layer.
    pub(crate) fn copy(&self, at: &str, of: &str) {
        self.sandbox.copy(at, &self.sandbox.dir().join(of));
    }

    /// A variable of the function's configuration.
    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.sandbox.set(variable, value);
    }

    /// Words for `before.c`, which the bootstrap runs in front of the launcher.
    pub(crate) fn before(&mut self, words: &[&str]) {
        self.before.extend(words.iter().map(ToString::to_string));
    }

    /// An invocation takes no longer than this; a cold start is in it.
    pub(crate) fn time_out(&mut self) {
        let seconds = if self.kind == "java" { "5" } else { "2" };
        self.set("AWS_LAMBDA_FUNCTION_TIMEOUT", seconds);
    }

    pub(crate) fn filter(&self) -> &'static [&'static str] {
        self.filter
    }

    pub(crate) fn start(mut self) -> Function {
        if !self.before.is_empty() {
            let words: String = self.before.iter().map(|word| format!("{word}\n")).collect();
            self.file("runtime/before", &format!("/opt/before\n{words}--\n"));
        }
        if let Some(wrapper) = self.wrapper {
            self.set("AWS_LAMBDA_EXEC_WRAPPER", wrapper);
        }
        let mut child = self.sandbox.start(&self.interpreter).unwrap_or_else(|why| panic!("{why}"));
        let begun = Instant::now();
        let proc = loop {
            if let Some(proc) = Proc::of(child.id()) {
                break proc;
            }
            assert!(begun.elapsed() < LONGEST, "no namespaces: {}", self.log());
            thread::sleep(PAUSE);
        };
        let input = child.stdin.take();
        let function = Function { case: self, child, input, proc, events: Vec::new(), expected: Vec::new() };
        function.until("the emulator", || function.emulator());
        function.until("the driver", || {
            function.process(|arguments| arguments.get(1).is_some_and(|path| path == "/var/driver"))
        });
        function
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.sandbox.log()).unwrap_or_default()).into_owned()
    }

    /// What the same function does with these events, with nothing before it but what stands before the launcher.
    fn bare(&self, event: &'static str) -> Bare {
        type Known = HashMap<String, Arc<OnceLock<Bare>>>;
        static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
        let before: Vec<&str> =
            self.before.iter().map(String::as_str).filter(|word| !word.starts_with("api=")).collect();
        // One function for all of them, and one for what takes as long as it may.
        let events = if event == "sleep" { &[event] } else { QUICK };
        let key = format!("{} {} {}", self.kind, before.join(" "), events[0]);
        let place = {
            let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.get_or_insert_default().entry(key.clone()).or_default())
        };
        let made = place.get_or_init(|| {
            let name = format!("sidecars-bare-{}", key.replace(' ', "-"));
            let mut case = Case::new(&name, self.kind, self.runtime, &[]).expect("it was there before");
            case.wrapper = None;
            case.before(&before);
            if event == "sleep" {
                case.time_out();
            }
            let mut function = case.start();
            let first = function.invoke("answer");
            function.body(first);
            let runtime = function.runtime().expect("it has answered");
            let descriptors = function.proc.descriptors(runtime.pid);
            let number = function.invoke_all(events);
            let bodies = (number..).zip(events).map(|(number, event)| (*event, function.body(number)));
            Bare { descriptors, bodies: bodies.collect() }
        });
        made.clone()
    }
}

impl Function {
    /// Waits for something.
    #[track_caller]
    pub(crate) fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begun.elapsed() < LONGEST, "{what}: not within {LONGEST:?}\n{}", self.story());
            thread::sleep(PAUSE);
        }
    }

    /// What there is to know when something is wrong.
    pub(crate) fn story(&self) -> String {
        let mut story = self.case.log();
        for process in self.proc.all() {
            let mut arguments = self.proc.arguments(process.pid);
            // PID 1 has a whole script there.
            arguments.truncate(6);
            arguments.retain(|argument| !argument.contains('\n'));
            story.push_str(&format!("{process:?} {}\n", arguments.join(" ")));
        }
        story
    }

    /// Something that the driver does: see driver.sh.
    pub(crate) fn tell(&mut self, command: &str) {
        let input = self.input.as_mut().expect("it is told before the end");
        input.write_all(format!("{command}\n").as_bytes()).expect("the driver is there");
    }

    /// A signal to processes, negative numbers for groups.
    pub(crate) fn signal(&mut self, signal: &str, to: &[i32]) {
        let pids: Vec<String> = to.iter().map(ToString::to_string).collect();
        self.tell(&format!("kill -s {signal} -- {}", pids.join(" ")));
    }

    /// Begins an invocation; what it answers is for [`Function::body`] and [`Function::as_bare`].
    pub(crate) fn invoke(&mut self, event: &'static str) -> usize {
        self.invoke_all(&[event])
    }

    /// Invocations one right after the other.
    pub(crate) fn invoke_all(&mut self, events: &[&'static str]) -> usize {
        let number = self.events.len();
        let texts: Vec<String> = events.iter().map(|event| format!("'{{\"do\":\"{event}\"}}'")).collect();
        self.tell(&format!("invoke {number} {} &", texts.join(" ")));
        self.events.extend(events);
        number
    }

    /// What the invoker got, without what is another at every invocation.
    #[track_caller]
    pub(crate) fn body(&self, number: usize) -> String {
        let path = self.case.sandbox.dir().join("answers").join(number.to_string());
        let answer = self.until("an answer", || {
            let text = fs::read_to_string(&path).ok()?;
            // The status is written last.
            (text.rsplit_once('\n')?.1.len() == 3).then_some(text)
        });
        let body = answer.rsplit_once('\n').expect("a status").0;
        let mut words: Vec<&str> = Vec::new();
        for word in body.split(' ') {
            let is_id = word.len() == 36 && word.bytes().filter(|&byte| byte == b'-').count() == 4;
            words.push(if is_id { "ID" } else { word });
        }
        words.join(" ")
    }

    /// The invoker got what it gets without a launcher.
    #[track_caller]
    pub(crate) fn as_bare(&self, number: usize) {
        let event = self.events[number];
        let bare = self.case.bare(event);
        assert_eq!(self.body(number), bare.bodies[event], "{}", self.story());
    }

    /// The launcher writes lines with these codes, and no others.
    pub(crate) fn expect(&mut self, codes: &[&'static str]) {
        self.expected.extend(codes);
    }

    /// The codes of the launcher's lines so far.
    pub(crate) fn codes(&self) -> Vec<String> {
        let log = self.case.log();
        let lines = log.lines().filter_map(|line| line.split_once("forerun: ").map(|(_, line)| line.to_owned()));
        lines
            .map(|line| match line.split_once("[FR") {
                Some((_, code)) => format!("FR{}", code.get(..3).unwrap_or_default()),
                None => line,
            })
            .collect()
    }

    /// Waits for a line of the launcher's and returns it.
    #[track_caller]
    pub(crate) fn line(&self, code: &str) -> String {
        self.until(code, || {
            let log = self.case.log();
            log.lines().find(|line| line.contains("forerun: ") && line.contains(code)).map(str::to_owned)
        })
    }

    /// The lines of a sidecar's diary.
    pub(crate) fn diary(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.tmp(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A path below the sandbox's /tmp.
    pub(crate) fn tmp(&self, name: &str) -> PathBuf {
        self.case.sandbox.dir().join("tmp").join(name)
    }

    pub(crate) fn emulator(&self) -> Option<Process> {
        self.proc.all().into_iter().find(|process| process.name == "emulator" && !process.is_zombie())
    }

    fn process(&self, is: impl Fn(&[String]) -> bool) -> Option<Process> {
        self.proc.all().into_iter().find(|process| is(&self.proc.arguments(process.pid)))
    }

    /// What the test brings with it.
    fn is_ours(&self, process: &Process) -> bool {
        let arguments = self.proc.arguments(process.pid);
        let at = |number: usize| arguments.get(number).map_or("", String::as_str);
        process.pid == 1
            || process.name == "emulator"
            || at(0).starts_with("/opt/extensions/")
            || at(1) == "/var/driver"
            || at(1) == "stranger"
            || arguments.iter().any(|argument| argument == "/opt/proxy.py")
            // What the driver runs, or its child before its end, when it has no arguments any more.
            || matches!(process.name.as_str(), "driver" | "sleep")
    }

    /// The runtime, or what is about to become it.
    pub(crate) fn runtime(&self) -> Option<Process> {
        let emulator = self.emulator()?;
        let is_it =
            |process: &Process| process.parent == emulator.pid && !process.is_zombie() && !self.is_ours(process);
        self.proc.all().into_iter().find(is_it)
    }

    /// The sidecars of this name as they were started, without what they themselves start in sessions of its own.
    pub(crate) fn sidecars(&self, name: &str) -> Vec<Process> {
        let is_sidecar = |pid| self.proc.arguments(pid).first().is_some_and(|program| program == "/opt/sidecar");
        let is_it = |process: &Process| {
            let arguments = self.proc.arguments(process.pid);
            process.session == process.pid
                && !process.is_zombie()
                && !is_sidecar(process.parent)
                && arguments.first().is_some_and(|program| program == "/opt/sidecar")
                && arguments.get(1).is_some_and(|argument| argument == name)
        };
        self.proc.all().into_iter().filter(is_it).collect()
    }

    /// The only one, as soon as it is there.
    #[track_caller]
    pub(crate) fn sidecar(&self, name: &str) -> Process {
        let found = self.until(name, || Some(self.sidecars(name)).filter(|found| !found.is_empty()));
        assert_eq!(found.len(), 1, "{name}: {}", self.story());
        found[0].clone()
    }

    /// The parent of a sidecar.
    #[track_caller]
    pub(crate) fn supervisor(&self, of: &str) -> Process {
        let parent = self.sidecar(of).parent;
        self.proc.get(parent).expect("a sidecar has a parent")
    }

    /// The supervisor's child in the runtime's group.
    #[track_caller]
    pub(crate) fn listener(&self, of: &str) -> Process {
        let (supervisor, runtime) = (self.supervisor(of), self.runtime().expect("it runs"));
        let is_it = |process: &Process| process.parent == supervisor.pid && process.group == runtime.group;
        self.proc.all().into_iter().find(is_it).unwrap_or_else(|| panic!("no listener: {}", self.story()))
    }

    /// Everything that is there now but for what the test brings.
    #[track_caller]
    pub(crate) fn generation(&self) -> Generation {
        let runtime = self.until("a runtime", || self.runtime());
        let all = self.proc.all();
        let all = all.into_iter().filter(|process| !process.is_zombie() && !self.is_ours(process)).collect();
        Generation { runtime, all }
    }

    /// An invocation is answered as ever, and all is as it should be meanwhile.
    #[track_caller]
    pub(crate) fn answers(&mut self, sidecars: &[&str]) -> Generation {
        let number = self.invoke("answer");
        self.as_bare(number);
        let generation = self.generation();
        self.check(&generation, sidecars);
        generation
    }

    /// What holds while a function runs, between two invocations.
    #[track_caller]
    fn check(&self, generation: &Generation, sidecars: &[&str]) {
        let runtime = &generation.runtime;
        let children: Vec<Process> =
            self.proc.all().into_iter().filter(|process| process.parent == runtime.pid).collect();
        assert!(children.is_empty(), "the runtime has children, zombies among them: {children:?}\n{}", self.story());
        let bare = self.case.bare("answer").descriptors;
        let begun = Instant::now();
        // The client of the Runtime API may be between two requests.
        while self.proc.descriptors(runtime.pid) != bare && begun.elapsed() < Duration::from_secs(1) {
            thread::sleep(PAUSE);
        }
        assert_eq!(self.proc.descriptors(runtime.pid), bare, "the runtime's descriptors");
        let variables = self.proc.variables(runtime.pid);
        for ours in ["FORERUN_SIDECAR=", "NOTIFY_SOCKET="] {
            assert!(!variables.iter().any(|variable| variable.starts_with(ours)), "{ours} is the sidecars' alone");
        }
        for (name, value) in SECRETS {
            assert!(variables.contains(&format!("{name}={value}")), "the runtime has lost its {name}");
        }
        if !self.case.filter.is_empty() {
            assert_eq!(self.proc.status(runtime.pid, "Seccomp").as_deref(), Some("2"), "no filter");
        }

        for process in &generation.all {
            let descriptors = self.proc.descriptors(process.pid);
            let kept = *process == *runtime || !descriptors.values().any(|kind| kind == "zero");
            assert!(kept, "{process:?} has a descriptor of the runtime's: {descriptors:?}");
        }

        let mut there: BTreeSet<&str> = BTreeSet::new();
        for process in &generation.all {
            let arguments = self.proc.arguments(process.pid);
            if arguments.first().is_none_or(|program| program != "/opt/sidecar") {
                continue;
            }
            let variables = self.proc.variables(process.pid);
            let text = variables.join("\n");
            let trusted = arguments.get(1).is_some_and(|name| name == self.case.trusted);
            for (name, value) in SECRETS {
                assert_eq!(text.contains(name), trusted, "{name} in {arguments:?}");
                assert_eq!(text.contains(value), trusted, "the value of {name} in {arguments:?}");
            }
            for name in WITHHELD {
                assert!(!variables.iter().any(|variable| variable.starts_with(name)), "{arguments:?} has {name}");
            }
            assert!(text.contains("FORERUN_SIDECAR="), "{arguments:?}: {text}");
            assert_ne!(process.group, runtime.group, "{arguments:?} is in the runtime's group");
            if process.session == process.pid {
                there.extend(sidecars.iter().filter(|name| arguments.get(1).is_some_and(|own| own == *name)));
                self.check_start(process, &arguments[1]);
            }
        }
        assert_eq!(there, sidecars.iter().copied().collect(), "the sidecars that are there\n{}", self.story());
    }

    /// What a sidecar has found at its start.
    #[track_caller]
    fn check_start(&self, process: &Process, name: &str) {
        let report = self.diary(&format!("{name}-{}.report", process.pid));
        let closed = self.case.before.iter().any(|word| word == "close-stderr");
        let descriptors = report.iter().find_map(|line| line.strip_prefix("descriptors")).unwrap_or_default();
        let expected: &[&str] = if closed { &[" 0 1", " 0 1 2"] } else { &[" 0 1 2"] };
        assert!(expected.contains(&descriptors), "{name} has the descriptors{descriptors}");
        let mut given = vec!["stdin null", "session own", "group own", "cwd /var/task"];
        let signals: Vec<&str> = report
            .iter()
            .map(String::as_str)
            .filter(|line| line.starts_with("blocked ") || line.starts_with("ignored "))
            .collect();
        let mut expected = Vec::new();
        for word in &self.case.before {
            match word.as_str() {
                "ignore-chld" => expected.push("ignored 17"),
                "block-term" => expected.push("blocked 15"),
                _ => {}
            }
        }
        assert_eq!(signals, expected, "{name}: the mask and dispositions that the wrapper was given");
        given.retain(|line| !report.iter().any(|own| own == line));
        assert!(given.is_empty(), "{name}: not {given:?}: {report:#?}");
    }

    /// Waits for the end of a runtime; when it was.
    #[track_caller]
    pub(crate) fn end(&self, generation: &Generation) -> Instant {
        self.until("the runtime's end", || (!self.is_there(&generation.runtime)).then(Instant::now))
    }

    pub(crate) fn is_there(&self, process: &Process) -> bool {
        self.proc.get(process.pid).is_some_and(|now| now == *process && !now.is_zombie())
    }

    /// All of a generation end soon enough after their runtime's end.
    #[track_caller]
    pub(crate) fn gone(&self, generation: &Generation, end: Instant) {
        self.gone_within(generation, end, self.case.stop + MORE + SLACK);
    }

    #[track_caller]
    pub(crate) fn gone_within(&self, generation: &Generation, end: Instant, limit: Duration) {
        loop {
            let looked = end.elapsed();
            let left: Vec<&Process> = generation.all.iter().filter(|process| self.is_there(process)).collect();
            if left.is_empty() {
                return;
            }
            assert!(looked < limit, "{looked:?} after the runtime's end there are {left:?}\n{}", self.story());
            thread::sleep(PAUSE);
        }
    }

    /// Ends the function as the platform does, and looks at what is left.
    #[track_caller]
    pub(crate) fn finish(self) {
        self.finish_with(|_, _| {});
    }

    /// The same; `look` is called between the order to end and the end.
    #[track_caller]
    pub(crate) fn finish_with(mut self, look: impl FnOnce(&mut Function, &Generation)) {
        let generation = self.runtime().map(|_| self.generation());
        self.tell("kill -s TERM $emulator");
        let end = match &generation {
            Some(generation) => {
                look(&mut self, generation);
                let end = self.end(generation);
                self.gone(generation, end);
                end
            }
            None => Instant::now(),
        };
        self.nothing_left(end);
        self.close();
    }

    /// No process, no port, no socket but those that the test brings; no line of the launcher's that is not expected.
    #[track_caller]
    pub(crate) fn nothing_left(&self, end: Instant) {
        let limit = self.case.stop + MORE + SLACK;
        loop {
            let looked = end.elapsed();
            let left: Vec<Process> =
                self.proc.all().into_iter().filter(|process| !process.is_zombie() && !self.is_ours(process)).collect();
            let ports: Vec<u16> =
                self.proc.ports().into_iter().filter(|port| ![8080, 9001, 9002].contains(port)).collect();
            let sockets = self.proc.own_sockets();
            if left.is_empty() && ports.is_empty() && sockets.is_empty() {
                break;
            }
            assert!(
                looked < limit,
                "left after {looked:?}: {left:?}, ports {ports:?}, sockets {sockets:?}\n{}",
                self.story()
            );
            thread::sleep(PAUSE);
        }
        let mut expected = self.expected.clone();
        expected.sort_unstable();
        let mut codes = self.codes();
        codes.sort_unstable();
        assert_eq!(codes, expected, "the launcher's lines\n{}", self.case.log());
    }

    /// Lets the driver end, which ends the rest.
    #[track_caller]
    fn close(mut self) {
        self.input = None;
        let begun = Instant::now();
        while self.child.try_wait().expect("it is our child").is_none() {
            assert!(begun.elapsed() < LONGEST, "the sandbox does not end\n{}", self.story());
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // With it goes everything in its namespaces.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
