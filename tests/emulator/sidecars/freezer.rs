//! Stops all processes of a function as the platform does between two invocations.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use super::function::Function;
use super::processes::Process;

/// How the processes of one function are stopped.
pub(crate) enum Freezer {
    /// By a control group of their own, of which they notice nothing.
    Group(PathBuf),
    /// By SIGSTOP, where no control group can be had. Their parents may notice.
    Signals(Vec<Process>),
}

impl Freezer {
    /// Puts the emulator into a control group, and with it all that it starts from now on.
    pub(crate) fn around(function: &mut Function) -> Freezer {
        let Some(group) = control_group(&function.case.name) else { return Freezer::Signals(Vec::new()) };
        // The driver's numbers are not ours.
        function.tell(&format!("echo $emulator >{}/cgroup.procs", group.display()));
        function.until("the emulator in its control group", || {
            let inside = fs::read_to_string(group.join("cgroup.procs")).ok()?;
            (!inside.trim().is_empty()).then_some(())
        });
        Freezer::Group(group)
    }

    /// All of them stand still when it returns.
    pub(crate) fn freeze(&mut self, function: &mut Function) {
        if let Freezer::Signals(stopped) = self {
            *stopped = function.generation().all;
            stopped.extend(function.emulator());
        }
        self.switch(function, true);
    }

    pub(crate) fn thaw(&mut self, function: &mut Function) {
        self.switch(function, false);
    }

    fn switch(&self, function: &mut Function, frozen: bool) {
        match self {
            Freezer::Group(group) => {
                let state = u8::from(frozen).to_string();
                fs::write(group.join("cgroup.freeze"), &state).expect("the group is ours");
                function.until("the freezer", || {
                    let events = fs::read_to_string(group.join("cgroup.events")).ok()?;
                    events.contains(&format!("frozen {state}")).then_some(())
                });
            }
            Freezer::Signals(processes) => {
                let pids: Vec<i32> = processes.iter().map(|process| process.pid).collect();
                function.signal(if frozen { "STOP" } else { "CONT" }, &pids);
                function.until("the signals", || {
                    let stands = |pid: &i32| function.proc.get(*pid).is_some_and(|process| process.state == 'T');
                    pids.iter().all(|pid| stands(pid) == frozen).then_some(())
                });
            }
        }
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        if let Freezer::Group(group) = self {
            let _ = fs::write(group.join("cgroup.freeze"), "0");
            // Where the test has failed there are processes in it, which would keep it.
            let _ = fs::write(group.join("cgroup.kill"), "1");
            for _ in 0..500 {
                if fs::remove_dir(&*group).is_ok() {
                    break;
                }
                thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

/// An empty one that can be frozen.
fn control_group(name: &str) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let root = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let place = fields.next()?;
        (fields.next()? == "cgroup2").then_some(place)
    });
    let group = Path::new(root?).join(format!("forerun-{name}-{}", process::id()));
    // Left by a test that was killed.
    let _ = fs::remove_dir(&group);
    fs::create_dir(&group).ok()?;
    group.join("cgroup.freeze").exists().then_some(group)
}
