-- What a caller's key stands for: the positions `first` to `position` were recorded under it, in one transaction with
-- it. A key whose command changed nothing stands for the latest event of the thing.
CREATE TABLE ledger.ledger_keys (
    key text COLLATE "C" PRIMARY KEY,
    fingerprint bytea NOT NULL,
    stream text COLLATE "C" NOT NULL,
    first bigint NOT NULL,
    position bigint NOT NULL CHECK (first <= position)
);

CREATE TRIGGER nothing_changes
BEFORE UPDATE OR DELETE ON ledger.ledger_keys
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.ledger_keys ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.ledger_keys
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.ledger_keys ENABLE ALWAYS TRIGGER nothing_is_emptied;

-- Words that may have to go. Events name them by their hash; an erased text keeps its row, so it cannot come back.
-- Only the first 100,000 code points are searched, since a tsvector holds 1 MB at most.
CREATE TABLE ledger.texts (
    sha256 text COLLATE "C" PRIMARY KEY,
    body text,
    erased_at bigint,
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, left(body, 100000))) STORED,
    CONSTRAINT held_or_erased CHECK ((body IS NULL) = (erased_at IS NOT NULL)),
    CONSTRAINT named_by_its_hash CHECK (body IS NULL OR sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex'))
);

CREATE INDEX texts_words_idx ON ledger.texts USING gin (words);

CREATE FUNCTION ledger.only_erase() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR NEW.sha256 <> OLD.sha256 THEN
        RAISE EXCEPTION 'a text is never changed, only erased'
            USING ERRCODE = 'restrict_violation', HINT = 'Call ledger.erase_text with the position of a text-erased event.';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nothing_changes
BEFORE UPDATE ON ledger.texts
FOR EACH ROW EXECUTE FUNCTION ledger.only_erase();
ALTER TABLE ledger.texts ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_goes
BEFORE DELETE ON ledger.texts
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.texts ENABLE ALWAYS TRIGGER nothing_goes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.texts
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.texts ENABLE ALWAYS TRIGGER nothing_is_emptied;

-- The one way out for a text, and it leads past the ledger: without an event that says so nothing is erased.
-- A text that was never held is marked as well, so that it cannot come in later.
CREATE FUNCTION ledger.erase_text(hash text, at bigint) RETURNS void
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
END
$$;
