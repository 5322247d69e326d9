//! Folders of a test, gone when it ends.
#![expect(clippy::disallowed_methods, reason = "tests write files")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The launcher that was built for this test.
pub(crate) const WRAPPER: &str = env!("CARGO_BIN_EXE_wrapper");

/// A fresh folder.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// The path of an entry, as bytes for an argv or a variable.
    pub(crate) fn path(&self, name: &str) -> Vec<u8> {
        self.0.join(name).into_os_string().into_vec()
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file, its folders included. Returns its path.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        let path = self.0.join(OsStr::from_bytes(name.as_bytes()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.into_os_string().into_vec()
    }

    /// Puts an executable file into place. It is written under another name by another process: were it written here, a
    /// child forked by another thread might still hold it open for writing and make its execution fail with ETXTBSY.
    pub(crate) fn program(&self, name: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        let draft = self.file(&format!("{name}.draft"), text);
        let path = self.path(name);
        let mut install = std::process::Command::new("install");
        install.args(["-m", "755"]).args([&draft, &path].map(|path| OsStr::from_bytes(path)));
        assert!(install.status().expect("`install` is needed").success());
        path
    }

    /// Gives a file a mode.
    pub(crate) fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.0.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A link to the probe, under a name and in a folder of its own: its report goes beside it.
    pub(crate) fn probe(&self) -> PathBuf {
        let path = self.0.join("probe");
        if !path.exists() {
            fs::hard_link(probe(), &path).unwrap();
        }
        path
    }

    /// What the probe wrote, line by line.
    pub(crate) fn report(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.join("probe.report")).expect("the probe was not started");
        text.lines().map(str::to_owned).collect()
    }

    /// The probe ran.
    pub(crate) fn reported(&self) -> bool {
        self.0.join("probe.report").exists()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The values of the report's lines of one kind.
pub(crate) fn values<'r>(report: &'r [String], kind: &str) -> Vec<&'r str> {
    report.iter().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' ')).collect()
}

/// The probe, compiled once for all tests of this process.
fn probe() -> &'static Path {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/probe/probe.c");
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("probe-{}", std::process::id()));
        let mut compiler = std::process::Command::new("cc");
        let status = compiler.args(["-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&path).arg(source).status();
        assert!(status.expect("`cc` is needed for the probe").success(), "the probe does not compile");
        path
    })
}
