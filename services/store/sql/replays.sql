-- Replays: how far each is, what was built by how many, whether it may take the place of what is in use.
-- {table} and {schema} are put in as quoted names.

-- name: begin_replay
INSERT INTO views.replays (name, place, phase, shares, goal, began, began_by, run_began, run_from, seen)
VALUES (%(name)s, %(place)s, 'building', %(shares)s, %(goal)s, clock_timestamp(), %(by)s, clock_timestamp(), 0,
        clock_timestamp())
    ON CONFLICT (name, place) DO UPDATE
   SET phase = EXCLUDED.phase, shares = EXCLUDED.shares, goal = EXCLUDED.goal, began = EXCLUDED.began,
       began_by = EXCLUDED.began_by, run_began = EXCLUDED.run_began, run_from = 0, seen = EXCLUDED.seen, error = NULL,
       error_position = NULL, comparison = NULL;

-- name: begin_share
INSERT INTO views.replay_shares (name, place, share, checkpoint)
VALUES (%(name)s, %(place)s, %(share)s, 0);

-- name: begun
SELECT began, shares, phase, goal
  FROM views.replays
 WHERE name = %(name)s AND place = %(place)s;

-- name: resume_replay
-- What is left to do is measured from here on.
UPDATE views.replays AS kept
   SET run_began = clock_timestamp(), seen = clock_timestamp(), began_by = %(by)s, error = NULL, error_position = NULL,
       run_from = coalesce((SELECT avg(share.checkpoint)
                              FROM views.replay_shares AS share
                             WHERE share.name = kept.name AND share.place = kept.place),
                           (SELECT checkpoint
                              FROM views.projections AS stands
                             WHERE stands.name = kept.name AND stands.place = kept.place), 0)
 WHERE name = %(name)s AND place = %(place)s;

-- name: say_phase
UPDATE views.replays
   SET phase = %(phase)s, seen = clock_timestamp()
 WHERE name = %(name)s AND place = %(place)s;

-- name: say_goal
UPDATE views.replays
   SET goal = %(goal)s, seen = clock_timestamp()
 WHERE name = %(name)s AND place = %(place)s;

-- name: raise_goal
-- Said by a process that builds: one that slept may find a later replay in the place of its own.
UPDATE views.replays
   SET goal = greatest(goal, %(goal)s), seen = clock_timestamp()
 WHERE name = %(name)s AND place = %(place)s AND began = %(began)s AND phase = 'building';

-- name: end_building
UPDATE views.projections
   SET state = %(state)s, error = %(error)s
 WHERE name = %(name)s AND place = %(place)s AND state = 'building'
RETURNING place;

-- name: say_cancelled
UPDATE views.projections
   SET state = 'cancelled'
 WHERE name = %(name)s AND place = %(place)s
RETURNING place;

-- name: say_replay_failed
UPDATE views.replays
   SET error = %(error)s, error_position = %(error_position)s, seen = clock_timestamp()
 WHERE name = %(name)s AND place = %(place)s;

-- name: keep_comparison
UPDATE views.replays
   SET comparison = %(comparison)s
 WHERE name = %(name)s AND place = %(place)s;

-- name: say_seen
UPDATE views.replays
   SET seen = clock_timestamp()
 WHERE name = %(name)s AND place = %(place)s;

-- name: leave_replay
DELETE FROM views.replays
 WHERE name = %(name)s AND place = %(place)s;

-- name: leave_shares
DELETE FROM views.replay_shares
 WHERE name = %(name)s AND place = %(place)s;

-- name: lock_share
-- `began` tells this replay from a later one under the same name, which a process that slept may find in its place.
SELECT share.checkpoint
  FROM views.replay_shares AS share
  JOIN views.replays AS kept USING (name, place)
  JOIN views.projections AS stands USING (name, place)
 WHERE share.name = %(name)s AND share.place = %(place)s AND share.share = %(share)s
   AND kept.began = %(began)s AND stands.state = 'building'
   FOR UPDATE OF share;

-- name: move_share
UPDATE views.replay_shares
   SET checkpoint = %(checkpoint)s
 WHERE name = %(name)s AND place = %(place)s AND share = %(share)s;

-- name: say_worker
UPDATE views.replay_shares
   SET worker = %(worker)s, error = NULL, error_position = NULL
 WHERE name = %(name)s AND place = %(place)s AND share = %(share)s;

-- name: say_share_failed
UPDATE views.replay_shares
   SET error = %(error)s, error_position = %(error_position)s
 WHERE name = %(name)s AND place = %(place)s AND share = %(share)s;

-- name: shares
SELECT share, checkpoint, worker, error, error_position
  FROM views.replay_shares
 WHERE name = %(name)s AND place = %(place)s
 ORDER BY share;

-- name: are_set_up
SELECT to_regclass('views.replay_shares') IS NOT NULL;

-- name: replays
-- Whether somebody runs a replay is told by its lock, which goes with its holder; the two numbers are those that
-- pg_locks shows of it. What was switched stands nowhere any more: it reached its goal.
SELECT kept.name, kept.place, kept.phase, kept.shares, kept.goal, kept.began, kept.began_by, kept.run_from,
       extract(epoch FROM kept.seen - kept.run_began)::double precision AS seconds, kept.error, kept.error_position,
       kept.comparison, coalesce(built.least, stands.checkpoint, kept.goal) AS position,
       coalesce(built.mean, stands.checkpoint, kept.goal)::double precision AS taken,
       coalesce(built.reached, '{}') AS reached, coalesce(built.workers, '{}') AS workers,
       EXISTS (SELECT
                 FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND (classid::bigint << 32 | objid::bigint) = hashtextextended('replay of ' || kept.place, 0)
              ) AS running
  FROM views.replays AS kept
  LEFT JOIN views.projections AS stands USING (name, place)
  LEFT JOIN LATERAL (
           SELECT min(share.checkpoint) AS least, avg(share.checkpoint) AS mean,
                  array_agg(share.checkpoint ORDER BY share.share) AS reached,
                  array_agg(share.worker ORDER BY share.share) AS workers
             FROM views.replay_shares AS share
            WHERE share.name = kept.name AND share.place = kept.place
       ) AS built ON true
 ORDER BY kept.name, kept.place;

-- name: faulty_rows
-- What no fold can leave behind: two rows of a key in force at once, a row that ends before it begins, or one that knows
-- more than was taken in. Whatever ends while the next row of its key is there ended where that begins, or before.
SELECT key, since, fault, count(*) OVER ()
  FROM (SELECT key, since,
               CASE WHEN since < 1 OR since > %(checkpoint)s OR until > %(checkpoint)s THEN 'beyond what was taken in'
                    WHEN until <= since THEN 'ended before it began'
                    WHEN until IS NULL AND next IS NOT NULL THEN 'not ended where the next one begins'
                    WHEN until > next THEN 'in force together with the next one'
               END AS fault
          FROM (SELECT key, since, until, lead(since) OVER (PARTITION BY key ORDER BY since) AS next
                  FROM {table}) AS rows) AS judged
 WHERE fault IS NOT NULL
 ORDER BY since, key
 LIMIT %(limit)s;

-- name: compared_rows
-- How many keys differ between what was built and what is in use, as both were at one position, and the first of them.
  WITH built AS (SELECT key, since, CASE WHEN until <= %(as_of)s THEN until END AS until, to_jsonb(b) - 'until' AS row
                   FROM {built} AS b
                  WHERE since <= %(as_of)s),
       used AS (SELECT key, since, CASE WHEN until <= %(as_of)s THEN until END AS until, to_jsonb(u) - 'until' AS row
                  FROM {used} AS u
                 WHERE since <= %(as_of)s),
       differing AS (SELECT key, min(since) AS since, bool_and(used.row IS NULL) AS is_more,
                            bool_and(built.row IS NULL) AS is_less
                       FROM built FULL JOIN used USING (key, since)
                      WHERE built.row IS DISTINCT FROM used.row OR built.until IS DISTINCT FROM used.until
                      GROUP BY key)
SELECT key, since, CASE WHEN is_more THEN 'only built' WHEN is_less THEN 'only in use' ELSE 'different' END,
       count(*) OVER ()
  FROM differing
 ORDER BY since, key
 LIMIT %(limit)s;
