//! Functions of which every process is watched, from before its start to after its end.

use std::fmt::{self, Display, Formatter};

use serde_json::{Value, json};

use crate::interpreters::Interpreter;
use crate::sandbox::{Answer, Sandbox};

/// Beyond what is promised: a look at all processes every 10 ms, on a machine that is busy with other tests.
const MARGIN: f64 = 250.0;

/// What there was to see; times are in milliseconds of one clock.
pub(crate) struct Watched {
    pub(crate) answers: Vec<Answer>,
    pub(crate) log: String,
    report: Value,
}

/// Any process but the emulator.
pub(crate) struct Process<'a>(&'a Value);

/// Invokes the function with each event in turn.
#[expect(clippy::print_stdout, reason = "cargo shows it where the test fails")]
pub(crate) fn watch(sandbox: &mut Sandbox, interpreter: &Interpreter, events: &[Value]) -> Watched {
    let events: Vec<String> = events.iter().map(Value::to_string).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let outcome = sandbox
        .drive(include_str!("driver.py"))
        .and_then(|()| sandbox.invoke(interpreter, &events))
        .unwrap_or_else(|why| panic!("{why}"));
    println!("{}", outcome.log);
    for Answer { status, body } in &outcome.answers {
        println!("HTTP {status}: {body}");
    }
    let report = sandbox.read("answers/report.json").unwrap_or_else(|why| panic!("{why}"));
    let report: Value = serde_json::from_str(&report).expect("the driver writes JSON");
    for process in report["processes"].as_array().expect("a list") {
        println!("{}", Process(process));
    }
    Watched { answers: outcome.answers, log: outcome.log, report }
}

impl Watched {
    /// The answer to the event `number`, which is JSON.
    pub(crate) fn answer(&self, number: usize) -> Value {
        let body = &self.answers[number].body;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    /// How long the invoker waited for it.
    pub(crate) fn took(&self, number: usize) -> f64 {
        milliseconds(&self.report["answers"][number]["took"])
    }

    /// The descriptors that the runtime had after the answer: number and what it is.
    pub(crate) fn descriptors(&self, number: usize) -> &serde_json::Map<String, Value> {
        self.report["answers"][number]["descriptors"].as_object().expect("the descriptors are an object")
    }

    /// The files that were mapped into the runtime after the answer.
    pub(crate) fn libraries(&self, number: usize) -> Vec<&str> {
        let libraries = self.report["answers"][number]["libraries"].as_array().expect("a list");
        libraries.iter().filter_map(Value::as_str).collect()
    }

    /// The processes that there were after the answer, the runtime among them.
    pub(crate) fn processes_after(&self, number: usize) -> Vec<Process<'_>> {
        processes(&self.report["answers"][number]["processes"])
    }

    /// Every process that there was, the runtimes among them.
    pub(crate) fn processes(&self) -> Vec<Process<'_>> {
        processes(&self.report["processes"])
    }

    /// The ports on which somebody listened after the answer.
    pub(crate) fn listening_after(&self, number: usize) -> &Value {
        &self.report["answers"][number]["listening"]
    }

    /// The process that gave the answer, if it is still there.
    pub(crate) fn runtime_after(&self, number: usize) -> Option<i64> {
        self.report["answers"][number]["runtime"].as_i64()
    }

    /// The processes that were the runtime, in their order: each ended before the next one began.
    pub(crate) fn runtimes(&self) -> Vec<Process<'_>> {
        let emulator = self.report["emulator"].as_i64();
        let mut runtimes = processes(&self.report["processes"]);
        runtimes.retain(|process| process.parent() == emulator);
        runtimes
    }

    /// For how long the last runtime was there after the emulator was told to end.
    pub(crate) fn lived_on(&self) -> f64 {
        let runtimes = self.runtimes();
        let ended = runtimes.last().and_then(Process::ended).expect("a runtime that has ended");
        ended - milliseconds(&self.report["told"])
    }

    /// Nothing is left: no process that began with a runtime is there `stop_timeout` and 100 ms after that runtime's end,
    /// and at the end nobody listens on a port.
    ///
    /// Gives back for how long after its runtime the last of them was there.
    pub(crate) fn assert_nothing_is_left(&self, stop_timeout: f64) -> f64 {
        assert_eq!(self.report["listening"], json!([]), "ports that are still open");
        let mut longest = 0.0;
        let runtimes = self.runtimes();
        for process in processes(&self.report["processes"]) {
            let Some(ended) = process.ended() else { panic!("{process} is still there") };
            let runtime = runtimes.iter().rfind(|runtime| runtime.began() <= process.began());
            let runtime = runtime.unwrap_or_else(|| panic!("{process} has no runtime"));
            let over = ended - runtime.ended().expect("every process has ended");
            assert!(over < stop_timeout + 100.0 + MARGIN, "{process} was there for {over} ms after {runtime}");
            longest = f64::max(longest, over);
        }
        longest
    }

    /// The runtime has no children, none that ended either, after any of its answers.
    pub(crate) fn assert_no_children(&self) {
        for number in 0..self.answers.len() {
            let runtime = self.runtime_after(number);
            for process in self.processes_after(number) {
                assert!(runtime.is_none() || process.parent() != runtime, "{process} is a child of the runtime");
            }
        }
    }
}

impl Process<'_> {
    pub(crate) fn id(&self) -> Option<i64> {
        self.0["pid"].as_i64()
    }

    fn parent(&self) -> Option<i64> {
        self.0["ppid"].as_i64()
    }

    pub(crate) fn session(&self) -> Option<i64> {
        self.0["sid"].as_i64()
    }

    pub(crate) fn command_line(&self) -> String {
        let arguments = self.0["cmdline"].as_array().into_iter().flatten();
        arguments.filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The value of a variable that it was started with.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let environment = self.0["environment"].as_array().into_iter().flatten();
        environment.filter_map(Value::as_str).find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))
    }

    /// The soft and the hard limit by the name that the kernel has for it.
    pub(crate) fn limit(&self, name: &str) -> &Value {
        &self.0["limits"][name]
    }

    fn began(&self) -> f64 {
        milliseconds(&self.0["began"])
    }

    fn ended(&self) -> Option<f64> {
        self.0["ended"].as_f64()
    }
}

impl Display for Process<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let value = &self.0;
        let [pid, parent, began, ended] = ["pid", "ppid", "began", "ended"].map(|key| &value[key]);
        write!(f, "{pid} of {parent}, from {began} to {ended}: {} `{}`", value["comm"], self.command_line())
    }
}

fn processes(list: &Value) -> Vec<Process<'_>> {
    list.as_array().expect("processes are a list").iter().map(Process).collect()
}

fn milliseconds(time: &Value) -> f64 {
    time.as_f64().expect("a time")
}
