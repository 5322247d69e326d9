//! `jemalloc`: the real library, in front of several runtimes.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::with_profiles;
use crate::cases::or_not_run;
use crate::parts;
use crate::runtimes::Runtime;
use crate::sandbox::Sandbox;
use crate::watched::{Watched, watch};

/// The places where an image may have it; the machine's own are in the sandbox too.
const IMAGE: [&str; 3] = [
    "/usr/lib64/libjemalloc.so.2",
    "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2",
    "/usr/lib/aarch64-linux-gnu/libjemalloc.so.2",
];

/// It is mapped into the runtime, and so is what the user has preloaded already.
pub(crate) fn jemalloc(runtime: &Runtime, name: &str) {
    let Some(jemalloc) = or_not_run(name, library("libjemalloc2", "libjemalloc.so.2")) else { return };
    let Some(other) = or_not_run(name, library("libeatmydata1", "libeatmydata.so")) else { return };
    let mut sandbox = with_profiles("jemalloc", runtime, name);
    sandbox.copy("layer/lib/libjemalloc.so.2", &jemalloc);
    sandbox.copy("layer/other.so", &other);
    sandbox.set("LD_PRELOAD", "/opt/other.so");
    let watched = start(&mut sandbox, runtime);
    assert_maps(&watched, &["/opt/lib/libjemalloc.so.2", "/opt/other.so"]);
    assert_eq!(watched.answer(0)["env"]["LD_PRELOAD"], "/opt/lib/libjemalloc.so.2:/opt/other.so");
    assert!(!watched.log.contains("LD_PRELOAD"), "{}", watched.log);
}

/// A layer for both architectures: what is for the other one is not touched.
pub(crate) fn jemalloc_of_this_architecture(runtime: &Runtime, name: &str) {
    let Some(jemalloc) = or_not_run(name, library("libjemalloc2", "libjemalloc.so.2")) else { return };
    let Some(foreign) = or_not_run(name, foreign_library()) else { return };
    let mut sandbox = with_profiles("jemalloc", runtime, name);
    let (own, other) = if ARCH == "aarch64" { ("arm64", "x86_64") } else { ("x86_64", "arm64") };
    sandbox.copy(&format!("layer/lib/{own}/libjemalloc.so.2"), &jemalloc);
    sandbox.copy(&format!("layer/lib/{other}/libjemalloc.so.2"), &foreign);
    sandbox.copy("layer/lib/libjemalloc.so.2", &foreign);
    let watched = start(&mut sandbox, runtime);
    assert_maps(&watched, &[&format!("/opt/lib/{own}/libjemalloc.so.2")]);
    assert!(!watched.log.contains("LD_PRELOAD"), "{}", watched.log);
}

/// A layer for the other architecture: the dynamic loader says so and does without.
pub(crate) fn jemalloc_of_another_architecture(runtime: &Runtime, name: &str) {
    let Some(foreign) = or_not_run(name, foreign_library()) else { return };
    let mut sandbox = with_profiles("jemalloc", runtime, name);
    sandbox.copy("layer/lib/libjemalloc.so.2", &foreign);
    let watched = start(&mut sandbox, runtime);
    assert!(watched.libraries(0).iter().all(|library| !library.contains("jemalloc")));
    assert!(watched.log.contains("from LD_PRELOAD cannot be preloaded"), "{}", watched.log);
}

/// No layer: the image's own, or a warning.
pub(crate) fn jemalloc_without_layer(runtime: &Runtime, name: &str) {
    let mut sandbox = with_profiles("jemalloc", runtime, name);
    let watched = start(&mut sandbox, runtime);
    let image = IMAGE.iter().find(|library| Path::new(library).exists());
    let loaded = watched.libraries(0).iter().any(|library| library.contains("jemalloc"));
    assert_eq!(loaded, image.is_some());
    assert_eq!(watched.log.contains("warning[FR211]: builtin:jemalloc"), image.is_none(), "{}", watched.log);
}

fn start(sandbox: &mut Sandbox, runtime: &Runtime) -> Watched {
    let event = json!({ "order": ["a", "b"] });
    let watched = watch(sandbox, &runtime.interpreter, std::slice::from_ref(&event));
    assert_eq!(watched.answer(0)["event"], event);
    watched
}

fn assert_maps(watched: &Watched, files: &[&str]) {
    let libraries = watched.libraries(0);
    for file in files {
        assert!(libraries.contains(file), "{file} is not among {libraries:?}");
    }
}

/// A file of one of Debian's packages of libraries.
fn library(package: &str, file: &str) -> Result<PathBuf, String> {
    let part = parts::debian_alone(package)?;
    let places = parts::libraries(&part).into_iter().map(|libraries| libraries.join(file));
    let found = places.into_iter().find_map(|library| library.canonicalize().ok());
    found.ok_or_else(|| format!("{package} has no {file}"))
}

/// A real library that was made for the other architecture.
fn foreign_library() -> Result<PathBuf, String> {
    let platform = if ARCH == "aarch64" { "manylinux2014_x86_64" } else { "manylinux2014_aarch64" };
    let part = parts::obtain(&format!("foreign-library-{platform}"), |dir| {
        let mut install = parts::pip("install");
        install.args(["--no-deps", "--only-binary", ":all:", "--platform", platform, "--python-version", "3.11"]);
        parts::run(install.arg("--target").arg(dir).arg("awslambdaric==4.2.2")).map(drop)
    })?;
    let files = part.read_dir().map_err(|error| format!("{}: {error}", part.display()))?;
    let library = files.flatten().map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "so"));
    library.ok_or_else(|| format!("{}: no library", part.display()))
}
