//! JSON values as YAML: just what the AsyncAPI page needs.
//!
//! Keys stay plain, texts are quoted as in JSON, which YAML 1.2 takes as they are.

use serde_json::{Map, Value};

/// Writes a value as block YAML.
pub(super) fn to_yaml(value: &Value) -> String {
    let mut yaml = String::new();
    match value {
        Value::Object(object) => push_fields(&mut yaml, object, 0),
        Value::Array(items) => push_items(&mut yaml, items, 0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => yaml.push_str(&value.to_string()),
    }
    yaml
}

fn push_fields(yaml: &mut String, object: &Map<String, Value>, indent: usize) {
    for (key, value) in object {
        push_indent(yaml, indent);
        push_key(yaml, key);
        push_value(yaml, value, indent + 2);
    }
}

fn push_items(yaml: &mut String, items: &[Value], indent: usize) {
    for item in items {
        push_indent(yaml, indent);
        yaml.push('-');
        push_value(yaml, item, indent + 2);
    }
}

/// What follows a colon or a dash.
fn push_value(yaml: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            yaml.push('\n');
            push_fields(yaml, object, indent);
        }
        Value::Array(items) if !items.is_empty() => {
            yaml.push('\n');
            push_items(yaml, items, indent);
        }
        Value::String(text) if text.contains('\n') => push_block(yaml, text, indent),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            yaml.push(' ');
            yaml.push_str(&value.to_string());
            yaml.push('\n');
        }
    }
}

fn push_block(yaml: &mut String, text: &str, indent: usize) {
    yaml.push_str(" |-\n");
    for line in text.lines() {
        if !line.is_empty() {
            push_indent(yaml, indent);
            yaml.push_str(line);
        }
        yaml.push('\n');
    }
}

fn push_key(yaml: &mut String, key: &str) {
    let is_plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_'));
    if is_plain {
        yaml.push_str(key)
    } else {
        yaml.push_str(&Value::from(key).to_string())
    }
    yaml.push(':');
}

fn push_indent(yaml: &mut String, indent: usize) {
    yaml.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_lists_and_quotes() {
        let value = json!({ "a": { "b": ["x: y", { "c": 1 }], "d": [] }, "4400": "two\n\nlines", "e": {} });
        let yaml = "\"4400\": |-\n  two\n\n  lines\na:\n  b:\n    - \"x: y\"\n    -\n      c: 1\n  d: []\ne: {}\n";
        assert_eq!(to_yaml(&value), yaml);
    }
}
