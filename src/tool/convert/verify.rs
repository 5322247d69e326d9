//! What a profile makes of the starts that the script was tried on, and where the two differ.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CStr;

use super::list_values::{self, Pairs};
use super::run::{Run, as_start};
use super::{files, markers};
use crate::detect;
use crate::facts::Facts;
use crate::library::{Found, Library};
use crate::plan::{Halt, Plan, plan};
use crate::profile::lists::{Kind, List};
use crate::runtime::Family;
use crate::start::base_name;
use crate::tool::trial::start::FileState;

/// In what the two differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// A variable has another value.
    Variable(Vec<u8>),
    /// The command line is another one.
    Arguments,
    /// One of them does not start the runtime.
    Ending,
}

/// A profile as the launcher reads it.
#[derive(Debug)]
pub(super) struct Checked {
    library: RefCell<Library>,
    /// Variables of lists that forerun does not know, by the separators that the profile names.
    separators: BTreeMap<Vec<u8>, List>,
}

impl Checked {
    /// Takes the text of a profile.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn new(text: &str, separators: BTreeMap<Vec<u8>, List>) -> Result<Checked, String> {
        let mut library = Library::default();
        let id = library.add(b"/opt/forerun.d/10-converted.toml".to_vec(), Ok(text.as_bytes().to_vec()));
        library.dropins.push(id);
        if let Err(problems) = &library.source(id).profile {
            let lines: Vec<String> = problems.iter().map(|problem| library.line(problem)).collect();
            return Err(lines.join("; "));
        }
        Ok(Checked { library: RefCell::new(library), separators })
    }

    /// Where the profile makes something else of the start than the script did.
    pub(super) fn differences(&self, run: &Run) -> BTreeSet<Difference> {
        let start = as_start(&run.start);
        let mut facts = Facts::default();
        let planned = loop {
            let planned = plan(&start, &self.library.borrow(), &facts);
            match planned {
                Ok(plan) => break Some(plan),
                Err(Halt::Stop(..)) => break None,
                Err(Halt::Lacks(needs)) => {
                    // There is no other profile.
                    for reference in needs.profiles {
                        self.library.borrow_mut().record(reference, Found::Nowhere(Vec::new()));
                    }
                    needs.paths.iter().for_each(|path| facts.set_exists(path, files::exists(&run.start, path)));
                    facts.set_working_dir(Some(start.task_root().to_vec()));
                    for path in &needs.contents {
                        let text = match run.start.files.get(path) {
                            Some(FileState::Text(text)) => Some(text.clone()),
                            _ => None,
                        };
                        facts.set_contents(path, text);
                    }
                }
            }
        };
        match (planned, run.started()) {
            (None, None) => BTreeSet::new(),
            (Some(plan), Some(_)) => {
                let mut differences = self.variables(&plan, run);
                let argv: Vec<Vec<u8>> = plan.argv.iter().map(|argument| argument.text.clone()).collect();
                if !same_argv(&argv, run.argv(), run) {
                    differences.insert(Difference::Arguments);
                }
                differences
            }
            _ => BTreeSet::from([Difference::Ending]),
        }
    }

    fn variables(&self, plan: &Plan<'_>, run: &Run) -> BTreeSet<Difference> {
        let mut planned: BTreeMap<&[u8], &[u8]> = BTreeMap::new();
        for entry in plan.env.iter().map(CStr::to_bytes) {
            if let Some(equals) = entry.iter().position(|&byte| byte == b'=') {
                planned.entry(&entry[..equals]).or_insert(&entry[equals + 1..]);
            }
        }
        let touched = plan.changes.iter().map(|change| &change.name[..]);
        let names: BTreeSet<&[u8]> = touched.chain(run.changed()).collect();
        let differs = |name: &&[u8]| {
            let planned = planned.get(name).copied().unwrap_or_default();
            !name.starts_with(b"FORERUN_") && !self.is_same(name, planned, run.after(name).unwrap_or_default(), run)
        };
        names.into_iter().filter(differs).map(|name| Difference::Variable(name.to_vec())).collect()
    }

    /// Whether two values of a variable mean the same to those who read it.
    fn is_same(&self, name: &[u8], planned: &[u8], found: &[u8], run: &Run) -> bool {
        if planned == found {
            return true;
        }
        let known = std::str::from_utf8(name).ok().and_then(List::known);
        let Some(list) = known.or_else(|| self.separators.get(name).cloned()) else { return false };
        let of = |value: &[u8]| list_values::elements(value, &list);
        match list.kind {
            Kind::Pairs { .. } => {
                let sorted = |value: &[u8]| {
                    let mut pairs = Pairs::read(value, &list).0;
                    pairs.sort();
                    pairs
                };
                sorted(planned) == sorted(found)
            }
            Kind::Options(_) => {
                // An option that was there already is not added by forerun.
                let unique = |value: &[u8]| {
                    let mut groups = list_values::groups(&of(value), &list);
                    let mut seen = BTreeSet::new();
                    groups.retain(|group| seen.insert(group.clone()));
                    groups
                };
                unique(planned) == unique(found)
            }
            Kind::Elements { .. } => {
                let mut runtimes_own = BTreeSet::new();
                if name == b"PYTHONPATH"
                    && run.given(name).is_empty()
                    && detect::is_managed_python(&as_start(&run.start))
                {
                    // forerun keeps what the runtime would have searched.
                    runtimes_own.extend(of(planned).into_iter().filter(|path| !of(found).contains(path)));
                }
                let unique = |value: &[u8]| {
                    let mut seen = BTreeSet::new();
                    let is_first = |element: &Vec<u8>| !runtimes_own.contains(element) && seen.insert(element.clone());
                    of(value).into_iter().filter(is_first).collect::<Vec<_>>()
                };
                unique(planned) == unique(found)
            }
        }
    }
}

/// Whether two command lines mean the same: the same arguments in the same order, but for the place of options that were
/// added in front of the script.
fn same_argv(planned: &[Vec<u8>], found: &[Vec<u8>], run: &Run) -> bool {
    let start = &run.start.argv;
    let handler = run.handler_position();
    // A profile names a program by its place that the script had found by PATH.
    let by_path = found[0] != planned[0] && !found[0].contains(&b'/') && base_name(&planned[0]) == &found[0][..];
    let found = if by_path { &[&planned[..1], &found[1..]].concat()[..] } else { found };
    let parts = |argv: &[Vec<u8>]| {
        let is_old = |argument: &&Vec<u8>| start.contains(argument);
        let kept: Vec<Vec<u8>> = argv.iter().filter(is_old).cloned().collect();
        let new: Vec<Vec<u8>> = argv.iter().filter(|argument| !is_old(argument)).cloned().collect();
        // What is there twice is there.
        let unique = |arguments: Vec<Vec<u8>>| {
            let mut seen = BTreeSet::new();
            arguments.into_iter().filter(|argument| seen.insert(argument.clone())).collect::<Vec<_>>()
        };
        (unique(kept), unique(new))
    };
    if planned.len() == 1 && start.len() == 1 && found.len() > 1 {
        return run.runtime.family == Some(Family::Provided);
    }
    let (mut planned, mut found) = (parts(planned), parts(found));
    if let Some(handler) = handler {
        // Where the handler stands in argv, forerun exchanges it there; most scripts do not.
        let old = &start[handler];
        if markers::is_made_up(old) && planned.0.contains(old) != found.0.contains(old) {
            planned.0.retain(|argument| argument != old);
            found.0.retain(|argument| argument != old);
            let redirected = run.after(b"_HANDLER").unwrap_or_default();
            planned.1.retain(|argument| argument != redirected);
            found.1.retain(|argument| argument != redirected);
        }
    }
    planned == found
}
