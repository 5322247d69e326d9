//! Values that nobody else would use, one for each variable, so that they are recognised wherever a script puts them.

/// How every made-up value begins, but for those of paths, which have a slash in front.
const BEGIN: &[u8] = b"Mk";

/// The made-up value of the variable with this number.
///
/// It has an upper-case letter, to see whether a script folds it, and a dot, to see whether it takes the stem; and it
/// is an absolute path where the variable holds paths.
pub(super) fn value(name: &[u8], number: usize) -> Vec<u8> {
    let path = name.ends_with(b"PATH")
        || name.ends_with(b"_DIR")
        || name.ends_with(b"_ROOT")
        || name.ends_with(b"_HOME")
        || name.ends_with(b"CLASSPATH")
        || name.ends_with(b"LIB");
    // Scripts look for files there.
    let slash = match path {
        true if name == b"LAMBDA_TASK_ROOT" => "/tmp/",
        true => "/",
        false => "",
    };
    format!("{slash}Mk{number:03}q.v{number:03}").into_bytes()
}

/// The word inside of a value that nobody would use.
pub(super) fn around(word: &[u8]) -> Vec<u8> {
    [b"Mk", word, b"Mk"].concat()
}

/// Whether a value was made up here, or around a word.
pub(super) fn is_nobodys(value: &[u8]) -> bool {
    is_made_up(value) || (value.starts_with(BEGIN) && value.ends_with(BEGIN))
}

/// Whether a value was made up here.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    let rest = value.strip_prefix(b"/tmp").unwrap_or(value);
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    rest.strip_prefix(BEGIN).is_some_and(|rest| rest.len() == 9 && rest[..3].iter().all(u8::is_ascii_digit))
}
