-- What the services ask the views for. `as_of` is the last position that counts. Where a key never ends, the row in
-- force is looked up first, because only these rows are in the indexes, and the past is reached from it by key.

-- name: is_set_up
SELECT to_regclass('views.replay_shares') IS NOT NULL;

-- name: places
-- What several processes build has come as far as the last of them.
SELECT name, place, version, generation,
       coalesce((SELECT min(share.checkpoint)
                   FROM views.replay_shares AS share
                  WHERE share.name = kept.name AND share.place = kept.place), checkpoint),
       state, error, error_position
  FROM views.projections AS kept
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

-- name: claims_newest
-- Of each source, the newest claims on these questions that can be last words on a state, and whether there are older ones
-- than the `most` newest. Where no source is named, who spoke at all is found by stepping through the index from source
-- to source. `implying` holds, for each place and aspect, the values that matter there, as JSON; null stands for all of
-- them. What has no beginning is asked for apart: with an OR, PostgreSQL reads the row of whatever began later than it
-- should.
WITH RECURSIVE asked AS (
    SELECT location, aspect, implying, source, subject
      FROM unnest(%(locations)s::text[], %(aspects)s::text[], %(implying)s::jsonb[], %(sources)s::text[],
                  %(subjects)s::text[]) AS given (location, aspect, implying, source, subject)
), spoken AS (
    SELECT first.location, first.aspect, asked.implying, first.source, first.subject
      FROM asked
     CROSS JOIN LATERAL (SELECT location, aspect, source, coalesce(subject, '') AS subject
                           FROM views.claims
                          WHERE location = asked.location AND aspect = asked.aspect
                            AND until IS NULL AND modality IN ('asserted', 'presupposed')
                          ORDER BY source, coalesce(subject, '')
                          LIMIT 1) AS first
     WHERE asked.source IS NULL
     UNION ALL
    SELECT following.location, following.aspect, spoken.implying, following.source, following.subject
      FROM spoken
     CROSS JOIN LATERAL (SELECT location, aspect, source, coalesce(subject, '') AS subject
                           FROM views.claims
                          WHERE location = spoken.location AND aspect = spoken.aspect
                            AND (source, coalesce(subject, '')) > (spoken.source, spoken.subject)
                            AND until IS NULL AND modality IN ('asserted', 'presupposed')
                          ORDER BY source, coalesce(subject, '')
                          LIMIT 1) AS following
)
SELECT newest.state, newest.found > %(most)s
  FROM (SELECT location, aspect, implying, source, subject FROM spoken
         UNION ALL
        SELECT location, aspect, implying, source, subject FROM asked WHERE source IS NOT NULL) AS spoken
 CROSS JOIN LATERAL (SELECT state, row_number() OVER () AS number, count(*) OVER () AS found
                       FROM (SELECT state
                               FROM ((SELECT state, valid_from, stated, recorded
                                FROM views.claims
                               WHERE location = spoken.location AND aspect = spoken.aspect
                                 AND source = spoken.source AND coalesce(subject, '') = spoken.subject
                                 AND until IS NULL AND modality IN ('asserted', 'presupposed')
                                 AND valid_from < coalesce(%(before)s::timestamptz, 'infinity')
                                 AND recorded <= %(as_of)s
                                 AND (spoken.implying IS NULL OR spoken.implying ? value)
                                 AND NOT (replacement IS NOT NULL AND ended <= %(as_of)s)
                               ORDER BY valid_from DESC NULLS LAST, stated DESC NULLS LAST, recorded DESC
                               LIMIT %(most)s + 1)
                              UNION ALL
                              (SELECT state, valid_from, stated, recorded
                                FROM views.claims
                               WHERE location = spoken.location AND aspect = spoken.aspect
                                 AND source = spoken.source AND coalesce(subject, '') = spoken.subject
                                 AND until IS NULL AND modality IN ('asserted', 'presupposed')
                                 AND valid_from IS NULL
                                 AND recorded <= %(as_of)s
                                 AND (spoken.implying IS NULL OR spoken.implying ? value)
                                 AND NOT (replacement IS NOT NULL AND ended <= %(as_of)s)
                               ORDER BY valid_from DESC NULLS LAST, stated DESC NULLS LAST, recorded DESC
                               LIMIT %(most)s + 1)) AS either
                              ORDER BY valid_from DESC NULLS LAST, stated DESC NULLS LAST, recorded DESC
                              LIMIT %(most)s + 1) AS first) AS newest
 WHERE newest.number <= %(most)s;

-- name: claims_below
-- Of what began when a source was cut off, or earlier: the latest beginning or statement, and the latest end.
SELECT asked.number, below.spoken, below.ended
  FROM unnest(%(locations)s::text[], %(aspects)s::text[], %(sources)s::text[], %(subjects)s::text[],
              %(starts)s::timestamptz[]) WITH ORDINALITY AS asked (location, aspect, source, subject, start, number)
 CROSS JOIN LATERAL (SELECT CASE WHEN bool_and(stated IS NOT NULL OR valid_from IS NOT NULL)
                                 THEN max(greatest(valid_from, stated)) END AS spoken,
                            max(coalesce(valid_to, valid_from, stated)) AS ended
                       FROM views.claims
                      WHERE location = asked.location AND aspect = asked.aspect
                        AND source = asked.source AND coalesce(subject, '') = asked.subject
                        AND until IS NULL AND modality IN ('asserted', 'presupposed')
                        AND (valid_from IS NULL OR valid_from <= asked.start)) AS below
 ORDER BY asked.number;

-- name: nth_end
-- Since when there are just so many claims on these aspects: the end of the next one. Nothing if there are no more.
SELECT nullif(lasting.ended, 'infinity')
  FROM unnest(%(locations)s::text[], %(aspects)s::text[]) AS asked (location, aspect)
 CROSS JOIN LATERAL (SELECT coalesce(valid_to, 'infinity') AS ended
                       FROM views.claims
                      WHERE location = asked.location AND aspect = asked.aspect AND until IS NULL
                        AND (%(before)s::timestamptz IS NULL OR valid_from IS NULL OR valid_from < %(before)s)
                        AND recorded <= %(as_of)s
                      ORDER BY coalesce(valid_to, 'infinity') DESC
                      LIMIT %(most)s + 1) AS lasting
 ORDER BY lasting.ended DESC
OFFSET %(most)s
 LIMIT 1;

-- name: claims_lasting
-- The claims that began before a moment and were not over at another; a moment that is null leaves out none. Which they
-- are is read off the index, and only their rows are read: most of a place began later.
WITH lasting AS MATERIALIZED (
    SELECT claims.recorded
      FROM unnest(%(locations)s::text[], %(aspects)s::text[]) AS asked (location, aspect)
      JOIN views.claims USING (location, aspect)
     WHERE claims.until IS NULL AND claims.recorded <= %(as_of)s
       AND (%(since)s::timestamptz IS NULL OR coalesce(claims.valid_to, 'infinity') > %(since)s)
       AND (%(before)s::timestamptz IS NULL OR claims.valid_from IS NULL OR claims.valid_from < %(before)s)
)
SELECT claims.state
  FROM lasting
  JOIN views.claims USING (recorded)
 WHERE claims.until IS NULL;

-- name: claims_listed
-- What cannot be a last word on a state is listed beside the belief.
SELECT claims.state
  FROM views.claims
  JOIN unnest(%(locations)s::text[], %(aspects)s::text[]) AS asked (location, aspect) USING (location, aspect)
 WHERE claims.until IS NULL AND claims.modality NOT IN ('asserted', 'presupposed') AND claims.recorded <= %(as_of)s;

-- name: more_claims_than
SELECT count(*) > %(most)s
  FROM (SELECT
          FROM unnest(%(locations)s::text[], %(aspects)s::text[]) AS asked (location, aspect)
          JOIN views.claims USING (location, aspect)
         WHERE claims.until IS NULL
         LIMIT %(most)s + 1) AS first;

-- name: claims_named
SELECT state
  FROM views.claims
 WHERE key = ANY(%(claims)s) AND until IS NULL AND recorded <= %(as_of)s
 ORDER BY recorded;

-- name: claims_naming
-- Claims that are related to any of these.
-- As one array: joined name by name, ten million claims were read through, for want of a guess how few each name has.
SELECT state
  FROM views.claims
 WHERE relates_to && %(claims)s::text[] AND relates_to <> '{}' AND until IS NULL AND recorded <= %(as_of)s
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
 WHERE stories @> ARRAY[%(story)s::text] AND stories <> '{}' AND until IS NULL AND recorded <= %(as_of)s
 ORDER BY recorded;

-- name: search_claims
-- A filter that is null is not there; the planner sees that as long as it plans with the values (custom plans). Words of
-- which few texts have any come as these `statements`. Others are looked for text by text, in claims that come anyway:
-- gathering thousands of texts first costs as much as they are, for fifty claims.
SELECT claims.state
  FROM views.claims
 WHERE claims.until IS NULL
   AND claims.recorded > %(after)s AND claims.recorded <= %(as_of)s
   AND (%(location)s::text IS NULL OR claims.location = %(location)s)
   AND (%(aspect)s::text IS NULL OR claims.aspect = %(aspect)s)
   AND (%(subject)s::text IS NULL OR claims.subject = %(subject)s)
   AND (%(source)s::text IS NULL OR claims.source = %(source)s)
   AND (%(story)s::text IS NULL OR (claims.stories @> ARRAY[%(story)s::text] AND claims.stories <> '{}'))
   AND (%(tag)s::text IS NULL OR (claims.tags @> ARRAY[%(tag)s::text] AND claims.tags <> '{}'))
   AND (%(statements)s::text[] IS NULL OR claims.statement = ANY(%(statements)s))
   AND (%(words)s::text IS NULL OR (SELECT texts.words @@ websearch_to_tsquery('simple', %(words)s)
                                      FROM ledger.texts
                                     WHERE texts.sha256 = claims.statement))
 ORDER BY claims.recorded
 LIMIT %(limit)s;

-- name: search_newest_claims
-- The same, the last first: each way is read off the end of an index.
SELECT claims.state
  FROM views.claims
 WHERE claims.until IS NULL
   AND claims.recorded <= %(as_of)s
   AND (%(location)s::text IS NULL OR claims.location = %(location)s)
   AND (%(aspect)s::text IS NULL OR claims.aspect = %(aspect)s)
   AND (%(subject)s::text IS NULL OR claims.subject = %(subject)s)
   AND (%(source)s::text IS NULL OR claims.source = %(source)s)
   AND (%(story)s::text IS NULL OR (claims.stories @> ARRAY[%(story)s::text] AND claims.stories <> '{}'))
   AND (%(tag)s::text IS NULL OR (claims.tags @> ARRAY[%(tag)s::text] AND claims.tags <> '{}'))
   AND (%(statements)s::text[] IS NULL OR claims.statement = ANY(%(statements)s))
   AND (%(words)s::text IS NULL OR (SELECT texts.words @@ websearch_to_tsquery('simple', %(words)s)
                                      FROM ledger.texts
                                     WHERE texts.sha256 = claims.statement))
 ORDER BY claims.recorded DESC
 LIMIT %(limit)s;

-- name: search_place
-- Of one place, whatever it is on: from aspect to aspect the first are read off the index that has them in this order.
WITH RECURSIVE aspects AS (
    (SELECT aspect
       FROM views.claims
      WHERE location = %(location)s AND until IS NULL
      ORDER BY aspect
      LIMIT 1)
     UNION ALL
    SELECT following.aspect
      FROM aspects
     CROSS JOIN LATERAL (SELECT aspect
                           FROM views.claims
                          WHERE location = %(location)s AND aspect > aspects.aspect AND until IS NULL
                          ORDER BY aspect
                          LIMIT 1) AS following
), first AS (
    SELECT found.recorded
      FROM aspects
     CROSS JOIN LATERAL (SELECT recorded
                           FROM views.claims
                          WHERE location = %(location)s AND aspect = aspects.aspect AND until IS NULL
                            AND recorded > %(after)s AND recorded <= %(as_of)s
                          ORDER BY recorded
                          LIMIT %(limit)s) AS found
     ORDER BY found.recorded
     LIMIT %(limit)s
)
SELECT claims.state
  FROM first
  JOIN views.claims USING (recorded)
 WHERE claims.until IS NULL
 ORDER BY recorded;

-- name: search_place_newest
-- The same, the last first.
WITH RECURSIVE aspects AS (
    (SELECT aspect
       FROM views.claims
      WHERE location = %(location)s AND until IS NULL
      ORDER BY aspect
      LIMIT 1)
     UNION ALL
    SELECT following.aspect
      FROM aspects
     CROSS JOIN LATERAL (SELECT aspect
                           FROM views.claims
                          WHERE location = %(location)s AND aspect > aspects.aspect AND until IS NULL
                          ORDER BY aspect
                          LIMIT 1) AS following
), first AS (
    SELECT found.recorded
      FROM aspects
     CROSS JOIN LATERAL (SELECT recorded
                           FROM views.claims
                          WHERE location = %(location)s AND aspect = aspects.aspect AND until IS NULL
                            AND recorded <= %(as_of)s
                          ORDER BY recorded DESC
                          LIMIT %(limit)s) AS found
     ORDER BY found.recorded DESC
     LIMIT %(limit)s
)
SELECT claims.state
  FROM first
  JOIN views.claims USING (recorded)
 WHERE claims.until IS NULL
 ORDER BY recorded DESC;

-- name: texts_with
SELECT sha256
  FROM ledger.texts
 WHERE words @@ websearch_to_tsquery('simple', %(words)s)
 LIMIT %(limit)s;

-- name: remarks_on
SELECT state
  FROM (SELECT DISTINCT unnest(%(locations)s::text[]) AS location) AS asked
 CROSS JOIN LATERAL (SELECT state
                       FROM views.claims
                      WHERE claims.location = asked.location AND until IS NULL AND tags @> ARRAY['meta']
                        AND recorded <= %(as_of)s
                      ORDER BY recorded
                      LIMIT %(limit)s) AS remarks;

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

-- name: questions_spoken
-- Which questions of some places or aspects were ever spoken of, and since when.
SELECT location, aspect, subject, min(first)
  FROM views.stances
 WHERE until IS NULL AND first <= %(as_of)s
   AND (location = ANY(%(locations)s) OR aspect = ANY(%(aspects)s))
 GROUP BY location, aspect, subject;

-- name: editions_of_story
SELECT state
  FROM views.editions
 WHERE story = %(story)s AND position <= %(as_of)s AND until IS NULL
 ORDER BY number;

-- name: editions_page
SELECT state
  FROM views.editions
 WHERE position > %(after)s AND position <= %(as_of)s AND until IS NULL
   AND (%(story)s::text IS NULL OR story = %(story)s)
 ORDER BY position
 LIMIT %(limit)s;

-- name: editions_newest
-- The same from the other end; behind 0 is before all.
SELECT state
  FROM views.editions
 WHERE position <= %(as_of)s AND (%(after)s = 0 OR position < %(after)s) AND until IS NULL
   AND (%(story)s::text IS NULL OR story = %(story)s)
 ORDER BY position DESC
 LIMIT %(limit)s;

-- name: editions_touched
-- An edition is affected only if a row of the picture on a question that it relied on began or ended behind the position
-- that it pinned, or a claim that it cited has ended; what another policy believes no picture rules out.
SELECT edition.state
  FROM (SELECT story, claims, questions, position, state,
               (state::jsonb #>> '{edition,as_of}')::bigint AS pinned,
               state::jsonb #>> '{edition,policy}' AS policy
          FROM views.editions
         WHERE position <= %(as_of)s AND until IS NULL
           AND (%(story)s::text IS NULL OR story = %(story)s)) AS edition
 WHERE edition.policy <> %(policy)s
    OR EXISTS (SELECT FROM views.picture
                WHERE picture.question = ANY(edition.questions) AND picture.axis <> 'source'
                  AND (picture.since > edition.pinned OR picture.until > edition.pinned))
    OR EXISTS (SELECT FROM views.claims
                WHERE claims.key = ANY(edition.claims) AND claims.since > edition.pinned)
 ORDER BY edition.position;

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
