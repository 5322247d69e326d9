//! Pinned parts that are not on every machine: fetched or built on first use, then kept.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fs::{self, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The directory of the part `name`, made by `fill` unless it is there already.
///
/// A part is complete or absent: it is made under another name and renamed at the end.
pub(crate) fn obtain(name: &str, fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let part = parts().join(name);
    if part.exists() {
        return Ok(part);
    }
    let _lock = lock(name)?;
    if part.exists() {
        return Ok(part);
    }
    if let Some(why) = missing().get(name) {
        return Err(why.clone());
    }

    let unfinished = parts().join(format!("{name}.unfinished"));
    // Left by a run that was killed; the usual case is that there is none.
    let _ = fs::remove_dir_all(&unfinished);
    let made = create_dir(&unfinished)
        .and_then(|()| fill(&unfinished))
        .and_then(|()| fs::rename(&unfinished, &part).map_err(|error| error.to_string()));
    if let Err(why) = made {
        let why = format!("part `{name}`: {why}");
        missing().insert(name.to_owned(), why.clone());
        return Err(why);
    }
    Ok(part)
}

/// Like [`obtain`], for what is compiled from `sources`: changed sources are another part.
pub(crate) fn build(
    name: &str,
    sources: &[(&str, &str)],
    compile: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    obtain(&format!("{name}-{:016x}", hasher.finish()), |dir| {
        for (file, text) in sources {
            fs::write(dir.join(file), text).map_err(|error| format!("{file}: {error}"))?;
        }
        compile(dir)
    })
}

/// AWS's Lambda runtime interface emulator, which comes in the wheel of AWS's SAM CLI.
pub(crate) fn emulator() -> Result<PathBuf, String> {
    let machine = if ARCH == "aarch64" { "arm64" } else { ARCH };
    let member = format!("samcli/local/rapid/aws-lambda-rie-{machine}");
    let part = obtain("aws-sam-cli-1.170.0", |dir| unpack_wheel(dir, "aws-sam-cli==1.170.0", Some(&member)))?;
    Ok(part.join(member))
}

/// The files of one of PyPI's wheels, or of it only `member`.
pub(crate) fn unpack_wheel(dir: &Path, wheel: &str, member: Option<&str>) -> Result<(), String> {
    let download = dir.join("download");
    run(pip("download").arg("--no-deps").arg("--dest").arg(&download).arg(wheel))?;
    for file in files(&download)? {
        run(Command::new("unzip").arg("-q").arg(file).args(member).arg("-d").arg(dir))?;
    }
    remove_dir(&download)
}

/// A quiet `pip` that gives up soon where there is no network.
pub(crate) fn pip(subcommand: &str) -> Command {
    let mut command = Command::new("python3");
    command.args(["-m", "pip", subcommand, "--quiet", "--retries", "1"]);
    command.args(["--disable-pip-version-check", "--no-input"]);
    command
}

/// Debian's `package` and what it needs beyond what is installed, unpacked and not installed.
///
/// Nothing is unpacked where the package is installed already.
pub(crate) fn debian(package: &str) -> Result<PathBuf, String> {
    unpack_debian(package, |archives| {
        let mut install = Command::new("apt-get");
        // Nothing outside `archives` is written, so anybody may do it and no lock is needed.
        install.args(["-o", "Debug::NoLocking=1", "-o"]);
        install.arg(format!("Dir::Cache::archives={}", archives.display()));
        install.args(["-qq", "--yes", "--download-only", "--no-install-recommends", "install", package]);
        install
    })
}

/// Like [`debian`], without what the package needs.
pub(crate) fn debian_alone(package: &str) -> Result<PathBuf, String> {
    unpack_debian(package, |archives| {
        let mut download = Command::new("apt-get");
        download.current_dir(archives).args(["-qq", "download", package]);
        download
    })
}

fn unpack_debian(package: &str, download_into: impl Fn(&Path) -> Command) -> Result<PathBuf, String> {
    obtain(&format!("debian-{package}"), |dir| {
        let archives = dir.join("archives");
        // Where apt-get leaves what is not complete.
        create_dir(&archives.join("partial"))?;
        create_dir(&dir.join("usr"))?;

        let _lock = lock("apt")?;
        // A fresh machine has no lists of packages, an old one has lists of deleted files.
        if run(&mut download_into(&archives)).is_err() {
            run(Command::new("apt-get").args(["-qq", "update"]))?;
            run(&mut download_into(&archives))?;
        }
        for archive in files(&archives)? {
            if archive.extension().is_some_and(|extension| extension == "deb") {
                run(Command::new("dpkg-deb").arg("--extract").arg(archive).arg(dir))?;
            }
        }
        remove_dir(&archives)
    })
}

/// The directories with libraries in an unpacked package.
pub(crate) fn libraries(package: &Path) -> Vec<PathBuf> {
    let inside = files(&package.join("usr/lib")).unwrap_or_default();
    let named = |dir: &Path| dir.file_name().is_some_and(|name| name.to_string_lossy().ends_with("-linux-gnu"));
    inside.into_iter().filter(|dir| named(dir)).collect()
}

/// AWS's runtime client for Python, whose native part is of one version of Python.
pub(crate) fn python_runtime_client(version: &str) -> Result<PathBuf, String> {
    obtain(&format!("awslambdaric-4.2.2-python{version}"), |dir| {
        let mut install = pip("install");
        // The pip that does it may belong to another version.
        install.args(["--only-binary", ":all:", "--python-version", version]);
        run(install.arg("--target").arg(dir).arg("awslambdaric==4.2.2")).map(drop)
    })
}

/// The OpenTelemetry project's own packages for Python, as a layer has them in /opt/python.
pub(crate) fn opentelemetry_python() -> Result<PathBuf, String> {
    obtain("opentelemetry-python-0.66b1", |dir| {
        let mut install = pip("install");
        install.arg("--target").arg(dir).args([
            "opentelemetry-distro==0.66b1",
            "opentelemetry-exporter-otlp-proto-http==1.45.1",
            "opentelemetry-instrumentation-aws-lambda==0.66b1",
        ]);
        run(&mut install).map(drop)
    })
}

/// A collector for OTLP in `bin`, and in `lib` the library that it is linked with.
pub(crate) fn rotel() -> Result<PathBuf, String> {
    let libpython = debian_alone("libpython3.11")?;
    obtain("rotel-0.0.1a15", |dir| {
        let wheel = dir.join("wheel");
        create_dir(&wheel)?;
        // It is made for this version of Python, and the agent in it runs without any.
        let mut download = pip("download");
        download.args(["--python-version", "3.11", "--only-binary", ":all:", "--no-deps", "--dest"]);
        run(download.arg(&wheel).arg("rotel==0.0.1a15"))?;
        for file in files(&wheel)? {
            run(Command::new("unzip")
                .args(["-q", "-j"])
                .arg(file)
                .arg("rotel/rotel-agent")
                .arg("-d")
                .arg(dir.join("bin")))?;
        }
        remove_dir(&wheel)?;
        for libraries in libraries(&libpython) {
            run(Command::new("cp").arg("--archive").arg(libraries).arg(dir.join("lib")))?;
        }
        make_executable(&dir.join("bin/rotel-agent"))
    })
}

/// Runs `command` to its end; an error shows the command and the last lines it wrote.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = stderr.lines().collect();
    let last = lines[lines.len().saturating_sub(5)..].join("\n");
    Err(format!("{command:?}: {}\n{last}", output.status))
}

pub(crate) fn make_executable(file: &Path) -> Result<(), String> {
    fs::set_permissions(file, Permissions::from_mode(0o755)).map_err(|error| format!("{}: {error}", file.display()))
}

/// What could not be had in this run and why: a second try would fail as slowly as the first.
fn missing() -> MutexGuard<'static, BTreeMap<String, String>> {
    static MISSING: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    MISSING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Next to the build's own files: `cargo clean` removes the parts too.
fn parts() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("parts")
}

/// Held until it is dropped, against other tests of this run and of other runs.
fn lock(name: &str) -> Result<File, String> {
    create_dir(&parts())?;
    let path = parts().join(format!("{name}.lock"));
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    // The lock belongs to the open file, which outlives the program that takes it.
    let stdin = file.try_clone().map_err(|error| error.to_string())?;
    let status = Command::new("flock").args(["--exclusive", "0"]).stdin(stdin).status();
    match status {
        Ok(status) if status.success() => Ok(file),
        Ok(status) => Err(format!("flock on {}: {status}", path.display())),
        Err(error) => Err(format!("flock: {error}")),
    }
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(|error| format!("{}: {error}", dir.display()))
}

fn create_dir(dir: &Path) -> Result<(), String> {
    fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))
}

fn remove_dir(dir: &Path) -> Result<(), String> {
    fs::remove_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))
}
