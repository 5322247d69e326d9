//! What several tests need: programs started exactly so, and plans made without starting anything.
#![allow(dead_code, reason = "every test takes what it needs")]

pub(crate) mod api;
pub(crate) mod elf;
pub(crate) mod folder;
pub(crate) mod run;
pub(crate) mod shapes;
pub(crate) mod world;
