//! The supervisor: starts the sidecars, tells the wrapper when they are ready, restarts them, and ends them when the
//! runtime has ended. It never is the runtime's parent or child.
#![expect(clippy::disallowed_methods, reason = "this module is a process of its own")]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{MsgFlags, recv, send};
use nix::sys::time::TimeSpec;
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, read, unlink};

use super::channel;
use super::descriptors::{close_all_but, place};
use super::mission::Mission;
use super::outcome::{Outcome, Stage, UP};
use super::processes::{Family, Status, reap};
use super::readiness::{Probe, drain, in_use};
use super::spawn::{Signals, read_failure, spawn};
use super::watch::Watch;
use crate::apply::log;
use crate::plan::Level;
use crate::plan::sidecars::{Sidecar, Target};
use crate::problem::{Code, Problem};
use crate::profile::{Log, Restart};

/// How often a sidecar is started again in one init.
const RESTARTS: u32 = 5;
/// The time before the first of these starts; each next one waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Between the platform's SIGTERM and that to the sidecars, when the runtime does not end before.
const GRACE: Duration = Duration::from_millis(250);
/// Where the kernel cannot tell the runtime's end, it is looked for this often.
const LOOK: Duration = Duration::from_millis(50);
/// While sidecars end, time is counted in steps of about this length.
const STEP: Duration = Duration::from_millis(5);
/// A step that took this long is not counted, since the execution environment was frozen in it; as long as there are few
/// of them: a function with little memory has so small a share of a processor that every step may take as long.
const FROZEN: Duration = Duration::from_millis(100);
const FREEZES: u32 = 3;
/// What a sidecar has at least after a freeze.
const AFTER_FREEZE: Duration = Duration::from_millis(50);
/// How long processes that cannot be killed are tried, beyond the last timeout.
const GIVE_UP: Duration = Duration::from_secs(2);

/// What the supervisor has to do with others.
#[derive(Debug)]
pub(super) struct Ties {
    pub(super) watch: Watch,
    /// To the wrapper; gone once that is the runtime.
    pub(super) wrapper: Option<OwnedFd>,
    /// To the listener.
    pub(super) listener: Option<OwnedFd>,
    pub(super) listener_pid: Option<Pid>,
    /// Tells the next init that this one is still there.
    pub(super) presence: Option<OwnedFd>,
}

#[derive(Debug)]
pub(super) struct Supervisor {
    mission: Mission,
    ties: Ties,
    signals: Signals,
    /// Tells of children that ended.
    children: SignalFd,
    crew: Vec<Member>,
    /// Every session that was begun, and the number of its sidecar.
    sessions: Vec<(Pid, usize)>,
    /// Connections to sidecars that were asked whether they are ready, until those have said all.
    answered: Vec<OwnedFd>,
    /// The connection on which the extension's next event is waited for.
    parked: Option<OwnedFd>,
    /// Runs since the platform's SIGTERM was heard.
    terminated: Option<Clock>,
    /// Ends are expected, and nothing is started any more.
    ending: bool,
}

/// A sidecar while it is watched.
#[derive(Debug, Default)]
struct Member {
    pid: Option<Pid>,
    /// Open until its program is executed, or is known not to be.
    progress: Option<OwnedFd>,
    /// Why its program is not executed.
    failure: Option<(Stage, Errno)>,
    probe: Option<Probe>,
    /// When the wait for readiness ends; `None`: nobody waits any more.
    deadline: Option<Instant>,
    /// What became of the start has been told.
    told: bool,
    /// A readiness target that was not there before: it is the sidecar's, and goes with it.
    made: bool,
    restarts: u32,
    restart_at: Option<Instant>,
}

impl Member {
    /// What tells of its readiness: as long as that is waited for, or for ever.
    fn heard(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        self.probe.as_ref().filter(|probe| self.deadline.is_some() || probe.lasts())?.descriptor()
    }
}

impl Supervisor {
    /// Starts all sidecars.
    pub(super) fn start(mission: Mission, ties: Ties, signals: Signals) -> Result<Supervisor, Errno> {
        let mut ended = SigSet::empty();
        ended.add(Signal::SIGCHLD);
        let children = SignalFd::with_flags(&ended, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let crew = mission.sidecars.iter().map(|_| Member::default()).collect();
        let mut supervisor = Supervisor {
            mission,
            ties,
            signals,
            children,
            crew,
            sessions: Vec::new(),
            answered: Vec::new(),
            parked: None,
            terminated: None,
            ending: false,
        };
        if let Some(wrapper) = &supervisor.ties.wrapper {
            let _ = send(wrapper.as_raw_fd(), &Outcome::Good.record(UP), MsgFlags::MSG_NOSIGNAL);
        }
        become_subreaper();
        for number in 0..supervisor.crew.len() {
            supervisor.start_first(number);
        }
        Ok(supervisor)
    }

    fn start_first(&mut self, number: usize) {
        let sidecar = &self.mission.sidecars[number];
        if let Some(ready) = &sidecar.ready {
            if in_use(&ready.target) {
                return self.tell(number, Outcome::InUse);
            }
            match Probe::new(&ready.target, &self.mission.notify_names[number]) {
                Ok(probe) => {
                    let member = &mut self.crew[number];
                    member.probe = Some(probe);
                    member.made = true;
                    member.deadline = Some(Instant::now() + ready.timeout);
                }
                Err(errno) => return self.tell(number, Outcome::NotStarted(Stage::Fork, errno)),
            }
        }
        self.start_one(number);
    }

    fn start_one(&mut self, number: usize) {
        match spawn(&self.mission.sidecars[number], &self.signals, self.ties.listener.as_ref()) {
            Ok(spawned) => {
                self.sessions.push((spawned.pid, number));
                self.crew[number].pid = Some(spawned.pid);
                self.crew[number].progress = Some(spawned.progress);
            }
            Err(errno) => {
                self.crew[number].deadline = None;
                self.tell(number, Outcome::NotStarted(Stage::Fork, errno));
            }
        }
    }

    /// Only what a sidecar that is started later needs, and what this process itself listens to.
    fn keep_only_own_descriptors(&self) {
        let _ = place(None, libc::STDIN_FILENO);
        if !self.mission.sidecars.iter().any(|sidecar| sidecar.log == Log::Inherit) {
            let _ = place(None, libc::STDOUT_FILENO);
        }
        let mut keep: Vec<RawFd> = vec![self.children.as_raw_fd()];
        let Ties { watch, wrapper, listener, presence, .. } = &self.ties;
        keep.extend(watch.descriptor().map(|descriptor| descriptor.as_raw_fd()));
        keep.extend([wrapper, listener, presence, &self.parked].into_iter().flatten().map(AsRawFd::as_raw_fd));
        keep.extend(self.answered.iter().map(AsRawFd::as_raw_fd));
        for member in &self.crew {
            keep.extend(member.progress.as_ref().map(AsRawFd::as_raw_fd));
            keep.extend(
                member.probe.iter().filter_map(Probe::descriptor).map(|(descriptor, _)| descriptor.as_raw_fd()),
            );
        }
        close_all_but(&keep);
    }

    /// Watches until the runtime has ended, and ends the sidecars then. `forget` makes this process forget what the
    /// wrapper knew; that and all else that nobody waits for is done once the sidecars run.
    pub(super) fn run(mut self, forget: impl Fn()) {
        let mut settled = false;
        while !self.is_over() {
            if !settled && self.crew.iter().all(|member| member.progress.is_none()) {
                settled = true;
                self.keep_only_own_descriptors();
                self.mission.forget(|sidecar| sidecar.restart == Restart::Never);
                forget();
            }
            if self.is_all_told() {
                self.stop_waiting();
            }
            let woken = self.wait(self.next_time(Instant::now()));
            if let Some(clock) = &mut self.terminated {
                clock.step();
            }
            self.listen_to_others(&woken);
            self.answered.retain(|stream| !woken.contains(&stream.as_raw_fd()) || drain(stream));
            if woken.contains(&self.children.as_raw_fd()) {
                self.reap();
            }
            self.look_after_members(&woken);
        }
        self.end();
    }

    /// Lets go of what was only there for the wrapper.
    fn stop_waiting(&mut self) {
        if !self.mission.graceful {
            // The wrapper's exec would wake this process.
            self.ties.wrapper = None;
        }
        for member in &mut self.crew {
            // Only now: to close an inotify descriptor takes milliseconds.
            member.probe.take_if(|probe| !probe.lasts());
        }
    }

    fn is_all_told(&self) -> bool {
        self.crew.iter().zip(&self.mission.sidecars).all(|(member, sidecar)| member.told || !is_awaited(sidecar))
    }

    fn is_over(&self) -> bool {
        let gone = match self.ties.watch.descriptor() {
            Some(descriptor) => is_readable(descriptor),
            None => self.ties.watch.has_ended(),
        };
        gone || self.terminated.as_ref().is_some_and(|clock| clock.is_past(GRACE))
    }

    /// When something has to be done at the latest; `None`: nothing has.
    fn next_time(&self, now: Instant) -> Option<Instant> {
        let members = self.crew.iter().flat_map(|member| {
            let waits = member.deadline.is_some();
            [member.deadline, member.restart_at, member.probe.as_ref().filter(|_| waits).and_then(Probe::next)]
        });
        let look = self.ties.watch.descriptor().is_none().then(|| now + LOOK);
        let step = self.terminated.is_some().then(|| now + STEP);
        members.chain([look, step]).flatten().min()
    }

    /// Waits for any descriptor, or for a time. The numbers of the descriptors that are ready.
    fn wait(&self, until: Option<Instant>) -> Vec<RawFd> {
        let readable = |descriptor| PollFd::new(descriptor, PollFlags::POLLIN);
        let Ties { watch, wrapper, listener, .. } = &self.ties;
        let mut all = vec![readable(self.children.as_fd())];
        all.extend(watch.descriptor().map(readable));
        all.extend([wrapper, listener].into_iter().flatten().map(|descriptor| readable(descriptor.as_fd())));
        all.extend(self.answered.iter().map(|stream| readable(stream.as_fd())));
        for member in &self.crew {
            all.extend(member.progress.as_ref().map(|progress| readable(progress.as_fd())));
            all.extend(member.heard().map(|(descriptor, flags)| PollFd::new(descriptor, flags)));
        }
        let timeout = until.map(|until| TimeSpec::from(until.saturating_duration_since(Instant::now())));
        if ppoll(&mut all, timeout, None).is_err() {
            return Vec::new();
        }
        all.iter().filter(|one| one.any().unwrap_or_default()).map(|one| one.as_fd().as_raw_fd()).collect()
    }

    fn listen_to_others(&mut self, woken: &[RawFd]) {
        let is_woken = |descriptor: &Option<OwnedFd>| {
            descriptor.as_ref().is_some_and(|descriptor| woken.contains(&descriptor.as_raw_fd()))
        };
        if is_woken(&self.ties.listener) {
            self.hear_listener();
        }
        if is_woken(&self.ties.wrapper)
            && let Some(wrapper) = &self.ties.wrapper
        {
            match channel::take(wrapper) {
                Ok(Some(descriptor)) => self.parked = Some(descriptor),
                Ok(None) => {}
                // The wrapper has become the runtime, or has ended.
                Err(_) => self.ties.wrapper = None,
            }
        }
    }

    fn hear_listener(&mut self) {
        let Some(listener) = &self.ties.listener else { return };
        let mut word = [0; 4];
        match recv(listener.as_raw_fd(), &mut word, MsgFlags::MSG_DONTWAIT) {
            Ok(1..) => _ = self.terminated.get_or_insert_with(Clock::new),
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            // It was killed, most often together with the runtime.
            _ => self.ties.listener = None,
        }
    }

    /// Takes the statuses of children that ended; descendants that lost their parent may be among them.
    fn reap(&mut self) {
        let _ = self.children.read_signal();
        while let Some((pid, status)) = reap() {
            if self.ties.listener_pid == Some(pid) {
                self.ties.listener_pid = None;
            }
            if let Some(number) = self.crew.iter().position(|member| member.pid == Some(pid)) {
                self.crew[number].pid = None;
                self.ended(number, pid, status);
                self.let_go_of(pid);
            }
        }
    }

    /// Forgets a session that nobody is in any more: its number may become that of somebody else.
    fn let_go_of(&mut self, session: Pid) {
        if self.ending || Family::of_sessions(&[session]).is_there() {
            return;
        }
        self.sessions.retain(|(begun, _)| *begun != session);
        if let Some(listener) = &self.ties.listener {
            let gone = (-session.as_raw()).to_le_bytes();
            let _ = send(listener.as_raw_fd(), &gone, MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT);
        }
    }

    fn ended(&mut self, number: usize, pid: Pid, status: Status) {
        if self.ending {
            return;
        }
        let member = &mut self.crew[number];
        let failure = member.failure.take().or_else(|| failure(&member.progress.take()?));
        let awaited = member.deadline.take().is_some();
        let started = failure.is_none();
        match failure {
            Some((stage, errno)) => self.tell(number, Outcome::NotStarted(stage, errno)),
            None if awaited => self.tell(number, Outcome::Ended(status)),
            // It began to run, and all that is asked of it is that; it may have ended before anybody saw it run.
            None => self.tell(number, Outcome::Good),
        }
        let sidecar = &self.mission.sidecars[number];
        if sidecar.required && sidecar.ready.is_some() && !awaited && started && !self.is_all_told() {
            // The start may still be stopped.
            self.tell_wrapper(number, Outcome::Lost(status));
        }
        let failed = sidecar.restart == Restart::OnFailure && status != Status::Exited(0);
        let again = failed && started && self.crew[number].restarts < RESTARTS;
        if again {
            // Its workers may hold what it needs.
            Family::of_sessions(&[pid]).kill();
            let member = &mut self.crew[number];
            member.restart_at = Some(Instant::now() + FIRST_PAUSE * (1 << member.restarts));
            member.restarts += 1;
        }
        if started && !awaited {
            let after = match (again, failed) {
                (true, _) => format!("; it is started again, {} of {RESTARTS}", self.crew[number].restarts),
                (false, true) => "; it is not started again, since it failed too often".to_owned(),
                (false, false) => String::new(),
            };
            let level = if status == Status::Exited(0) { Level::Info } else { Level::Warn };
            let text = format!("the sidecar `{}` {}{after}", sidecar.name, status.text());
            self.say(level, number, &Problem::nowhere(Code::SidecarEnded, text));
        }
    }

    fn look_after_members(&mut self, woken: &[RawFd]) {
        let now = Instant::now();
        for number in 0..self.crew.len() {
            let member = &mut self.crew[number];
            if member.restart_at.is_some_and(|time| time <= now) {
                member.restart_at = None;
                self.start_one(number);
            }
            let member = &mut self.crew[number];
            if member.progress.as_ref().is_some_and(|progress| woken.contains(&progress.as_raw_fd()))
                && let Some(progress) = &member.progress
            {
                // A failure is told when the process ends, which it does at once.
                member.failure = failure(progress);
                member.progress = None;
                if member.failure.is_none() && member.deadline.is_none() {
                    self.tell(number, Outcome::Good);
                }
            }
            self.look_after_readiness(number, now, woken);
        }
    }

    fn look_after_readiness(&mut self, number: usize, now: Instant, woken: &[RawFd]) {
        let member = &mut self.crew[number];
        let Some(probe) = &mut member.probe else { return };
        let is_woken = probe.descriptor().is_some_and(|(descriptor, _)| woken.contains(&descriptor.as_raw_fd()));
        let waits = member.deadline.is_some();
        if !waits && !is_woken {
            return;
        }
        let is_ready = probe.ask(now, is_woken);
        let status = probe.status();
        self.answered.extend(probe.take_answered());
        if !waits {
            return;
        }
        let late = member.deadline.is_some_and(|deadline| deadline <= now);
        if is_ready {
            // Whoever answered: if this sidecar is dead it was somebody else.
            self.reap();
            if self.crew[number].deadline.take().is_some() {
                self.tell(number, Outcome::Good);
            }
        } else if late {
            member.deadline = None;
            self.tell(number, Outcome::Late { status });
        }
    }

    /// Tells what became of a start: to the wrapper when that waits for it, else to the log.
    fn tell(&mut self, number: usize, outcome: Outcome) {
        let sidecar = &self.mission.sidecars[number];
        let awaited = is_awaited(sidecar) && !std::mem::replace(&mut self.crew[number].told, true);
        if awaited && self.ties.wrapper.is_some() {
            self.tell_wrapper(number, outcome);
        } else if let Some(problem) = outcome.problem(sidecar) {
            self.say(Level::Warn, number, &problem);
        }
    }

    fn tell_wrapper(&self, number: usize, outcome: Outcome) {
        // At most 65,535 sidecars are told of; the parser's files are smaller.
        let number = u16::try_from(number).unwrap_or(UP);
        if let Some(wrapper) = &self.ties.wrapper {
            let _ = send(wrapper.as_raw_fd(), &outcome.record(number), MsgFlags::MSG_NOSIGNAL);
        }
    }

    fn say(&self, level: Level, number: usize, problem: &Problem) {
        if self.mission.shows(level) {
            log::write_now(level, self.mission.json, &self.mission.places[number], problem);
        }
    }

    /// Ends all sidecars: SIGTERM, and SIGKILL to those that take too long and to what they left behind.
    fn end(mut self) {
        self.ending = true;
        let sidecars = &self.mission.sidecars;
        let timeouts: Vec<(Pid, Duration)> =
            self.sessions.iter().map(|&(session, number)| (session, sidecars[number].stop_timeout)).collect();
        let longest = sidecars.iter().map(|sidecar| sidecar.stop_timeout).max().unwrap_or_default();
        // A first process that has ended may have left others behind, in its session or outside.
        let sessions: Vec<Pid> = self.sessions.iter().map(|&(session, _)| session).collect();
        let mark = self.mission.mark.clone();
        let mut family = Family::new(mark.as_bytes(), &sessions, self.ties.listener_pid);
        family.terminate();
        let mut clock = Clock::new();
        loop {
            self.reap();
            let over = clock.is_past(longest);
            let left = if over { family.kill() } else { self.has_running() || family.is_there() };
            if !left || clock.is_past(longest + GIVE_UP) {
                break;
            }
            let due = timeouts.iter().filter(|(_, timeout)| clock.is_past(*timeout)).map(|(session, _)| *session);
            let due: Vec<Pid> = due.collect();
            if !over && !due.is_empty() {
                Family::of_sessions(&due).kill();
            }
            self.pause();
            clock.step();
        }
        self.remove_targets();
        if let Some(listener) = self.ties.listener_pid {
            let _ = kill(listener, Signal::SIGKILL);
            let _ = waitpid(listener, None);
        }
    }

    fn has_running(&self) -> bool {
        self.crew.iter().any(|member| member.pid.is_some())
    }

    /// Waits for a step, or until a child ends.
    fn pause(&self) {
        let mut children = [PollFd::new(self.children.as_fd(), PollFlags::POLLIN)];
        let _ = ppoll(&mut children, Some(TimeSpec::from(STEP)), None);
    }

    /// The next init would take them for those of somebody else.
    fn remove_targets(&self) {
        for (member, sidecar) in self.crew.iter().zip(&self.mission.sidecars) {
            if member.made
                && let Some(ready) = &sidecar.ready
                && let Target::Unix(path) | Target::File(path) = &ready.target
            {
                let _ = unlink(&path[..]);
            }
        }
    }
}

/// Whether the wrapper waits for what becomes of a sidecar's start.
pub(super) fn is_awaited(sidecar: &Sidecar) -> bool {
    sidecar.required || sidecar.ready.is_some()
}

/// The time that processes could run in, since the clock goes on while the execution environment is frozen.
#[derive(Debug)]
struct Clock {
    awake: Duration,
    last: Instant,
    /// Until then nothing is past, after a freeze.
    spared: Duration,
    freezes: u32,
}

impl Clock {
    fn new() -> Clock {
        Clock { awake: Duration::ZERO, last: Instant::now(), spared: Duration::ZERO, freezes: 0 }
    }

    fn step(&mut self) {
        let now = Instant::now();
        self.add(now - self.last);
        self.last = now;
    }

    fn add(&mut self, passed: Duration) {
        if passed >= FROZEN && self.freezes < FREEZES {
            self.freezes += 1;
            self.spared = self.awake + AFTER_FREEZE;
        } else {
            self.awake += passed;
        }
    }

    fn is_past(&self, time: Duration) -> bool {
        self.awake >= time && self.awake >= self.spared
    }
}

fn is_readable(descriptor: BorrowedFd<'_>) -> bool {
    let mut one = [PollFd::new(descriptor, PollFlags::POLLIN)];
    nix::poll::poll(&mut one, 0_u8).is_ok_and(|ready| ready > 0)
}

/// Why a program is not executed, if that is known by now.
fn failure(progress: &OwnedFd) -> Option<(Stage, Errno)> {
    let mut report = [0; 5];
    let length = read(progress, &mut report).ok()?;
    read_failure(&report[..length])
}

/// Descendants that lose their parent become ours, where the kernel lets us; nothing rests on it.
#[expect(unsafe_code, reason = "prctl(2)")]
fn become_subreaper() {
    // SAFETY: the call sets a flag of this process.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_is_no_time_and_a_slow_processor_is() {
        let step = |clock: &mut Clock, times: u32, milliseconds: u64| {
            (0..times).for_each(|_| clock.add(Duration::from_millis(milliseconds)));
        };
        let time = Duration::from_millis(200);
        let mut clock = Clock::new();
        step(&mut clock, 39, 5);
        assert!(!clock.is_past(time));
        step(&mut clock, 1, 3_600_000);
        assert!(!clock.is_past(time), "the freeze does not count");
        step(&mut clock, 9, 5);
        assert!(!clock.is_past(time), "less than 50 ms awake since");
        step(&mut clock, 1, 5);
        assert!(clock.is_past(time));

        let mut slow = Clock::new();
        step(&mut slow, FREEZES + 2, 120);
        assert!(slow.is_past(time));
    }
}
