//! Frames as words: `said c1 #2 v hello`, `place c1 3`, `no stale`.

use super::names::{Names, show_agent, show_conversation, show_visitor};
use gateway_core::effects::Delivery;
use protocol::{
    AgentState, Author, Cause, CloseReason, Down, Event, Head, Party, RecordKind, Row, RowState, Status, Stream,
    Target, TeamId, View,
};

pub fn delivery(delivery: &Delivery, names: &Names) -> String {
    match delivery {
        Delivery::Visitors { frame, .. } => down(frame.frame(), names),
        Delivery::Agents { frame, .. } => down(frame.frame(), names),
        Delivery::Joined { heads: all, .. } => format!("joined {}", heads(all)),
        Delivery::Heads { heads: all, .. } => format!("heads {}", heads(all)),
        Delivery::NotFollowed { conversations, why, .. } => {
            let all: Vec<_> = conversations.iter().map(|id| show_conversation(*id)).collect();
            format!("denied {} {}", all.join(" "), why.name())
        }
        Delivery::Unfollowed { conversation, .. } => format!("unfollowed {}", show_conversation(*conversation)),
        Delivery::Close { code, .. } => format!("close {}", code.code()),
    }
}

fn heads(heads: &[Head]) -> String {
    let show = |head: &Head| format!("{}#{}", show_conversation(head.conversation), head.position.number.0);
    heads.iter().map(show).collect::<Vec<_>>().join(" ")
}

pub fn down(down: &Down, names: &Names) -> String {
    match down {
        Down::Ok(outcome) => outcome.made.map_or_else(|| "ok".into(), |made| format!("ok #{}", made.number.0)),
        Down::No(refusal) => {
            let other = refusal.conversation.map(show_conversation).unwrap_or_default();
            format!("no {} {other}", refusal.code.name())
        }
        Down::Event(shown) => event(shown, names),
        Down::Typing(typing) => {
            let stream = if typing.stream == Stream::Note { "note" } else { "public" };
            format!("typing {} {} {stream}", show_conversation(typing.conversation), party(&typing.who))
        }
        Down::Read(read) => {
            format!("read {} {} #{}", show_conversation(read.conversation), party(&read.who), read.number.0)
        }
        Down::Place(place) => {
            let wait = place.wait.map(|wait| format!("{}-{} s", wait.low_s, wait.high_s)).unwrap_or_default();
            format!("place {} {} {wait}", show_conversation(place.conversation), place.place)
        }
        Down::Availability(availability) => {
            let online = if availability.online { "online" } else { "offline" };
            format!("availability {online} {}", availability.waiting)
        }
        Down::Rows(rows) => {
            let all: Vec<_> = rows.rows.iter().map(row).collect();
            format!("rows {} {}", view(rows.view), if all.is_empty() { "none".into() } else { all.join(" ") })
        }
        Down::Change(change) => {
            let shown =
                change.row.as_ref().map_or_else(|| format!("{} gone", show_conversation(change.conversation)), row);
            format!("change {} {shown}", view(change.view))
        }
        Down::Roster(roster) => {
            let show = |agent: &protocol::AgentRow| {
                let connected = if agent.connected { "" } else { ":away" };
                format!("{}:{}/{}{connected}", show_agent(agent.id), agent.load, agent.capacity)
            };
            format!("roster {}", roster.agents.iter().map(show).collect::<Vec<_>>().join(" "))
        }
        Down::Agent(state) => agent_state(state),
        Down::Ready(_) | Down::Ping(_) | Down::Heads(_) | Down::Records(_) | Down::Unknown(_) => {
            panic!("no word of a desk: {down:?}")
        }
    }
}

fn agent_state(state: &AgentState) -> String {
    let status = match state.status {
        Status::Online => "online",
        Status::Away => "away",
        Status::Offline => "offline",
    };
    let accepting = if state.accepting { "accepting" } else { "closed" };
    let lapsed = if state.lapsed { " lapsed" } else { "" };
    format!("agent {status} {accepting} {}/{}{lapsed}", state.load, state.capacity)
}

pub fn row(row: &Row) -> String {
    let state = match &row.state {
        RowState::Waiting => "waiting".into(),
        RowState::Offered { agent } => format!("offered-{}", show_agent(*agent)),
        RowState::Assigned { agent } => format!("assigned-{}", show_agent(*agent)),
        RowState::Parked { agent } => format!("parked-{}", show_agent(*agent)),
        RowState::Closed { reason } => format!("closed-{}", reason_name(*reason)),
        RowState::Offline => "offline".into(),
    };
    let present = if row.visitor.present { "" } else { ":gone" };
    format!("{}:{state}:{}{present}", show_conversation(row.conversation), show_visitor(row.visitor.id))
}

fn view(view: View) -> &'static str {
    match view {
        View::Mine => "mine",
        View::Line => "line",
        View::All => "all",
        View::Closed => "closed",
        View::Roster => "roster",
    }
}

fn party(party: &Party) -> String {
    match party {
        Party::Visitor => "v".into(),
        Party::Agent { id, name } => {
            assert!(!name.is_empty());
            show_agent(*id)
        }
    }
}

fn author(author: &Author) -> String {
    match author {
        Author::Visitor => "v".into(),
        Author::Agent { id, .. } => show_agent(*id),
        Author::System => "system".into(),
    }
}

fn event(event: &Event, names: &Names) -> String {
    let record = &event.record;
    let head = format!("{} #{}", show_conversation(event.conversation), record.number.0);
    let own = if record.command.is_some() { " own" } else { "" };
    format!("{} {head}{} {}{own}", kind_name(&record.what), "", details(&record.what, names))
}

/// The name of a record's kind.
pub fn kind_name(what: &RecordKind) -> &'static str {
    match what {
        RecordKind::Opened(_) => "opened",
        RecordKind::Waiting(_) => "waiting",
        RecordKind::Offered(_) => "offered",
        RecordKind::Declined(_) => "declined",
        RecordKind::Lapsed(_) => "lapsed",
        RecordKind::Assigned(_) => "assigned",
        RecordKind::Said(_) => "said",
        RecordKind::Noted(_) => "noted",
        RecordKind::Transferred(_) => "transferred",
        RecordKind::Parked(_) => "parked",
        RecordKind::Closed(_) => "closed",
        RecordKind::Reopened(_) => "reopened",
        RecordKind::Rated(_) => "rated",
        RecordKind::Edited(_) => "edited",
        RecordKind::Deleted(_) => "deleted",
        RecordKind::Unknown(_) => "unknown",
    }
}

fn details(what: &RecordKind, names: &Names) -> String {
    let team = |id: Option<TeamId>| id.map_or_else(|| "no-team".into(), |id| names.show_team(id));
    match what {
        RecordKind::Opened(opened) => {
            format!("{}{}", team(opened.team), if opened.offline { " offline" } else { "" })
        }
        RecordKind::Waiting(waiting) => format!("{} {}", team(waiting.team), cause(waiting.cause)),
        RecordKind::Offered(by) | RecordKind::Declined(by) | RecordKind::Lapsed(by) => show_agent(by.agent),
        RecordKind::Assigned(assigned) => format!("{} {}", show_agent(assigned.agent), cause(assigned.cause)),
        RecordKind::Said(said) | RecordKind::Noted(said) => format!("{} {}", author(&said.by), said.body.0),
        RecordKind::Transferred(moved) => {
            let to = match moved.to {
                Target::Agent(id) => show_agent(id),
                Target::Team(id) => names.show_team(id),
            };
            format!("{} {to} {}", author(&moved.by), moved.comment.as_deref().unwrap_or_default())
        }
        RecordKind::Parked(parked) => author(&parked.by),
        RecordKind::Closed(closed) => format!("{} {}", author(&closed.by), reason_name(closed.reason)),
        RecordKind::Reopened(reopened) => author(&reopened.by),
        RecordKind::Rated(rated) => format!("{} {}", rated.score, rated.comment.as_deref().unwrap_or_default()),
        RecordKind::Edited(edited) => {
            format!("{} {} {}", names.show_message(edited.message), author(&edited.by), edited.body.0)
        }
        RecordKind::Deleted(deleted) => format!("{} {}", names.show_message(deleted.message), author(&deleted.by)),
        RecordKind::Unknown(kind) => kind.clone(),
    }
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Opened => "opened",
        Cause::Reopened => "reopened",
        Cause::Routed => "routed",
        Cause::Accepted => "accepted",
        Cause::Taken => "taken",
        Cause::Transferred => "transferred",
        Cause::Unanswered => "unanswered",
        Cause::AgentLost => "lost",
        Cause::Woken => "woken",
        Cause::Returned => "returned",
        Cause::Unknown => "unknown",
    }
}

pub fn reason_name(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Solved => "solved",
        CloseReason::NotSolved => "not_solved",
        CloseReason::NoAnswer => "no_answer",
        CloseReason::VisitorLeft => "visitor_left",
        CloseReason::Spam => "spam",
        CloseReason::Unknown => "unknown",
    }
}
