//! The launcher for a layer: where it may be, and whether a file is one that runs in every image.
#![expect(clippy::disallowed_methods, reason = "looks for a file beside this program and reads it")]

use std::path::{Path, PathBuf};

use super::elf::{self, NotElf};
use super::{Report, reason};
use crate::runtime::Arch;

/// The launcher has this text in it, and no other program has.
const MARK: &[u8] = b"Runtime.ForerunProfile";

/// Whether a file is the launcher, under whatever name.
pub(super) fn is_forerun(program: &[u8]) -> bool {
    program.windows(MARK.len()).any(|part| part == MARK)
}

/// A static program for the asked architecture.
pub(super) struct Launcher {
    /// Where it was found.
    pub(super) path: PathBuf,
    /// The file.
    pub(super) bytes: Vec<u8>,
}

/// The launcher that was named.
pub(super) fn read(path: &Path, arch: Arch) -> Result<Launcher, Report> {
    let refuse = |flaw: &str| missing(format!("{}: {flaw}", path.display()), arch);
    let bytes = std::fs::read(path).map_err(|error| refuse(&reason(&error)))?;
    match flaw(&bytes, arch) {
        None => Ok(Launcher { path: path.into(), bytes }),
        Some(flaw) => Err(refuse(&flaw)),
    }
}

/// The first launcher that fits: beside this program, or where cargo puts it.
pub(super) fn find(arch: Arch) -> Result<Launcher, Report> {
    let built = Path::new(target(arch)).join("release/wrapper");
    let mut places = Vec::new();
    if let Some(folder) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        places.push(folder.join("wrapper"));
        // As when this program is target/debug/forerun, wherever target is.
        places.extend(folder.parent().map(|target| target.join(&built)));
    }
    places.push(Path::new("target").join(&built));
    let mut looked = Vec::new();
    for path in places {
        match std::fs::read(&path) {
            Ok(bytes) => match flaw(&bytes, arch) {
                None => return Ok(Launcher { path, bytes }),
                Some(flaw) => looked.push(format!("{}: {flaw}", path.display())),
            },
            Err(error) => looked.push(format!("{}: {}", path.display(), reason(&error))),
        }
    }
    let message = format!("there is no wrapper for {}\n  looked at {}", arch.name(), looked.join("\n            "));
    Err(missing(message, arch))
}

/// Rust's name for what is built.
fn target(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "x86_64-unknown-linux-musl",
        Arch::Arm64 => "aarch64-unknown-linux-musl",
    }
}

/// There is no launcher, and this is how to get one.
fn missing(message: String, arch: Arch) -> Report {
    let target = target(arch);
    let mut report = Report::usage(message, "--wrapper names one; in forerun's source this builds one:");
    // Lines to be copied are not broken.
    report.stderr.push_str(&format!(
        "          rustup target add {target}\n          \
         cargo build --release --bin wrapper --no-default-features --target {target}\n"
    ));
    report
}

/// Why a file is no launcher for this architecture: by what its ELF header says.
fn flaw(bytes: &[u8], arch: Arch) -> Option<String> {
    let elf = match elf::read(bytes) {
        Ok(elf) => elf,
        Err(NotElf::Script) => return Some("this is a script".into()),
        Err(NotElf::Other) => return Some("this is not a 64-bit ELF file".into()),
        Err(NotElf::Damaged) => return Some("this ELF file is damaged".into()),
    };
    if elf.arch != Some(arch) {
        let other = elf.arch.map_or("another machine", Arch::name);
        return Some(format!("this is for {other}, not for {}", arch.name()));
    }
    if !elf.is_program {
        return Some("this is not a program, but a library or a part of one".into());
    }
    let linked = elf.is_dynamic || elf.interpreter.is_some();
    linked.then(|| "this is linked dynamically, and images differ in their libraries".into())
}
