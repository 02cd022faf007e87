//! The wire as pages for other languages: a JSON Schema, TypeScript types and an AsyncAPI page.
//!
//! All three come from the Rust types, so they cannot disagree with what the gateway takes and sends.
//! Written by `examples/generate.rs`, compared by `tests/generated.rs`; nothing at run time uses this module.

mod asyncapi;
mod typescript;
mod yaml;

use crate::limits;
use crate::{CloseCode, CloseNotice, Code, Down, PROTOCOL, SUBPROTOCOL, Up};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Every generated file: its path from the repository's root, and its text.
///
/// # Panics
/// When a type of the wire uses a schema keyword that the TypeScript page cannot show.
#[must_use]
pub fn generated() -> Vec<(&'static str, String)> {
    let definitions = definitions();
    let types = typescript::page(&definitions);
    vec![
        ("protocol/generated/schema.json", format!("{:#}\n", schema(&definitions))),
        ("protocol/generated/frames.ts", types.clone()),
        ("protocol/generated/asyncapi.yaml", asyncapi::page(&definitions)),
        ("widget-js/src/protocol/frames.ts", types),
    ]
}

/// Schemas by type name.
type Definitions = BTreeMap<String, Value>;

/// Largest integer that JavaScript holds exactly.
const SAFE_INTEGER_MAX: u64 = crate::Number::MAX;

fn schema(definitions: &Definitions) -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": SUBPROTOCOL,
        "description": "A frame of halloo.v1. Readers pass over kinds and fields they do not know; \
                        this schema holds those of the version that wrote it.",
        "anyOf": [{ "$ref": "#/definitions/Up" }, { "$ref": "#/definitions/Down" }],
        "definitions": definitions,
        "x-protocol": PROTOCOL,
        "x-subprotocol": SUBPROTOCOL,
        "x-close-codes": CloseCode::ALL.iter().map(|code| close_code(*code)).collect::<Vec<_>>(),
        "x-refusals": Code::ALL.iter().map(|code| refusal(*code)).collect::<Vec<_>>(),
        "x-limits": limits::ALL.iter().map(limit).collect::<Map<_, _>>(),
    })
}

fn close_code(code: CloseCode) -> Value {
    json!({ "code": code.code(), "meaning": code.meaning(), "then": code.then() })
}

fn refusal(code: Code) -> Value {
    json!({
        "code": code,
        "retryable": code.retryable(),
        "uses_ordinal": code.uses_ordinal(),
        "meaning": code.sentence(),
    })
}

fn limit(limit: &limits::Limit) -> (String, Value) {
    (limit.name.to_lowercase(), json!({ "value": limit.value, "meaning": limit.meaning.trim() }))
}

/// Every type of the wire. Frames up are described as they may be sent, frames down as they arrive.
fn definitions() -> Definitions {
    let mut all = Definitions::new();
    add::<Up>(SchemaSettings::draft07().for_deserialize(), &mut all);
    add::<Down>(SchemaSettings::draft07().for_serialize(), &mut all);
    add::<CloseNotice>(SchemaSettings::draft07().for_serialize(), &mut all);
    all.insert("CloseCode".to_owned(), close_codes());
    all
}

fn add<T: JsonSchema>(settings: SchemaSettings, all: &mut Definitions) {
    let mut root = settings.into_generator().into_root_schema_for::<T>().to_value();
    let object = root.as_object_mut().expect("a root schema is an object");
    object.remove("$schema");
    object.remove("title");
    let mut named = match object.remove("definitions") {
        Some(Value::Object(definitions)) => definitions,
        None => Map::new(),
        Some(other) => panic!("definitions are an object, not {other}"),
    };
    named.insert(T::schema_name().into_owned(), root);
    for (name, mut schema) in named {
        normalize(&mut schema);
        let known = all.entry(name).or_insert_with(|| schema.clone());
        assert_eq!(*known, schema, "a type that goes both ways looks the same both ways");
    }
}

fn close_codes() -> Value {
    let codes: Vec<Value> =
        CloseCode::ALL.iter().map(|code| json!({ "const": code.code(), "description": code.meaning() })).collect();
    json!({ "description": "Why the gateway closed a socket.", "type": "integer", "oneOf": codes })
}

/// Rewrites what is peculiar to Rust: absent stands for `None`, and integers have bounds in place of sizes.
fn normalize(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Object(object) => {
            drop_null(object);
            bound_integer(object);
            object.values_mut().for_each(normalize);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(mut any)) = object.remove("anyOf") else { return };
    any.retain(|schema| schema["type"] != "null");
    match <[Value; 1]>::try_from(any) {
        Ok([Value::Object(only)]) if object.is_empty() => *object = only,
        Ok([only]) => drop(object.insert("allOf".to_owned(), json!([only]))),
        Err(any) => drop(object.insert("anyOf".to_owned(), Value::Array(any))),
    }
}

fn bound_integer(object: &mut Map<String, Value>) {
    let bound = match object.get("format").and_then(Value::as_str) {
        Some("uint8") => u64::from(u8::MAX),
        Some("uint16") => u64::from(u16::MAX),
        Some("uint32") => u64::from(u32::MAX),
        Some("uint64") => SAFE_INTEGER_MAX,
        Some(_) | None => return,
    };
    object.remove("format");
    object.insert("maximum".to_owned(), json!(bound));
}
