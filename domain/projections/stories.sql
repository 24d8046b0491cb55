-- A key never ends, so the rows in force name every question that a story ever gathered.
CREATE TABLE stories (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    story text NOT NULL,
    location text NOT NULL,
    aspect text NOT NULL,
    subject text,
    first bigint NOT NULL
);
CREATE UNIQUE INDEX stories_now ON stories (key) WHERE until IS NULL;
-- Made when the rows are in:
ALTER TABLE stories ADD PRIMARY KEY (key, since);
CREATE INDEX stories_story ON stories (story, first) WHERE until IS NULL;
CREATE INDEX stories_question ON stories (location, aspect) WHERE until IS NULL;
