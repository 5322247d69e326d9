//! The smallest ELF files that say what a launcher's header says.

/// For `e_machine`.
pub(crate) const X86_64: u16 = 62;
/// For `e_machine`.
pub(crate) const AARCH64: u16 = 183;

const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;
const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
/// Where the file is mapped.
const BASE: u64 = 0x40_0000;
/// Behind the header and two program headers.
const CODE: u64 = 64 + 2 * 56;

/// A static program at a fixed address.
pub(crate) fn program(machine: u16) -> Vec<u8> {
    elf(machine, ET_EXEC, BASE + CODE, None)
}

/// A static program that runs at any address.
pub(crate) fn position_independent(machine: u16) -> Vec<u8> {
    // The dynamic section ends at once: it is for the program itself.
    elf(machine, ET_DYN, BASE + CODE, Some((PT_DYNAMIC, vec![0; 16])))
}

/// A program that asks for a dynamic loader.
pub(crate) fn dynamic(machine: u16) -> Vec<u8> {
    elf(machine, ET_DYN, BASE + CODE, Some((PT_INTERP, b"/lib/ld-linux.so.2\0".to_vec())))
}

/// A program that needs a library, though nobody loads it.
pub(crate) fn needing(machine: u16) -> Vec<u8> {
    let mut entries = vec![1, 0, 0, 0, 0, 0, 0, 0];
    entries.resize(32, 0);
    elf(machine, ET_DYN, BASE + CODE, Some((PT_DYNAMIC, entries)))
}

/// A library: it starts nowhere.
pub(crate) fn library(machine: u16) -> Vec<u8> {
    elf(machine, ET_DYN, 0, None)
}

/// A program for this dynamic loader that needs these libraries, and symbols of this version.
pub(crate) fn linked(machine: u16, loader: &str, libraries: &[&str], version: &str) -> Vec<u8> {
    let segments = 3;
    let loader = [loader.as_bytes(), b"\0"].concat();
    let mut names = vec![0];
    let mut entries = Vec::new();
    for library in libraries {
        // DT_NEEDED
        entries.extend([1, names.len() as u64].map(u64::to_le_bytes).concat());
        names.extend([library.as_bytes(), b"\0"].concat());
    }
    names.extend([version.as_bytes(), b"\0"].concat());
    let code = 64 + segments * 56;
    let names_at = code + loader.len() as u64;
    // DT_STRTAB, DT_STRSZ and the end.
    entries.extend([5, BASE + names_at, 10, names.len() as u64, 0, 0].map(u64::to_le_bytes).concat());
    let entries_at = names_at + names.len() as u64;
    let length = entries_at + entries.len() as u64 + 16;
    let mut file = header(machine, ET_DYN, BASE + entries_at + entries.len() as u64, segments as u16);
    for (segment, flags, offset, size) in [
        (PT_LOAD, 5u32, 0, length),
        (PT_INTERP, 4, code, loader.len() as u64),
        (PT_DYNAMIC, 4, entries_at, entries.len() as u64),
    ] {
        file.extend(program_header(segment, flags, offset, size));
    }
    file.extend([loader, names, entries].concat());
    file.resize(length as usize, 0x90);
    file
}

fn header(machine: u16, kind: u16, entry: u64, segments: u16) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([kind.to_le_bytes(), machine.to_le_bytes()].concat());
    file.extend(1u32.to_le_bytes());
    file.extend([entry, 64, 0].map(u64::to_le_bytes).concat());
    file.extend(0u32.to_le_bytes());
    file.extend([64u16, 56, segments, 64, 0, 0].map(u16::to_le_bytes).concat());
    file
}

fn program_header(segment: u32, flags: u32, offset: u64, size: u64) -> Vec<u8> {
    let mut header = [segment.to_le_bytes(), flags.to_le_bytes()].concat();
    header.extend([offset, BASE + offset, BASE + offset, size, size, 8].map(u64::to_le_bytes).concat());
    header
}

fn elf(machine: u16, kind: u16, entry: u64, second: Option<(u32, Vec<u8>)>) -> Vec<u8> {
    let (second, data) = second.unwrap_or_default();
    let length = CODE + data.len() as u64 + 16;
    let mut file = header(machine, kind, entry, 2);
    for (segment, flags, offset, size) in [(PT_LOAD, 5u32, 0, length), (second, 4, CODE, data.len() as u64)] {
        file.extend(program_header(segment, flags, offset, size));
    }
    file.extend(data);
    file.resize(length as usize, 0x90);
    file
}
