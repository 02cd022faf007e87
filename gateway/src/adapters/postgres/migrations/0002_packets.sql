-- Packets on their way between nodes while there is no better way. Rows live for seconds; a crash may lose them all.
CREATE UNLOGGED TABLE packet (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The node it is for, or -1 for all.
    node bigint NOT NULL,
    -- Which transaction wrote it: a reader asks for what its last look could not see, whatever the order of commits.
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    packet bytea NOT NULL
);

CREATE INDEX packet_node ON packet (node, id);
