//! The schema and the decoder agree: what the one allows the other reads, and what is written fits the schema.
#![cfg(test)]
#![cfg(feature = "schema")]

use proptest::prelude::*;
use proptest::strategy::Union;
use protocol::{Action, Down, RecordKind, Up, decode_down, decode_up, nodes};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// The schema is the same for every case that is drawn.
fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let (path, text) = protocol::schema::generated().swap_remove(0);
        assert_eq!(path, "protocol/generated/schema.json");
        serde_json::from_str(&text).unwrap()
    });
    &SCHEMA
}

/// Any value that a schema of ours allows; fields that may be absent come and go.
fn any_of(root: &Value, schema: &Value) -> BoxedStrategy<Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return any_named(root, name.rsplit('/').next().unwrap());
    }
    if let Some(all) = schema["allOf"].as_array() {
        return any_of(root, &all[0]);
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        return Union::new(variants.iter().map(|variant| any_of(root, variant))).boxed();
    }
    if let Some(constant) = schema.get("const") {
        return Just(constant.clone()).boxed();
    }
    if let Some(values) = schema["enum"].as_array() {
        return proptest::sample::select(values.clone()).boxed();
    }
    match schema["type"].as_str().unwrap() {
        "string" if schema["format"] == "uuid" => any::<u128>().prop_map(uuid).boxed(),
        "string" => any::<String>().prop_map(Value::from).boxed(),
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "integer" => any_integer(schema).boxed(),
        "array" => proptest::collection::vec(any_of(root, &schema["items"]), 0..4).prop_map(Value::from).boxed(),
        "object" => any_object(root, schema),
        other => panic!("a type of no wire: {other}"),
    }
}

fn any_named(root: &Value, name: &str) -> BoxedStrategy<Value> {
    // A body is written as its text is cut, so only such lists come back unchanged.
    if name == "Body" {
        return any::<String>().prop_map(|text| serde_json::to_value(nodes(&text)).unwrap()).boxed();
    }
    any_of(root, &root["definitions"][name])
}

fn any_integer(schema: &Value) -> impl Strategy<Value = Value> + use<> {
    let (low, high) = (schema["minimum"].as_u64().unwrap(), schema["maximum"].as_u64().unwrap());
    prop_oneof![low..=high, Just(low), Just(high)].prop_map(Value::from)
}

fn uuid(bits: u128) -> Value {
    let hex = format!("{bits:032x}");
    json!(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

fn any_object(root: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let Some(fields) = schema["properties"].as_object() else { return Just(json!({})).boxed() };
    let fields: Vec<BoxedStrategy<Option<(String, Value)>>> = fields
        .iter()
        .map(|(name, field)| {
            let name = name.clone();
            let value = any_of(root, field).prop_map(move |value| (name.clone(), value));
            value.boxed()
        })
        .zip(fields.keys())
        .map(|(field, name)| match is_required(schema, name) {
            true => field.prop_map(Some).boxed(),
            false => proptest::option::of(field).boxed(),
        })
        .collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect::<Map<_, _>>())).boxed()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}

/// Why a value does not fit a schema of ours.
fn misfit(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return misfit(root, &root["definitions"][name.rsplit('/').next().unwrap()], value);
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().find_map(|schema| misfit(root, schema, value));
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        let fitting = variants.iter().filter(|variant| misfit(root, variant, value).is_none()).count();
        return (fitting != 1).then(|| format!("{fitting} variants fit {value}"));
    }
    if let Some(constant) = schema.get("const") {
        return (constant != value).then(|| format!("{value} is not {constant}"));
    }
    if let Some(values) = schema["enum"].as_array() {
        return (!values.contains(value)).then(|| format!("{value} is none of {values:?}"));
    }
    let fits = match schema["type"].as_str().unwrap() {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_u64().is_some_and(|number| number <= schema["maximum"].as_u64().unwrap()),
        "array" => {
            return value.as_array().map_or_else(
                || Some(format!("{value} is no array")),
                |items| items.iter().find_map(|item| misfit(root, &schema["items"], item)),
            );
        }
        "object" => return misfit_of_object(root, schema, value),
        other => panic!("a type of no wire: {other}"),
    };
    (!fits).then(|| format!("{value} does not fit {schema}"))
}

fn misfit_of_object(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    let Some(object) = value.as_object() else { return Some(format!("{value} is no object")) };
    let none = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&none);
    let missing = fields.keys().find(|name| is_required(schema, name) && !object.contains_key(*name));
    if let Some(name) = missing {
        return Some(format!("{name} is missing in {value}"));
    }
    object.iter().find_map(|(name, value)| match fields.get(name) {
        Some(field) => misfit(root, field, value),
        None => Some(format!("{name} is not in the schema")),
    })
}

proptest! {
    #[test]
    fn every_frame_up_comes_back(frame in any_named(schema(), "Up")) {
        let read = decode_up(&frame.to_string()).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        prop_assert_eq!(misfit(schema(), &json!({ "$ref": "Up" }), &written), None);
        prop_assert_eq!(decode_up(&written.to_string()).unwrap(), read);
    }

    #[test]
    fn every_frame_down_comes_back(frame in any_named(schema(), "Down")) {
        let read = decode_down(&frame.to_string()).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        prop_assert_eq!(misfit(schema(), &json!({ "$ref": "Down" }), &written), None);
        prop_assert_eq!(decode_down(&written.to_string()).unwrap(), read);
    }

    #[test]
    fn no_text_makes_the_decoder_stop(text in any::<String>()) {
        let _ = decode_up(&text);
        let _ = decode_down(&text);
    }
}

#[test]
fn the_schema_has_the_kinds_of_the_decoder() {
    let schema = schema();
    let kinds = |name: &str| -> Vec<String> {
        let variants = schema["definitions"][name]["oneOf"].as_array().unwrap();
        variants.iter().map(|variant| variant["required"][0].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds("Up"), Up::KINDS);
    assert_eq!(kinds("Down"), Down::KINDS);
    assert_eq!(kinds("Action"), Action::KINDS);
    assert_eq!(kinds("RecordKind"), RecordKind::KINDS);
}

#[test]
fn golden_frames_fit_the_schema() {
    let schema = schema();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let kind = match name.split_once('-').unwrap().0 {
            "up" | "action" => "Up",
            "down" | "record" | "refusal" => "Down",
            _ => continue,
        };
        let frame: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(misfit(schema, &json!({ "$ref": kind }), &frame), None, "{name}");
    }
}
