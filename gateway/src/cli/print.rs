//! Prints answers: JSON for programs, plain columns for people.

use anyhow::Context;
use serde_json::Value;
use std::io::Write;

/// How an answer is shown to people.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// One line a field.
    Fields,
    /// One line a row, with these columns.
    Table(&'static [&'static str]),
    /// One field, bare, for pasting.
    Only(&'static str),
}

/// Prints an answer.
pub(super) fn answer(out: &mut dyn Write, answer: &Value, shape: Shape, json: bool) -> anyhow::Result<()> {
    if json {
        let text = serde_json::to_string_pretty(answer).context("the answer cannot be written")?;
        return line(out, &text);
    }
    match shape {
        Shape::Fields => fields(out, answer),
        Shape::Table(columns) => table(out, answer, columns),
        Shape::Only(name) => line(out, &word(&answer[name])),
    }
}

/// Prints one line.
pub(super) fn line(out: &mut dyn Write, text: &str) -> anyhow::Result<()> {
    writeln!(out, "{text}").context("the output cannot be written")
}

fn fields(out: &mut dyn Write, answer: &Value) -> anyhow::Result<()> {
    let Some(object) = answer.as_object() else { return Ok(()) };
    let width = object.keys().map(String::len).max().unwrap_or_default();
    for (name, value) in object {
        // What follows the first line is no field of its own.
        let names = std::iter::once(name.as_str()).chain(std::iter::repeat(""));
        for (name, text) in names.zip(lines(value)) {
            line(out, format!("{name:width$}  {text}").trim_end())?;
        }
    }
    Ok(())
}

fn table(out: &mut dyn Write, answer: &Value, columns: &[&str]) -> anyhow::Result<()> {
    let head: Vec<String> = columns.iter().map(|column| column.to_uppercase()).collect();
    let rows = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    let cells = rows.iter().map(|row| columns.iter().map(|column| word(&row[*column])).collect());
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(cells).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default())
        .collect();
    for cells in lines {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        line(out, padded.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// A value as it is pasted: a text of several lines keeps them.
fn lines(value: &Value) -> Vec<String> {
    match value.as_str() {
        Some(text) if text.contains('\n') => text.lines().map(|text| word(&text.into())).collect(),
        Some(_) | None => vec![word(value)],
    }
}

/// A value on one line; characters that would steer a terminal are escaped.
fn word(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "-".to_owned(),
        Value::Array(list) => list.iter().map(word).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    };
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}
