//! The system calls of measuring: pin, start, wait, evict.
#![expect(unsafe_code, reason = "std reports no resource usage of a child and builds argv anew on every start")]

use std::ffi::{CString, OsString, c_char};
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::ptr;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::make::at;
use crate::task::Environment;

/// A command with everything that the kernel wants to see built beforehand.
pub(crate) struct Prepared {
    argv: Strings,
    environment: Strings,
}

/// What one run took, from the start of the launcher to the end of the final program.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    pub(crate) minor_faults: i64,
    /// From the disk, by the launcher and the final program.
    pub(crate) blocks_read: i64,
}

/// Strings and the list of pointers to them that ends in a null pointer.
struct Strings {
    pointers: Vec<*mut c_char>,
    owned: Vec<CString>,
}

impl Strings {
    fn new(strings: impl IntoIterator<Item = Vec<u8>>) -> Outcome<Self> {
        let owned =
            strings.into_iter().map(CString::new).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        let pointers = owned.iter().map(|string| string.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect();
        Ok(Self { pointers, owned })
    }
}

impl Prepared {
    pub(crate) fn new(argv: Vec<OsString>, environment: &Environment) -> Outcome<Self> {
        let environment = environment.iter().map(|(name, value)| format!("{name}={value}").into_bytes());
        Ok(Self {
            argv: Strings::new(argv.into_iter().map(OsString::into_vec))?,
            environment: Strings::new(environment)?,
        })
    }

    pub(crate) fn run(&self) -> Outcome<Run> {
        let path = self.argv.owned.first().ok_or("an empty command")?;
        let mut child = 0;
        let mut status = 0;
        let mut usage = MaybeUninit::<libc::rusage>::uninit();
        let start = Instant::now();
        // SAFETY: both lists end in a null pointer and point to strings that `self` owns; the two null pointers
        // stand for no file actions and no attributes.
        let error = unsafe {
            libc::posix_spawn(
                &raw mut child,
                path.as_ptr(),
                ptr::null(),
                ptr::null(),
                self.argv.pointers.as_ptr(),
                self.environment.pointers.as_ptr(),
            )
        };
        if error != 0 {
            let error = std::io::Error::from_raw_os_error(error);
            return Err(format!("cannot start {path:?}: {error}"));
        }
        // SAFETY: both pointers are valid for a write; `child` is ours and nobody else waits for it.
        let ended = unsafe { libc::wait4(child, &raw mut status, 0, usage.as_mut_ptr()) };
        let wall = start.elapsed();
        if ended != child {
            return Err(format!("wait4: {}", std::io::Error::last_os_error()));
        }
        if status != 0 {
            return Err(format!("{path:?} ended with wait status {status:#x}"));
        }
        // SAFETY: wait4 succeeded and has filled it in.
        let usage = unsafe { usage.assume_init() };
        Ok(Run { wall, minor_faults: usage.ru_minflt, blocks_read: usage.ru_inblock })
    }
}

/// Keeps this process and all its children on one CPU, and returns its number.
pub(crate) fn pin_to_one_cpu() -> Outcome<usize> {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: a set of CPUs is plain bits, all zero is the empty set.
    let mut set = unsafe { MaybeUninit::<libc::cpu_set_t>::zeroed().assume_init() };
    // SAFETY: the pointer is valid for `size` bytes.
    if unsafe { libc::sched_getaffinity(0, size, &raw mut set) } != 0 {
        let error = std::io::Error::last_os_error();
        return Err(format!("sched_getaffinity: {error}"));
    }
    // The last one: the first serves most interrupts.
    let cpu = (0..size * 8)
        // SAFETY: `cpu` is below the number of bits in the set.
        .rfind(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) })
        .ok_or("no CPU to run on")?;
    // SAFETY: as above.
    unsafe {
        libc::CPU_ZERO(&mut set);
        libc::CPU_SET(cpu, &mut set);
    }
    // SAFETY: the pointer is valid for `size` bytes.
    if unsafe { libc::sched_setaffinity(0, size, &raw const set) } != 0 {
        let error = std::io::Error::last_os_error();
        return Err(format!("sched_setaffinity: {error}"));
    }
    Ok(cpu)
}

/// Asks the kernel to drop the file from the page cache. It may refuse; a run that then reads nothing shows that.
pub(crate) fn evict(path: &Path) -> Outcome<()> {
    let file = File::open(path).map_err(at(path))?;
    // Pages that are not written yet cannot be dropped.
    file.sync_all().map_err(at(path))?;
    // SAFETY: the descriptor is open.
    let error = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    if error == 0 { Ok(()) } else { Err(at(path)(std::io::Error::from_raw_os_error(error))) }
}
