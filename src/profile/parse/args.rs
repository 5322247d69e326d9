//! `args`: edits of argv.

use toml::de::DeValue;

use super::super::grammar;
use super::super::lists::List;
use super::super::section::{Item, Notes, span};
use super::super::template::{Part, Template};
use super::super::{Args, FlagEdit, FlagOperation, Spanned};
use crate::problem::Code;

impl Notes {
    pub(super) fn args(&mut self, item: Item<'_, '_>) -> Args {
        let mut args = Args::default();
        for item in self.section(item.value, item.key, &grammar::ARGS) {
            match item.key {
                "options" => args.options = self.arguments(item),
                "append" => args.append = self.arguments(item),
                "remove" => args.remove = self.globs(item),
                "replace" => args.replace = self.renames(item),
                "values" => {
                    let flags = self.items(item.value, item.key);
                    args.values = flags.into_iter().filter_map(|flag| self.flag(flag)).collect();
                }
                "through" => args.through = self.program(item, false),
                "command" => args.command = self.program(item, true),
                _ => self.not_read(item),
            }
        }
        args
    }

    fn arguments(&mut self, item: Item<'_, '_>) -> Vec<Spanned<Template>> {
        let arguments = self.templates(item);
        for argument in arguments.iter().filter(|argument| argument.value == Template::default()) {
            self.note(Code::BadValue, argument.span, "an empty argument");
        }
        arguments
    }

    fn globs(&mut self, item: Item<'_, '_>) -> Vec<Spanned<Template>> {
        let globs = self.arguments(item);
        for glob in &globs {
            let wild = |text: &[u8]| text.contains(&b'*') && text.iter().all(|byte| matches!(byte, b'*' | b'?'));
            if glob.value.literal().is_some_and(wild) {
                let message = "a bare `*` would drop every argument, the runtime's script and handler too";
                self.advise(Code::BadValue, glob.span, message, "say what the arguments begin with");
            }
        }
        globs
    }

    /// A program with its arguments. `parts` allows `${0}` and `${1..}`.
    pub(super) fn program(&mut self, item: Item<'_, '_>, parts: bool) -> Option<Spanned<Vec<Template>>> {
        let DeValue::Array(array) = item.value.get_ref() else {
            self.wrong_type(item.span(), item.key, "a list of strings", item.value.get_ref());
            return None;
        };
        let mut words = Vec::new();
        for value in array {
            let word = match value.get_ref() {
                DeValue::String(text) if parts && text == "${0}" => Template { parts: vec![Part::Interpreter] },
                DeValue::String(text) if parts && text == "${1..}" => Template { parts: vec![Part::Arguments] },
                _ => self.template(item.key, value)?.value,
            };
            words.push(word);
        }
        match words.first() {
            None => {
                self.note(Code::BadValue, item.span(), format!("`{}` names no program", item.key));
                return None;
            }
            Some(Template { parts }) if parts[..] == [Part::Interpreter] => {}
            Some(Template { parts }) if parts[..] == [Part::Arguments] => {
                let message = "`${1..}` cannot be the program; write it first in the list with something before it";
                self.note(Code::BadValue, span(&array[0]), message);
            }
            Some(program) => self.absolute(&Spanned { span: span(&array[0]), value: program.clone() }),
        }
        Some(Spanned { span: item.key_span, value: words })
    }

    fn flag(&mut self, flag: Item<'_, '_>) -> Option<FlagEdit> {
        if flag.key.is_empty() || flag.key.contains(['=', '\0']) {
            let message = format!("`{}` is not a flag; write it without `=`", flag.key.escape_default());
            self.note(Code::BadValue, flag.key_span, message);
        }
        let parts = match flag.value.get_ref() {
            DeValue::Table(_) => self.section(flag.value, flag.key, &grammar::FLAG),
            _ => {
                let value = self.value(flag)?;
                return Some(self.flag_edit(flag, FlagOperation::Set(value)));
            }
        };
        let mut asked = parts.iter().copied().filter(|part| part.key != "separator");
        let Some(operation) = asked.next() else {
            self.nothing_to_do(flag);
            return None;
        };
        if let Some(second) = asked.next() {
            let message = format!("`{}` and `{}`: one operation per flag in a table", operation.key, second.key);
            self.advise(Code::Conflict, second.key_span, message, "put the second into a `[[rules]]` of its own");
            return None;
        }
        let separator = parts.iter().copied().find(|part| part.key == "separator");
        let operation = match operation.key {
            "set" => FlagOperation::Set(self.value(operation)?),
            "unset" => self.yes(operation).then_some(FlagOperation::Unset)?,
            "prepend" | "append" => {
                let known = List::of_flag(flag.key);
                FlagOperation::Extend(self.extend(flag, operation, known, separator, List::unknown)?)
            }
            _ => {
                self.not_read(operation);
                return None;
            }
        };
        Some(self.flag_edit(flag, operation))
    }

    fn flag_edit(&self, flag: Item<'_, '_>, operation: FlagOperation) -> FlagEdit {
        FlagEdit { span: flag.key_span, flag: flag.key.into(), operation }
    }
}
