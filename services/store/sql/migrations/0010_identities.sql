-- Who protected sources are: events hold the commitment, and nobody who reads events can come from it to a name. It is
-- the SHA-256 of 32 bytes of chance and the body, which is JSON in its canonical form with the source's slug, the name
-- and the note. Rows come by COPY in binary form, which no server writes to its log: neither as the parameters of a
-- statement nor with an error. So nothing here is a CHECK or NOT NULL, whose errors would show the row.
CREATE TABLE ledger.identities (
    commitment text COLLATE "C" PRIMARY KEY,
    salt bytea,
    body text
);

CREATE FUNCTION ledger.keep_identity() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF octet_length(NEW.salt) IS DISTINCT FROM 32
       OR NEW.commitment IS DISTINCT FROM encode(sha256(NEW.salt || convert_to(NEW.body, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'an identity does not fit its commitment' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- One that was erased stays erased, and each part of a backup that names it brings it again.
    IF EXISTS (SELECT FROM ledger.texts WHERE sha256 = NEW.commitment AND erased_at IS NOT NULL)
       OR EXISTS (SELECT FROM ledger.identities WHERE commitment = NEW.commitment) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER it_fits_its_commitment
BEFORE INSERT ON ledger.identities
FOR EACH ROW EXECUTE FUNCTION ledger.keep_identity();
ALTER TABLE ledger.identities ENABLE ALWAYS TRIGGER it_fits_its_commitment;

CREATE TRIGGER nothing_changes
BEFORE UPDATE ON ledger.identities
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.identities ENABLE ALWAYS TRIGGER nothing_changes;

CREATE FUNCTION ledger.only_erased_identities() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.texts WHERE sha256 = OLD.commitment AND erased_at IS NOT NULL) THEN
        RAISE EXCEPTION 'an identity is never changed, only erased'
            USING ERRCODE = 'restrict_violation', HINT = 'Call ledger.erase_text with the position of a text-erased event.';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER nothing_goes
BEFORE DELETE ON ledger.identities
FOR EACH ROW EXECUTE FUNCTION ledger.only_erased_identities();
ALTER TABLE ledger.identities ENABLE ALWAYS TRIGGER nothing_goes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.identities
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.identities ENABLE ALWAYS TRIGGER nothing_is_emptied;

-- As before, and with a text of that name goes an identity of that commitment.
CREATE OR REPLACE FUNCTION ledger.erase_text(hash text, at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT
          FROM ledger.ledger_events
         WHERE notification_id = at
           AND originator_id = 'text/' || hash
           AND topic LIKE 'text-erased.v%'
    ) THEN
        RAISE EXCEPTION 'the event at position % does not erase the text %', at, hash;
    END IF;
    INSERT INTO ledger.texts (sha256, body, erased_at)
    VALUES (hash, NULL, at)
    ON CONFLICT (sha256) DO UPDATE
       SET body = NULL, erased_at = excluded.erased_at
     WHERE ledger.texts.erased_at IS NULL;
    DELETE FROM ledger.identities WHERE commitment = hash;
END
$$;

REVOKE ALL ON FUNCTION ledger.keep_identity() FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.only_erased_identities() FROM PUBLIC;
GRANT SELECT, INSERT ON ledger.identities TO onrecord_service;
