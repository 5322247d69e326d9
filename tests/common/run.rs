//! Starts a program with an exact argv, environment and state, by fork and execve: `std::process::Command` cannot give a
//! child a variable twice, a blocked signal or a closed descriptor.
#![expect(clippy::disallowed_methods, reason = "tests start programs and wait for them")]
#![expect(unsafe_code, reason = "fork, execve and what stands between them")]

use std::ffi::{CString, c_char, c_int};
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

/// Longer than anything here takes; a program that is still there is killed and the test fails.
const LONGEST: Duration = Duration::from_secs(60);

/// What the child does to itself between fork and execve, in this order.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Close(RawFd),
    Duplicate(RawFd, RawFd),
    Ignore(c_int),
    Block(c_int),
    Raise(c_int),
    Umask(libc::mode_t),
    Limit(libc::__rlimit_resource_t, u64, u64),
    Folder(CString),
    RemoveFolder(CString),
    OwnGroup,
    Alarm,
    Nice(c_int),
}

/// A program to start.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) program: Vec<u8>,
    pub(crate) argv: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) steps: Vec<Step>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) pid: i32,
    /// As waitpid(2) tells it.
    pub(crate) status: c_int,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Ended {
    /// The exit status; a death by a signal is a failure of the test.
    #[track_caller]
    pub(crate) fn exit(&self) -> i32 {
        assert!(libc::WIFEXITED(self.status), "ended by signal {}: {self:?}", libc::WTERMSIG(self.status));
        libc::WEXITSTATUS(self.status)
    }
}

impl Run {
    pub(crate) fn new(program: impl Into<Vec<u8>>, argv: &[&[u8]]) -> Run {
        let argv = argv.iter().map(|argument| argument.to_vec()).collect();
        Run { program: program.into(), argv, env: Vec::new(), steps: Vec::new() }
    }

    pub(crate) fn env<E: AsRef<[u8]>>(mut self, entries: impl IntoIterator<Item = E>) -> Run {
        self.env.extend(entries.into_iter().map(|entry| entry.as_ref().to_vec()));
        self
    }

    pub(crate) fn step(mut self, step: Step) -> Run {
        self.steps.push(step);
        self
    }

    /// Starts the program and waits for its end. Its standard input is empty, its output goes into memory.
    #[track_caller]
    pub(crate) fn run(&self) -> Ended {
        let (mut stdin, mut stdout, mut stderr) = (memory(c"stdin"), memory(c"stdout"), memory(c"stderr"));
        std::io::Write::write_all(&mut stdin, b"not for the wrapper\n").unwrap();
        stdin.rewind().unwrap();
        let begun = Instant::now();
        let pid = self.fork([stdin.as_raw_fd(), stdout.as_raw_fd(), stderr.as_raw_fd()]);
        let status = wait(pid, begun);
        let took = begun.elapsed();
        Ended { pid, status, stdout: text(&mut stdout), stderr: text(&mut stderr), took }
    }

    fn fork(&self, standard: [RawFd; 3]) -> i32 {
        let program = CString::new(self.program.clone()).unwrap();
        let owned = |strings: &[Vec<u8>]| -> Vec<CString> {
            strings.iter().map(|string| CString::new(string.clone()).unwrap()).collect()
        };
        let (argv, env) = (owned(&self.argv), owned(&self.env));
        let pointers = |strings: &[CString]| -> Vec<*const c_char> {
            strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
        };
        let (argv, env) = (pointers(&argv), pointers(&env));
        // SAFETY: until execve the child calls nothing but async-signal-safe functions on memory made before.
        unsafe {
            let pid = libc::fork();
            assert!(pid >= 0, "fork: {}", std::io::Error::last_os_error());
            if pid == 0 {
                if prepare(&self.steps, standard) {
                    libc::execve(program.as_ptr(), argv.as_ptr(), env.as_ptr());
                }
                libc::_exit(97);
            }
            pid
        }
    }
}

/// # Safety
///
/// Async-signal-safe: it runs between fork and execve.
unsafe fn prepare(steps: &[Step], standard: [RawFd; 3]) -> bool {
    // SAFETY: plain system calls with valid arguments.
    unsafe {
        for signal in 1..=64 {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
        // Out of the way first, since a source may be one of the targets.
        let mut high = [0; 3];
        for (slot, descriptor) in high.iter_mut().zip(standard) {
            *slot = libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 500);
        }
        for (target, descriptor) in high.iter().enumerate() {
            if libc::dup2(*descriptor, target as c_int) < 0 {
                return false;
            }
        }
        steps.iter().all(|step| take(step))
    }
}

/// # Safety
///
/// As [`prepare`].
unsafe fn take(step: &Step) -> bool {
    // SAFETY: plain system calls with valid arguments.
    unsafe {
        match step {
            Step::Close(descriptor) => libc::close(*descriptor) == 0,
            Step::Duplicate(from, to) => libc::dup2(*from, *to) == *to,
            Step::Ignore(signal) => libc::signal(*signal, libc::SIG_IGN) != libc::SIG_ERR,
            Step::Block(signal) => {
                let mut set: libc::sigset_t = std::mem::zeroed();
                libc::sigemptyset(&mut set);
                libc::sigaddset(&mut set, *signal);
                libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) == 0
            }
            Step::Raise(signal) => libc::kill(libc::getpid(), *signal) == 0,
            Step::Umask(mask) => {
                libc::umask(*mask);
                true
            }
            Step::Limit(resource, soft, hard) => {
                libc::setrlimit(*resource, &libc::rlimit { rlim_cur: *soft, rlim_max: *hard }) == 0
            }
            Step::Folder(path) => libc::chdir(path.as_ptr()) == 0,
            Step::RemoveFolder(path) => libc::rmdir(path.as_ptr()) == 0,
            Step::OwnGroup => libc::setpgid(0, 0) == 0,
            Step::Alarm => {
                libc::alarm(1000);
                true
            }
            Step::Nice(by) => {
                libc::nice(*by);
                true
            }
        }
    }
}

#[track_caller]
fn wait(pid: i32, begun: Instant) -> c_int {
    let mut status = 0;
    loop {
        // SAFETY: the pid is that of our own child, which nobody else waits for.
        match unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } {
            0 if begun.elapsed() < LONGEST => std::thread::sleep(Duration::from_micros(200)),
            0 => {
                // SAFETY: as above.
                unsafe {
                    libc::kill(pid, libc::SIGKILL);
                    libc::waitpid(pid, &mut status, 0);
                }
                panic!("it did not end within {LONGEST:?}");
            }
            ended => {
                assert_eq!(ended, pid, "waitpid: {}", std::io::Error::last_os_error());
                return status;
            }
        }
    }
}

/// A file in memory.
pub(crate) fn memory(name: &std::ffi::CStr) -> File {
    // SAFETY: the name is a C string, and the descriptor is new and nobody else's.
    unsafe {
        let low = OwnedFd::from_raw_fd(libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC));
        // Far from the numbers that a child is given: there it would be overwritten, or closed by execve.
        let high = libc::fcntl(low.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 600);
        assert!(high >= 0, "memfd_create: {}", std::io::Error::last_os_error());
        File::from(OwnedFd::from_raw_fd(high))
    }
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
