//! Builds the launcher and its rivals, and lays fresh copies side by side.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// The directory where everything that is run lies.
pub(crate) struct Workshop {
    build: PathBuf,
    run: PathBuf,
    /// Stands for /var/task and is empty.
    pub(crate) task_root: PathBuf,
    pub(crate) profile: PathBuf,
    /// The program that every launcher starts.
    pub(crate) exit: PathBuf,
    /// A program that is not there: callgrind reports nothing about a process whose exec succeeds.
    pub(crate) missing: PathBuf,
}

impl Workshop {
    pub(crate) fn open() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("launch");
        let (build, run) = (root.join("build"), root.join("run"));
        if run.exists() {
            fs::remove_dir_all(&run).map_err(at(&run))?;
        }
        let task_root = run.join("task");
        for directory in [&build, &run, &task_root] {
            fs::create_dir_all(directory).map_err(at(directory))?;
        }
        let mut workshop =
            Self { profile: PathBuf::new(), exit: PathBuf::new(), missing: run.join("missing"), task_root, build, run };
        workshop.profile = workshop.script("profile.toml")?;
        workshop.exit = workshop.bare("exit.c")?;
        Ok(workshop)
    }

    /// The launcher as it is released.
    pub(crate) fn wrapper(&self) -> Outcome<PathBuf> {
        let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
        require_target(&target)?;
        let target_directory =
            Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("the target directory has no parent")?;
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--release", "--bin", "wrapper"])
            .args(["--no-default-features", "--target", &target])
            .arg("--target-dir")
            .arg(target_directory)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            // Either one would replace the flags in .cargo/config.toml, and the result would not be what is shipped.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        succeed(&mut cargo)?;
        let built = target_directory.join(target).join("release/wrapper");
        self.fresh_copy(&built)
    }

    /// A program against the machine's own C library, linked statically.
    pub(crate) fn static_c(&self, source: &str) -> Outcome<PathBuf> {
        self.c(source, &["-static"])
    }

    /// A program without any C library.
    pub(crate) fn bare(&self, source: &str) -> Outcome<PathBuf> {
        self.c(source, &["-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"])
    }

    fn c(&self, source: &str, flags: &[&str]) -> Outcome<PathBuf> {
        let source = rivals().join(source);
        let built = self.build.join(source.file_stem().unwrap_or_default());
        let mut gcc = Command::new("gcc");
        gcc.args(["-O2", "-s"]).args(flags).arg("-o").args([&built, &source]);
        succeed(&mut gcc)?;
        self.fresh_copy(&built)
    }

    /// A file that needs no building.
    pub(crate) fn script(&self, name: &str) -> Outcome<PathBuf> {
        self.fresh_copy(&rivals().join(name))
    }

    /// A file with this text beside the others.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.run.join(name);
        fs::write(&path, text).map_err(at(&path))?;
        Ok(path)
    }

    /// All copies are made in the same way and within the same second: equal bytes in two files of different history
    /// lie differently in the page cache, which is worth up to 57 us.
    fn fresh_copy(&self, from: &Path) -> Outcome<PathBuf> {
        let to = self.run.join(from.file_name().unwrap_or_default());
        let bytes = fs::read(from).map_err(at(from))?;
        fs::write(&to, bytes).map_err(at(&to))?;
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).map_err(at(&to))?;
        Ok(to)
    }
}

/// The absolute path of a program, looked up in our own PATH and not in the one that is handed to it.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|candidate| candidate.is_file())
}

/// What a command prints, when it succeeds.
pub(crate) fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// An error that names the file.
pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

fn rivals() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/launch/rivals")
}

fn require_target(target: &str) -> Outcome<()> {
    let installed = || {
        output("rustc", &["--print", "target-libdir", "--target", target])
            .is_some_and(|directory| Path::new(&directory).is_dir())
    };
    if !installed() {
        let mut rustup = Command::new("rustup");
        // Whether it worked is seen from the result; where there is no rustup, a distribution may have the target.
        let _ = rustup.args(["target", "add", target]).status();
    }
    if installed() {
        return Ok(());
    }
    Err(format!(
        "the figures need the Rust target {target}, which is not installed and could not be added \
         (`rustup target add {target}`)"
    ))
}

fn succeed(command: &mut Command) -> Outcome<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("cannot run {program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}
