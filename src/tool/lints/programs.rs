//! Programs and libraries of a layer: whether they run in Lambda's images.

use super::Lint;
use super::root::{Entry, Kind, Root};
use crate::runtime::Arch;
use crate::tool::elf::{self, Elf, NotElf};

/// The dynamic loaders of Lambda's images, which have glibc.
const LOADERS: [&str; 4] = [
    "/lib/ld-linux-aarch64.so.1",
    "/lib64/ld-linux-aarch64.so.1",
    "/lib64/ld-linux-x86-64.so.2",
    "/usr/lib64/ld-linux-x86-64.so.2",
];
/// The libraries of glibc and of gcc, zlib beside them: Amazon Linux 2 and 2023 both have them, in all images.
const LIBRARIES: [&str; 14] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libanl.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libthread_db.so.1",
    "libutil.so.1",
    "libz.so.1",
];
/// The minor version of glibc in the newest images, which are Amazon Linux 2023, and in those of Amazon Linux 2:
/// <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>.
const GLIBC: u32 = 34;
const GLIBC_OF_AL2: u32 = 26;
/// The runtimes on Amazon Linux 2: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>.
const ON_AL2: [&str; 11] = [
    "dotnet6",
    "java11",
    "java17",
    "java8.al2",
    "nodejs16.x",
    "nodejs18.x",
    "python3.10",
    "python3.11",
    "python3.8",
    "python3.9",
    "ruby3.2",
];
/// Interpreters of scripts that every image has.
const INTERPRETERS: [&str; 5] = ["/bin/bash", "/bin/sh", "/usr/bin/bash", "/usr/bin/env", "/usr/bin/sh"];
/// Interpreters of which an image has its own, by its family.
const OF_FAMILY: [(&str, &str); 6] = [
    ("dotnet", "dotnet"),
    ("java", "java"),
    ("node", "nodejs"),
    ("python3", "python"),
    ("python", "python"),
    ("ruby", "ruby"),
];

/// What is wrong with a file: the lint, the message, the advice.
pub(super) type Flaw = (Lint, String, String);

/// How a file is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Use {
    /// The architecture that it has to be for, where that is known.
    pub(super) arch: Option<Arch>,
    /// Folders in which its libraries are looked for.
    pub(super) search: Vec<String>,
    /// It gets no LD_LIBRARY_PATH unless somebody gives it one.
    pub(super) is_sidecar: bool,
    /// The runtimes beside which it runs.
    pub(super) runtimes: Vec<&'static str>,
}

/// What is wrong with a program that is to be executed.
pub(super) fn program(root: &Root, path: &str, entry: Entry, used: &Use) -> Vec<Flaw> {
    let not_a_program =
        |why: &str, help: &str| vec![(Lint::NotAProgram, format!("`{path}` is not a program; {why}"), help.to_owned())];
    match entry.kind {
        Kind::Folder => return not_a_program("it is a folder", "name the program in it"),
        Kind::Other => return Vec::new(),
        Kind::File => {}
    }
    let mut flaws = Vec::new();
    if !entry.executable {
        let message = format!("`{path}` is not executable; its mode in the layer lets nobody execute it");
        flaws.push((
            Lint::NotExecutable,
            message,
            "`chmod 755` it before the layer is packed, where files have modes".to_owned(),
        ));
    }
    let Some(bytes) = root.read(path) else { return flaws };
    flaws.extend(match elf::read(&bytes) {
        Ok(elf) => match architecture(path, &elf, used) {
            Some(flaw) => vec![flaw],
            None if !elf.is_program => not_a_program("it is a library", "name the program that loads it"),
            None => linked(root, path, &elf, used),
        },
        Err(NotElf::Script) => script(root, path, &bytes, used),
        Err(NotElf::Damaged) => {
            not_a_program("its ELF header points outside of the file", "copy it again, as a binary file")
        }
        Err(NotElf::Other) => not_a_program(
            "it is neither an ELF file of 64 bits nor a script with `#!`",
            "a script's first line names its interpreter, as `#!/bin/sh`",
        ),
    });
    flaws
}

/// What is wrong with a library that is to be loaded.
pub(super) fn library(root: &Root, path: &str, used: &Use) -> Vec<Flaw> {
    let Some(bytes) = root.read(path) else { return Vec::new() };
    match elf::read(&bytes) {
        Ok(elf) => architecture(path, &elf, used).map_or_else(|| linked(root, path, &elf, used), |flaw| vec![flaw]),
        Err(_) => {
            let message = format!("`{path}` is not a library; it is no ELF file of 64 bits");
            vec![(Lint::NotAProgram, message, "name the file itself, which ends in .so".to_owned())]
        }
    }
}

/// A file that is for another machine.
fn architecture(path: &str, elf: &Elf, used: &Use) -> Option<Flaw> {
    if elf.arch.is_some() && (used.arch.is_none() || used.arch == elf.arch) {
        return None;
    }
    let own = elf.arch.map_or("another machine", Arch::name);
    let wanted = used.arch.map_or("x86_64 or arm64", Arch::name);
    let message = format!("`{path}` is for {own}; here it has to be for {wanted}");
    let help = "build it for the function's architecture, or name a file for each with `${forerun.arch}`";
    Some((Lint::OtherArchitecture, message, help.to_owned()))
}

/// What a file for the right machine needs and the image lacks.
fn linked(root: &Root, path: &str, elf: &Elf, used: &Use) -> Vec<Flaw> {
    if let Some(loader) = elf.interpreter.as_ref().map(|loader| String::from_utf8_lossy(loader).into_owned())
        && !LOADERS.contains(&&loader[..])
        && root.look(&loader).is_none()
    {
        let which = if loader.contains("musl") { "that of Alpine Linux" } else { "it" };
        let message = format!("`{path}` asks for the dynamic loader `{loader}`; no image of Lambda has {which}");
        return vec![(Lint::InterpreterMissing, message, "link it statically, or build it on Amazon Linux".to_owned())];
    }
    let old = !used.runtimes.is_empty() && used.runtimes.iter().all(|runtime| ON_AL2.contains(runtime));
    let glibc = if old { GLIBC_OF_AL2 } else { GLIBC };
    if let Some(needed) = elf.glibc.filter(|needed| *needed > glibc) {
        let message = format!("`{path}` needs glibc 2.{needed}; the images have 2.{glibc} at most");
        return vec![(
            Lint::LibraryMissing,
            message,
            "build it on the Amazon Linux of the runtime, or link it statically".to_owned(),
        )];
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let own = elf.search.iter().flat_map(|search| search.split(|&byte| byte == b':'));
    let own = own.map(|search| String::from_utf8_lossy(search).replace("${ORIGIN}", folder).replace("$ORIGIN", folder));
    let search: Vec<String> = used.search.iter().cloned().chain(own).collect();
    let missing = |name: &&Vec<u8>| {
        let name = String::from_utf8_lossy(name);
        let there = search.iter().any(|folder| root.look(&format!("{folder}/{name}")).is_some());
        !LIBRARIES.contains(&&name[..]) && !there
    };
    let names: Vec<String> =
        elf.needed.iter().filter(missing).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let in_lib = used.is_sidecar && names.iter().any(|name| root.look(&format!("/opt/lib/{name}")).is_some());
    let (why, help) = if in_lib {
        ("a sidecar does not inherit LD_LIBRARY_PATH", "tell it where they are: `env.LD_LIBRARY_PATH = \"/opt/lib\"`")
    } else {
        (
            "Lambda's images are not known to have that, and neither has the layer",
            "link it statically, or put what it needs into /opt/lib",
        )
    };
    vec![(Lint::LibraryMissing, format!("`{path}` needs {listed}; {why}"), help.to_owned())]
}

/// What is wrong with the first line of a script.
fn script(root: &Root, path: &str, bytes: &[u8], used: &Use) -> Vec<Flaw> {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line.get(2..).unwrap_or_default()).into_owned();
    let missing = |message: String, help: &str| vec![(Lint::InterpreterMissing, message, help.to_owned())];
    if line.ends_with('\r') {
        let message = format!(
            "the first line of `{path}` ends with CR LF; the kernel takes the CR for a part of the interpreter's name"
        );
        return missing(message, "save it with line ends as on Unix (LF)");
    }
    let mut words = line.split_ascii_whitespace();
    let interpreter = words.next().unwrap_or_default();
    let by_env = interpreter.ends_with("/env").then(|| words.find(|word| !word.starts_with('-'))).flatten();
    let name = by_env.unwrap_or_else(|| interpreter.rsplit('/').next().unwrap_or_default());
    let own = interpreter.starts_with("/var/lang/bin/") || (by_env.is_some() && !["sh", "bash"].contains(&name));
    if own {
        let versionless = name.trim_end_matches(|char: char| char == '.' || char.is_ascii_digit());
        let family = OF_FAMILY
            .iter()
            .find(|(known, _)| *known == name || known.trim_end_matches('3') == versionless)
            .map(|known| known.1);
        if family.is_some_and(|family| used.runtimes.iter().all(|runtime| runtime.starts_with(family))) {
            return Vec::new();
        }
        let whose = family.map_or_else(
            || "no image of Lambda is known to have it".to_owned(),
            |family| format!("only the images of {family} have it"),
        );
        return missing(
            format!("`{path}` is a script for `{name}`; {whose}"),
            "give the rule or sidecar a `when.runtime`, or ship a program that needs no interpreter",
        );
    }
    let there = INTERPRETERS.contains(&interpreter) || root.look(interpreter).is_some();
    if there {
        return Vec::new();
    }
    let message = format!(
        "`{path}` is a script for `{interpreter}`; neither the layer nor an image of Lambda is known to have that"
    );
    missing(message, "use `#!/bin/sh` or `#!/bin/bash`, or ship the interpreter in the layer")
}
