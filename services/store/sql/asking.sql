-- What the services ask the views for. `as_of` is the last position that counts. Where a key never ends, the row in
-- force is looked up first, because only these rows are in the indexes, and the past is reached from it by key.

-- name: is_set_up
SELECT to_regclass('views.projections') IS NOT NULL;

-- name: places
SELECT name, place, version, generation, checkpoint, state, error, error_position
  FROM views.projections
 ORDER BY name, place;

-- name: retry
UPDATE views.projections
   SET state = 'running', error = NULL, error_position = NULL
 WHERE name = %(name)s AND place = 'views' AND state = 'stopped'
RETURNING name;

-- name: registry_rows
SELECT since, state
  FROM views.registry
 WHERE since > %(after)s AND since <= %(as_of)s
 ORDER BY since
 LIMIT %(limit)s;

-- name: claims_on
SELECT claims.state
  FROM views.claims
  JOIN unnest(%(locations)s::text[], %(aspects)s::text[]) AS asked (location, aspect) USING (location, aspect)
 WHERE claims.until IS NULL AND claims.recorded <= %(as_of)s
 ORDER BY claims.recorded;

-- name: claims_named
SELECT state
  FROM views.claims
 WHERE key = ANY(%(claims)s) AND until IS NULL AND recorded <= %(as_of)s
 ORDER BY recorded;

-- name: claims_naming
-- Claims that are related to any of these.
SELECT state
  FROM views.claims
 WHERE relates_to && %(claims)s::text[] AND until IS NULL AND recorded <= %(as_of)s
 ORDER BY recorded;

-- name: claims_replaced_by
-- Wrongly recorded claims in whose place these were written.
SELECT state
  FROM views.claims
 WHERE replacement = ANY(%(claims)s) AND until IS NULL AND ended <= %(as_of)s
 ORDER BY recorded;

-- name: claims_of_source
SELECT state
  FROM views.claims
 WHERE source = %(source)s AND until IS NULL AND recorded <= %(as_of)s
 ORDER BY recorded;

-- name: claims_of_story
SELECT state
  FROM views.claims
 WHERE stories @> ARRAY[%(story)s::text] AND until IS NULL AND recorded <= %(as_of)s
 ORDER BY recorded;

-- name: search_claims
-- A filter that is null is not there; the planner sees that as long as it plans with the values (custom plans).
SELECT claims.state
  FROM views.claims
 WHERE claims.until IS NULL
   AND claims.recorded > %(after)s AND claims.recorded <= %(as_of)s
   AND (%(location)s::text IS NULL OR claims.location = %(location)s)
   AND (%(aspect)s::text IS NULL OR claims.aspect = %(aspect)s)
   AND (%(subject)s::text IS NULL OR claims.subject = %(subject)s)
   AND (%(source)s::text IS NULL OR claims.source = %(source)s)
   AND (%(story)s::text IS NULL OR claims.stories @> ARRAY[%(story)s::text])
   AND (%(tag)s::text IS NULL OR claims.tags @> ARRAY[%(tag)s::text])
   AND (%(words)s::text IS NULL OR claims.statement IN (
            SELECT texts.sha256
              FROM ledger.texts
             WHERE texts.words @@ websearch_to_tsquery('simple', %(words)s)))
 ORDER BY claims.recorded
 LIMIT %(limit)s;

-- name: questions_of_source
SELECT past.since, past.state
  FROM views.stances AS known
 CROSS JOIN LATERAL (SELECT since, state
                       FROM views.stances
                      WHERE key = known.key AND since <= %(as_of)s
                      ORDER BY since DESC
                      LIMIT 1) AS past
 WHERE known.source = %(source)s AND known.until IS NULL AND known.first <= %(as_of)s
 ORDER BY known.first, known.key;

-- name: questions_of_story
SELECT past.since, past.state
  FROM views.stories AS known
 CROSS JOIN LATERAL (SELECT since, state
                       FROM views.stories
                      WHERE key = known.key AND since <= %(as_of)s
                      ORDER BY since DESC
                      LIMIT 1) AS past
 WHERE known.story = %(story)s AND known.until IS NULL AND known.first <= %(as_of)s
 ORDER BY known.first, known.key;

-- name: questions_known
-- Every question that anybody was ever heard on, in these places (or anywhere).
SELECT DISTINCT location, aspect, subject
  FROM views.stances
 WHERE until IS NULL AND first <= %(as_of)s
   AND (%(locations)s::text[] IS NULL OR location = ANY(%(locations)s))
   AND (%(aspect)s::text IS NULL OR aspect = %(aspect)s)
 ORDER BY location, aspect, subject NULLS FIRST;

-- name: editions_of_story
SELECT state
  FROM views.editions
 WHERE story = %(story)s AND position <= %(as_of)s AND until IS NULL
 ORDER BY number;

-- name: editions_relying_on
SELECT state
  FROM views.editions
 WHERE (claims && %(claims)s::text[] OR questions && %(questions)s::text[]) AND until IS NULL
 ORDER BY position;

-- name: assessments_on
SELECT assessments.state
  FROM views.assessments
  JOIN unnest(%(locations)s::text[], %(aspects)s::text[]) AS asked (location, aspect) USING (location, aspect)
 WHERE assessments.since <= %(as_of)s AND (assessments.until IS NULL OR assessments.until > %(as_of)s)
 ORDER BY assessments.position;

-- name: picture_at
-- The rectangles that cover one instant at one cut: one a question. Aspects with episodes have a picture of their own for
-- those who give no valid time.
SELECT since, state
  FROM views.picture
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

-- name: picture_through
-- Every rectangle of a question that ever covered one instant, oldest first: the changes of the belief on it.
SELECT since, state
  FROM views.picture
 WHERE question = %(question)s AND since <= %(as_of)s AND axis = %(axis)s
   AND (valid_from IS NULL OR valid_from <= %(moment)s)
   AND (valid_to IS NULL OR valid_to > %(moment)s)
 ORDER BY since;
