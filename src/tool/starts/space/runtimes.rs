//! The starts of the runtimes.

use crate::runtime::{Arch, Family};
use crate::tool::known_starts::{self, KnownStart};

/// One of every family, and two of Java: the handler is in argv since Java 17.
const MANAGED: [&str; 6] = ["python3.12", "nodejs22.x", "java21", "java11", "ruby3.3", "dotnet8"];

/// The start of a runtime.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// `python3.12`, `python image`
    pub(super) label: String,
    family: &'static str,
    pub(super) argv: Vec<Vec<u8>>,
    /// Without `AWS_LAMBDA_EXEC_WRAPPER`, which names what is tried.
    pub(super) env: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where argv has the handler.
    pub(super) handler: Option<usize>,
}

impl Shape {
    fn new(label: String, family: &'static str, known: KnownStart, is_image: bool) -> Shape {
        let handler = known.env.iter().find(|(name, _)| *name == "_HANDLER").map(|(_, handler)| handler.clone());
        let last = known.argv.len() - 1;
        let has_handler = is_image || handler.as_ref() == known.argv.last();
        let env = known.env.into_iter().filter(|(name, _)| *name != "AWS_LAMBDA_EXEC_WRAPPER");
        Shape {
            label,
            family,
            argv: known.argv.into_iter().map(String::into_bytes).collect(),
            env: env.map(|(name, value)| (name.as_bytes().to_vec(), value.into_bytes())).collect(),
            handler: has_handler.then_some(last),
        }
    }

    fn managed(identifier: &'static str) -> Shape {
        let family = Family::ALL.into_iter().map(Family::name).find(|family| identifier.starts_with(family));
        let known = known_starts::start(identifier, None, Arch::X86_64);
        Shape::new(identifier.to_owned(), family.expect("identifiers begin with a family"), known, false)
    }

    /// The value of a variable that Lambda sets.
    pub(super) fn variable(&self, name: &[u8]) -> Option<&[u8]> {
        self.env.iter().find(|(other, _)| other == name).map(|(_, value)| &value[..])
    }

    /// The `AWS_EXECUTION_ENV` of another runtime.
    pub(super) fn execution_env(&self, other: Other) -> Vec<u8> {
        let mut versions = known_starts::NAMES.into_iter().filter(|name| name.starts_with(self.family));
        let version = match other {
            Other::Oldest => versions.next(),
            Other::Newest => versions.next_back(),
            Other::Family => None,
        };
        let another = if self.family == "python" { "nodejs22.x" } else { "python3.12" };
        [b"AWS_Lambda_", version.unwrap_or(another).as_bytes()].concat()
    }
}

/// Another runtime.
#[derive(Clone, Copy, Debug)]
pub(super) enum Other {
    /// The oldest version of the same family that is known; another family where there are no versions.
    Oldest,
    /// The newest one.
    Newest,
    /// One of another family.
    Family,
}

/// The shapes by these names; all of them when there are none.
pub(super) fn shapes(names: &[String]) -> Result<Vec<Shape>, String> {
    let managed = MANAGED.map(Shape::managed);
    let images = known_starts::IMAGES
        .map(|family| Shape::new(format!("{family} image"), family, known_starts::image(family), true));
    let os_only = Shape::new("an OS-only runtime".to_owned(), "provided", known_starts::os_only(), false);
    let usual: Vec<Shape> = managed.into_iter().chain(images).chain([os_only]).collect();
    if names.is_empty() {
        return Ok(usual);
    }
    let mut shapes: Vec<Shape> = Vec::new();
    for name in names {
        let of_name: Vec<Shape> = match known_starts::identifier(name) {
            Some(identifier) => vec![Shape::managed(identifier)],
            None => usual.iter().filter(|shape| shape.family == name).cloned().collect(),
        };
        if of_name.is_empty() {
            return Err(name.clone());
        }
        for shape in of_name {
            if shapes.iter().all(|other| other.label != shape.label) {
                shapes.push(shape);
            }
        }
    }
    Ok(shapes)
}
