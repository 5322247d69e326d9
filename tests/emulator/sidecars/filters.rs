//! The filters refuse what they say.

use std::process::Command;

use super::programs;
use crate::parts;

fn answers(words: &[&str]) -> String {
    let programs = programs::programs().unwrap_or_else(|why| panic!("{why}"));
    let before = programs.join("before");
    parts::run(Command::new(&before).args(words).arg("--").arg(&before).arg("probe"))
        .unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn none() {
    assert_eq!(answers(&[]), "prctl works\npidfd_open works\nclose_range works");
}

#[test]
fn no_prctl() {
    assert_eq!(answers(&["refuse-prctl"]), "prctl refused\npidfd_open works\nclose_range works");
}

#[test]
fn no_pidfd() {
    assert_eq!(answers(&["refuse-pidfd"]), "prctl refused\npidfd_open refused\nclose_range refused");
}
