//! The processes of a sandbox, seen from outside of it, by the numbers that they have inside.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A process; another one with the same number has another start.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) start: u64,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    pub(crate) state: char,
    pub(crate) name: String,
}

impl Process {
    /// It has ended, and nobody has asked for its status.
    pub(crate) fn is_zombie(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

impl PartialEq for Process {
    /// The same process, whatever it does now.
    fn eq(&self, other: &Process) -> bool {
        (self.pid, self.start) == (other.pid, other.start)
    }
}

/// The /proc of a sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Proc(PathBuf);

impl Proc {
    /// That of the namespaces whose PID 1 is the only child of the process `unshare`, as soon as it is mounted.
    pub(crate) fn of(unshare: u32) -> Option<Proc> {
        let children = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).ok()?;
        let first = children.split_whitespace().next()?;
        let proc = Proc(Path::new("/proc").join(first).join("root/proc"));
        // Before the mount it is ours, where PID 1 is another one.
        let namespace = |of: &Path| fs::read_link(of.join("ns/pid")).ok();
        let inside = namespace(&proc.0.join("1"))?;
        (Some(inside) == namespace(&Path::new("/proc").join(first))).then_some(proc)
    }

    /// All of them, zombies included.
    pub(crate) fn all(&self) -> Vec<Process> {
        let Ok(entries) = fs::read_dir(&self.0) else { return Vec::new() };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.filter_map(|pid| self.get(pid)).collect()
    }

    pub(crate) fn get(&self, pid: i32) -> Option<Process> {
        let text = self.text(pid, "stat")?;
        let (head, tail) = text.rsplit_once(')')?;
        let name = head.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = tail.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse().ok();
        let state = fields.first()?.chars().next()?;
        let start = fields.get(19)?.parse().ok()?;
        Some(Process { pid, start, parent: number(1)?, group: number(2)?, session: number(3)?, state, name })
    }

    pub(crate) fn arguments(&self, pid: i32) -> Vec<String> {
        self.strings(pid, "cmdline")
    }

    /// What it was started with.
    pub(crate) fn variables(&self, pid: i32) -> Vec<String> {
        self.strings(pid, "environ")
    }

    /// A line of its `status`.
    pub(crate) fn status(&self, pid: i32, key: &str) -> Option<String> {
        let text = self.text(pid, "status")?;
        text.lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(':')?.trim().to_owned()))
    }

    /// Its descriptors and what kind of thing each of them is.
    pub(crate) fn descriptors(&self, pid: i32) -> BTreeMap<u32, String> {
        let Ok(entries) = fs::read_dir(self.0.join(pid.to_string()).join("fd")) else { return BTreeMap::new() };
        let descriptors = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let target = fs::read_link(entry.path()).ok()?;
            let target = target.to_string_lossy();
            let kind = match target.split_once(":[") {
                Some((kind, _)) => kind.to_owned(),
                // The JVM opens them one day in this order and one day in that.
                None if target == "/dev/random" || target == "/dev/urandom" => "randomness".to_owned(),
                // Files of the case: it has another folder with and without a launcher.
                None => target.rsplit('/').next().unwrap_or_default().to_owned(),
            };
            Some((entry.file_name().to_str()?.parse().ok()?, kind))
        });
        descriptors.collect()
    }

    /// The TCP ports that somebody listens on.
    pub(crate) fn ports(&self) -> BTreeSet<u16> {
        let mut ports = BTreeSet::new();
        for table in ["1/net/tcp", "1/net/tcp6"] {
            let text = fs::read_to_string(self.0.join(table)).unwrap_or_default();
            ports.extend(text.lines().skip(1).filter_map(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let listens = *fields.get(3)? == "0A";
                let port = u16::from_str_radix(fields.get(1)?.rsplit(':').next()?, 16).ok()?;
                listens.then_some(port)
            }));
        }
        ports
    }

    /// The launcher's own sockets.
    pub(crate) fn own_sockets(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.join("1/net/unix")).unwrap_or_default();
        text.lines().filter_map(|line| Some(line[line.find("@forerun")?..].to_owned())).collect()
    }

    /// Whether some memory that it may write to holds one of these texts.
    pub(crate) fn remembers(&self, pid: i32, texts: &[&str]) -> bool {
        let Some(maps) = self.text(pid, "maps") else { return false };
        let Ok(mut memory) = File::open(self.0.join(pid.to_string()).join("mem")) else { return false };
        maps.lines().filter(|line| line.contains(" rw")).any(|line| {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let number = |text| u64::from_str_radix(text, 16).unwrap_or_default();
            let Some((from, to)) = range.map(|(from, to)| (number(from), number(to))) else { return false };
            let mut bytes = Vec::new();
            // What cannot be read to its end is looked at as far as it came.
            let _ = memory
                .seek(SeekFrom::Start(from))
                .and_then(|_| memory.by_ref().take(to - from).read_to_end(&mut bytes));
            texts.iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
        })
    }

    fn strings(&self, pid: i32, file: &str) -> Vec<String> {
        let bytes = fs::read(self.0.join(pid.to_string()).join(file)).unwrap_or_default();
        let parts = bytes.split(|&byte| byte == 0).filter(|part| !part.is_empty());
        parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    fn text(&self, pid: i32, file: &str) -> Option<String> {
        // What a process calls itself need not be UTF-8.
        let bytes = fs::read(self.0.join(pid.to_string()).join(file)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}
