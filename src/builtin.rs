//! The profiles that are part of the program.

/// Name and text of each, in the order of the names.
pub const PROFILES: [(&str, &str); 5] = [
    ("dotnet", include_str!("../profiles/dotnet.toml")),
    ("java", include_str!("../profiles/java.toml")),
    ("nodejs", include_str!("../profiles/nodejs.toml")),
    ("python", include_str!("../profiles/python.toml")),
    ("ruby", include_str!("../profiles/ruby.toml")),
];

/// The text of a built-in profile.
pub fn text(name: &[u8]) -> Option<&'static str> {
    PROFILES.iter().find(|profile| profile.0.as_bytes() == name).map(|profile| profile.1)
}
