//! Inbound: what a client's frame comes to: allowance, decoding, and what the shell must do.

use super::allowance::Rate;
use super::{Phase, Session, check};
use crate::desk::input::Input;
use crate::ids::Socket;
use crate::limits::{
    AGENT_FRAMES_BURST, AGENT_FRAMES_PER_SECOND, BAD_FRAMES_MAX, BUSY_RETRY_AFTER_MS, BYTES_PER_SECOND, RATE_OVERRUN,
    RATE_OVERRUN_SECONDS, RATE_RETRY_AFTER_MS, VISITOR_FRAMES_BURST, VISITOR_FRAMES_PER_SECOND,
};
use crate::now::Now;
use protocol::limits::{MESSAGE_BYTES_MAX, PAGE_RECORDS_MAX, TYPING_EVERY_MS_MIN};
use protocol::{
    Action, CloseCode, Code, Command, DecodeError, Fetch, Follow, Page, ReadUp, Refusal, TypingUp, Up, View, decode_up,
};

impl Session {
    /// A text frame came.
    pub fn handle_text(&mut self, text: &str, now: Now) {
        if matches!(self.phase, Phase::Leaving { .. } | Phase::Closing) {
            return;
        }
        self.heartbeat.heard(now.instant, &mut self.chance);
        let within = self.spend(text.len(), now);
        if matches!(self.phase, Phase::Closing) {
            return;
        }
        match decode_up(text) {
            Err(error) => self.handle_bad_frame(error),
            Ok(frame) if !within => self.refuse_for_rate(&frame),
            Ok(Up::Hello(hello)) => match self.phase {
                Phase::Silent => self.handle_hello(hello),
                Phase::SigningIn(_)
                | Phase::Joining(_)
                | Phase::Idle
                | Phase::Joined
                | Phase::Leaving { .. }
                | Phase::Closing => {
                    self.close(CloseCode::BadMessage);
                }
            },
            // A ping may cross the hello.
            Ok(Up::Pong(_)) if !matches!(self.phase, Phase::Silent) => {}
            Ok(frame) => match self.phase {
                Phase::Silent => self.close(CloseCode::SignIn),
                Phase::SigningIn(_) | Phase::Joining(_) => self.refuse_early(&frame),
                Phase::Idle | Phase::Joined => self.handle_frame(frame, now),
                Phase::Leaving { .. } | Phase::Closing => {}
            },
        }
    }

    /// Whether the frame is within the allowance. Who overruns it for long is closed.
    fn spend(&mut self, bytes: usize, now: Now) -> bool {
        let frames = match self.socket {
            Socket::Visitor(_) => Rate { per_second: VISITOR_FRAMES_PER_SECOND, burst: VISITOR_FRAMES_BURST },
            Socket::Agent(_) => Rate { per_second: AGENT_FRAMES_PER_SECOND, burst: AGENT_FRAMES_BURST },
        };
        let overrun = Rate {
            per_second: frames.per_second * RATE_OVERRUN,
            burst: frames.per_second * RATE_OVERRUN * RATE_OVERRUN_SECONDS,
        };
        let burst = u32::try_from(MESSAGE_BYTES_MAX).unwrap_or(u32::MAX);
        let bytes_rate = Rate { per_second: BYTES_PER_SECOND, burst };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        if !self.overrun.spend(1, overrun, now.instant) {
            self.close_with(CloseCode::RateLimited, Some(30_000));
            return false;
        }
        self.frames.spend(1, frames, now.instant) && self.bytes.spend(bytes, bytes_rate, now.instant)
    }

    fn refuse_for_rate(&mut self, frame: &Up) {
        let refusal = Refusal::of(Code::RateLimited).retry_after_ms(RATE_RETRY_AFTER_MS);
        self.refuse(naming(refusal, frame));
    }

    /// The client spoke before `ready`; only a ping may have been answered by then.
    fn refuse_early(&mut self, frame: &Up) {
        if let Up::Pong(_) = frame {
            return;
        }
        let refusal = Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS);
        self.refuse(naming(refusal, frame));
    }

    fn handle_bad_frame(&mut self, error: DecodeError) {
        self.bad_frames += 1;
        self.refuse(Refusal::of(error.code()));
        if self.bad_frames >= BAD_FRAMES_MAX {
            self.close(CloseCode::BadMessage);
        }
    }

    fn handle_frame(&mut self, frame: Up, now: Now) {
        match frame {
            Up::Hello(_) | Up::Pong(_) => {}
            Up::Command(command) => self.handle_command(*command),
            Up::Fetch(fetch) => self.handle_fetch(fetch),
            Up::Follow(follow) => self.handle_follow(follow),
            Up::Unfollow(unfollow) => {
                self.asked.remove(&unfollow.conversation);
                self.submit(Input::Unfollow { socket: self.socket, conversation: unfollow.conversation });
            }
            Up::Typing(typing) => self.handle_typing(typing, now),
            Up::Read(read) => self.handle_read(read),
            Up::Page(page) => self.handle_page_view(page),
            Up::Availability(_) => match self.socket {
                Socket::Visitor(_) => {
                    self.ensure_joined();
                    self.submit(Input::Availability { socket: self.socket });
                }
                Socket::Agent(_) => self.refuse(Refusal::of(Code::Forbidden)),
            },
            Up::Watch(watch) => self.handle_watch(watch.view, |socket, view| Input::Watch { socket, view }),
            Up::Unwatch(watch) => self.handle_watch(watch.view, |socket, view| Input::Unwatch { socket, view }),
            Up::Unknown(_) => self.refuse(Refusal::of(Code::UnknownType)),
        }
    }

    fn handle_command(&mut self, command: Command) {
        let (id, conversation) = (command.id, command.conversation);
        if let Action::Unknown(_) = command.action {
            return self.refuse(Refusal::of(Code::UnknownType).command(id).conversation(conversation));
        }
        let Some(principal) = self.principal else { return };
        match check::command(command, self.socket) {
            Err(code) => self.refuse(Refusal::of(code).command(id).conversation(conversation)),
            Ok(command) => {
                self.ensure_joined();
                let command = Box::new(command);
                self.submit(Input::Command { socket: self.socket, principal, command });
            }
        }
    }

    /// Reads are answered from the store, for conversations the desk said this socket follows.
    fn handle_fetch(&mut self, fetch: Fetch) {
        let conversation = Some(fetch.conversation);
        if fetch.limit.is_some_and(|limit| limit == 0 || limit as usize > PAGE_RECORDS_MAX) {
            return self.refuse(Refusal::of(Code::BadValue).conversation(conversation));
        }
        if self.followed.contains(&fetch.conversation) { self.read(fetch) } else { self.hold(fetch) }
    }

    fn handle_follow(&mut self, follow: Follow) {
        if !self.has_room_to_follow(follow.follows.len()) {
            return self.refuse(Refusal::of(Code::BadValue));
        }
        self.ensure_joined();
        self.note_asked(&follow.follows);
        self.submit(Input::Follow { socket: self.socket, follows: follow.follows });
    }

    /// At most one every 2 s goes on; the others are dropped without a word.
    fn handle_typing(&mut self, typing: TypingUp, now: Now) {
        self.ask_about(typing.conversation);
        if now.instant >= self.typing_after {
            self.typing_after = now.instant.plus_ms(TYPING_EVERY_MS_MIN);
            self.submit(Input::Typing { socket: self.socket, typing });
        }
    }

    fn handle_read(&mut self, read: ReadUp) {
        self.ask_about(read.conversation);
        self.submit(Input::Read { socket: self.socket, read });
    }

    fn handle_page_view(&mut self, page: Page) {
        let page = match check::page(page) {
            Ok(page) => page,
            Err(code) => return self.refuse(Refusal::of(code)),
        };
        if let Some(identity) = &mut self.identity {
            identity.page = Some(Box::new(page.clone()));
        }
        if matches!(self.phase, Phase::Joined) {
            self.submit(Input::Page { socket: self.socket, page });
        }
    }

    fn handle_watch(&mut self, view: View, input: fn(Socket, View) -> Input) {
        match self.socket {
            Socket::Visitor(_) => self.refuse(Refusal::of(Code::Forbidden)),
            Socket::Agent(_) => self.submit(input(self.socket, view)),
        }
    }
}

/// Names the command in a refusal, where the frame was one.
fn naming(refusal: Refusal, frame: &Up) -> Refusal {
    match frame {
        Up::Command(command) => refusal.command(command.id).conversation(command.conversation),
        Up::Fetch(fetch) => refusal.conversation(Some(fetch.conversation)),
        Up::Hello(_)
        | Up::Pong(_)
        | Up::Follow(_)
        | Up::Unfollow(_)
        | Up::Typing(_)
        | Up::Read(_)
        | Up::Page(_)
        | Up::Availability(_)
        | Up::Watch(_)
        | Up::Unwatch(_)
        | Up::Unknown(_) => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Principal, VisitorSocket};
    use crate::now::Instant;
    use crate::session::{Output, SignedIn};
    use protocol::VisitorId;

    const NOW: Now = Now { instant: Instant(1_000), wall_ms: 1_000 };
    const HELLO: &str = r#"{"hello":{"protocol":1,"site":"shop","session":"3e9b6c54-7f1a-4d2e-b8c3-9a0f5e6d7c21","generation":1,
        "follows":[{"conversation":"01890a5d-ac96-774b-bcce-b302099a8057"}]}}"#;

    fn outputs(session: &mut Session) -> Vec<Output> {
        std::iter::from_fn(|| session.poll_output()).collect()
    }

    #[test]
    fn a_ping_may_be_answered_before_ready_and_nothing_else_may_be_said() {
        let mut session = Session::new(Socket::Visitor(VisitorSocket(1)), None, 7, NOW);
        session.handle_text(HELLO, NOW);
        assert!(matches!(outputs(&mut session)[..], [Output::SignIn(_)]));
        session.handle_text(r#"{"pong":{}}"#, NOW);
        assert!(outputs(&mut session).is_empty());
        let principal = Principal::Visitor(VisitorId(uuid::Uuid::nil()));
        session.handle_signed_in(SignedIn { principal, site: "Shop".to_owned(), greeting: None, token: None });
        assert!(matches!(outputs(&mut session)[..], [Output::Submit(_)]));
        session.handle_text(r#"{"pong":{}}"#, NOW);
        assert!(outputs(&mut session).is_empty());
        session.handle_text(r#"{"availability":{}}"#, NOW);
        assert!(matches!(outputs(&mut session)[..], [Output::Send(_)]));
    }
}
