//! The profiles that were read, and what became of the search for each.

use std::collections::BTreeMap;

use crate::problem::{Code, Origin, Problem, ProfileId, Span, printable};
use crate::profile::{self, OnError, Parsed, Profile};
use crate::start::base_name;

/// How a profile is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A name: looked for in the function's folder, in the layers, among the built-in profiles.
    Name(Vec<u8>),
    /// `builtin:NAME`
    Builtin(Vec<u8>),
    /// An absolute path.
    Path(Vec<u8>),
}

impl Reference {
    /// Reads an entry of `FORERUN_PROFILE` or `include`.
    pub fn parse(entry: &[u8]) -> Reference {
        if let Some(name) = entry.strip_prefix(b"builtin:") {
            Reference::Builtin(name.to_vec())
        } else if entry.contains(&b'/') {
            Reference::Path(entry.to_vec())
        } else {
            Reference::Name(entry.to_vec())
        }
    }
}

/// What became of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The profile.
    Profile(ProfileId),
    /// There is none at these places.
    Nowhere(Vec<Vec<u8>>),
}

/// A profile's file.
#[derive(Clone, Debug)]
pub struct Source {
    /// `/opt/forerun.d/10-otel.toml`, or `builtin:python`.
    pub place: Vec<u8>,
    /// The text; empty when it could not be read.
    pub text: String,
    /// The profile, or all that is wrong with it.
    pub profile: Result<Profile, Vec<Problem>>,
    /// What the file says about failures, as far as it could be read.
    pub on_error: Option<OnError>,
}

impl Source {
    /// The profile's name: that of the file without `.toml`, or of the built-in profile.
    pub fn name(&self) -> &[u8] {
        let name = base_name(&self.place);
        let name = name.strip_prefix(b"builtin:").unwrap_or(name);
        name.strip_suffix(b".toml").unwrap_or(name)
    }

    /// The folder that holds it, `None` for a built-in profile.
    pub fn folder(&self) -> Option<&[u8]> {
        let slash = self.place.iter().rposition(|&byte| byte == b'/')?;
        Some(&self.place[..slash.max(1)])
    }

    /// Line and column of a place in it, both from 1; columns count characters.
    pub fn line_and_column(&self, span: Span) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }
}

/// The profiles that were read.
#[derive(Clone, Debug, Default)]
pub struct Library {
    sources: Vec<Source>,
    /// `place` of each source, so that a file that is named twice is read and applied once.
    places: BTreeMap<Vec<u8>, ProfileId>,
    /// Device and inode of each file: a link to a profile is that profile.
    files: BTreeMap<(u64, u64), ProfileId>,
    found: BTreeMap<Reference, Found>,
    /// The drop-ins in their order.
    pub dropins: Vec<ProfileId>,
}

impl Library {
    /// The file of a profile.
    pub fn source(&self, id: ProfileId) -> &Source {
        &self.sources[id]
    }

    /// All files, in the order in which they were read.
    pub fn sources(&self) -> impl Iterator<Item = (ProfileId, &Source)> {
        self.sources.iter().enumerate()
    }

    /// The profile at a place, if it was read before.
    pub fn at(&self, place: &[u8]) -> Option<ProfileId> {
        self.places.get(place).copied()
    }

    /// Adds a file, unless it was read before under this or another name.
    pub fn add_file(&mut self, place: Vec<u8>, file: (u64, u64), text: Result<Vec<u8>, String>) -> ProfileId {
        if let Some(&id) = self.files.get(&file) {
            return id;
        }
        let id = self.add(place, text);
        self.files.insert(file, id);
        id
    }

    /// What became of a search, `None` when nobody searched.
    pub fn found(&self, reference: &Reference) -> Option<&Found> {
        self.found.get(reference)
    }

    /// Records the outcome of a search.
    pub fn record(&mut self, reference: Reference, found: Found) {
        self.found.insert(reference, found);
    }

    /// Adds a file that was read, or the reason why it could not be.
    pub fn add(&mut self, place: Vec<u8>, text: Result<Vec<u8>, String>) -> ProfileId {
        let id = self.sources.len();
        let broken = |code, at: usize, message: String| {
            let problem = Problem::at(code, Origin { profile: id, span: (at..at).into() }, message);
            Parsed { profile: Err(vec![problem]), on_error: None }
        };
        let (text, parsed) = match text.map(String::from_utf8) {
            Ok(Ok(text)) => {
                let parsed = profile::parse(&text, id);
                (text, parsed)
            }
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (shown, broken(Code::NotToml, at, "a TOML file is UTF-8, and this is not from here on".to_owned()))
            }
            Err(reason) => {
                let message = format!("the profile cannot be read: {reason}");
                (String::new(), broken(Code::ProfileUnreadable, 0, message))
            }
        };
        self.places.insert(place.clone(), id);
        self.sources.push(Source { place, text, profile: parsed.profile, on_error: parsed.on_error });
        id
    }

    /// Adds a profile that has no file.
    #[cfg(feature = "tool")]
    pub fn add_profile(&mut self, place: Vec<u8>, profile: Profile) -> ProfileId {
        let id = self.sources.len();
        self.places.insert(place.clone(), id);
        self.sources.push(Source { place, text: String::new(), profile: Ok(profile), on_error: None });
        id
    }

    /// `/opt/forerun.d/10-otel.toml:6:1`, or the place alone where there is no line.
    pub fn locate(&self, origin: Origin) -> String {
        let source = self.source(origin.profile);
        let place = printable(&source.place);
        if source.text.is_empty() {
            return place;
        }
        let (line, column) = source.line_and_column(origin.span);
        format!("{place}:{line}:{column}")
    }

    /// A problem in one line: where, what, what to do.
    pub fn line(&self, problem: &Problem) -> String {
        let mut line = problem.origin.map_or_else(String::new, |origin| self.locate(origin) + ": ");
        line.push_str(&problem.message);
        if let Some(help) = &problem.help {
            line.push_str("; ");
            line.push_str(help);
        }
        line
    }
}
