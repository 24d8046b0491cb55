-- How a desk begins as a copy of another one, and how far it has followed it since.

-- name: hold
-- Of all processes that serve the desk one follows. A session's lock: it goes when its holder goes, however it dies.
SELECT pg_try_advisory_lock(hashtextextended('following', 0));

-- name: place
SELECT desk, copied, position, refused, said, since
  FROM ledger.followed;

-- name: move
UPDATE ledger.followed
   SET position = %(position)s, refused = NULL, said = NULL, since = NULL;

-- name: refuse
-- Since when it waits at this position, also when the reason has become another one.
UPDATE ledger.followed
   SET since = CASE WHEN refused = %(refused)s THEN since ELSE clock_timestamp() END,
       refused = %(refused)s,
       said = %(said)s;

-- name: passed_behind
SELECT position
  FROM ledger.passed_over
 WHERE position > %(after)s
 ORDER BY position;

-- name: passed_over
SELECT position, said, by, passed
  FROM ledger.passed_over
 ORDER BY position;

-- name: pass_over
-- Only what is refused now, so that nobody passes over what they have not read.
INSERT INTO ledger.passed_over (position, said, by)
SELECT refused, said, %(by)s
  FROM ledger.followed
 WHERE refused = %(position)s
    ON CONFLICT DO NOTHING
RETURNING position;

-- name: fingerprint
SELECT fingerprint
  FROM ledger.ledger_keys
 WHERE key = %(key)s;

-- name: stored_at
SELECT notification_id, topic, state
  FROM ledger.ledger_events
 WHERE notification_id = %(position)s;

-- name: position_of
-- Where this desk stood when it had all of the other up to a position: keys of what was taken in have the order of the
-- other's positions.
SELECT coalesce(max(position), 0)
  FROM ledger.ledger_keys
 WHERE key >= %(first)s AND key <= %(last)s;

-- name: stands
SELECT coalesce((SELECT max(notification_id) FROM ledger.ledger_events), 0),
       (SELECT array_agg(version || ' ' || checksum ORDER BY version) FROM ledger.migrations);

-- name: copy_events_out
COPY (
    SELECT originator_id, originator_version, topic, state, notification_id
      FROM ledger.ledger_events
     ORDER BY notification_id
) TO STDOUT (FORMAT BINARY);

-- name: copy_events_in
COPY ledger.ledger_events (originator_id, originator_version, topic, state, notification_id)
FROM STDIN (FORMAT BINARY);

-- name: copy_keys_out
COPY (SELECT key, fingerprint, stream, first, position, number FROM ledger.ledger_keys ORDER BY number)
TO STDOUT (FORMAT BINARY);

-- name: copy_keys_in
COPY ledger.ledger_keys (key, fingerprint, stream, first, position, number)
FROM STDIN (FORMAT BINARY);

-- name: copy_texts_out
COPY (SELECT sha256, body, erased_at FROM ledger.texts) TO STDOUT (FORMAT BINARY);

-- name: copy_texts_in
COPY ledger.texts (sha256, body, erased_at) FROM STDIN (FORMAT BINARY);

-- name: copy_tiles_out
COPY (SELECT level, number, hashes, root FROM ledger.tiles) TO STDOUT (FORMAT BINARY);

-- name: copy_tiles_in
COPY ledger.tiles (level, number, hashes, root) FROM STDIN (FORMAT BINARY);

-- name: begin_to_follow
INSERT INTO ledger.followed (desk, copied, position)
VALUES (%(desk)s, %(position)s, %(position)s);

-- name: alert_from_here_on
-- A service that has seen the empty desk before would find all that was copied new.
UPDATE ledger.alerting
   SET position = %(position)s, begun_at = %(position)s, seeded = false;

-- name: own_events
-- What was recorded here and not taken in. By whom stands at the beginning of the stored bytes, within which a text's
-- own quotation marks have a backslash before them.
SELECT notification_id, topic, state
  FROM ledger.ledger_events
 WHERE notification_id > %(after)s
   AND position(%(by)s::bytea IN substring(state FOR 300)) = 0
 ORDER BY notification_id
 LIMIT %(limit)s;
