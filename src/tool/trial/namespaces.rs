//! Namespaces of a trial's own: mounts, processes, network, System V objects and names of machines.
#![expect(clippy::disallowed_methods, reason = "writes the maps of users in /proc")]

use std::fs;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::{getegid, geteuid};

/// Makes them; processes that are started from here on are in a new one. As an ordinary user, and as a superuser where
/// that is possible, in a user namespace, so that the wrapper has no power over the machine
/// (user_namespaces(7)). The user is the superuser of that: who is not loses its capabilities by execve(2), and process 1
/// is still to come.
///
/// # Errors
///
/// What the kernel refused, and what to do.
pub(super) fn enter() -> Result<(), String> {
    let (user, group) = (geteuid(), getegid());
    let own = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    match unshare(own | CloneFlags::CLONE_NEWUSER) {
        Ok(()) => map("setgroups", "deny")
            .and_then(|()| map("uid_map", &format!("0 {user} 1")))
            .and_then(|()| map("gid_map", &format!("0 {group} 1"))),
        Err(_) if user.is_root() => unshare(own).map_err(refused),
        Err(error) => Err(refused(error)),
    }
}

fn map(file: &str, text: &str) -> Result<(), String> {
    fs::write(format!("/proc/self/{file}"), text)
        .map_err(|error| format!("/proc/self/{file} cannot be written: {error}"))
}

fn refused(error: Errno) -> String {
    format!(
        "the kernel refuses new namespaces ({}), in which a wrapper is tried without harm to this machine; allow \
         unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu \
         kernel.apparmor_restrict_unprivileged_userns=0), or run this as root; a container needs --privileged",
        error.desc()
    )
}

/// Switches the new network's only interface on, so that a wrapper can talk to a program of its own
/// (netdevice(7)).
#[expect(unsafe_code, reason = "ioctl(2) on an interface, which nix does not have")]
pub(super) fn open_loopback() -> nix::Result<()> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: a request of zeros is a valid one: an empty name and no flags.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = from.cast_signed();
    }
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the descriptor is open and the request is a live value of the type that this call reads.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) }).map(drop)
}
