//! Every route, tried by everyone: the whole of who may do what, in one table.

use super::world::{Call, World};
use crate::api::authorize::{ROUTES, verb_of};
use crate::api::{Api, routes};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const WHO: [Option<&str>; 6] = [None, Some("agent"), Some("lead"), Some("admin"), Some("stranger"), Some("operator")];

/// A route, and the status for nobody, an agent, a lead and an admin of site a, an agent of site b, an operator.
#[rustfmt::skip]
const EXPECTED: &[(&str, &str, [u16; 6])] = &[
    ("GET", "/api/v1/openapi.json", [200, 200, 200, 200, 200, 200]),
    ("POST", "/api/v1/sign-in", [200, 200, 200, 200, 200, 200]),
    ("POST", "/api/v1/sign-out", [204, 204, 204, 204, 204, 204]),
    ("POST", "/api/v1/setup", [401, 401, 401, 401, 401, 401]),
    ("GET", "/api/v1/me", [401, 200, 200, 200, 200, 200]),
    ("PATCH", "/api/v1/me", [401, 200, 200, 200, 200, 200]),
    ("POST", "/api/v1/ticket", [401, 200, 200, 200, 404, 403]),
    ("GET", "/api/v1/sites", [401, 200, 200, 200, 200, 200]),
    ("POST", "/api/v1/sites", [401, 403, 403, 403, 403, 201]),
    ("GET", "/api/v1/sites/{site}", [401, 200, 200, 200, 404, 200]),
    ("PATCH", "/api/v1/sites/{site}", [401, 403, 403, 200, 404, 200]),
    ("GET", "/api/v1/sites/{site}/teams", [401, 200, 200, 200, 404, 200]),
    ("POST", "/api/v1/sites/{site}/teams", [401, 403, 403, 201, 404, 201]),
    ("PATCH", "/api/v1/sites/{site}/teams/{team}", [401, 403, 403, 200, 404, 200]),
    ("DELETE", "/api/v1/sites/{site}/teams/{team}", [401, 403, 403, 204, 404, 204]),
    ("GET", "/api/v1/sites/{site}/agents", [401, 200, 200, 200, 404, 200]),
    ("POST", "/api/v1/sites/{site}/agents", [401, 403, 403, 201, 404, 201]),
    ("PATCH", "/api/v1/sites/{site}/agents/{agent}", [401, 403, 403, 200, 404, 200]),
    ("POST", "/api/v1/sites/{site}/agents/{agent}/link", [401, 403, 403, 200, 404, 200]),
    ("GET", "/api/v1/sites/{site}/canned", [401, 200, 200, 200, 404, 200]),
    ("POST", "/api/v1/sites/{site}/canned", [401, 403, 201, 201, 404, 201]),
    ("PATCH", "/api/v1/sites/{site}/canned/{canned}", [401, 403, 200, 200, 404, 200]),
    ("DELETE", "/api/v1/sites/{site}/canned/{canned}", [401, 403, 204, 204, 404, 204]),
    ("GET", "/api/v1/sites/{site}/conversations", [401, 200, 200, 200, 404, 200]),
    ("GET", "/api/v1/sites/{site}/visitors/{visitor}/conversations", [401, 200, 200, 200, 404, 200]),
    ("GET", "/api/v1/sites/{site}/conversations/{conversation}", [401, 200, 200, 200, 404, 200]),
    ("GET", "/api/v1/sites/{site}/conversations/{conversation}/records", [401, 200, 200, 200, 404, 200]),
    ("GET", "/api/v1/sites/{site}/search", [401, 200, 200, 200, 404, 200]),
];

#[tokio::test]
async fn every_route_answers_everyone_as_the_table_says() {
    for (method, path, statuses) in EXPECTED {
        for (who, status) in WHO.iter().zip(statuses) {
            let world = World::new().await;
            let call = knock(&world, method, path, *who, "a").await;
            let answer = world.send(call).await;
            assert_eq!(answer.status.as_u16(), *status, "{method} {path} by {who:?}: {}", answer.json);
        }
    }
}

#[tokio::test]
async fn a_foreign_site_and_no_site_get_the_same_answer() {
    for (method, path, _) in EXPECTED.iter().filter(|(_, path, _)| path.contains("{site}")) {
        let world = World::new().await;
        let foreign = world.send(knock(&world, method, path, Some("stranger"), "a").await).await;
        let unknown = world.send(knock(&world, method, path, Some("stranger"), "no-such-site").await).await;
        assert_eq!(foreign.status.as_u16(), 404, "{method} {path}");
        assert_eq!((foreign.status, foreign.headers, foreign.json), (unknown.status, unknown.headers, unknown.json));
    }
}

#[tokio::test]
async fn nobody_who_is_refused_changes_anything() {
    for (method, path, statuses) in EXPECTED {
        for (who, _) in WHO.iter().zip(statuses).filter(|(_, status)| (400..500).contains(*status)) {
            let world = World::new().await;
            let before = everything(&world).await;
            world.send(knock(&world, method, path, *who, "a").await).await;
            assert_eq!(everything(&world).await, before, "{method} {path} by {who:?}");
            assert!(world.told.take().is_empty());
        }
    }
}

#[tokio::test]
async fn the_tables_name_every_route_and_no_other() {
    let world = World::new().await;
    let description = routes::router(Arc::new(Api::new(world.state, super::world::CHEAP))).1;
    let description = serde_json::to_value(description).expect("JSON");
    let served: BTreeSet<_> = description["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").keys();
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let named = |rows: Vec<(String, String)>| rows.into_iter().collect::<BTreeSet<_>>();
    let expected = named(EXPECTED.iter().map(|(m, path, _)| (m.to_string(), path.to_string())).collect());
    let authorized = named(ROUTES.iter().map(|(m, path, _)| (m.to_string(), path.to_string())).collect());
    assert_eq!(served, expected, "the matrix");
    assert_eq!(served, authorized, "the table of verbs");
    assert_eq!((EXPECTED.len(), ROUTES.len()), (served.len(), served.len()), "each route once");
}

#[test]
fn a_route_without_a_verb_has_none() {
    assert_eq!(verb_of(&Method::PUT, "/api/v1/me"), None);
    assert_eq!(verb_of(&Method::HEAD, "/api/v1/me"), verb_of(&Method::GET, "/api/v1/me"));
}

/// A request that succeeds for whoever may send it.
async fn knock(world: &World, method: &str, path: &str, who: Option<&str>, site: &str) -> Call {
    let uri = path
        .replace("{site}", site)
        .replace("{team}", &world.team.to_string())
        .replace("{agent}", &world.agents["colleague"].id.to_string())
        .replace("{canned}", &world.canned.to_string())
        .replace("{visitor}", &world.visitor.to_string())
        .replace("{conversation}", &world.conversation.to_string());
    let uri = if path.ends_with("/search") { format!("{uri}?q=wool") } else { uri };
    let mut call = Call::new(method, &uri);
    if method != "GET" && method != "DELETE" {
        call = call.json(&body(method, path));
    }
    match who {
        Some(name) => call.with(&world.session(name).await),
        None => call,
    }
}

fn body(method: &str, path: &str) -> Value {
    match (method, path.rsplit('/').next().expect("a last part")) {
        (_, "sign-in") => json!({"email": "agent@example.org", "password": super::world::PASSWORD}),
        (_, "setup") => {
            json!({"code": "x", "email": "new@example.org", "name": "New", "password": "long enough"})
        }
        (_, "ticket") => json!({"site": "a"}),
        ("POST", "sites") => json!({"key": "c", "name": "Site c", "origins": ["https://c.example.org"]}),
        ("POST", "agents") => json!({"email": "new@example.org", "name": "New", "role": "agent"}),
        ("POST", "canned") => json!({"shortcut": "bye", "body": "Goodbye!"}),
        _ => json!({"name": "Another name", "body": "Another body"}),
    }
}

async fn everything(world: &World) -> String {
    use crate::ports::Directory;
    let store = &world.store;
    let mut all = format!("{:?} {:?}", store.sites().await, store.accounts().await);
    for site in [world.a.id, world.b.id] {
        let rows = (store.teams(site).await, store.agents(site).await, store.canned(site).await);
        all.push_str(&format!("{rows:?}"));
    }
    all
}
