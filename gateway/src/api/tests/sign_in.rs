//! Signing in: the same answer for every wrong try, slowed down, bounded, with a new session each time.

use super::world::{Answer, Call, PASSWORD, World};
use crate::api::hash_of;
use crate::api::passwords::Cost;
use crate::api::{ApiState, router, setup_link, sign_in_link};
use crate::ports::{Account, Directory, Grant, Store};
use http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;

const ADA: &str = "agent@example.org";

fn told(answer: &Answer) -> (u16, HeaderMap, Value) {
    (answer.status.as_u16(), answer.headers.clone(), answer.json.clone())
}

#[tokio::test]
async fn the_right_password_signs_in_and_says_who_it_is() {
    let world = World::new().await;
    let answer = world.sign_in(" Agent@Example.ORG ", PASSWORD).await;
    assert_eq!(answer.status.as_u16(), 200);
    let cookie = answer.cookie().expect("a cookie");
    assert!(answer.header("set-cookie").ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000"));
    let me = world.send(Call::get("/api/v1/me").with(&cookie)).await;
    assert_eq!(me.json, answer.json);
    let agent = &world.agents["agent"];
    let expected = json!({
        "account": {"id": agent.account, "email": ADA, "name": "agent", "operator": false, "has_password": true},
        "sites": [{"key": "a", "name": "Site a", "role": "agent", "agent": agent.id}],
        "insecure_cookie": false,
    });
    assert_eq!(me.json, expected);
}

#[tokio::test]
async fn an_unknown_email_is_answered_like_a_wrong_password() {
    let world = World::new().await;
    let no_password = Account { password: None, ..world.accounts["colleague"].clone() };
    world.store.put_account(no_password).await.expect("stored");
    let wrong = told(&world.sign_in(ADA, "wrong password").await);
    assert_eq!((wrong.0, &wrong.2["code"]), (401, &json!("sign_in_failed")));
    assert_eq!(told(&world.sign_in("nobody@example.org", "wrong password").await), wrong);
    assert_eq!(told(&world.sign_in("colleague@example.org", "wrong password").await), wrong);
    let code = Call::post("/api/v1/sign-in", &json!({"code": "never handed out"}));
    assert_eq!(told(&world.send(code).await), wrong);
}

#[tokio::test]
async fn an_unknown_email_takes_as_long_as_a_wrong_password() {
    let world = World::with_cost(Cost::STANDARD).await;
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..4 {
        for (which, email) in [ADA, "nobody@example.org"].into_iter().enumerate() {
            let begun = std::time::Instant::now();
            assert_eq!(world.sign_in(email, "wrong password").await.status.as_u16(), 401, "round {round}");
            took[which].push(begun.elapsed());
        }
    }
    let [known, unknown] = took.map(|times| times.into_iter().min().expect("four times"));
    // Without a decoy it is a thousandth.
    assert!(unknown * 5 > known, "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn a_thousand_wrong_passwords_get_few_guesses_and_the_owner_still_gets_in() {
    let world = World::new().await;
    for email in [ADA, "nobody@example.org"] {
        let mut statuses = Vec::new();
        for n in 0..1_000u16 {
            let body = json!({"email": email, "password": format!("wrong password {n}")});
            let [high, low] = n.to_be_bytes();
            statuses.push(world.send(Call::post("/api/v1/sign-in", &body).from([10, 0, high, low])).await);
        }
        let guesses = statuses.iter().filter(|answer| answer.status.as_u16() == 401).count();
        assert_eq!(guesses, 5, "{email}");
        let last = statuses.last().expect("a thousand");
        assert_eq!((last.status.as_u16(), last.header("retry-after")), (429, "1"));
    }
    assert_eq!(world.sign_in(ADA, PASSWORD).await.status.as_u16(), 429, "the right one waits too");
    world.pass_ms(1_000);
    assert_eq!(world.sign_in(ADA, PASSWORD).await.status.as_u16(), 200);
}

#[tokio::test]
async fn one_address_gets_few_guesses_over_many_accounts() {
    let world = World::new().await;
    let mut guesses = 0;
    for n in 0..1_000 {
        guesses += u32::from(world.sign_in(&format!("{n}@example.org"), "wrong password").await.status.as_u16() == 401);
    }
    assert_eq!(guesses, 30);
    let elsewhere = Call::post("/api/v1/sign-in", &json!({"email": ADA, "password": PASSWORD})).from([192, 0, 2, 2]);
    assert_eq!(world.send(elsewhere).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_request_that_comes_without_address_fails_and_shares_no_allowance() {
    let world = World::new().await;
    let call = Call::post("/api/v1/sign-in", &json!({"email": ADA, "password": PASSWORD})).without_address();
    assert_eq!(world.send(call).await.status.as_u16(), 500);
}

#[tokio::test]
async fn a_password_too_long_or_too_short_is_refused_before_it_is_hashed() {
    let world = World::new().await;
    assert_eq!(world.sign_in(ADA, &"x".repeat(1024 * 1024)).await.status.as_u16(), 422);
    assert_eq!(world.sign_in(ADA, &"x".repeat(1_025)).await.status.as_u16(), 422);
    assert_eq!(world.sign_in(ADA, &"x".repeat(1_024)).await.status.as_u16(), 401);
    let session = world.session("operator").await;
    for password in ["nine char", &"x".repeat(1_025)] {
        let body = json!({"password": password, "current_password": PASSWORD});
        let answer = world.send(Call::patch("/api/v1/me", &body).with(&session)).await;
        assert_eq!(answer.status.as_u16(), 422);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_sign_ins_at_once_stay_within_memory() {
    let world = Arc::new(World::with_cost(Cost::STANDARD).await);
    let before_kib = resident_kib();
    let calls: Vec<_> = (0..500u16)
        .map(|n| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let [high, low] = n.to_be_bytes();
                let body = json!({"email": format!("{n}@example.org"), "password": "wrong password"});
                world.send(Call::post("/api/v1/sign-in", &body).from([10, 1, high, low])).await
            })
        })
        .collect();
    let (mut looked_at, mut sent_away) = (0, 0);
    for call in calls {
        let answer = call.await.expect("answered");
        match answer.status.as_u16() {
            401 => looked_at += 1,
            503 => {
                assert_eq!((answer.header("retry-after"), &answer.json["code"]), ("2", &json!("busy")));
                sent_away += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(looked_at >= 36 && sent_away >= 200, "{looked_at} looked at, {sent_away} sent away");
    let grown_kib = peak_kib().saturating_sub(before_kib);
    assert!(grown_kib < 200 * 1024, "grew by {grown_kib} KiB; five hundred hashes at once take 9.5 GiB");
    assert_eq!(world.sign_in(ADA, PASSWORD).await.status.as_u16(), 200, "and then all is well");
}

#[tokio::test]
async fn a_try_that_was_too_busy_to_look_at_does_not_count_against_the_account() {
    let world = World::new().await;
    let crowd = world.api.passwords.crowd();
    for _ in 0..10 {
        assert_eq!(world.sign_in(ADA, PASSWORD).await.status.as_u16(), 503);
    }
    drop(crowd);
    assert_eq!(world.sign_in(ADA, PASSWORD).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_session_from_before_is_never_kept() {
    let world = World::new().await;
    let planted = "__Host-halloo=0123456789012345678901234567890123456789012";
    let body = json!({"email": ADA, "password": PASSWORD});
    let first = world.send(Call::post("/api/v1/sign-in", &body).with(planted)).await.cookie().expect("a cookie");
    assert_ne!(first, planted);
    assert_eq!(world.send(Call::get("/api/v1/me").with(planted)).await.status.as_u16(), 401);
    let second = world.send(Call::post("/api/v1/sign-in", &body).with(&first)).await.cookie().expect("a cookie");
    assert_ne!(second, first);
    assert_eq!(world.send(Call::get("/api/v1/me").with(&first)).await.status.as_u16(), 401, "the old one is gone");
    assert_eq!(world.send(Call::get("/api/v1/me").with(&second)).await.status.as_u16(), 200);
}

#[tokio::test]
async fn the_store_keeps_no_secret_that_a_thief_could_use() {
    let world = World::new().await;
    let cookie = world.sign_in(ADA, PASSWORD).await.cookie().expect("a cookie");
    let secret = cookie.strip_prefix("__Host-halloo=").expect("the name");
    let kept = world.store.granted(hash_of(secret), world.wall_ms()).await.expect("read");
    assert_eq!(kept, Some(Grant::Session { account: world.accounts["agent"].id }));
    let stored = world.store.account_by_email(ADA).await.expect("read").expect("there").password.expect("set");
    assert!(stored.starts_with("$argon2id$"));
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let world = World::new().await;
    let session = world.session("agent").await;
    world.pass_ms(30 * 24 * 3_600_000 - 1);
    assert_eq!(world.send(Call::get("/api/v1/me").with(&session)).await.status.as_u16(), 200);
    world.pass_ms(1);
    assert_eq!(world.send(Call::get("/api/v1/me").with(&session)).await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_sign_in_code_is_good_once_and_for_a_week() {
    let world = World::new().await;
    let account = world.accounts["agent"].id;
    let code = |link: &str| link.strip_prefix("https://chat.example.org/console#code=").expect("a link").to_owned();
    let (first, second) = (sign_in_link(&world.state, account).await, sign_in_link(&world.state, account).await);
    let first = json!({"code": code(&first.expect("a link"))});
    assert_eq!(world.send(Call::post("/api/v1/sign-in", &first)).await.status.as_u16(), 200);
    assert_eq!(world.send(Call::post("/api/v1/sign-in", &first)).await.status.as_u16(), 401);
    world.pass_ms(7 * 24 * 3_600_000);
    let second = json!({"code": code(&second.expect("a link"))});
    assert_eq!(world.send(Call::post("/api/v1/sign-in", &second)).await.status.as_u16(), 401);
}

#[tokio::test]
async fn who_came_by_a_link_is_told_of_no_password_and_comes_back_with_the_one_they_choose() {
    let world = World::new().await;
    let account = Account { password: None, ..world.accounts["agent"].clone() };
    world.store.put_account(account.clone()).await.expect("stored");
    assert_eq!(world.sign_in(ADA, PASSWORD).await.status.as_u16(), 401);
    let link = sign_in_link(&world.state, account.id).await.expect("a link");
    let (_, code) = link.split_once("#code=").expect("a code");
    let came = world.send(Call::post("/api/v1/sign-in", &json!({"code": code}))).await;
    assert_eq!(came.json["account"]["has_password"], false);
    let session = came.cookie().expect("a cookie");
    let chosen = json!({"password": "my first password"});
    let changed = world.send(Call::patch("/api/v1/me", &chosen).with(&session)).await;
    assert_eq!((changed.status.as_u16(), &changed.json["account"]["has_password"]), (200, &json!(true)));
    let went_on = changed.cookie().expect("the session that follows");
    assert_eq!(world.send(Call::get("/api/v1/me").with(&went_on)).await.json, changed.json);
    let came_back = world.sign_in(ADA, "my first password").await;
    assert_eq!((came_back.status.as_u16(), &came_back.json["account"]["has_password"]), (200, &json!(true)));
}

#[tokio::test]
async fn neither_a_session_nor_a_ticket_nor_a_setup_code_signs_in_as_a_code() {
    let world = World::new().await;
    let session = world.session("agent").await;
    let secret = session.strip_prefix("__Host-halloo=").expect("the name");
    let ticket = world.send(Call::post("/api/v1/ticket", &json!({"site": "a"})).with(&session)).await.json;
    for code in [secret, ticket["ticket"].as_str().expect("a ticket")] {
        let answer = world.send(Call::post("/api/v1/sign-in", &json!({"code": code}))).await;
        assert_eq!(answer.status.as_u16(), 401);
    }
    let kept = world.store.granted(hash_of(ticket["ticket"].as_str().expect("a ticket")), world.wall_ms()).await;
    assert!(kept.expect("read").is_some(), "and none of them is spent by it");
}

#[tokio::test]
async fn a_ticket_is_good_once_and_for_thirty_seconds() {
    let world = World::new().await;
    let session = world.session("agent").await;
    let ticket = async || {
        let answer = world.send(Call::post("/api/v1/ticket", &json!({"site": "a"})).with(&session)).await;
        answer.json["ticket"].as_str().expect("a ticket").to_owned()
    };
    let (first, second) = (ticket().await, ticket().await);
    let expected = Grant::Ticket { site: world.a.id, agent: world.agents["agent"].id };
    let redeem = async |ticket: &str| world.store.redeem(hash_of(ticket), world.wall_ms()).await.expect("read");
    world.pass_ms(29_999);
    assert_eq!(redeem(&first).await, Some(expected));
    assert_eq!(redeem(&first).await, None);
    world.pass_ms(1);
    assert_eq!(redeem(&second).await, None);
}

#[tokio::test]
async fn the_setup_code_creates_the_first_operator_and_no_second() {
    let world = World::new().await;
    let store: Arc<dyn Store> = Arc::new(crate::adapters::memory::MemoryStore::new());
    let state = ApiState { store: store.clone(), ..world.state.clone() };
    let fresh = router(state.clone());
    let link = setup_link(&state).await.expect("read").expect("nobody runs it yet");
    let code = link.strip_prefix("https://chat.example.org/console#setup=").expect("a link");
    let first = |code: &str, password: &str| {
        let body =
            json!({"code": code, "email": "Op@Example.org", "name": "Op", "password": password, "operator": false});
        Call::post("/api/v1/setup", &body)
    };
    let send = async |call: Call| super::world::send(fresh.clone(), call).await;
    assert_eq!(send(first("guessed", "long enough")).await.status.as_u16(), 401);
    assert_eq!(send(first(code, "short")).await.status.as_u16(), 422, "which does not spend the code");
    let answer = send(first(code, "long enough")).await;
    assert_eq!((answer.status.as_u16(), &answer.json["account"]["operator"]), (200, &json!(true)));
    assert_eq!(answer.json["account"]["email"], "op@example.org");
    let me = send(Call::get("/api/v1/me").with(&answer.cookie().expect("a cookie"))).await;
    assert_eq!(me.json, answer.json);
    assert_eq!(send(first(code, "long enough")).await.status.as_u16(), 401, "the code is spent");
    assert_eq!(setup_link(&state).await.expect("read"), None);
    let leftover = crate::api::Secret::draw();
    store.grant(leftover.hash(), Grant::Setup, u64::MAX).await.expect("granted");
    let second = json!({"code": leftover.reveal(), "email": "b@example.org", "name": "B", "password": "long enough"});
    let refused = send(Call::post("/api/v1/setup", &second)).await;
    assert_eq!((refused.status.as_u16(), &refused.json["code"]), (409, &json!("already_set_up")));
}

#[tokio::test]
async fn over_plain_http_the_cookie_and_me_say_that_it_is_insecure() {
    let world = World::new().await;
    let plain = router(ApiState { public_url: "http://localhost:8080/".to_owned(), ..world.state.clone() });
    let body = json!({"email": ADA, "password": PASSWORD});
    let answer = super::world::send(plain, Call::post("/api/v1/sign-in", &body)).await;
    assert_eq!(answer.json["insecure_cookie"], true);
    assert!(answer.header("set-cookie").starts_with("halloo_insecure="));
    assert!(answer.header("set-cookie").ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000"));
}

fn resident_kib() -> u64 {
    status_kib("VmRSS:")
}

fn peak_kib() -> u64 {
    status_kib("VmHWM:")
}

fn status_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(name)).expect("the line");
    line.split_whitespace().nth(1).expect("a number").parse().expect("KiB")
}
