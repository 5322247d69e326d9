//! Starts the runtime in this process, or says why it cannot be.
#![expect(clippy::disallowed_methods, reason = "this module starts the runtime")]

use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::execve;

use crate::plan::Plan;
use crate::problem::{Code, Problem, printable};
use crate::runtime::Arch;

/// Where `execvp` looks when there is no `PATH` (musl's and glibc's default).
const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/bin:/usr/bin";

/// Replaces this process by what the plan says. Returns only when that fails. `own` is the wrapper's argv\[0\].
pub fn exec(plan: Plan<'_>, own: &CStr) -> Problem {
    let argv = plan.argv_strings();
    let path = plan.env.get(b"PATH").unwrap_or(DEFAULT_PATH).to_vec();
    let (origin, template) =
        plan.argv.iter().next().map_or((None, None), |program| (program.origin, program.template.clone()));
    let env = plan.env.into_strings();
    let program = argv[0].clone();
    let mut failure = None;
    for candidate in candidates(&program, &path) {
        if is_this_program(&candidate, own) {
            let message =
                format!("`{}` is forerun itself: it would start itself for ever", shown(&template, &candidate));
            return Problem { code: Code::StartsItself, origin, message, help: None }
                .help("the argument after the wrapper is the runtime's interpreter; check who set it");
        }
        let Err(error) = execve(&candidate, &argv, &env);
        // As execvp(3): what is not there is looked for further on, what is there and may not be run is remembered.
        match error {
            Errno::ENOENT | Errno::ENOTDIR if !Path::new(OsStr::from_bytes(candidate.to_bytes())).exists() => {}
            Errno::EACCES => failure = Some((error, candidate)),
            error => {
                failure = Some((error, candidate));
                break;
            }
        }
    }
    let mut problem = match failure {
        Some((error, candidate)) => explain(error, candidate.to_bytes(), &shown(&template, &candidate), &argv, &env),
        None => {
            let message = format!("cannot start the runtime: `{}` does not exist", shown(&template, &program));
            Problem::nowhere(Code::ProgramNotFound, message)
                .help("check the image or layer that should bring it, and `args.command` of the profiles")
        }
    };
    problem.origin = origin;
    problem
}

/// How a message writes the program.
fn shown(template: &Option<String>, program: &CStr) -> String {
    template.clone().unwrap_or_else(|| printable(program.to_bytes()))
}

/// A program without a slash is looked for along `PATH`, as execvp(3) does.
fn candidates(program: &CStr, path: &[u8]) -> Vec<CString> {
    let name = program.to_bytes();
    if name.contains(&b'/') || name.is_empty() {
        return vec![program.to_owned()];
    }
    let folders = path.split(|&byte| byte == b':').map(|folder| if folder.is_empty() { b"." } else { folder });
    folders.filter_map(|folder| CString::new([folder, b"/", name].concat()).ok()).collect()
}

fn is_this_program(candidate: &CStr, own: &CStr) -> bool {
    // Lambda gives the whole path. /proc, which costs more to ask, is for a shell that found us along PATH.
    let own = if own.to_bytes().contains(&b'/') { own } else { c"/proc/self/exe" };
    let identity = |path: &CStr| {
        let file = Path::new(OsStr::from_bytes(path.to_bytes())).metadata().ok()?;
        Some((file.dev(), file.ino()))
    };
    let candidate = identity(candidate);
    candidate.is_some() && candidate == identity(own)
}

/// `shown` is how a message writes the program: values of variables are never printed.
fn explain(error: Errno, program: &[u8], shown: &str, argv: &[CString], env: &[impl AsRef<CStr>]) -> Problem {
    let path = Path::new(OsStr::from_bytes(program));
    match error {
        // What does not exist itself was sorted out before.
        Errno::ENOENT | Errno::ENOTDIR => missing_interpreter(path, shown),
        Errno::EACCES if path.is_dir() => {
            Problem::nowhere(Code::NotExecutable, format!("cannot start the runtime: `{shown}` is a folder"))
        }
        Errno::EACCES => {
            Problem::nowhere(Code::NotExecutable, format!("cannot start the runtime: `{shown}` is not executable"))
                .help("give it the mode 755, and every folder above it at least 711; a zip made on Windows loses modes")
        }
        Errno::ENOEXEC => not_a_program(path, shown),
        Errno::E2BIG => too_large(argv, env),
        error => Problem::nowhere(Code::ExecFailed, format!("cannot start `{shown}`: {}", error.desc())),
    }
}

/// The file is there, so what is missing is the program that it asks for.
fn missing_interpreter(path: &Path, shown: &str) -> Problem {
    let head = head(path);
    let message = match head.strip_prefix(b"#!") {
        Some(line) => {
            let line = line.split(|&byte| byte == b'\n').next().unwrap_or(line);
            let interpreter = line.trim_ascii_start().split(u8::is_ascii_whitespace).next().unwrap_or_default();
            let windows = if line.ends_with(b"\r") { ", and its first line ends with a Windows line end" } else { "" };
            format!("the interpreter `{}` of the script `{shown}` does not exist{windows}", printable(interpreter))
        }
        None => format!("`{shown}` is there, and the dynamic loader that it names is not"),
    };
    Problem::nowhere(Code::InterpreterNotFound, format!("cannot start the runtime: {message}"))
        .help("this image lacks it: use a program that is statically linked, or an image that has it")
}

fn not_a_program(path: &Path, shown: &str) -> Problem {
    let head = head(path);
    // The machine in an ELF header: elf(5), e_machine.
    let built_for = match (head.get(..4), head.get(18..20)) {
        (Some(b"\x7fELF"), Some([62, 0])) => Some(Arch::X86_64),
        (Some(b"\x7fELF"), Some([183, 0])) => Some(Arch::Arm64),
        _ => None,
    };
    let why = match built_for {
        Some(arch) if arch != Arch::OWN => {
            format!("it is built for {} and this machine is {}", arch.name(), Arch::OWN.name())
        }
        _ if head.is_empty() => "it is empty".to_owned(),
        _ => "it is neither an ELF file for this machine nor a script with a `#!` line".to_owned(),
    };
    Problem::nowhere(Code::NotAProgram, format!("cannot start the runtime: `{shown}` is not a program: {why}"))
        .help("check the architecture of the layer and the first line of the file")
}

fn head(path: &Path) -> Vec<u8> {
    use std::io::Read;
    let mut head = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(256).read_to_end(&mut head);
    }
    head
}

/// The kernel's limits: 128 KiB for one string, 2 MiB for all at a stack of 8 MiB (execve(2)).
fn too_large(argv: &[CString], env: &[impl AsRef<CStr>]) -> Problem {
    let size = |text: &CStr| text.to_bytes_with_nul().len();
    let argv_size: usize = argv.iter().map(|text| size(text)).sum();
    let env_size: usize = env.iter().map(|text| size(text.as_ref())).sum();
    let largest = env.iter().map(AsRef::as_ref).max_by_key(|text| size(text)).map_or_else(String::new, |text| {
        let name = text.to_bytes().split(|&byte| byte == b'=').next().unwrap_or_default();
        format!(", the largest variable is `{}` with {} bytes", printable(name), size(text))
    });
    let message = format!(
        "cannot start the runtime: arguments and environment are too large for the kernel: {argv_size} and {env_size} bytes{largest}"
    );
    Problem::nowhere(Code::TooLarge, message).help("the limits are 128 KiB for one string and 2 MiB for all together")
}
