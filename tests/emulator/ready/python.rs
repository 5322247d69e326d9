//! The profiles for Python, with the real packages.

pub(crate) mod adot;
mod datadog;
pub(crate) mod debug;
pub(crate) mod elastic;
pub(crate) mod handlers;
pub(crate) mod otel;
mod packages;
mod traced;
pub(crate) mod two_vendors;
