//! A start, a disk and what the plan makes of them, all in this process.

use std::borrow::Cow;
use std::ffi::CString;

use forerun::capture::{Disk, settle};
use forerun::environment::Env;
use forerun::facts::Facts;
use forerun::library::{Found, Library};
use forerun::plan::process::ProcessPlan;
use forerun::plan::sidecars::Sidecar;
use forerun::plan::{Halt, Level, Message, Plan, plan};
use forerun::problem::Code;
use forerun::runtime::Arch;
use forerun::start::Start;

use super::folder::Folder;

/// Where a test puts the profile that it is about.
pub(crate) const DROP_IN: &str = "/opt/forerun.d/10-t.toml";
const PID: u32 = 4711;

/// A start on a disk of its own.
pub(crate) struct World {
    /// Stands for `/`.
    pub(crate) disk: Folder,
    pub(crate) own: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
    pub(crate) arch: Arch,
    pub(crate) pid: u32,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) env: Vec<String>,
    pub(crate) argv: Vec<String>,
    /// The messages; the last one is the error that stops the start.
    pub(crate) lines: Vec<String>,
    /// Why there is no plan.
    pub(crate) stop: Option<Code>,
    /// The places of the profiles that were applied.
    pub(crate) applied: Vec<String>,
    pub(crate) sidecars: Vec<Sidecar>,
    pub(crate) process: ProcessPlan,
}

fn strings<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Vec<CString> {
    texts.into_iter().map(|text| CString::new(text.as_ref()).unwrap()).collect()
}

/// A message as the wrapper writes it.
fn shown(message: &Message, library: &Library) -> String {
    let kind = match message.level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
    };
    let code = message.code.map_or_else(String::new, |code| format!("[{code}]"));
    let place = message.origin.map_or_else(String::new, |origin| library.locate(origin) + ": ");
    format!("{kind}{code}: {place}{}", message.text)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A start of these strings, as forerun's `main` makes it.
pub(crate) fn start<'a>(own: &'a CString, argv: &'a [CString], env: &'a [CString], arch: Arch) -> Start<'a> {
    Start {
        own: Cow::Borrowed(own),
        argv: argv.iter().map(|argument| Cow::Borrowed(&**argument)).collect(),
        env: Env::new(env.iter().map(|entry| Cow::Borrowed(&**entry))),
        arch,
        pid: PID,
    }
}

impl World {
    pub(crate) fn new<T: AsRef<[u8]>>(argv: impl IntoIterator<Item = T>) -> World {
        let own = c"/opt/wrapper".to_owned();
        World { disk: Folder::new(), own, argv: strings(argv), env: Vec::new(), arch: Arch::X86_64, pid: PID }
    }

    pub(crate) fn env<T: AsRef<[u8]>>(mut self, entries: impl IntoIterator<Item = T>) -> World {
        self.env.extend(strings(entries));
        self
    }

    /// Writes a file at a path of this world.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> World {
        self.disk.file(path.trim_start_matches('/'), text);
        self
    }

    /// The profile that the test is about.
    pub(crate) fn profile(self, text: &str) -> World {
        self.file(DROP_IN, text)
    }

    pub(crate) fn settle(&self) -> Settled {
        let disk =
            Disk { stand_ins: vec![(Vec::new(), self.disk.0.clone())], working_dir: Some(b"/function".to_vec()) };
        let start = Start { pid: self.pid, ..start(&self.own, &self.argv, &self.env, self.arch) };
        let (library, settled) = settle(&disk, &start);
        match settled {
            Ok(plan) => Settled {
                env: plan.env.iter().map(|entry| lossy(entry.to_bytes())).collect(),
                argv: plan.argv.iter().map(|argument| lossy(&argument.text)).collect(),
                lines: plan.messages.iter().map(|message| shown(message, &library)).collect(),
                stop: None,
                applied: plan.applied.iter().map(|applied| lossy(&library.source(applied.profile).place)).collect(),
                sidecars: plan.sidecars,
                process: plan.process,
            },
            Err((problem, messages)) => Settled {
                env: Vec::new(),
                argv: Vec::new(),
                lines: messages
                    .iter()
                    .map(|message| shown(message, &library))
                    .chain([format!("error[{}]: {}", problem.code, library.line(&problem))])
                    .collect(),
                stop: Some(problem.code),
                applied: Vec::new(),
                sidecars: Vec::new(),
                process: ProcessPlan::default(),
            },
        }
    }
}

impl Settled {
    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.env.iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
    }

    /// The warnings' and errors' codes.
    pub(crate) fn codes(&self) -> Vec<&str> {
        let coded = |line: &&String| line.starts_with("warning[") || line.starts_with("error[");
        let lines = self.lines.iter().filter(coded);
        lines.filter_map(|line| line.split_once('[')?.1.split_once(']').map(|code| code.0)).collect()
    }

    /// The plan was made, and without a warning.
    #[track_caller]
    pub(crate) fn clean(self) -> Settled {
        assert!(self.stop.is_none() && self.codes().is_empty(), "{:#?}", self.lines);
        self
    }
}

/// The plan for these profiles on a disk where nothing exists: no file is looked at. A plan that never settles fails.
pub(crate) fn plan_purely<'a>(start: &Start<'a>, profiles: &[&str]) -> (Library, Result<Plan<'a>, Halt>) {
    let (mut library, mut facts) = (Library::default(), Facts::default());
    for (number, text) in profiles.iter().enumerate() {
        let id = library.add(format!("/opt/forerun.d/{number}.toml").into_bytes(), Ok(text.as_bytes().to_vec()));
        library.dropins.push(id);
    }
    for _ in 0..100 {
        match plan(start, &library, &facts) {
            Err(Halt::Lacks(needs)) => {
                assert!(!needs.is_empty());
                needs.paths.iter().for_each(|path| facts.set_exists(path, false));
                needs.contents.iter().for_each(|path| facts.set_contents(path, None));
                facts.set_working_dir(None);
                for reference in needs.profiles {
                    library.record(reference, Found::Nowhere(vec![b"/nowhere".to_vec()]));
                }
            }
            outcome => return (library, outcome),
        }
    }
    panic!("the plan asks for ever more");
}
