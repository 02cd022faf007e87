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
