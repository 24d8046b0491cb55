-- Who protected sources are, and nothing else in the program names this table but what backs it up and checks it.

-- name: identities
SELECT commitment, salt, body
  FROM ledger.identities
 WHERE commitment = ANY(%(commitments)b::text[]);

-- name: copy_identities
-- In binary form: a server that logs statements, or what was wrong with one, then has no word of it.
COPY ledger.identities (commitment, salt, body)
FROM STDIN (FORMAT BINARY);
