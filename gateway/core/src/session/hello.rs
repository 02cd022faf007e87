//! Hello: the first frame, signing in, and joining the desk.
//!
//! A visitor who follows nothing is ready at once: neither the store nor the desk hears of them.

use super::{Identity, Output, Phase, Session, SignedIn};
use crate::desk::input::{Input, Join};
use crate::ids::{Principal, Socket};
use protocol::limits::{FOLLOWS_MAX, TOKEN_BYTES_MAX};
use protocol::{CloseCode, Code, FollowFrom, Hello, PROTOCOL, Refusal};

impl Session {
    pub(super) fn handle_hello(&mut self, mut hello: Box<Hello>) {
        if hello.protocol < PROTOCOL {
            return self.close(CloseCode::OldProtocol);
        }
        let secret = hello.token.as_ref().or(hello.ticket.as_ref());
        if hello.follows.len() > FOLLOWS_MAX || secret.is_some_and(|secret| secret.len() > TOKEN_BYTES_MAX) {
            return self.refuse(Refusal::of(Code::BadValue));
        }
        match hello.page.take().map(super::check::page).transpose() {
            Err(code) => return self.refuse(Refusal::of(code)),
            Ok(page) => hello.page = page,
        }
        let signs_in_with_ticket = matches!(self.socket, Socket::Agent(_));
        if signs_in_with_ticket && hello.ticket.is_none() {
            return self.close(CloseCode::SignIn);
        }
        self.outputs.push_back(Output::SignIn(hello.clone()));
        self.phase = Phase::SigningIn(hello);
    }

    /// The token or ticket was good.
    pub fn handle_signed_in(&mut self, signed_in: SignedIn) {
        let Phase::SigningIn(hello) = std::mem::replace(&mut self.phase, Phase::Idle) else {
            self.phase = Phase::Closing;
            return;
        };
        self.principal = Some(signed_in.principal);
        let browser = self.identity.take().and_then(|identity| identity.browser);
        let Hello { session, generation, follows, page, .. } = *hello;
        self.identity = Some(Identity { session, generation, page: page.map(Box::new), browser });
        match signed_in.principal {
            Principal::Visitor(_) if follows.is_empty() => self.send_ready(signed_in, Vec::new(), None),
            Principal::Visitor(_) | Principal::Agent(_) => {
                self.join(follows);
                self.phase = Phase::Joining(Box::new(signed_in));
            }
        }
    }

    /// The token or ticket was not good, or could not be verified now.
    pub fn handle_not_signed_in(&mut self, code: CloseCode) {
        self.close(code);
    }

    /// Tells the desk of this socket, before the first thing that needs it.
    pub(super) fn ensure_joined(&mut self) {
        if matches!(self.phase, Phase::Idle) {
            self.join(Vec::new());
            self.phase = Phase::Joined;
        }
    }

    fn join(&mut self, follows: Vec<FollowFrom>) {
        let (Some(principal), Some(identity)) = (self.principal, &self.identity) else { return };
        let join = Join {
            socket: self.socket,
            principal,
            session: identity.session,
            generation: identity.generation,
            follows,
            page: identity.page.as_deref().cloned(),
            browser: identity.browser.as_deref().map(str::to_owned),
        };
        self.joined = true;
        self.submit(Input::Join(Box::new(join)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::input::Input;
    use crate::ids::AgentSocket;
    use crate::now::{Instant, Now};
    use crate::session::outbound::Item;
    use protocol::AgentId;

    const NOW: Now = Now { instant: Instant(1_000), wall_ms: 1_000 };
    const HELLO: &str = r#"{"hello":{"protocol":1,"site":"shop","session":"3e9b6c54-7f1a-4d2e-b8c3-9a0f5e6d7c21","generation":1,
        "ticket":"t"}}"#;

    fn outputs(session: &mut Session) -> Vec<Output> {
        std::iter::from_fn(|| session.poll_output()).collect()
    }

    /// An agent's session whose join is not answered yet.
    fn joining() -> Session {
        let mut session = Session::new(Socket::Agent(AgentSocket(1)), None, 7, NOW);
        session.handle_text(HELLO, NOW);
        let principal = Principal::Agent(AgentId(uuid::Uuid::nil()));
        session.handle_signed_in(SignedIn { principal, site: "Shop".to_owned(), greeting: None, token: None });
        outputs(&mut session);
        session
    }

    fn asks_again(outputs: &[Output]) -> bool {
        matches!(outputs.last(), Some(Output::Submit(input)) if matches!(**input, Input::Lagged { .. }))
    }

    #[test]
    fn what_was_dropped_behind_the_answer_to_a_join_is_asked_for_once_that_is_heard() {
        let mut session = joining();
        session.handle_lagged();
        assert!(outputs(&mut session).is_empty());
        session.handle_item(Item::<String>::Joined { heads: Vec::new(), agent: None });
        let said = outputs(&mut session);
        assert!(matches!(said[0], Output::Send(_)) && asks_again(&said), "{said:?}");
        session.handle_item(Item::<String>::Joined { heads: Vec::new(), agent: None });
        assert!(outputs(&mut session).is_empty());
    }

    #[test]
    fn who_joined_and_did_not_lag_asks_nothing() {
        let mut session = joining();
        session.handle_item(Item::<String>::Joined { heads: Vec::new(), agent: None });
        assert!(matches!(outputs(&mut session)[..], [Output::Send(_)]));
    }
}
