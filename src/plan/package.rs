//! The one thing that matters of a package.json: whether its `.js` files are ES modules.
//!
//! serde_json would do, and costs 26 KB of a launcher whose size is its cost; so the text is walked here, and a test
//! holds the two to the same answers.

/// Whether the text is a JSON object whose last `type` is `"module"`. A text that is not JSON may get either answer: Node
/// does not start with it.
pub(super) fn is_module(text: &[u8]) -> bool {
    let mut depth = 0_usize;
    // The key that a value would belong to, and whether the last `type` was "module".
    let (mut key, mut last): (Option<&[u8]>, Option<&[u8]>) = (None, None);
    let (mut module, mut at) = (false, 0);
    while at < text.len() {
        match text[at] {
            b'"' => {
                let end = string_end(text, at + 1);
                let string = &text[at + 1..end.min(text.len())];
                if depth == 1 {
                    if key == Some(b"type") {
                        module = string == b"module";
                    }
                    last = Some(string);
                }
                at = end;
            }
            b':' if depth == 1 => key = last,
            b',' if depth == 1 => key = None,
            b'{' | b'[' => {
                if depth == 1 && key == Some(b"type") {
                    module = false;
                }
                depth += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            byte if depth == 1 && key == Some(b"type") && !byte.is_ascii_whitespace() => module = false,
            _ => {}
        }
        at += 1;
    }
    module
}

/// The position of the quote that ends a string.
fn string_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_serde_json() {
        for text in [
            r#"{}"#,
            r#"{"type":"module"}"#,
            r#"{"type":"commonjs"}"#,
            r#"{ "name" : "x", "type" : "module" , "exports": {"type":"commonjs"} }"#,
            r#"{"exports":{"type":"module"}}"#,
            r#"{"files":["type","module"],"x":["a",{"type":"module"}]}"#,
            r#"{"description":"\"type\":\"module\"","x":"type"}"#,
            r#"{"a":"type","b":"module"}"#,
            r#"{"type":"module","type":"commonjs"}"#,
            r#"{"type":null}"#,
            r#"{"type":["module"]}"#,
            r#"{"x":"\\","type":"module"}"#,
            r#"["type","module"]"#,
        ] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(is_module(text.as_bytes()), value.get("type").is_some_and(|kind| kind == "module"), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_json_ends() {
        for text in ["", "{", "\"", "{\"type\":\"module", "{\"a\\", "}}}]"] {
            is_module(text.as_bytes());
        }
    }
}
