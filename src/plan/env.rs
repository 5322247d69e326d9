//! Edits of variables: from the environment as the rule found it to new values.

use super::Planner;
use super::list;
use crate::detect;
use crate::problem::{Code, Origin, Problem, ProfileId, Span, printable};
use crate::profile::lists::{Kind, List, Quoting};
use crate::profile::{Edit, Extend, Items, Operation, Value};

/// What becomes of a variable: `None` nothing, `Some(None)` it is removed.
pub(super) type NewValue = Option<Option<Vec<u8>>>;

/// The process whose variable is edited.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    Runtime,
    Sidecar,
}

impl Planner<'_, '_> {
    /// The new value of a variable that is `old` now. Templates read the runtime's environment.
    pub(super) fn edit(
        &mut self,
        profile: ProfileId,
        edit: &Edit,
        old: Option<Vec<u8>>,
        of: Process,
    ) -> Result<NewValue, Problem> {
        if !edit.if_exists.is_empty() && !self.any_exists(profile, edit.span, &edit.if_exists)? {
            return Ok(None);
        }
        let empty = old.as_ref().is_none_or(Vec::is_empty);
        let new = match &edit.operation {
            Operation::Keep => old.map(Some),
            Operation::Set(value) => self.value(profile, edit.span, value)?.map(Some),
            Operation::Default(_) if !empty => edit.lowercase.then_some(old),
            Operation::Default(value) => {
                self.value(profile, edit.span, value)?.filter(|value| !value.is_empty()).map(Some)
            }
            Operation::Unset => Some(None),
            Operation::Extend { base, extend } => {
                let old = self.base(profile, edit, old, base.as_ref(), of)?;
                let new = self.extend(profile, edit.span, &edit.name, &old, extend)?;
                new.or_else(|| (empty && base.is_some() && !old.is_empty()).then_some(old)).map(Some)
            }
            Operation::Pairs { base, pairs, keep, list } => {
                let old = self.base(profile, edit, old, base.as_ref(), of)?;
                let pairs: Vec<_> =
                    pairs.iter().filter_map(|(key, value)| Some((&key[..], self.whole(profile, value)?))).collect();
                let (new, unwritable) = list::set_pairs(&old, &pairs, *keep, list);
                for key in unwritable {
                    let text = format!(
                        "the value of `{}` holds the separator of `{}`, so the pair is left out",
                        printable(key),
                        printable(&edit.name)
                    );
                    self.warn(Code::ElementUnwritable, profile, edit.span, text);
                }
                new.or_else(|| (empty && !old.is_empty()).then_some(old)).map(Some)
            }
        };
        let fold = |mut value: Vec<u8>| {
            if edit.lowercase {
                value.make_ascii_lowercase();
            }
            value
        };
        Ok(new.map(|value| value.map(fold)))
    }

    /// A single value; `None`, with a warning, when none of its paths exists.
    pub(super) fn value(&mut self, profile: ProfileId, span: Span, value: &Value) -> Result<Option<Vec<u8>>, Problem> {
        match value {
            Value::Text(text) => Ok(Some(self.text(profile, text))),
            Value::FirstExisting(paths) => {
                let found = self.first_existing(profile, span, paths)?;
                if found.is_none() {
                    self.none_exists(profile, span);
                }
                Ok(found)
            }
        }
    }

    fn none_exists(&mut self, profile: ProfileId, span: Span) {
        self.warn(
            Code::NoneExists,
            profile,
            span,
            "none of the paths in `first_existing` exists, so nothing is changed",
        );
    }

    /// What a list operation starts from.
    fn base(
        &mut self,
        profile: ProfileId,
        edit: &Edit,
        old: Option<Vec<u8>>,
        base: Option<&Value>,
        of: Process,
    ) -> Result<Vec<u8>, Problem> {
        if let Some(old) = old.filter(|old| !old.is_empty()) {
            return Ok(old);
        }
        match base {
            Some(base) => Ok(self.value(profile, edit.span, base)?.unwrap_or_default()),
            None if of == Process::Runtime && edit.name == b"PYTHONPATH" && detect::is_managed_python(self.start) => {
                Ok(self.managed_python_path())
            }
            None => Ok(Vec::new()),
        }
    }

    /// What the managed Python bootstrap puts on `sys.path`, and into PYTHONPATH for child processes, as long as
    /// PYTHONPATH is unset: it stops once a profile sets the variable, and packages in layers would be lost
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath>).
    fn managed_python_path(&self) -> Vec<u8> {
        let mut paths = Vec::new();
        let version = self.runtime().0.version;
        if let Some(version) = version {
            paths.push(format!("/opt/python/lib/python{version}/site-packages").into_bytes());
        }
        paths.push(b"/opt/python".to_vec());
        if let Some(version) = version {
            paths.push(format!("/var/lang/lib/python{version}/site-packages").into_bytes());
        }
        paths.push(self.start.env.filled(b"LAMBDA_RUNTIME_DIR").unwrap_or(b"/var/runtime").to_vec());
        paths.retain(|path| self.exists(path));
        paths.join(&b':')
    }

    /// Adds to the list in a variable or behind a flag; `None`: nothing to add.
    pub(super) fn extend(
        &mut self,
        profile: ProfileId,
        span: Span,
        name: &[u8],
        old: &[u8],
        extend: &Extend,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let Extend { place, items, list } = extend;
        let new: Vec<Vec<u8>> = match items {
            Items::Raw(raw) => vec![self.text(profile, raw)],
            // The elements of an option list belong together: `--import` without its file would take the next option.
            Items::Elements(elements) if matches!(list.kind, Kind::Options(_)) => {
                let whole: Option<_> = elements.iter().map(|element| self.whole(profile, element)).collect();
                whole.unwrap_or_default()
            }
            Items::Elements(elements) => elements.iter().filter_map(|element| self.whole(profile, element)).collect(),
            Items::FirstExisting(paths) => {
                let found = self.first_existing(profile, span, paths)?;
                if found.is_none() {
                    self.none_exists(profile, span);
                }
                found.into_iter().collect()
            }
        };
        match list.kind {
            Kind::Options(quoting) => {
                self.check_quotes(profile, span, name, old, quoting);
                if let (Items::Raw(_), [raw]) = (items, &new[..]) {
                    return Ok(list::extend_raw_options(old, *place, raw, list, quoting));
                }
                list::extend_options(old, *place, &new, list, quoting).map_err(|_| {
                    let message = format!("`{}` has no quoting, and an element has white space in it", printable(name));
                    Problem::at(Code::ElementUnwritable, Origin { profile, span }, message)
                        .help("write one element for each word, or use a path without spaces")
                })
            }
            Kind::Elements { .. } | Kind::Pairs { .. } => {
                let old = unify(name, old, list);
                let new: Vec<Vec<u8>> = new.iter().map(|new| unify(name, new, list)).collect();
                let parts: Vec<&[u8]> = new.iter().flat_map(|new| list::elements(new, list)).collect();
                if let (Kind::Elements { absolute: true }, Items::Elements(_)) = (list.kind, items) {
                    for part in &parts {
                        self.absolute(part, Origin { profile, span })?;
                    }
                }
                Ok(list::extend_elements(&old, *place, &parts, list))
            }
        }
    }

    fn check_quotes(&mut self, profile: ProfileId, span: Span, name: &[u8], old: &[u8], quoting: Quoting) {
        if !list::tokens(old, quoting).1 {
            let text = format!("the old value of `{}` has a quote that does not end", printable(name));
            self.warn(Code::UnterminatedQuote, profile, span, text);
        }
    }
}

/// ld.so(8) takes spaces in LD_PRELOAD for separators as well.
fn unify(name: &[u8], value: &[u8], list: &List) -> Vec<u8> {
    let mut value = value.to_vec();
    if name == b"LD_PRELOAD" {
        value.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = list.separator[0]);
    }
    value
}
