-- The tree over the log (RFC 6962), as far as its tiles are full: a tile holds 256 hashes, those of entries at level 0,
-- and above the roots of 256 tiles of the level below. What follows from the log could be made again at any time; it is
-- kept so that a proof reads a few tiles, and so that an event that is changed afterwards is found and named.
CREATE TABLE ledger.tiles (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    number bigint NOT NULL CHECK (number >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, number)
);
-- Hashes do not pack.
ALTER TABLE ledger.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- What was signed, and when, as text (C2SP tlog-checkpoint), and the key to check it with. `edge` are the hashes of the
-- entries behind the last full tile.
CREATE TABLE ledger.checkpoints (
    size bigint NOT NULL CHECK (size >= 0),
    verifier_key text COLLATE "C" NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    edge bytea NOT NULL CHECK (octet_length(edge) = 32 * (size % 256)),
    note text NOT NULL,
    made timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, verifier_key)
);
ALTER TABLE ledger.checkpoints ALTER COLUMN edge SET STORAGE EXTERNAL;

CREATE TRIGGER nothing_changes
BEFORE UPDATE OR DELETE ON ledger.tiles
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.tiles ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.tiles
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.tiles ENABLE ALWAYS TRIGGER nothing_is_emptied;

CREATE TRIGGER nothing_changes
BEFORE UPDATE OR DELETE ON ledger.checkpoints
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER nothing_is_emptied;

GRANT SELECT, INSERT ON ledger.tiles, ledger.checkpoints TO onrecord_service;
