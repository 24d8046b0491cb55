-- Views: the tables of the projections, and where each of them stands.
-- {table} and {schema} are put in as quoted names. Names without a schema are found by search_path, so that one
-- statement serves the table in use (schema views), one that a replay builds (schema replay_…) and one that is only
-- built to be compared (pg_temp).

-- name: take_setup_turn
-- Two processes that start at once would both find nothing and both make it.
SELECT pg_advisory_xact_lock(hashtextextended('onrecord set-up of the views', 0));

-- name: make_projections
CREATE TABLE IF NOT EXISTS views.projections (
    name text NOT NULL,
    place text NOT NULL,
    version integer NOT NULL,
    generation integer NOT NULL,
    checkpoint bigint NOT NULL,
    state text NOT NULL,
    error text,
    error_position bigint,
    PRIMARY KEY (name, place)
);
-- How a replay goes, for whoever asks, in whatever process: `goal` is the position that building goes to, `run_from` the
-- position at which the run began that is under way or was the last, `seen` when it last gave a sign of life.
CREATE TABLE IF NOT EXISTS views.replays (
    name text NOT NULL,
    place text NOT NULL,
    phase text NOT NULL,
    shares integer NOT NULL,
    goal bigint NOT NULL,
    began timestamptz NOT NULL,
    began_by text NOT NULL,
    run_began timestamptz NOT NULL,
    run_from double precision NOT NULL,
    seen timestamptz NOT NULL,
    error text,
    error_position bigint,
    comparison text,
    PRIMARY KEY (name, place)
);
-- Where each share of a replay stands while several processes build it; `worker` is the process.
CREATE TABLE IF NOT EXISTS views.replay_shares (
    name text NOT NULL,
    place text NOT NULL,
    share integer NOT NULL,
    checkpoint bigint NOT NULL,
    worker integer,
    error text,
    error_position bigint,
    PRIMARY KEY (name, place, share)
);

-- name: settle_in
-- For this transaction only. Rows lost in a crash are folded again from the checkpoint that is lost with them, so nobody
-- need wait for the disk. A step may think for long between two statements; only its own view waits for it.
SELECT set_config('search_path', %(path)s, true),
       set_config('synchronous_commit', 'off', true),
       set_config('idle_in_transaction_session_timeout', '10min', true);

-- name: look_in
-- From here on in this transaction.
SELECT set_config('search_path', %(path)s, true);

-- name: see_one_moment
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: be_patient_for
SELECT set_config('lock_timeout', %(patience)s, true);

-- name: hold
-- A session's lock: it goes when its holder goes, however it dies.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 0));

-- name: notice_our_death
SELECT set_config('client_connection_check_interval', '1s', false);

-- name: let_go
SELECT pg_advisory_unlock(hashtextextended(%(name)s, 0));

-- name: places
-- What several processes build has come as far as the last of them.
SELECT name, place, version, generation,
       coalesce((SELECT min(share.checkpoint)
                   FROM views.replay_shares AS share
                  WHERE share.name = kept.name AND share.place = kept.place), checkpoint) AS checkpoint,
       state, error, error_position
  FROM views.projections AS kept
 ORDER BY name, place;

-- name: generations
SELECT generation
  FROM views.projections
 WHERE place = 'views' AND name = ANY(%(names)s)
 ORDER BY name;

-- name: lock_place
-- One writer at a time: the projector's next batch and the switch of a replay wait for each other here.
SELECT name, place, version, generation, checkpoint, state, error, error_position
  FROM views.projections
 WHERE name = %(name)s AND place = %(place)s
   FOR UPDATE;

-- name: enter_place
INSERT INTO views.projections (name, place, version, generation, checkpoint, state)
VALUES (%(name)s, %(place)s, %(version)s, 1, 0, %(state)s)
    ON CONFLICT (name, place) DO NOTHING;

-- name: leave_place
DELETE FROM views.projections
 WHERE name = %(name)s AND place = %(place)s;

-- name: move_checkpoint
UPDATE views.projections
   SET checkpoint = %(checkpoint)s
 WHERE name = %(name)s AND place = %(place)s;

-- name: say_state
UPDATE views.projections
   SET state = %(state)s, error = %(error)s, error_position = %(error_position)s
 WHERE name = %(name)s AND place = %(place)s;

-- name: enter_retired
-- The version before the switch, as it was.
INSERT INTO views.projections (name, place, version, generation, checkpoint, state)
SELECT name, %(retired)s, version, generation, checkpoint, 'retired'
  FROM views.projections
 WHERE name = %(name)s AND place = 'views'
    ON CONFLICT (name, place) DO UPDATE
   SET version = EXCLUDED.version, generation = EXCLUDED.generation, checkpoint = EXCLUDED.checkpoint;

-- name: renew_place
-- Set anew by a switch: the table under this name is another one from here on.
UPDATE views.projections
   SET version = %(version)s, generation = generation + 1, checkpoint = %(checkpoint)s, state = 'running',
       error = NULL, error_position = NULL
 WHERE name = %(name)s AND place = 'views';

-- name: make_schema
CREATE SCHEMA {schema};

-- name: drop_schema
DROP SCHEMA IF EXISTS {schema} CASCADE;

-- name: analyze_table
ANALYZE {table};

-- name: default_table
-- For a projection that has no SQL file beside it: its rows are found by their key.
CREATE TABLE {table} (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    PRIMARY KEY (key, since)
);

-- name: default_index
-- The state in force is one seek away, however long the history of its key.
CREATE UNIQUE INDEX ON {table} (key) WHERE until IS NULL;

-- name: move_table
-- Its indexes go with it.
ALTER TABLE IF EXISTS {table} SET SCHEMA {schema};

-- name: analyze_table
-- Without it the planner would know nothing of a table that is asked the moment it is in use.
ANALYZE {table};

-- name: columns_of
SELECT attname
  FROM pg_attribute
 WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
 ORDER BY attnum;

-- name: rows_in_force
-- The parameters of lists are sent in binary (b): as text each member of them would be quoted by itself.
SELECT key, since, state
  FROM {table}
 WHERE key = ANY(%(keys)b::text[]) AND until IS NULL;

-- name: rows_in_force_by
-- The same, found by another column than the key.
SELECT key, since, state
  FROM {table}
 WHERE {column} = ANY(%(values)b::text[]) AND until IS NULL;

-- name: end_rows
-- A key has one row in force, and while a replay brings the rows in, only these have an index.
UPDATE {table} AS held
   SET until = ended.until
  FROM unnest(%(keys)b::text[], %(sinces)b::bigint[], %(untils)b::bigint[]) AS ended (key, since, until)
 WHERE held.key = ended.key AND held.until IS NULL AND held.since = ended.since;

-- name: add_rows
COPY {table} ({columns}) FROM STDIN;

-- name: differing_rows
-- What the ledger folds to, held against what is stored, as both were at one position. Rows are compared whole.
  WITH folded AS (SELECT key, since, CASE WHEN until <= %(as_of)s THEN until END AS until, to_jsonb(f) - 'until' AS row
                    FROM {folded} AS f
                   WHERE since <= %(as_of)s),
       stored AS (SELECT key, since, CASE WHEN until <= %(as_of)s THEN until END AS until, to_jsonb(s) - 'until' AS row
                    FROM {stored} AS s
                   WHERE since <= %(as_of)s)
SELECT key, since,
       CASE WHEN stored.row IS NULL THEN 'missing' WHEN folded.row IS NULL THEN 'too many' ELSE 'different' END
  FROM folded FULL JOIN stored USING (key, since)
 WHERE folded.row IS DISTINCT FROM stored.row OR folded.until IS DISTINCT FROM stored.until
 ORDER BY since, key
 LIMIT %(limit)s;

-- name: rows_beyond
SELECT count(*)
  FROM {stored}
 WHERE since > %(checkpoint)s OR until > %(checkpoint)s;
