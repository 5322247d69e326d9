//! The developer tool.
