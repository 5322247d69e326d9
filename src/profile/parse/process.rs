//! `limits`, `process` and `shutdown`: what the runtime's process gets.

use toml::de::DeValue;

use super::super::grammar;
use super::super::section::{Item, Notes};
use super::super::template::Template;
use super::super::{Limit, Spanned};
use crate::problem::Code;

impl Notes {
    pub(super) fn limits(&mut self, item: Item<'_, '_>) -> Vec<(Spanned<&'static str>, Limit)> {
        let mut limits = Vec::new();
        for item in self.section(item.value, item.key, &grammar::LIMITS) {
            let Some(key) = grammar::LIMITS.keys.iter().find(|key| key.name == item.key) else { continue };
            if let Some(limit) = self.limit(item) {
                limits.push((Spanned { span: item.key_span, value: key.name }, limit));
            }
        }
        limits
    }

    fn limit(&mut self, item: Item<'_, '_>) -> Option<Limit> {
        match item.value.get_ref() {
            DeValue::String(word) if word == "hard" => return Some(Limit::Hard),
            DeValue::String(word) if word == "unlimited" => return Some(Limit::Unlimited),
            DeValue::Integer(number) if number.radix() == 10 => {
                if let Ok(number) = number.as_str().parse() {
                    return Some(Limit::To(number));
                }
            }
            _ => {}
        }
        let message = format!("`{}` is a whole number, `\"hard\"` or `\"unlimited\"`", item.key);
        self.note(Code::BadValue, item.span(), message);
        None
    }

    pub(super) fn directories(&mut self, item: Item<'_, '_>) -> Vec<Spanned<Template>> {
        let mut directories = Vec::new();
        for item in self.section(item.value, item.key, &grammar::PROCESS) {
            match item.key {
                "directories" => {
                    directories = self.templates(item);
                    directories.iter().for_each(|path| self.absolute(path));
                }
                _ => self.not_read(item),
            }
        }
        directories
    }

    pub(super) fn graceful(&mut self, item: Item<'_, '_>) -> Option<Spanned<bool>> {
        let mut graceful = None;
        for item in self.section(item.value, item.key, &grammar::SHUTDOWN) {
            match item.key {
                "graceful" => {
                    graceful = self.flag_value(item).map(|value| Spanned { span: item.key_span, value });
                }
                _ => self.not_read(item),
            }
        }
        graceful
    }
}
