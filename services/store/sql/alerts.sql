-- Alerts: what was told, how far alerting has come, and which instants are waited for.

-- name: hold
-- A session's lock: it goes when its holder goes, however it dies.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 0));

-- name: look
SELECT true;

-- name: begin_alerting
INSERT INTO ledger.alerting (position, seeded, begun, begun_at)
SELECT coalesce(max(notification_id), 0), max(notification_id) IS NULL, clock_timestamp(),
       coalesce(max(notification_id), 0)
  FROM ledger.ledger_events
    ON CONFLICT DO NOTHING;

-- name: index_picture
-- A picture that was made before there were alerts has no index by position.
CREATE INDEX IF NOT EXISTS picture_since ON views.picture (since) WHERE axis <> 'source';
CREATE INDEX IF NOT EXISTS picture_until ON views.picture (until) WHERE until IS NOT NULL AND axis <> 'source';

-- name: alerting
SELECT position, seeded
  FROM ledger.alerting;

-- name: lock_alerting
-- Whoever writes alerts waits here for whoever else does.
SELECT position, seeded
  FROM ledger.alerting
   FOR UPDATE;

-- name: seed_beliefs
INSERT INTO ledger.alerts_due (instant, kind, subject)
SELECT DISTINCT bounds.bound, 'belief', kept.question
  FROM views.picture AS kept
 CROSS JOIN LATERAL (VALUES (kept.valid_from), (kept.valid_to)) AS bounds (bound)
 WHERE kept.axis <> 'source'
   AND kept.since <= %(position)s AND (kept.until IS NULL OR kept.until > %(position)s)
   AND bounds.bound > clock_timestamp()
    ON CONFLICT DO NOTHING;

-- name: claims_to_come
-- Claims that stand, of which some time lies ahead.
SELECT key
  FROM views.claims
 WHERE until IS NULL AND recorded <= %(position)s AND (ended IS NULL OR ended > %(position)s)
   AND (valid_from > clock_timestamp() OR valid_to > clock_timestamp());

-- name: turned
-- What the picture in use began to say, or ceased to say, at the positions in (after, upto].
SELECT since, true, state
  FROM views.picture
 WHERE axis <> 'source' AND since > %(after)s AND since <= %(upto)s
 UNION ALL
SELECT until, false, state
  FROM views.picture
 WHERE axis <> 'source' AND until IS NOT NULL AND until > %(after)s AND until <= %(upto)s;

-- name: due_upto
SELECT instant, kind, subject
  FROM ledger.alerts_due
 WHERE instant <= %(upto)s
 ORDER BY instant, kind, subject;

-- name: is_due
SELECT EXISTS (SELECT FROM ledger.alerts_due WHERE instant <= clock_timestamp());

-- name: clock_and_head
-- Under the order lock: whatever is recorded later is recorded at this instant or after it.
SELECT clock_timestamp(), coalesce(max(notification_id), 0)
  FROM ledger.ledger_events;

-- name: add_alerts
INSERT INTO ledger.alerts (number, id, kind, position, instant, body)
SELECT last.number + row_number() OVER (ORDER BY fresh.place), fresh.id, fresh.kind, fresh.position, fresh.instant,
       fresh.body
  FROM unnest(
           %(ids)b::text[], %(kinds)b::text[], %(positions)b::bigint[], %(instants)b::timestamptz[], %(bodies)b::text[]
       ) WITH ORDINALITY AS fresh (id, kind, position, instant, body, place)
 CROSS JOIN (SELECT coalesce(max(number), 0) AS number FROM ledger.alerts) AS last
 WHERE NOT EXISTS (SELECT FROM ledger.alerts AS told WHERE told.id = fresh.id);

-- name: add_due
INSERT INTO ledger.alerts_due (instant, kind, subject)
SELECT *
  FROM unnest(%(instants)b::timestamptz[], %(kinds)b::text[], %(subjects)b::text[])
    ON CONFLICT DO NOTHING;

-- name: drop_due
DELETE FROM ledger.alerts_due AS due
 USING unnest(%(instants)b::timestamptz[], %(kinds)b::text[], %(subjects)b::text[]) AS gone (instant, kind, subject)
 WHERE due.instant = gone.instant AND due.kind = gone.kind AND due.subject = gone.subject;

-- name: move_alerting
UPDATE ledger.alerting
   SET position = %(position)s, seeded = true;

-- name: alerts_after
SELECT number, id, kind, position, instant, body
  FROM ledger.alerts
 WHERE number > %(after)s
 ORDER BY number
 LIMIT %(limit)s;

-- name: alerts_numbered
SELECT number, id, kind, position, instant, body
  FROM ledger.alerts
 WHERE number = ANY(%(numbers)b::bigint[])
 ORDER BY number;

-- name: last_number
SELECT coalesce(max(number), 0)
  FROM ledger.alerts;

-- name: kinds_counted
-- Behind a number only: who counts every few seconds has counted the others.
SELECT kind, count(*), max(number)
  FROM ledger.alerts
 WHERE number > %(after)s
 GROUP BY kind;

-- name: counted
-- How far alerting has come (null: it was never switched on), and how many alerts there are.
SELECT (SELECT position FROM ledger.alerting), (SELECT coalesce(max(number), 0) FROM ledger.alerts);
