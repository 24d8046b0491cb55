-- name: lock
-- Held by the session until it ends: two services that start at once migrate one after the other.
SELECT pg_advisory_lock(7305804402018643520);

-- name: prepare
-- The list of what was applied is there before the first migration; the schema belongs to whoever migrates.
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE TABLE IF NOT EXISTS ledger.migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- name: applied
SELECT version, name, checksum
  FROM ledger.migrations
 ORDER BY version;

-- name: record
INSERT INTO ledger.migrations (version, name, checksum)
VALUES (%(version)s, %(name)s, %(checksum)s);

-- name: exists
SELECT to_regclass('ledger.migrations') IS NOT NULL;

-- name: settle
-- Rights on a database are not part of a dump or of a copy by template, so they are given again every time.
-- A replay builds its tables in a schema of its own, for which the service needs CREATE.
DO $$
BEGIN
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO onrecord_service', current_database());
    IF NOT has_database_privilege('onrecord_service', current_database(), 'CREATE') THEN
        RAISE EXCEPTION 'onrecord_service may not create schemas in the database %', current_database()
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('Let its owner run: GRANT CREATE ON DATABASE %I TO onrecord_service', current_database());
    END IF;
END
$$;
