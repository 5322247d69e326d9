//! `[shutdown] graceful` where the runtime hears nothing of it.

use super::conditions::Conditions;
use super::{Field, Finding, Lint, Subject};
use crate::runtime::{Family, Runtime};

/// The first Python whose runtime client hears SIGTERM: before, it waits in native code and no handler runs.
/// <https://github.com/aws/aws-lambda-python-runtime-interface-client/issues/105>
const HEARS: (u32, u32) = (3, 12);

pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    graceful(subject, field).into_iter().collect()
}

fn graceful(subject: &Subject<'_>, field: &Field) -> Option<Finding> {
    let asked = subject.profile.graceful.as_ref().filter(|asked| asked.value)?;
    let conditions = Conditions { all: subject.profile.when.iter().collect(), ..Conditions::default() };
    let runtimes = field.runtimes_of(&conditions);
    let is_deaf = |name: &&&'static str| {
        Runtime::parse(name.as_bytes()).is_some_and(|runtime| {
            runtime.family == Some(Family::Python) && runtime.version.is_some_and(|version| version.numeric() < HEARS)
        })
    };
    let deaf: Vec<&str> = runtimes.iter().filter(is_deaf).copied().collect();
    // A profile for every runtime is not about Python; one that was asked for by name is.
    let about_python = !field.runtimes.is_empty() || runtimes.iter().all(|name| name.starts_with("python"));
    if deaf.is_empty() || !about_python {
        return None;
    }
    let message = format!(
        "`graceful` makes {} slower to start again, and has no effect there; before 3.12 the runtime does not hear \
         SIGTERM",
        deaf.join(", ")
    );
    let help = "ask for it where it helps: `when.runtime = \"python>=3.12\"` at the top of the profile";
    Some(subject.finding(Lint::GracefulWithoutEffect, asked.span, message).help(help))
}
