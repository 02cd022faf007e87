//! Servers that ask who comes, and allow little.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_three_commands_is_enough() {
    let lines = [
        "user default off",
        "user operator on >operator ~* &* +@all",
        &format!(
            "user halloo on >a:word@1 resetkeys resetchannels &halloo:{DEPLOYMENT}:* -@all +publish +subscribe +ping"
        ),
    ];
    let server = Redis::with(&lines, &["--no-auth-warning", "--user", "operator", "--pass", "operator"]);
    let address = format!("127.0.0.1:{}", server.port());
    let from_url = RedisSettings { url: format!("redis://halloo:a%3Aword%401@{address}"), ..RedisSettings::default() };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "a:word@1\n").unwrap();
    let from_file =
        RedisSettings { url: format!("redis://halloo@{address}"), password_file: Some(file), ca_file: None };
    let (mut a, mut b) = (Node::with(1, DEPLOYMENT, from_url).await, Node::with(2, DEPLOYMENT, from_file).await);
    a.send(&b, b"there");
    assert_eq!(b.hears().await, "there");
    b.carrier.announce(Bytes::from_static(b"to all"));
    assert_eq!(a.hears().await, "to all");
    assert_eq!(server.ask(&["acl", "log"]), "", "nothing was asked for that is forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_checked() {
    let server = Redis::with_tls();
    let settings =
        |ca_file| RedisSettings { url: format!("rediss://localhost:{}", server.port()), password_file: None, ca_file };
    let mut trusting = Node::with(1, DEPLOYMENT, settings(Some(server.certificate()))).await;
    let other = Node::with(2, DEPLOYMENT, settings(Some(server.certificate()))).await;
    other.send(&trusting, b"hidden");
    assert_eq!(trusting.hears().await, "hidden");
    // The system's roots know nothing of it.
    let address = super::super::address::Address::read(settings(None)).unwrap();
    let client = address.client().await.unwrap();
    let refused = client.get_multiplexed_async_connection_with_config(&super::super::address::config()).await;
    assert!(refused.is_err(), "a certificate that nobody vouches for");
}
