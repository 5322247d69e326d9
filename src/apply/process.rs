//! What the runtime's process gets: folders, limits, the connection that keeps SIGTERM coming.
#![expect(clippy::disallowed_methods, reason = "this module changes the process and the disk")]

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, rlim_t, setrlimit};

use crate::plan::process::ProcessPlan;
use crate::plan::{Level, Message};
use crate::problem::{Code, Origin};
use crate::profile::Limit;

/// The lowest number of the one descriptor that the runtime inherits from the wrapper.
const INHERITED: i32 = 10;

/// Makes the folders that are not there. A warning for each that cannot be made.
pub fn make_directories(process: &ProcessPlan) -> Vec<Message> {
    let make = |(origin, path): &(Origin, crate::plan::sidecars::Text)| {
        let error = std::fs::create_dir_all(OsStr::from_bytes(path.text.as_bytes())).err()?;
        let text = format!(
            "the folder `{}` cannot be made: {}; only /tmp can be written to on Lambda",
            path.shown,
            error.kind()
        );
        Some(Message { level: Level::Warn, code: Some(Code::DirectoryNotMade), origin: Some(*origin), text })
    };
    process.directories.iter().filter_map(make).collect()
}

/// A limit as it was before.
#[derive(Clone, Copy, Debug)]
pub struct GivenLimit {
    resource: Resource,
    soft: rlim_t,
}

/// Sets the soft limits. Returns those that were there, and a warning for each that cannot be set; it stays as it is.
pub fn set_limits(process: &ProcessPlan) -> (Vec<GivenLimit>, Vec<Message>) {
    let mut given = Vec::new();
    let mut set = |&(origin, name, limit): &(Origin, &'static str, Limit)| {
        let why = match resource(name).map_or(Err(Errno::EINVAL), |resource| set_limit(resource, limit)) {
            Ok(before) => {
                given.push(before);
                return None;
            }
            Err(Errno::EPERM) => "it is above the hard limit; write `\"hard\"` for as much as there may be",
            Err(errno) => errno.desc(),
        };
        let text = format!("the limit `{name}` cannot be set: {why}");
        Some(Message { level: Level::Warn, code: Some(Code::LimitNotSet), origin: Some(origin), text })
    };
    let warnings = process.limits.iter().filter_map(&mut set).collect();
    (given, warnings)
}

/// Puts a soft limit back.
pub fn restore(limit: GivenLimit) {
    if let Ok((_, hard)) = getrlimit(limit.resource) {
        let _ = setrlimit(limit.resource, limit.soft, hard);
    }
}

fn set_limit(resource: Resource, limit: Limit) -> Result<GivenLimit, Errno> {
    let (before, hard) = getrlimit(resource)?;
    let soft: rlim_t = match limit {
        Limit::To(number) => number,
        Limit::Hard => hard,
        Limit::Unlimited => RLIM_INFINITY,
    };
    setrlimit(resource, soft, hard.max(soft))?;
    Ok(GivenLimit { resource, soft: before })
}

fn resource(name: &str) -> Option<Resource> {
    Some(match name {
        "as" => Resource::RLIMIT_AS,
        "core" => Resource::RLIMIT_CORE,
        "cpu" => Resource::RLIMIT_CPU,
        "data" => Resource::RLIMIT_DATA,
        "fsize" => Resource::RLIMIT_FSIZE,
        "memlock" => Resource::RLIMIT_MEMLOCK,
        "msgqueue" => Resource::RLIMIT_MSGQUEUE,
        "nice" => Resource::RLIMIT_NICE,
        "nofile" => Resource::RLIMIT_NOFILE,
        "nproc" => Resource::RLIMIT_NPROC,
        "rtprio" => Resource::RLIMIT_RTPRIO,
        "rttime" => Resource::RLIMIT_RTTIME,
        "sigpending" => Resource::RLIMIT_SIGPENDING,
        "stack" => Resource::RLIMIT_STACK,
        _ => return None,
    })
}

/// Leaves a connection open for the runtime, which does not know of it: at the lowest free number from 10 up, since the
/// first ones are often taken for granted by programs.
///
/// # Errors
///
/// The process is at its limit of descriptors.
pub fn leave_open(connection: &OwnedFd) -> Result<(), Errno> {
    fcntl(connection, FcntlArg::F_DUPFD(INHERITED)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::grammar::LIMITS;

    #[test]
    fn every_limit_of_the_grammar_is_a_resource() {
        for key in LIMITS.keys {
            assert!(resource(key.name).is_some(), "{}", key.name);
        }
    }
}
