//! `forerun explain`: what the profiles would do to a start.
#![expect(clippy::disallowed_methods, reason = "this command reads the environment file that it is given")]

use std::borrow::Cow;
use std::ffi::{CString, OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::known_starts;
use super::paint::Paint;
use super::secrets::Secrets;
use super::story::Story;
use super::{FINE, PROBLEMS, Report, reason, snippet};
use crate::capture::{Disk, settle};
use crate::environment::Env;
use crate::problem::nearest;
use crate::profile::grammar::INIT_TYPES;
use crate::runtime::Arch;
use crate::start::Start;

/// Show what the profiles would change on a start
///
/// The start is that of a managed runtime (--runtime), or any command line (-- ARGV),
/// with the variables that --env and --env-file add. The environment of this shell is
/// not used. Profiles and the paths that they ask for are looked up on this machine;
/// --opt and --task name folders that stand for /opt and /var/task.
///
/// With --env or --env-file the values of variables are masked, unless a profile
/// spells them out.
///
/// Exit status: 0 the runtime would start, 1 the start would stop, 2 this command is
/// wrong.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  forerun explain --runtime python3.12 --opt layer/
      what the profiles of a layer do to a Python function
  forerun explain --runtime java21 --profile ./forerun.toml --env OTEL_SDK_DISABLED=false
      a profile that is still being written
  env -0 | forerun explain --env-file - -- /usr/bin/node server.js
      a container, with its environment"
)]
pub(super) struct Explain {
    /// A managed runtime: its argv and environment are known (python3.12, nodejs22.x, java21, …)
    #[arg(long, value_name = "NAME")]
    runtime: Option<String>,

    /// A name or path as in FORERUN_PROFILE; here a path may be relative
    #[arg(long = "profile", value_name = "NAME_OR_PATH")]
    profiles: Vec<OsString>,

    /// A variable of the start
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,

    /// Variables of the start, NAME=VALUE one per line or as from `env -0`; - is standard input
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// The architecture
    #[arg(long, default_value = "x86_64", value_parser = ["x86_64", "arm64"])]
    arch: String,

    /// A folder that stands for /opt: the unpacked layers
    #[arg(long, value_name = "DIR")]
    opt: Option<PathBuf>,

    /// A folder that stands for /var/task: the function's code
    #[arg(long, value_name = "DIR")]
    task: Option<PathBuf>,

    /// The initialization type
    #[arg(long, value_name = "TYPE", value_parser = PossibleValuesParser::new(INIT_TYPES))]
    init: Option<String>,

    /// The function's handler
    #[arg(long)]
    handler: Option<OsString>,

    /// Show the values of variables, whatever they hold
    #[arg(long)]
    show_values: bool,

    /// The runtime's own command line; with --runtime, in place of the one that is known
    #[arg(last = true)]
    argv: Vec<OsString>,
}

impl Explain {
    /// Plans the start and tells the story.
    pub(super) fn run(&self, paint: Paint) -> Report {
        let (start, disk) = match self.start() {
            Ok(start) => start,
            Err(usage) => return usage,
        };
        let (library, settled) = settle(&disk, &start);
        let secrets = Secrets { open: self.show_values || !self.brings_variables(), library: &library };
        let story = Story { start: &start, library: &library, secrets: &secrets, paint };
        let (stdout, status) = match settled {
            Ok(plan) => (story.tell(&plan), FINE),
            Err((problem, messages)) => {
                let shown = snippet::render(&problem, &library, paint) + &story.messages(&messages);
                let status = problem.code.exit_status();
                (format!("{shown}\nthe start would stop with exit status {status}\n"), PROBLEMS)
            }
        };
        Report { stdout, stderr: String::new(), status }
    }

    fn brings_variables(&self) -> bool {
        !self.env.is_empty() || self.env_file.is_some()
    }

    fn start(&self) -> Result<(Start<'static>, Disk), Report> {
        if self.runtime.is_none() && self.argv.is_empty() {
            return Err(Report::usage(
                "which start is to be explained?",
                "name a managed runtime, as in `--runtime python3.12`, or a command line, as in `-- /usr/bin/node app.js`",
            ));
        }
        let mut disk = Disk::default();
        let mut variables = Variables::default();
        let mut argv: Vec<Vec<u8>> = Vec::new();
        if let Some(name) = &self.runtime {
            let identifier = known_starts::identifier(name).ok_or_else(|| unknown_runtime(name))?;
            let handler = self.handler.as_deref().map(OsStr::to_string_lossy);
            let known = known_starts::start(identifier, handler.as_deref(), self.arch());
            known.env.iter().for_each(|(name, value)| variables.set(name.as_bytes(), value.as_bytes()));
            argv.extend(known.argv.into_iter().map(String::into_bytes));
            // A path that every image of the runtime has is there, on whatever machine this is asked.
            let missing = known.folders.into_iter().filter(|folder| !Path::new(folder).exists());
            disk.stand_ins.extend(missing.map(|folder| (folder.into_bytes(), PathBuf::from("/"))));
            disk.stand_ins.reverse();
        }
        if !self.argv.is_empty() {
            argv = self.argv.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        }
        if let Some(handler) = &self.handler {
            variables.set(b"_HANDLER", handler.as_bytes());
        }
        if let Some(init) = &self.init {
            variables.set(b"AWS_LAMBDA_INITIALIZATION_TYPE", init.as_bytes());
        }
        self.add_variables(&mut variables)?;
        self.add_profiles(&mut variables, &mut disk)?;
        let own = variables.get(b"AWS_LAMBDA_EXEC_WRAPPER").filter(|own| !own.is_empty()).unwrap_or(b"/opt/wrapper");
        let start = Start {
            own: c_string(own.to_vec()),
            argv: argv.into_iter().map(c_string).collect(),
            env: Env::new(variables.0.into_iter().map(|(name, value)| c_string([&name[..], b"=", &value].concat()))),
            arch: self.arch(),
            // Any but 1: whether a start is process 1 is told by no description of it.
            pid: 2,
        };
        for (folder, stands_for) in [(&self.opt, &b"/opt"[..]), (&self.task, start.task_root())] {
            if let Some(folder) = folder {
                if !folder.is_dir() {
                    let message = format!("{}: there is no such folder", folder.display());
                    return Err(Report::usage(message, "--opt and --task name folders of this machine"));
                }
                disk.stand_ins.push((stands_for.to_vec(), folder.clone()));
            }
        }
        Ok((start, disk))
    }

    fn arch(&self) -> Arch {
        Arch::named(&self.arch).unwrap_or(Arch::X86_64)
    }

    fn add_variables(&self, variables: &mut Variables) -> Result<(), Report> {
        if let Some(file) = &self.env_file {
            let text = read_env_file(file).map_err(|error| {
                Report::usage(
                    format!("{}: {}", file.display(), reason(&error)),
                    "--env-file names a file, or - for standard input",
                )
            })?;
            let end = if text.contains(&0) { 0 } else { b'\n' };
            for (number, line) in text.split(|&byte| byte == end).enumerate() {
                let line = if end == 0 { line } else { line.strip_suffix(b"\r").unwrap_or(line) };
                if line.is_empty() || end == b'\n' && (line.starts_with(b"#") || line.trim_ascii().is_empty()) {
                    continue;
                }
                // The line itself may be a secret.
                variables.add(line).ok_or_else(|| {
                    let message = format!("{}:{}: not of the form NAME=VALUE", file.display(), number + 1);
                    Report::usage(message, "a value with line breaks needs `env -0`")
                })?;
            }
        }
        for variable in &self.env {
            variables
                .add(variable.as_bytes())
                .ok_or_else(|| Report::usage("--env takes NAME=VALUE", "write `--env NAME=` for an empty variable"))?;
        }
        Ok(())
    }

    fn add_profiles(&self, variables: &mut Variables, disk: &mut Disk) -> Result<(), Report> {
        let mut list = variables.get(b"FORERUN_PROFILE").unwrap_or_default().to_vec();
        for profile in &self.profiles {
            let mut entry = profile.as_bytes().to_vec();
            let is_path = entry.contains(&b'/') || entry.ends_with(b".toml");
            if is_path && !entry.starts_with(b"/") && !entry.starts_with(b"builtin:") {
                let path = std::path::absolute(Path::new(profile)).unwrap_or_else(|_| profile.into());
                if let Some(folder) = path.parent() {
                    // The path is one of this machine, even below an /opt that another folder stands for.
                    disk.stand_ins.insert(0, (folder.as_os_str().as_bytes().to_vec(), folder.into()));
                }
                entry = path.into_os_string().into_vec();
            }
            if entry.contains(&b',') {
                return Err(Report::usage(
                    format!("--profile {}: FORERUN_PROFILE cannot hold a name with a comma", profile.display()),
                    "write --profile once for each profile",
                ));
            }
            if !list.is_empty() {
                list.push(b',');
            }
            list.extend_from_slice(&entry);
        }
        if !self.profiles.is_empty() {
            variables.set(b"FORERUN_PROFILE", &list);
        }
        Ok(())
    }
}

/// Variables in the making: a later one takes the place of an earlier one.
#[derive(Default)]
struct Variables(Vec<(Vec<u8>, Vec<u8>)>);

impl Variables {
    fn set(&mut self, name: &[u8], value: &[u8]) {
        match self.0.iter_mut().find(|variable| variable.0 == name) {
            Some(variable) => variable.1 = value.to_vec(),
            None => self.0.push((name.to_vec(), value.to_vec())),
        }
    }

    /// Takes `NAME=VALUE`.
    fn add(&mut self, variable: &[u8]) -> Option<()> {
        let equals = variable.iter().position(|&byte| byte == b'=').filter(|&at| at > 0)?;
        self.set(&variable[..equals], &variable[equals + 1..]);
        Some(())
    }

    fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.0.iter().find(|variable| variable.0 == name).map(|variable| &variable.1[..])
    }
}

fn read_env_file(file: &Path) -> std::io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file);
    }
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).map(|_| text)
}

fn unknown_runtime(name: &str) -> Report {
    let known = known_starts::NAMES.join(", ");
    let near = nearest(name, known_starts::NAMES).map_or(String::new(), |near| format!("; did you mean {near}?"));
    let other = format!("any other start goes as `-- ARGV`, with --env AWS_EXECUTION_ENV=AWS_Lambda_{name} if need be");
    Report::usage(
        format!("the start of the runtime `{name}` is not known{near}"),
        format!("known are {known}; {other}"),
    )
}

fn c_string(bytes: Vec<u8>) -> Cow<'static, std::ffi::CStr> {
    // Only an environment file could hold NUL, and there it ends a variable.
    Cow::Owned(CString::new(bytes).unwrap_or_default())
}
