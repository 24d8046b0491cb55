-- A key never ends, so the rows in force name every question that a source ever spoke of; a past cut is then one seek
-- per question in the primary key, however often the source spoke.
CREATE TABLE stances (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    source text NOT NULL,
    location text NOT NULL,
    aspect text NOT NULL,
    subject text,
    first bigint NOT NULL
);
CREATE UNIQUE INDEX stances_now ON stances (key) WHERE until IS NULL;
-- Made when the rows are in:
ALTER TABLE stances ADD PRIMARY KEY (key, since);
CREATE INDEX stances_source ON stances (source, first) WHERE until IS NULL;
CREATE INDEX stances_question ON stances (location, aspect) WHERE until IS NULL;
