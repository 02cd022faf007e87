//! A conversation as a row that a person can read.

use super::columns::{get, json, number, number_or_none};
use super::connection::Connection;
use crate::adapters::fault::Fault;
use crate::adapters::states;
use gateway_core::ids::SiteId;
use gateway_core::now::StoreTime;
use gateway_core::stored::{StoredCard, StoredConversation, StoredDecline};
use protocol::{AgentId, ConversationId, Number, Position, TeamId, VisitorId};
use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "id, visitor, state, agent, deadline_start, deadline_ms, close_reason, closed_at, \
     team, priority, arrival, preferred, head, head_tail, public_head, public_head_tail, opened_at, since, last_at, \
     waiting_since, preview, score, read_by_agents, read_by_visitor, visitor_name, visitor_email, page_url, \
     page_title, language, browser, declines, served_since";

/// A row to be put, by the names of its columns.
#[derive(Debug, Serialize)]
pub(super) struct ConversationRow<'a> {
    id: Uuid,
    visitor: Uuid,
    state: String,
    agent: Option<Uuid>,
    deadline_start: Option<u64>,
    deadline_ms: Option<u64>,
    close_reason: Option<String>,
    closed_at: Option<u64>,
    team: Option<Uuid>,
    priority: u8,
    arrival: u64,
    preferred: Option<Uuid>,
    head: u64,
    head_tail: u32,
    public_head: u64,
    public_head_tail: u32,
    opened_at: u64,
    since: u64,
    last_at: u64,
    waiting_since: u64,
    preview: Option<&'a str>,
    score: Option<u8>,
    read_by_agents: u64,
    read_by_visitor: u64,
    visitor_name: Option<&'a str>,
    visitor_email: Option<&'a str>,
    page_url: Option<&'a str>,
    page_title: Option<&'a str>,
    language: Option<&'a str>,
    browser: Option<&'a str>,
    declines: &'a [StoredDecline],
    served_since: Option<u64>,
}

impl<'a> ConversationRow<'a> {
    pub fn of(row: &'a StoredConversation) -> Result<Self, Fault> {
        let state = states::spread(&row.state)?;
        let card = &row.card;
        Ok(Self {
            id: row.id.0,
            visitor: row.visitor.0,
            state: state.state,
            agent: state.agent.map(|agent| agent.0),
            deadline_start: state.deadline_start,
            deadline_ms: state.deadline_ms,
            close_reason: state.close_reason,
            closed_at: state.closed_at,
            team: row.team.map(|team| team.0),
            priority: row.priority,
            arrival: row.arrival,
            preferred: row.preferred.map(|agent| agent.0),
            head: row.head.number.0,
            head_tail: row.head.tail,
            public_head: row.public_head.number.0,
            public_head_tail: row.public_head.tail,
            opened_at: row.opened_at,
            since: row.since,
            last_at: row.last_at,
            waiting_since: row.waiting_since.0,
            preview: row.preview.as_deref(),
            score: row.score,
            read_by_agents: row.read_by_agents.0,
            read_by_visitor: row.read_by_visitor.0,
            visitor_name: card.name.as_deref(),
            visitor_email: card.email.as_deref(),
            page_url: card.url.as_deref(),
            page_title: card.title.as_deref(),
            language: card.language.as_deref(),
            browser: card.browser.as_deref(),
            declines: &row.declines,
            served_since: row.served_since.map(|since| since.0),
        })
    }
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<StoredConversation, Fault> {
    let state = states::together(states::Columns {
        state: get(row, 2)?,
        agent: get::<Option<Uuid>>(row, 3)?.map(AgentId),
        deadline_start: number_or_none(row, 4)?,
        deadline_ms: number_or_none(row, 5)?,
        close_reason: get(row, 6)?,
        closed_at: number_or_none(row, 7)?,
    });
    Ok(StoredConversation {
        id: ConversationId(get(row, 0)?),
        visitor: VisitorId(get(row, 1)?),
        state,
        team: get::<Option<Uuid>>(row, 8)?.map(TeamId),
        priority: number(row, 9)?,
        arrival: number(row, 10)?,
        preferred: get::<Option<Uuid>>(row, 11)?.map(AgentId),
        declines: json(row, 30)?,
        head: Position { number: Number(number(row, 12)?), tail: number(row, 13)? },
        public_head: Position { number: Number(number(row, 14)?), tail: number(row, 15)? },
        opened_at: number(row, 16)?,
        since: number(row, 17)?,
        last_at: number(row, 18)?,
        waiting_since: StoreTime(number(row, 19)?),
        preview: get(row, 20)?,
        score: number_or_none(row, 21)?,
        served_since: number_or_none(row, 31)?.map(StoreTime),
        read_by_agents: Number(number(row, 22)?),
        read_by_visitor: Number(number(row, 23)?),
        card: StoredCard {
            name: get(row, 24)?,
            email: get(row, 25)?,
            url: get(row, 26)?,
            title: get(row, 27)?,
            language: get(row, 28)?,
            browser: get(row, 29)?,
        },
    })
}

/// One conversation of a site.
pub(super) async fn find(
    connection: &Connection,
    site: SiteId,
    id: ConversationId,
) -> Result<Option<StoredConversation>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM conversation WHERE site = $1 AND id = $2");
    connection.first(&sql, &[&site.0, &id.0]).await?.as_ref().map(read).transpose()
}
