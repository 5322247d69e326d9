//! Text in columns, at home in a terminal of 80.

/// Breaks a text into lines at its spaces. A word that is longer than a line has one of its own.
pub(super) fn wrap_words(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Breaks a value into lines: behind a separator if there is one in the second half of the line, else anywhere.
/// Nothing is left out or added, so the lines together are the value.
pub(super) fn wrap_value(value: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest: Vec<char> = value.chars().collect();
    while rest.len() > width {
        let behind_one_of = |separators: &str| {
            (width / 2..=width).rev().find(|&at| separators.contains(rest[at - 1]) && rest[at] != ':')
        };
        let at = behind_one_of(":,; ").or_else(|| behind_one_of("/")).unwrap_or(width);
        let behind = rest.split_off(at);
        lines.push(rest.into_iter().collect());
        rest = behind;
    }
    lines.push(rest.into_iter().collect());
    lines
}

/// Fills up with spaces on the right.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{:1$}", "", width.saturating_sub(length(text)))
}

/// The number of characters.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// `1 problem`, `2 problems`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wrapped_value_is_whole_and_narrow(value in "\\PC{0,90}", width in 2..40usize) {
            let lines = wrap_value(&value, width);
            prop_assert_eq!(lines.concat(), value);
            prop_assert!(lines.iter().all(|line| length(line) <= width));
        }
    }

    #[test]
    fn a_value_breaks_behind_a_separator() {
        assert_eq!(wrap_value("/opt/python:/var/runtime", 20), ["/opt/python:", "/var/runtime"]);
        assert_eq!(wrap_words("one two three", 7), ["one two", "three"]);
    }
}
