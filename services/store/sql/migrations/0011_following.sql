-- A desk may follow another one: it began as a copy of it, up to `copied`, where both have the same events at the same
-- positions, and has taken in what the other recorded from then on, up to `position` (which is the other's). One row at
-- most. `refused` is the other's position that this desk could not take in, with why and since when: following waits.
CREATE TABLE ledger.followed (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    desk text COLLATE "C" NOT NULL,
    copied bigint NOT NULL CHECK (copied >= 0),
    position bigint NOT NULL CHECK (position >= copied),
    begun timestamptz NOT NULL DEFAULT clock_timestamp(),
    refused bigint CHECK (refused > 0),
    said text,
    since timestamptz,
    CHECK ((refused IS NULL) = (said IS NULL) AND (refused IS NULL) = (since IS NULL))
);

-- What somebody decided not to wait for: the other's position, why it was refused, and who decided.
CREATE TABLE ledger.passed_over (
    position bigint PRIMARY KEY,
    said text NOT NULL,
    by text NOT NULL,
    passed timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TRIGGER nothing_is_removed
BEFORE DELETE ON ledger.followed
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.followed ENABLE ALWAYS TRIGGER nothing_is_removed;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.followed
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.followed ENABLE ALWAYS TRIGGER nothing_is_emptied;

CREATE TRIGGER nothing_changes
BEFORE UPDATE OR DELETE ON ledger.passed_over
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.passed_over ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.passed_over
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.passed_over ENABLE ALWAYS TRIGGER nothing_is_emptied;

-- Whom it follows, and from where on, is settled by its owner when the desk is made.
GRANT SELECT ON ledger.followed TO onrecord_service;
GRANT UPDATE (position, refused, said, since) ON ledger.followed TO onrecord_service;
GRANT SELECT, INSERT ON ledger.passed_over TO onrecord_service;
