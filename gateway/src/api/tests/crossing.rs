//! What must not cross: other origins' writes, other sites' ids, fields nobody may set, bodies too large or not JSON.

use super::world::{Call, PASSWORD, World};
use crate::ports::Directory;
use protocol::{ConversationId, VisitorId};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn no_answer_has_a_cors_header() {
    let world = World::new().await;
    let session = world.session("admin").await;
    for (method, path) in
        [("OPTIONS", "/api/v1/me"), ("OPTIONS", "/api/v1/sites/a"), ("GET", "/api/v1/me"), ("GET", "/x")]
    {
        let call = Call::new(method, path)
            .with(&session)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "content-type");
        let answer = world.send(call).await;
        let cors = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(cors.count(), 0, "{method} {path}");
        assert_eq!(
            answer.status.as_u16(),
            match (method, path) {
                ("OPTIONS", _) => 405,
                (_, "/x") => 404,
                _ => 200,
            }
        );
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_write_from_another_origins_page_is_refused() {
    let world = World::new().await;
    let session = world.session("admin").await;
    let knock = async |headers: &[(&str, &str)]| {
        let call = Call::post("/api/v1/ticket", &json!({"site": "a"})).with(&session);
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        world.send(call).await.status.as_u16()
    };
    assert_eq!(knock(&[("sec-fetch-site", "same-origin"), ("origin", "https://chat.example.org")]).await, 200);
    assert_eq!(knock(&[("sec-fetch-site", "none")]).await, 200);
    assert_eq!(knock(&[("origin", "https://chat.example.org")]).await, 200);
    assert_eq!(knock(&[]).await, 200, "a program, which has no browser's cookies to misuse");
    for site in ["cross-site", "same-site"] {
        assert_eq!(knock(&[("sec-fetch-site", site)]).await, 403);
        assert_eq!(knock(&[("sec-fetch-site", site), ("origin", "https://evil.example.org")]).await, 403);
    }
    for origin in ["https://evil.example", "null", "https://chat.example.org.evil.com", "https://chat.example.org:444"]
    {
        assert_eq!(knock(&[("origin", origin)]).await, 403, "{origin}");
    }
    let answer = world.send(Call::post("/api/v1/sign-in", &json!({})).header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.json["code"], "cross_origin", "signing in, too");
}

#[tokio::test]
async fn behind_a_proxy_that_renames_the_host_the_public_origin_still_writes() {
    let world = World::new().await;
    let router = crate::api::router(world.state.clone());
    let session = world.session("agent").await;
    let call = Call::new("POST", "http://gateway.internal:8080/api/v1/ticket")
        .json(&json!({"site": "a"}))
        .with(&session)
        .header("origin", "https://chat.example.org");
    assert_eq!(super::world::send(router, call).await.status.as_u16(), 200);
}

#[tokio::test]
async fn ids_of_another_site_are_not_found_through_ones_own() {
    let world = World::new().await;
    let session = world.session("admin").await;
    let foreign_agent = world.agents["stranger"].id;
    let foreign_team = world.store.teams(world.b.id).await.expect("read")[0].id;
    let foreign_chat = ConversationId(Uuid::now_v7());
    world.store_conversation(world.b.id, foreign_chat, 2).await;
    let change = json!({"name": "Mine", "body": "Mine"});
    for call in [
        Call::patch(&format!("/api/v1/sites/a/agents/{foreign_agent}"), &change),
        Call::patch(&format!("/api/v1/sites/a/teams/{foreign_team}"), &change),
        Call::new("DELETE", &format!("/api/v1/sites/a/teams/{foreign_team}")),
        Call::patch(&format!("/api/v1/sites/a/canned/{}", Uuid::now_v7()), &change),
        Call::get(&format!("/api/v1/sites/a/conversations/{foreign_chat}")),
        Call::get(&format!("/api/v1/sites/a/conversations/{foreign_chat}/records")),
        Call::get(&format!("/api/v1/sites/a/conversations/{}", Uuid::now_v7())),
        Call::get("/api/v1/sites/a/conversations/no-id"),
        Call::get("/api/v1/sites/a/visitors/1/conversations"),
    ] {
        let answer = world.send(call.with(&session)).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (404, &json!("not_found")));
    }
    let of_visitor = format!("/api/v1/sites/a/visitors/{}/conversations", VisitorId(Uuid::now_v7()));
    assert_eq!(world.send(Call::get(&of_visitor).with(&session)).await.json, json!({"rows": []}));
    let teams = json!({"teams": [foreign_team]});
    let mine = format!("/api/v1/sites/a/agents/{}", world.agents["colleague"].id);
    assert_eq!(world.send(Call::patch(&mine, &teams).with(&session)).await.status.as_u16(), 422);
    let found = world.send(Call::get("/api/v1/sites/a/search?q=wool&limit=100").with(&session)).await.json;
    assert_eq!(found["hits"].as_array().expect("hits").len(), 2, "the other site's two are not among them");
}

#[tokio::test]
async fn nobody_raises_themselves_by_fields_they_may_not_set() {
    let world = World::new().await;
    let (agent, admin) = (world.session("agent").await, world.session("admin").await);
    let more = json!({
        "name": "agent", "operator": true, "role": "admin", "email": "operator@example.org",
        "account": {"operator": true}, "sites": [{"key": "b", "role": "admin"}],
    });
    let answer = world.send(Call::patch("/api/v1/me", &more).with(&agent)).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.json["account"]["operator"], false);
    assert_eq!(answer.json["account"]["email"], "agent@example.org");
    assert_eq!(answer.json["sites"].as_array().expect("sites").len(), 1);
    assert_eq!(answer.json["sites"][0]["role"], "agent");
    let new = json!({
        "email": "new@example.org", "name": "New", "role": "agent", "operator": true, "id": world.agents["agent"].id,
        "account": world.accounts["operator"].id, "password": PASSWORD, "enabled": false,
    });
    let added = world.send(Call::post("/api/v1/sites/a/agents", &new).with(&admin)).await;
    assert_eq!(added.status.as_u16(), 201);
    assert_ne!(added.json["id"], json!(world.agents["agent"].id));
    let account = world.store.account_by_email("new@example.org").await.expect("read").expect("made");
    assert!(!account.operator && account.password.is_none() && account.id != world.accounts["operator"].id);
    let change = json!({"key": "b", "id": 2, "name": "Renamed", "snippet": "x"});
    let changed = world.send(Call::patch("/api/v1/sites/a", &change).with(&admin)).await;
    assert_eq!((&changed.json["key"], &changed.json["name"]), (&json!("a"), &json!("Renamed")));
    assert_eq!(world.store.site("b").await.expect("read").expect("there").name, "Site b");
}

#[tokio::test]
async fn an_admin_is_handed_no_key_to_the_account_of_somebody_elses_agent() {
    let world = World::new().await;
    let session = world.session("admin").await;
    for email in ["stranger@example.org", "Operator@example.org"] {
        let new = json!({"email": email, "name": "Guest", "role": "agent"});
        let answer = world.send(Call::post("/api/v1/sites/a/agents", &new).with(&session)).await;
        assert_eq!((answer.status.as_u16(), &answer.json["link"]), (201, &json!(null)), "{email}");
        let again = world.send(Call::post("/api/v1/sites/a/agents", &new).with(&session)).await;
        assert_eq!((again.status.as_u16(), &again.json["code"]), (409, &json!("taken")));
    }
}

#[tokio::test]
async fn a_new_link_is_given_for_ones_own_agents_only() {
    let world = World::new().await;
    let (admin, operator) = (world.session("admin").await, world.session("operator").await);
    let guest = json!({"email": "stranger@example.org", "name": "Guest", "role": "agent"});
    let guest = world.send(Call::post("/api/v1/sites/a/agents", &guest).with(&admin)).await.json["id"].clone();
    let link = async |agent: &str, session: &str, reset: bool| {
        let path = format!("/api/v1/sites/a/agents/{agent}/link");
        world.send(Call::post(&path, &json!({"reset_password": reset})).with(session)).await
    };
    let guest = guest.as_str().expect("an id");
    assert_eq!(link(guest, &admin, true).await.status.as_u16(), 403);
    assert_eq!(link(guest, &operator, false).await.status.as_u16(), 200);
    let (mine, session) = (world.agents["agent"].id.to_string(), world.session("agent").await);
    let given = link(&mine, &admin, true).await;
    assert_eq!(world.send(Call::get("/api/v1/me").with(&session)).await.status.as_u16(), 401);
    assert_eq!(world.sign_in("agent@example.org", PASSWORD).await.status.as_u16(), 401);
    let code = given.json["link"].as_str().expect("a link").split_once('=').expect("a code").1;
    let signed_in = world.send(Call::post("/api/v1/sign-in", &json!({"code": code}))).await;
    assert_eq!(signed_in.status.as_u16(), 200);
}

#[tokio::test]
async fn a_path_that_is_not_text_is_not_found() {
    let world = World::new().await;
    let session = world.session("admin").await;
    for path in
        ["/api/v1/sites/%ff", "/api/v1/sites/%ff/teams", "/api/v1/sites/a%00", "/api/v1/sites/..%2fa", "/api/v1//me"]
    {
        let answer = world.send(Call::get(path).with(&session)).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (404, &json!("not_found")), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_json_is_refused() {
    let world = World::new().await;
    let session = world.session("admin").await;
    let send = async |kind: &str, body: Vec<u8>| {
        let call = Call::new("PATCH", "/api/v1/sites/a").with(&session).header("content-type", kind).body(body);
        let answer = world.send(call).await;
        (answer.status.as_u16(), answer.json["code"].as_str().expect("a code").to_owned())
    };
    let padded = |bytes: usize| {
        let mut body = br#"{"name":" "#.to_vec();
        body.resize(bytes - 2, b' ');
        body.extend(b"\"}");
        body
    };
    assert_eq!(send("application/json", padded(2 * 1024 * 1024 + 1)).await, (413, "too_large".to_owned()));
    assert_eq!(send("application/json", padded(2 * 1024 * 1024)).await, (422, "invalid".to_owned()));
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        assert_eq!(send(kind, b"{}".to_vec()).await, (415, "not_json".to_owned()), "{kind}");
    }
    for body in ["", "{", "{}x", "nul", "{\"name\":\"\\ud800\"}", &format!("{{\"x\":{}", "[".repeat(100_000))] {
        assert_eq!(send("application/json", body.into()).await.0, 400, "{body:.20}");
    }
    for body in ["[]", "null", "7", "{\"name\":7}", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"a\\u0000b\"}"] {
        assert_eq!(send("application/json; charset=utf-8", body.into()).await.0, 422, "{body}");
    }
    let gzip = Call::new("PATCH", "/api/v1/sites/a")
        .with(&session)
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(vec![0x1f, 0x8b, 8, 0]);
    assert_eq!(world.send(gzip).await.status.as_u16(), 400, "nothing is decompressed");
}

#[tokio::test]
async fn an_error_never_repeats_a_value() {
    let world = World::new().await;
    let call = Call::post("/api/v1/setup", &json!({"code": "c", "email": "e", "name": "n", "password": 1_234_567_890}));
    let answer = world.send(call).await;
    assert_eq!(answer.status.as_u16(), 422);
    assert!(!answer.json.to_string().contains("1234567890"), "{}", answer.json);
}
