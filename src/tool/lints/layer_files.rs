//! The paths below `/opt` that a profile speaks of, looked up in the layer (`--root`).

use std::path::Path;

use super::conditions::Conditions;
use super::programs::{self, Flaw, Use};
use super::root::{Kind, Root};
use super::{Field, Finding, Lint, Subject};
use crate::problem::{Span, printable};
use crate::profile::template::{Form, Own, Part, Template};
use crate::profile::{Edit, Items, Operation, Rule, Sidecar, Spanned, Value, When};
use crate::runtime::{Arch, Runtime};
use crate::tool::launchers;

/// Lambda takes so many extensions, internal ones included:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html>.
const EXTENSIONS: usize = 10;
/// Variables that name libraries which are loaded into the runtime.
const LOADED: [&[u8]; 5] =
    [b"CORECLR_PROFILER_PATH", b"CORECLR_PROFILER_PATH_64", b"CORECLR_PROFILER_PATH_ARM64", b"LD_AUDIT", b"LD_PRELOAD"];
/// What Node.js tries behind a name: <https://nodejs.org/api/modules.html#all-together>.
const ENDINGS: [&str; 8] = ["", ".js", ".json", ".node", ".mjs", ".cjs", "/package.json", "/index.js"];

/// What is wrong with the layer itself.
pub(super) fn of_layer(root: &Root, graceful: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let extensions = root.names("/opt/extensions").len() + usize::from(graceful);
    if extensions > EXTENSIONS {
        let own = if graceful { ", the one of `graceful` included" } else { "" };
        let message =
            format!("there are {extensions} extensions{own}; Lambda takes {EXTENSIONS}, and refuses the others");
        findings.push(
            Finding::of_file(Lint::TooManyExtensions, format!("{}/extensions", root.shown), message)
                .help("take some out of the layer"),
        );
    }
    for name in root.names("/opt") {
        let path = format!("/opt/{name}");
        let executable = root.look(&path).is_none_or(|entry| entry.executable);
        let is_wrapper = || name == "wrapper" || root.read(&path).is_some_and(|bytes| launchers::is_forerun(&bytes));
        if !executable && is_wrapper() {
            let message =
                format!("`{path}` is not executable; Lambda refuses a wrapper that is not, with exit status 126");
            let help =
                "`chmod 755` it before the layer is packed, on a system where files have modes, or use `forerun layer`";
            findings.push(
                Finding::of_file(Lint::WrapperNotExecutable, format!("{}/{name}", root.shown), message).help(help),
            );
        }
    }
    findings
}

/// Looks up what a profile names.
pub(super) fn look(subject: &Subject<'_>, field: &Field) -> Vec<Finding> {
    let Some(root) = &field.root else { return Vec::new() };
    let mut walk = Walk { subject, field, root, arch: root.arch, findings: Vec::new() };
    let profile = subject.profile;
    if walk.rules_out(profile.when.as_ref()) {
        return Vec::new();
    }
    for (rule, stage) in subject.rules() {
        walk.rule(rule, &stage.conditions);
    }
    for sidecar in &profile.sidecars {
        walk.sidecar(sidecar);
    }
    walk.findings
}

struct Walk<'w, 'a> {
    subject: &'w Subject<'a>,
    field: &'w Field,
    root: &'w Root,
    /// The architecture that files have to be for.
    arch: Option<Arch>,
    findings: Vec<Finding>,
}

impl<'a> Walk<'_, 'a> {
    fn rule(&mut self, rule: &'a Rule, conditions: &Conditions<'a>) {
        let runtimes = self.field.runtimes_of(conditions);
        if (!self.field.runtimes.is_empty() && runtimes.is_empty()) || self.rules_out(rule.when.as_ref()) {
            return;
        }
        let used = Use { search: vec!["/opt/lib".to_owned()], runtimes, ..self.used(rule.when.as_ref()) };
        for edit in &rule.env {
            self.edit(edit, &used);
        }
        for include in &rule.include {
            self.paths(&include.value, include.span, &[""]);
        }
        for argument in rule.args.options.iter().chain(&rule.args.append) {
            self.paths(&argument.value, argument.span, &[""]);
        }
        for command in rule.args.command.iter().chain(&rule.args.through) {
            self.command(command, &used);
        }
    }

    fn sidecar(&mut self, sidecar: &'a Sidecar) {
        let conditions = self.subject.conditions_of(sidecar);
        let runtimes = self.field.runtimes_of(&conditions);
        if (!self.field.runtimes.is_empty() && runtimes.is_empty()) || self.rules_out(sidecar.when.as_ref()) {
            return;
        }
        let mut used = Use { is_sidecar: true, runtimes, ..self.used(sidecar.when.as_ref()) };
        let inherits = |names: &Vec<Vec<u8>>| names.iter().any(|name| name == b"LD_LIBRARY_PATH");
        if sidecar.inherit.as_ref().is_some_and(inherits) {
            used.search.push("/opt/lib".to_owned());
        }
        for edit in &sidecar.env {
            if edit.name == b"LD_LIBRARY_PATH" {
                let folders =
                    super::edits::templates(edit).into_iter().filter_map(|template| self.expansions(template));
                let folders: Vec<String> = folders
                    .flatten()
                    .flat_map(|(text, _)| text.split(':').map(str::to_owned).collect::<Vec<_>>())
                    .collect();
                used.search.extend(folders);
            }
            self.edit(edit, &used);
        }
        if let Some(folder) = &sidecar.working_directory {
            self.paths(&folder.value, folder.span, &[""]);
        }
        self.command(&sidecar.command, &used);
    }

    fn used(&self, when: Option<&When>) -> Use {
        let asked = when.into_iter().chain(&self.subject.profile.when).find_map(|when| match when.arch[..] {
            [arch] => Some(arch),
            _ => None,
        });
        Use { arch: asked.or(self.arch), ..Use::default() }
    }

    /// Whether a condition asks for paths that the layer does not have.
    fn rules_out(&self, when: Option<&When>) -> bool {
        when.is_some_and(|when| !when.exists.is_empty() && self.all_missing(&when.exists))
    }

    /// Whether the layer has none of these paths; one that lies elsewhere may be there.
    fn all_missing(&self, paths: &[Template]) -> bool {
        paths.iter().all(|path| {
            self.expansions(path).is_some_and(|texts| {
                texts.iter().all(|(text, _)| text.starts_with("/opt/") && self.root.look(text).is_none())
            })
        })
    }

    fn edit(&mut self, edit: &Edit, used: &Use) {
        if !edit.if_exists.is_empty() && self.all_missing(&edit.if_exists) {
            let message = format!(
                "nothing happens to `{}` with this layer; the path of `if_exists` is not in it",
                printable(&edit.name)
            );
            self.findings.push(self.subject.finding(Lint::GuardNotInLayer, edit.span, message));
            return;
        }
        let first = match &edit.operation {
            Operation::Set(Value::FirstExisting(paths)) | Operation::Default(Value::FirstExisting(paths)) => {
                Some(paths)
            }
            Operation::Extend { extend, .. } => match &extend.items {
                Items::FirstExisting(paths) => Some(paths),
                _ => None,
            },
            _ => None,
        };
        if let Some(paths) = first {
            if self.all_missing(paths) {
                let message =
                    format!("none of these paths is in the layer, so nothing happens to `{}`", printable(&edit.name));
                self.missing(edit.span, message);
            }
            if LOADED.contains(&&edit.name[..]) {
                let there =
                    paths.iter().filter(|path| !self.all_missing(std::slice::from_ref(path))).collect::<Vec<_>>();
                there.into_iter().for_each(|path| self.load(path, edit.span, used));
            }
            return;
        }
        let endings = if edit.name == b"NODE_OPTIONS" { &ENDINGS[..] } else { &[""] };
        for template in super::edits::templates(edit) {
            let span = self.subject.document.place_of(template, edit.span);
            let there = self.paths(template, span, endings);
            if there && LOADED.contains(&&edit.name[..]) {
                self.load(template, span, used);
            }
        }
    }

    /// A program with its arguments.
    fn command(&mut self, command: &Spanned<Vec<Template>>, used: &Use) {
        for (number, word) in command.value.iter().enumerate() {
            let span = self.subject.document.place_of(word, command.span);
            let there = self.paths(word, span, &[""]);
            if number > 0 || !there {
                continue;
            }
            for (path, arch) in self.expansions(word).unwrap_or_default() {
                if let Some(entry) = self.root.look(&path) {
                    let used = Use { arch: arch.or(used.arch), ..used.clone() };
                    self.flaws(programs::program(self.root, &path, entry, &used), span);
                }
            }
        }
    }

    /// Libraries that are loaded into the runtime.
    fn load(&mut self, template: &Template, at: Span, used: &Use) {
        let span = self.subject.document.place_of(template, at);
        for (text, arch) in self.expansions(template).unwrap_or_default() {
            for path in paths_in(&text) {
                if self.root.look(&path).is_some_and(|entry| entry.kind == Kind::File) {
                    let used = Use { arch: arch.or(used.arch), ..used.clone() };
                    self.flaws(programs::library(self.root, &path, &used), span);
                }
            }
        }
    }

    fn flaws(&mut self, flaws: Vec<Flaw>, span: Span) {
        let finding = |(lint, message, help): Flaw| self.subject.finding(lint, span, message).help(help);
        self.findings.extend(flaws.into_iter().map(finding));
    }

    fn missing(&mut self, span: Span, message: String) {
        let help = "correct the path or add the file; `if_exists` is for what only some layers bring along";
        self.findings.push(self.subject.finding(Lint::NotInLayer, span, message).help(help));
    }

    /// Notes the paths in a text that are not there; whether all are. Of several texts one that is there is enough: a
    /// layer may be for one architecture.
    fn paths(&mut self, template: &Template, span: Span, endings: &[&str]) -> bool {
        let Some(texts) = self.expansions(template) else { return false };
        let absent = |path: &String| endings.iter().all(|ending| self.root.look(&format!("{path}{ending}")).is_none());
        let mut absents: Vec<Vec<String>> =
            texts.iter().map(|(text, _)| paths_in(text).into_iter().filter(absent).collect()).collect();
        if absents.is_empty() || absents.iter().any(Vec::is_empty) {
            return true;
        }
        let path = absents.swap_remove(0).swap_remove(0);
        self.missing(span, format!("`{path}` is not in the layer"));
        false
    }

    /// What a template may become, as far as that does not depend on a variable; with the architecture that it is for.
    fn expansions(&self, template: &Template) -> Option<Vec<(String, Option<Arch>)>> {
        let by_arch = template.parts.iter().any(|part| matches!(part, Part::Own(Own::Arch)));
        let both = [Some(Arch::X86_64), Some(Arch::Arm64)];
        let archs: Vec<Option<Arch>> = match self.arch {
            _ if !by_arch => vec![None],
            Some(arch) => vec![Some(arch)],
            None => both.into(),
        };
        let by_version = template.parts.iter().any(|part| matches!(part, Part::Own(Own::RuntimeVersion)));
        let versions: Vec<String> = if by_version {
            let named =
                |name: &&'static str| Runtime::parse(name.as_bytes())?.version.map(|version| version.to_string());
            self.field.runtimes.iter().filter_map(named).collect()
        } else {
            vec![String::new()]
        };
        let mut texts = Vec::new();
        for arch in archs {
            for version in &versions {
                let mut text = String::new();
                for part in &template.parts {
                    match part {
                        Part::Literal(literal) => text.push_str(std::str::from_utf8(literal).ok()?),
                        Part::Variable { form: Form::Or(fallback), .. } => {
                            text.push_str(std::str::from_utf8(fallback).ok()?)
                        }
                        Part::Own(Own::Arch) => text.push_str(arch?.name()),
                        Part::Own(Own::RuntimeVersion) => text.push_str(version),
                        Part::Own(Own::ProfileDir) => text.push_str(&self.profile_dir()?),
                        Part::Variable { .. } | Part::Own(Own::WorkingDir) | Part::Interpreter | Part::Arguments => {
                            return None;
                        }
                    }
                }
                texts.push((text, arch));
            }
        }
        (!texts.is_empty()).then_some(texts)
    }

    /// The folder of the profile on Lambda, when it lies in the layer.
    fn profile_dir(&self) -> Option<String> {
        let place = std::str::from_utf8(&self.subject.source.place).ok()?;
        let path = self.root.path_of(Path::new(place))?;
        Some(path.rsplit_once('/')?.0.to_owned())
    }
}

/// The paths below `/opt` in a text: in `-javaagent:/opt/a.jar=x` as in `file:///opt/a.mjs`.
fn paths_in(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in text.match_indices("/opt/") {
        let before = &text[..at];
        let begins =
            before.is_empty() || before.ends_with(['=', ':', ',', ';', '@', ' ', '"', '\'']) || before.ends_with("//");
        let path = text[at..].split(['=', ':', ',', ';', ' ', '"', '\'', '?', '#']).next().unwrap_or_default();
        // Of a pattern the folder is looked for.
        let path =
            path.split_once('*').map_or(path, |(before, _)| before.rsplit_once('/').map_or("", |(folder, _)| folder));
        let path = path.trim_end_matches('/');
        if begins && path.len() > "/opt/".len() {
            paths.push(path.to_owned());
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_where_they_begin() {
        for (text, expected) in [
            ("/opt/a.jar", &["/opt/a.jar"][..]),
            ("-javaagent:/opt/a.jar=x=/opt/conf", &["/opt/a.jar", "/opt/conf"]),
            ("--import=file:///opt/a.mjs", &["/opt/a.mjs"]),
            ("/opt/lib:/opt/lib64/", &["/opt/lib", "/opt/lib64"]),
            ("/opt/lib/*", &["/opt/lib"]),
            ("http://127.0.0.1/opt/x", &[]),
            ("/var/opt/x", &[]),
            ("/opt/", &[]),
        ] {
            assert_eq!(paths_in(text), expected, "{text}");
        }
    }
}
