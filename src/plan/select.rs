//! Which profiles apply, in order: drop-ins, the wrapper's own name, `FORERUN_PROFILE`, the function's own file, and,
//! where there is none of these, the built-in profile of the runtime.

use super::{Because, Level, Planner};
use crate::builtin;
use crate::library::{Found, Reference};
use crate::problem::{Code, Origin, Problem, ProfileId, nearest, printable};
use crate::profile::template::Template;
use crate::profile::{OnError, Spanned};

/// The names that the wrapper is installed under: they choose no profile.
const PLAIN_NAMES: [&[u8]; 2] = [b"wrapper", b"bootstrap"];

impl<'p> Planner<'p, '_> {
    pub(super) fn apply_all(&mut self) -> Result<(), Problem> {
        let mut chosen: Vec<(ProfileId, Because)> = Vec::new();
        chosen.extend(self.library.dropins.iter().map(|&id| (id, Because::DropIn)));
        chosen.extend(self.own_name().map(|id| (id, Because::OwnName)));
        for entry in std::mem::take(&mut self.settings.profiles) {
            chosen.extend(self.selected(&entry)?.map(|id| (id, Because::Selected)));
        }
        let function = [self.start.task_root(), b"/forerun.toml"].concat();
        if let Some(Found::Profile(id)) = self.find(&Reference::Path(function)) {
            chosen.push((*id, Because::Function));
        }
        if !self.needs.borrow().is_empty() {
            // Whether the built-in profile is wanted depends on the answers; asking for it now would be in vain.
            return Ok(());
        }
        chosen.retain(|&(id, _)| !self.settings.skips(self.library.source(id).name()) || self.note_skip(id));
        match self.default_profile(!chosen.is_empty())? {
            Some(id) => chosen.push((id, Because::Runtime)),
            None if !chosen.is_empty() => self.say(
                Level::Info,
                None,
                None,
                "profiles were found, so the built-in one of the runtime is not used; `include = [\"builtin:NAME\"]` brings it back"
                    .to_owned(),
            ),
            None => {}
        }
        for (id, because) in chosen {
            self.apply(id, because, &mut Vec::new())?;
        }
        Ok(())
    }

    pub(super) fn note_skip(&mut self, id: ProfileId) -> bool {
        let text = format!("FORERUN_SKIP leaves {} out", printable(&self.library.source(id).place));
        self.say(Level::Info, None, None, text);
        false
    }

    fn own_name(&mut self) -> Option<ProfileId> {
        let name = self.start.own_name();
        if name.is_empty() || PLAIN_NAMES.contains(&name) {
            return None;
        }
        match self.find(&Reference::Name(name.to_vec()))? {
            Found::Profile(id) => Some(*id),
            Found::Nowhere(places) => {
                let text = format!(
                    "forerun was started as `{}` and there is no profile of that name; looked at {}",
                    printable(name),
                    listed(places)
                );
                self.say(Level::Warn, Some(Code::NoProfileOfOwnName), None, text);
                None
            }
        }
    }

    fn selected(&mut self, entry: &[u8]) -> Result<Option<ProfileId>, Problem> {
        let reference = Reference::parse(entry);
        let problem = if let Reference::Path(path) = &reference
            && !path.starts_with(b"/")
        {
            let message = format!("FORERUN_PROFILE names the relative path `{}`", printable(path));
            Problem::nowhere(Code::RelativePath, message).help("write an absolute path, or the profile's name")
        } else {
            match self.find(&reference) {
                None => return Ok(None),
                Some(Found::Profile(id)) => return Ok(Some(*id)),
                Some(Found::Nowhere(places)) => self.unknown_profile(entry, places, None),
            }
        };
        if self.settings.on_error == Some(OnError::Continue) {
            self.say(Level::Warn, Some(problem.code), None, self.library.line(&problem));
            return Ok(None);
        }
        Err(problem)
    }

    fn unknown_profile(&self, entry: &[u8], places: &[Vec<u8>], origin: Option<Origin>) -> Problem {
        let message = format!("there is no profile `{}`; looked at {}", printable(entry), listed(places));
        let name = entry.strip_prefix(b"builtin:").unwrap_or(entry);
        let near = std::str::from_utf8(name).ok().and_then(|name| nearest(name, builtin::names()));
        let help = match near {
            Some(near) => format!("write `{near}`, which is built in"),
            None => "add the file to a layer or to the function; `forerun list` shows what is built in".to_owned(),
        };
        Problem { code: Code::ProfileNotFound, origin, message, help: Some(help) }
    }

    fn default_profile(&mut self, others: bool) -> Result<Option<ProfileId>, Problem> {
        if others {
            return Ok(None);
        }
        let Some(family) = self.runtime().0.family else { return Ok(None) };
        if builtin::text(family.name().as_bytes()).is_none() || self.settings.skips(family.name().as_bytes()) {
            return Ok(None);
        }
        match self.find(&Reference::Builtin(family.name().into())) {
            Some(Found::Profile(id)) => Ok(Some(*id)),
            _ => Ok(None),
        }
    }

    pub(super) fn include(
        &mut self,
        profile: ProfileId,
        include: &Spanned<Template>,
        chain: &mut Vec<ProfileId>,
    ) -> Result<(), Problem> {
        let origin = Origin { profile, span: include.span };
        let entry = self.text(profile, &include.value);
        let reference = Reference::parse(&entry);
        if let Reference::Path(path) = &reference {
            self.absolute(path, origin)?;
        }
        match self.find(&reference) {
            None => Ok(()),
            Some(&Found::Profile(id)) => self.apply(id, Because::Included(origin), chain),
            Some(Found::Nowhere(places)) => Err(self.unknown_profile(&entry, places, Some(origin))),
        }
    }

    /// The outcome of a search; an unanswered question counts as nothing, and the plan is made again.
    fn find(&self, reference: &Reference) -> Option<&'p Found> {
        let found = self.library.found(reference);
        if found.is_none() {
            self.needs.borrow_mut().profiles.insert(reference.clone());
        }
        found
    }
}

fn listed(places: &[Vec<u8>]) -> String {
    places.iter().map(|place| printable(place)).collect::<Vec<_>>().join(", ")
}
