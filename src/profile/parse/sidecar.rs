//! `sidecars`: companion processes.

use std::time::Duration;

use toml::de::DeValue;

use super::super::grammar;
use super::super::section::{Item, Notes};
use super::super::template::Template;
use super::super::{Log, Ready, Restart, Sidecar, Spanned, Target, address};
use crate::problem::{Code, Span};

/// How long a sidecar has from SIGTERM to SIGKILL when it does not say, and at most.
const STOP_TIMEOUT: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// How long readiness is waited for when it does not say, and at most.
const READY_TIMEOUT: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

impl Notes {
    pub(super) fn sidecars(&mut self, item: Item<'_, '_>) -> Vec<Sidecar> {
        if let DeValue::Table(_) = item.value.get_ref() {
            let message = "`sidecars` is a list of tables, not a table";
            self.advise(Code::WrongType, item.key_span, message, "write `[[sidecars]]`, and `name = \"…\"` in it");
            return Vec::new();
        }
        let read = self.tables(item, |notes, span, items| (span, notes.sidecar(span, items)));
        let mut sidecars: Vec<Sidecar> = Vec::new();
        for (span, sidecar) in read {
            let Some(sidecar) = sidecar else { continue };
            if sidecars.iter().any(|earlier| earlier.name == sidecar.name) {
                let message = format!("two sidecars of this file are called `{}`", sidecar.name);
                self.advise(Code::Conflict, span, message, "give one of them another name");
            }
            sidecars.push(sidecar);
        }
        sidecars
    }

    fn sidecar(&mut self, span: Span, items: Vec<Item<'_, '_>>) -> Option<Sidecar> {
        let (mut name, mut command, mut credentials) = (None, None, None);
        let mut sidecar = Sidecar {
            span,
            name: String::new(),
            command: Spanned { span, value: Vec::new() },
            when: None,
            env: Vec::new(),
            inherit: None,
            working_directory: None,
            required: false,
            restart: Restart::Never,
            log: Log::Inherit,
            stop_timeout: STOP_TIMEOUT[0],
            credentials: false,
            ready: None,
        };
        // A key that is not known, or wrong, may have been the one that is missed.
        let known = items.len();
        let items = self.known(items, &grammar::SIDECAR);
        let all_known = known == items.len();
        for item in items {
            match item.key {
                "name" => name = Some(self.sidecar_name(item)),
                "command" => command = Some(self.program(item, false)),
                "when" => sidecar.when = Some(self.when(item)),
                "env" => sidecar.env = self.edits(item, &grammar::SIDECAR),
                "inherit_env" => sidecar.inherit = self.inherited(item),
                "working_directory" => sidecar.working_directory = self.path(item),
                "required" => sidecar.required = self.flag_value(item).unwrap_or_default(),
                "restart" => {
                    if let Some(word) = self.text(item)
                        && self.word(item, word, &["never", "on-failure"]) == Some("on-failure")
                    {
                        sidecar.restart = Restart::OnFailure;
                    }
                }
                "log" => sidecar.log = self.log(item),
                "stop_timeout" => sidecar.stop_timeout = self.duration(item, STOP_TIMEOUT),
                "credentials" => {
                    sidecar.credentials = self.flag_value(item).unwrap_or_default();
                    credentials = Some(item.key_span);
                }
                "ready" => sidecar.ready = self.ready(item),
                _ => self.not_read(item),
            }
        }
        if let (Some(credentials), Some(_)) = (credentials, &sidecar.inherit) {
            let message =
                "`credentials` has no meaning beside a list in `inherit_env`, which names all that is inherited";
            self.advise(Code::Conflict, credentials, message, "name the credentials' variables in the list");
        }
        for (key, absent) in [("name", name.is_none()), ("command", command.is_none())] {
            if absent && all_known {
                self.note(Code::BadValue, span, format!("a sidecar without `{key}`"));
            }
        }
        (sidecar.name, sidecar.command) = (name??, command??);
        Some(sidecar)
    }

    /// Names stand in messages and on the command line of the tool.
    fn sidecar_name(&mut self, item: Item<'_, '_>) -> Option<String> {
        let text = self.text(item)?;
        let odd = |byte: u8| !byte.is_ascii_alphanumeric() && !b"._-".contains(&byte);
        if text.value.is_empty() || text.value.bytes().any(odd) {
            let message = format!("`{}` is not a name; expected letters, digits, `.`, `_` and `-`", text.value);
            self.note(Code::BadValue, text.span, message);
        }
        Some(text.value.to_owned())
    }

    fn inherited(&mut self, item: Item<'_, '_>) -> Option<Vec<Vec<u8>>> {
        match item.value.get_ref() {
            DeValue::Boolean(true) => return None,
            DeValue::Array(array) => {
                let mut names = Vec::new();
                for value in array {
                    let item = Item { value, ..item };
                    let Some(name) = self.text(item) else { continue };
                    self.variable_name(name.value, name.span);
                    names.push(name.value.into());
                }
                return Some(names);
            }
            DeValue::Boolean(false) => {
                let message = "`inherit_env` is `true` or a list of names";
                self.advise(Code::BadValue, item.span(), message, "write `[]` for an empty environment");
            }
            other => self.wrong_type(item.span(), item.key, "`true` or a list of names", other),
        }
        None
    }

    /// An absolute path.
    fn path(&mut self, item: Item<'_, '_>) -> Option<Spanned<Template>> {
        let path = self.template(item.key, item.value)?;
        self.absolute(&path);
        Some(path)
    }

    fn log(&mut self, item: Item<'_, '_>) -> Log<Spanned<Template>> {
        match item.value.get_ref() {
            DeValue::String(word) if word == "inherit" => Log::Inherit,
            DeValue::String(word) if word == "null" => Log::Null,
            DeValue::String(word) if !word.contains(['/', '$']) => {
                let message =
                    format!("`{word}` is not a value of `log`; expected `inherit`, `null` or an absolute path");
                self.note(Code::BadValue, item.span(), message);
                Log::Inherit
            }
            _ => self.path(item).map_or(Log::Inherit, Log::File),
        }
    }

    fn ready(&mut self, item: Item<'_, '_>) -> Option<Ready> {
        let parts = self.section(item.value, item.key, &grammar::READY);
        let mut timeout = READY_TIMEOUT[0];
        let mut target: Option<(Item<'_, '_>, Option<Target<Template>>)> = None;
        let asked = parts.iter().filter(|part| part.key != "timeout").count();
        for part in &parts {
            let read = match part.key {
                "timeout" => {
                    timeout = self.duration(*part, READY_TIMEOUT);
                    continue;
                }
                "notify" => self.yes(*part).then_some(Target::Notify),
                "unix" => self.path(*part).map(|path| Target::Unix(path.value)),
                "file" => self.path(*part).map(|path| Target::File(path.value)),
                "http" => self.address(*part, address::http(literal(*part)).is_some()).map(Target::Http),
                "tcp" => self.address(*part, address::tcp(literal(*part)).is_some()).map(Target::Tcp),
                _ => {
                    self.not_read(*part);
                    continue;
                }
            };
            if let Some((first, _)) = &target {
                let message = format!("`{}` and `{}`: one sign of readiness is waited for", first.key, part.key);
                self.advise(
                    Code::Conflict,
                    part.key_span,
                    message,
                    "keep the one that says most; `notify` is the surest",
                );
            }
            target = Some((*part, read));
        }
        if asked == 0 && matches!(item.value.get_ref(), DeValue::Table(table) if table.len() == parts.len()) {
            let message = "`ready` waits for nothing; expected one of `notify`, `unix`, `file`, `http`, `tcp`";
            self.note(Code::BadValue, item.key_span, message);
        }
        let (part, value) = target?;
        Some(Ready { target: Spanned { span: part.span(), value: value? }, timeout })
    }

    /// An address, `good` being what a literal one is worth.
    fn address(&mut self, item: Item<'_, '_>, good: bool) -> Option<Template> {
        let text = self.template(item.key, item.value)?;
        if text.value.literal().is_some() && !good {
            let expected = if item.key == "tcp" { "`127.0.0.1:6379`" } else { "`http://127.0.0.1:8080/health`" };
            let message = format!("`{}` is not an address; expected one like {expected}", literal(item));
            self.advise(Code::BadValue, text.span, message, "write a numeric address or `localhost`, and a port");
        }
        Some(text.value)
    }

    /// A duration of at least a millisecond; `usual` when it is none.
    fn duration(&mut self, item: Item<'_, '_>, [usual, longest]: [Duration; 2]) -> Duration {
        let DeValue::String(_) = item.value.get_ref() else {
            self.wrong_type(item.span(), item.key, "a duration such as `\"200ms\"` or `\"3s\"`", item.value.get_ref());
            return usual;
        };
        let Some(text) = self.text(item) else { return usual };
        let read = match text.value.strip_suffix("ms") {
            Some(number) => number.parse().ok().map(Duration::from_millis),
            None => text.value.strip_suffix('s').and_then(|number| number.parse().ok()).map(Duration::from_secs),
        };
        match read {
            Some(duration) if duration <= longest && !duration.is_zero() => duration,
            Some(_) => {
                let message = format!("`{}` is from `1ms` to `{}s`", item.key, longest.as_secs());
                self.note(Code::BadValue, text.span, message);
                usual
            }
            None => {
                let message = format!("`{}` is not a duration; expected a whole number of `ms` or `s`", text.value);
                self.advise(Code::BadValue, text.span, message, "write it as `200ms` or `1s`");
                usual
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag_value(&mut self, item: Item<'_, '_>) -> Option<bool> {
        match item.value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            other => {
                self.wrong_type(item.span(), item.key, "`true` or `false`", other);
                None
            }
        }
    }
}

/// A string as it stands in the file.
fn literal<'t>(item: Item<'t, '_>) -> &'t str {
    match item.value.get_ref() {
        DeValue::String(text) => text,
        _ => "",
    }
}
