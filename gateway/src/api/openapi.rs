//! Writes `docs/openapi.json`, which the gateway serves, and fails when it differs.
//!
//! Paths and bodies come from the handlers, rows and records from the protocol, refusals from the table of verbs.
//! `HALLOO_BLESS=1 cargo test -p gateway openapi` writes the file anew.

use super::authorize::{Need, verb_of};
use super::{ErrorBody, routes};
use axum::http::Method;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use utoipa::PartialSchema;

#[tokio::test]
async fn the_committed_description_is_the_one_that_the_handlers_give() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let mut given = serde_json::to_string_pretty(&document().await).expect("JSON");
    given.push('\n');
    if std::env::var_os("HALLOO_BLESS").is_some() {
        std::fs::write(&path, &given).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("docs/openapi.json");
    assert!(committed == given, "docs/openapi.json differs; HALLOO_BLESS=1 writes it anew");
}

#[tokio::test]
async fn every_reference_in_the_description_leads_somewhere() {
    let document = document().await;
    let mut missing = Vec::new();
    each_reference(&document, &mut |name| {
        if document.pointer(name.trim_start_matches('#')).is_none() {
            missing.push(name.to_owned());
        }
    });
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(document["openapi"], "3.1.0");
}

async fn document() -> Value {
    let world = super::tests::world::World::new().await;
    let api = Arc::new(super::Api::new(world.state, super::tests::world::CHEAP));
    let mut document = serde_json::to_value(routes::router(api).1).expect("JSON");
    document["info"] = json!({
        "title": "halloo",
        "version": "1",
        "description": "Settings and history of a halloo deployment. Live conversations go through the socket.",
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/", "description": "the deployment itself" }]);
    document["components"]["securitySchemes"] = json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-halloo",
            "description": "Set by sign-in. Writes from browsers must come from the deployment's own origin.",
        },
    });
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    add_wire_schemas(schemas);
    schemas.insert("Error".to_owned(), serde_json::to_value(ErrorBody::schema()).expect("JSON"));
    for (path, item) in document["paths"].as_object_mut().expect("paths") {
        for (method, operation) in item.as_object_mut().expect("operations") {
            add_refusals(path, method, operation);
        }
    }
    document
}

/// The protocol describes its own types; here they take the places that the handlers point to.
fn add_wire_schemas(schemas: &mut Map<String, Value>) {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.for_serialize().into_generator();
    generator.subschema_for::<protocol::Row>();
    generator.subschema_for::<protocol::Records>();
    let wire = generator.take_definitions(true);
    assert!(schemas.remove("Row").is_some() && schemas.remove("Records").is_some(), "the handlers' stand-ins");
    for (name, schema) in wire {
        assert!(schemas.insert(name.clone(), schema).is_none(), "{name} is described twice");
    }
}

fn add_refusals(path: &str, method: &str, operation: &mut Value) {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    let need = verb_of(&method, path).expect("every route has a verb").need();
    let mut refusals = vec![("503", "too busy or the store is away; `Retry-After` says when to come back")];
    if method != Method::GET {
        refusals.push(("403", "not allowed, or sent by another origin's page"));
    }
    match need {
        Need::Nothing => {}
        Need::SignedIn => refusals.push(("401", "nobody is signed in")),
        Need::Operator | Need::Role(_) => {
            refusals.extend([("401", "nobody is signed in"), ("403", "not allowed, or sent by another origin's page")]);
        }
    }
    if path.contains("{site}") || path.ends_with("/ticket") {
        refusals.push(("404", "no such thing, or another site's"));
    }
    if operation.get("requestBody").is_some() {
        refusals.extend([
            ("400", "the body is not JSON"),
            ("413", "the body is longer than 2 MiB"),
            ("415", "the body is not `application/json`"),
            ("422", "a value is not what the route takes"),
        ]);
    }
    if operation.get("parameters").is_some_and(|list| list.to_string().contains(r#""in":"query""#)) {
        refusals.push(("422", "a value is not what the route takes"));
    }
    if ["/sign-in", "/setup"].iter().any(|end| path.ends_with(end)) {
        refusals.push(("401", "the email, the password or the code is not right"));
    }
    if ["/sign-in", "/setup", "/me"].iter().any(|end| path.ends_with(end)) && method != Method::GET {
        refusals.push(("429", "too many tries; `Retry-After` says when to come back"));
    }
    if ["/setup", "/sites", "/agents", "/canned", "/{canned}"].iter().any(|end| path.ends_with(end))
        && [Method::POST, Method::PATCH].contains(&method)
    {
        refusals.push(("409", "a value that must be unique is taken"));
    }
    for (status, description) in refusals {
        operation["responses"][status] = json!({
            "description": description,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
        });
    }
    operation["security"] = if need == Need::Nothing { json!([]) } else { json!([{ "session": [] }]) };
}

fn each_reference(value: &Value, call: &mut impl FnMut(&str)) {
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str) {
                call(name);
            }
            object.values().for_each(|value| each_reference(value, call));
        }
        Value::Array(list) => list.iter().for_each(|value| each_reference(value, call)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
