//! Where a profile differs from the script on purpose.

use super::condition::{Atom, Literal, is_true};
use super::effect::Effect;
use super::rules::Guarded;
use super::run::Run;
use super::verify::Difference;
use super::when::is_switch;

/// Whether a difference is one that the profile is meant to make.
pub(super) fn is_intended(difference: &Difference, run: &Run, effects: &[Guarded]) -> bool {
    // Present and empty is the same as missing to forerun.
    if let Difference::Variable(name) = difference
        && run.before(name) == Some(b"")
    {
        return true;
    }
    let concerned = effects.iter().filter(|guarded| match difference {
        Difference::Variable(name) => guarded.effect.writes().contains(&&name[..]),
        Difference::Arguments => guarded.effect.writes().is_empty() || matches!(guarded.effect, Effect::Handler(..)),
        Difference::Ending => true,
    });
    // forerun takes `True` for `true`, and the script may not.
    concerned.flat_map(|guarded| guarded.condition.0.iter().flatten()).any(|literal| is_spelled_otherwise(literal, run))
}

/// Whether a switch has a value in the run that the script does not take for yes, and forerun does.
fn is_spelled_otherwise(literal: &Literal, run: &Run) -> bool {
    match &literal.atom {
        Atom::OneOf(name, values) if is_switch(values) => {
            let given = run.given(name).to_vec();
            is_true(&given) && !values.contains(&given)
        }
        _ => false,
    }
}
