//! What may be in the place of a file.

use super::{Choice, Effect};
use crate::tool::starts::mentions::FileUse;
use crate::tool::trial::start::FileState;

/// The choices for a file; `given`: the folders that the trials are run in have it.
pub(super) fn choices(path: &[u8], usage: FileUse, given: bool) -> Vec<Choice> {
    let there = |label: &str, state: FileState| Choice::new(label, Effect::File(state));
    let text = |text: &[u8]| FileState::Text(text.to_vec());
    let absent = there("absent", FileState::Absent);
    let mut present = match usage {
        _ if path.ends_with(b"/package.json") => {
            // <https://nodejs.org/api/packages.html#type>
            vec![there("of ES modules", text(b"{\"type\": \"module\"}\n")), there("without a type", text(b"{}\n"))]
        }
        FileUse::Named => vec![there("present", text(b""))],
        FileUse::Folder => vec![there("present, an empty folder", FileState::Folder)],
        FileUse::Started => vec![there("present, a program", FileState::Program)],
        FileUse::Sourced => vec![there("present, sets a variable", text(b"export MADE_UP=sourced\n"))],
    };
    if given {
        let as_given = Choice::new("as it is", Effect::Ordinary);
        // Another content matters where the script looks into the file.
        if !path.ends_with(b"/package.json") {
            present.clear();
        }
        [vec![as_given, absent], present].concat()
    } else if path.starts_with(b"/opt/") || matches!(usage, FileUse::Started | FileUse::Sourced) {
        // A layer brings what its wrapper needs.
        present.insert(1, absent);
        present
    } else {
        [vec![absent], present].concat()
    }
}
