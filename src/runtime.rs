//! Runtimes as Lambda names them: a family (`python`) and, where it is known, a version (`3.12`).

use std::fmt;

/// A family of runtimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// .NET, class library, executable assembly or native binary.
    Dotnet,
    /// Java, the managed runtimes and the runtime interface client.
    Java,
    /// Node.js.
    Nodejs,
    /// An OS-only runtime: the argv is the function's own program.
    Provided,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
}

impl Family {
    /// All families, in the order of their names.
    pub const ALL: [Family; 6] =
        [Family::Dotnet, Family::Java, Family::Nodejs, Family::Provided, Family::Python, Family::Ruby];

    /// The name as Lambda's runtime identifiers begin.
    pub fn name(self) -> &'static str {
        match self {
            Family::Dotnet => "dotnet",
            Family::Java => "java",
            Family::Nodejs => "nodejs",
            Family::Provided => "provided",
            Family::Python => "python",
            Family::Ruby => "ruby",
        }
    }

    /// The family of that name.
    pub fn named(name: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.name() == name)
    }
}

/// A version, as far as a runtime identifier tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The number before the dot.
    pub major: u32,
    /// The number after it; `None` where the identifier has none (`nodejs20.x`, `java21`).
    pub minor: Option<u32>,
}

impl Version {
    /// Reads the version at the end of an identifier: `3.12`, `20.x`, `8.al2`, `17`.
    pub fn parse(text: &[u8]) -> Option<Version> {
        let mut parts = text.split(|&byte| byte == b'.');
        let major = number(parts.next()?)?;
        let minor = match parts.next() {
            // `.x`, and the Amazon Linux that java8.al2 names, are not part of the version.
            None | Some(b"x") => None,
            Some(system) if system.strip_prefix(b"al").is_some_and(|year| number(year).is_some()) => None,
            Some(minor) => Some(number(minor)?),
        };
        parts.next().is_none().then_some(Version { major, minor })
    }

    /// For comparisons with `<`, `<=`, `>`, `>=`: a missing minor number counts as 0.
    pub fn numeric(self) -> (u32, u32) {
        (self.major, self.minor.unwrap_or(0))
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| all_digits)?.parse().ok()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major)?;
        self.minor.map_or(Ok(()), |minor| write!(f, ".{minor}"))
    }
}

/// What is known of the runtime of this start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runtime {
    /// The family, `None` when nothing gave it away.
    pub family: Option<Family>,
    /// The version, `None` when only the family is known.
    pub version: Option<Version>,
}

impl Runtime {
    /// Reads a runtime identifier (`python3.12`, `nodejs20.x`, `java8.al2`, `dotnet8`, `provided.al2023`).
    /// `None` when its family is not one of ours.
    pub fn parse(identifier: &[u8]) -> Option<Runtime> {
        let digits = identifier.iter().position(|byte| !byte.is_ascii_lowercase()).unwrap_or(identifier.len());
        let (name, rest) = identifier.split_at(digits);
        let family = Family::named(std::str::from_utf8(name).ok()?)?;
        Some(Runtime { family: Some(family), version: Version::parse(rest) })
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family.map_or("unknown", Family::name))?;
        self.version.map_or(Ok(()), |version| write!(f, "{version}"))
    }
}

/// The processor architecture, by Lambda's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    /// `x86_64`
    X86_64,
    /// `arm64`
    Arm64,
}

impl Arch {
    /// The architecture that this program was compiled for.
    pub const OWN: Arch = if cfg!(target_arch = "aarch64") { Arch::Arm64 } else { Arch::X86_64 };

    /// The name in the function's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Arm64 => "arm64",
        }
    }

    /// The architecture of that name.
    pub fn named(name: &str) -> Option<Arch> {
        [Arch::X86_64, Arch::Arm64].into_iter().find(|arch| arch.name() == name)
    }
}
