//! Conditions.

use std::fmt;

use super::expand::matches;
use super::settings::truthy;
use super::{Planner, package};
use crate::problem::{Problem, ProfileId, Span, printable};
use crate::profile::template::Template;
use crate::profile::{Bound, EnvTest, Module, RuntimeTest, When};
use crate::runtime::{Runtime, Version};
use crate::start::base_name;

/// The part of a condition that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unmet<'p> {
    key: &'static str,
    variable: &'p [u8],
}

impl fmt::Display for Unmet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "when.{}", self.key)?;
        if self.variable.is_empty() { Ok(()) } else { write!(f, ".{}", printable(self.variable)) }
    }
}

impl<'p> Planner<'p, '_> {
    /// The first part of a condition that does not hold, `None` when all hold.
    pub(super) fn unmet(&self, profile: ProfileId, when: &'p When) -> Result<Option<Unmet<'p>>, Problem> {
        let key = |key| Ok(Some(Unmet { key, variable: b"" }));
        if !when.runtime.is_empty() && !when.runtime.iter().any(|test| self.is_runtime(test)) {
            return key("runtime");
        }
        if !when.arch.is_empty() && !when.arch.contains(&self.start.arch) {
            return key("arch");
        }
        if !when.init.is_empty() && !when.init.iter().any(|wanted| wanted.as_bytes() == self.start.init_type()) {
            return key("init");
        }
        for (name, tests) in &when.env {
            if !tests.iter().all(|test| self.variable_passes(profile, name, test)) {
                return Ok(Some(Unmet { key: "env", variable: name }));
            }
        }
        if !when.module.is_empty() && !self.module().is_some_and(|module| when.module.contains(&module)) {
            return key("module");
        }
        if !when.exists.is_empty() && !self.any_exists(profile, when.span, &when.exists)? {
            return key("exists");
        }
        if let Some(not) = &when.not
            && self.unmet(profile, not)?.is_none()
        {
            return key("not");
        }
        for all in &when.all {
            if self.unmet(profile, all)?.is_some() {
                return key("all");
            }
        }
        if let Some(any) = &when.any {
            for one in any {
                if self.unmet(profile, one)?.is_none() {
                    return Ok(None);
                }
            }
            return key("any");
        }
        Ok(None)
    }

    /// Whether one of these paths exists; one with a missing variable does not.
    pub(super) fn any_exists(&self, profile: ProfileId, span: Span, paths: &[Template]) -> Result<bool, Problem> {
        Ok(self.first_existing(profile, span, paths)?.is_some())
    }

    fn is_runtime(&self, test: &RuntimeTest) -> bool {
        is_runtime(self.runtime().0, test)
    }

    fn variable_passes(&self, profile: ProfileId, name: &[u8], test: &EnvTest) -> bool {
        let value = self.state.env.get(name).unwrap_or_default();
        match test {
            EnvTest::OneOf(wanted) => wanted.iter().any(|wanted| self.text(profile, wanted) == value),
            EnvTest::Truthy(wanted) => truthy(value) == *wanted,
            EnvTest::Empty(wanted) => value.is_empty() == *wanted,
            EnvTest::Contains(part) => self
                .whole(profile, part)
                .is_some_and(|part| value.windows(part.len().max(1)).any(|window| window == part)),
            EnvTest::Matches(glob) => self.glob(profile, glob).is_some_and(|glob| matches(&glob, value)),
        }
    }

    /// How Node.js loads the handler's file, by the rules of its runtime client and of Node
    /// (<https://nodejs.org/api/packages.html#determining-module-system>).
    fn module(&self) -> Option<Module> {
        let handler = self.start.env.filled(b"_HANDLER")?;
        let folder = handler.len() - base_name(handler).len();
        let dot = handler[folder..].iter().position(|&byte| byte == b'.').map_or(handler.len(), |dot| folder + dot);
        let stem = [self.start.task_root(), b"/", &handler[..dot]].concat();
        let file = |extension: &[u8]| self.exists(&[&stem[..], extension].concat());
        let there = [file(b""), file(b".js"), file(b".mjs"), file(b".cjs")];
        match there {
            [true, ..] => Some(Module::CommonJs),
            [_, true, ..] => Some(if self.package_says_module(&stem) { Module::Esm } else { Module::CommonJs }),
            [_, _, true, _] => Some(Module::Esm),
            [_, _, _, true] => Some(Module::CommonJs),
            _ => None,
        }
    }

    /// Whether the nearest package.json above a file has `"type": "module"`.
    fn package_says_module(&self, file: &[u8]) -> bool {
        let mut folder = file;
        while let Some(slash) = folder.iter().rposition(|&byte| byte == b'/') {
            folder = &folder[..slash];
            if base_name(folder) == b"node_modules" {
                break;
            }
            if let Some(text) = self.contents(&[folder, b"/package.json"].concat()) {
                return package::is_module(text);
            }
        }
        false
    }
}

/// Whether a runtime passes a test.
pub(crate) fn is_runtime(runtime: Runtime, test: &RuntimeTest) -> bool {
    runtime.family == Some(test.family)
        && test.bounds.iter().all(|&(bound, wanted)| keeps(runtime.version, bound, wanted))
}

/// Whether a version keeps a bound. An unknown one is taken for a new one: it keeps `>` and `>=` only.
fn keeps(version: Option<Version>, bound: Bound, wanted: Version) -> bool {
    let Some(version) = version else { return matches!(bound, Bound::Above | Bound::AtLeast) };
    // `python3` in argv tells the major number only: whether it is 3.12 or above is not known.
    if version.minor.is_none() && wanted.minor.is_some() && version.major == wanted.major {
        return matches!(bound, Bound::Above | Bound::AtLeast);
    }
    match bound {
        Bound::Exactly => version.major == wanted.major && (wanted.minor.is_none() || wanted.minor == version.minor),
        Bound::Below => version.numeric() < wanted.numeric(),
        Bound::AtMost => version.numeric() <= wanted.numeric(),
        Bound::Above => version.numeric() > wanted.numeric(),
        Bound::AtLeast => version.numeric() >= wanted.numeric(),
    }
}
