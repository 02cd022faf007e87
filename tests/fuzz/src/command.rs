//! Commands: frames of a client, read, judged and handed on by a session.
//!
//! The lowest bit of the first byte makes an agent of the sender; frames follow, divided by NUL, a second apart.

use gateway_core::desk::input::Input;
use gateway_core::ids::{AgentSocket, Principal, Socket, VisitorSocket};
use gateway_core::now::{Instant, Now};
use gateway_core::session::{Output, Session, SignedIn};
use protocol::limits::{
    AGENT_BODY_BYTES_MAX, COMMENT_BYTES_MAX, EMAIL_BYTES_MAX, FOLLOWS_MAX, JSON_DEPTH_MAX, LOCALE_BYTES_MAX,
    NAME_BYTES_MAX, PAGE_RECORDS_MAX, TITLE_BYTES_MAX, URL_BYTES_MAX, VISITOR_BODY_BYTES_MAX,
};
use protocol::{
    Action, AgentId, Code, Command, DecodeError, Down, Number, Open, Page, Refusal, Up, VisitorId, decode_down,
    decode_up,
};
use serde_json::Value;
use uuid::Uuid;

const HELLO: &str =
    r#"{"hello":{"protocol":1,"site":"shop","session":"3e9b6c54-7f1a-4d2e-b8c3-9a0f5e6d7c21","generation":1}}"#;
/// A frame asks for a join and for what it is about; a last one may close the socket behind its refusal.
const OUTPUTS_PER_FRAME_MAX: usize = 3;

/// Reads each frame, then hands it to a session that is signed in.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, frames)) = bytes.split_first() else { return };
    let is_agent = first % 2 == 1;
    let mut now = Now { instant: Instant(1_000), wall_ms: 1_000 };
    let (mut session, principal) = signed_in(is_agent, now);
    for frame in frames.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(frame);
        judge_reading(&text);
        now = Now { instant: now.instant.plus_ms(1_000), wall_ms: now.wall_ms + 1_000 };
        session.handle_text(&text, now);
        let outputs: Vec<Output> = std::iter::from_fn(|| session.poll_output()).collect();
        assert!(outputs.len() <= OUTPUTS_PER_FRAME_MAX, "one frame makes {} outputs", outputs.len());
        outputs.iter().for_each(|output| judge_output(output, principal));
    }
}

fn signed_in(is_agent: bool, now: Now) -> (Session, Principal) {
    let (socket, principal) = match is_agent {
        true => (Socket::Agent(AgentSocket(1)), Principal::Agent(AgentId(Uuid::from_u128(1)))),
        false => (Socket::Visitor(VisitorSocket(1)), Principal::Visitor(VisitorId(Uuid::from_u128(1)))),
    };
    let mut session = Session::new(socket, None, 7, now);
    session.handle_text(HELLO, now);
    session.handle_signed_in(SignedIn { principal, site: "Shop".to_owned(), greeting: None, token: None });
    while session.poll_output().is_some() {}
    (session, principal)
}

/// A frame reads as JSON does, and once more as it was written.
fn judge_reading(text: &str) {
    let value = serde_json::from_str::<Value>(text);
    match decode_up(text) {
        Err(error) => {
            assert!(matches!(error.code(), Code::BadJson | Code::BadFrame), "{error}");
            let is_object = value.is_ok_and(|value| value.is_object() && depth(&value) <= JSON_DEPTH_MAX);
            assert!(error == DecodeError::Frame || !is_object, "a sound object is called bad JSON");
        }
        Ok(frame) => {
            // A number that no double holds is refused as a value and passed over as an unknown field.
            assert!(value.map_or(true, |value| value.is_object() && depth(&value) <= JSON_DEPTH_MAX));
            judge_writing(&frame);
        }
    }
}

fn judge_writing(frame: &Up) {
    let written = serde_json::to_string(frame);
    if is_unknown(frame) {
        assert!(written.is_err(), "a kind that is not known was written");
        return;
    }
    let written = written.expect("a known frame can be written");
    assert_eq!(decode_up(&written).as_ref(), Ok(frame), "{written}");
}

fn is_unknown(frame: &Up) -> bool {
    match frame {
        Up::Unknown(_) => true,
        Up::Command(command) => matches!(command.action, Action::Unknown(_)),
        Up::Hello(_)
        | Up::Pong(_)
        | Up::Fetch(_)
        | Up::Follow(_)
        | Up::Unfollow(_)
        | Up::Typing(_)
        | Up::Read(_)
        | Up::Page(_)
        | Up::Availability(_)
        | Up::Watch(_)
        | Up::Unwatch(_) => false,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn judge_output(output: &Output, principal: Principal) {
    match output {
        Output::Send(frame) => judge_answer(frame),
        Output::Submit(input) => judge_input(input, principal),
        Output::Fetch(fetch) => {
            assert!(fetch.limit.is_none_or(|limit| (1..=PAGE_RECORDS_MAX).contains(&(limit as usize))))
        }
        Output::SignIn(_) => panic!("a second hello was taken"),
        Output::Close { .. } => {}
    }
}

fn judge_answer(frame: &Down) {
    let written = serde_json::to_string(frame).expect("an answer can be written");
    assert_eq!(decode_down(&written).as_ref(), Ok(frame));
    if let Down::No(refusal) = frame {
        let Refusal { code, retryable, .. } = refusal.as_ref();
        assert!(Code::ALL.contains(code), "a refusal that nobody knows");
        assert_eq!(*retryable, code.retryable());
    }
}

fn judge_input(input: &Input, principal: Principal) {
    match input {
        Input::Command { principal: of, command, .. } => {
            assert_eq!(*of, principal);
            judge_command(command, matches!(principal, Principal::Agent(_)));
        }
        Input::Follow { follows, .. } => assert!(follows.len() <= FOLLOWS_MAX),
        Input::Page { page, .. } => judge_page(page),
        Input::Join(join) => join.page.iter().for_each(judge_page),
        Input::Read { read, .. } => assert!(read.number.0 <= Number::MAX),
        Input::Watch { .. } | Input::Unwatch { .. } => assert!(matches!(principal, Principal::Agent(_))),
        Input::Availability { .. } => assert!(matches!(principal, Principal::Visitor(_))),
        Input::Unfollow { .. } | Input::Typing { .. } => {}
        Input::Leave { .. }
        | Input::Lagged { .. }
        | Input::Loaded { .. }
        | Input::LoadedMessage { .. }
        | Input::LoadedLastAgent { .. }
        | Input::Closed { .. }
        | Input::Settings(_)
        | Input::SendAway { .. }
        | Input::SignedOut { .. }
        | Input::RollCalled => panic!("a client's frame became {input:?}"),
    }
}

fn judge_command(command: &Command, is_agent: bool) {
    assert!(command.id.ordinal >= 1);
    let has_lane = !matches!(command.action, Action::Status(_) | Action::Accepting(_) | Action::Capacity(_));
    assert_eq!(command.conversation.is_some(), has_lane);
    let body_max = if is_agent { AGENT_BODY_BYTES_MAX } else { VISITOR_BODY_BYTES_MAX };
    match &command.action {
        Action::Say(say) | Action::Note(say) => judge_lines(&say.body, body_max),
        Action::Edit(edit) => judge_lines(&edit.body, body_max),
        Action::Open(open) => judge_open(open, body_max),
        Action::Transfer(transfer) => transfer.comment.iter().for_each(|text| judge_lines(text, COMMENT_BYTES_MAX)),
        Action::Rate(rate) => rate.comment.iter().for_each(|text| judge_lines(text, COMMENT_BYTES_MAX)),
        Action::Unknown(kind) => panic!("a kind that is not known went on: {kind}"),
        Action::Accept(_)
        | Action::Decline(_)
        | Action::Take(_)
        | Action::Park(_)
        | Action::Close(_)
        | Action::Reopen(_)
        | Action::Delete(_)
        | Action::Status(_)
        | Action::Accepting(_)
        | Action::Capacity(_) => {}
    }
}

fn judge_open(open: &Open, body_max: usize) {
    open.body.iter().for_each(|text| judge_lines(text, body_max));
    open.name.iter().for_each(|text| judge_line(text, NAME_BYTES_MAX));
    open.email.iter().for_each(|text| judge_line(text, EMAIL_BYTES_MAX));
    open.language.iter().for_each(|text| judge_line(text, LOCALE_BYTES_MAX));
}

fn judge_page(page: &Page) {
    page.url.iter().for_each(|text| judge_line(text, URL_BYTES_MAX));
    page.title.iter().for_each(|text| judge_line(text, TITLE_BYTES_MAX));
    page.language.iter().for_each(|text| judge_line(text, LOCALE_BYTES_MAX));
}

fn judge_line(text: &str, bytes_max: usize) {
    assert!(!text.trim().is_empty() && text.trim() == text && text.len() <= bytes_max);
    assert!(!text.chars().any(char::is_control));
}

fn judge_lines(text: &str, bytes_max: usize) {
    assert!(!text.trim().is_empty() && text.len() <= bytes_max);
    assert!(!text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)));
}
