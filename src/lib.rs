//! forerun runs before an AWS Lambda runtime: it works out a new environment and a new argv from TOML profiles and
//! execs the runtime in the same process.
//!
//! ```text
//! argv + environ + profile files ──capture──▶ Start, Library, Facts ──plan──▶ Plan ──apply──▶ lines, execve
//! ```
//!
//! `capture` and `apply` touch the process and the disk; everything else is pure, which clippy's `disallowed-methods`
//! holds. ARCHITECTURE.md is the map.

pub mod apply;
pub mod arena;
pub mod builtin;
pub mod capture;
pub mod detect;
pub mod environment;
pub mod facts;
pub mod launch;
pub mod library;
pub mod plan;
pub mod problem;
pub mod profile;
pub mod runtime;
pub mod start;
#[cfg(feature = "tool")]
pub mod tool;
