//! Lines on stderr, as text or as Lambda's JSON, written by tracing-subscriber and only set up when there is one.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

use std::os::fd::AsFd;
use std::{fmt, io};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::library::Library;
use crate::plan::settings::Verbosity;
use crate::plan::{Level, Message};
use crate::problem::Problem;
use crate::start::Start;

/// The text of a message: `warning[FR210]: /opt/forerun.d/10-x.toml:3:1: …`.
pub fn line(message: &Message, library: &Library) -> String {
    let place = message.origin.map_or_else(String::new, |origin| library.locate(origin) + ": ");
    let kind = match message.level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
    };
    let code = message.code.map_or_else(String::new, |code| format!("[{code}]"));
    format!("{kind}{code}: {place}{}", message.text)
}

/// Writes the messages that the settings of the start ask for.
pub fn write(messages: &[Message], library: &Library, start: &Start<'_>) {
    let verbosity = Verbosity::of(start);
    let mut shown = messages.iter().filter(|message| verbosity.shows(message.level)).peekable();
    if shown.peek().is_some() {
        emit(shown.map(|message| (message.level, line(message, library))), start);
    }
}

/// Writes why the start stops: one line.
pub fn write_error(problem: &Problem, library: &Library, start: &Start<'_>) {
    if Verbosity::of(start).shows(Level::Error) {
        let text = format!("error[{}]: {}", problem.code, library.line(problem));
        emit(std::iter::once((Level::Error, text)), start);
    }
}

/// Writes a warning or news of the supervisor, which has nothing but what it was told: no profiles, no subscriber. A
/// line that would have to wait for somebody to read is lost: the supervisor has to be there when the runtime ends.
pub(super) fn write_now(level: Level, json: bool, place: &str, problem: &Problem) {
    let stderr = io::stderr();
    let mut room = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
    if poll(&mut room, PollTimeout::ZERO).is_ok_and(|ready| ready == 0) {
        return;
    }
    let kind = if level == Level::Info { "info" } else { "warning" };
    let help = problem.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
    write_line(level, json, &format!("forerun: {kind}[{}]: {place}: {}{help}", problem.code, problem.message));
}

/// Whether the function's log is JSON.
pub(super) fn is_json(start: &Start<'_>) -> bool {
    start.env.filled(b"AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case(b"json"))
}

fn emit(lines: impl Iterator<Item = (Level, String)>, start: &Start<'_>) {
    let subscriber = Registry::default().with(Lines { json: is_json(start) });
    tracing::subscriber::with_default(subscriber, || {
        for (level, text) in lines {
            match level {
                Level::Error => tracing::error!("{text}"),
                Level::Warn => tracing::warn!("{text}"),
                Level::Info => tracing::info!("{text}"),
            }
        }
    });
}

/// The layer that writes each event as one line. tracing-subscriber's own `fmt` layer would also format spans and
/// fields, which no line here has, and cost 25 KB.
struct Lines {
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

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text(String::from("forerun: "));
        event.record(&mut text);
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        write_line(level, self.json, &text.0);
    }
}

fn write_line(level: Level, json: bool, text: &str) {
    let mut line = if json { json_line(level, text) } else { text.to_owned() };
    line.push('\n');
    write_to_stderr(line.as_bytes());
}

fn json_line(level: Level, message: &str) -> String {
    let mut timestamp = String::new();
    // Writing to a string does not fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    // What stops the start is fatal: at AWS_LAMBDA_LOG_LEVEL=FATAL the platform drops everything else.
    let level = match level {
        Level::Error => "FATAL",
        Level::Warn => "WARN",
        Level::Info => "INFO",
    };
    serde_json::to_string(&JsonLine { timestamp: &timestamp, level, message }).unwrap_or_default()
}

struct Text(String);

impl Visit for Text {
    // Only texts are written. The default of this one would bring the formatting of floats: 13 KB.
    fn record_f64(&mut self, _: &Field, _: f64) {}

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!("{value:?}"));
        }
    }
}

/// Writes to standard error without a buffer; what cannot be written is lost, since there is nowhere to say so.
///
/// SIGPIPE may be at its default, since the runtime's dispositions are not ours to change: it is blocked for the length
/// of the write, taken back if the write caused it, and the mask put back.
#[expect(unsafe_code, reason = "write(2), sigtimedwait(2) and the mask, without touching the disposition")]
fn write_to_stderr(mut bytes: &[u8]) {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
    let mut pipe = SigSet::empty();
    pipe.add(Signal::SIGPIPE);
    let mut before = SigSet::empty();
    if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&pipe), Some(&mut before)).is_err() {
        return;
    }
    let was_pending = is_pending(libc::SIGPIPE);
    while !bytes.is_empty() {
        // SAFETY: the pointer and length are those of a live slice.
        let written = unsafe { libc::write(libc::STDERR_FILENO, bytes.as_ptr().cast(), bytes.len()) };
        match (usize::try_from(written), Errno::last()) {
            (Ok(written), _) => bytes = &bytes[written..],
            (Err(_), Errno::EINTR) => {}
            (Err(_), error) => {
                if error == Errno::EPIPE && !was_pending {
                    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
                    // SAFETY: both pointers are to live values, and a null siginfo is allowed.
                    unsafe { libc::sigtimedwait(pipe.as_ref(), std::ptr::null_mut(), &now) };
                }
                break;
            }
        }
    }
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
}

#[expect(unsafe_code, reason = "sigpending(2), which nix does not have")]
fn is_pending(signal: libc::c_int) -> bool {
    let mut pending = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is written before it is read, and only when that succeeded.
    unsafe { libc::sigpending(pending.as_mut_ptr()) == 0 && libc::sigismember(pending.as_ptr(), signal) == 1 }
}
