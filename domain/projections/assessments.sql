CREATE TABLE assessments (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    location text NOT NULL,
    aspect text NOT NULL,
    subject text,
    position bigint NOT NULL
);
CREATE UNIQUE INDEX assessments_now ON assessments (key) WHERE until IS NULL;
-- Made when the rows are in:
ALTER TABLE assessments ADD PRIMARY KEY (key, since);
-- All rows, not only those in force: a verdict given again under its name may have been about another question.
CREATE INDEX assessments_question ON assessments (location, aspect);
