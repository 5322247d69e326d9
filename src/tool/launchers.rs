//! The launcher for a layer: where it may be, and whether a file is one that runs in every image.
#![expect(clippy::disallowed_methods, reason = "looks for a file beside this program and reads it")]

use std::path::{Path, PathBuf};

use object::Endianness;
use object::elf::{DT_NEEDED, EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC, FileHeader64, Machine, PF_X, PT_INTERP, PT_LOAD};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

use super::{Report, reason};
use crate::runtime::Arch;

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

/// Why a file is no launcher for this architecture: by what its ELF header says, as the kernel would read it.
fn flaw(bytes: &[u8], arch: Arch) -> Option<String> {
    let Ok(header) = FileHeader64::<Endianness>::parse(bytes) else {
        return Some(if bytes.starts_with(b"#!") {
            "this is a script".into()
        } else {
            "this is not a 64-bit ELF file".into()
        });
    };
    let Ok(endian) = header.endian() else { return Some(DAMAGED.into()) };
    let machine = header.e_machine(endian);
    if machine != wanted(arch) {
        let other = [Arch::X86_64, Arch::Arm64].into_iter().find(|other| machine == wanted(*other));
        let other = other.map_or_else(|| "another machine".to_owned(), |other| other.name().to_owned());
        return Some(format!("this is for {other}, not for {}", arch.name()));
    }
    let Ok(segments) = header.program_headers(endian, bytes) else { return Some(DAMAGED.into()) };
    let entry = header.e_entry(endian);
    let starts_inside = segments.iter().any(|segment| {
        let start = segment.p_vaddr(endian);
        let code = segment.p_type(endian) == PT_LOAD && segment.p_flags(endian).0 & PF_X.0 != 0;
        code && (start..start.saturating_add(segment.p_filesz(endian))).contains(&entry)
    });
    let kind = header.e_type(endian);
    if !(kind == ET_EXEC || kind == ET_DYN) || !starts_inside {
        return Some("this is not a program, but a library or a part of one".into());
    }
    for segment in segments {
        let whole = segment.data(endian, bytes).is_ok();
        let needs = segment.dynamic(endian, bytes);
        let Ok(needs) =
            needs.map(|entries| entries.unwrap_or_default().iter().any(|entry| entry.tag(endian) == DT_NEEDED))
        else {
            return Some(DAMAGED.into());
        };
        if !whole {
            return Some(DAMAGED.into());
        }
        if needs || segment.p_type(endian) == PT_INTERP {
            return Some("this is linked dynamically, and images differ in their libraries".into());
        }
    }
    None
}

/// An ELF file whose parts are not where it says.
const DAMAGED: &str = "this ELF file is damaged";

fn wanted(arch: Arch) -> Machine {
    match arch {
        Arch::X86_64 => EM_X86_64,
        Arch::Arm64 => EM_AARCH64,
    }
}
