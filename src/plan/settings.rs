//! The `FORERUN_*` variables.

use super::{Level, Message};
use crate::problem::Code;
use crate::profile::OnError;
use crate::start::Start;

/// Marks a process that runs the runtime through another program; its value is the process id.
pub(super) const THROUGH: &[u8] = b"FORERUN_THROUGH";

/// Which lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// None.
    Off,
    /// Why the start stops.
    Error,
    /// Warnings as well.
    Warn,
    /// News as well.
    Info,
    /// As `info`: there is nothing finer yet.
    Debug,
    /// As `info`.
    Trace,
}

impl Verbosity {
    fn named(name: &[u8]) -> Option<Verbosity> {
        Some(match &name.to_ascii_lowercase()[..] {
            b"off" => Verbosity::Off,
            b"error" => Verbosity::Error,
            b"warn" => Verbosity::Warn,
            b"info" => Verbosity::Info,
            b"debug" => Verbosity::Debug,
            b"trace" => Verbosity::Trace,
            _ => return None,
        })
    }

    /// Reads `FORERUN_LOG`, else the stricter of `warn` and `AWS_LAMBDA_LOG_LEVEL`: forerun is silent on success.
    pub fn of(start: &Start<'_>) -> Verbosity {
        if let Some(set) = start.env.filled(b"FORERUN_LOG").and_then(Verbosity::named) {
            return set;
        }
        match start.env.filled(b"AWS_LAMBDA_LOG_LEVEL").map(<[u8]>::to_ascii_lowercase).as_deref() {
            Some(b"error" | b"fatal") => Verbosity::Error,
            _ => Verbosity::Warn,
        }
    }

    /// Whether a line of this level is written.
    pub fn shows(self, level: Level) -> bool {
        self >= match level {
            Level::Error => Verbosity::Error,
            Level::Warn => Verbosity::Warn,
            Level::Info => Verbosity::Info,
        }
    }
}

/// Whether `FORERUN_BYPASS` asks for the runtime as it is.
pub fn bypass(start: &Start<'_>) -> bool {
    start.env.filled(b"FORERUN_BYPASS").is_some_and(truthy)
}

/// What the `FORERUN_*` variables ask for.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Start the runtime as it is.
    pub bypass: bool,
    /// Overrides `on_error` of every profile.
    pub on_error: Option<OnError>,
    /// Entries of `FORERUN_PROFILE`.
    pub profiles: Vec<Vec<u8>>,
    /// This very process was started through a program that a profile named.
    pub through_us: bool,
    skip: Vec<Vec<u8>>,
}

impl Settings {
    /// Reads the settings of a start, and warns of values that are none.
    pub fn read(start: &Start<'_>) -> (Settings, Vec<Message>) {
        let mut warnings = Vec::new();
        let mut odd = |name: &str, expected: &str| {
            let text = format!("{name} is not {expected}; it is ignored");
            warnings.push(Message { level: Level::Warn, text, code: Some(Code::Setting), origin: None });
        };
        let value = |name: &str| start.env.filled(name.as_bytes());
        let mut settings = Settings { bypass: bypass(start), ..Settings::default() };
        if value("FORERUN_BYPASS").is_some_and(|value| !truthy(value) && !falsy(value)) {
            odd("FORERUN_BYPASS", "`1` or `0`");
        }
        if let Some(on_error) = value("FORERUN_ON_ERROR") {
            settings.on_error = OnError::named(on_error);
            if settings.on_error.is_none() {
                odd("FORERUN_ON_ERROR", "`stop` or `continue`");
            }
        }
        if let Some(log) = value("FORERUN_LOG")
            && Verbosity::named(log).is_none()
        {
            odd("FORERUN_LOG", "`error`, `warn`, `info`, `debug`, `trace` or `off`");
        }
        settings.profiles = comma_list(value("FORERUN_PROFILE"));
        settings.skip = comma_list(value("FORERUN_SKIP"));
        settings.through_us = start.env.get(THROUGH) == Some(start.pid.to_string().as_bytes());
        (settings, warnings)
    }

    /// Whether `FORERUN_SKIP` names this profile, with or without its `NN-`.
    pub fn skips(&self, name: &[u8]) -> bool {
        let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let bare = if digits > 0 && name.get(digits) == Some(&b'-') { &name[digits + 1..] } else { name };
        self.skip.iter().any(|skip| skip == name || skip == bare)
    }
}

/// `1`, `t`, `true`, `y`, `yes`, `on`, in any case.
pub fn truthy(value: &[u8]) -> bool {
    [&b"1"[..], b"t", b"true", b"y", b"yes", b"on"].iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn falsy(value: &[u8]) -> bool {
    [&b"0"[..], b"f", b"false", b"n", b"no", b"off"].iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn comma_list(value: Option<&[u8]>) -> Vec<Vec<u8>> {
    let entries = value.unwrap_or_default().split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    entries.filter(|entry| !entry.is_empty()).map(<[u8]>::to_vec).collect()
}
