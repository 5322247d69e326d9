//! Templates become bytes.

use std::borrow::Cow;

use super::Planner;
use crate::problem::{Code, Origin, Problem, ProfileId, Span, printable};
use crate::profile::template::{Form, Own, Part, Template};

/// A pattern: bytes, and wildcards that only the profile's own text can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Many,
}

impl<'p> Planner<'p, '_> {
    /// A value or argument: a missing variable is empty.
    pub(super) fn text(&self, profile: ProfileId, template: &Template) -> Vec<u8> {
        let mut text = Vec::new();
        for part in &template.parts {
            text.extend_from_slice(self.part(profile, part).unwrap_or_default().as_ref());
        }
        text
    }

    /// A list element, pair or path: `None` when it has a missing variable in it.
    pub(super) fn whole(&self, profile: ProfileId, template: &Template) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        for part in &template.parts {
            text.extend_from_slice(self.part(profile, part)?.as_ref());
        }
        Some(text)
    }

    /// A glob; `None` when it has a missing variable in it.
    pub(super) fn glob(&self, profile: ProfileId, template: &Template) -> Option<Vec<Pattern>> {
        let mut glob = Vec::new();
        for part in &template.parts {
            let text = self.part(profile, part)?;
            let wild = matches!(part, Part::Literal(_));
            glob.extend(text.iter().map(|&byte| match byte {
                b'*' if wild => Pattern::Many,
                b'?' if wild => Pattern::One,
                byte => Pattern::Byte(byte),
            }));
        }
        Some(glob)
    }

    /// The first of these paths that exists.
    pub(super) fn first_existing(
        &self,
        profile: ProfileId,
        span: Span,
        paths: &[Template],
    ) -> Result<Option<Vec<u8>>, Problem> {
        for path in paths {
            let Some(path) = self.whole(profile, path) else { continue };
            self.absolute(&path, Origin { profile, span })?;
            if self.exists(&path) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    pub(super) fn absolute(&self, path: &[u8], origin: Origin) -> Result<(), Problem> {
        if path.starts_with(b"/") {
            return Ok(());
        }
        let message = "the path becomes relative, and that means something else in every working directory";
        Err(Problem::at(Code::RelativePath, origin, message).help("check the variable that it begins with"))
    }

    fn part<'t>(&'t self, profile: ProfileId, part: &'t Part) -> Option<Cow<'t, [u8]>> {
        let value = |name: &[u8]| self.state.env.filled(name);
        match part {
            Part::Literal(text) => Some(text[..].into()),
            Part::Variable { name, form: Form::Plain } => value(name).map(Into::into),
            Part::Variable { name, form: Form::Or(text) } => {
                Some(value(name).map_or(text[..].to_vec().into(), Into::into))
            }
            Part::Variable { name, form: Form::Stem } => {
                let value = value(name)?;
                let dot = value.iter().rposition(|&byte| byte == b'.').unwrap_or(value.len());
                Some(value[..dot].into())
            }
            Part::Own(Own::RuntimeVersion) => {
                self.runtime().0.version.map(|version| version.to_string().into_bytes().into())
            }
            Part::Own(Own::Arch) => Some(self.start.arch.name().as_bytes().into()),
            Part::Own(Own::ProfileDir) => self.library.source(profile).folder().map(Into::into),
            Part::Own(Own::WorkingDir) => self.working_dir().map(Into::into),
            // The parser lets them stand in `args.command` only, which expands them itself.
            Part::Interpreter | Part::Arguments => None,
        }
    }
}

/// Whether a glob matches the whole text.
pub(super) fn matches(glob: &[Pattern], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while from < text.len() {
        match glob.get(at) {
            Some(Pattern::Many) => {
                retry = Some((at + 1, from));
                at += 1;
                continue;
            }
            Some(Pattern::One) => {}
            Some(&Pattern::Byte(byte)) if byte == text[from] => {}
            _ => match retry {
                Some((star, begun)) => {
                    (at, from) = (star, begun + 1);
                    retry = Some((star, begun + 1));
                    continue;
                }
                None => return false,
            },
        }
        (at, from) = (at + 1, from + 1);
    }
    glob[at..].iter().all(|&pattern| pattern == Pattern::Many)
}

/// How a template reads, for messages: with its variables' names in place of their values.
pub(super) fn shown(template: &Template) -> String {
    template.parts.iter().map(part_shown).collect()
}

fn part_shown(part: &Part) -> String {
    match part {
        Part::Literal(text) => printable(text),
        Part::Variable { name, .. } => format!("${{{}}}", printable(name)),
        _ => "${…}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        let glob = |text: &str| -> Vec<Pattern> {
            text.bytes()
                .map(|byte| match byte {
                    b'*' => Pattern::Many,
                    b'?' => Pattern::One,
                    byte => Pattern::Byte(byte),
                })
                .collect()
        };
        for (pattern, text, expected) in [
            ("-XX:*", "-XX:+UseSerialGC", true),
            ("-XX:*", "-X", false),
            ("*GC", "-XX:+UseSerialGC", true),
            ("a*b*c", "axxbyybc", true),
            ("a*b*c", "axxbyyb", false),
            ("?", "", false),
            ("?*", "x", true),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(&glob(pattern), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
