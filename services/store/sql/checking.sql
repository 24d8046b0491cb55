-- What verifying asks of the tables themselves. {stored} is put in as a quoted name.

-- name: is_there
SELECT to_regclass(%(table)s) IS NOT NULL;

-- name: doubled_rows
-- Who can drop a primary key can also put a row in twice, and whoever asks would get both.
SELECT key, since, count(*)
  FROM {stored}
 GROUP BY key, since
HAVING count(*) > 1
 ORDER BY since, key
 LIMIT %(limit)s;

-- name: keys_without_event
-- A key stands for the event that was recorded under it, in the same transaction.
SELECT key, position
  FROM ledger.ledger_keys AS used
 WHERE NOT EXISTS (SELECT FROM ledger.ledger_events WHERE notification_id = used.position)
 ORDER BY position
 LIMIT %(limit)s;

-- name: identities_changed
-- An identity is kept under the SHA-256 of its salt and its body.
SELECT commitment
  FROM ledger.identities
 WHERE commitment IS DISTINCT FROM encode(sha256(salt || convert_to(body, 'UTF8')), 'hex')
 ORDER BY commitment
 LIMIT %(limit)s;

-- name: texts_changed
-- A text is kept under the SHA-256 of its bytes; one that was erased has none.
SELECT sha256
  FROM ledger.texts
 WHERE body IS NOT NULL AND sha256 <> encode(sha256(convert_to(body, 'UTF8')), 'hex')
 ORDER BY sha256
 LIMIT %(limit)s;
