CREATE TABLE registry (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL
);
CREATE UNIQUE INDEX registry_now ON registry (key) WHERE until IS NULL;
-- Made when the rows are in:
ALTER TABLE registry ADD PRIMARY KEY (key, since);
-- A registry in memory is built, and kept up with the ledger, by reading the rows in order.
CREATE INDEX registry_order ON registry (since);
