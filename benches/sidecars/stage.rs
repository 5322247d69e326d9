//! The programs, the profiles, and the commands that are made of them.

use std::ffi::OsString;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::make::{Workshop, at, find_program};
use crate::task::{self, Environment};

/// What people write when they need a companion process: it is ready when something listens on its port.
const SHELL: &str = r#""$1" tcp "$2" $3 & until "$4" -z 127.0.0.1 "$2"; do sleep 0.01; done; shift 4; exec "$@""#;

/// How a sidecar becomes ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    Notify,
    File,
    Unix,
    Tcp,
    Http,
}

/// Who is started, with what beside the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The launcher with a profile that has no sidecar.
    WithoutSidecar,
    /// The launcher with a sidecar that nobody waits for.
    Unawaited,
    /// The launcher with a sidecar that is ready after some time, or as soon as it can be.
    Awaited { ready: Ready, later: bool },
    /// The shell script, with a sidecar that listens on a port.
    Shell { later: bool },
    /// A program that does nothing but wait for a sidecar that notifies after some time.
    Least,
    /// Nobody but the sidecar itself.
    Alone,
    /// A program that does nothing but execute the runtime.
    Exec,
}

pub(crate) struct Stage<'w> {
    workshop: &'w Workshop,
    wrapper: PathBuf,
    exec: PathBuf,
    least: PathBuf,
    sidecar: PathBuf,
    runtime: PathBuf,
    environment: Environment,
    profiles: Vec<(Act, PathBuf)>,
    /// Nobody listens on them between two runs.
    ports: Ports,
    /// For the shell script.
    netcat: Option<PathBuf>,
}

struct Ports {
    tcp: u16,
    http: u16,
    shell: u16,
}

impl Ready {
    pub(crate) const ALL: [Ready; 5] = [Ready::Notify, Ready::File, Ready::Unix, Ready::Tcp, Ready::Http];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Ready::Notify => "notify",
            Ready::File => "file",
            Ready::Unix => "unix",
            Ready::Tcp => "tcp",
            Ready::Http => "http",
        }
    }
}

impl Act {
    pub(crate) const AT_ONCE: Act = Act::Awaited { ready: Ready::Notify, later: false };
    pub(crate) const PORT_AT_ONCE: Act = Act::Awaited { ready: Ready::Tcp, later: false };

    /// All that are run; the shell script only where its `nc` is.
    pub(crate) fn all(stage: &Stage<'_>) -> Vec<Act> {
        let mut all = vec![
            Act::WithoutSidecar,
            Act::Unawaited,
            Act::AT_ONCE,
            Act::PORT_AT_ONCE,
            Act::Alone,
            Act::Exec,
            Act::Least,
        ];
        all.extend(Ready::ALL.map(|ready| Act::Awaited { ready, later: true }));
        if stage.netcat.is_some() {
            all.extend([Act::Shell { later: false }, Act::Shell { later: true }]);
        }
        all
    }

    pub(crate) fn has_sidecar(self) -> bool {
        !matches!(self, Act::WithoutSidecar | Act::Exec)
    }

    pub(crate) fn has_runtime(self) -> bool {
        self != Act::Alone
    }

    /// Who started the sidecar ends it as well.
    pub(crate) fn cleans_up(self) -> bool {
        !matches!(self, Act::Shell { .. } | Act::Least)
    }
}

impl<'w> Stage<'w> {
    pub(crate) fn set(workshop: &'w Workshop) -> Outcome<Self> {
        let program = |name: &str| {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sidecars/programs").join(name);
            // Without any C library: nobody's start-up code is measured.
            workshop.bare(source.to_str().ok_or("the path of the sources is not text")?)
        };
        let netcat = find_program("nc");
        if netcat.is_none() {
            println!("no rows for the shell script: `nc` is not installed here");
        }
        let mut stage = Self {
            workshop,
            wrapper: synced(workshop.wrapper()?)?,
            exec: workshop.bare("floor.c")?,
            least: program("least.c")?,
            sidecar: program("sidecar.c")?,
            runtime: program("runtime.c")?,
            environment: task::environment(workshop),
            profiles: Vec::new(),
            ports: Ports { tcp: free_port()?, http: free_port()?, shell: free_port()? },
            netcat,
        };
        for act in Act::all(&stage) {
            let profile = stage.profile(act)?;
            stage.profiles.extend(profile.map(|profile| (act, profile)));
        }
        Ok(stage)
    }

    /// Program and arguments.
    pub(crate) fn argv(&self, act: Act) -> Vec<OsString> {
        let mut argv: Vec<OsString> = match act {
            Act::Alone => return vec![self.sidecar.clone().into()],
            Act::Shell { later } => {
                let netcat = self.netcat.as_deref().unwrap_or(Path::new("nc"));
                let (port, delay) = (self.ports.shell.to_string(), if later { "later" } else { "" });
                ["/bin/sh", "-c", SHELL, "sh"]
                    .map(OsString::from)
                    .into_iter()
                    .chain([self.sidecar.clone().into(), port.into(), delay.into(), netcat.into()])
                    .collect()
            }
            Act::Exec => vec![self.exec.clone().into()],
            Act::Least => vec![self.least.clone().into(), self.sidecar.clone().into()],
            Act::WithoutSidecar | Act::Unawaited | Act::Awaited { .. } => vec![self.wrapper.clone().into()],
        };
        argv.push(self.runtime.clone().into());
        argv
    }

    /// That of the launcher's benchmark, with the profile of the act. `run` differs from run to run, so that no start takes
    /// what the one before left behind for its own and waits for it.
    pub(crate) fn environment(&self, act: Act, run: usize) -> Environment {
        let mut environment = self.environment.clone();
        if let Some((_, profile)) = self.profiles.iter().find(|(of, _)| *of == act) {
            task::select_profile(&mut environment, profile);
        }
        let api = format!("benchmark-{}-{run}", std::process::id());
        if act == Act::Least {
            environment.push(("NOTIFY_SOCKET".to_owned(), format!("@{api}")));
        }
        environment.push(("AWS_LAMBDA_RUNTIME_API".to_owned(), api));
        environment
    }

    pub(crate) fn sidecar(&self) -> &Path {
        &self.sidecar
    }

    /// A folder that does not exist yet.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.workshop.task_root.with_file_name(name)
    }

    fn profile(&self, act: Act) -> Outcome<Option<PathBuf>> {
        let (name, arguments, ready) = match act {
            Act::Alone | Act::Exec | Act::Least | Act::Shell { .. } => return Ok(None),
            Act::WithoutSidecar => return self.workshop.write("without.toml", "env.ADDED = \"1\"\n").map(Some),
            Act::Unawaited => ("unawaited".to_owned(), vec!["plain".to_owned()], String::new()),
            Act::Awaited { ready, later } => {
                let place = |name: &str| self.folder(name).display().to_string();
                let (place, target) = match ready {
                    Ready::Notify => (String::new(), "true".to_owned()),
                    Ready::File => (place("ready"), quoted(&place("ready"))),
                    Ready::Unix => (place("socket"), quoted(&place("socket"))),
                    Ready::Tcp => (self.ports.tcp.to_string(), quoted(&format!("127.0.0.1:{}", self.ports.tcp))),
                    Ready::Http => {
                        (self.ports.http.to_string(), quoted(&format!("http://127.0.0.1:{}/", self.ports.http)))
                    }
                };
                let mut arguments = vec![ready.name().to_owned(), place];
                arguments.extend(later.then(|| "later".to_owned()));
                let when = if later { "later" } else { "at-once" };
                (format!("{}-{when}", ready.name()), arguments, format!("ready.{} = {target}\n", ready.name()))
            }
        };
        let command: Vec<String> =
            [self.sidecar.display().to_string()].into_iter().chain(arguments).map(|text| quoted(&text)).collect();
        let text =
            format!("env.ADDED = \"1\"\n[[sidecars]]\nname = \"{name}\"\ncommand = [{}]\n{ready}", command.join(", "));
        self.workshop.write(&format!("{name}.toml"), &text).map(Some)
    }
}

/// Of a path or an address that is made here.
fn quoted(text: &str) -> String {
    format!("'{text}'")
}

/// A file that was just written would count as memory that its users have written to.
fn synced(path: PathBuf) -> Outcome<PathBuf> {
    File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
    Ok(path)
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}
