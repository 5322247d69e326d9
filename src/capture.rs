//! The edge that reads: the profiles and the facts that a plan asks for.
#![expect(clippy::disallowed_methods, reason = "this is the one place where the launcher reads the disk")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::builtin;
use crate::facts::{Facts, Needs};
use crate::library::{Found, Library, Reference};
use crate::plan::settings;
use crate::plan::{Halt, Message, Plan, plan};
use crate::problem::{Problem, ProfileId};
use crate::start::Start;

/// Where layers put profiles that apply to every function.
const DROP_IN_FOLDER: &[u8] = b"/opt/forerun.d";
/// Larger files are not profiles or package descriptions.
const LARGEST_FILE: u64 = 16 << 20;

/// The disk as the start sees it. A laptop may look at folders in place of `/opt` and `/var/task`.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// (prefix of a path on Lambda, folder that stands for it)
    pub stand_ins: Vec<(Vec<u8>, PathBuf)>,
    /// What stands for the working directory: that of this process where it is `None`.
    pub working_dir: Option<Vec<u8>>,
}

impl Disk {
    /// The path of this machine that stands for one on Lambda.
    pub(crate) fn real(&self, path: &[u8]) -> PathBuf {
        for (prefix, folder) in &self.stand_ins {
            match path.strip_prefix(&prefix[..]) {
                Some(rest) if rest.is_empty() || rest.starts_with(b"/") => {
                    return match rest.strip_prefix(b"/") {
                        Some(below) => folder.join(OsStr::from_bytes(below)),
                        None => folder.clone(),
                    };
                }
                _ => {}
            }
        }
        OsStr::from_bytes(path).into()
    }

    /// The folder that stands for the one that a path is in, when nothing is there.
    #[cfg(feature = "tool")]
    pub(crate) fn lacks(&self, path: &[u8]) -> Option<&Path> {
        let real = self.real(path);
        let folder =
            self.stand_ins.iter().map(|(_, folder)| folder.as_path()).find(|folder| real.starts_with(folder))?;
        (!real.exists()).then_some(folder)
    }

    /// Reads the drop-ins: regular files `*.toml`, links to one included, no dotfiles, in the order of their names.
    pub fn read_drop_ins(&self, library: &mut Library) {
        let entries = match std::fs::read_dir(self.real(DROP_IN_FOLDER)) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return,
            Err(error) => {
                let id = library.add(DROP_IN_FOLDER.to_vec(), Err(error.to_string()));
                return library.dropins.push(id);
            }
        };
        let mut names = BTreeSet::new();
        for entry in entries.flatten() {
            names.insert(entry.file_name().into_vec());
        }
        for name in names.into_iter().filter(|name| name.ends_with(b".toml") && !name.starts_with(b".")) {
            let place = [DROP_IN_FOLDER, b"/", &name].concat();
            match self.read(&place) {
                // A folder of such a name, or a link that leads to one.
                None => {}
                Some(read) => {
                    let id = read.shelve(place, library);
                    library.dropins.push(id);
                }
            }
        }
    }

    /// Looks up all that a plan lacks.
    pub fn supply(&self, needs: &Needs, start: &Start<'_>, library: &mut Library, facts: &mut Facts) {
        for path in &needs.paths {
            facts.set_exists(path, self.real(path).exists());
        }
        for path in &needs.contents {
            facts.set_contents(path, self.read(path).and_then(|read| read.text.ok()));
        }
        if needs.working_dir {
            let own = || std::env::current_dir().ok().map(|path| path.into_os_string().into_vec());
            facts.set_working_dir(self.working_dir.clone().or_else(own));
        }
        for reference in &needs.profiles {
            let found = self.find(reference, start, library);
            library.record(reference.clone(), found);
        }
    }

    fn find(&self, reference: &Reference, start: &Start<'_>, library: &mut Library) -> Found {
        let (paths, built_in) = match reference {
            Reference::Path(path) => (vec![path.clone()], None),
            Reference::Builtin(name) => (vec![], Some(name)),
            Reference::Name(name) => {
                let in_folder = |folder: &[u8]| [folder, b"/forerun/", name, b".toml"].concat();
                (vec![in_folder(start.task_root()), in_folder(b"/opt")], Some(name))
            }
        };
        for path in &paths {
            if let Some(id) = library.at(path) {
                return Found::Profile(id);
            }
            if let Some(read) = self.read(path) {
                return Found::Profile(read.shelve(path.clone(), library));
            }
        }
        let mut places = paths;
        if let Some(name) = built_in {
            let place = [b"builtin:", &name[..]].concat();
            if let Some(id) = library.at(&place) {
                return Found::Profile(id);
            }
            if let Some(text) = builtin::text(name) {
                return Found::Profile(library.add(place, Ok(text.into())));
            }
            places.push(place);
        }
        Found::Nowhere(places)
    }

    /// What is in a file; `None` when there is no regular file there.
    fn read(&self, path: &[u8]) -> Option<Read> {
        read_regular(&self.real(path))
    }
}

/// A file that is there.
struct Read {
    /// Device and inode, as far as it could be opened.
    file: Option<(u64, u64)>,
    /// What is in it, or why that cannot be read.
    text: Result<Vec<u8>, String>,
}

impl Read {
    fn shelve(self, place: Vec<u8>, library: &mut Library) -> ProfileId {
        match self.file {
            Some(file) => library.add_file(place, file, self.text),
            None => library.add(place, self.text),
        }
    }
}

fn read_regular(path: &Path) -> Option<Read> {
    use std::io::Read as _;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    let unreadable = |error: std::io::Error| Some(Read { file: None, text: Err(error.to_string()) });
    // Without O_NONBLOCK a pipe of that name would hold the start up for ever.
    let opened = std::fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        // A socket.
        Err(error) if error.raw_os_error() == Some(libc::ENXIO) => return None,
        Err(error) => return unreadable(error),
    };
    let metadata = match file.metadata() {
        Ok(metadata) if metadata.is_file() => metadata,
        Ok(_) => return None,
        Err(error) => return unreadable(error),
    };
    let identity = Some((metadata.dev(), metadata.ino()));
    if metadata.len() > LARGEST_FILE {
        return Some(Read { file: identity, text: Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20)) });
    }
    let mut text = Vec::with_capacity(metadata.len() as usize + 1);
    let read = file.by_ref().take(LARGEST_FILE).read_to_end(&mut text);
    Some(Read { file: identity, text: read.map(|_| text).map_err(|error| error.to_string()) })
}

/// Why there is no plan, and the lines that were gathered before.
pub type Stopped = (Box<Problem>, Vec<Message>);

/// A start with its profiles and facts, and the plan made of them: looks up what is missing until nothing is.
///
/// # Errors
///
/// The problem that stops the start, with the lines that were gathered before it.
pub fn settle<'a>(disk: &Disk, start: &Start<'a>) -> (Library, Result<Plan<'a>, Stopped>) {
    let (mut library, mut facts) = (Library::default(), Facts::default());
    if !settings::bypass(start) {
        disk.read_drop_ins(&mut library);
    }
    // Each round answers every open question, and a question is never asked twice: the number of rounds is the length
    // of the longest chain of facts that depend on each other.
    loop {
        match plan(start, &library, &facts) {
            Ok(plan) => return (library, Ok(plan)),
            Err(Halt::Stop(problem, messages)) => return (library, Err((problem, messages))),
            Err(Halt::Lacks(needs)) => disk.supply(&needs, start, &mut library, &mut facts),
        }
    }
}
