-- Pictures: what each policy believes, as rectangles of valid time by positions. {place} is put in as a quoted name: the
-- schema of the picture in use, of one that a replay builds, or of a what-if.

-- name: make_what_ifs
-- Two processes that start at once would both find nothing and both make it.
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('onrecord set-up of the views', 0));
    CREATE TABLE IF NOT EXISTS views.what_ifs (
        place text PRIMARY KEY,
        policy text NOT NULL,
        without text[] NOT NULL,
        upto bigint,
        made timestamptz NOT NULL
    );
END
$$;

-- name: are_set_up
SELECT to_regclass('views.replay_shares') IS NOT NULL AND to_regclass('views.what_ifs') IS NOT NULL;

-- name: pictures
-- Every picture there is, with the terms of those that somebody asked for.
SELECT kept.place,
       coalesce((SELECT min(share.checkpoint)
                   FROM views.replay_shares AS share
                  WHERE share.name = kept.name AND share.place = kept.place), kept.checkpoint),
       kept.state, asked.policy, asked.without, asked.upto, asked.made
  FROM views.projections AS kept
  LEFT JOIN views.what_ifs AS asked USING (place)
 WHERE kept.name = 'picture'
 ORDER BY kept.place;

-- name: keep_terms
-- Terms of which nothing is left make room.
INSERT INTO views.what_ifs (place, policy, without, upto, made)
VALUES (%(place)s, %(policy)s, %(without)s, %(upto)s, %(made)s)
    ON CONFLICT (place) DO UPDATE
   SET policy = EXCLUDED.policy, without = EXCLUDED.without, upto = EXCLUDED.upto, made = EXCLUDED.made;

-- name: hold
-- A session's lock: it goes when its holder goes, however it dies.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 0));

-- name: let_go
SELECT pg_advisory_unlock(hashtextextended(%(name)s, 0));

-- name: picture_at
-- The rectangles that cover one instant at one cut: one a question. Aspects with episodes have a picture of their own for
-- those who give no valid time.
SELECT since, state
  FROM {place}.picture
 WHERE since <= %(as_of)s AND (until IS NULL OR until > %(as_of)s)
   AND axis = CASE WHEN aspect = ANY(%(latest)s) THEN 'latest' ELSE 'instant' END
   AND (valid_from IS NULL OR valid_from <= %(moment)s)
   AND (valid_to IS NULL OR valid_to > %(moment)s)
   AND question > %(after)s
   AND (%(aspect)s::text IS NULL OR aspect = %(aspect)s)
   AND (agreement = %(agreement)s OR (%(agreement)s::text IS NULL AND agreement <> 'unreported'))
   AND (%(strength)s::text IS NULL OR strength = %(strength)s)
   AND (%(locations)s::text[] IS NULL OR location = ANY(%(locations)s))
   AND (%(questions)s::text[] IS NULL OR question = ANY(%(questions)s))
 ORDER BY question
 LIMIT %(limit)s;

-- name: picture_along
-- The rectangles of a question at one cut, in order of valid time.
SELECT since, state
  FROM {place}.picture
 WHERE question = %(question)s AND axis = 'instant'
   AND since <= %(as_of)s AND (until IS NULL OR until > %(as_of)s)
 ORDER BY valid_from NULLS FIRST;

-- name: picture_through
-- Every rectangle of a question that ever covered one instant, oldest first: the changes of the belief on it.
SELECT since, state
  FROM {place}.picture
 WHERE question = %(question)s AND since <= %(as_of)s AND axis = %(axis)s
   AND (valid_from IS NULL OR valid_from <= %(moment)s)
   AND (valid_to IS NULL OR valid_to > %(moment)s)
 ORDER BY since;
