-- What a backup reads, all of it in one transaction that sees one moment of the ledger; and how it is put back.

-- name: clock_in_order
-- An instant is given to events under the order lock, before they are committed: only who holds it, shared or not, knows
-- that no event of before this instant is still to come. A standby knows nothing of who writes.
SELECT clock_timestamp()
 WHERE NOT pg_is_in_recovery()
   AND pg_try_advisory_xact_lock_shared(7305804402018643521);

-- name: see_one_moment
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: moment
SELECT coalesce((SELECT max(notification_id) FROM ledger.ledger_events), 0),
       (SELECT array_agg(version || ' ' || checksum ORDER BY version) FROM ledger.migrations);

-- name: events
SELECT notification_id, originator_id, originator_version, topic, state
  FROM ledger.ledger_events
 WHERE notification_id > %(after)s AND notification_id <= %(upto)s
 ORDER BY notification_id
 LIMIT %(limit)s;

-- name: texts
SELECT to_json(one)::text
  FROM (SELECT sha256, body, erased_at FROM ledger.texts WHERE sha256 = ANY(%(hashes)s::text[]) ORDER BY sha256) AS one;

-- name: identities
-- In the clear, as the database has them: whoever has the backup has the names.
SELECT to_json(one)::text
  FROM (SELECT * FROM ledger.identities WHERE commitment = ANY(%(commitments)s::text[]) ORDER BY commitment) AS one;

-- name: last_key
-- The last one that was committed no later than the event at a position. Numbers go up with the positions of the events
-- that keys were recorded with; a key may stand for an older event, but never for one to come.
SELECT coalesce(
           (SELECT min(number) - 1 FROM ledger.ledger_keys WHERE number > %(after)s AND position > %(upto)s),
           (SELECT max(number) FROM ledger.ledger_keys WHERE number > %(after)s),
           %(after)s
       );

-- name: keys
SELECT one.number, to_json(one)::text
  FROM (
      SELECT key, fingerprint, stream, first, position, number
        FROM ledger.ledger_keys
       WHERE number > %(after)s AND number <= %(upto)s
       ORDER BY number
       LIMIT %(limit)s
  ) AS one;

-- name: checkpoints
-- Several may be of one size, each by a key of its own, and one of them may be later than the last backup.
SELECT one.size, to_json(one)::text
  FROM (SELECT * FROM ledger.checkpoints WHERE size >= %(after)s AND size <= %(upto)s ORDER BY size, verifier_key) AS one;

-- name: alerts
SELECT one.number, to_json(one)::text
  FROM (SELECT * FROM ledger.alerts WHERE number > %(after)s ORDER BY number LIMIT %(limit)s) AS one;

-- name: state
-- What is changed in place, and so is taken along whole. What was delivered is known by how far its webhook has come.
SELECT 'alerting', to_json(one)::text FROM ledger.alerting AS one
 UNION ALL
SELECT 'alerts_due', to_json(one)::text FROM ledger.alerts_due AS one
 UNION ALL
SELECT 'alert_rules', to_json(one)::text FROM ledger.alert_rules AS one
 UNION ALL
SELECT 'webhooks', to_json(one)::text FROM ledger.webhooks AS one
 UNION ALL
SELECT 'deliveries', to_json(one)::text FROM ledger.deliveries AS one WHERE state <> 'delivered'
 UNION ALL
SELECT 'followed', to_json(one)::text FROM ledger.followed AS one
 UNION ALL
SELECT 'passed_over', to_json(one)::text FROM ledger.passed_over AS one
 UNION ALL
-- Without when it was last used: else each run had news.
SELECT 'access_keys', to_json(one)::text
  FROM (SELECT name, role, digest, made, made_by, expires, revoked, revoked_by FROM ledger.access_keys) AS one;

-- name: is_owner
SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'ledger.ledger_events'::regclass;

-- name: is_empty
SELECT NOT EXISTS (SELECT FROM ledger.ledger_events)
   AND NOT EXISTS (SELECT FROM ledger.ledger_keys)
   AND NOT EXISTS (SELECT FROM ledger.texts)
   AND NOT EXISTS (SELECT FROM ledger.identities)
   AND NOT EXISTS (SELECT FROM ledger.alerts)
   AND NOT EXISTS (SELECT FROM ledger.alert_rules)
   AND NOT EXISTS (SELECT FROM ledger.webhooks);

-- name: restore_texts
-- The same text comes with each part of the backup that names it; one that was erased meanwhile stays erased.
INSERT INTO ledger.texts (sha256, body, erased_at)
SELECT DISTINCT ON (sha256) sha256, body, erased_at
  FROM json_populate_recordset(NULL::ledger.texts, %(rows)s::json)
 ORDER BY sha256, erased_at
    ON CONFLICT (sha256) DO UPDATE
   SET body = NULL, erased_at = excluded.erased_at
 WHERE excluded.erased_at IS NOT NULL AND ledger.texts.erased_at IS NULL;

-- name: restore_keys
INSERT INTO ledger.ledger_keys (key, fingerprint, stream, first, position, number)
OVERRIDING SYSTEM VALUE
SELECT key, fingerprint, stream, first, position, number
  FROM json_populate_recordset(NULL::ledger.ledger_keys, %(rows)s::json)
 WHERE position <= %(upto)s;

-- name: restore_checkpoints
INSERT INTO ledger.checkpoints
SELECT *
  FROM json_populate_recordset(NULL::ledger.checkpoints, %(rows)s::json)
 WHERE size <= %(upto)s
    ON CONFLICT DO NOTHING;

-- name: restore_alerts
INSERT INTO ledger.alerts
SELECT *
  FROM json_populate_recordset(NULL::ledger.alerts, %(rows)s::json)
 WHERE position <= %(upto)s
    ON CONFLICT DO NOTHING;

-- name: restore_alerting
-- Of an earlier moment it is not known which instants were waited for: they are found again when the picture is there.
-- Who puts a row in on the first start of a service takes second place.
DELETE FROM ledger.alerting;

-- name: restore_alerting_row
INSERT INTO ledger.alerting (only_one, position, seeded, begun, begun_at, source)
SELECT only_one, least(position, %(upto)s), seeded AND %(is_whole)s, begun, begun_at, source
  FROM json_populate_recordset(NULL::ledger.alerting, %(rows)s::json)
 WHERE begun_at <= %(upto)s;

-- name: restore_alerts_due
INSERT INTO ledger.alerts_due
SELECT *
  FROM json_populate_recordset(NULL::ledger.alerts_due, %(rows)s::json)
 WHERE %(is_whole)s;

-- name: restore_alert_rules
INSERT INTO ledger.alert_rules
SELECT *
  FROM json_populate_recordset(NULL::ledger.alert_rules, %(rows)s::json);

-- name: restore_webhooks
-- Switched off: a ledger that was restored for an exercise must not post what the true one has posted already.
INSERT INTO ledger.webhooks
SELECT name, url, rules, note, false, 'switched off, because the ledger was restored from a backup', salt, key_check,
       old_salt, old_until, least("after", (SELECT coalesce(max(number), 0) FROM ledger.alerts)), made
  FROM json_populate_recordset(NULL::ledger.webhooks, %(rows)s::json);

-- name: restore_deliveries
INSERT INTO ledger.deliveries
SELECT *
  FROM json_populate_recordset(NULL::ledger.deliveries, %(rows)s::json)
 WHERE alert <= (SELECT coalesce(max(number), 0) FROM ledger.alerts);

-- name: restore_access_keys
-- The first start in a new home has made a key of its own.
INSERT INTO ledger.access_keys (name, role, digest, made, made_by, expires, revoked, revoked_by)
SELECT name, role, digest, made, made_by, expires, revoked, revoked_by
  FROM json_populate_recordset(NULL::ledger.access_keys, %(rows)s::json)
    ON CONFLICT DO NOTHING;

-- name: restore_followed
-- Where it stood at an earlier moment is known by the keys of what was taken in, which were put back before.
INSERT INTO ledger.followed (desk, copied, position, begun, refused, said, since)
SELECT desk, least(copied, %(upto)s),
       CASE WHEN %(is_whole)s THEN position
            ELSE greatest(
                     least(copied, %(upto)s),
                     (SELECT split_part(max(key), ':', 3)::bigint
                        FROM ledger.ledger_keys
                       WHERE key >= 'desk:' || desk || ':' AND key < 'desk:' || desk || ';')
                 )
       END,
       begun, NULL, NULL, NULL
  FROM json_populate_recordset(NULL::ledger.followed, %(rows)s::json);

-- name: restore_passed_over
INSERT INTO ledger.passed_over
SELECT *
  FROM json_populate_recordset(NULL::ledger.passed_over, %(rows)s::json);

-- name: go_on_counting
SELECT setval(
           pg_get_serial_sequence('ledger.ledger_keys', 'number'),
           (SELECT coalesce(max(number), 0) + 1 FROM ledger.ledger_keys),
           false
       );
