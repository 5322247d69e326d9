//! One function under the emulator, in namespaces that end with it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::interpreters::{self, Interpreter};
use crate::namespace::unshare;
use crate::parts;

const SCRIPT: &str = include_str!("sandbox.sh");
const DEADLINE: Duration = Duration::from_secs(60);

/// A function to be: its directories are filled, then it is invoked.
pub(crate) struct Sandbox {
    dir: PathBuf,
    variables: Vec<String>,
    /// What is mounted and where, with a tab between.
    mounts: Vec<String>,
    /// An installation of Python for the driver, shown as /var/python.
    python: Option<PathBuf>,
}

/// What the invoker got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// What a function did.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// One answer for each event.
    pub(crate) answers: Vec<Answer>,
    /// What the emulator and the function wrote to stdout and stderr.
    pub(crate) log: String,
}

impl Sandbox {
    /// An empty sandbox; no two that live at the same time may have the same name.
    pub(crate) fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emulator").join(name);
        // Left by a test that failed.
        let _ = fs::remove_dir_all(&dir);
        for inside in ["layer", "task", "runtime", "lang", "tmp", "answers"] {
            fs::create_dir_all(dir.join(inside)).expect("the build directory is writable");
        }
        // The place where the emulator is mounted.
        File::create(dir.join("emulator")).expect("the build directory is writable");

        let mut sandbox = Self { dir, variables: Vec::new(), mounts: Vec::new(), python: None };
        sandbox.set("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin");
        sandbox.set("LD_LIBRARY_PATH", "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/opt/lib");
        sandbox.set("LANG", "en_US.UTF-8");
        sandbox.set("TZ", ":UTC");
        sandbox.set("AWS_REGION", "eu-west-1");
        sandbox.set("AWS_LAMBDA_FUNCTION_TIMEOUT", "30");
        sandbox
    }

    /// A variable of the function's configuration.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push(format!("{name}={value}"));
    }

    /// A file: `layer/…` is /opt/…, `task/…` and `runtime/…` are below /var.
    pub(crate) fn write(&self, at: &str, text: &str) {
        fs::write(self.place(at), text).unwrap_or_else(|error| panic!("{at}: {error}"));
    }

    /// A copy of a file, or of what is in a directory.
    pub(crate) fn copy(&self, at: &str, from: &Path) {
        let mut from = from.to_owned();
        if from.is_dir() {
            from.push(".");
        }
        let to = self.place(at);
        parts::run(Command::new("cp").arg("--archive").arg(from).arg(to)).expect("a copy");
    }

    /// A directory itself, which nobody can write to: to copy thousands of files takes longer than most tests.
    pub(crate) fn mount(&mut self, at: &str, from: &Path) {
        // The place where it is mounted.
        fs::create_dir_all(self.place(at)).expect("the build directory is writable");
        self.mounts.push(format!("{}\t{at}", from.display()));
    }

    /// Makes what was written at `at` a program.
    pub(crate) fn make_executable(&self, at: &str) {
        parts::make_executable(&self.dir.join(at)).expect("a file that was written");
    }

    /// The program `text` invokes the function, in the place of a plain loop: see sandbox.sh.
    ///
    /// Its interpreter may be /var/python/bin/python3.
    pub(crate) fn drive(&mut self, text: &str) -> Result<(), String> {
        let (python, _) = interpreters::python()?;
        // The place where it is mounted.
        fs::create_dir_all(self.dir.join("python")).map_err(|error| error.to_string())?;
        self.python = Some(python.prefix);
        self.write("driver", text);
        self.make_executable("driver");
        Ok(())
    }

    /// What the function or a driver has written: `tmp/…` is /tmp, `answers/…` below /var.
    pub(crate) fn read(&self, at: &str) -> Result<String, String> {
        fs::read_to_string(self.dir.join(at)).map_err(|error| format!("{at}: {error}"))
    }

    /// Starts the function and invokes it with each event in turn.
    pub(crate) fn invoke(&self, interpreter: &Interpreter, events: &[&str]) -> Result<Outcome, String> {
        let log = self.log();
        let mut command = self.command(interpreter)?;
        command.args(events);
        let ended = command.spawn().and_then(end_by_deadline);

        let log = fs::read(&log).map_err(|error| error.to_string())?;
        let log = String::from_utf8_lossy(&log).into_owned();
        match ended {
            Ok(Some(status)) if status.success() => {}
            Ok(Some(status)) => return Err(format!("the sandbox ended with {status}:\n{log}")),
            Ok(None) => return Err(format!("not ended after {DEADLINE:?}:\n{log}")),
            Err(error) => return Err(format!("unshare: {error}")),
        }
        let answers = (0..events.len()).map(|number| self.answer(number)).collect::<Result<_, _>>();
        Ok(Outcome { answers: answers.map_err(|why| format!("{why}\n{log}"))?, log })
    }

    /// Starts the function and leaves it to the driver, whose standard input and end are the caller's.
    pub(crate) fn start(&self, interpreter: &Interpreter) -> Result<Child, String> {
        self.command(interpreter)?.stdin(Stdio::piped()).spawn().map_err(|error| format!("unshare: {error}"))
    }

    /// The directory that becomes /var.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the emulator and the function write to.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// All but the events.
    fn command(&self, interpreter: &Interpreter) -> Result<Command, String> {
        let output = File::create(self.log()).map_err(|error| error.to_string())?;
        let mut command = unshare(&["--net", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        command
            .args(["--", "bash", "-c", SCRIPT, "sandbox"])
            .arg(&self.dir)
            .arg(parts::emulator()?)
            .arg(&interpreter.prefix)
            .arg(interpreter.packages.as_deref().unwrap_or(Path::new("")))
            .arg(self.variables.len().to_string())
            .args(&self.variables)
            .stdout(output.try_clone().map_err(|error| error.to_string())?)
            .stderr(output);
        command.env("MOUNTS", self.mounts.join("\n"));
        if let Some(python) = &self.python {
            command.env("PYTHON", python);
        }
        Ok(command)
    }

    fn answer(&self, number: usize) -> Result<Answer, String> {
        let path = self.dir.join("answers").join(number.to_string());
        let text = fs::read_to_string(&path).map_err(|error| format!("no answer: {error}"))?;
        let (body, status) = text.rsplit_once('\n').ok_or("an answer without a status")?;
        let status = status.parse().map_err(|error| format!("HTTP status: {error}"))?;
        Ok(Answer { status, body: body.to_owned() })
    }

    fn place(&self, at: &str) -> PathBuf {
        let place = self.dir.join(at);
        let parent = place.parent().expect("a name in the sandbox");
        fs::create_dir_all(parent).expect("the build directory is writable");
        place
    }
}

impl Drop for Sandbox {
    /// What a failed test leaves is for the reader.
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Whether this machine and this user can have sandboxes at all; asked once.
pub(crate) fn available() -> Result<(), String> {
    static AVAILABLE: OnceLock<Result<(), String>> = OnceLock::new();
    let probe = "ip link set lo up && mount -t tmpfs none /opt && type curl";
    AVAILABLE
        .get_or_init(|| {
            let mut command = unshare(&["--net", "--pid", "--fork", "--mount-proc"]);
            parts::run(command.args(["--", "bash", "-c", probe])).map(drop)
        })
        .clone()
}

/// None where the child had to be killed; with `--kill-child` all of the namespaces go with it.
fn end_by_deadline(mut child: Child) -> std::io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
