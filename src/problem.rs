//! What can be wrong: one value for the launcher's line and the tool's snippet.

use std::fmt;

/// A stable, documented code. `docs/messages.md` has a section for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
#[expect(missing_docs, reason = "docs/messages.md explains each; a test keeps the two the same")]
pub enum Code {
    ProfileUnreadable = 100,
    NotToml = 101,
    UnknownKey = 102,
    WrongType = 103,
    Template = 104,
    Conflict = 105,
    Separator = 106,
    BadValue = 107,
    NeedsNewerForerun = 108,
    MisplacedKey = 109,
    ProfileNotFound = 201,
    IncludeCycle = 202,
    HandlerConflict = 203,
    ProfileFails = 204,
    ElementUnwritable = 205,
    RelativePath = 206,
    ThroughItself = 207,
    NoCommand = 208,
    Setting = 209,
    NoInterpreter = 210,
    NoneExists = 211,
    NoHandler = 212,
    NoProfileOfOwnName = 213,
    FlagAbsent = 214,
    UnterminatedQuote = 215,
    ProfileLeftOut = 216,
    ProfileWarns = 217,
    SidecarNotStarted = 301,
    SidecarDied = 302,
    SidecarNotReady = 303,
    SidecarInUse = 304,
    SidecarEnded = 305,
    SidecarsAsInit = 306,
    SupervisorFailed = 307,
    StillThere = 308,
    SidecarUnusable = 309,
    LimitNotSet = 310,
    DirectoryNotMade = 311,
    NotRegistered = 312,
    NotPolling = 313,
    ProgramNotFound = 401,
    InterpreterNotFound = 402,
    NotExecutable = 403,
    NotAProgram = 404,
    TooLarge = 405,
    StartsItself = 406,
    ExecFailed = 407,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 47] = [
        Code::ProfileUnreadable,
        Code::NotToml,
        Code::UnknownKey,
        Code::WrongType,
        Code::Template,
        Code::Conflict,
        Code::Separator,
        Code::BadValue,
        Code::NeedsNewerForerun,
        Code::MisplacedKey,
        Code::ProfileNotFound,
        Code::IncludeCycle,
        Code::HandlerConflict,
        Code::ProfileFails,
        Code::ElementUnwritable,
        Code::RelativePath,
        Code::ThroughItself,
        Code::NoCommand,
        Code::Setting,
        Code::NoInterpreter,
        Code::NoneExists,
        Code::NoHandler,
        Code::NoProfileOfOwnName,
        Code::FlagAbsent,
        Code::UnterminatedQuote,
        Code::ProfileLeftOut,
        Code::ProfileWarns,
        Code::SidecarNotStarted,
        Code::SidecarDied,
        Code::SidecarNotReady,
        Code::SidecarInUse,
        Code::SidecarEnded,
        Code::SidecarsAsInit,
        Code::SupervisorFailed,
        Code::StillThere,
        Code::SidecarUnusable,
        Code::LimitNotSet,
        Code::DirectoryNotMade,
        Code::NotRegistered,
        Code::NotPolling,
        Code::ProgramNotFound,
        Code::InterpreterNotFound,
        Code::NotExecutable,
        Code::NotAProgram,
        Code::TooLarge,
        Code::StartsItself,
        Code::ExecFailed,
    ];

    /// The exit status when the start stops with this code: 127 not found, 126 not executable, 111 a system call
    /// or a required step failed, 100 the profile or the usage is wrong.
    pub fn exit_status(self) -> u8 {
        match self {
            Code::ProgramNotFound | Code::InterpreterNotFound => 127,
            Code::NotExecutable | Code::NotAProgram => 126,
            Code::SidecarsAsInit | Code::SidecarUnusable => 100,
            Code::TooLarge | Code::ExecFailed => 111,
            code if (300..400).contains(&(code as u16)) => 111,
            _ => 100,
        }
    }

    /// The error type for Lambda's Runtime API, of the form `(Runtime|Function).[A-Z][a-zA-Z]+`.
    pub fn error_type(self) -> &'static str {
        match self as u16 {
            100..=199 => "Runtime.ForerunProfile",
            200..=299 => "Runtime.ForerunPlan",
            300..=399 => "Runtime.ForerunSidecar",
            _ => "Runtime.ForerunExec",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FR{}", *self as u16)
    }
}

/// A range of bytes in a profile's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Span { start: range.start, end: range.end }
    }
}

/// A profile's number in the library.
pub type ProfileId = usize;

/// A place in a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which profile.
    pub profile: ProfileId,
    /// Which bytes of it.
    pub span: Span,
}

/// Something wrong, where it is and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// The place, `None` when no profile is at fault.
    pub origin: Option<Origin>,
    /// What is wrong and what was expected: one line, lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a place in a profile.
    pub fn at(code: Code, origin: Origin, message: impl Into<String>) -> Self {
        Problem { code, origin: Some(origin), message: message.into(), help: None }
    }

    /// A problem that no profile is to blame for.
    pub fn nowhere(code: Code, message: impl Into<String>) -> Self {
        Problem { code, origin: None, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Bytes for a message: printable ASCII and UTF-8 as they are, the rest escaped, so that a message stays one line.
pub fn printable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            if char.is_control() { out.extend(char.escape_default()) } else { out.push(char) }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// The known word nearest to a mistyped one, by edits of single bytes; `None` when all are too far off.
pub fn nearest<'w>(typed: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    known
        .into_iter()
        .map(|word| (distance(typed.as_bytes(), word.as_bytes()), word))
        .filter(|&(distance, word)| distance <= word.len().max(typed.len()) / 3 + usize::from(word.len() > 2))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_a_slip_and_nothing_far_off() {
        let words = ["separator", "set", "default", "prepend"];
        assert_eq!(nearest("seperator", words), Some("separator"));
        assert_eq!(nearest("Prepend", words), Some("prepend"));
        assert_eq!(nearest("zebra_crossing", words), None);
    }

    #[test]
    fn codes_are_distinct_and_all_listed() {
        assert!(Code::ALL.is_sorted() && Code::ALL.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
