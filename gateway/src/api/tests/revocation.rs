//! What ends a session: signing out, a new password, and being disabled. Desks are told, so that sockets end too.

use super::world::{Call, PASSWORD, World};
use crate::api::{hash_of, sign_in_link};
use crate::ports::Directory;
use serde_json::json;

async fn status(world: &World, session: &str) -> u16 {
    world.send(Call::get("/api/v1/me").with(session)).await.status.as_u16()
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let world = World::new().await;
    let (here, elsewhere) = (world.session("agent").await, world.session("agent").await);
    let answer = world.send(Call::new("POST", "/api/v1/sign-out").with(&here)).await;
    assert_eq!(answer.status.as_u16(), 204);
    assert!(
        answer.header("set-cookie").starts_with("__Host-halloo=; ")
            && answer.header("set-cookie").ends_with("Max-Age=0")
    );
    assert_eq!((status(&world, &here).await, status(&world, &elsewhere).await), (401, 200));
    let agent = world.agents["agent"].id;
    assert_eq!(world.told.take(), [format!("signed out {} {agent}", world.a.id.0)]);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_code_and_ticket() {
    let world = World::new().await;
    let (here, elsewhere) = (world.session("agent").await, world.session("agent").await);
    let ticket = world.send(Call::post("/api/v1/ticket", &json!({"site": "a"})).with(&elsewhere)).await.json;
    let link = sign_in_link(&world.state, world.accounts["agent"].id).await.expect("a link");
    let body = json!({"password": "another horse", "current_password": PASSWORD});
    let answer = world.send(Call::patch("/api/v1/me", &body).with(&here)).await;
    assert_eq!(answer.status.as_u16(), 200);
    let now = answer.cookie().expect("a new session");
    assert_eq!(status(&world, &now).await, 200);
    assert_eq!((status(&world, &here).await, status(&world, &elsewhere).await), (401, 401));
    let ticket = hash_of(ticket["ticket"].as_str().expect("a ticket"));
    assert_eq!(world.store.granted(ticket, world.wall_ms()).await.expect("read"), None);
    let code = hash_of(link.split_once('=').expect("a code").1);
    assert_eq!(world.store.granted(code, world.wall_ms()).await.expect("read"), None);
    assert_eq!(world.told.take().len(), 1, "sockets of the old sessions are closed");
    assert_eq!(world.sign_in("agent@example.org", PASSWORD).await.status.as_u16(), 401);
    assert_eq!(world.sign_in("agent@example.org", "another horse").await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_new_password_needs_the_current_one_and_guessing_it_is_slowed_down() {
    let world = World::new().await;
    let session = world.session("agent").await;
    let change = async |body| world.send(Call::patch("/api/v1/me", &body).with(&session)).await.status.as_u16();
    assert_eq!(change(json!({"password": "another horse"})).await, 403);
    for _ in 0..5 {
        assert_eq!(change(json!({"password": "another horse", "current_password": "guessed it"})).await, 403);
    }
    assert_eq!(change(json!({"password": "another horse", "current_password": PASSWORD})).await, 429);
    assert_eq!(status(&world, &session).await, 200);
}

#[tokio::test]
async fn an_account_without_a_password_chooses_its_first_freely() {
    let world = World::new().await;
    let admin = world.session("admin").await;
    let new = json!({"email": "new@example.org", "name": "New", "role": "agent"});
    let added = world.send(Call::post("/api/v1/sites/a/agents", &new).with(&admin)).await.json;
    let link = added["link"].as_str().expect("a link");
    let code = link.strip_prefix("https://chat.example.org/console#code=").expect("a link to the console");
    let session = world.send(Call::post("/api/v1/sign-in", &json!({"code": code}))).await;
    assert_eq!(session.json["account"]["has_password"], false);
    let session = session.cookie().expect("a cookie");
    let answer = world.send(Call::patch("/api/v1/me", &json!({"password": "my first one"})).with(&session)).await;
    assert_eq!((answer.status.as_u16(), &answer.json["account"]["has_password"]), (200, &json!(true)));
    assert_eq!(world.sign_in("new@example.org", "my first one").await.status.as_u16(), 200);
}

#[tokio::test]
async fn disabling_an_agent_ends_their_sessions_when_no_site_is_left() {
    let world = World::new().await;
    let (admin, agent) = (world.session("admin").await, world.session("agent").await);
    let record = &world.agents["agent"];
    let path = format!("/api/v1/sites/a/agents/{}", record.id);
    let answer = world.send(Call::patch(&path, &json!({"enabled": false})).with(&admin)).await;
    assert_eq!((answer.status.as_u16(), &answer.json["enabled"]), (200, &json!(false)));
    let site = world.a.id.0;
    assert_eq!(world.told.take(), [format!("signed out {site} {}", record.id), format!("changed {site}")]);
    assert_eq!(status(&world, &agent).await, 401);
    assert_eq!(world.sign_in("agent@example.org", PASSWORD).await.status.as_u16(), 401, "nor can they sign in");
    world.send(Call::patch(&path, &json!({"enabled": true})).with(&admin)).await;
    assert_eq!(status(&world, &agent).await, 401, "the old session stays dead");
    assert_eq!(world.sign_in("agent@example.org", PASSWORD).await.status.as_u16(), 200);
}

#[tokio::test]
async fn whoever_is_disabled_in_one_site_keeps_the_other_and_loses_this_one() {
    let world = World::new().await;
    let (admin, stranger) = (world.session("admin").await, world.session("stranger").await);
    let new = json!({"email": "stranger@example.org", "name": "Guest", "role": "agent"});
    let added = world.send(Call::post("/api/v1/sites/a/agents", &new).with(&admin)).await.json;
    let see = async || world.send(Call::get("/api/v1/sites/a").with(&stranger)).await.status.as_u16();
    assert_eq!(see().await, 200);
    let path = format!("/api/v1/sites/a/agents/{}", added["id"].as_str().expect("an id"));
    world.send(Call::patch(&path, &json!({"enabled": false})).with(&admin)).await;
    assert_eq!(see().await, 404);
    assert_eq!(status(&world, &stranger).await, 200);
    let ticket = Call::post("/api/v1/ticket", &json!({"site": "a"})).with(&stranger);
    assert_eq!(world.send(ticket).await.status.as_u16(), 404);
}
