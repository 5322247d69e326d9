#![expect(clippy::disallowed_methods, reason = "the pid is captured here")]
//! The launcher, installed as `/opt/wrapper`. It has no options: every argument belongs to the runtime.
//!
//! There is no Rust `main`: its start-up would ignore SIGPIPE, which the runtime would inherit, and costs 42 µs.
#![no_main]
#![expect(unsafe_code, reason = "argc, argv and envp are C's")]

#[cfg(all(target_env = "musl", panic = "abort"))]
mod unwind;

use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_int};

use forerun::arena::Arena;
use forerun::environment::Env;
use forerun::launch::launch;
use forerun::runtime::Arch;
use forerun::start::Start;

#[global_allocator]
static ARENA: Arena = Arena::new();

/// C's entry point.
///
/// # Safety
///
/// The C library calls it with a null-terminated argv and envp that live as long as the process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn main(_argc: c_int, argv: *const *const c_char, envp: *const *const c_char) -> c_int {
    // SAFETY: both are null-terminated arrays of C strings that are never freed or changed.
    let (argv, envp) = unsafe { (strings(argv), strings(envp)) };
    let mut argv = argv.into_iter();
    let start = Start {
        own: argv.next().unwrap_or_default(),
        argv: argv.collect(),
        env: Env::new(envp),
        arch: Arch::OWN,
        pid: std::process::id(),
    };
    launch(&start, &ARENA).into()
}

/// # Safety
///
/// `array` is a null-terminated array of C strings that live as long as the process.
unsafe fn strings(array: *const *const c_char) -> Vec<Cow<'static, CStr>> {
    let mut length = 0;
    // SAFETY: the array ends with a null pointer, and every pointer before it is to a C string.
    unsafe {
        while !(*array.add(length)).is_null() {
            length += 1;
        }
        let pointers = std::slice::from_raw_parts(array, length);
        pointers.iter().map(|&pointer| Cow::Borrowed(CStr::from_ptr(pointer))).collect()
    }
}
