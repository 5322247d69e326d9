//! Times, as differences within a round.

use crate::Outcome;
use crate::run::{Run, start};
use crate::stage::{Act, Ready, Stage};

const WARM_UP_ROUNDS: usize = 5;

/// Microseconds, over the rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) p10: f64,
    pub(crate) median: f64,
    pub(crate) p90: f64,
}

pub(crate) struct Times {
    /// From the start of the launcher to the runtime's first instruction, without a sidecar.
    pub(crate) without: Spread,
    /// What replacing one program by another costs: a part of every start.
    pub(crate) exec: Spread,
    /// The same with a sidecar that nobody waits for, over that without.
    pub(crate) unawaited: Spread,
    /// From the start of a sidecar to its first instruction.
    pub(crate) alone: Spread,
    /// With a sidecar that is ready at once, over the start without it and that of the sidecar.
    pub(crate) awaited: Spread,
    /// The least that can be from ready to the runtime's first instruction, with a notification.
    pub(crate) least: Spread,
    /// From ready to the runtime's first instruction, and over that least.
    pub(crate) ready: Vec<(Ready, Spread, Spread)>,
    /// The same with the shell script.
    pub(crate) shell_ready: Option<Spread>,
    /// From the start to the runtime's first instruction, with a sidecar that listens on a port at once.
    pub(crate) port: Spread,
    /// The same with the shell script.
    pub(crate) shell_port: Option<Spread>,
}

impl Spread {
    fn of(mut microseconds: Vec<f64>) -> Option<Self> {
        microseconds.sort_by(f64::total_cmp);
        let last = microseconds.len().checked_sub(1)?;
        let at = |part: f64| microseconds[(last as f64 * part).round() as usize];
        Some(Self { p10: at(0.1), median: at(0.5), p90: at(0.9) })
    }
}

/// One round: every act once.
struct Round(Vec<(Act, Run)>);

impl Round {
    fn run(&self, act: Act) -> Option<&Run> {
        self.0.iter().find(|(of, _)| *of == act).map(|(_, run)| run)
    }

    /// From the start to the runtime.
    fn total(&self, act: Act) -> Option<f64> {
        let run = self.run(act)?;
        Some(microseconds(run.started, run.runtime?.first))
    }

    /// From ready to the runtime.
    fn after_ready(&self, act: Act) -> Option<f64> {
        let run = self.run(act)?;
        Some(microseconds(run.sidecar?.ready, run.runtime?.first))
    }

    fn alone(&self) -> Option<f64> {
        let run = self.run(Act::Alone)?;
        Some(microseconds(run.started, run.sidecar?.first))
    }

    fn exec(&self) -> Option<f64> {
        Some(self.total(Act::Exec)? - self.alone()?)
    }

    fn unawaited(&self) -> Option<f64> {
        Some(self.total(Act::Unawaited)? - self.total(Act::WithoutSidecar)?)
    }

    fn awaited(&self) -> Option<f64> {
        Some(self.total(Act::AT_ONCE)? - self.total(Act::WithoutSidecar)? - self.alone()?)
    }
}

/// Every round runs each act once, so that whatever the machine does at that time meets all of them.
pub(crate) fn interleaved(stage: &Stage<'_>, rounds: usize) -> Outcome<Times> {
    let acts = Act::all(stage);
    let mut all = Vec::with_capacity(rounds);
    for number in 0..WARM_UP_ROUNDS + rounds {
        let mut round = Round(Vec::with_capacity(acts.len()));
        for step in 0..acts.len() {
            // Another one goes first in each round: none always finds the caches that the same one left.
            let act = acts[(number + step) % acts.len()];
            round.0.push((act, start(stage, act, number * acts.len() + step, &[])?.end()?));
        }
        if number >= WARM_UP_ROUNDS {
            all.push(round);
        }
    }
    let spread = |figure: &dyn Fn(&Round) -> Option<f64>| Spread::of(all.iter().filter_map(figure).collect());
    let always = |figure: &dyn Fn(&Round) -> Option<f64>| spread(figure).ok_or("no round was run".to_owned());
    Ok(Times {
        without: always(&|round| round.total(Act::WithoutSidecar))?,
        exec: always(&Round::exec)?,
        unawaited: always(&Round::unawaited)?,
        alone: always(&Round::alone)?,
        awaited: always(&Round::awaited)?,
        least: always(&|round| round.after_ready(Act::Least))?,
        ready: Ready::ALL
            .into_iter()
            .map(|ready| {
                let whole = |round: &Round| round.after_ready(Act::Awaited { ready, later: true });
                let over = |round: &Round| Some(whole(round)? - round.after_ready(Act::Least)?);
                Ok((ready, always(&whole)?, always(&over)?))
            })
            .collect::<Outcome<Vec<_>>>()?,
        shell_ready: spread(&|round| round.after_ready(Act::Shell { later: true })),
        port: always(&|round| round.total(Act::PORT_AT_ONCE))?,
        shell_port: spread(&|round| round.total(Act::Shell { later: false })),
    })
}

fn microseconds(from: u64, to: u64) -> f64 {
    (to as f64 - from as f64) / 1e3
}
