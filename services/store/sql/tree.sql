-- The tiles of the tree over the log, and what was signed of it.

-- name: full_tiles
SELECT coalesce(max(number) + 1, 0)
  FROM ledger.tiles
 WHERE level = %(level)s;

-- name: tile
SELECT hashes
  FROM ledger.tiles
 WHERE level = %(level)s AND number = %(number)s;

-- name: tiles
SELECT number, hashes, root
  FROM ledger.tiles
 WHERE level = %(level)s AND number >= %(first)s AND number < %(end)s
 ORDER BY number;

-- name: roots
SELECT root
  FROM ledger.tiles
 WHERE level = %(level)s AND number >= %(first)s AND number < %(end)s
 ORDER BY number;

-- name: add_tiles
-- Two processes that come to the same tile make the same of it.
INSERT INTO ledger.tiles (level, number, hashes, root)
SELECT level, number, hashes, root
  FROM unnest(%(levels)b::smallint[], %(numbers)b::bigint[], %(hashes)b::bytea[], %(roots)b::bytea[])
    AS made (level, number, hashes, root)
    ON CONFLICT DO NOTHING;

-- name: add_checkpoint
INSERT INTO ledger.checkpoints (size, verifier_key, root, edge, note)
VALUES (%(size)s, %(key)s, %(root)s, %(edge)s, %(note)s)
    ON CONFLICT DO NOTHING;

-- name: newest_checkpoint
SELECT size, verifier_key, root, edge, note, made
  FROM ledger.checkpoints
 ORDER BY size DESC, made DESC
 LIMIT 1;

-- name: checkpoint
-- One of this size; where several keys signed it, that of the key that signed last.
SELECT size, verifier_key, root, edge, note, made
  FROM ledger.checkpoints
 WHERE size = %(size)s
 ORDER BY made DESC
 LIMIT 1;

-- name: checkpoint_by
SELECT size, verifier_key, root, edge, note, made
  FROM ledger.checkpoints
 WHERE size = %(size)s AND verifier_key = %(key)s;

-- name: checkpoints
SELECT size, verifier_key, root, edge, note, made
  FROM ledger.checkpoints
 WHERE size > %(after)s
 ORDER BY size, made
 LIMIT %(limit)s;
