//! `forerun schema`: the profile language as a JSON Schema, for editors, from the tables that the parser reads with.

use clap::Args;
use serde_json::{Map, Value, json};

use super::Report;
use crate::profile::grammar::{FAMILIES, FIRST_EXISTING, Grammar, PROFILE, Shape};

/// Print the JSON Schema of profiles
///
/// An editor completes and checks a profile whose first line is `#:schema` and the path of this file.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  forerun schema > profile.schema.json")]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(&self) -> Report {
        Report::fine(format!("{:#}\n", schema()))
    }
}

fn schema() -> Value {
    let mut tables = Map::new();
    define(&FIRST_EXISTING, &mut tables);
    define(&PROFILE, &mut tables);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "forerun profile",
        "$ref": "#/$defs/profile",
        "$defs": tables,
    })
}

/// Adds a table of the language, and those that it holds.
fn define(grammar: &'static Grammar, tables: &mut Map<String, Value>) {
    if tables.contains_key(grammar.name) {
        return;
    }
    // A table may hold itself: it has to be there before its keys are looked at.
    tables.insert(grammar.name.into(), Value::Null);
    let mut keys = Map::new();
    for key in grammar.keys {
        let mut value = shape(key.shape, tables);
        value["description"] = key.doc.into();
        keys.insert(key.name.into(), value);
    }
    let table = json!({ "type": "object", "additionalProperties": false, "properties": keys });
    tables.insert(grammar.name.into(), table);
}

fn refer(grammar: &'static Grammar, tables: &mut Map<String, Value>) -> Value {
    define(grammar, tables);
    json!({ "$ref": format!("#/$defs/{}", grammar.name) })
}

fn shape(shape: Shape, tables: &mut Map<String, Value>) -> Value {
    let text = json!({ "type": "string" });
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    let compared = json!({ "type": ["string", "number"] });
    let list = |items: &Value| json!({ "type": "array", "items": items });
    let filled = |items: &Value| json!({ "type": "array", "items": items, "minItems": 1 });
    match shape {
        Shape::Text => text,
        Shape::Scalar => scalar,
        Shape::Compared => compared,
        Shape::Yes => json!({ "const": true }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Words(words) => json!({ "anyOf": [{ "enum": words }, filled(&json!({ "enum": words }))] }),
        Shape::Texts => json!({ "anyOf": [text, filled(&text)] }),
        Shape::List => list(&text),
        Shape::Program => filled(&text),
        Shape::Value => json!({ "anyOf": [scalar, refer(&FIRST_EXISTING, tables)] }),
        Shape::Items => json!({ "anyOf": [text, filled(&text), refer(&FIRST_EXISTING, tables)] }),
        Shape::YesOrList => json!({ "anyOf": [{ "const": true }, list(&text)] }),
        Shape::Duration => json!({ "type": "string", "pattern": "^[0-9]+(ms|s)$" }),
        Shape::Number(words) => json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "enum": words }] }),
        Shape::Pairs => json!({ "type": "object", "additionalProperties": scalar, "minProperties": 1 }),
        Shape::Renames => json!({ "type": "object", "additionalProperties": text }),
        Shape::Table(grammar) => refer(grammar, tables),
        Shape::Tables(grammar) => list(&refer(grammar, tables)),
        Shape::Edits(grammar) => {
            json!({ "type": "object", "additionalProperties": { "anyOf": [scalar, refer(grammar, tables)] } })
        }
        Shape::Tests(grammar) => {
            let one = json!({ "anyOf": [scalar, filled(&compared), refer(grammar, tables)] });
            json!({ "type": "object", "additionalProperties": one })
        }
        Shape::Families(grammar) => {
            let rule = refer(grammar, tables);
            let families: Map<_, _> = FAMILIES.iter().map(|family| (String::from(*family), rule.clone())).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": families })
        }
    }
}
