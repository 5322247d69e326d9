//! Values that are lists, taken apart as the programs that read them do.

use crate::plan::tokens;
use crate::profile::lists::{Kind, List};

/// The elements of a list, without the empty ones; of an option list the options.
pub(super) fn elements(value: &[u8], list: &List) -> Vec<Vec<u8>> {
    if let Kind::Options(quoting) = list.kind {
        return tokens(value, quoting).0;
    }
    let mut elements = Vec::new();
    let mut rest = value;
    loop {
        let width = list.separator.len();
        let end = rest.windows(width).position(|window| window == list.separator).unwrap_or(rest.len());
        if end > 0 {
            elements.push(rest[..end].to_vec());
        }
        match rest.get(end + width..) {
            Some(behind) => rest = behind,
            None => return elements,
        }
    }
}

/// The elements in groups that belong together: an option and its value, else one by one.
pub(super) fn groups(elements: &[Vec<u8>], list: &List) -> Vec<Vec<Vec<u8>>> {
    let mut groups: Vec<Vec<Vec<u8>>> = Vec::new();
    for element in elements {
        match groups.last_mut() {
            Some(last) if matches!(list.kind, Kind::Options(_)) && takes_value(&last[0]) && !is_option(element) => {
                last.push(element.clone());
            }
            _ => groups.push(vec![element.clone()]),
        }
    }
    groups
}

/// Whether an argument looks like an option.
pub(super) fn is_option(argument: &[u8]) -> bool {
    argument.first() == Some(&b'-')
}

fn takes_value(argument: &[u8]) -> bool {
    is_option(argument) && !argument.contains(&b'=') && !argument.contains(&b':')
}

/// Whether elements stand somewhere in this order, next to each other.
pub(super) fn has_run(there: &[Vec<u8>], run: &[Vec<u8>]) -> bool {
    position(there, run).is_some()
}

/// Where elements stand in this order, next to each other.
pub(super) fn position(there: &[Vec<u8>], run: &[Vec<u8>]) -> Option<usize> {
    there.windows(run.len().max(1)).position(|window| window == run)
}

/// Keys and values in their order. Of a key that stands twice the last value counts, as for those who read such lists.
#[derive(Debug, Default)]
pub(super) struct Pairs(pub(super) Vec<(Vec<u8>, Vec<u8>)>);

impl Pairs {
    /// Pairs without a value are left out.
    pub(super) fn read(value: &[u8], list: &List) -> Pairs {
        let Kind::Pairs { assign, encoded } = list.kind else { return Pairs::default() };
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for element in elements(value, list) {
            let Some(at) = element.iter().position(|&byte| byte == assign) else { continue };
            let (key, value) = (element[..at].trim_ascii().to_vec(), element[at + 1..].to_vec());
            if value.is_empty() {
                continue;
            }
            let value = if encoded { percent_decoded(&value) } else { value };
            match pairs.iter_mut().find(|pair| pair.0 == key) {
                Some(pair) => pair.1 = value,
                None => pairs.push((key, value)),
            }
        }
        Pairs(pairs)
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&Vec<u8>> {
        self.0.iter().find(|pair| pair.0 == key).map(|pair| &pair.1)
    }
}

/// Encoded or not, it is the same value to those who read it.
fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| byte == b'%') {
            Some(code) => {
                decoded.push(code);
                rest = &behind[2..];
            }
            None => {
                decoded.push(byte);
                rest = behind;
            }
        }
    }
    decoded
}
