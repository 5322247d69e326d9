//! The environment as the kernel hands it on: ordered entries of bytes, duplicates and entries without `=` included.
//!
//! An entry that no rule edits stays the very string that the process was given, in its place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::rc::Rc;

/// An ordered environment. Where a name stands twice the first entry counts, as it does for Node and Python.
#[derive(Clone, Debug, Default)]
pub struct Env<'a> {
    entries: Vec<Option<Cow<'a, CStr>>>,
    /// The names that the process was given, in the order of their hashes. Shared: a plan that is made again starts from
    /// the same environment.
    given: Rc<[Name<'a>]>,
    /// (slot of the first entry, slot of a later one of the same name)
    repeats: Rc<[(usize, usize)]>,
    /// The names that came later.
    added: BTreeMap<Vec<u8>, usize>,
}

/// A name and the slot of its first entry.
#[derive(Debug)]
struct Name<'a> {
    hash: u64,
    slot: usize,
    name: Cow<'a, [u8]>,
}

/// What an edit put out of its slot: enough to take the edit back, and to tell what changed.
#[derive(Clone, Debug)]
pub struct Displaced<'a> {
    slot: usize,
    before: Option<Cow<'a, CStr>>,
}

impl<'a> Env<'a> {
    /// Takes `NAME=value` strings in their order.
    pub fn new(strings: impl IntoIterator<Item = Cow<'a, CStr>>) -> Self {
        let entries: Vec<Option<Cow<'a, CStr>>> = strings.into_iter().map(Some).collect();
        let mut names = Vec::with_capacity(entries.len());
        for (slot, string) in entries.iter().enumerate() {
            let name = match string {
                Some(Cow::Borrowed(borrowed)) => name_of(borrowed).map(Cow::Borrowed),
                Some(Cow::Owned(owned)) => name_of(owned).map(|name| Cow::Owned(name.to_vec())),
                None => None,
            };
            names.extend(name.map(|name| Name { hash: hash(&name), slot, name }));
        }
        names.sort_unstable_by_key(|name| (name.hash, name.slot));
        let mut repeats = Vec::new();
        names.dedup_by(|later, first| {
            let same = later.name == first.name;
            if same {
                repeats.push((first.slot, later.slot));
            }
            same
        });
        Env { entries, given: names.into(), repeats: repeats.into(), added: BTreeMap::new() }
    }

    /// The value of a variable, `None` when it is unset.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        let entry = self.entries[self.slot(name)?].as_ref()?;
        entry.to_bytes().get(name.len() + 1..)
    }

    /// The value of a variable, `None` when it is unset or empty: nearly every rule treats the two alike.
    pub fn filled(&self, name: &[u8]) -> Option<&[u8]> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets (`Some`) or removes (`None`) a variable in its place, a new one at the end. Later entries of the same name
    /// go. Neither the name nor the value may contain NUL: the profile parser and the kernel see to that.
    pub fn edit(&mut self, name: &[u8], value: Option<&[u8]>) -> Vec<Displaced<'a>> {
        let slot = match self.slot(name) {
            Some(slot) => slot,
            None if value.is_none() => return Vec::new(),
            None => {
                self.entries.push(None);
                self.added.insert(name.to_vec(), self.entries.len() - 1);
                self.entries.len() - 1
            }
        };
        let mut displaced = vec![self.replace(slot, value.map(|value| entry(name, value)))];
        for position in 0..self.repeats.len() {
            let (first, later) = self.repeats[position];
            if first == slot && self.entries[later].is_some() {
                displaced.push(self.replace(later, None));
            }
        }
        displaced
    }

    /// Takes one displacement back; a series of them is taken back from its end.
    pub fn restore(&mut self, displaced: Displaced<'a>) {
        self.entries[displaced.slot] = displaced.before;
    }

    /// Whether a later entry of the same name is there too.
    pub fn is_repeated(&self, name: &[u8]) -> bool {
        let slot = self.slot(name);
        self.repeats.iter().any(|&(first, later)| Some(first) == slot && self.entries[later].is_some())
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = &CStr> {
        self.entries.iter().flatten().map(AsRef::as_ref)
    }

    /// The entries in their order, given away.
    pub fn into_strings(self) -> Vec<Cow<'a, CStr>> {
        self.entries.into_iter().flatten().collect()
    }

    fn slot(&self, name: &[u8]) -> Option<usize> {
        let hash = hash(name);
        let at = self.given.partition_point(|given| given.hash < hash);
        let same_hash = self.given[at..].iter().take_while(|given| given.hash == hash);
        match same_hash.into_iter().find(|given| *given.name == *name) {
            Some(given) => Some(given.slot),
            None => self.added.get(name).copied(),
        }
    }

    fn replace(&mut self, slot: usize, entry: Option<CString>) -> Displaced<'a> {
        let before = std::mem::replace(&mut self.entries[slot], entry.map(Cow::Owned));
        Displaced { slot, before }
    }
}

/// As FNV-1a, eight bytes at a time. Names in one environment begin alike, so comparing numbers is cheaper than comparing
/// them; names that collide are told apart by themselves.
fn hash(name: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, rest) = name.as_chunks::<8>();
    let hash = words.iter().fold(name.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, &byte| mix(hash, u64::from(byte)))
}

fn name_of(entry: &CStr) -> Option<&[u8]> {
    let bytes = entry.to_bytes();
    let equals = bytes.iter().position(|&byte| byte == b'=')?;
    (equals > 0).then(|| &bytes[..equals])
}

fn entry(name: &[u8], value: &[u8]) -> CString {
    let mut bytes = Vec::with_capacity(name.len() + value.len() + 2);
    bytes.extend_from_slice(name);
    bytes.push(b'=');
    bytes.extend_from_slice(value);
    CString::new(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(strings: &[&'static CStr]) -> Env<'static> {
        Env::new(strings.iter().map(|&string| Cow::Borrowed(string)))
    }

    fn strings<'e>(env: &'e Env<'_>) -> Vec<&'e CStr> {
        env.iter().collect()
    }

    #[test]
    fn the_first_of_a_duplicate_is_read_and_edited_and_the_rest_dropped() {
        let mut env = env(&[c"A=1", c"odd", c"B=2", c"A=3", c"=x"]);
        assert_eq!(env.get(b"A"), Some(&b"1"[..]));
        let displaced = env.edit(b"A", Some(b"new"));
        assert_eq!(strings(&env), [c"A=new", c"odd", c"B=2", c"=x"]);
        for one in displaced.into_iter().rev() {
            env.restore(one);
        }
        assert_eq!(strings(&env), [c"A=1", c"odd", c"B=2", c"A=3", c"=x"]);
    }

    #[test]
    fn a_new_variable_comes_last_and_a_removed_one_is_unset() {
        let mut env = env(&[c"A=1", c"B="]);
        env.edit(b"C", Some(b"3"));
        env.edit(b"A", None);
        assert_eq!(strings(&env), [c"B=", c"C=3"]);
        assert_eq!((env.get(b"A"), env.get(b"B"), env.filled(b"B")), (None, Some(&b""[..]), None));
    }
}
