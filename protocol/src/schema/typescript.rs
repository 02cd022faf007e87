//! The TypeScript page: types without code, and the few tables a client looks things up in.
//!
//! It knows just the keywords that the wire's own schemas use, and stops at any other.

use super::Definitions;
use crate::limits;
use crate::{CloseCode, Code, PROTOCOL, SUBPROTOCOL};
use serde_json::{Map, Value};
use std::fmt::Write;

const HEAD: &str = "\
// Generated from the Rust types in protocol/src by `cargo run -p protocol --features schema --example generate`.
// Frames are objects with a single key that names the kind. Pass over kinds and fields that are not here.

/** A string that names one kind of thing; the kinds do not mix, a plain string fits all. */
type Id<Kind extends string> = string & { readonly __id?: Kind }

/** The keys of a union of single-key objects: its kinds. */
export type KindOf<Union> = Union extends unknown ? Extract<keyof Union, string> : never

/** What stands under one key of a union of single-key objects. */
export type ContentOf<Union, Kind extends string> = Union extends { [K in Kind]: infer Content } ? Content : never
";

/// Unions whose kinds a client may want to look through.
const KINDS: [(&str, &str, &str); 5] = [
    ("Up", "UP_KINDS", "Kinds of frames to the gateway."),
    ("Down", "DOWN_KINDS", "Kinds of frames from the gateway."),
    ("Action", "ACTION_KINDS", "Kinds of durable commands."),
    ("RecordKind", "RECORD_KINDS", "Kinds of records."),
    ("Node", "NODE_KINDS", "Kinds of nodes of a body."),
];

pub(super) fn page(definitions: &Definitions) -> String {
    let mut page = HEAD.to_owned();
    push_tables(&mut page);
    for (union, name, about) in KINDS {
        let kinds = variants(&definitions[union]).iter().map(|variant| format!("'{}'", kind(variant)));
        let kinds = wrapped(&kinds.collect::<Vec<_>>());
        let _ = write!(page, "\n/** {about} */\nexport const {name} = [{kinds}] as const\n");
    }
    for (name, schema) in definitions {
        page.push('\n');
        push_doc(&mut page, "", schema);
        push_type(&mut page, name, schema);
    }
    page
}

fn push_tables(page: &mut String) {
    let _ =
        write!(page, "\n/** Version of the wire; `hello.protocol` names it. */\nexport const PROTOCOL = {PROTOCOL}\n");
    let _ = write!(page, "\n/** WebSocket subprotocol to offer. */\nexport const SUBPROTOCOL = '{SUBPROTOCOL}'\n");
    page.push_str("\n/** What to do after a close, by its code. One that is not here: as 1011. */\n");
    page.push_str("export const CLOSE_CODES = {\n");
    for code in CloseCode::ALL {
        let then = serde_json::to_value(code.then()).expect("a unit variant is a string");
        let then = then.as_str().expect("a unit variant is a string");
        let _ = writeln!(page, "  /** {} */\n  {}: '{then}',", code.meaning(), code.code());
    }
    page.push_str("} as const\n\n/** What a client does after a close. */\n");
    page.push_str("export type Return = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES]\n");
    page.push_str("\n/** Refusals after which the same command may be sent again. */\nexport const RETRYABLE = [");
    let retryable = Code::ALL.iter().filter(|code| code.retryable()).map(|code| format!("'{}'", code.name()));
    let _ = writeln!(page, "{}] as const", retryable.collect::<Vec<_>>().join(", "));
    page.push_str("\n/** Limits that both ends know. */\nexport const LIMITS = {\n");
    for limit in limits::ALL {
        let _ = writeln!(page, "  /** {} */\n  {}: {},", limit.meaning.trim(), limit.name.to_lowercase(), limit.value);
    }
    page.push_str("} as const\n");
}

fn push_type(page: &mut String, name: &str, schema: &Value) {
    let object = schema.as_object().expect("a definition is an object");
    if object.get("format").is_some_and(|format| format == "uuid") {
        let _ = writeln!(page, "export type {name} = Id<'{name}'>");
    } else if let Some(Value::Object(fields)) = object.get("properties") {
        push_interface(page, name, object, fields);
    } else if object.contains_key("oneOf") {
        let _ = writeln!(page, "export type {name} =");
        for variant in variants(schema) {
            push_doc(page, "  ", variant);
            let _ = writeln!(page, "  | {}", type_of(variant));
        }
    } else {
        let _ = writeln!(page, "export type {name} = {}", type_of(schema));
    }
}

fn push_interface(page: &mut String, name: &str, object: &Map<String, Value>, fields: &Map<String, Value>) {
    let _ = writeln!(page, "export interface {name} {{");
    for (field, schema) in fields {
        push_doc(page, "  ", schema);
        let _ = writeln!(page, "  {field}{}: {}", optional_mark(object, field), type_of(schema));
    }
    page.push_str("}\n");
}

fn optional_mark(object: &Map<String, Value>, field: &str) -> &'static str {
    let required = object.get("required").and_then(Value::as_array);
    if required.is_some_and(|names| names.iter().any(|name| name == field)) { "" } else { "?" }
}

fn push_doc(page: &mut String, indent: &str, schema: &Value) {
    let Some(text) = schema["description"].as_str() else { return };
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [line] => drop(writeln!(page, "{indent}/** {line} */")),
        lines => {
            let _ = writeln!(page, "{indent}/**");
            for line in lines {
                let _ = writeln!(page, "{}", format!("{indent} * {line}").trim_end());
            }
            let _ = writeln!(page, "{indent} */");
        }
    }
}

fn type_of(schema: &Value) -> String {
    let object = schema.as_object().expect("a schema is an object");
    if let Some(name) = object.get("$ref") {
        return name.as_str().and_then(|name| name.rsplit('/').next()).expect("a reference is a path").to_owned();
    }
    if let Some([only]) = object.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        return type_of(only);
    }
    if let Some(constant) = object.get("const") {
        return literal(constant);
    }
    if let Some(Value::Array(values)) = object.get("enum") {
        return values.iter().map(literal).collect::<Vec<_>>().join(" | ");
    }
    match object.get("type").and_then(Value::as_str) {
        Some("string") => "string".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("boolean") => "boolean".to_owned(),
        Some("array") => format!("{}[]", type_of(&object["items"])),
        Some("object") => fields_of(object),
        other => panic!("the page cannot show a schema of type {other:?}"),
    }
}

fn fields_of(object: &Map<String, Value>) -> String {
    let Some(Value::Object(fields)) = object.get("properties") else {
        return "{ readonly [key: string]: never }".to_owned();
    };
    let fields: Vec<String> = fields
        .iter()
        .map(|(field, schema)| format!("{field}{}: {}", optional_mark(object, field), type_of(schema)))
        .collect();
    format!("{{ {} }}", fields.join("; "))
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn variants(schema: &Value) -> &[Value] {
    schema["oneOf"].as_array().expect("a union has variants")
}

/// The single key of a variant.
fn kind(variant: &Value) -> &str {
    let keys = variant["properties"].as_object().expect("a kind is an object with one key");
    keys.keys().next().expect("a kind is an object with one key")
}

/// A list on one line where it fits, else one a line.
fn wrapped(items: &[String]) -> String {
    let line = items.join(", ");
    if line.len() <= 80 { line } else { format!("\n  {},\n", items.join(",\n  ")) }
}
