-- The rows of any view, whatever else its table has. {table} is put in as a quoted name.

-- name: rows
-- In force at a position. From key to key by one seek each in the primary key, and one more for the row of that moment:
-- what a key was before, however much of it there is, is stepped over. The seeks come in the order of the keys, and stop
-- when there are enough rows.
WITH RECURSIVE named AS (
    (SELECT key FROM {table} WHERE key > %(after)s ORDER BY key LIMIT 1)
     UNION ALL
    SELECT (SELECT following.key FROM {table} AS following WHERE following.key > named.key ORDER BY following.key LIMIT 1)
      FROM named
     WHERE named.key IS NOT NULL
)
SELECT found.key, found.since, found.state
  FROM named
 CROSS JOIN LATERAL (SELECT key, since, until, state
                       FROM {table} AS kept
                      WHERE kept.key = named.key AND kept.since <= %(as_of)s
                      ORDER BY kept.since DESC
                      LIMIT 1) AS found
 WHERE found.until IS NULL OR found.until > %(as_of)s
 LIMIT %(limit)s;

-- name: row
SELECT key, since, state
  FROM {table}
 WHERE key = %(key)s AND since <= %(as_of)s AND (until IS NULL OR until > %(as_of)s);
