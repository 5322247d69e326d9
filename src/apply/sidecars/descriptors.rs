//! Which descriptors a process keeps. Numbers below 3 may be free at the start: they stay so for the runtime.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::Mode;

/// Moves a descriptor above those of standard input, output and error.
pub(super) fn above_standard(descriptor: OwnedFd) -> Result<OwnedFd, Errno> {
    if descriptor.as_raw_fd() > libc::STDERR_FILENO {
        return Ok(descriptor);
    }
    let moved = fcntl(&descriptor, FcntlArg::F_DUPFD_CLOEXEC(libc::STDERR_FILENO + 1))?;
    Ok(owned(moved))
}

/// Closes every descriptor above 2 that is not in `keep`.
pub(super) fn close_all_but(keep: &[RawFd]) {
    let mut first = libc::STDERR_FILENO + 1;
    loop {
        let kept = keep.iter().copied().filter(|&kept| kept >= first).min();
        let last = kept.map_or(RawFd::MAX, |kept| kept - 1);
        if last >= first {
            close_range(first, last);
        }
        match kept {
            Some(kept) => first = kept + 1,
            None => return,
        }
    }
}

#[expect(unsafe_code, reason = "close_range(2) and close(2) on numbers that nothing here owns")]
fn close_range(first: RawFd, last: RawFd) {
    // SAFETY: the caller keeps what is in use.
    if unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) } == 0 {
        return;
    }
    // A sandbox may refuse the call.
    for number in open_numbers() {
        if (first..=last).contains(&number) {
            // SAFETY: as above.
            unsafe { libc::close(number) };
        }
    }
}

/// The numbers of all open descriptors, or of all that could be open where /proc does not tell.
fn open_numbers() -> Vec<RawFd> {
    let listed = Dir::open("/proc/self/fd", OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty());
    match listed {
        Ok(mut dir) => dir
            .iter()
            .filter_map(|entry| std::str::from_utf8(entry.ok()?.file_name().to_bytes()).ok()?.parse().ok())
            .collect(),
        Err(_) => {
            use nix::sys::resource::{Resource, getrlimit};
            // Where there is no limit: far above what any known start has open.
            let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(65_536, |(soft, _)| soft.min(65_536));
            (0..RawFd::try_from(limit).unwrap_or(RawFd::MAX)).collect()
        }
    }
}

/// Puts a descriptor that is above 2, or /dev/null, at a number of standard input, output or error.
pub(super) fn place(descriptor: Option<&OwnedFd>, number: RawFd) -> Result<(), Errno> {
    match descriptor {
        Some(descriptor) => duplicate(descriptor, number),
        None => {
            let null = open(c"/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
            duplicate(&above_standard(null)?, number)
        }
    }
}

/// Puts /dev/null where standard input, output or error is closed, so that nothing else gets the number.
pub(super) fn fill_standard() {
    for number in [libc::STDIN_FILENO, libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        if !is_open(number) {
            let _ = place(None, number);
        }
    }
}

#[expect(unsafe_code, reason = "fcntl(2) on a number")]
fn is_open(number: RawFd) -> bool {
    // SAFETY: the call asks for a flag and changes nothing.
    unsafe { libc::fcntl(number, libc::F_GETFD) >= 0 }
}

#[expect(unsafe_code, reason = "dup2(2) to a number that is meant to be replaced")]
fn duplicate(descriptor: &OwnedFd, number: RawFd) -> Result<(), Errno> {
    // SAFETY: the number is one of standard input, output and error, which nothing here owns.
    Errno::result(unsafe { libc::dup2(descriptor.as_raw_fd(), number) }).map(drop)
}

#[expect(unsafe_code, reason = "the kernel has just made the descriptor")]
fn owned(descriptor: RawFd) -> OwnedFd {
    // SAFETY: it comes from F_DUPFD, and nobody else knows it.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}
