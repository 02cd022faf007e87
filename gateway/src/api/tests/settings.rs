//! Sites, teams, agents and canned replies: what is stored, what is refused, and that desks are told.

use super::world::{Answer, Call, World};
use crate::ports::Directory;
use serde_json::{Value, json};

struct Admin {
    world: World,
    session: String,
}

impl Admin {
    async fn new(name: &str) -> Self {
        let world = World::new().await;
        let session = world.session(name).await;
        Self { world, session }
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.world.send(Call::post(&format!("/api/v1/sites{path}"), &body).with(&self.session)).await
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        self.world.send(Call::patch(&format!("/api/v1/sites{path}"), &body).with(&self.session)).await
    }

    async fn get(&self, path: &str) -> Value {
        self.world.send(Call::get(&format!("/api/v1/sites{path}")).with(&self.session)).await.json
    }
}

#[tokio::test]
async fn an_operator_creates_a_site_and_becomes_an_admin_of_it() {
    let operator = Admin::new("operator").await;
    let answer =
        operator.post("", json!({"key": "shop", "name": " Shop ", "origins": ["https://Shop.example/"]})).await;
    assert_eq!(answer.status.as_u16(), 201);
    let snippet = concat!(
        "<script>window.halloo = window.halloo || function () { (halloo.q = halloo.q || []).push(arguments) }</script>\n",
        r#"<script async src="https://chat.example.org/v1/loader.js" data-site="shop"></script>"#,
    );
    let readme = include_str!("../../../../README.md");
    assert!(readme.contains(&snippet.replace("shop", "demo")), "the README embeds what the gateway prints");
    let expected = json!({
        "key": "shop", "name": "Shop", "origins": ["https://shop.example"], "enabled": true, "greeting": null,
        "grace_s": 60, "absent_s": 600, "reopen_days": 7, "open_max": 1, "relax_s": null, "preferred_s": 15,
        "snippet": snippet,
    });
    assert_eq!(answer.json, expected);
    assert_eq!(operator.get("/shop").await, expected);
    let agents = operator.get("/shop/agents").await;
    assert_eq!(
        (&agents["agents"][0]["email"], &agents["agents"][0]["role"]),
        (&json!("operator@example.org"), &json!("admin"))
    );
    assert_eq!(operator.get("/shop/teams").await["teams"].as_array().expect("teams").len(), 1);
    assert_eq!(agents["agents"][0]["teams"].as_array().expect("teams").len(), 1, "who is in no team is sent nobody");
    assert_eq!(operator.get("").await["sites"].as_array().expect("sites").len(), 3);
    assert_eq!(operator.post("", json!({"key": "shop", "name": "Shop"})).await.status.as_u16(), 409);
    for key in ["", "Shop", "sh op", "sh/op", "\"><script>", &"x".repeat(65)] {
        assert_eq!(operator.post("", json!({"key": key, "name": "Shop"})).await.status.as_u16(), 422, "{key}");
    }
    let drawn = operator.post("", json!({"name": "No key"})).await.json;
    assert_eq!(drawn["key"].as_str().expect("a key").len(), 12);
}

#[tokio::test]
async fn an_agent_sees_their_own_sites_only() {
    let agent = Admin::new("agent").await;
    let sites = agent.get("").await;
    assert_eq!(sites["sites"].as_array().expect("sites").len(), 1);
    assert_eq!(sites["sites"][0]["key"], "a");
}

#[tokio::test]
async fn a_site_is_changed_in_part_and_its_desk_is_told() {
    let admin = Admin::new("admin").await;
    let change = json!({"greeting": "Hello!\nHow can we help?", "grace_s": 30, "absent_s": 0, "reopen_days": 1, "enabled": false});
    let changed = admin.patch("/a", change).await;
    assert_eq!(changed.status.as_u16(), 200);
    assert_eq!(changed.json["greeting"], "Hello!\nHow can we help?");
    assert_eq!((&changed.json["grace_s"], &changed.json["reopen_days"]), (&json!(30), &json!(1)));
    assert_eq!(changed.json["name"], "Site a", "what is absent stays");
    assert_eq!(changed.json["origins"], json!(["https://shop.example.org"]));
    assert_eq!(admin.world.told.take(), [format!("changed {}", admin.world.a.id.0)]);
    let settings = admin.world.store.settings(admin.world.a.id).await.expect("read");
    assert_eq!((settings.grace_ms, settings.absent_ms, settings.reopen_ms), (30_000, 0, 86_400_000));
    let change = json!({"open_max": 20, "relax_s": 90, "preferred_s": 0});
    let changed = admin.patch("/a", change.clone()).await;
    assert_eq!(
        json!({"open_max": changed.json["open_max"], "relax_s": changed.json["relax_s"],
            "preferred_s": changed.json["preferred_s"]}),
        change
    );
    let settings = admin.world.store.settings(admin.world.a.id).await.expect("read");
    assert_eq!((settings.open_max, settings.relax_ms, settings.preferred_ms), (20, Some(90_000), 0));
    assert_eq!(admin.patch("/a", json!({"grace_s": 30})).await.json["relax_s"], json!(90));
    assert_eq!(admin.patch("/a", json!({"relax_s": null})).await.json["relax_s"], Value::Null);
    assert_eq!(admin.patch("/a", json!({})).await.json["greeting"], "Hello!\nHow can we help?");
    assert_eq!(admin.patch("/a", json!({"greeting": null})).await.json["greeting"], Value::Null);
}

#[tokio::test]
async fn what_a_site_cannot_have_is_refused_and_nothing_is_stored() {
    let admin = Admin::new("admin").await;
    let before = admin.get("/a").await;
    for change in [
        json!({"name": ""}),
        json!({"name": "\u{200b}"}),
        json!({"name": "a\nb"}),
        json!({"name": "x".repeat(257)}),
        json!({"origins": ["*"]}),
        json!({"origins": ["https://example.org/chat"]}),
        json!({"origins": ["null"]}),
        json!({"origins": "https://example.org"}),
        json!({"origins": vec!["https://example.org"; 65]}),
        json!({"greeting": "a\u{0}b"}),
        json!({"greeting": "x".repeat(1_025)}),
        json!({"grace_s": 3_601}),
        json!({"grace_s": -1}),
        json!({"absent_s": 86_401}),
        json!({"reopen_days": 366}),
        json!({"reopen_days": 1.5}),
        json!({"open_max": 0}),
        json!({"open_max": 21}),
        json!({"relax_s": 86_401}),
        json!({"preferred_s": 601}),
        json!({"enabled": "yes"}),
    ] {
        let answer = admin.patch("/a", change.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (422, &json!("invalid")), "{change}");
    }
    assert_eq!(admin.get("/a").await, before);
    assert!(admin.world.told.take().is_empty());
}

#[tokio::test]
async fn a_team_is_created_changed_and_deleted_but_not_the_last() {
    let admin = Admin::new("admin").await;
    let new = json!({"name": "Night", "offer_s": 20, "first_reply_s": 60, "skills": ["billing", "billing"]});
    let team = admin.post("/a/teams", new).await.json;
    let id = team["id"].as_str().expect("an id").to_owned();
    assert_eq!(team, json!({"id": id, "name": "Night", "offer_s": 20, "first_reply_s": 60, "skills": ["billing"]}));
    let path = format!("/a/teams/{id}");
    let changed = admin.patch(&path, json!({"offer_s": null, "name": "Late"})).await.json;
    assert_eq!(changed, json!({"id": id, "name": "Late", "offer_s": null, "first_reply_s": 60, "skills": ["billing"]}));
    for change in
        [json!({"offer_s": 0}), json!({"offer_s": 3_601}), json!({"skills": vec!["x"; 51]}), json!({"name": ""})]
    {
        assert_eq!(admin.patch(&path, change.clone()).await.status.as_u16(), 422, "{change}");
    }
    let colleague = format!("/a/agents/{}", admin.world.agents["colleague"].id);
    assert_eq!(admin.patch(&colleague, json!({"teams": [id]})).await.json["teams"], json!([id]));
    for left in (0..3).rev() {
        let teams = admin.get("/a/teams").await;
        let first = teams["teams"][0]["id"].as_str().expect("an id").to_owned();
        let delete = Call::new("DELETE", &format!("/api/v1/sites/a/teams/{first}")).with(&admin.session);
        let answer = admin.world.send(delete).await;
        assert_eq!(answer.status.as_u16(), if left > 0 { 204 } else { 422 });
    }
    let agents = admin.get("/a/agents").await;
    assert!(agents["agents"].as_array().expect("agents").iter().all(|agent| agent["teams"] == json!([])));
    assert_eq!(admin.world.told.take().len(), 5, "created, changed, moved, deleted twice");
}

#[tokio::test]
async fn an_agent_is_added_and_changed() {
    let admin = Admin::new("admin").await;
    let team = admin.world.team;
    let new = json!({
        "email": " New@Example.ORG ", "name": "Noor", "role": "lead", "teams": [team], "skills": ["billing"],
        "languages": ["DE", "en"], "capacity": 7,
    });
    let added = admin.post("/a/agents", new).await;
    assert_eq!(added.status.as_u16(), 201);
    let mut shown = added.json;
    assert!(shown["link"].as_str().expect("a link").starts_with("https://chat.example.org/console#code="));
    shown.as_object_mut().expect("an object").remove("link");
    let id = shown["id"].clone();
    let expected = json!({
        "id": id, "email": "new@example.org", "name": "Noor", "role": "lead", "teams": [team], "skills": ["billing"],
        "languages": ["de", "en"], "capacity": 7, "enabled": true,
    });
    assert_eq!(shown, expected);
    let path = format!("/a/agents/{}", id.as_str().expect("an id"));
    let changed = admin.patch(&path, json!({"role": "admin", "capacity": 0, "languages": []})).await.json;
    assert_eq!(
        (&changed["role"], &changed["capacity"], &changed["name"]),
        (&json!("admin"), &json!(0), &json!("Noor"))
    );
    for change in [
        json!({"capacity": 101}),
        json!({"capacity": -1}),
        json!({"role": "operator"}),
        json!({"role": "Owner"}),
        json!({"languages": ["english please"]}),
        json!({"languages": ["d"]}),
        json!({"name": "\u{7}"}),
        json!({"teams": ["x"]}),
        json!({"skills": ["x".repeat(65)]}),
    ] {
        assert_eq!(admin.patch(&path, change.clone()).await.status.as_u16(), 422, "{change}");
    }
    for email in ["", "x", "@x", "x@", "a b@c", "a@b@c", "a\u{0}@b", &format!("{}@x", "a".repeat(254))] {
        let new = json!({"email": email, "name": "New", "role": "agent"});
        assert_eq!(admin.post("/a/agents", new).await.status.as_u16(), 422, "{email}");
    }
}

#[tokio::test]
async fn a_name_is_kept_as_text_and_shown_as_text() {
    let admin = Admin::new("admin").await;
    for name in
        ["<img src=x onerror=alert(1)>", "{{7*7}}", "${jndi:ldap://x}", "'; drop table site; --", "\u{202e}eman"]
    {
        assert_eq!(admin.patch("/a", json!({"name": name})).await.json["name"], name);
    }
}

#[tokio::test]
async fn a_canned_reply_is_created_changed_and_deleted() {
    let admin = Admin::new("lead").await;
    let canned = admin.post("/a/canned", json!({"shortcut": "/bye", "body": "Good\nbye!"})).await;
    assert_eq!((canned.status.as_u16(), &canned.json["shortcut"]), (201, &json!("bye")));
    let path = format!("/a/canned/{}", canned.json["id"].as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({"body": "Bye"})).await.json["body"], "Bye");
    assert_eq!(admin.patch(&path, json!({"shortcut": "hello"})).await.status.as_u16(), 409, "taken by another");
    for change in [
        json!({"shortcut": ""}),
        json!({"shortcut": "two words"}),
        json!({"body": " "}),
        json!({"body": "x".repeat(16_385)}),
    ] {
        assert_eq!(admin.patch(&path, change.clone()).await.status.as_u16(), 422, "{change}");
    }
    let delete =
        async || admin.world.send(Call::new("DELETE", &format!("/api/v1/sites{path}")).with(&admin.session)).await;
    assert_eq!(delete().await.status.as_u16(), 204);
    assert_eq!(delete().await.status.as_u16(), 404);
    assert_eq!(admin.get("/a/canned").await["canned"].as_array().expect("canned").len(), 1);
}

#[tokio::test]
async fn a_new_name_follows_to_where_the_old_one_was_shown() {
    let agent = Admin::new("agent").await;
    let world = &agent.world;
    let rename =
        async |name: &str| world.send(Call::patch("/api/v1/me", &json!({"name": name})).with(&agent.session)).await;
    assert_eq!(rename("Ada L.").await.json["account"]["name"], "Ada L.");
    let shown = async || {
        let agents = world.store.agents(world.a.id).await.expect("read");
        agents.into_iter().find(|row| row.id == world.agents["agent"].id).expect("there").name
    };
    assert_eq!(shown().await, "Ada L.");
    assert_eq!(world.told.take(), [format!("changed {}", world.a.id.0)]);
    let admin = world.session("admin").await;
    let path = format!("/api/v1/sites/a/agents/{}", world.agents["agent"].id);
    world.send(Call::patch(&path, &json!({"name": "Support"})).with(&admin)).await;
    rename("Ada").await;
    assert_eq!(shown().await, "Support", "the name an admin chose stays");
}
