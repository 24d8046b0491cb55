-- name: take_order
-- Every writer holds this lock from before it looks at the ledger until its commit, so that positions become visible in
-- their order. The number is that of the trigger `order_is_kept`. It must be a statement of its own: what follows in the
-- same statement would not see what the last holder committed.
SELECT pg_advisory_xact_lock(7305804402018643521);

-- name: head
SELECT coalesce(max(notification_id), 0)
  FROM ledger.ledger_events;

-- name: insert_events
-- The position is given, since it is known under the lock: one behind the head.
INSERT INTO ledger.ledger_events (originator_id, originator_version, topic, state, notification_id)
SELECT *
  FROM unnest(
           %(streams)b::text[],
           %(revisions)b::bigint[],
           %(names)b::text[],
           %(states)b::bytea[],
           %(positions)b::bigint[]
       );

-- name: copy_events
COPY ledger.ledger_events (originator_id, originator_version, topic, state, notification_id)
FROM STDIN (FORMAT BINARY);

-- name: announce
-- After the commit, never in it: NOTIFY makes all commits of the server wait for one another.
NOTIFY ledger_events;

-- name: begin
-- Each statement sees what was committed before it, whatever the database's default is: what follows the lock must.
BEGIN ISOLATION LEVEL READ COMMITTED;

-- name: commit
COMMIT;
