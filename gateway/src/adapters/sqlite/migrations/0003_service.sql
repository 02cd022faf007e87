-- Since when an agent serves the conversation, or did until it was closed: what waits are estimated from.
ALTER TABLE conversation ADD COLUMN served_since INTEGER;
