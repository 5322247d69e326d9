//! How the launcher's time grows with what it is given.

use std::fmt::Write;

use crate::Outcome;
use crate::make::Workshop;
use crate::rivals::{Kind, Launcher};
use crate::spawn::Prepared;
use crate::task::{self, Environment};
use crate::time::{Overhead, microseconds};

/// The last one is near the kernel's limit of 2 MB for argv and environment together.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const RUNS: usize = 5;

/// Microseconds over the direct start with the same argv and environment.
pub(crate) struct Row {
    pub(crate) size: usize,
    pub(crate) environment: f64,
    pub(crate) profile: f64,
    pub(crate) arguments: f64,
}

pub(crate) fn measure(launchers: &[Launcher], workshop: &Workshop, environment: &Environment) -> Outcome<Vec<Row>> {
    let forerun = launchers.iter().find(|launcher| launcher.kind == Kind::Forerun).ok_or("no launcher to grow")?;
    // With nothing to look for, argv would pass through unread.
    let arguments_profile =
        workshop.write("arguments.toml", "args.remove = [\"--absent-*\"]\nargs.options = [\"-u\"]\n")?;
    SIZES
        .into_iter()
        .map(|size| {
            Ok(Row {
                size,
                environment: overhead(forerun, workshop, &wide(environment, size), 0)?,
                profile: {
                    let profile = workshop.write(&format!("entries-{size}.toml"), &long_profile(size))?;
                    let mut environment = environment.clone();
                    task::select_profile(&mut environment, &profile);
                    overhead(forerun, workshop, &environment, 0)?
                },
                arguments: {
                    let mut environment = environment.clone();
                    task::select_profile(&mut environment, &arguments_profile);
                    overhead(forerun, workshop, &environment, size)?
                },
            })
        })
        .collect()
}

fn wide(environment: &Environment, size: usize) -> Environment {
    let more = (0..size).map(|number| {
        (format!("APPLICATION_SETTING_{number:05}"), format!("value-{number:05}-of-some-forty-characters-in-all"))
    });
    environment.iter().cloned().chain(more).collect()
}

fn long_profile(size: usize) -> String {
    let mut profile = "[env]\n".to_owned();
    for number in 0..size {
        // Writing to a String cannot fail.
        let _ = writeln!(profile, "PROFILE_SETTING_{number:05} = \"{number:05} of ${{AWS_LAMBDA_FUNCTION_NAME}}\"");
    }
    profile
}

fn overhead(launcher: &Launcher, workshop: &Workshop, environment: &Environment, arguments: usize) -> Outcome<f64> {
    let options = (0..arguments).map(|number| format!("--application-option-{number:05}=some-value").into());
    let direct = [workshop.exit.clone().into()].into_iter().chain(options.clone());
    let launched = launcher.argv(&workshop.exit).into_iter().chain(options);
    let direct = Prepared::new(direct.collect(), environment)?;
    let launched = Prepared::new(launched.collect(), environment)?;
    let samples = (0..RUNS)
        .map(|_| {
            let base = microseconds(&direct)?;
            Ok(microseconds(&launched)? - base)
        })
        .collect::<Outcome<Vec<_>>>()?;
    Ok(Overhead::of(samples).median)
}
