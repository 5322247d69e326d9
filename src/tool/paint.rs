//! Colour, where it is wanted.
#![expect(clippy::disallowed_methods, reason = "NO_COLOR is a setting of the person at the terminal")]

use std::fmt::Display;
use std::io::IsTerminal;

use annotate_snippets::Renderer;
use clap::builder::styling::{AnsiColor, Style};

/// Whether to use colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    colour: bool,
}

impl Paint {
    /// Colour on a terminal, unless NO_COLOR is set and not empty (<https://no-color.org>).
    pub(super) fn for_stdout() -> Paint {
        Paint::on(&std::io::stdout())
    }

    /// The same for what goes to standard error.
    pub(super) fn for_stderr() -> Paint {
        Paint::on(&std::io::stderr())
    }

    fn on(stream: &impl IsTerminal) -> Paint {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint { colour: !refused && stream.is_terminal() }
    }

    #[cfg(test)]
    pub(super) fn plain() -> Paint {
        Paint { colour: false }
    }

    /// The renderer of snippets.
    pub(super) fn renderer(self) -> Renderer {
        if self.colour { Renderer::styled() } else { Renderer::plain() }
    }

    /// A headline.
    pub(super) fn strong(self, text: impl Display) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// What can be passed over.
    pub(super) fn faint(self, text: impl Display) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// What is new.
    pub(super) fn green(self, text: impl Display) -> String {
        self.styled(AnsiColor::Green.on_default(), text)
    }

    /// What is gone, and errors.
    pub(super) fn red(self, text: impl Display) -> String {
        self.styled(AnsiColor::Red.on_default(), text)
    }

    /// What is different, and warnings.
    pub(super) fn yellow(self, text: impl Display) -> String {
        self.styled(AnsiColor::Yellow.on_default(), text)
    }

    fn styled(self, style: Style, text: impl Display) -> String {
        let text = text.to_string();
        if self.colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text }
    }
}
