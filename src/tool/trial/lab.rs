//! The lab: what is the same in a series of trials.
#![expect(clippy::disallowed_methods, reason = "asks where this program is, and for PATH")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use super::job::{Job, MISSION, Mission, STAND_IN};
use super::messages;
use super::outcome::Outcome;
use super::start::{FileState, RuntimeState, TrialStart};
use super::tree::Node;
use super::workers::Workers;

/// What is the same in a series of trials.
#[derive(Debug)]
pub(in crate::tool) struct Lab {
    /// The folder that stands for `/opt`, else there is nothing in it. Absolute.
    root: Option<PathBuf>,
    /// The folder that stands for `/var/task`, else there is nothing in it. Absolute.
    task: Option<PathBuf>,
    /// How long one trial may take.
    timeout: Duration,
    workers: Workers,
}

/// The wrapper that is tried.
#[derive(Clone, Debug)]
pub(in crate::tool) enum Subject {
    /// Any program.
    Program {
        /// Where it is when the function starts.
        place: Vec<u8>,
        /// The file.
        bytes: Vec<u8>,
    },
    /// forerun's launcher with profiles.
    Forerun {
        /// The launcher's file on this machine. Absolute.
        wrapper: PathBuf,
        /// Names and texts of the profiles, in the order in which they apply.
        profiles: Vec<(String, Vec<u8>)>,
    },
}

/// Where the launcher is, and its profiles.
const LAUNCHER: &[u8] = b"/opt/wrapper";
const DROP_INS: &str = "/opt/forerun.d";
const FUNCTIONS_OWN: &str = "/var/task/forerun.toml";
/// The interpreters that are found by PATH in Lambda's images, below `/var/lang/bin`.
const INTERPRETERS: [&str; 7] = ["dotnet", "java", "node", "python", "python3", "ruby", "bun"];

impl Lab {
    /// A lab in which no trial was made yet.
    pub(in crate::tool) fn new(root: Option<PathBuf>, task: Option<PathBuf>, timeout: Duration) -> Lab {
        Lab { root, task, timeout, workers: Workers::default() }
    }

    /// Runs one trial in a room of its own.
    ///
    /// # Errors
    ///
    /// Why there was no trial: the kernel refuses it, or the wrapper cannot be executed.
    pub(in crate::tool) fn run(&self, subject: &Subject, start: &TrialStart) -> Result<Outcome, String> {
        self.workers.carry_out(&self.job(subject, start)?)
    }

    fn job(&self, subject: &Subject, start: &TrialStart) -> Result<Job, String> {
        let wrapper = match subject {
            Subject::Program { place, .. } => place.clone(),
            Subject::Forerun { .. } => LAUNCHER.to_vec(),
        };
        let mut env = start.env.clone();
        env.push((b"AWS_LAMBDA_EXEC_WRAPPER".to_vec(), wrapper.clone()));
        Ok(Job {
            tree: self.tree(subject, start, &wrapper)?.into_iter().collect(),
            wrapper,
            argv: start.argv.clone(),
            env,
            sends_sigterm: start.runtime == RuntimeState::AwaitsSigterm,
            timeout: u32::try_from(self.timeout.as_millis()).unwrap_or(u32::MAX),
        })
    }

    fn tree(&self, subject: &Subject, start: &TrialStart, wrapper: &[u8]) -> Result<BTreeMap<Vec<u8>, Node>, String> {
        let own = this_program()?;
        let host = |path: &PathBuf| Node::Host(path.as_os_str().as_bytes().to_vec());
        let folder = |path: &Option<PathBuf>| path.as_ref().map_or(Node::Folder, host);
        let stand_in = Node::Link(STAND_IN.into());
        let mut tree = BTreeMap::from([
            (b"/".to_vec(), Node::Host(b"/".to_vec())),
            (STAND_IN.into(), host(&own)),
            (MISSION.into(), Node::File(mission(start, wrapper)?, 0o644)),
            (b"/opt".to_vec(), folder(&self.root)),
            (b"/var/task".to_vec(), folder(&self.task)),
            (b"/var/runtime".to_vec(), Node::Folder),
            (b"/var/lang".to_vec(), Node::Folder),
            (b"/tmp".to_vec(), Node::Folder),
        ]);
        tree.extend(INTERPRETERS.map(|name| (format!("/var/lang/bin/{name}").into_bytes(), stand_in.clone())));
        let runtime = match start.runtime {
            RuntimeState::Missing => Node::Absent,
            RuntimeState::NotExecutable => Node::File(Vec::new(), 0o644),
            RuntimeState::Exits(_) | RuntimeState::AwaitsSigterm => stand_in.clone(),
        };
        tree.extend(start.argv.first().filter(|path| path.starts_with(b"/")).map(|path| (path.clone(), runtime)));
        for (path, state) in &start.files {
            let node = match state {
                FileState::Absent => Node::Absent,
                FileState::Program => stand_in.clone(),
                FileState::Text(text) => Node::File(text.clone(), 0o644),
                FileState::Folder => Node::Folder,
            };
            tree.insert(path.clone(), node);
        }
        match subject {
            Subject::Program { place, bytes } => {
                tree.insert(place.clone(), Node::File(bytes.clone(), 0o755));
            }
            Subject::Forerun { wrapper, profiles } => {
                tree.insert(LAUNCHER.into(), host(wrapper));
                // Whatever profiles the layer and the function have, only those that were named are tried.
                tree.insert(DROP_INS.into(), Node::Folder);
                tree.insert(FUNCTIONS_OWN.into(), Node::Absent);
                let digits = profiles.len().to_string().len();
                tree.extend(profiles.iter().enumerate().map(|(number, (name, text))| {
                    let path = format!("{DROP_INS}/{number:0digits$}-{name}");
                    (path.into_bytes(), Node::File(text.clone(), 0o644))
                }));
            }
        }
        Ok(tree)
    }
}

/// Where this program is. A build that replaced it meanwhile has put the next one in its place (proc_pid_exe(5)).
fn this_program() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    let bytes = own.as_os_str().as_bytes();
    let replaced = bytes.strip_suffix(b" (deleted)").map(|path| PathBuf::from(OsStr::from_bytes(path)));
    Ok(replaced.unwrap_or(own))
}

/// What the stand-in is told.
fn mission(start: &TrialStart, wrapper: &[u8]) -> Result<Vec<u8>, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mission = Mission {
        wrapper: wrapper.to_vec(),
        argv: start.argv.clone(),
        runtime: start.runtime,
        path: std::env::split_paths(&path).map(|folder| folder.into_os_string().into_vec()).collect(),
    };
    let mut bytes = Vec::new();
    messages::write(&mission, &mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
