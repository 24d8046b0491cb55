-- What desk/1 believes, as rectangles of valid time by positions: a row holds for the instants in [valid_from, valid_to)
-- (null: without bound) from the position `since` until the position `until`. `axis` is `instant`, or `latest` for what
-- is answered at that instant to somebody who gives no valid time; rows of the axis `source` say instead which sources a
-- question's belief hangs on, so that a change of the registry finds the questions that it touches.
CREATE TABLE picture (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    question text NOT NULL,
    location text NOT NULL,
    aspect text NOT NULL,
    subject text,
    axis text NOT NULL,
    source text,
    valid_from timestamptz,
    valid_to timestamptz,
    agreement text,
    strength text,
    PRIMARY KEY (key, since)
);
CREATE UNIQUE INDEX picture_now ON picture (key) WHERE until IS NULL;
CREATE INDEX picture_question ON picture (question, since);
CREATE INDEX picture_question_now ON picture (question) WHERE until IS NULL;
CREATE INDEX picture_location ON picture (location) WHERE until IS NULL;
CREATE INDEX picture_aspect ON picture (aspect) WHERE until IS NULL;
CREATE INDEX picture_source ON picture (source) WHERE until IS NULL AND axis = 'source';
-- Made when the rows are in:
-- What turned at a position is told as alerts; the names are those of `index_picture` in services/store/sql/alerts.sql.
CREATE INDEX picture_since ON picture (since) WHERE axis <> 'source';
CREATE INDEX picture_until ON picture (until) WHERE until IS NOT NULL AND axis <> 'source';
