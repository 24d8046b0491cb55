-- Who may come in. A key is random, and only its SHA-256 is here. Events name keys (`key:NAME`), so a name stands for one
-- key for ever: keys are revoked, never removed, and of a key nothing changes but its end and when it was last used.
CREATE TABLE ledger.access_keys (
    name text COLLATE "C" PRIMARY KEY,
    role text COLLATE "C" NOT NULL CHECK (role IN ('reader', 'reporter', 'editor', 'engineer', 'admin')),
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    made timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL,
    expires timestamptz,
    revoked timestamptz,
    revoked_by text,
    last_used timestamptz,
    CHECK ((revoked IS NULL) = (revoked_by IS NULL))
);

CREATE FUNCTION ledger.refuse_another_key() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF (NEW.name, NEW.role, NEW.digest, NEW.made, NEW.made_by) IS DISTINCT FROM
       (OLD.name, OLD.role, OLD.digest, OLD.made, OLD.made_by)
       OR NEW.expires IS DISTINCT FROM OLD.expires
       OR (OLD.revoked IS NOT NULL
           AND (NEW.revoked, NEW.revoked_by) IS DISTINCT FROM (OLD.revoked, OLD.revoked_by)) THEN
        RAISE EXCEPTION 'a key stays what it was made, and revoked once it was'
            USING ERRCODE = 'restrict_violation', HINT = 'Revoke it, and make another one.';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_key_stays_what_it_is
BEFORE UPDATE ON ledger.access_keys
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_another_key();
ALTER TABLE ledger.access_keys ENABLE ALWAYS TRIGGER a_key_stays_what_it_is;

CREATE TRIGGER nothing_is_removed
BEFORE DELETE ON ledger.access_keys
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.access_keys ENABLE ALWAYS TRIGGER nothing_is_removed;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.access_keys
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.access_keys ENABLE ALWAYS TRIGGER nothing_is_emptied;

REVOKE ALL ON FUNCTION ledger.refuse_another_key() FROM PUBLIC;
GRANT SELECT, INSERT ON ledger.access_keys TO onrecord_service;
GRANT UPDATE (revoked, revoked_by, last_used) ON ledger.access_keys TO onrecord_service;
