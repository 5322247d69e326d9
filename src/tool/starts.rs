//! The starts on which a wrapper script and a profile are tried: made from what the script's text mentions.
//!
//! A space has dimensions (the runtime, a variable, a file), a dimension has choices, of which the first is the ordinary
//! one. A start is one pick of each; `pairwise` says which ones to try.

pub(in crate::tool) mod mentions;
pub(in crate::tool) mod pairwise;
pub(in crate::tool) mod space;
