-- What the rules remember beyond one desk.

-- JSON list of agents who declined or let it lapse, each with from when and for how long that is remembered.
ALTER TABLE conversation ADD COLUMN declines TEXT NOT NULL DEFAULT '[]';
