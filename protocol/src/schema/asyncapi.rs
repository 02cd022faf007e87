//! The AsyncAPI 3.0 page: both sockets, who sends what on them, and every frame with an example.
//!
//! Examples are the golden files. The words around them stand in `protocol/README.md`.

use super::{Definitions, close_code, limit, refusal, yaml};
use crate::limits;
use crate::{CloseCode, Code, PROTOCOL, SUBPROTOCOL};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

const ABOUT: &str = "\
One WebSocket between a browser and the gateway. Frames are JSON text, one object with a single key that names the kind.

A reader passes over kinds and fields it does not know. The client speaks first, with `hello`, within 5 s.

protocol/README.md tells how the frames play together: outboxes and resending, positions and fetching, heartbeats,
back-off, and what to do after each close code. `x-close-codes`, `x-refusals` and `x-limits` below are its tables.";

/// The page's sections in the order people read them.
const SECTIONS: [&str; 10] = [
    "asyncapi",
    "info",
    "defaultContentType",
    "servers",
    "channels",
    "operations",
    "x-close-codes",
    "x-refusals",
    "x-limits",
    "components",
];

/// The two kinds of client; a frame that names only the other one in its description is not theirs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    Visitor,
    Agent,
}

impl Client {
    const ALL: [Self; 2] = [Self::Visitor, Self::Agent];

    fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
        }
    }

    fn takes(self, description: &str) -> bool {
        match self {
            Self::Visitor => !description.starts_with("Agents:"),
            Self::Agent => !description.starts_with("Visitors:"),
        }
    }
}

/// One kind of frame, up or down.
struct Frame<'a> {
    /// `up` or `down`, the kind's direction and the beginning of its golden file's name.
    way: &'static str,
    kind: &'a str,
    description: &'a str,
    payload: &'a Value,
}

impl Frame<'_> {
    fn name(&self) -> String {
        format!("{}-{}", self.way, self.kind)
    }
}

pub(super) fn page(definitions: &Definitions) -> String {
    let frames: Vec<Frame<'_>> =
        frames_of(&definitions["Up"], "up").chain(frames_of(&definitions["Down"], "down")).collect();
    let mut page = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": SUBPROTOCOL,
            "version": format!("{PROTOCOL}.0.0"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "gateway": {
            "host": "chat.example.org",
            "protocol": "wss",
            "description": "A gateway; any node takes any session. Plain `ws` on a developer's machine.",
        } },
        "channels": Client::ALL.iter().map(|client| channel(*client, &frames)).collect::<Map<_, _>>(),
        "operations": operations(&frames),
        "components": {
            "messages": frames.iter().map(message).collect::<Map<_, _>>(),
            "schemas": definitions,
        },
        "x-close-codes": CloseCode::ALL.iter().map(|code| close_code(*code)).collect::<Vec<_>>(),
        "x-refusals": Code::ALL.iter().map(|code| refusal(*code)).collect::<Vec<_>>(),
        "x-limits": limits::ALL.iter().map(limit).collect::<Map<_, _>>(),
    });
    point_to_components(&mut page);
    let sections = SECTIONS.iter().map(|section| yaml::to_yaml(&json!({ *section: page[*section] })));
    format!(
        "# Generated from the Rust types in protocol/src; see examples/generate.rs.\n{}",
        sections.collect::<String>()
    )
}

fn frames_of<'a>(union: &'a Value, way: &'static str) -> impl Iterator<Item = Frame<'a>> {
    let variants = union["oneOf"].as_array().expect("a union has variants");
    variants.iter().map(move |variant| {
        let fields = variant["properties"].as_object().expect("a kind is an object with one key");
        let kind = fields.keys().next().expect("a kind is an object with one key");
        let description = variant["description"].as_str().expect("every kind is described");
        Frame { way, kind, description, payload: variant }
    })
}

fn channel(client: Client, frames: &[Frame<'_>]) -> (String, Value) {
    let messages = frames.iter().filter(|frame| client.takes(frame.description)).map(|frame| {
        let name = frame.name();
        let reference = json!({ "$ref": format!("#/components/messages/{name}") });
        (name, reference)
    });
    let mut channel = json!({
        "messages": messages.collect::<Map<_, _>>(),
        "bindings": { "ws": { "method": "GET", "headers": {
            "type": "object",
            "required": ["Sec-WebSocket-Protocol", "Origin"],
            "properties": {
                "Sec-WebSocket-Protocol": { "type": "string", "const": SUBPROTOCOL },
                "Origin": { "type": "string", "description": "The gateway's own origin." },
            },
        } } },
    });
    match client {
        Client::Visitor => {
            channel["address"] = json!("/v1/socket/{site}");
            channel["description"] =
                json!("A visitor's socket. `hello` carries the token of an earlier `ready`, if any.");
            channel["parameters"] = json!({ "site": { "description": "Public key of the site." } });
        }
        Client::Agent => {
            channel["address"] = json!("/v1/socket");
            channel["description"] =
                json!("An agent's socket. `hello` carries a single-use ticket from `POST /api/v1/ticket`.");
        }
    }
    (client.name().to_owned(), channel)
}

/// Named from the gateway's side, as AsyncAPI 3 wants: it receives what clients send.
fn operations(frames: &[Frame<'_>]) -> Map<String, Value> {
    let mut operations = Map::new();
    for client in Client::ALL {
        for (way, action, verb) in [("up", "receive", "Sends"), ("down", "send", "Receives")] {
            let messages: Vec<Value> = frames
                .iter()
                .filter(|frame| frame.way == way && client.takes(frame.description))
                .map(|frame| json!({ "$ref": format!("#/channels/{}/messages/{}", client.name(), frame.name()) }))
                .collect();
            operations.insert(
                format!("{}{verb}", client.name()),
                json!({
                    "action": action,
                    "channel": { "$ref": format!("#/channels/{}", client.name()) },
                    "messages": messages,
                }),
            );
        }
    }
    operations
}

fn message(frame: &Frame<'_>) -> (String, Value) {
    let name = frame.name();
    let mut payload = frame.payload.clone();
    payload.as_object_mut().expect("a kind is an object with one key").remove("description");
    let message = json!({
        "name": frame.kind,
        "title": frame.kind,
        "summary": frame.description,
        "payload": payload,
        "examples": [{ "payload": golden(&name) }],
    });
    (name, message)
}

fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1").join(format!("{name}.json"));
    let text = fs::read_to_string(&path).expect("every kind has a golden file");
    serde_json::from_str(&text).expect("a golden file is JSON")
}

/// Schemas stand elsewhere on this page than in the schema file.
fn point_to_components(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(point_to_components),
        Value::Object(object) => object.values_mut().for_each(point_to_components),
        Value::String(text) => {
            if let Some(name) = text.strip_prefix("#/definitions/") {
                *text = format!("#/components/schemas/{name}");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
