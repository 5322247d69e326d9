//! What stands for `/opt`: a folder with the unpacked layers, or a layer's zip file.
#![expect(clippy::disallowed_methods, reason = "looks into the layer that the command names")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::runtime::Arch;
use crate::tool::elf;
use crate::tool::reason;

/// How many links in a row are followed, as the kernel does.
const LINKS: u32 = 40;

/// The layer.
#[derive(Debug)]
pub(in crate::tool) struct Root {
    /// How it was named.
    pub(super) shown: String,
    /// The architecture of its launcher, or of its extensions.
    pub(super) arch: Option<Arch>,
    files: Files,
}

#[derive(Debug)]
enum Files {
    Folder(PathBuf),
    /// Path without the slash in front, and what the archive says of it.
    Zip(BTreeMap<String, Zipped>, RefCell<ZipArchive<Cursor<Vec<u8>>>>),
}

#[derive(Debug)]
struct Zipped {
    number: usize,
    kind: Kind,
    mode: Option<u32>,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link out of the layer, or something else that cannot be looked into.
    Other,
}

/// Something in the layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Whether anybody may execute it.
    pub(super) executable: bool,
}

impl Root {
    /// Opens a folder or a zip file.
    ///
    /// # Errors
    ///
    /// Why neither can be read.
    pub(in crate::tool) fn open(path: &Path) -> Result<Root, String> {
        let files = if path.is_dir() {
            Files::Folder(path.into())
        } else if path.exists() && !path.is_file() {
            return Err("this is neither a folder nor a file".to_owned());
        } else {
            let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
            let mut archive =
                ZipArchive::new(Cursor::new(bytes)).map_err(|_| "this is neither a folder nor a zip file")?;
            let mut entries = BTreeMap::new();
            for number in 0..archive.len() {
                let Ok(file) = archive.by_index_raw(number) else { continue };
                let kind = match file.unix_mode().map(|mode| mode & libc::S_IFMT) {
                    _ if file.is_dir() => Kind::Folder,
                    Some(libc::S_IFLNK) => Kind::Other,
                    _ => Kind::File,
                };
                let Ok(name) = file.name() else { continue };
                let name = name.trim_matches('/').to_owned();
                entries.insert(name, Zipped { number, kind, mode: file.unix_mode() });
            }
            Files::Zip(entries, RefCell::new(archive))
        };
        let mut root = Root { shown: path.display().to_string(), arch: None, files };
        let programs = root.names("/opt/extensions").into_iter().map(|name| format!("/opt/extensions/{name}"));
        let arch = |path: String| elf::read(&root.read(&path)?).ok()?.arch;
        root.arch = std::iter::once("/opt/wrapper".to_owned()).chain(programs).find_map(arch);
        Ok(root)
    }

    /// What is at a path below `/opt`.
    pub(super) fn look(&self, path: &str) -> Option<Entry> {
        self.follow(path, LINKS)
    }

    fn follow(&self, path: &str, links: u32) -> Option<Entry> {
        let below = below(path)?;
        match &self.files {
            Files::Zip(entries, _) => match entries.get(&below) {
                // What is packed where files have no mode gets none that lets it be executed.
                Some(zipped) => Some(Entry {
                    kind: zipped.kind,
                    executable: zipped.kind == Kind::Other || zipped.mode.unwrap_or(0) & 0o111 != 0,
                }),
                None => {
                    let folder = format!("{below}/");
                    let inside = below.is_empty() || entries.keys().any(|name| name.starts_with(&folder));
                    inside.then_some(Entry { kind: Kind::Folder, executable: true })
                }
            },
            Files::Folder(folder) => {
                let real = folder.join(&below);
                match std::fs::metadata(&real) {
                    Ok(found) => {
                        let kind = match () {
                            () if found.is_dir() => Kind::Folder,
                            () if found.is_file() => Kind::File,
                            () => Kind::Other,
                        };
                        Some(Entry { kind, executable: found.permissions().mode() & 0o111 != 0 })
                    }
                    // A link that is good on Lambda may lead nowhere here.
                    Err(_) => match std::fs::read_link(&real) {
                        Ok(target) if target.starts_with("/opt") && links > 0 => {
                            self.follow(target.to_str()?, links - 1)
                        }
                        Ok(target) if target.is_absolute() => Some(Entry { kind: Kind::Other, executable: true }),
                        _ => None,
                    },
                }
            }
        }
    }

    /// What is in a file below `/opt`.
    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        let below = below(path)?;
        match &self.files {
            Files::Folder(folder) => std::fs::read(folder.join(below)).ok(),
            Files::Zip(entries, archive) => {
                let mut archive = archive.try_borrow_mut().ok()?;
                let mut file = archive.by_index(entries.get(&below)?.number).ok()?;
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).ok()?;
                Some(bytes)
            }
        }
    }

    /// The files in a folder below `/opt`, without those in its folders.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let Some(below) = below(folder) else { return Vec::new() };
        let mut names: Vec<String> = match &self.files {
            Files::Folder(root) => {
                let entries = std::fs::read_dir(root.join(below)).into_iter().flatten().flatten();
                entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
            }
            Files::Zip(entries, _) => {
                let prefix = if below.is_empty() { below } else { below + "/" };
                entries
                    .keys()
                    .filter_map(|name| name.strip_prefix(&prefix))
                    .filter(|name| !name.contains('/'))
                    .map(str::to_owned)
                    .collect()
            }
        };
        let is_file =
            |name: &String| self.look(&format!("{folder}/{name}")).is_some_and(|entry| entry.kind != Kind::Folder);
        names.retain(is_file);
        names.sort();
        names
    }

    /// The path on Lambda of a file of this machine that lies in the layer.
    pub(super) fn path_of(&self, file: &Path) -> Option<String> {
        let Files::Folder(folder) = &self.files else { return None };
        let (file, folder) = (std::fs::canonicalize(file).ok()?, std::fs::canonicalize(folder).ok()?);
        Some(format!("/opt/{}", file.strip_prefix(folder).ok()?.to_str()?))
    }
}

/// The path without `/opt`, as the kernel walks it.
fn below(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/opt").filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    let mut parts = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_walked_and_does_not_leave_the_layer() {
        assert_eq!(below("/opt//lib/./x/../y"), Some("lib/y".to_owned()));
        assert_eq!(below("/opt"), Some(String::new()));
        assert_eq!(below("/opt/../etc/passwd"), None);
        assert_eq!(below("/optional/x"), None);
    }
}
