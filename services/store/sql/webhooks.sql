-- Rules and webhooks are a desk's settings, and can be changed; deliveries say what became of each alert at each webhook.

-- name: rules
SELECT rule
  FROM ledger.alert_rules
 ORDER BY name;

-- name: keep_rule
-- Tells whether there was none of this name.
INSERT INTO ledger.alert_rules (name, rule)
VALUES (%(name)s, %(rule)s)
    ON CONFLICT (name) DO UPDATE
   SET rule = EXCLUDED.rule
RETURNING xmax = 0;

-- name: drop_rule
-- A rule that a webhook goes by stays.
DELETE FROM ledger.alert_rules
 WHERE name = %(name)s
   AND NOT EXISTS (SELECT FROM ledger.webhooks WHERE %(name)s = ANY(rules))
RETURNING name;

-- name: source
SELECT source
  FROM ledger.alerting;

-- name: webhooks
SELECT name, url, rules, note, enabled, said, salt, key_check, old_salt, old_until, after, made
  FROM ledger.webhooks
 ORDER BY name;

-- name: add_webhook
-- It begins with the alerts to come.
INSERT INTO ledger.webhooks (name, url, rules, note, enabled, salt, key_check, after, made)
SELECT %(name)s, %(url)s, %(rules)b::text[], %(note)s, %(enabled)s, %(salt)s, %(key_check)s,
       (SELECT coalesce(max(number), 0) FROM ledger.alerts), clock_timestamp()
    ON CONFLICT DO NOTHING
RETURNING name;

-- name: revise_webhook
UPDATE ledger.webhooks
   SET url = %(url)s, rules = %(rules)b::text[], note = %(note)s, enabled = %(enabled)s, said = NULL
 WHERE name = %(name)s
RETURNING name;

-- name: renew_secret
-- The secret before signs beside the new one for a day, so that a receiver can change over.
UPDATE ledger.webhooks
   SET salt = %(salt)s, key_check = %(key_check)s, old_salt = CASE WHEN key_check = %(key_check)s THEN salt END,
       old_until = clock_timestamp() + interval '1 day'
 WHERE name = %(name)s
RETURNING name;

-- name: switch_off
UPDATE ledger.webhooks
   SET enabled = false, said = %(said)s
 WHERE name = %(name)s;

-- name: drop_webhook
DELETE FROM ledger.webhooks
 WHERE name = %(name)s
RETURNING name;

-- name: add_deliveries
INSERT INTO ledger.deliveries (webhook, alert, state, due)
SELECT %(webhook)s, alert, 'pending', clock_timestamp()
  FROM unnest(%(alerts)b::bigint[]) AS alert
    ON CONFLICT DO NOTHING;

-- name: move_webhook
-- Only from where the deliveries that were added begin; otherwise somebody else has gone on.
UPDATE ledger.webhooks
   SET after = %(upto)s
 WHERE name = %(webhook)s AND after = %(after)s
RETURNING name;

-- name: due_deliveries
SELECT alert, attempts
  FROM ledger.deliveries
 WHERE webhook = %(webhook)s AND state = 'pending' AND due <= clock_timestamp()
 ORDER BY due, alert
 LIMIT %(limit)s;

-- name: delivered
UPDATE ledger.deliveries
   SET state = 'delivered', attempts = attempts + 1, status = %(status)s, said = NULL, ended = clock_timestamp()
 WHERE webhook = %(webhook)s AND alert = %(alert)s;

-- name: put_off
UPDATE ledger.deliveries
   SET attempts = attempts + 1, status = %(status)s, said = %(said)s,
       due = clock_timestamp() + make_interval(secs => %(pause)s)
 WHERE webhook = %(webhook)s AND alert = %(alert)s AND state = 'pending';

-- name: given_up
UPDATE ledger.deliveries
   SET state = 'dead', attempts = attempts + 1, status = %(status)s, said = %(said)s, ended = clock_timestamp()
 WHERE webhook = %(webhook)s AND alert = %(alert)s AND state = 'pending';

-- name: deliveries
SELECT d.alert, a.id, a.kind, d.state, d.attempts, d.due, d.status, d.said, d.ended
  FROM ledger.deliveries AS d
  JOIN ledger.alerts AS a ON a.number = d.alert
 WHERE d.webhook = %(webhook)s AND d.alert > %(after)s AND (%(state)s::text IS NULL OR d.state = %(state)s)
 ORDER BY d.alert
 LIMIT %(limit)s;

-- name: resend
-- Also what was delivered can be wanted once more; what is pending is only hurried.
UPDATE ledger.deliveries
   SET state = 'pending', attempts = 0, due = clock_timestamp(), ended = NULL
 WHERE webhook = %(webhook)s
   AND CASE WHEN %(alerts)b::bigint[] IS NULL THEN state = 'dead' ELSE alert = ANY(%(alerts)b::bigint[]) END
RETURNING alert;

-- name: counted
SELECT webhook, count(*) FILTER (WHERE state = 'pending' AND attempts = 0),
       count(*) FILTER (WHERE state = 'pending' AND attempts > 0), count(*) FILTER (WHERE state = 'dead')
  FROM ledger.deliveries
 WHERE state <> 'delivered'
 GROUP BY webhook
 ORDER BY webhook;
