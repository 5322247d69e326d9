//! The start that the options of `explain` describe.
#![expect(clippy::disallowed_methods, reason = "this command reads the files that it is given")]

use std::borrow::Cow;
use std::ffi::{CString, OsStr};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::Explain;
use crate::capture::Disk;
use crate::environment::Env;
use crate::problem::{nearest, printable};
use crate::runtime::{Arch, Family};
use crate::start::Start;
use crate::tool::about_function::About;
use crate::tool::function::Function;
use crate::tool::launchers::is_forerun;
use crate::tool::{Report, known_starts, reason};

/// The variable that names the wrapper, and where it is by convention.
const EXEC_WRAPPER: &[u8] = b"AWS_LAMBDA_EXEC_WRAPPER";
const WRAPPER: &[u8] = b"/opt/wrapper";

/// A start, the disk that it sees, and the function that it is of.
pub(super) struct Given {
    pub(super) start: Start<'static>,
    pub(super) disk: Disk,
    pub(super) about: Option<About>,
}

impl Explain {
    pub(super) fn given(&self) -> Result<Given, Report> {
        let function = self.function()?;
        let function = function.as_ref();
        let arch = self.arch.as_deref().and_then(Arch::named).or_else(|| function?.arch).unwrap_or(Arch::X86_64);
        let mut disk = Disk::default();
        let mut variables = Variables::default();
        let mut argv = self.known_start(function, arch, &mut variables, &mut disk)?;
        let sized_argv = self.argv.is_empty() && argv.iter().any(|argument| is_sized(argument));
        if !self.argv.is_empty() {
            argv = self.argv.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        }
        if let Some(function) = function {
            // Whether there is a wrapper is the function's to say.
            variables.remove(EXEC_WRAPPER);
            let own = function.variables.iter().map(|(name, value)| (&name[..], value));
            let all = function.platform.iter().map(|(name, value)| (*name, value)).chain(own);
            all.for_each(|(name, value)| variables.set(name.as_bytes(), value.as_bytes()));
        }
        if let Some(handler) = &self.handler {
            variables.set(b"_HANDLER", handler.as_bytes());
        }
        if let Some(init) = &self.init {
            variables.set(b"AWS_LAMBDA_INITIALIZATION_TYPE", init.as_bytes());
        }
        self.add_variables(&mut variables)?;
        self.add_profiles(&mut variables, &mut disk)?;
        let task = variables.get(b"LAMBDA_TASK_ROOT").filter(|root| !root.is_empty()).unwrap_or(b"/var/task").to_vec();
        disk.working_dir = Some(task.clone());
        for (folder, stands_for) in [(&self.opt, b"/opt".to_vec()), (&self.task, task)] {
            if let Some(folder) = folder {
                if !folder.is_dir() {
                    let message = format!("{}: there is no such folder", folder.display());
                    return Err(Report::usage(message, "--opt and --task name folders of this machine"));
                }
                disk.stand_ins.push((stands_for, folder.clone()));
            }
        }
        let about = function.map(|function| {
            let hindrance = self.hindrance(function, &mut variables, &disk);
            About::new(function, hindrance, self.opt.is_some(), sized_argv)
        });
        let own = variables.get(EXEC_WRAPPER).filter(|own| !own.is_empty()).unwrap_or(WRAPPER);
        let start = Start {
            own: c_string(own.to_vec()),
            argv: argv.into_iter().map(c_string).collect(),
            env: Env::new(variables.0.into_iter().map(|(name, value)| c_string([&name[..], b"=", &value].concat()))),
            arch,
            // Any but 1: whether a start is process 1 is told by no description of it.
            pid: 2,
        };
        Ok(Given { start, disk, about })
    }

    fn function(&self) -> Result<Option<Function>, Report> {
        let Some(file) = &self.function else { return Ok(None) };
        if file == Path::new("-") && self.env_file.as_ref() == Some(file) {
            return Err(Report::usage(
                "--function and --env-file cannot both read standard input",
                "write one of the two into a file",
            ));
        }
        let json = read(file).map_err(|error| {
            let message = format!("{}: {}", file.display(), reason(&error));
            Report::usage(message, "--function names a file, or - for standard input")
        })?;
        Function::parse(&file.display().to_string(), &json).map(Some)
    }

    /// Sets the variables of a start that is known, and returns its argv: of a managed runtime, of whatever a function's
    /// configuration names, or of nothing.
    fn known_start(
        &self,
        function: Option<&Function>,
        arch: Arch,
        variables: &mut Variables,
        disk: &mut Disk,
    ) -> Result<Vec<Vec<u8>>, Report> {
        let set = |variables: &mut Variables, env: Vec<(&str, String)>| {
            env.iter().for_each(|(name, value)| variables.set(name.as_bytes(), value.as_bytes()));
        };
        let configured = function.and_then(|function| function.runtime.as_deref());
        let Some(name) = self.runtime.as_deref().or(configured) else {
            return match function {
                _ if self.argv.is_empty() => Err(self.no_start(function)),
                Some(_) => {
                    set(variables, known_starts::platform_env());
                    Ok(Vec::new())
                }
                None => Ok(Vec::new()),
            };
        };
        let Some(identifier) = known_starts::identifier(name) else {
            if self.runtime.is_some() || self.argv.is_empty() {
                return Err(unknown_runtime(name));
            }
            variables.set(b"AWS_EXECUTION_ENV", format!("AWS_Lambda_{name}").as_bytes());
            set(variables, known_starts::platform_env());
            if let Some(handler) = function.and_then(|function| function.handler.as_deref()) {
                variables.set(b"_HANDLER", handler.as_bytes());
            }
            return Ok(Vec::new());
        };
        let configured = function.and_then(|function| {
            // The runtime's own image takes the handler from the command.
            let command = function.image.as_ref().and_then(|image| image.command.first());
            function.handler.as_ref().or(command).map(|handler| Cow::Borrowed(&handler[..]))
        });
        let handler = self.handler.as_deref().map(OsStr::to_string_lossy).or(configured);
        let known = known_starts::start(identifier, handler.as_deref(), arch);
        set(variables, known.env);
        // A path that every image of the runtime has is there, on whatever machine this is asked.
        let missing = known.folders.into_iter().filter(|folder| !Path::new(folder).exists());
        disk.stand_ins.extend(missing.map(|folder| (folder.into_bytes(), PathBuf::from("/"))));
        disk.stand_ins.reverse();
        Ok(known.argv.into_iter().map(String::into_bytes).collect())
    }

    fn no_start(&self, function: Option<&Function>) -> Report {
        let file = self.function.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
        match function {
            Some(function) if function.image.is_some() => function.lacks_argv(&file),
            Some(_) => Report::usage(
                format!("{file}: the function has no `Runtime`"),
                "name it, as in `--runtime python3.12`, or give the command line of the runtime, as in `-- /usr/bin/node app.js`",
            ),
            None => Report::usage(
                "which start is to be explained?",
                "name a managed runtime, as in `--runtime python3.12`, or a command line, as in `-- /usr/bin/node app.js`",
            ),
        }
    }

    /// Why forerun would not run at all. If so the variable is set as if it would: that is what the story is of.
    fn hindrance(&self, function: &Function, variables: &mut Variables, disk: &Disk) -> Option<String> {
        let own = variables.get(EXEC_WRAPPER).unwrap_or_default().to_vec();
        let as_if = "this is what it would do as AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper";
        let runtime = self.runtime.as_deref().or(function.runtime.as_deref());
        if runtime.is_some_and(|name| name.starts_with(Family::Provided.name())) {
            return Some(
                "forerun would not run at all unless the function's own bootstrap starts it: an OS-only runtime does \
                 not read AWS_LAMBDA_EXEC_WRAPPER"
                    .to_owned(),
            );
        }
        if own.is_empty() {
            // Nobody knows whether it is set.
            if function.variables_unreadable {
                variables.set(EXEC_WRAPPER, WRAPPER);
                return None;
            }
            if let Some(image) = &function.image {
                let mut programs = image.entry_point.iter().chain(&image.command);
                if programs.any(|word| word.rsplit('/').next() == Some("wrapper")) {
                    return None;
                }
            }
            variables.set(EXEC_WRAPPER, WRAPPER);
            let elsewhere =
                if function.image.is_some() { " unless the image itself puts it in front of its command" } else { "" };
            return Some(format!(
                "forerun would not run at all{elsewhere}: the function does not set AWS_LAMBDA_EXEC_WRAPPER; {as_if}"
            ));
        }
        let file = if self.show_values { format!(" ({})", printable(&own)) } else { String::new() };
        let path = disk.real(&own);
        let program = path.is_file().then(|| std::fs::read(&path).ok()).flatten();
        match program.map(|program| is_forerun(&program)) {
            Some(true) => None,
            Some(false) => {
                variables.set(EXEC_WRAPPER, WRAPPER);
                Some(format!(
                    "forerun would not run at all: AWS_LAMBDA_EXEC_WRAPPER names another program{file}; {as_if}"
                ))
            }
            None if own == WRAPPER => None,
            None => Some(format!(
                "AWS_LAMBDA_EXEC_WRAPPER does not name /opt/wrapper: unless the file that it names{file} is forerun, \
                 forerun would not run at all"
            )),
        }
    }

    fn add_variables(&self, variables: &mut Variables) -> Result<(), Report> {
        if let Some(file) = &self.env_file {
            let text = read(file).map_err(|error| {
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

    fn remove(&mut self, name: &[u8]) {
        self.0.retain(|variable| variable.0 != name);
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

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file);
    }
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).map(|_| text)
}

/// Whether an argument of a known start follows from the function's memory.
fn is_sized(argument: &[u8]) -> bool {
    argument.starts_with(b"--max-old-space-size") || argument.starts_with(b"-XX:MaxHeapSize")
}

fn unknown_runtime(name: &str) -> Report {
    let known = known_starts::NAMES.join(", ");
    let near = nearest(name, known_starts::NAMES).map_or(String::new(), |near| format!("; did you mean {near}?"));
    let name = printable(name.as_bytes());
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
