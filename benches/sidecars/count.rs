//! System calls, process by process: the same figures on every machine, however busy.

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::make::{at, find_program};
use crate::run::start;
use crate::stage::{Act, Stage};

/// With a sidecar that notifies as soon as it can.
pub(crate) struct Calls {
    /// Of the wrapper without a sidecar, own and final execve included.
    pub(crate) without: usize,
    /// Of the wrapper, own and final execve included.
    pub(crate) wrapper: usize,
    /// Of the process that forks the supervisor and ends.
    pub(crate) between: usize,
    /// Of the supervisor until the sidecar is forked.
    pub(crate) supervisor: usize,
    /// Of the sidecar's process from the fork to the execve of its program.
    pub(crate) sidecar: usize,
}

/// `None` where strace is not installed.
pub(crate) fn system_calls(stage: &Stage<'_>) -> Outcome<Option<Calls>> {
    let Some(strace) = find_program("strace") else {
        return Ok(None);
    };
    let without = Trace::take(stage, &strace, Act::WithoutSidecar)?;
    let with = Trace::take(stage, &strace, Act::AT_ONCE)?;
    let program = stage.sidecar().display().to_string();
    Ok(Some(Calls {
        without: without.wrapper()?,
        wrapper: with.wrapper()?,
        between: with
            .of("the process in between", |calls| {
                let is_it = |call: &str| call.contains("execve(") || call.contains("setsid(") || is_name(call);
                !calls.iter().any(|call| is_it(call))
            })?
            .len(),
        supervisor: {
            let calls = with.of("the supervisor", |calls| calls.iter().any(|call| call.contains("forerun-super")))?;
            1 + calls.iter().rposition(|call| is_fork(call)).ok_or("the supervisor forks nothing")?
        },
        sidecar: {
            let calls = with.of("the sidecar", |calls| calls.iter().any(|call| is_execve(call, &program)))?;
            1 + calls.iter().position(|call| is_execve(call, &program)).unwrap_or_default()
        },
    }))
}

/// The system calls of each process.
struct Trace(Vec<Vec<String>>);

impl Trace {
    fn take(stage: &Stage<'_>, strace: &Path, act: Act) -> Outcome<Self> {
        let folder = stage.folder(&format!("trace-{act:?}").replace([' ', '{', '}', ':', ','], ""));
        fs::create_dir(&folder).map_err(at(&folder))?;
        let prefix = folder.join("trace");
        // No run of the times had this number.
        let number = usize::MAX - usize::from(act.has_sidecar());
        start(stage, act, number, &[strace, Path::new("-ff"), Path::new("-o"), &prefix])?.end()?;
        let mut processes = Vec::new();
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let path = entry.map_err(at(&folder))?.path();
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            // Signals and the exit are reported on lines of their own, with a marker in front.
            let is_call = |line: &&str| !line.starts_with("---") && !line.starts_with("+++");
            processes.push(text.lines().filter(is_call).map(str::to_owned).collect());
        }
        Ok(Self(processes))
    }

    fn of(&self, who: &str, is_it: impl Fn(&[String]) -> bool) -> Outcome<&[String]> {
        let mut found = self.0.iter().filter(|calls| is_it(calls));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(format!("strace saw nothing of {who}: {:#?}", self.0)),
            (Some(_), Some(_)) => Err(format!("strace saw {who} twice: {:#?}", self.0)),
        }
    }

    /// Up to the execve of the runtime.
    fn wrapper(&self) -> Outcome<usize> {
        let calls = self.of("the wrapper", |calls| calls.first().is_some_and(|call| call.starts_with("execve(")))?;
        let done = calls.iter().rposition(|call| call.starts_with("execve(") && call.ends_with("= 0"));
        Ok(1 + done.filter(|&last| last > 0).ok_or("strace saw no exec of the runtime")?)
    }
}

fn is_fork(call: &str) -> bool {
    ["clone(", "clone3(", "fork(", "vfork("].iter().any(|name| call.starts_with(name))
}

fn is_execve(call: &str, program: &str) -> bool {
    call.starts_with("execve(") && call.contains(program) && call.ends_with("= 0")
}

/// The supervisor and the listener name themselves.
fn is_name(call: &str) -> bool {
    call.contains("PR_SET_NAME")
}
