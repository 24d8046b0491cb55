-- The table, its index and its type are those of the eventsourcing library's PostgresApplicationRecorder (9.5) for a
-- recorder named `ledger` with text ids; a test compares. In our words: originator_id is the stream, originator_version
-- the revision, topic the stored name, notification_id the position.
-- Streams compare by their bytes: the index is faster, and a new version of the machine's locale cannot spoil it.
CREATE TABLE ledger.ledger_events (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    notification_id bigserial,
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);

CREATE UNIQUE INDEX ledger_events_notification_id_idx ON ledger.ledger_events (notification_id ASC);

CREATE TYPE ledger.stored_event_text AS (
    originator_id text,
    originator_version bigint,
    topic text,
    state bytea
);

-- Nine events in ten are claims. What is not one (the registry above all) is found without reading them, and recording
-- a claim costs nothing extra.
CREATE INDEX ledger_events_beside_claims_idx ON ledger.ledger_events (notification_id)
 WHERE topic <> 'claim-recorded.v1';

-- Reads when an event was recorded out of its stored bytes.
CREATE FUNCTION ledger.recorded_in(state bytea) RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog
RETURN (convert_from(state, 'UTF8')::jsonb ->> 'recorded')::timestamptz;

-- `recorded` never goes backwards with the position, so the last position recorded at or before a moment is found by
-- halving: everything up to `low` was recorded by then, nothing after `high` was.
CREATE FUNCTION ledger.position_at(moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog
AS $$
DECLARE
    low bigint := 0;
    high bigint;
    middle bigint;
    found bigint;
    found_recorded timestamptz;
BEGIN
    SELECT coalesce(max(notification_id), 0) INTO high FROM ledger.ledger_events;
    WHILE low < high LOOP
        middle := low + (high - low + 1) / 2;
        SELECT notification_id, ledger.recorded_in(state)
          INTO found, found_recorded
          FROM ledger.ledger_events
         WHERE notification_id BETWEEN middle AND high
         ORDER BY notification_id
         LIMIT 1;
        IF found IS NULL OR found_recorded > moment THEN
            high := middle - 1;
        ELSE
            low := found;
        END IF;
    END LOOP;
    RETURN low;
END
$$;
