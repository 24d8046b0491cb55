-- `key`, `since`, `until` and `state` are in every view's table; what else is here, `columns` fills.
CREATE TABLE tallies (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    claims bigint NOT NULL,
    PRIMARY KEY (key, since)
);
CREATE UNIQUE INDEX tallies_now ON tallies (key) WHERE until IS NULL;
-- Made when the rows are in:
CREATE INDEX tallies_claims ON tallies (claims) WHERE until IS NULL;
