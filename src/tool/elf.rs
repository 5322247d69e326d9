//! What the header of an ELF file says of the machine and the libraries that it needs.

use object::Endianness;
use object::elf::{
    DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC, FileHeader64,
    Machine, PF_X, PT_INTERP, PT_LOAD,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

use crate::runtime::Arch;

/// An ELF file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Elf {
    /// The machine that it is for; `None`: one that Lambda does not have.
    pub(super) arch: Option<Arch>,
    /// It begins somewhere inside itself: a program, not only a library.
    pub(super) is_program: bool,
    /// The dynamic loader that it asks for.
    pub(super) interpreter: Option<Vec<u8>>,
    /// It names libraries that it needs.
    pub(super) is_dynamic: bool,
    /// The libraries, as far as their names are where the kernel would map them.
    pub(super) needed: Vec<Vec<u8>>,
    /// Folders where they are looked for, separated by colons.
    pub(super) search: Vec<Vec<u8>>,
    /// The newest glibc that it needs symbols of: 34 for `GLIBC_2.34`.
    pub(super) glibc: Option<u32>,
}

/// Why there is nothing to be told of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotElf {
    /// It begins like a script.
    Script,
    /// It is no ELF file of 64 bits.
    Other,
    /// Its parts are not where it says.
    Damaged,
}

/// Reads an ELF file of 64 bits, as the kernel would.
///
/// # Errors
///
/// Why it is none.
pub(super) fn read(bytes: &[u8]) -> Result<Elf, NotElf> {
    let Ok(header) = FileHeader64::<Endianness>::parse(bytes) else {
        return Err(if bytes.starts_with(b"#!") { NotElf::Script } else { NotElf::Other });
    };
    let endian = header.endian().map_err(|_| NotElf::Damaged)?;
    let machine = header.e_machine(endian);
    let arch = [Arch::X86_64, Arch::Arm64].into_iter().find(|arch| machine == machine_of(*arch));
    // Of a file for another machine nothing else matters.
    let mut elf = Elf { arch, ..Elf::default() };
    let segments = header.program_headers(endian, bytes).map_err(|_| NotElf::Damaged)?;
    let entry = header.e_entry(endian);
    let starts_inside = segments.iter().any(|segment| {
        let start = segment.p_vaddr(endian);
        let code = segment.p_type(endian) == PT_LOAD && segment.p_flags(endian).0 & PF_X.0 != 0;
        code && (start..start.saturating_add(segment.p_filesz(endian))).contains(&entry)
    });
    let kind = header.e_type(endian);
    elf.is_program = (kind == ET_EXEC || kind == ET_DYN) && starts_inside;
    for segment in segments {
        let data = segment.data(endian, bytes).map_err(|()| NotElf::Damaged)?;
        let entries = segment.dynamic(endian, bytes).map_err(|_| NotElf::Damaged)?.unwrap_or_default();
        if segment.p_type(endian) == PT_INTERP {
            elf.interpreter = Some(until_nul(data).to_vec());
        }
        let table = entries.iter().find(|entry| entry.tag(endian) == DT_STRTAB);
        let names = table.and_then(|table| mapped(segments, endian, bytes, table.val(endian)));
        let size = entries.iter().find(|entry| entry.tag(endian) == DT_STRSZ).map_or(0, |size| size.val(endian));
        let all = names.map(|names| &names[..names.len().min(usize::try_from(size).unwrap_or(usize::MAX))]);
        elf.glibc = elf.glibc.max(all.and_then(newest_glibc));
        for entry in entries {
            let tag = entry.tag(endian);
            elf.is_dynamic |= tag == DT_NEEDED;
            let name = usize::try_from(entry.val(endian)).ok().and_then(|at| names?.get(at..)).map(until_nul);
            if let Some(name) = name {
                if tag == DT_NEEDED {
                    elf.needed.push(name.to_vec());
                } else if tag == DT_RUNPATH || tag == DT_RPATH {
                    elf.search.push(name.to_vec());
                }
            }
        }
    }
    Ok(elf)
}

/// The newest version of glibc in a table of names: versions of symbols stand in it, too (gABI, "Symbol Versioning").
fn newest_glibc(names: &[u8]) -> Option<u32> {
    let minor =
        |name: &[u8]| std::str::from_utf8(name.strip_prefix(b"GLIBC_2.")?).ok()?.split('.').next()?.parse().ok();
    names.split(|&byte| byte == 0).filter_map(minor).max()
}

/// The bytes of the file from those on that are mapped at an address.
fn mapped<'f>(
    segments: &[object::elf::ProgramHeader64<Endianness>],
    endian: Endianness,
    bytes: &'f [u8],
    address: u64,
) -> Option<&'f [u8]> {
    segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD).find_map(|segment| {
        let offset = address.checked_sub(segment.p_vaddr(endian))?;
        let data = segment.data(endian, bytes).ok()?;
        data.get(usize::try_from(offset).ok()?..)
    })
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

fn machine_of(arch: Arch) -> Machine {
    match arch {
        Arch::X86_64 => EM_X86_64,
        Arch::Arm64 => EM_AARCH64,
    }
}
