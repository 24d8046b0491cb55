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

-- name: last_places
-- The last place of a page, and one behind it: of all places that the picture has the aspect of, now or formerly (of each
-- question some row is always in force), so that pages do not depend on the cut.
SELECT DISTINCT location
  FROM {place}.picture
 WHERE until IS NULL AND aspect = %(aspect)s AND location > %(after)s
   AND (%(subject)s::text IS NULL OR subject = %(subject)s)
   AND (%(locations)s::text[] IS NULL OR location = ANY(%(locations)s))
   AND (%(questions)s::text[] IS NULL OR question = ANY(%(questions)s))
 ORDER BY location
OFFSET %(before)s
 LIMIT 2;

-- name: courses
-- The rectangles of all questions on an aspect in a range of places: those in force at the cut, in order of valid time
-- (`moment` null), or those that ever covered one instant up to it, oldest first.
WITH asked AS (
    SELECT DISTINCT question
      FROM {place}.picture
     WHERE until IS NULL AND aspect = %(aspect)s
       AND location > %(after)s AND (%(last)s::text IS NULL OR location <= %(last)s)
       AND (%(subject)s::text IS NULL OR subject = %(subject)s)
       AND (%(locations)s::text[] IS NULL OR location = ANY(%(locations)s))
       AND (%(questions)s::text[] IS NULL OR question = ANY(%(questions)s))
)
SELECT painted.since, painted.state
  FROM asked
  JOIN {place}.picture AS painted USING (question)
 WHERE painted.axis = %(axis)s AND painted.since <= %(as_of)s
   AND CASE WHEN %(moment)s::timestamptz IS NULL THEN painted.until IS NULL OR painted.until > %(as_of)s
            ELSE (painted.valid_from IS NULL OR painted.valid_from <= %(moment)s)
             AND (painted.valid_to IS NULL OR painted.valid_to > %(moment)s) END
 ORDER BY painted.question,
       CASE WHEN %(moment)s::timestamptz IS NULL THEN painted.valid_from END NULLS FIRST, painted.since;
