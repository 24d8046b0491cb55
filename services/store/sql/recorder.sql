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

-- name: confirm
-- With standbys that confirm each commit, what is read here may not have reached them yet: after a crash and a restart in
-- place, or on a primary that was replaced and does not know. A transaction that wrote waits for their word on it and on
-- all before it; one that only read would not, so this one writes a word into the log of the server, which nobody reads.
SELECT pg_logical_emit_message(true, 'onrecord', '')
 WHERE current_setting('synchronous_standby_names') <> '';
