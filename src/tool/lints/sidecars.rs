//! Sidecars: what they wait at, what their command is made of, and what else starts them.

use std::time::Duration;

use super::conditions::Conditions;
use super::edits::{reads, written};
use super::{Field, Finding, Lint, Subject};
use crate::library::Library;
use crate::problem::{Origin, nearest, printable};
use crate::profile::template::Template;
use crate::profile::{EnvTest, Operation, Profile, Sidecar, Target, When, address};
use crate::tool::known_starts;

/// How long Lambda gives the init phase:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>.
const INIT: Duration = Duration::from_secs(10);

pub(super) fn look(subject: &Subject<'_>, _: &Field) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sidecar in &subject.profile.sidecars {
        findings.extend(unset(subject, sidecar));
        findings.extend(timeout(subject, sidecar));
        let program = sidecar.command.value.first().map(written).unwrap_or_default();
        if program.starts_with("/opt/extensions/") {
            let message =
                "the program lies in /opt/extensions; Lambda starts it as an extension, so there would be two";
            let help = "keep one of the two: move the program to another folder, or leave the sidecar out";
            let span = sidecar
                .command
                .value
                .first()
                .map_or(sidecar.command.span, |word| subject.document.place_of(word, sidecar.command.span));
            findings.push(subject.finding(Lint::SidecarIsExtension, span, message).help(help));
        }
    }
    findings
}

/// Variables of the command that nobody sets.
fn unset(subject: &Subject<'_>, sidecar: &Sidecar) -> Vec<Finding> {
    let set = variables(subject.profile);
    let mut findings = Vec::new();
    for word in &sidecar.command.value {
        for (name, fallback) in reads(word) {
            let known = set.contains(&name)
                || platform(name)
                || subject.profile.rules.iter().any(|rule| !rule.include.is_empty());
            let speaks = subject.profile.rules.iter().filter(|rule| rule.fail.is_some() || rule.warn.is_some());
            let speaks = speaks.filter_map(|rule| rule.when.as_ref());
            let asked = sidecar.when.iter().chain(&subject.profile.when).chain(speaks).any(|when| asks(when, name));
            if fallback || known || asked {
                continue;
            }
            let shown = printable(name);
            let known = set.iter().filter_map(|name| std::str::from_utf8(name).ok());
            let near = nearest(&shown, known.chain(known_starts::platform_env().iter().map(|(name, _)| *name)));
            let message =
                format!("this profile does not set `{shown}`; unless the function does, the argument becomes empty");
            let help = match near {
                Some(near) if near.len().abs_diff(shown.len()) < 3 => format!("did you mean `{near}`?"),
                _ => format!("write `${{{shown}:-text}}`, or set `{shown}.default` under `[env]`"),
            };
            let span = subject.document.place_of(word, sidecar.command.span);
            findings.push(subject.finding(Lint::SidecarVariableUnset, span, message).help(help));
        }
    }
    findings
}

/// The variables that the rules of a profile may leave behind.
fn variables(profile: &Profile) -> Vec<&[u8]> {
    let edits = profile.rules.iter().flat_map(|rule| &rule.env);
    let set = edits.filter(|edit| edit.operation != Operation::Unset).map(|edit| &edit.name[..]);
    let saved = profile.rules.iter().filter_map(|rule| Some(&rule.handler.as_ref()?.original[..]));
    set.chain(saved).collect()
}

/// Whether Lambda sets a variable itself, on some start.
fn platform(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let image = ["HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TZ", "LAMBDA_RUNTIME_DIR", "TMPDIR"];
    name.starts_with("AWS_")
        || name.starts_with('_')
        || image.contains(&name)
        || known_starts::platform_env().iter().any(|(known, _)| *known == name)
}

/// Whether a condition asks for a variable: then somebody thinks of its being unset.
fn asks(when: &When, name: &[u8]) -> bool {
    let tested = |(asked, tests): &(Vec<u8>, Vec<EnvTest>)| asked == name && !tests.is_empty();
    when.env.iter().any(tested)
        || when.not.iter().any(|when| asks(when, name))
        || when.all.iter().chain(when.any.iter().flatten()).any(|when| asks(when, name))
}

fn timeout(subject: &Subject<'_>, sidecar: &Sidecar) -> Option<Finding> {
    let ready = sidecar.ready.as_ref().filter(|ready| ready.timeout > INIT)?;
    // Other kinds of initialization may take longer.
    let mut asked = sidecar.when.iter().chain(&subject.profile.when).filter(|when| !when.init.is_empty());
    if asked.any(|when| !when.init.iter().any(|init| init == "on-demand")) {
        return None;
    }
    let node = subject.document.at(sidecar.span).or_else(|| subject.document.get("sidecars"));
    let place = node.and_then(|node| node.get("ready")?.get("timeout")).map_or(ready.target.span, |node| node.span);
    let message = "Lambda ends the init phase after 10 s; a start that waits longer is begun again, within the \
                   first invocation's time";
    Some(
        subject
            .finding(Lint::ReadyTimeoutTooLong, place, message)
            .help("wait less than 10 s, the start of the runtime included"),
    )
}

/// Looks for sidecars of profiles that apply together which wait at one place.
pub(super) fn targets(library: &Library, together: &[&Subject<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: Vec<(&Sidecar, Conditions<'_>, String, Origin)> = Vec::new();
    for subject in together {
        for sidecar in &subject.profile.sidecars {
            let Some((target, ready)) =
                sidecar.ready.as_ref().and_then(|ready| Some((target(&ready.target.value)?, ready)))
            else {
                continue;
            };
            let conditions = subject.conditions_of(sidecar);
            let place = ready.target.span;
            // One of the same name takes the other's place.
            let first = seen.iter().find(|(other, others, at, _)| {
                *at == target && other.name != sidecar.name && others.and(&conditions).possible()
            });
            if let Some((other, _, _, origin)) = first {
                let message = format!(
                    "`{}` and `{}` wait at one place; the first to answer passes for both, and the other is at {}",
                    sidecar.name,
                    other.name,
                    library.locate(*origin)
                );
                findings.push(
                    subject
                        .finding(Lint::SidecarTargetTwice, place, message)
                        .help("give each a port, socket or file of its own"),
                );
            }
            seen.push((sidecar, conditions, target, Origin { profile: subject.id, span: place }));
        }
    }
    findings
}

/// The place itself: an address is the same for `tcp` and `http`.
fn target(target: &Target<Template>) -> Option<String> {
    match target {
        Target::Notify => None,
        Target::Unix(path) | Target::File(path) => Some(written(path)),
        Target::Tcp(text) => {
            let text = written(text);
            Some(address::tcp(&text).map_or(text, |address| address.to_string()))
        }
        Target::Http(text) => {
            let text = written(text);
            Some(address::http(&text).map_or(text, |url| url.address.to_string()))
        }
    }
}
