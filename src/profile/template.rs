//! Texts with `${…}` in them: parsed once, expanded while planning, never scanned twice.

/// A text with variables in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The pieces in their order.
    pub parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Literal(Vec<u8>),
    /// `${NAME}`, `${NAME:-text}`, `${NAME%.*}`
    Variable {
        /// The variable's name.
        name: Vec<u8>,
        /// What to take of it.
        form: Form,
    },
    /// `${forerun.…}`
    Own(Own),
    /// `${0}`: the old interpreter. Only as a whole element of `args.command`.
    Interpreter,
    /// `${1..}`: the old arguments. Only as a whole element of `args.command`.
    Arguments,
}

/// What is taken of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Its value.
    Plain,
    /// Its value, or this text when it is unset or empty.
    Or(Vec<u8>),
    /// Its value without the last `.suffix`.
    Stem,
}

/// What forerun itself knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// `${forerun.runtime_version}`: `3.12`, `20`, `17`; missing when it is not known.
    RuntimeVersion,
    /// `${forerun.arch}`: `x86_64` or `arm64`.
    Arch,
    /// `${forerun.profile_dir}`: the folder that holds the profile; missing for a built-in one.
    ProfileDir,
    /// `${forerun.working_dir}`: the folder that the runtime is started in.
    WorkingDir,
}

/// The names behind `forerun.`.
pub const OWN: [(&str, Own); 4] = [
    ("runtime_version", Own::RuntimeVersion),
    ("arch", Own::Arch),
    ("profile_dir", Own::ProfileDir),
    ("working_dir", Own::WorkingDir),
];

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// A lone `$`, an unclosed or nested `${`, a NUL, an unknown `${forerun.…}`, a name that no variable can have:
    /// what is wrong, in words.
    pub fn parse(text: &str) -> Result<Template, String> {
        if text.bytes().any(|byte| byte == 0) {
            return Err("a value cannot contain NUL: neither the environment nor argv can hold it".into());
        }
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut rest = text;
        while let Some(dollar) = rest.bytes().position(|byte| byte == b'$') {
            literal.extend_from_slice(&rest.as_bytes()[..dollar]);
            let behind = &rest[dollar + 1..];
            if let Some(after) = behind.strip_prefix('$') {
                literal.push(b'$');
                rest = after;
            } else if let Some(inside) = behind.strip_prefix('{') {
                let end = inside
                    .bytes()
                    .position(|byte| byte == b'}')
                    .ok_or("`${` is not closed; write `$${` for the two characters")?;
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::parse(&inside[..end])?);
                rest = &inside[end + 1..];
            } else {
                return Err("a lone `$`; write `$$` for a dollar sign and `${NAME}` for a variable".into());
            }
        }
        literal.extend_from_slice(rest.as_bytes());
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Template { parts })
    }

    /// The whole text, when it has no variables.
    pub fn literal(&self) -> Option<&[u8]> {
        match &self.parts[..] {
            [] => Some(b""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The literal text that it begins with.
    pub fn leading(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Literal(text)) => text,
            _ => b"",
        }
    }

    /// The literal pieces.
    pub fn literals(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(&text[..]),
            _ => None,
        })
    }
}

impl Part {
    fn parse(inside: &str) -> Result<Part, String> {
        match inside {
            "0" => return Ok(Part::Interpreter),
            "1.." => return Ok(Part::Arguments),
            _ => {}
        }
        if let Some(name) = inside.strip_prefix("forerun.") {
            return OWN.iter().find(|own| own.0 == name).map(|own| Part::Own(own.1)).ok_or_else(|| {
                let known = OWN.map(|own| format!("`${{forerun.{}}}`", own.0)).join(", ");
                format!("there is no `${{forerun.{name}}}`; known are {known}")
            });
        }
        if inside.as_bytes().windows(2).any(|pair| pair == b"${") {
            return Err("`${…}` inside `${…}`: templates do not nest; use a rule of its own for the inner value".into());
        }
        let (name, form) = match inside.bytes().position(|byte| matches!(byte, b':' | b'%')) {
            None => (inside, Form::Plain),
            Some(at) if inside[at..].starts_with(":-") => {
                let mut fallback = Vec::new();
                let mut pieces = inside[at + 2..].split('$');
                fallback.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
                while let Some(piece) = pieces.next() {
                    if !piece.is_empty() {
                        return Err("a lone `$` in the fallback; write `$$` for a dollar sign".into());
                    }
                    fallback.push(b'$');
                    fallback.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
                }
                (&inside[..at], Form::Or(fallback))
            }
            Some(at) if &inside[at..] == "%.*" => (&inside[..at], Form::Stem),
            Some(_) => {
                return Err(format!(
                    "`${{{inside}}}` is not a form of a template; known are `${{NAME}}`, `${{NAME:-text}}` and `${{NAME%.*}}`"
                ));
            }
        };
        let odd = |byte: u8| matches!(byte, b'=' | b'{' | b'$') || byte.is_ascii_whitespace();
        if name.is_empty() || name.bytes().any(odd) || name.as_bytes()[0].is_ascii_digit() {
            return Err(format!("`{name}` in `${{{inside}}}` is not the name of a variable"));
        }
        Ok(Part::Variable { name: name.as_bytes().to_vec(), form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, form: Form) -> Part {
        Part::Variable { name: name.into(), form }
    }

    #[test]
    fn every_form_parses() {
        let parts = Template::parse("a$$${A}${B:-x:y$$}${_HANDLER%.*}${forerun.arch}").unwrap().parts;
        assert_eq!(
            parts,
            [
                Part::Literal(b"a$".to_vec()),
                variable("A", Form::Plain),
                variable("B", Form::Or(b"x:y$".to_vec())),
                variable("_HANDLER", Form::Stem),
                Part::Own(Own::Arch),
            ]
        );
    }

    #[test]
    fn what_is_not_a_template_is_refused() {
        for text in
            ["$", "a$b", "${", "${}", "${A", "${A:-${B}}", "${A B}", "${A%.x}", "${A=b}", "${2}", "${forerun.x}", "\0"]
        {
            assert!(Template::parse(text).is_err(), "{text:?}");
        }
    }
}
