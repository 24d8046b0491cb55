-- name: keys
SELECT key, fingerprint, stream, first, position
  FROM ledger.ledger_keys
 WHERE key = ANY(%(keys)b::text[]);

-- name: insert_keys
INSERT INTO ledger.ledger_keys (key, fingerprint, stream, first, position)
SELECT *
  FROM unnest(
           %(keys)b::text[],
           %(fingerprints)b::bytea[],
           %(streams)b::text[],
           %(firsts)b::bigint[],
           %(positions)b::bigint[]
       );

-- name: copy_keys
COPY ledger.ledger_keys (key, fingerprint, stream, first, position)
FROM STDIN (FORMAT BINARY);

-- name: texts
SELECT sha256, body
  FROM ledger.texts
 WHERE sha256 = ANY(%(hashes)b::text[]);

-- name: insert_texts
-- The same words may be said twice; and an erased text stays erased.
INSERT INTO ledger.texts (sha256, body)
SELECT *
  FROM unnest(%(hashes)b::text[], %(bodies)b::text[])
    ON CONFLICT (sha256) DO NOTHING;

-- name: erase_text
SELECT ledger.erase_text(%(sha256)s, %(position)s);
