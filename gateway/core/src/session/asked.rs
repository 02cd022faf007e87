//! Asked: what a socket wants to read of before the desk has said that it follows it.
//!
//! An event, or the answer to a command, may outrun the answer to a follow, or come in its place where words between
//! nodes were lost. A client that reads on then must not hear that there is no such conversation: it would give up what
//! it still has to say there. So only the desk says that, and what was asked is held until it has spoken.

use super::{Output, Session};
use crate::desk::input::Input;
use crate::limits::BUSY_RETRY_AFTER_MS;
use protocol::limits::FOLLOWS_MAX;
use protocol::{Code, ConversationId, Fetch, FollowFrom, Head, Position, Refusal};
use std::collections::BTreeMap;

/// Conversations that the desk was asked to let the socket follow, with what is answered once it has spoken.
pub(super) type Asked = BTreeMap<ConversationId, Held>;

/// What waits for the desk's word on a conversation.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The last page that was asked for.
    fetch: Option<Fetch>,
    /// Something was said of it that is refused where it cannot be followed. A follow is not: heads answer that.
    refusable: bool,
}

impl Session {
    /// Whether so many more may be followed.
    pub(super) fn has_room_to_follow(&self, more: usize) -> bool {
        more <= FOLLOWS_MAX && self.followed.len() + self.asked.len() + more <= 4 * FOLLOWS_MAX
    }

    /// The client asked to follow these itself.
    pub(super) fn note_asked(&mut self, follows: &[FollowFrom]) {
        for follow in follows.iter().filter(|follow| !self.followed.contains(&follow.conversation)) {
            self.asked.entry(follow.conversation).or_default();
        }
    }

    /// Keeps a fetch until the desk has said whether the socket follows its conversation.
    pub(super) fn hold(&mut self, fetch: Fetch) {
        let (conversation, position) = (fetch.conversation, fetch.after);
        if let Some(held) = self.ask(conversation, position) {
            held.fetch = Some(fetch);
        }
    }

    /// Something was said of a conversation; unless it is followed, the desk says whether it may be.
    pub(super) fn ask_about(&mut self, conversation: ConversationId) {
        if !self.followed.contains(&conversation) {
            self.ask(conversation, Position::default());
        }
    }

    fn ask(&mut self, conversation: ConversationId, position: Position) -> Option<&mut Held> {
        if !self.asked.contains_key(&conversation) {
            if !self.has_room_to_follow(1) {
                self.refuse(Refusal::of(Code::NotFound).conversation(Some(conversation)));
                return None;
            }
            self.ensure_joined();
            self.submit(Input::Follow { socket: self.socket, follows: vec![FollowFrom { conversation, position }] });
        }
        let held = self.asked.entry(conversation).or_default();
        held.refusable = true;
        Some(held)
    }

    /// The socket follows these; gives the pages that waited for it.
    pub(super) fn note_followed(&mut self, heads: &[Head]) -> Vec<Fetch> {
        self.followed.extend(heads.iter().map(|head| head.conversation));
        heads.iter().filter_map(|head| self.asked.remove(&head.conversation)?.fetch).collect()
    }

    /// Reads the pages that waited; one at a time, the others are asked for again.
    pub(super) fn read_held(&mut self, fetches: Vec<Fetch>) {
        for fetch in fetches {
            self.read(fetch);
        }
    }

    /// The desk has said that the socket does not follow these.
    pub(super) fn refuse_held(&mut self, conversations: &[ConversationId], why: Code) {
        for id in conversations {
            if self.asked.remove(id).is_some_and(|held| held.refusable) {
                let refusal = Refusal::of(why).conversation(Some(*id));
                self.refuse(if why.retryable() { refusal.retry_after_ms(BUSY_RETRY_AFTER_MS) } else { refusal });
            }
        }
    }

    /// Reads a page of a followed conversation, unless another one is being read.
    pub(super) fn read(&mut self, fetch: Fetch) {
        if self.fetching {
            let refusal = Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS);
            return self.refuse(refusal.conversation(Some(fetch.conversation)));
        }
        self.fetching = true;
        self.outputs.push_back(Output::Fetch(fetch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AgentSocket, Principal, Socket};
    use crate::now::{Instant, Now};
    use crate::session::SignedIn;
    use crate::session::outbound::Item;
    use protocol::{AgentId, Down};

    const NOW: Now = Now { instant: Instant(1_000), wall_ms: 1_000 };
    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    /// An agent's session that has joined, and what it says to the client and asks of the shell.
    struct Stage(Session);

    impl Stage {
        fn joined() -> Self {
            let mut session = Session::new(Socket::Agent(AgentSocket(1)), None, 7, NOW);
            let hello = r#"{"hello":{"protocol":1,"site":"shop","session":"3e9b6c54-7f1a-4d2e-b8c3-9a0f5e6d7c21",
                "generation":1,"ticket":"t"}}"#;
            session.handle_text(hello, NOW);
            let principal = Principal::Agent(AgentId(uuid::Uuid::nil()));
            session.handle_signed_in(SignedIn { principal, site: "Shop".to_owned(), greeting: None, token: None });
            session.handle_item(Item::<String>::Joined { heads: Vec::new(), agent: None });
            let mut stage = Self(session);
            stage.said();
            stage
        }

        fn hears(&mut self, frame: &str) -> Vec<String> {
            self.0.handle_text(&frame.replace("ID", ID), NOW);
            self.said()
        }

        fn hears_heads(&mut self) -> Vec<String> {
            self.0.handle_item(Item::<String>::Heads(vec![Head { conversation: id(), position: Position::default() }]));
            self.said()
        }

        fn hears_not_followed(&mut self, why: Code) -> Vec<String> {
            self.0.handle_item(Item::<String>::NotFollowed { conversations: vec![id()], why });
            self.said()
        }

        fn said(&mut self) -> Vec<String> {
            std::iter::from_fn(|| self.0.poll_output()).map(|output| shown(&output)).collect()
        }
    }

    fn shown(output: &Output) -> String {
        match output {
            Output::Send(frame) => frame_shown(frame),
            Output::Submit(input) if matches!(**input, Input::Follow { .. }) => "asks".to_owned(),
            Output::Submit(input) if matches!(**input, Input::Typing { .. }) => "types".to_owned(),
            Output::Submit(input) if matches!(**input, Input::Read { .. }) => "has read".to_owned(),
            Output::Fetch(fetch) => format!("reads after {}", fetch.after.number.0),
            Output::Submit(_) | Output::SignIn(_) | Output::Close { .. } => format!("{output:?}"),
        }
    }

    fn frame_shown(frame: &Down) -> String {
        if let Down::No(refusal) = frame {
            return format!("no {}", refusal.code.name());
        }
        if let Down::Heads(_) = frame { "heads".to_owned() } else { format!("{frame:?}") }
    }

    fn id() -> ConversationId {
        ConversationId(uuid::Uuid::parse_str(ID).expect("it is an id"))
    }

    const FOLLOW: &str = r#"{"follow":{"follows":[{"conversation":"ID"}]}}"#;
    const FETCH: &str = r#"{"fetch":{"conversation":"ID","after":{"number":0,"tail":0}}}"#;
    const FETCH_ON: &str = r#"{"fetch":{"conversation":"ID","after":{"number":3,"tail":9}}}"#;

    #[test]
    fn a_page_asked_for_before_the_answer_to_the_follow_is_read_after_it() {
        let mut stage = Stage::joined();
        assert_eq!(stage.hears(FOLLOW), ["asks"]);
        assert!(stage.hears(FETCH).is_empty());
        assert!(stage.hears(FETCH_ON).is_empty());
        assert_eq!(stage.hears_heads(), ["heads", "reads after 3"]);
        assert_eq!(stage.hears_heads(), ["heads"]);
    }

    #[test]
    fn heads_of_other_conversations_answer_nothing() {
        let mut stage = Stage::joined();
        stage.hears(FOLLOW);
        stage.hears(FETCH);
        stage.0.handle_item(Item::<String>::Heads(Vec::new()));
        assert_eq!(stage.said(), ["heads"]);
        assert_eq!(stage.hears_heads(), ["heads", "reads after 0"]);
    }

    #[test]
    fn an_answer_to_the_join_that_was_asked_for_again_answers_too() {
        let mut stage = Stage::joined();
        stage.hears(FOLLOW);
        stage.hears(FETCH);
        let heads = vec![Head { conversation: id(), position: Position::default() }];
        stage.0.handle_item(Item::<String>::Joined { heads, agent: None });
        assert_eq!(stage.said(), ["heads", "reads after 0"]);
    }

    /// An event may come where the heads before it were lost between nodes.
    #[test]
    fn whoever_reads_what_nobody_told_of_asks_the_desk() {
        let mut stage = Stage::joined();
        assert_eq!(stage.hears(FETCH), ["asks"]);
        assert!(stage.hears(FETCH).is_empty());
        assert_eq!(stage.hears_heads(), ["heads", "reads after 0"]);
    }

    #[test]
    fn only_the_desk_says_that_there_is_no_such_conversation() {
        let mut stage = Stage::joined();
        stage.hears(FETCH);
        assert_eq!(stage.hears_not_followed(Code::NotFound), ["no not_found"]);
        assert_eq!(stage.hears(FETCH), ["asks"]);
        assert_eq!(stage.hears_not_followed(Code::Unavailable), ["no unavailable"]);
    }

    #[test]
    fn a_follow_alone_is_answered_by_heads_alone() {
        let mut stage = Stage::joined();
        stage.hears(FOLLOW);
        assert!(stage.hears_not_followed(Code::NotFound).is_empty());
    }

    #[test]
    fn whoever_turns_away_is_not_told_what_it_asked_before() {
        let mut stage = Stage::joined();
        stage.hears(FETCH);
        stage.hears(r#"{"unfollow":{"conversation":"ID"}}"#);
        assert!(stage.hears_not_followed(Code::NotFound).is_empty());
        assert_eq!(stage.hears_heads(), ["heads"]);
    }

    #[test]
    fn marks_and_typing_before_the_answer_reach_the_desk_behind_the_question() {
        let mut stage = Stage::joined();
        assert_eq!(stage.hears(r#"{"read":{"conversation":"ID","number":1}}"#), ["asks", "has read"]);
        assert_eq!(stage.hears(r#"{"typing":{"conversation":"ID","stream":"public"}}"#), ["types"]);
        assert_eq!(stage.hears_not_followed(Code::NotFound), ["no not_found"]);
    }
}
