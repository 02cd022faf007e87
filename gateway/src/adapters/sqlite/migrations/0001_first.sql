-- The first schema. Times are milliseconds; ids are UUIDs in 16 bytes; lists are JSON.

-- Single values of the deployment: token_key, clock, search_cursor.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    origins TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    greeting TEXT,
    grace_ms INTEGER NOT NULL,
    absent_ms INTEGER NOT NULL,
    reopen_ms INTEGER NOT NULL,
    -- Raised by every desk that opens; an append with another one stores nothing.
    epoch INTEGER NOT NULL DEFAULT 0,
    next_arrival INTEGER NOT NULL DEFAULT 1,
    wakes_at INTEGER
) STRICT;

CREATE TABLE team (
    site INTEGER NOT NULL REFERENCES site (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    offer_ms INTEGER,
    first_reply_ms INTEGER,
    skills TEXT NOT NULL,
    PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT,
    operator INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent (
    site INTEGER NOT NULL REFERENCES site (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    account BLOB NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    teams TEXT NOT NULL,
    skills TEXT NOT NULL,
    languages TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    -- What the desk decides; absent until it has decided something.
    status TEXT,
    accepting INTEGER,
    chosen_capacity INTEGER,
    lapsed INTEGER,
    lost_at INTEGER,
    last_assigned INTEGER,
    PRIMARY KEY (site, id),
    UNIQUE (site, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX agent_of_account ON agent (account);

CREATE TABLE canned (
    site INTEGER NOT NULL REFERENCES site (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    shortcut TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, shortcut)
) STRICT, WITHOUT ROWID;

-- Secrets that were handed out, by their SHA-256, and what they are good for.
CREATE TABLE secret (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    purpose TEXT NOT NULL,
    account BLOB,
    site INTEGER,
    agent BLOB,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX secret_by_expiry ON secret (expires_at);

CREATE TABLE conversation (
    site INTEGER NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    visitor BLOB NOT NULL CHECK (length(visitor) = 16),
    state TEXT NOT NULL,
    -- Whom it is offered or assigned to, or who parked it.
    agent BLOB,
    -- When the offer lapses, the first reply is due or the parked chat wakes: from when, for how long.
    deadline_start INTEGER,
    deadline_ms INTEGER,
    close_reason TEXT,
    closed_at INTEGER,
    team BLOB,
    priority INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    preferred BLOB,
    head INTEGER NOT NULL,
    head_tail INTEGER NOT NULL,
    public_head INTEGER NOT NULL,
    public_head_tail INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    waiting_since INTEGER NOT NULL,
    preview TEXT,
    score INTEGER,
    read_by_agents INTEGER NOT NULL,
    read_by_visitor INTEGER NOT NULL,
    visitor_name TEXT,
    visitor_email TEXT,
    page_url TEXT,
    page_title TEXT,
    language TEXT,
    browser TEXT,
    PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversation_open ON conversation (site, id) WHERE state <> 'closed';
CREATE INDEX conversation_closed ON conversation (site, since, id) WHERE state = 'closed';
CREATE INDEX conversation_of_visitor ON conversation (site, visitor, opened_at, id);

-- The log, in the order of commits.
CREATE TABLE record (
    sequence INTEGER PRIMARY KEY,
    site INTEGER NOT NULL,
    conversation BLOB NOT NULL CHECK (length(conversation) = 16),
    number INTEGER NOT NULL,
    -- Absent where visitors cannot see the record.
    public_number INTEGER,
    id BLOB NOT NULL CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    -- visitor or agent; absent for the gateway's own rules.
    author TEXT,
    author_id BLOB,
    command_outbox BLOB,
    command_ordinal INTEGER,
    kind TEXT NOT NULL,
    -- What somebody said, noted or edited; absent once it was withdrawn.
    body TEXT,
    -- JSON of what the kind holds beside the body.
    detail TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX record_by_number ON record (site, conversation, number);
CREATE INDEX record_hidden ON record (site, conversation, number) WHERE public_number IS NULL;

-- The last command of every (lane, outbox); the lane is a conversation, or empty for an agent's own state.
CREATE TABLE outbox (
    site INTEGER NOT NULL,
    lane BLOB NOT NULL CHECK (length(lane) IN (0, 16)),
    outbox BLOB NOT NULL CHECK (length(outbox) = 16),
    ordinal INTEGER NOT NULL,
    -- Hash of the command's content.
    content INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (site, lane, outbox)
) STRICT, WITHOUT ROWID;

-- What the search index holds: bodies, with the site as a word of its own.
CREATE VIEW searchable (sequence, scope, body) AS
SELECT sequence, 'site' || site, body FROM record WHERE body IS NOT NULL;

CREATE VIRTUAL TABLE search USING fts5 (
    scope, body,
    content = 'searchable', content_rowid = 'sequence',
    tokenize = 'unicode61 remove_diacritics 2'
);

-- Words of a withdrawn message leave the index's pages too, not only its answers.
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

INSERT INTO meta (name, value) VALUES ('search_cursor', 0), ('clock', 0);
