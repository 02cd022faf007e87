//! Commands against a store in memory, with and without a server that runs.

use super::*;
use crate::adapters::memory::MemoryStore;
use crate::api::{AdminKey, KeyFile, Secret, admin_router, read_key};
use crate::ports::{Directory, StoreError};
use axum::Router;
use axum::body::Body;
use clap::Parser;
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use std::sync::Mutex;
use tower::ServiceExt;

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

struct Desk {
    store: Arc<MemoryStore>,
    folder: tempfile::TempDir,
}

struct Ran {
    code: u8,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        Self { store: Arc::new(MemoryStore::new()), folder: tempfile::tempdir().expect("a folder") }
    }

    async fn run(&self, words: &[&str]) -> Ran {
        let command = match Line::try_parse_from(std::iter::once(&"halloo").chain(words)) {
            Ok(line) => line.command,
            Err(error) => return Ran { code: EXIT_USAGE, out: String::new(), err: error.to_string() },
        };
        let opened = || -> OpeningStore<'_> { Box::pin(async { Ok(self.store.clone() as Arc<dyn Store>) }) };
        let restored = |from: &Path| anyhow::bail!("no backup in {}", from.display());
        let context = CliContext {
            data_dir: self.folder.path().to_owned(),
            admin_listen: "127.0.0.1:9".parse().expect("an address"),
            public_url: "https://chat.example.org/".to_owned(),
            has_store: &|| true,
            open_store: &opened,
            restore: &restored,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = run_with(command, &context, &mut out, &mut err).await;
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code, out: text(out), err: text(err) }
    }

    async fn json(&self, words: &[&str]) -> Value {
        let ran = self.run(&[words, &["--json"]].concat()).await;
        assert_eq!(ran.code, EXIT_DONE, "{words:?}: {}", ran.err);
        serde_json::from_str(&ran.out).expect("JSON")
    }
}

#[tokio::test]
async fn a_site_is_added_listed_shown_and_changed() {
    let desk = Desk::new();
    let origin = "https://Shop.example";
    let added = desk.run(&["site", "add", "shop", "--name", "The Shop", "--origin", origin]).await;
    assert_eq!((added.code, added.err.as_str()), (EXIT_DONE, ""));
    let snippet = r#"<script async src="https://chat.example.org/v1/loader.js" data-site="shop"></script>"#;
    assert!(added.out.lines().any(|line| line.trim() == snippet), "{}", added.out);
    let listed = desk.run(&["site", "list"]).await.out;
    assert_eq!(listed, "KEY   NAME      ENABLED  ORIGINS\nshop  The Shop  true     https://shop.example\n");
    let change = ["site", "set", "shop", "--enabled", "false", "--no-origins", "--grace-s", "5"];
    assert_eq!(desk.run(&change).await.code, EXIT_DONE);
    let shown = desk.json(&["site", "show", "shop"]).await;
    assert_eq!((&shown["enabled"], &shown["origins"], &shown["grace_s"]), (&json!(false), &json!([]), &json!(5)));
    assert_eq!(shown["name"], "The Shop", "what is not named stays");
    let change = ["site", "set", "shop", "--open-max", "3", "--relax-s", "90", "--preferred-s", "30"];
    let rules = |site: Value| json!([site["open_max"], site["relax_s"], site["preferred_s"]]);
    assert_eq!(rules(desk.json(&change).await), json!([3, 90, 30]));
    assert_eq!(rules(desk.json(&["site", "set", "shop", "--no-relax"]).await), json!([3, null, 30]));
}

#[tokio::test]
async fn a_team_is_added_listed_changed_and_removed() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    let added = desk.json(&["team", "add", "shop", "Returns", "--offer-s", "20", "--skill", "refunds"]).await;
    assert_eq!((&added["offer_s"], &added["skills"]), (&json!(20), &json!(["refunds"])));
    let set = ["team", "set", "shop", "Returns", "--rename", "Refunds", "--no-offer", "--no-skills"];
    let changed = desk.json(&set).await;
    assert_eq!(
        (&changed["name"], &changed["offer_s"], &changed["skills"]),
        (&json!("Refunds"), &json!(null), &json!([]))
    );
    assert_eq!(desk.run(&["team", "set", "shop", "Refunds"]).await.code, EXIT_USAGE);
    let listed = desk.run(&["team", "list", "shop"]).await.out;
    assert!(listed.starts_with("NAME     OFFER_S  FIRST_REPLY_S  SKILLS\n"), "{listed}");
    assert_eq!(desk.run(&["team", "remove", "shop", "Refunds"]).await.code, EXIT_DONE);
    let gone = desk.run(&["team", "remove", "shop", "Refunds"]).await;
    assert_eq!((gone.code, gone.err.contains("Refunds")), (EXIT_REFUSED, true));
    let last = desk.json(&["team", "list", "shop"]).await[0]["name"].as_str().expect("a name").to_owned();
    assert_eq!(desk.run(&["team", "remove", "shop", &last]).await.code, EXIT_REFUSED, "a site keeps its last team");
}

#[tokio::test]
async fn a_canned_reply_is_added_listed_changed_and_removed() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    desk.json(&["canned", "add", "shop", "/hello", "Good day!"]).await;
    let changed = desk.json(&["canned", "set", "shop", "hello", "--body", "Hello!"]).await;
    assert_eq!((&changed["shortcut"], &changed["body"]), (&json!("hello"), &json!("Hello!")));
    assert_eq!(desk.run(&["canned", "list", "shop"]).await.out, "SHORTCUT  BODY\nhello     Hello!\n");
    assert_eq!(desk.run(&["canned", "remove", "shop", "/hello"]).await.code, EXIT_DONE);
    assert_eq!(desk.run(&["canned", "set", "shop", "hello", "--body", "x"]).await.code, EXIT_REFUSED);
}

#[tokio::test]
async fn a_visitors_conversations_are_listed() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    let nobody = "019aa3f0-0000-7000-8000-000000000001";
    assert_eq!(desk.json(&["history", "shop", nobody]).await, json!([]));
    assert_eq!(desk.run(&["history", "none", nobody]).await.code, EXIT_REFUSED);
    assert_eq!(desk.run(&["history", "shop", "x"]).await.code, EXIT_USAGE);
}

#[tokio::test]
async fn what_an_agent_has_can_be_taken_away() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    let add = ["agent", "add", "shop", "ada@example.org", "--name", "Ada", "--skill", "refunds", "--language", "de"];
    desk.json(&add).await;
    let set = ["agent", "set", "shop", "ada@example.org", "--no-skills", "--no-languages", "--no-teams"];
    let changed = desk.json(&set).await;
    assert_eq!(json!([changed["skills"], changed["languages"], changed["teams"]]), json!([[], [], []]));
}

#[tokio::test]
async fn an_agent_is_added_changed_disabled_and_given_a_link() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    let added = desk.json(&["agent", "add", "shop", "Ada@example.org", "--name", "Ada", "--role", "lead"]).await;
    assert!(added["link"].as_str().expect("a link").starts_with("https://chat.example.org/console#code="));
    assert_eq!((&added["role"], added["teams"].as_array().map(Vec::len)), (&json!("lead"), Some(1)));
    let set = ["agent", "set", "shop", "ada@example.org", "--capacity", "9", "--team", "Support", "--language", "de"];
    let changed = desk.json(&set).await;
    assert_eq!((&changed["capacity"], &changed["languages"]), (&json!(9), &json!(["de"])));
    assert_eq!(desk.json(&["agent", "disable", "shop", "ada@example.org"]).await["enabled"], false);
    let listed = desk.run(&["agent", "list", "shop"]).await.out;
    assert_eq!(listed, "EMAIL            NAME  ROLE  ENABLED  CAPACITY\nada@example.org  Ada   lead  false    9\n");
    let link = desk.run(&["agent", "link", "ada@example.org"]).await;
    assert!(link.out.starts_with("https://chat.example.org/console#code=") && link.out.lines().count() == 1);
}

#[tokio::test]
async fn a_reset_takes_the_password_and_the_sessions() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    desk.json(&["agent", "add", "shop", "ada@example.org", "--name", "Ada"]).await;
    let account = desk.store.account_by_email("ada@example.org").await.expect("read").expect("made");
    let id = account.id;
    let hash = api::hash_of("a session");
    desk.store.put_account(crate::ports::Account { password: Some("x".to_owned()), ..account }).await.expect("stored");
    desk.store.grant(hash, crate::ports::Grant::Session { account: id }, u64::MAX).await.expect("granted");
    desk.json(&["agent", "link", "ada@example.org"]).await;
    assert!(desk.store.granted(hash, 0).await.expect("read").is_some());
    desk.json(&["agent", "link", "ada@example.org", "--reset-password"]).await;
    assert!(desk.store.granted(hash, 0).await.expect("read").is_none());
    assert_eq!(desk.store.account(id).await.expect("read").expect("there").password, None);
}

#[tokio::test]
async fn each_kind_of_failure_has_its_exit_code_and_says_why() {
    let desk = Desk::new();
    desk.json(&["site", "add", "shop", "--name", "Shop"]).await;
    for (words, code, why) in [
        (&["site", "show", "x"][..], EXIT_REFUSED, "halloo: there is no site \"x\"\n"),
        (&["site", "add", "shop", "--name", "Shop"], EXIT_REFUSED, "halloo: the site key is taken\n"),
        (&["agent", "list", "x"], EXIT_REFUSED, "halloo: there is no site \"x\"\n"),
        (&["agent", "disable", "shop", "a@b.c"], EXIT_REFUSED, "halloo: there is no agent \"a@b.c\"\n"),
        (&["agent", "link", "a@b.c"], EXIT_REFUSED, "halloo: there is no account \"a@b.c\"\n"),
        (&["site", "set", "shop"], EXIT_USAGE, "halloo: name what is to change; see halloo site set --help\n"),
        (&["restore", "copy"], EXIT_FAILED, "halloo: no backup in copy\n"),
        (&["backup", "/"], EXIT_FAILED, "halloo: / exists already\n"),
    ] {
        let ran = desk.run(words).await;
        assert_eq!((ran.code, ran.err.as_str()), (code, why), "{words:?}");
        assert_eq!(ran.out, "", "nothing half said");
    }
    let origin = desk.run(&["site", "set", "shop", "--origin", "*"]).await;
    assert_eq!(origin.code, EXIT_REFUSED);
    assert!(origin.err.contains("strangers"), "{}", origin.err);
    assert_eq!(desk.run(&["site", "ad"]).await.code, EXIT_USAGE);
}

#[tokio::test]
async fn a_store_that_is_in_use_fails_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let locked = || -> OpeningStore<'_> { Box::pin(async { anyhow::bail!("another process has it open") }) };
    let context = CliContext {
        data_dir: folder.path().to_owned(),
        admin_listen: "127.0.0.1:9".parse().expect("an address"),
        public_url: String::new(),
        has_store: &|| true,
        open_store: &locked,
        restore: &|_| Ok(()),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run_with(Command::Migrate, &context, &mut out, &mut err).await;
    let expected = "halloo: another process has it open\n".to_owned();
    assert_eq!((code, String::from_utf8(err).expect("UTF-8")), (EXIT_FAILED, expected));
}

#[tokio::test]
async fn the_admin_port_needs_the_key_and_tells_the_desks() {
    let told = Arc::new(Told::default());
    let state = ApiState {
        store: Arc::new(MemoryStore::new()),
        public_url: "https://chat.example.org".to_owned(),
        settings_changed: told.clone(),
        clock: Arc::new(now),
    };
    let key = Secret::draw();
    let router = admin_router(state, AdminKey(key.clone()));
    let add = serde_json::to_value(
        SiteCommand::Add { key: "shop".to_owned(), name: "Shop".to_owned(), origins: Vec::new(), greeting: None }
            .into_admin()
            .expect("a command"),
    );
    let add = add.expect("JSON");
    assert_eq!(knock(&router, None, &add).await.0, 401);
    assert_eq!(knock(&router, Some("Bearer guessed"), &add).await.0, 401);
    assert_eq!(knock(&router, Some(&format!("bearer {}", key.reveal())), &add).await.0, 401);
    assert_eq!(knock(&router, None, &json!("not even a command")).await.0, 401, "nothing is read before the key");
    let bearer = format!("Bearer {}", key.reveal());
    assert_eq!(knock(&router, Some(&bearer), &add).await, (200, json!("shop")));
    assert_eq!(knock(&router, Some(&bearer), &add).await.0, 409);
    assert_eq!(knock(&router, Some(&bearer), &json!({"command": "drop"})).await.0, 422);
    assert_eq!(told.0.lock().expect("whole").len(), 1, "the edge knows the new site before the answer");
    let set = json!({"command": "site_set", "key": "shop", "change": {"name": "Store", "greeting": null}});
    assert_eq!(knock(&router, Some(&bearer), &set).await.0, 200);
    assert_eq!(told.0.lock().expect("whole").len(), 2);
}

#[tokio::test]
async fn the_key_file_is_for_its_owner_only_and_goes_with_the_server() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("admin-key");
    std::fs::write(&path, "left by a crash").expect("written");
    let file = KeyFile::create(folder.path()).expect("made");
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(read_key(folder.path()).as_deref(), Some(file.key().0.reveal()));
    drop(file);
    assert_eq!(read_key(folder.path()), None);
}

#[test]
fn a_store_error_is_told_to_the_shell_as_a_failure_not_a_refusal() {
    let away = api::ApiError::from(StoreError::Away("gone".to_owned()));
    assert!(matches!(refused(away.body()), Failure::Failed(_)));
    let taken = api::ApiError::from(StoreError::Taken("the email"));
    assert!(matches!(refused(taken.body()), Failure::Refused(_)));
}

async fn knock(router: &Router, authorization: Option<&str>, command: &Value) -> (u16, Value) {
    let mut request = Request::post("/run").header("content-type", "application/json");
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let request = request.body(Body::from(command.to_string())).expect("a request");
    let response = router.clone().oneshot(request).await.expect("answered");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    (status, body["key"].clone())
}

#[derive(Default)]
struct Told(Mutex<Vec<i64>>);

#[async_trait]
impl SettingsChanged for Told {
    async fn changed(&self, site: SiteId) {
        self.0.lock().expect("whole").push(site.0);
    }

    async fn signed_out(&self, _: SiteId, _: AgentId) {}
}
