-- One batch of a desk, stored whole or not at all; nothing of it when the desk is fenced.
-- Each part looks up by key or only adds: its plan is a good one whatever the tables held when it was made.
-- $1 site, $2 epoch, $3 next arrival, $4 wakes at, $5 records, $6 conversations, $7 outboxes, $8 agents,
-- $9 lane none unused since
WITH mine AS MATERIALIZED (
    -- The lock lasts until the commit: whoever opens the site waits for it, and whoever has opened it leaves no row.
    SELECT site FROM desk WHERE site = $1 AND epoch = $2 FOR SHARE
),
kept AS (
    UPDATE desk SET next_arrival = $3, wakes_at = $4 FROM mine
    WHERE desk.site = mine.site AND (desk.next_arrival <> $3 OR desk.wakes_at IS DISTINCT FROM $4)
),
recorded AS (
    INSERT INTO record (
        site, conversation, number, public_number, id, at, author, author_id, command_outbox, command_ordinal,
        kind, body, detail
    )
    SELECT
        mine.site, conversation, number, public_number, id, at, author, author_id, command_outbox, command_ordinal,
        kind, body, detail
    FROM mine, json_to_recordset($5) AS row (
        conversation uuid, number bigint, public_number bigint, id uuid, at bigint, author text, author_id uuid,
        command_outbox uuid, command_ordinal bigint, kind text, body text, detail jsonb
    )
),
told AS (
    INSERT INTO conversation (
        site, id, visitor, state, agent, deadline_start, deadline_ms, close_reason, closed_at, team, priority,
        arrival, preferred, head, head_tail, public_head, public_head_tail, opened_at, since, last_at, waiting_since,
        preview, score, read_by_agents, read_by_visitor, visitor_name, visitor_email, page_url, page_title, language,
        browser, declines, served_since
    )
    SELECT
        mine.site, row.id, row.visitor, row.state, row.agent, row.deadline_start, row.deadline_ms, row.close_reason,
        row.closed_at, row.team, row.priority, row.arrival, row.preferred, row.head, row.head_tail, row.public_head,
        row.public_head_tail, row.opened_at, row.since, row.last_at, row.waiting_since, row.preview, row.score,
        row.read_by_agents, row.read_by_visitor, row.visitor_name, row.visitor_email, row.page_url, row.page_title,
        row.language, row.browser, row.declines, row.served_since
    FROM mine, json_populate_recordset(NULL::conversation, $6) AS row
    ON CONFLICT (site, id) DO UPDATE SET
        visitor = excluded.visitor, state = excluded.state, agent = excluded.agent,
        deadline_start = excluded.deadline_start, deadline_ms = excluded.deadline_ms,
        close_reason = excluded.close_reason, closed_at = excluded.closed_at, team = excluded.team,
        priority = excluded.priority, arrival = excluded.arrival, preferred = excluded.preferred,
        head = excluded.head, head_tail = excluded.head_tail, public_head = excluded.public_head,
        public_head_tail = excluded.public_head_tail, opened_at = excluded.opened_at, since = excluded.since,
        last_at = excluded.last_at, waiting_since = excluded.waiting_since, preview = excluded.preview,
        score = excluded.score, read_by_agents = excluded.read_by_agents,
        read_by_visitor = excluded.read_by_visitor, visitor_name = excluded.visitor_name,
        visitor_email = excluded.visitor_email, page_url = excluded.page_url, page_title = excluded.page_title,
        language = excluded.language, browser = excluded.browser, declines = excluded.declines,
        served_since = excluded.served_since
),
forgotten AS (
    -- A row that this batch uses again is replaced below.
    DELETE FROM outbox USING mine
    WHERE outbox.site = mine.site AND outbox.lane IS NULL AND $9::bigint IS NOT NULL AND outbox.used_at < $9
    AND outbox.outbox NOT IN (SELECT row.outbox FROM json_populate_recordset(NULL::outbox, $7) AS row)
),
answered AS (
    INSERT INTO outbox (site, lane, outbox, ordinal, content, answer, used_at)
    SELECT mine.site, row.lane, row.outbox, row.ordinal, row.content, row.answer, row.used_at
    FROM mine, json_populate_recordset(NULL::outbox, $7) AS row
    ON CONFLICT (site, lane, outbox) DO UPDATE SET
        ordinal = excluded.ordinal, content = excluded.content, answer = excluded.answer, used_at = excluded.used_at
),
decided AS (
    INSERT INTO agent_live (site, agent, status, accepting, capacity, lapsed, lost_at, last_assigned)
    SELECT mine.site, row.agent, row.status, row.accepting, row.capacity, row.lapsed, row.lost_at, row.last_assigned
    FROM mine, json_populate_recordset(NULL::agent_live, $8) AS row
    ON CONFLICT (site, agent) DO UPDATE SET
        status = excluded.status, accepting = excluded.accepting, capacity = excluded.capacity,
        lapsed = excluded.lapsed, lost_at = excluded.lost_at, last_assigned = excluded.last_assigned
)
SELECT EXISTS (SELECT FROM mine)
