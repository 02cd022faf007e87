//! Rows 41 to 47: commands that come twice, from others, or too late.

use crate::{Case, refused};
use gateway_tests::{Client, Who, outbox_id};
use protocol::{
    Action, Author, Code, ConversationId, Down, Outcome, RecordKind, Refusal, Say, Stream, Take, TypingUp, Up,
};
use protocol::{Fetch, Position, ReadUp};
use serde_json::{Value, json};

fn command(outbox: &Value, ordinal: u32, conversation: ConversationId, action: &Value) -> String {
    let id = json!({ "outbox": outbox, "ordinal": ordinal });
    json!({ "command": { "id": id, "conversation": conversation, "action": action } }).to_string()
}

async fn answer(client: &mut Client) -> Result<Outcome, Refusal> {
    client
        .next(|frame| match frame {
            Down::Ok(outcome) => Some(Ok(outcome.clone())),
            Down::No(refusal) => Some(Err((**refusal).clone())),
            _ => None,
        })
        .await
}

async fn ask(client: &mut Client, text: &str) -> Result<Outcome, Refusal> {
    client.send_text(text).await;
    answer(client).await
}

#[tokio::test]
async fn bad_input_41_a_command_that_comes_twice_takes_effect_once() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("once upon a time").await;
    let twice = command(&json!(outbox_id()), 1, id, &json!({ "say": { "body": "twice" } }));
    let first = ask(&mut visitor, &twice).await.unwrap();
    assert_eq!(ask(&mut visitor, &twice).await.unwrap(), first);

    let mut tabs = Vec::new();
    for _ in 0..4 {
        tabs.push(Client::connected(&case.shared.shop, visitor.who.clone()).await);
    }
    let at_once = command(&json!(outbox_id()), 1, id, &json!({ "say": { "body": "at once" } }));
    for tab in &mut tabs {
        tab.send_text(&at_once).await;
    }
    let mut answers = Vec::new();
    for tab in &mut tabs {
        answers.push(answer(tab).await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(visitor.read_all(id).await.said(), ["once upon a time", "twice", "at once"]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_42_the_same_id_with_other_words_is_a_conflict() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("first").await;
    let outbox = json!(outbox_id());
    let say = |ordinal: u32, body: &str| command(&outbox, ordinal, id, &json!({ "say": { "body": body } }));
    let stored = ask(&mut visitor, &say(1, "one")).await.unwrap();

    assert_eq!(ask(&mut visitor, &say(1, "another")).await.unwrap_err().code, Code::Conflict);
    assert_eq!(ask(&mut visitor, &say(3, "three")).await.unwrap_err().code, Code::OutOfOrder);
    assert_eq!(ask(&mut visitor, &say(0, "zero")).await.unwrap_err().code, Code::BadValue);
    assert_eq!(ask(&mut visitor, &say(u32::MAX, "last")).await.unwrap_err().code, Code::OutOfOrder);
    assert_eq!(ask(&mut visitor, &say(1, "one")).await.unwrap(), stored);
    ask(&mut visitor, &say(2, "two")).await.unwrap();
    assert_eq!(ask(&mut visitor, &say(1, "one")).await.unwrap_err().code, Code::OutOfOrder);
    assert_eq!(visitor.read_all(id).await.said(), ["first", "one", "two"]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_43_an_outbox_that_is_no_uuid_is_refused() {
    let case = Case::begin().await;
    let id = gateway_tests::conversation_id();
    let open = json!({ "open": { "body": "x" } });
    for outbox in
        [json!("x"), json!(""), json!(7), json!(null), json!("a".repeat(1_000)), json!({}), json!("../../etc")]
    {
        let mut raw = case.raw().await;
        assert_eq!(refused(&mut raw, &command(&outbox, 1, id, &open)).await.code, Code::BadFrame, "{outbox}");
    }
    let mut raw = case.raw().await;
    raw.text(&command(&json!("a".repeat(1024 * 1024)), 1, id, &open)).await;
    assert_eq!(raw.closed().await, Some(1009));

    let mut visitor = Client::visitor(&case.shared.shop).await;
    assert!(ask(&mut visitor, &command(&json!(outbox_id()), 1, id, &open)).await.is_ok());
    case.end().await;
}

#[tokio::test]
async fn bad_input_44_somebody_elses_conversation_is_not_found_like_one_that_is_not_there() {
    let case = Case::begin().await;
    let mut owner = Client::visitor(&case.shared.shop).await;
    let theirs = owner.open("private").await;
    let mut elsewhere = Client::visitor(&case.shared.other).await;
    let elsewheres = elsewhere.open("of another site").await;
    let mut thief = Client::visitor(&case.shared.shop).await;
    thief.open("my own").await;

    let mut refusals = Vec::new();
    for id in [theirs, elsewheres, gateway_tests::conversation_id()] {
        for action in [
            json!({ "say": { "body": "let me in" } }),
            json!({ "close": { "reason": "solved" } }),
            json!({ "rate": { "score": 1 } }),
            json!({ "take": {} }),
        ] {
            let refusal = ask(&mut thief, &command(&json!(outbox_id()), 1, id, &action)).await.unwrap_err();
            refusals.push(Refusal { command: None, conversation: None, ..refusal });
        }
    }
    assert_eq!(refusals[0].code, Code::NotFound);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");

    let mut stranger = Client::agent(&case.shared.stranger).await;
    let say = command(&json!(outbox_id()), 1, theirs, &json!({ "note": { "body": "of another site" } }));
    assert_eq!(ask(&mut stranger, &say).await.unwrap_err().code, Code::NotFound);
    owner.say(theirs, "still mine").await.unwrap();
    assert_eq!(owner.read_all(theirs).await.said(), ["private", "still mine"]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_45_reading_and_typing_in_somebody_elses_conversation_is_not_found() {
    let case = Case::begin().await;
    let mut owner = Client::visitor(&case.shared.shop).await;
    let theirs = owner.open("private").await;
    let mut thief = Client::visitor(&case.shared.shop).await;
    let own = thief.open("my own").await;
    for conversation in [theirs, gateway_tests::conversation_id()] {
        let frames = [
            Up::Fetch(Fetch { conversation, after: Position::default(), limit: None }),
            Up::Read(ReadUp { conversation, number: protocol::Number(1) }),
            Up::Typing(TypingUp { conversation, stream: Stream::Public }),
        ];
        for frame in frames {
            thief.send(&frame).await;
            let refusal = thief.refusal().await;
            assert_eq!((refusal.code, refusal.conversation), (Code::NotFound, Some(conversation)), "{frame:?}");
        }
        let follow = json!({ "follow": { "follows": [{ "conversation": conversation }, { "conversation": own }] } });
        thief.send_text(&follow.to_string()).await;
        let followed = thief.next(|frame| match frame {
            Down::Heads(heads) => Some(heads.heads.iter().map(|head| head.conversation).collect::<Vec<_>>()),
            _ => None,
        });
        assert_eq!(followed.await, [own]);
    }
    assert_eq!(owner.read_all(theirs).await.said(), ["private"]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_46_an_agent_who_believes_in_a_state_that_has_passed_is_told_so() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("who takes me?").await;
    let mut agent = Client::agent(&case.shared.agent).await;
    let me = agent.agent_id();
    let stale = |answer: Result<Outcome, Refusal>| {
        let refusal = answer.unwrap_err();
        assert_eq!((refusal.code, refusal.retryable), (Code::Stale, false));
    };

    stale(agent.say(id, "not mine yet").await);
    stale(agent.command(Some(id), Action::Accept(protocol::Nothing {})).await);
    stale(agent.command(Some(id), Action::Take(Take { from: me })).await);
    agent.command(Some(id), Action::Take(Take { from: None })).await.unwrap();
    stale(agent.command(Some(id), Action::Take(Take { from: None })).await);
    stale(agent.command(Some(id), Action::Decline(protocol::Nothing {})).await);
    agent.say(id, "now it is").await.unwrap();
    visitor.until("the agent's word comes", |visitor| visitor.transcript(id).said().len() == 2).await;
    assert_eq!(visitor.transcript(id).said(), ["who takes me?", "now it is"]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_47_a_visitor_cannot_act_as_an_agent_or_name_who_said_what_when() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("hello").await;
    for action in [
        json!({ "note": { "body": "x" } }),
        json!({ "take": {} }),
        json!({ "accept": {} }),
        json!({ "decline": {} }),
        json!({ "park": {} }),
        json!({ "transfer": { "to": { "team": gateway_tests::random_uuid() } } }),
    ] {
        let refusal = ask(&mut visitor, &command(&json!(outbox_id()), 1, id, &action)).await.unwrap_err();
        assert_eq!(refusal.code, Code::Forbidden, "{action}");
    }
    for frame in [r#"{"watch":{"view":"all"}}"#, r#"{"watch":{"view":"roster"}}"#, r#"{"unwatch":{"view":"all"}}"#] {
        visitor.send_text(frame).await;
        assert_eq!(visitor.refusal().await.code, Code::Forbidden, "{frame}");
    }

    let forged = json!({ "say": {
        "body": "I am the boss",
        "by": { "agent": { "id": gateway_tests::random_uuid(), "name": "Boss" } },
        "number": 99, "at": 1, "tail": 7, "id": gateway_tests::random_uuid(), "role": "admin",
    } });
    let made = ask(&mut visitor, &command(&json!(outbox_id()), 1, id, &forged)).await.unwrap().made.unwrap();
    let shown = visitor.read_all(id).await;
    let record = shown.records.iter().find(|record| record.id == made.message).unwrap();
    assert!(shown.is_dense() && record.at > 1);
    assert!(matches!(&record.what, RecordKind::Said(said) if said.by == Author::Visitor), "{record:?}");
    case.end().await;
}

#[tokio::test]
async fn a_visitor_with_a_token_is_the_same_visitor_on_every_socket() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("here").await;
    let mut again = Client::connected(&case.shared.shop, visitor.who.clone()).await;
    let mut nobody = Client::connected(&case.shared.shop, Who::Visitor { token: None }).await;
    again.command(Some(id), Action::Say(Say { body: "and there".to_owned() })).await.unwrap();
    assert_eq!(nobody.say(id, "not me").await.unwrap_err().code, Code::NotFound);
    case.end().await;
}
