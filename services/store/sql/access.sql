-- Who may come in: keys by name. What is looked for is the hash of a key, which nobody can make without it.

-- name: keys
SELECT name, role, made, made_by, expires, revoked, revoked_by, last_used
  FROM ledger.access_keys
 ORDER BY name;

-- name: key_named
SELECT name, role, made, made_by, expires, revoked, revoked_by, last_used
  FROM ledger.access_keys
 WHERE name = %(name)s;

-- name: key_of
SELECT name, role, made, made_by, expires, revoked, revoked_by, last_used
  FROM ledger.access_keys
 WHERE digest = %(digest)s;

-- name: add_key
INSERT INTO ledger.access_keys (name, role, digest, made_by, expires)
VALUES (%(name)s, %(role)s, %(digest)s, %(made_by)s, %(expires)s)
    ON CONFLICT (name) DO NOTHING
RETURNING name;

-- name: revoke_key
UPDATE ledger.access_keys
   SET revoked = clock_timestamp(), revoked_by = %(revoked_by)s
 WHERE name = %(name)s AND revoked IS NULL
RETURNING name;

-- name: key_used
-- Of many processes that find this at the same moment one writes it down, and nobody waits for another.
UPDATE ledger.access_keys
   SET last_used = clock_timestamp()
 WHERE name = (
           SELECT name
             FROM ledger.access_keys
            WHERE name = %(name)s
              AND (last_used IS NULL OR last_used < clock_timestamp() - interval '50 seconds')
              FOR UPDATE SKIP LOCKED
       )
RETURNING name;
