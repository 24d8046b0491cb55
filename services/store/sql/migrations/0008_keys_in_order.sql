-- Keys are numbered in the order in which they were committed, since a backup takes along what came since the last one,
-- and a key may stand for an event that was recorded long before it. The number is drawn under the order lock.
ALTER TABLE ledger.ledger_keys ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;

-- A few pages for millions of rows, and next to nothing for whoever records.
CREATE INDEX ledger_keys_number_idx ON ledger.ledger_keys USING brin (number) WITH (autosummarize = on);
