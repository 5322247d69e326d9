//! A remark as a snippet of the profile: where, what, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Snippet};

use super::layout::wrap_words;
use super::lints;
use super::paint::Paint;
use super::remark::Remark;
use crate::library::Library;
use crate::problem::{Problem, Span, printable};

/// How wide notes and helps are written.
const WIDTH: usize = 72;

/// Renders a problem, with the lines of the profile that it speaks of.
pub(super) fn render(problem: &Problem, library: &Library, paint: Paint) -> String {
    remark(&Remark::from(problem), library, paint)
}

/// Renders a remark, with the lines of the profile that it speaks of.
pub(super) fn remark(remark: &Remark, library: &Library, paint: Paint) -> String {
    // A message is: what is wrong; what was expected. The first part is the title.
    let (title, note) = match remark.message.split_once("; ") {
        Some((title, note)) => (title, Some(note)),
        None => (&remark.message[..], None),
    };
    let level = match remark.level {
        lints::Level::Error => Level::ERROR,
        lints::Level::Warning => Level::WARNING,
        lints::Level::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(title).id(remark.code.clone()));
    if let Some(origin) = remark.origin {
        let source = library.source(origin.profile);
        let place = printable(&source.place);
        group = if source.text.is_empty() {
            group.element(Place::path(place))
        } else {
            let span = AnnotationKind::Primary.span(within(&source.text, origin.span));
            group.element(Snippet::source(&source.text).path(place).annotation(span))
        };
    } else if let Some(file) = &remark.file {
        group = group.element(Place::path(file.clone()));
    }
    if let Some(note) = note {
        let advice = note.starts_with("write ") || note.starts_with("use ");
        let level = if advice { Level::HELP } else { Level::NOTE };
        group = group.element(level.message(lines(note)));
    }
    if let Some(help) = &remark.help {
        group = group.element(Level::HELP.message(lines(help)));
    }
    if let Some(name) = remark.name {
        group = group.element(Level::NOTE.with_name("lint").message(name));
    }
    paint.renderer().render(&[group]) + "\n"
}

fn lines(text: &str) -> String {
    wrap_words(text, WIDTH).join("\n")
}

/// The span, cut to the text and to whole characters.
fn within(text: &str, span: Span) -> std::ops::Range<usize> {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the text, each of its problems can be shown.
        #[test]
        fn every_problem_of_any_text_has_a_snippet(
            text in "([a-z.]{1,6}( = |\\.|\n)|\\[[a-z\\[]{0,9}\\]{0,2}\n|\"[a-zé$\\{\\}\t\r]{0,5}\"\n|[\\PC\n\"'=]{0,4}){0,12}",
        ) {
            let mut library = Library::default();
            let id = library.add(b"x.toml".to_vec(), Ok(text.into_bytes()));
            if let Err(problems) = &library.source(id).profile {
                for problem in problems {
                    let shown = render(problem, &library, Paint::plain());
                    prop_assert!(shown.contains(&problem.code.to_string()) && shown.contains("x.toml"));
                }
            }
        }
    }
}
