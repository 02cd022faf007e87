//! A conversation as a row that a person can read.

use crate::adapters::fault::Fault;
use crate::adapters::names::json;
use crate::adapters::sqlite::columns::{json_column, uuid, uuid_or_none};
use crate::adapters::states;
use gateway_core::ids::SiteId;
use gateway_core::now::StoreTime;
use gateway_core::stored::{StoredCard, StoredConversation, StoredState};
use protocol::{AgentId, ConversationId, Number, Position, TeamId, VisitorId};
use rusqlite::{Connection, Row, ToSql, params};

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "id, visitor, state, agent, deadline_start, deadline_ms, close_reason, closed_at, \
     team, priority, arrival, preferred, head, head_tail, public_head, public_head_tail, opened_at, since, last_at, \
     waiting_since, preview, score, read_by_agents, read_by_visitor, visitor_name, visitor_email, page_url, \
     page_title, language, browser, declines, served_since";

/// Most batches change none of the indexed columns: state, since, visitor and opened_at stay out of this update,
/// so that it touches one page.
const UPDATE: &str = "UPDATE conversation SET agent = ?4, deadline_start = ?5, deadline_ms = ?6, close_reason = ?7, \
     closed_at = ?8, team = ?9, priority = ?10, arrival = ?11, preferred = ?12, head = ?13, head_tail = ?14, \
     public_head = ?15, public_head_tail = ?16, last_at = ?19, waiting_since = ?20, preview = ?21, score = ?22, \
     read_by_agents = ?23, read_by_visitor = ?24, visitor_name = ?25, visitor_email = ?26, page_url = ?27, \
     page_title = ?28, language = ?29, browser = ?30, declines = ?32, \
     served_since = ?33 \
     WHERE site = ?31 AND id = ?1 AND visitor = ?2 AND state = ?3 AND opened_at = ?17 AND since = ?18";

const REPLACE: &str = "REPLACE INTO conversation (id, visitor, state, agent, deadline_start, deadline_ms, \
     close_reason, closed_at, team, priority, arrival, preferred, head, head_tail, public_head, public_head_tail, \
     opened_at, since, last_at, waiting_since, preview, score, read_by_agents, read_by_visitor, visitor_name, \
     visitor_email, page_url, page_title, language, browser, site, declines, served_since) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
     ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)";

/// Writes a conversation's row, replacing the one of the same id.
pub(super) fn put(connection: &Connection, site: SiteId, row: &StoredConversation) -> Result<(), Fault> {
    let state = states::spread(&row.state)?;
    let card = &row.card;
    let values: [&dyn ToSql; 33] = [
        row.id.0.as_bytes(),
        row.visitor.0.as_bytes(),
        &state.state,
        &state.agent.as_ref().map(|agent| agent.0.as_bytes()),
        &state.deadline_start.map(u64::cast_signed),
        &state.deadline_ms.map(u64::cast_signed),
        &state.close_reason,
        &state.closed_at.map(u64::cast_signed),
        &row.team.as_ref().map(|team| team.0.as_bytes()),
        &row.priority,
        &row.arrival.cast_signed(),
        &row.preferred.as_ref().map(|agent| agent.0.as_bytes()),
        &row.head.number.0.cast_signed(),
        &row.head.tail,
        &row.public_head.number.0.cast_signed(),
        &row.public_head.tail,
        &row.opened_at.cast_signed(),
        &row.since.cast_signed(),
        &row.last_at.cast_signed(),
        &row.waiting_since.0.cast_signed(),
        &row.preview,
        &row.score,
        &row.read_by_agents.0.cast_signed(),
        &row.read_by_visitor.0.cast_signed(),
        &card.name,
        &card.email,
        &card.url,
        &card.title,
        &card.language,
        &card.browser,
        &site.0,
        &json(&row.declines)?,
        &row.served_since.map(|since| since.0.cast_signed()),
    ];
    if connection.prepare_cached(UPDATE)?.execute(&values[..])? == 0 {
        connection.prepare_cached(REPLACE)?.execute(&values[..])?;
    }
    Ok(())
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<StoredConversation> {
    Ok(StoredConversation {
        id: ConversationId(uuid(row, 0)?),
        visitor: VisitorId(uuid(row, 1)?),
        state: state(row)?,
        team: uuid_or_none(row, 8)?.map(TeamId),
        priority: row.get(9)?,
        arrival: row.get(10)?,
        preferred: uuid_or_none(row, 11)?.map(AgentId),
        declines: json_column(row, 30)?,
        head: Position { number: Number(row.get(12)?), tail: row.get(13)? },
        public_head: Position { number: Number(row.get(14)?), tail: row.get(15)? },
        opened_at: row.get(16)?,
        since: row.get(17)?,
        last_at: row.get(18)?,
        waiting_since: StoreTime(row.get(19)?),
        preview: row.get(20)?,
        score: row.get(21)?,
        served_since: row.get::<_, Option<u64>>(31)?.map(StoreTime),
        read_by_agents: Number(row.get(22)?),
        read_by_visitor: Number(row.get(23)?),
        card: StoredCard {
            name: row.get(24)?,
            email: row.get(25)?,
            url: row.get(26)?,
            title: row.get(27)?,
            language: row.get(28)?,
            browser: row.get(29)?,
        },
    })
}

/// One conversation of a site.
pub(super) fn find(
    connection: &Connection,
    site: SiteId,
    id: ConversationId,
) -> rusqlite::Result<Option<StoredConversation>> {
    let sql = format!("SELECT {COLUMNS} FROM conversation WHERE site = ?1 AND id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![site.0, id.0.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

fn state(row: &Row<'_>) -> rusqlite::Result<StoredState> {
    Ok(states::together(states::Columns {
        state: row.get(2)?,
        agent: uuid_or_none(row, 3)?.map(AgentId),
        deadline_start: row.get(4)?,
        deadline_ms: row.get(5)?,
        close_reason: row.get(6)?,
        closed_at: row.get(7)?,
    }))
}
