//! The room of a trial: this machine's files, read-only, but for the folders that are Lambda's.
#![expect(clippy::disallowed_methods, reason = "looks at what this machine has and makes files")]

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};

use super::tree::{Node, Tree};

/// Where this machine's files are while the room is furnished.
const MACHINE: &str = "/.machine";
const BASH: &str = "/bin/bash";
const SH: &str = "/bin/sh";
/// What the machine's devices leave writable for everybody.
const SHARED_MEMORY: &str = "/dev/shm";
const NONE: Option<&str> = None;

/// Makes the room and moves into it. The caller is in a mount namespace of its own.
///
/// # Errors
///
/// The path and what failed there.
pub(super) fn furnish(tree: &Tree) -> io::Result<()> {
    at("/", mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE))?;
    // Any folder does: pivot_root(2) takes the mount away from it again, so that it hides nothing.
    at(
        "/tmp",
        mount(Some("forerun"), "/tmp", Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, Some("mode=0755")),
    )?;
    fs::create_dir(format!("/tmp{MACHINE}"))?;
    at("/tmp", pivot_root("/tmp", &format!("/tmp{MACHINE}")[..]).and_then(|()| chdir("/")))?;
    place(tree, Path::new("/"), None)?;
    // A proc of this process namespace, or the machine's where a container hides parts of that (mount_namespaces(7)).
    fs::create_dir("/proc")?;
    if mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), NONE).is_err() {
        bind(&machine(b"/proc"), Path::new("/proc"))?;
    }
    if Path::new(SHARED_MEMORY).is_dir() {
        at(SHARED_MEMORY, mount(Some("forerun"), SHARED_MEMORY, Some("tmpfs"), MsFlags::empty(), NONE))?;
    }
    // `sh` is bash in Lambda's images, as on every Amazon Linux.
    if Path::new(BASH).is_file() && Path::new(SH).is_file() {
        bind(Path::new(BASH), Path::new(SH))?;
    }
    at(MACHINE, umount2(MACHINE, MntFlags::MNT_DETACH))?;
    fs::remove_dir(MACHINE)
}

/// Places a node and what is below it. `host` is what this machine has at this path, for a node of which nothing was said.
fn place(tree: &Tree, path: &Path, host: Option<&Path>) -> io::Result<()> {
    let own = tree.host().map(machine);
    let host = own.as_deref().or(if tree.node.is_none() { host } else { None });
    match &tree.node {
        Some(Node::Absent) => return Ok(()),
        Some(Node::File(bytes, mode)) => return write(path, bytes, *mode),
        Some(Node::Link(target)) => return symlink(OsStr::from_bytes(target), path),
        Some(Node::Host(_)) | Some(Node::Folder) | None => {}
    }
    if tree.below.is_empty()
        && let Some(host) = host
    {
        return copy_or_bind(host, path);
    }
    if path != Path::new("/") {
        fs::create_dir(path).map_err(|error| named(path, &error))?;
    }
    if let Some(host) = host.filter(|host| host.is_dir()) {
        for entry in fs::read_dir(host).map_err(|error| named(host, &error))? {
            let entry = entry?;
            let name = entry.file_name();
            // The room has a proc of its own.
            let is_proc = path == Path::new("/") && name == "proc";
            if !is_proc && !tree.below.contains_key(name.as_bytes()) {
                copy_or_bind(&entry.path(), &path.join(name))?;
            }
        }
    }
    for (name, below) in &tree.below {
        let name = OsStr::from_bytes(name);
        place(below, &path.join(name), host.map(|host| host.join(name)).filter(|host| host.exists()).as_deref())?;
    }
    Ok(())
}

/// A link stays a link; a folder or a file is seen in the room as it is.
fn copy_or_bind(host: &Path, path: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(host).map_err(|error| named(host, &error))?.file_type();
    if kind.is_symlink() {
        return symlink(fs::read_link(host)?, path);
    }
    if kind.is_dir() {
        fs::create_dir(path)?;
    } else {
        write(path, b"", 0o644)?;
    }
    match bind(host, path) {
        // What the machine itself may not look into is not there.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        done => done,
    }
}

fn bind(host: &Path, path: &Path) -> io::Result<()> {
    mount(Some(host), path, NONE, MsFlags::MS_BIND | MsFlags::MS_REC, NONE)
        .map_err(|error| named(path, &error.into()))?;
    if path.starts_with("/dev") || path.starts_with("/proc") { Ok(()) } else { make_read_only(path) }
}

/// With all mounts below, which `MS_REMOUNT` would leave writable.
#[expect(unsafe_code, reason = "mount_setattr(2), which nix does not have")]
fn make_read_only(path: &Path) -> io::Result<()> {
    let name = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    let attributes = libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the name is a C string and the attributes are a live value of the size that is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            name.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size_of_val(&attributes),
        )
    };
    match Errno::result(result) {
        Ok(_) => Ok(()),
        Err(Errno::ENOSYS) => Err(io::Error::other("trials need Linux 5.12 or newer")),
        Err(error) => Err(named(path, &error.into())),
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    made.and_then(|mut file| file.write_all(bytes)).map_err(|error| named(path, &error))
}

/// Where a path of this machine is while the room is furnished.
fn machine(path: &[u8]) -> PathBuf {
    let below = path.strip_prefix(b"/").unwrap_or(path);
    Path::new(MACHINE).join(OsStr::from_bytes(below))
}

fn at(path: &str, result: nix::Result<()>) -> io::Result<()> {
    result.map_err(|error| named(Path::new(path), &error.into()))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
