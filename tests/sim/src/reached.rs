//! Reached: which rules of the core a seed has come through, read from what it asks and says.

use crate::world::World;
use gateway_core::desk::input::{Input, Load};
use gateway_core::session::NotSubmitted;
use protocol::{Action, Cause, CloseCode, CloseReason, Code, Down, RecordKind};
use std::collections::BTreeSet;

/// What one world came through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reached(BTreeSet<&'static str>);

impl Reached {
    pub fn mark(&mut self, name: &'static str) {
        self.0.insert(name);
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    pub fn mark_input(&mut self, input: &Input) {
        self.mark(match input {
            Input::Join(_) => "input: join",
            Input::Leave { .. } => "input: leave",
            Input::SendAway { .. } => "input: send away",
            Input::Follow { .. } => "input: follow",
            Input::Unfollow { .. } => "input: unfollow",
            Input::Lagged { .. } => "input: lagged",
            Input::Command { command, .. } => return self.mark(action_name(&command.action)),
            Input::Typing { .. } => "input: typing",
            Input::Read { .. } => "input: read",
            Input::Page { .. } => "input: page",
            Input::Availability { .. } => "input: availability",
            Input::Watch { .. } => "input: watch",
            Input::Unwatch { .. } => "input: unwatch",
            Input::Loaded { loaded: Ok(_), .. } => "input: loaded",
            Input::Loaded { loaded: Err(_), .. } => "input: not loaded",
            Input::LoadedMessage { loaded: Ok(_), .. } => "input: message loaded",
            Input::LoadedMessage { loaded: Err(_), .. } => "input: message not loaded",
            Input::LoadedLastAgent { loaded: Ok(_), .. } => "input: last agent",
            Input::LoadedLastAgent { loaded: Err(_), .. } => "input: no last agent",
            Input::Closed { rows: Ok(_), .. } => "input: closed list",
            Input::Closed { rows: Err(_), .. } => "input: no closed list",
            Input::RollCalled => "input: roll called",
            Input::Settings(_) => "input: settings",
            Input::SignedOut { .. } => "input: signed out",
        });
    }

    pub fn mark_load(&mut self, load: Load) {
        self.mark(match load {
            Load::Conversation { .. } => "load: conversation",
            Load::Message { .. } => "load: message",
            Load::LastAgent { .. } => "load: last agent",
            Load::Closed { .. } => "load: closed",
        });
    }

    pub fn mark_record(&mut self, what: &RecordKind) {
        self.mark(match what {
            RecordKind::Opened(opened) if opened.offline => "record: opened offline",
            RecordKind::Opened(_) => "record: opened",
            RecordKind::Waiting(waiting) => waiting_name(waiting.cause),
            RecordKind::Offered(_) => "record: offered",
            RecordKind::Declined(_) => "record: declined",
            RecordKind::Lapsed(_) => "record: lapsed",
            RecordKind::Assigned(assigned) => assigned_name(assigned.cause),
            RecordKind::Said(_) => "record: said",
            RecordKind::Noted(_) => "record: noted",
            RecordKind::Transferred(_) => "record: transferred",
            RecordKind::Parked(_) => "record: parked",
            RecordKind::Closed(closed) => closed_name(closed.reason),
            RecordKind::Reopened(_) => "record: reopened",
            RecordKind::Rated(_) => "record: rated",
            RecordKind::Edited(_) => "record: edited",
            RecordKind::Deleted(_) => "record: deleted",
            RecordKind::Unknown(_) => "record: unknown",
        });
    }
}

impl World {
    pub fn mark_down(&mut self, frame: &Down) {
        self.reached.mark(match frame {
            Down::Ready(_) => "down: ready",
            Down::Ping(_) => "down: ping",
            Down::Ok(_) => "down: ok",
            Down::No(refusal) => refusal_name(refusal.code),
            Down::Event(_) => "down: event",
            Down::Heads(_) => "down: heads",
            Down::Records(page) if page.resync => "down: resync",
            Down::Records(_) => "down: records",
            Down::Typing(_) => "down: typing",
            Down::Read(_) => "down: read",
            Down::Place(place) if place.wait.is_some() => "down: place with a wait",
            Down::Place(_) => "down: place",
            Down::Availability(_) => "down: availability",
            Down::Rows(_) => "down: rows",
            Down::Change(_) => "down: change",
            Down::Roster(_) => "down: roster",
            Down::Agent(state) if state.lapsed => "down: agent lapsed",
            Down::Agent(_) => "down: agent",
            Down::Unknown(_) => "down: unknown",
        });
    }

    pub fn mark_close(&mut self, code: CloseCode) {
        self.reached.mark(close_name(code));
    }

    pub fn mark_not_submitted(&mut self, why: NotSubmitted) {
        self.reached.mark(match why {
            NotSubmitted::Busy => "not submitted: busy",
            NotSubmitted::Unavailable => "not submitted: unavailable",
        });
    }
}

fn action_name(action: &Action) -> &'static str {
    match action {
        Action::Open(_) => "command: open",
        Action::Say(_) => "command: say",
        Action::Note(_) => "command: note",
        Action::Accept(_) => "command: accept",
        Action::Decline(_) => "command: decline",
        Action::Take(_) => "command: take",
        Action::Transfer(_) => "command: transfer",
        Action::Park(_) => "command: park",
        Action::Close(_) => "command: close",
        Action::Reopen(_) => "command: reopen",
        Action::Rate(_) => "command: rate",
        Action::Edit(_) => "command: edit",
        Action::Delete(_) => "command: delete",
        Action::Status(_) => "command: status",
        Action::Accepting(_) => "command: accepting",
        Action::Capacity(_) => "command: capacity",
        Action::Unknown(_) => "command: unknown",
    }
}

fn waiting_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Reopened => "waiting: reopened",
        Cause::Transferred => "waiting: transferred",
        Cause::Unanswered => "waiting: unanswered",
        Cause::AgentLost => "waiting: agent lost",
        Cause::Woken => "waiting: woken",
        Cause::Opened | Cause::Routed | Cause::Accepted | Cause::Taken | Cause::Returned | Cause::Unknown => {
            "waiting: another cause"
        }
    }
}

fn assigned_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Routed => "assigned: routed",
        Cause::Accepted => "assigned: accepted",
        Cause::Taken => "assigned: taken",
        Cause::Transferred => "assigned: transferred",
        Cause::Woken => "assigned: woken",
        Cause::Reopened => "assigned: reopened",
        Cause::Opened | Cause::Unanswered | Cause::AgentLost | Cause::Returned | Cause::Unknown => {
            "assigned: another cause"
        }
    }
}

fn closed_name(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::VisitorLeft => "closed: visitor left",
        CloseReason::Solved | CloseReason::NotSolved | CloseReason::NoAnswer | CloseReason::Spam => "closed: by agent",
        CloseReason::Unknown => "closed: another reason",
    }
}

fn refusal_name(code: Code) -> &'static str {
    match code {
        Code::Busy => "no: busy",
        Code::Unavailable => "no: unavailable",
        Code::RateLimited => "no: rate_limited",
        Code::BadJson => "no: bad_json",
        Code::BadFrame => "no: bad_frame",
        Code::UnknownType => "no: unknown_type",
        Code::BadText => "no: bad_text",
        Code::BadValue => "no: bad_value",
        Code::NotFound => "no: not_found",
        Code::Forbidden => "no: forbidden",
        Code::Conflict => "no: conflict",
        Code::OutOfOrder => "no: out_of_order",
        Code::Stale => "no: stale",
        Code::AlreadyOpen => "no: already_open",
        Code::Closed => "no: closed",
        Code::Unstorable => "no: unstorable",
        Code::Internal => "no: internal",
        Code::Unknown => "no: unknown",
    }
}

fn close_name(code: CloseCode) -> &'static str {
    match code {
        CloseCode::Overload => "close: overload",
        CloseCode::BadMessage => "close: bad message",
        CloseCode::SignIn => "close: sign in",
        CloseCode::Timeout => "close: timeout",
        CloseCode::Superseded => "close: superseded",
        CloseCode::SlowReader => "close: slow reader",
        CloseCode::OldProtocol => "close: old protocol",
        CloseCode::RateLimited => "close: rate limited",
        CloseCode::StoreAway => "close: store away",
        CloseCode::Restart => "close: restart",
        CloseCode::Normal
        | CloseCode::Away
        | CloseCode::Protocol
        | CloseCode::Binary
        | CloseCode::NotUtf8
        | CloseCode::TooBig
        | CloseCode::Internal
        | CloseCode::Forbidden
        | CloseCode::UnknownSite
        | CloseCode::Erased => "close: of the shell",
    }
}

/// What few seeds come through: a desk is fenced only when its node wakes, and the desk speaks before the link has
/// looked at the clock.
pub(crate) const SELDOM: &[&str] = &["desk: lost, fenced"];

/// What seeds must come through, each in at least one of a hundred but for what is seldom.
pub(crate) const EXPECTED: &[&str] = &[
    "append: fenced",
    "append: refused",
    "assigned: accepted",
    "assigned: reopened",
    "assigned: routed",
    "assigned: taken",
    "assigned: transferred",
    "assigned: woken",
    "close: bad message",
    "close: old protocol",
    "close: rate limited",
    "close: restart",
    "close: sign in",
    "close: slow reader",
    "close: store away",
    "close: superseded",
    "close: timeout",
    "closed: by agent",
    "closed: visitor left",
    "command: accept",
    "command: accepting",
    "command: capacity",
    "command: close",
    "command: decline",
    "command: delete",
    "command: edit",
    "command: note",
    "command: open",
    "command: park",
    "command: rate",
    "command: reopen",
    "command: say",
    "command: status",
    "command: take",
    "command: transfer",
    "desk: idle",
    "desk: lost, batch refused",
    "desk: lost, fenced",
    "desk: lost, outcome unknown",
    "desk: lost, panic",
    "down: agent",
    "down: agent lapsed",
    "down: availability",
    "down: change",
    "down: event",
    "down: heads",
    "down: ok",
    "down: ping",
    "down: place",
    "down: place with a wait",
    "down: read",
    "down: ready",
    "down: records",
    "down: roster",
    "down: rows",
    "down: typing",
    "input: availability",
    "input: closed list",
    "input: follow",
    "input: join",
    "input: lagged",
    "input: leave",
    "input: loaded",
    "input: last agent",
    "input: message loaded",
    "input: message not loaded",
    "input: no closed list",
    "input: not loaded",
    "input: page",
    "input: read",
    "input: roll called",
    "input: settings",
    "input: signed out",
    "input: typing",
    "input: unfollow",
    "input: unwatch",
    "input: watch",
    "lease: over, words held back",
    "drain: a desk let go to a named peer",
    "link: desk dropped",
    "link: desk let go",
    "link: sockets sent away",
    "load: closed",
    "load: conversation",
    "load: last agent",
    "load: message",
    "no: already_open",
    "no: bad_frame",
    "no: bad_json",
    "no: bad_text",
    "no: bad_value",
    "no: busy",
    "no: closed",
    "no: conflict",
    "no: forbidden",
    "no: internal",
    "no: not_found",
    "no: out_of_order",
    "no: rate_limited",
    "no: stale",
    "no: unavailable",
    "no: unknown_type",
    "no: unstorable",
    "not submitted: busy",
    "not submitted: unavailable",
    "open: a dead node's site",
    "open: a site let go",
    "open: a site let go to it by name",
    "open: a site without a row",
    "open: its own site",
    "open: the claim no longer holds",
    "reader: gap",
    "reader: lagged",
    "record: declined",
    "record: deleted",
    "record: edited",
    "record: lapsed",
    "record: noted",
    "record: offered",
    "record: opened",
    "record: opened offline",
    "record: parked",
    "record: rated",
    "record: reopened",
    "record: said",
    "record: transferred",
    "waiting: agent lost",
    "waiting: reopened",
    "waiting: transferred",
    "waiting: unanswered",
    "waiting: woken",
];
