-- What the rules remember beyond one desk.

-- JSON list of agents who declined or let it lapse, each with from when and for how long that is remembered.
ALTER TABLE conversation ADD COLUMN declines TEXT NOT NULL DEFAULT '[]';

-- When the command was answered first. Rows of lane none go a month later; those of before count from now.
ALTER TABLE outbox ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET used_at = (SELECT value FROM meta WHERE name = 'clock') WHERE lane = x'';

-- Settings that every site had alike: how many conversations a visitor may have open, after which wait skill and
-- language no longer bind (absent: never), and how long a visitor waits for the preferred agent.
ALTER TABLE site ADD COLUMN open_max INTEGER NOT NULL DEFAULT 1;
ALTER TABLE site ADD COLUMN relax_ms INTEGER;
ALTER TABLE site ADD COLUMN preferred_ms INTEGER NOT NULL DEFAULT 15000;
