//! Values as TOML that reads as if somebody had written it.

/// A value of TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Toml {
    Text(String),
    Bool(bool),
    Number(String),
    List(Vec<Toml>),
    Table(Vec<(String, Toml)>),
}

/// Longer lines are broken where that is possible.
pub(super) const WIDTH: usize = 110;

impl Toml {
    pub(super) fn text(text: impl Into<String>) -> Toml {
        Toml::Text(text.into())
    }

    /// A text that a profile may also write as a number or a switch.
    pub(super) fn plain(text: String) -> Toml {
        match &text[..] {
            "true" => Toml::Bool(true),
            "false" => Toml::Bool(false),
            digits
                if !digits.is_empty()
                    && digits.len() < 16
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
                    && (digits == "0" || !digits.starts_with('0')) =>
            {
                Toml::Number(text)
            }
            _ => Toml::Text(text),
        }
    }

    /// On one line.
    pub(super) fn inline(&self) -> String {
        match self {
            Toml::Text(text) => quoted(text),
            Toml::Bool(value) => value.to_string(),
            Toml::Number(digits) => digits.clone(),
            Toml::List(values) => {
                let values: Vec<String> = values.iter().map(Toml::inline).collect();
                format!("[{}]", values.join(", "))
            }
            Toml::Table(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{} = {}", quoted_key(key), value.inline())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// `key = value`; a list that is too long one element a line, a table one key a line.
    pub(super) fn line(&self, key: &str) -> String {
        let line = format!("{key} = {}\n", self.inline());
        if line.len() <= WIDTH {
            return line;
        }
        match self {
            Toml::List(values) => {
                let values: String = values.iter().map(|value| format!("  {},\n", value.inline())).collect();
                format!("{key} = [\n{values}]\n")
            }
            Toml::Table(entries) => {
                entries.iter().map(|(part, value)| value.line(&format!("{key}.{}", quoted_key(part)))).collect()
            }
            _ => line,
        }
    }
}

/// A basic string. JSON's escapes are TOML's as well (<https://toml.io/en/v1.0.0#string>), but for DEL.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A key, bare where it may be.
pub(super) fn quoted_key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    // A flag reads better in quotes.
    if !key.is_empty() && !key.starts_with('-') && key.bytes().all(bare) { key.to_owned() } else { quoted(key) }
}
