CREATE TABLE editions (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    story text NOT NULL,
    number bigint NOT NULL,
    claims text[] NOT NULL,
    questions text[] NOT NULL,
    position bigint NOT NULL
);
CREATE UNIQUE INDEX editions_now ON editions (key) WHERE until IS NULL;
-- Made when the rows are in:
ALTER TABLE editions ADD PRIMARY KEY (key, since);
CREATE INDEX editions_story ON editions (story, number) WHERE until IS NULL;
-- A correction or a changed belief asks: which editions relied on this?
CREATE INDEX editions_claims ON editions USING gin (claims) WHERE until IS NULL;
CREATE INDEX editions_questions ON editions USING gin (questions) WHERE until IS NULL;
