//! The edge that acts: writes lines, reports failures, starts sidecars and the runtime. It decides nothing.

pub mod exec;
pub mod extension;
pub mod init_error;
pub mod log;
pub mod process;
pub mod sidecars;
