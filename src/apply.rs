//! The edge that acts: writes lines, reports failures, starts the runtime. It decides nothing.

pub mod exec;
pub mod init_error;
pub mod log;
