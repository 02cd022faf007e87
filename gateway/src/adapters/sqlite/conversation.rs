//! A conversation as a row that a person can read.

use crate::adapters::sqlite::columns::{json, json_column, name, named, uuid, uuid_or_none};
use crate::adapters::sqlite::fault::Fault;
use gateway_core::ids::SiteId;
use gateway_core::now::StoreTime;
use gateway_core::stored::{StoredCard, StoredConversation, StoredDeadline, StoredState};
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

/// A state spread over its columns.
struct StateColumns {
    state: &'static str,
    agent: Option<AgentId>,
    deadline: Option<StoredDeadline>,
    reason: Option<String>,
    closed_at: Option<i64>,
}

/// Writes a conversation's row, replacing the one of the same id.
pub(super) fn put(connection: &Connection, site: SiteId, row: &StoredConversation) -> Result<(), Fault> {
    let state = spread(&row.state)?;
    let card = &row.card;
    let values: [&dyn ToSql; 33] = [
        row.id.0.as_bytes(),
        row.visitor.0.as_bytes(),
        &state.state,
        &state.agent.as_ref().map(|agent| agent.0.as_bytes()),
        &state.deadline.map(|deadline| deadline.start.0.cast_signed()),
        &state.deadline.map(|deadline| deadline.length_ms.cast_signed()),
        &state.reason,
        &state.closed_at,
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

fn spread(state: &StoredState) -> Result<StateColumns, Fault> {
    let plain = |state| StateColumns { state, agent: None, deadline: None, reason: None, closed_at: None };
    let with = |state, agent, deadline| StateColumns { agent: Some(agent), deadline, ..plain(state) };
    match state {
        StoredState::Waiting => Ok(plain("waiting")),
        StoredState::Offered { agent, lapses } => Ok(with("offered", *agent, Some(*lapses))),
        StoredState::Assigned { agent, first_reply } => Ok(with("assigned", *agent, *first_reply)),
        StoredState::Parked { agent, wakes } => Ok(with("parked", *agent, *wakes)),
        StoredState::Closed { reason, at } => {
            Ok(StateColumns { reason: Some(name(reason)?), closed_at: Some(at.0.cast_signed()), ..plain("closed") })
        }
        StoredState::Offline => Ok(plain("offline")),
        StoredState::Unknown(state) => Err(Fault::Refused(format!("the state {state:?}"))),
    }
}

/// Puts a state together again; one that this version cannot read is handed on by its name.
fn state(row: &Row<'_>) -> rusqlite::Result<StoredState> {
    let state = row.get_ref(2)?.as_str()?;
    let agent = uuid_or_none(row, 3)?.map(AgentId);
    let start: Option<u64> = row.get(4)?;
    let deadline =
        start.zip(row.get(5)?).map(|(start, length_ms)| StoredDeadline { start: StoreTime(start), length_ms });
    let known = match state {
        "waiting" => Some(StoredState::Waiting),
        "offline" => Some(StoredState::Offline),
        "offered" => agent.zip(deadline).map(|(agent, lapses)| StoredState::Offered { agent, lapses }),
        "assigned" => agent.map(|agent| StoredState::Assigned { agent, first_reply: deadline }),
        "parked" => agent.map(|agent| StoredState::Parked { agent, wakes: deadline }),
        "closed" => {
            let reason = row.get::<_, Option<String>>(6)?.and_then(|reason| named(&reason));
            let at = row.get::<_, Option<u64>>(7)?;
            reason.zip(at).map(|(reason, at)| StoredState::Closed { reason, at: StoreTime(at) })
        }
        _ => None,
    };
    Ok(known.unwrap_or_else(|| StoredState::Unknown(state.to_owned())))
}
