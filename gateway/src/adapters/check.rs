//! What every store refuses, decided once: NUL in text, numbers out of range, batches that are too large.

use crate::adapters::limits::{APPEND_BYTES_MAX, APPEND_ROWS_MAX};
use crate::ports::{Account, AgentRecord, Canned, Site, StoreError, TeamRow};
use gateway_core::limits::CAPACITY_MAX;
use gateway_core::stored::{Append, StoredConversation, StoredDeadline, StoredRecord, StoredState};
use protocol::{Author, Number, RecordKind, TeamId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Longest site key: it stands in addresses.
const KEY_BYTES_MAX: usize = 64;

/// Checks a batch; the reason names the first fault.
pub(crate) fn append(append: &Append) -> Result<(), String> {
    let rows = append.records.len()
        + append.conversations.len()
        + append.outboxes.len()
        + append.agents.len()
        + append.withdrawn.len();
    if rows > APPEND_ROWS_MAX {
        return Err(format!("{rows} rows in one batch"));
    }
    let mut bytes = 0;
    for row in &append.records {
        record(row)?;
        each_text(&row.what, &mut |value| text(value, &mut bytes))?;
    }
    for row in &append.conversations {
        conversation(row, &mut bytes)?;
    }
    append.outboxes.iter().try_for_each(|row| time(row.used_at.0))?;
    for agent in &append.agents {
        time(agent.last_assigned.0)?;
        time(agent.lost_at.map_or(0, |at| at.0))?;
    }
    if bytes > APPEND_BYTES_MAX {
        return Err(format!("{bytes} bytes of text in one batch"));
    }
    time(append.next_arrival)?;
    time(append.wakes_at.map_or(0, |at| at.0))?;
    time(append.unused_since.map_or(0, |at| at.0))
}

/// Calls with every text of a record that somebody wrote.
pub(crate) fn each_text<E>(what: &RecordKind, call: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let (author, written) = match what {
        RecordKind::Said(said) | RecordKind::Noted(said) => (Some(&said.by), Some(said.body.0.as_str())),
        RecordKind::Edited(edited) => (Some(&edited.by), Some(edited.body.0.as_str())),
        RecordKind::Transferred(transferred) => (Some(&transferred.by), transferred.comment.as_deref()),
        RecordKind::Rated(rated) => (None, rated.comment.as_deref()),
        RecordKind::Assigned(assigned) => (None, Some(assigned.name.as_str())),
        RecordKind::Parked(parked) => (Some(&parked.by), None),
        RecordKind::Closed(closed) => (Some(&closed.by), None),
        RecordKind::Reopened(reopened) => (Some(&reopened.by), None),
        RecordKind::Deleted(deleted) => (Some(&deleted.by), None),
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Offered(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Unknown(_) => (None, None),
    };
    if let Some(Author::Agent { name, .. }) = author {
        call(name)?;
    }
    written.map_or(Ok(()), call)
}

fn record(record: &StoredRecord) -> Result<(), String> {
    if let RecordKind::Unknown(kind) = &record.what {
        return Err(format!("a record of kind {kind:?} is not known here"));
    }
    number(record.number)?;
    record.public.map_or(Ok(()), number)?;
    time(record.at)
}

fn conversation(row: &StoredConversation, bytes: &mut usize) -> Result<(), String> {
    match &row.state {
        StoredState::Unknown(state) => return Err(format!("the state {state:?} is not known here")),
        StoredState::Offered { lapses, .. } => deadline(*lapses)?,
        StoredState::Assigned { first_reply: due, .. } | StoredState::Parked { wakes: due, .. } => {
            due.map_or(Ok(()), deadline)?;
        }
        StoredState::Closed { at, .. } => time(at.0)?,
        StoredState::Waiting | StoredState::Offline => {}
    }
    row.declines.iter().try_for_each(|decline| deadline(decline.kept))?;
    let card = &row.card;
    let texts = [&row.preview, &card.name, &card.email, &card.url, &card.title, &card.language, &card.browser];
    for value in texts.into_iter().flatten() {
        text(value, bytes)?;
    }
    let times = [row.arrival, row.opened_at, row.since, row.last_at, row.waiting_since.0];
    let heads = [row.head.number, row.public_head.number, row.read_by_agents, row.read_by_visitor];
    times.into_iter().chain(heads.map(|head| head.0)).try_for_each(time)
}

fn deadline(deadline: StoredDeadline) -> Result<(), String> {
    time(deadline.start.0)?;
    time(deadline.length_ms)
}

fn text(value: &str, bytes: &mut usize) -> Result<(), String> {
    if value.contains('\0') {
        return Err("a text holds NUL".to_owned());
    }
    *bytes += value.len();
    Ok(())
}

fn number(number: Number) -> Result<(), String> {
    if number.0 == 0 || number.0 > Number::MAX {
        return Err(format!("the record number {}", number.0));
    }
    Ok(())
}

/// Stores count in signed 64 bits.
fn time(value: u64) -> Result<(), String> {
    i64::try_from(value).map(|_| ()).map_err(|_| format!("the value {value}"))
}

/// Checks a site's values.
pub(crate) fn site(site: &Site) -> Result<(), StoreError> {
    let is_key = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    if site.key.is_empty() || site.key.len() > KEY_BYTES_MAX || !site.key.chars().all(is_key) {
        return Err(StoreError::Refused("a site key is 1 to 64 of a-z 0-9 _ -".to_owned()));
    }
    plain(&site.name)?;
    site.origins.iter().try_for_each(|origin| plain(origin))?;
    site.greeting.as_deref().map_or(Ok(()), plain)?;
    if site.open_max == 0 {
        return Err(StoreError::Refused("a visitor may have one conversation open at least".to_owned()));
    }
    let times = [site.grace_ms, site.absent_ms, site.reopen_ms, site.preferred_ms];
    times.into_iter().chain(site.relax_ms).try_for_each(length)
}

/// Checks a team's values.
pub(crate) fn team(team: &TeamRow) -> Result<(), StoreError> {
    plain(&team.name)?;
    team.skills.iter().try_for_each(|skill| plain(skill))?;
    [team.offer_ms, team.first_reply_ms].into_iter().flatten().try_for_each(length)
}

/// Checks an agent's values.
pub(crate) fn agent(agent: &AgentRecord) -> Result<(), StoreError> {
    plain(&agent.name)?;
    agent.skills.iter().chain(&agent.languages).try_for_each(|word| plain(word))?;
    if agent.capacity > CAPACITY_MAX {
        return Err(StoreError::Refused(format!("a capacity above {CAPACITY_MAX}")));
    }
    Ok(())
}

/// Checks an account and gives it back with its email in lower case.
pub(crate) fn account(account: Account) -> Result<Account, StoreError> {
    plain(&account.email)?;
    plain(&account.name)?;
    Ok(Account { email: account.email.to_lowercase(), ..account })
}

/// Checks a canned reply.
pub(crate) fn canned(canned: &Canned) -> Result<(), StoreError> {
    plain(&canned.shortcut)?;
    plain(&canned.body)
}

fn plain(value: &str) -> Result<(), StoreError> {
    text(value, &mut 0).map_err(StoreError::Refused)
}

fn length(value: u64) -> Result<(), StoreError> {
    time(value).map_err(StoreError::Refused)
}

/// An agent who is there and says nothing for so long is somewhere else: another one should have the chat.
const FIRST_REPLY_MS: u64 = 5 * 60_000;

/// The team that a new site begins with.
pub(crate) fn first_team() -> TeamRow {
    TeamRow {
        id: TeamId(Uuid::now_v7()),
        name: "Support".to_owned(),
        offer_ms: None,
        first_reply_ms: Some(FIRST_REPLY_MS),
        skills: BTreeSet::new(),
    }
}
