//! The unwinder's entry points (Itanium C++ ABI, exception handling, level 1), for a program that aborts on a panic and
//! has neither unwind tables nor symbols: the stack is empty for whoever asks. Without them the standard library brings
//! an unwinder and a reader of debug information that could find nothing here, a third of the file.

use std::ffi::{c_int, c_void};

const END_OF_STACK: c_int = 5;

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_visit: *const c_void, _argument: *const c_void) -> c_int {
    END_OF_STACK
}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_RaiseException(_exception: *const c_void) -> c_int {
    END_OF_STACK
}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume(_exception: *const c_void) -> ! {
    std::process::abort()
}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_DeleteException(_exception: *const c_void) {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_SetGR(_context: *const c_void, _register: c_int, _value: usize) {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_SetIP(_context: *const c_void, _value: usize) {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_GetIPInfo(_context: *const c_void, _before: *mut c_int) -> usize {
    0
}

macro_rules! nothing {
    ($($name:ident)+) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(_context: *const c_void) -> usize {
            0
        }
    )+};
}

nothing! {
    _Unwind_FindEnclosingFunction _Unwind_GetCFA _Unwind_GetDataRelBase _Unwind_GetIP
    _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart _Unwind_GetTextRelBase
}
