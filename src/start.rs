//! What Lambda's bootstrap gave the wrapper.

use std::borrow::Cow;
use std::ffi::CStr;

use crate::environment::Env;
use crate::runtime::Arch;

/// One start: the wrapper's own name, the runtime's argv and the environment.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// argv\[0\] of the wrapper itself: the path in `AWS_LAMBDA_EXEC_WRAPPER`.
    pub own: Cow<'a, CStr>,
    /// The runtime's argv: everything behind the wrapper's own name.
    pub argv: Vec<Cow<'a, CStr>>,
    /// The environment.
    pub env: Env<'a>,
    /// The architecture of the machine.
    pub arch: Arch,
    /// The process id, which the runtime inherits: exec keeps it.
    pub pid: u32,
}

impl Start<'_> {
    /// The function's folder: `LAMBDA_TASK_ROOT`, `/var/task` when that is unset
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).
    pub fn task_root(&self) -> &[u8] {
        self.env.filled(b"LAMBDA_TASK_ROOT").unwrap_or(b"/var/task")
    }

    /// How the execution environment is initialised: `AWS_LAMBDA_INITIALIZATION_TYPE`, `on-demand` when that is unset.
    pub fn init_type(&self) -> &[u8] {
        self.env.filled(b"AWS_LAMBDA_INITIALIZATION_TYPE").unwrap_or(b"on-demand")
    }

    /// The last part of the name that the wrapper was started under.
    pub fn own_name(&self) -> &[u8] {
        base_name(self.own.to_bytes())
    }
}

/// The part of a path behind its last slash.
pub(crate) fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}
