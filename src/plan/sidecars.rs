//! Sidecars: from declarations to what is started, in which environment, and what is waited for.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::net::SocketAddr;
use std::time::Duration;

use super::env::Process;
use super::expand::shown;
use super::{Level, Message, Planner, Skipped};
use crate::environment::Env;
use crate::problem::{Code, Origin, Problem, ProfileId};
use crate::profile::address::{self, Url};
use crate::profile::template::Template;
use crate::profile::{self, Log, Restart, Spanned};

/// The function's credentials.
const CREDENTIALS: [&[u8]; 9] = [
    b"AWS_ACCESS_KEY_ID",
    b"AWS_SECRET_ACCESS_KEY",
    b"AWS_SESSION_TOKEN",
    b"AWS_SECURITY_TOKEN",
    b"AWS_CREDENTIAL_EXPIRATION",
    b"AWS_CONTAINER_AUTHORIZATION_TOKEN",
    b"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    b"AWS_CONTAINER_CREDENTIALS_FULL_URI",
    b"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];
/// What is meant for the runtime alone: its log descriptor, its wrapper, and what loads code into a process.
const RUNTIMES_OWN: [&[u8]; 11] = [
    b"_LAMBDA_TELEMETRY_LOG_FD",
    b"AWS_LAMBDA_EXEC_WRAPPER",
    b"DOTNET_STARTUP_HOOKS",
    b"JAVA_TOOL_OPTIONS",
    b"LD_AUDIT",
    b"LD_LIBRARY_PATH",
    b"LD_PRELOAD",
    b"NODE_OPTIONS",
    b"PYTHONPATH",
    b"PYTHONSTARTUP",
    b"RUBYOPT",
];
/// Variables of .NET's profiler, which load code as well.
const RUNTIMES_OWN_PREFIX: &[u8] = b"CORECLR_";
/// The longest path of a Unix socket (unix(7): 108 bytes with the NUL).
const LONGEST_SOCKET_PATH: usize = 107;

/// A companion process to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
    /// The program's path, as messages write it.
    pub program: String,
    /// Its argv, the program first.
    pub argv: Vec<CString>,
    /// Its environment.
    pub env: Vec<CString>,
    /// Where it runs, when not where the runtime does.
    pub working_directory: Option<Text>,
    /// Its failure stops the start.
    pub required: bool,
    /// Whether it is started again.
    pub restart: Restart,
    /// Its output.
    pub log: Log<Text>,
    /// The time from SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
    /// What the start waits for.
    pub ready: Option<Ready>,
}

/// A text with variables put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: CString,
    /// How a message writes it: values of variables are never printed.
    pub shown: String,
}

/// What the start waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// What shows that the sidecar is ready.
    pub target: Target,
    /// How a message writes it, as in ``tcp `127.0.0.1:6379` ``.
    pub shown: String,
    /// How long it is waited for.
    pub timeout: Duration,
}

/// What shows that a sidecar is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// It says so itself: sd_notify(3).
    Notify,
    /// A Unix socket accepts connections.
    Unix(CString),
    /// A path exists.
    File(CString),
    /// A URL answers.
    Http(Url),
    /// A port accepts connections.
    Tcp(SocketAddr),
}

impl<'p> Planner<'p, '_> {
    /// The sidecars of all profiles that were applied. They read the environment that the runtime will have.
    pub(super) fn sidecars(&mut self) -> Result<Vec<Sidecar>, Problem> {
        let mut declared: Vec<(ProfileId, &'p profile::Sidecar)> = Vec::new();
        for (id, profile) in self.complete() {
            for sidecar in &profile.sidecars {
                declared.retain(|(_, earlier)| earlier.name != sidecar.name);
                declared.push((id, sidecar));
            }
        }
        let mut sidecars = Vec::new();
        for (id, sidecar) in declared {
            let planned = self.when_met(id, sidecar).and_then(|met| met.then(|| self.sidecar(id, sidecar)).transpose());
            match planned {
                Ok(planned) => sidecars.extend(planned),
                Err(problem) if sidecar.required => return Err(problem),
                Err(problem) => self.leave_out(sidecar, problem),
            }
        }
        let Some(first) = sidecars.first() else { return Ok(sidecars) };
        if self.start.pid == 1 {
            let message = "sidecars need an init above the runtime, and forerun is process 1 here";
            return Err(Problem::at(Code::SidecarsAsInit, first.origin, message)
                .help("start it under an init such as tini or dumb-init, or with `docker run --init`"));
        }
        let news = match self.start.init_type() {
            b"snap-start" => {
                "sidecars are frozen into the snapshot: after a restore their connections are dead and their credentials stale"
            }
            b"lambda-managed-instances" => "each sidecar serves all invocations and processes of this instance",
            _ => return Ok(sidecars),
        };
        self.say(Level::Info, None, Some(first.origin), news.to_owned());
        Ok(sidecars)
    }

    fn leave_out(&mut self, sidecar: &profile::Sidecar, problem: Problem) {
        let message = format!("the sidecar `{}` is left out: {}", sidecar.name, problem.message);
        self.state.messages.push(Message::warning(Problem { message, ..problem }));
    }

    fn when_met(&mut self, id: ProfileId, sidecar: &'p profile::Sidecar) -> Result<bool, Problem> {
        let Some(when) = &sidecar.when else { return Ok(true) };
        let unmet = self.unmet(id, when)?.map(|unmet| unmet.to_string());
        let met = unmet.is_none();
        let origin = Origin { profile: id, span: sidecar.span };
        self.state.skipped.extend(unmet.map(|unmet| Skipped { sidecar: Some(sidecar.name.clone()), origin, unmet }));
        Ok(met)
    }

    fn sidecar(&mut self, id: ProfileId, sidecar: &'p profile::Sidecar) -> Result<Sidecar, Problem> {
        let command = &sidecar.command;
        let argv = command.value.iter().map(|word| string(self.text(id, word))).collect();
        let program = self.path(id, command.span, &command.value[0])?.shown;
        let working_directory = match &sidecar.working_directory {
            Some(path) => Some(self.path(id, path.span, &path.value)?),
            None => None,
        };
        let log = match &sidecar.log {
            Log::Inherit => Log::Inherit,
            Log::Null => Log::Null,
            Log::File(path) => Log::File(self.path(id, path.span, &path.value)?),
        };
        Ok(Sidecar {
            name: sidecar.name.clone(),
            origin: Origin { profile: id, span: sidecar.span },
            program,
            argv,
            env: self.sidecar_env(id, sidecar)?,
            working_directory,
            required: sidecar.required,
            restart: sidecar.restart,
            log,
            stop_timeout: sidecar.stop_timeout,
            ready: sidecar.ready.as_ref().map(|ready| self.ready(id, ready)).transpose()?,
        })
    }

    fn path(&self, profile: ProfileId, span: crate::problem::Span, path: &Template) -> Result<Text, Problem> {
        let text = self.text(profile, path);
        self.absolute(&text, Origin { profile, span })?;
        Ok(Text { text: string(text), shown: shown(path) })
    }

    fn sidecar_env(&mut self, id: ProfileId, sidecar: &'p profile::Sidecar) -> Result<Vec<CString>, Problem> {
        let start = self.start;
        let inherited = start.env.iter().filter(|entry| inherits(sidecar, entry));
        let mut env = Env::new(inherited.map(Cow::Borrowed));
        let mut edits = Vec::new();
        for edit in &sidecar.env {
            let old = env.get(&edit.name).map(<[u8]>::to_vec);
            if let Some(value) = self.edit(id, edit, old, Process::Sidecar)? {
                edits.push((&edit.name, value));
            }
        }
        for (name, value) in edits {
            env.edit(name, value.as_deref());
        }
        Ok(env.into_strings().into_iter().map(Cow::into_owned).collect())
    }

    fn ready(&self, profile: ProfileId, ready: &profile::Ready) -> Result<Ready, Problem> {
        let Spanned { span, value: target } = &ready.target;
        let origin = Origin { profile, span: *span };
        let text = |template: &Template| String::from_utf8_lossy(&self.text(profile, template)).into_owned();
        let unusable = |what: &str| {
            let message = format!("`ready` is not {what} once its variables are put in");
            Problem::at(Code::SidecarUnusable, origin, message).help("check the variables in it")
        };
        let (kind, template, target) = match target {
            profile::Target::Notify => {
                let shown = "`READY=1` on its notify socket".to_owned();
                return Ok(Ready { target: Target::Notify, shown, timeout: ready.timeout });
            }
            profile::Target::Unix(path) => {
                let planned = self.path(profile, *span, path)?.text;
                if planned.as_bytes().len() > LONGEST_SOCKET_PATH {
                    return Err(unusable("a path of at most 107 bytes, as a Unix socket's is"));
                }
                ("unix", path, Target::Unix(planned))
            }
            profile::Target::File(path) => ("file", path, Target::File(self.path(profile, *span, path)?.text)),
            profile::Target::Http(url) => {
                let planned = address::http(&text(url)).ok_or_else(|| unusable("a numeric `http://` address"))?;
                ("http", url, Target::Http(planned))
            }
            profile::Target::Tcp(address) => {
                let planned = address::tcp(&text(address)).ok_or_else(|| unusable("a numeric address and a port"))?;
                ("tcp", address, Target::Tcp(planned))
            }
        };
        Ok(Ready { target, shown: format!("{kind} `{}`", shown(template)), timeout: ready.timeout })
    }
}

/// Whether a sidecar is given an entry of the environment that Lambda gave.
fn inherits(sidecar: &profile::Sidecar, entry: &CStr) -> bool {
    let name = entry.to_bytes().split(|&byte| byte == b'=').next().unwrap_or_default();
    match &sidecar.inherit {
        Some(names) => names.iter().any(|wanted| wanted == name),
        None => {
            (sidecar.credentials || !CREDENTIALS.contains(&name))
                && !RUNTIMES_OWN.contains(&name)
                && !name.starts_with(RUNTIMES_OWN_PREFIX)
        }
    }
}

/// Nothing that a plan is made of holds NUL: Lambda's come from C strings, the parser refuses it in templates.
fn string(text: Vec<u8>) -> CString {
    CString::new(text).unwrap_or_default()
}
