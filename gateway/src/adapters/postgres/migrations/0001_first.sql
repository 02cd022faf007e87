-- The first schema. Times are milliseconds of the database's clock; whole numbers are bigint throughout.

-- Single values of the deployment: token_key.
CREATE TABLE meta (
    name text PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE site (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    name text NOT NULL,
    origins jsonb NOT NULL,
    enabled boolean NOT NULL,
    greeting text,
    grace_ms bigint NOT NULL,
    absent_ms bigint NOT NULL,
    reopen_ms bigint NOT NULL,
    open_max bigint NOT NULL,
    relax_ms bigint,
    preferred_ms bigint NOT NULL
);

-- Who writes a site, and what its desk must know of itself. Apart from the site, so that settings wait for no append.
CREATE TABLE desk (
    site bigint PRIMARY KEY REFERENCES site (id),
    -- Raised by every desk that opens; an append with another one stores nothing. 0: never opened.
    epoch bigint NOT NULL DEFAULT 0,
    -- The node that owns the site; absent when it was let go.
    owner bigint,
    -- Who may open a site first that was let go.
    successor bigint,
    -- When epoch, owner or successor last changed.
    changed_at bigint NOT NULL DEFAULT 0,
    -- The latest time that a desk of the site was handed; it never goes back.
    clock bigint NOT NULL DEFAULT 0,
    next_arrival bigint NOT NULL DEFAULT 1,
    wakes_at bigint
);

CREATE INDEX desk_changed ON desk (changed_at);

-- The heartbeats of all nodes.
CREATE TABLE node (
    id bigint PRIMARY KEY,
    -- Counted up with each heartbeat.
    beats bigint NOT NULL,
    started_at bigint NOT NULL,
    beaten_at bigint NOT NULL,
    ready boolean NOT NULL
);

CREATE TABLE team (
    site bigint NOT NULL REFERENCES site (id),
    id uuid NOT NULL,
    name text NOT NULL,
    offer_ms bigint,
    first_reply_ms bigint,
    skills jsonb NOT NULL,
    PRIMARY KEY (site, id)
);

CREATE TABLE account (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password text,
    operator boolean NOT NULL
);

CREATE TABLE agent (
    site bigint NOT NULL REFERENCES site (id),
    id uuid NOT NULL,
    account uuid NOT NULL REFERENCES account (id),
    name text NOT NULL,
    role text NOT NULL,
    teams jsonb NOT NULL,
    skills jsonb NOT NULL,
    languages jsonb NOT NULL,
    capacity bigint NOT NULL,
    enabled boolean NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, account)
);

-- What the desk decides of an agent; absent until it has decided something.
CREATE TABLE agent_live (
    site bigint NOT NULL,
    agent uuid NOT NULL,
    status text NOT NULL,
    accepting boolean NOT NULL,
    capacity bigint NOT NULL,
    lapsed boolean NOT NULL,
    lost_at bigint,
    last_assigned bigint NOT NULL,
    PRIMARY KEY (site, agent),
    FOREIGN KEY (site, agent) REFERENCES agent (site, id)
) WITH (fillfactor = 80);

CREATE INDEX agent_of_account ON agent (account);

CREATE TABLE canned (
    site bigint NOT NULL REFERENCES site (id),
    id uuid NOT NULL,
    shortcut text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, shortcut)
);

-- Secrets that were handed out, by their SHA-256, and what they are good for.
CREATE TABLE secret (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    purpose text NOT NULL,
    account uuid,
    site bigint,
    agent uuid,
    expires_at bigint NOT NULL
);

CREATE INDEX secret_by_expiry ON secret (expires_at);

CREATE TABLE conversation (
    site bigint NOT NULL,
    id uuid NOT NULL,
    visitor uuid NOT NULL,
    state text NOT NULL,
    -- Whom it is offered or assigned to, or who parked it.
    agent uuid,
    -- When the offer lapses, the first reply is due or the parked chat wakes: from when, for how long.
    deadline_start bigint,
    deadline_ms bigint,
    close_reason text,
    closed_at bigint,
    team uuid,
    priority bigint NOT NULL,
    arrival bigint NOT NULL,
    preferred uuid,
    head bigint NOT NULL,
    head_tail bigint NOT NULL,
    public_head bigint NOT NULL,
    public_head_tail bigint NOT NULL,
    opened_at bigint NOT NULL,
    since bigint NOT NULL,
    last_at bigint NOT NULL,
    waiting_since bigint NOT NULL,
    preview text,
    score bigint,
    read_by_agents bigint NOT NULL,
    read_by_visitor bigint NOT NULL,
    visitor_name text,
    visitor_email text,
    page_url text,
    page_title text,
    language text,
    browser text,
    -- Agents who declined or let it lapse, each with from when and for how long that is remembered.
    declines jsonb NOT NULL,
    -- Since when an agent serves it, or did until it was closed: what waits are estimated from.
    served_since bigint,
    PRIMARY KEY (site, id)
) WITH (fillfactor = 80);

CREATE INDEX conversation_open ON conversation (site, id) WHERE state <> 'closed';
CREATE INDEX conversation_closed ON conversation (site, since, id) WHERE state = 'closed';
CREATE INDEX conversation_of_visitor ON conversation (site, visitor, opened_at, id);

-- The log. Within a site, sequence is the order of commits.
CREATE TABLE record (
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    site bigint NOT NULL,
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    -- Absent where visitors cannot see the record.
    public_number bigint,
    id uuid NOT NULL,
    at bigint NOT NULL,
    -- visitor or agent; absent for the gateway's own rules.
    author text,
    author_id uuid,
    command_outbox uuid,
    command_ordinal bigint,
    kind text NOT NULL,
    -- What somebody said, noted or edited; absent once it was withdrawn.
    body text,
    -- What the kind holds beside the body.
    detail jsonb NOT NULL,
    PRIMARY KEY (site, conversation, number)
);

CREATE INDEX record_hidden ON record (site, conversation, number) WHERE public_number IS NULL;
CREATE INDEX record_written ON record (site, sequence) WHERE body IS NOT NULL;

-- The last command of every (lane, outbox); the lane is a conversation, or absent for an agent's own state.
CREATE TABLE outbox (
    site bigint NOT NULL,
    lane uuid,
    outbox uuid NOT NULL,
    ordinal bigint NOT NULL,
    -- Hash of the command's content.
    content bigint NOT NULL,
    answer jsonb NOT NULL,
    -- When the command was answered first.
    used_at bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (site, lane, outbox)
) WITH (fillfactor = 80);

-- The words of every message in its latest version, and of the site as a word that no text holds.
CREATE TABLE search (
    site bigint NOT NULL,
    message uuid NOT NULL,
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    -- The record that holds the latest version.
    sequence bigint NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (site, message)
);

CREATE INDEX search_words ON search USING gin (words);

-- How far the search follows a site's log. Whoever changes a site's search rows holds its row here.
CREATE TABLE search_cursor (
    site bigint PRIMARY KEY REFERENCES site (id),
    sequence bigint NOT NULL DEFAULT 0
);
