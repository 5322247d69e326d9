//! `forerun completions` and `forerun man`: what a shell and man(1) know of the command line.
#![expect(clippy::disallowed_methods, reason = "man pages go into the folder that is named")]

use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::{Cli, Report, reason};

/// Print a script that completes commands and options in a shell
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  source <(forerun completions bash)      in ~/.bashrc
  forerun completions zsh > ~/.zfunc/_forerun
  forerun completions fish > ~/.config/fish/completions/forerun.fish")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// The script.
    pub(super) fn run(&self) -> Report {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "forerun", &mut script);
        Report::fine(script)
    }
}

/// Print the man page, or write one for each command
///
/// Exit status: 0 printed or written, 2 the folder cannot be written.
#[derive(Args, Debug)]
#[command(
    name = "man",
    after_help = "Examples:
  forerun man | man -l -                  read forerun(1)
  forerun man -o ~/.local/share/man/man1  forerun(1), forerun-check(1) and the rest"
)]
pub(super) struct ManPages {
    /// The folder that gets all pages; it is made if it is not there
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl ManPages {
    /// Prints one page, or writes all.
    pub(super) fn run(&self) -> Report {
        let mut cli = Cli::command().disable_help_subcommand(true);
        cli.build();
        let Some(folder) = &self.output else {
            return Report::fine(page(&cli).1);
        };
        let written = std::fs::create_dir_all(folder).and_then(|()| {
            let mut commands = std::iter::once(&cli).chain(cli.get_subcommands());
            commands.try_for_each(|command| {
                let (name, text) = page(command);
                std::fs::write(folder.join(name), text)
            })
        });
        match written {
            Ok(()) => Report::fine(""),
            Err(error) => Report::usage(
                format!("{}: {}", folder.display(), reason(&error)),
                "-o names a folder that can be written",
            ),
        }
    }
}

/// The name of a page's file, and the page.
fn page(command: &Command) -> (String, Vec<u8>) {
    let examples = command.get_after_help().map(ToString::to_string);
    // Text in a man page is filled into paragraphs. Examples have lines, and so a section of their own.
    let man = Man::new(command.clone().after_help(Resettable::Reset))
        .source(concat!("forerun ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands")
        // No date, so that the pages are the same whenever they are made; an empty one would not take up its place.
        .date(" ");
    let mut text = Vec::new();
    let mut written = man.render(&mut text);
    if let Some(examples) = examples {
        let mut roff = Roff::new();
        roff.control("SH", ["EXAMPLES"]).control("nf", []);
        examples.lines().skip(1).for_each(|line| {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        });
        roff.control("fi", []);
        written = written.and_then(|()| roff.to_writer(&mut text));
    }
    // Memory takes everything.
    debug_assert!(written.is_ok());
    (man.get_filename(), text)
}
