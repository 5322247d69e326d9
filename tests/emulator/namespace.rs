//! Commands in namespaces of their own, as root and, by way of a user namespace, as anybody.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// `unshare` with a private mount table and `options`; what it runs is for the caller to add.
pub(crate) fn unshare(options: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount").args(options);
    // The owner of our own /proc entry is our effective user.
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !root {
        command.args(["--user", "--map-root-user"]);
    }
    command
}

/// A program that sees the tree `packages` (with `usr` in it) laid over the machine's /usr.
pub(crate) fn with_packages(packages: &Path, program: &str) -> Command {
    let mut command = unshare(&[]);
    command
        .args(["--", "bash", "-c"])
        .arg(r#"mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr && exec "$@""#)
        .arg(packages)
        .arg(program);
    command
}
