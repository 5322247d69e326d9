//! Remarks for programs: as one JSON document, or as annotations of GitHub. docs/lints.md describes the first; names
//! that are there stay.

use serde::Serialize;

use super::remark::Remark;
use crate::library::Library;
use crate::problem::{Span, printable};

/// The document.
#[derive(Debug, Serialize)]
struct Document<'r> {
    /// The version of forerun.
    forerun: &'static str,
    /// How many profiles were checked.
    profiles: usize,
    problems: Vec<Row<'r>>,
}

#[derive(Debug, Serialize)]
struct Row<'r> {
    file: Option<String>,
    /// From 1, as columns are; columns count characters.
    line: Option<usize>,
    column: Option<usize>,
    /// Where what is marked ends: the place behind it.
    end_line: Option<usize>,
    end_column: Option<usize>,
    code: &'r str,
    /// The lint's name; `null` for a problem of the form.
    name: Option<&'static str>,
    level: &'static str,
    message: &'r str,
    help: Option<&'r str>,
}

impl<'r> Row<'r> {
    fn new(remark: &'r Remark, library: &Library) -> Row<'r> {
        let mut row = Row {
            file: remark.file.clone(),
            line: None,
            column: None,
            end_line: None,
            end_column: None,
            code: &remark.code,
            name: remark.name,
            level: remark.level.name(),
            message: &remark.message,
            help: remark.help.as_deref(),
        };
        if let Some(origin) = remark.origin {
            let source = library.source(origin.profile);
            row.file = Some(printable(&source.place));
            if !source.text.is_empty() {
                let (line, column) = source.line_and_column(origin.span);
                let end = Span { start: origin.span.end.max(origin.span.start), end: origin.span.end };
                let (end_line, end_column) = source.line_and_column(end);
                (row.line, row.column) = (Some(line), Some(column));
                (row.end_line, row.end_column) = (Some(end_line), Some(end_column));
            }
        }
        row
    }
}

/// One JSON document.
pub(super) fn json(remarks: &[Remark], profiles: usize, library: &Library) -> String {
    let problems = remarks.iter().map(|remark| Row::new(remark, library)).collect();
    let document = Document { forerun: env!("CARGO_PKG_VERSION"), profiles, problems };
    // Nothing in it can fail to be written: keys are texts.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Workflow commands, one a line:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.
pub(super) fn github(remarks: &[Remark], library: &Library) -> String {
    let mut text = String::new();
    for remark in remarks {
        let row = Row::new(remark, library);
        let command = if row.level == "note" { "notice" } else { row.level };
        let title = row.name.map_or_else(|| row.code.to_owned(), |name| format!("{} {name}", row.code));
        let mut properties = Vec::new();
        properties.extend(row.file.as_ref().map(|file| format!("file={}", property(file))));
        for (name, value) in
            [("line", row.line), ("endLine", row.end_line), ("col", row.column), ("endColumn", row.end_column)]
        {
            properties.extend(value.map(|value| format!("{name}={value}")));
        }
        properties.push(format!("title={}", property(&title)));
        let help = row.help.map_or_else(String::new, |help| format!("\n{help}"));
        let message = data(&format!("{}{help}", row.message));
        text.push_str(&format!("::{command} {}::{message}\n", properties.join(",")));
    }
    text
}

/// A message as the commands take it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property as the commands take it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_property_or_a_line_is_escaped() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(data("50%: a,\r\nb"), "50%25: a,%0D%0Ab");
    }
}
