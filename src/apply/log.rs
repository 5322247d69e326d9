//! Lines on stderr, as text or as Lambda's JSON, written by tracing-subscriber and only set up when there is one.
#![expect(clippy::disallowed_methods, reason = "this module writes to stderr")]

use std::fmt;
use std::io;

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

use crate::library::Library;
use crate::plan::settings::Verbosity;
use crate::plan::{Level, Message};
use crate::problem::Problem;
use crate::start::Start;

/// A line, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How grave it is.
    pub level: Level,
    /// `warning[FR210]: …`
    pub text: String,
}

/// The line of a message.
pub fn line(message: &Message, library: &Library) -> Line {
    let place = message.origin.map_or_else(String::new, |origin| library.locate(origin) + ": ");
    let kind = match message.level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
    };
    let code = message.code.map_or_else(String::new, |code| format!("[{code}]"));
    Line { level: message.level, text: format!("{kind}{code}: {place}{}", message.text) }
}

/// The line of a problem that stops the start.
pub fn error_line(problem: &Problem, library: &Library) -> Line {
    Line { level: Level::Error, text: format!("error[{}]: {}", problem.code, library.line(problem)) }
}

/// Writes the lines that the settings of the start ask for.
pub fn write(lines: &[Line], start: &Start<'_>) {
    let verbosity = Verbosity::of(start);
    let mut shown = lines.iter().filter(|line| verbosity.shows(line.level)).peekable();
    if shown.peek().is_none() {
        return;
    }
    let json = start.env.filled(b"AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case(b"json"));
    let subscriber = tracing_subscriber::fmt()
        .event_format(Format { json })
        .with_max_level(tracing::Level::INFO)
        .with_writer(Stderr)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        for line in shown {
            match line.level {
                Level::Error => tracing::error!("{}", line.text),
                Level::Warn => tracing::warn!("{}", line.text),
                Level::Info => tracing::info!("{}", line.text),
            }
        }
    });
}

struct Format {
    json: bool,
}

/// A line as Lambda's log format wants it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).
#[derive(Serialize)]
struct JsonLine<'l> {
    timestamp: &'l str,
    level: &'l str,
    message: &'l str,
}

impl<S, N> FormatEvent<S, N> for Format
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = Text(String::from("forerun: "));
        event.record(&mut text);
        if !self.json {
            return writeln!(writer, "{}", text.0);
        }
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        // What stops the start is fatal: at AWS_LAMBDA_LOG_LEVEL=FATAL the platform drops everything else.
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => "FATAL",
            tracing::Level::WARN => "WARN",
            _ => "INFO",
        };
        let line = JsonLine { timestamp: &timestamp, level, message: &text.0 };
        writeln!(writer, "{}", serde_json::to_string(&line).map_err(|_| fmt::Error)?)
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!("{value:?}"));
        }
    }
}

/// Standard error as it was given, without a buffer.
struct Stderr;

impl<'w> MakeWriter<'w> for Stderr {
    type Writer = Stderr;

    fn make_writer(&'w self) -> Stderr {
        Stderr
    }
}

impl io::Write for Stderr {
    /// SIGPIPE may be at its default, since the runtime's dispositions are not ours to change: it is blocked for the
    /// length of the write, taken back if the write caused it, and the mask put back.
    #[expect(unsafe_code, reason = "write(2), sigtimedwait(2) and the mask, without touching the disposition")]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
        let mut pipe = SigSet::empty();
        pipe.add(Signal::SIGPIPE);
        let mut before = SigSet::empty();
        pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&pipe), Some(&mut before))?;
        // SAFETY: the pointer and length are those of a live slice.
        let written = unsafe { libc::write(libc::STDERR_FILENO, bytes.as_ptr().cast(), bytes.len()) };
        let error = io::Error::last_os_error();
        if written < 0 && error.raw_os_error() == Some(libc::EPIPE) && !before.contains(Signal::SIGPIPE) {
            let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: both pointers are to live values, and a null siginfo is allowed.
            unsafe { libc::sigtimedwait(pipe.as_ref(), std::ptr::null_mut(), &now) };
        }
        pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
        if written < 0 { Err(error) } else { Ok(written as usize) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
