-- What is contested, since when, and which editions rely on it. {place} is put in as a quoted name, as in picturing.sql.

-- name: contested
-- Every question that is contested at one instant of valid time at one cut, and the position since which it has been
-- without a break: of the rectangles over the instant that say so, the newest that does not begin where another ended.
WITH covering AS (
    SELECT question, location, aspect, subject, since, until, state
      FROM {place}.picture
     WHERE agreement = 'contested'
       AND since <= %(as_of)s
       AND axis = CASE WHEN aspect = ANY(%(latest)s) THEN 'latest' ELSE 'instant' END
       AND aspect <> ALL(%(left_out)s)
       AND (valid_from IS NULL OR valid_from <= %(moment)s)
       AND (valid_to IS NULL OR valid_to > %(moment)s)
       AND (%(aspect)s::text IS NULL OR aspect = %(aspect)s)
       AND (%(questions)s::text[] IS NULL OR question = ANY(%(questions)s))
), runs AS (
    SELECT question, location, aspect, subject, since, until,
           (state::jsonb ->> 'has_past')::boolean AS has_past,
           since IS DISTINCT FROM lag(until) OVER (PARTITION BY question ORDER BY since) AS begins
      FROM covering
)
SELECT question, min(location), min(aspect), min(subject), max(since) FILTER (WHERE begins), bool_or(has_past)
  FROM runs
 GROUP BY question
HAVING bool_or(until IS NULL OR until > %(as_of)s)
 ORDER BY question;

-- name: met
-- The questions of some aspects on which something was reported within an interval of valid time, as known at a cut.
SELECT DISTINCT question, location, aspect, subject
  FROM {place}.picture
 WHERE since <= %(as_of)s AND (until IS NULL OR until > %(as_of)s)
   AND axis = 'instant' AND aspect = ANY(%(aspects)s)
   AND (%(starts)s::timestamptz IS NULL OR valid_to IS NULL OR valid_to > %(starts)s)
   AND (%(ends)s::timestamptz IS NULL OR valid_from IS NULL OR valid_from < %(ends)s)
   AND agreement <> 'unreported'
   AND (%(aspect)s::text IS NULL OR aspect = %(aspect)s)
   AND (%(questions)s::text[] IS NULL OR question = ANY(%(questions)s))
 ORDER BY question
 LIMIT %(limit)s;

-- name: exposed
-- Which editions in force, by key, rest on each of some questions: they pinned a belief on it, or cite a claim on it that
-- stands. What nobody had reported was not printed. An edition that another one corrects is not in force any more.
WITH asked AS (
    SELECT *
      FROM unnest(%(names)s::text[], %(locations)s::text[], %(aspects)s::text[], %(subjects)s::text[])
        AS given (question, location, aspect, subject)
), corrected AS (
    SELECT story, (state::jsonb #>> '{edition,corrects}')::bigint AS number
      FROM views.editions
     WHERE until IS NULL AND position <= %(as_of)s
), in_force AS (
    SELECT edition.key, edition.claims, edition.questions, edition.state
      FROM views.editions AS edition
     WHERE edition.until IS NULL AND edition.position <= %(as_of)s
       AND NOT EXISTS (SELECT FROM corrected
                        WHERE corrected.story = edition.story AND corrected.number = edition.number)
)
SELECT question, key, array_agg(claim ORDER BY claim) FILTER (WHERE claim IS NOT NULL)
  FROM (SELECT asked.question, in_force.key, NULL AS claim
          FROM in_force
         CROSS JOIN jsonb_to_recordset(in_force.state::jsonb #> '{edition,beliefs}')
                    AS pinned (question jsonb, agreement text)
          JOIN asked ON asked.location = pinned.question ->> 'location'
                    AND asked.aspect = pinned.question ->> 'aspect'
                    AND asked.subject IS NOT DISTINCT FROM pinned.question ->> 'subject'
         WHERE in_force.questions && %(names)s::text[] AND pinned.agreement <> 'unreported'
         UNION ALL
        SELECT asked.question, in_force.key, cited.claim
          FROM in_force
         CROSS JOIN unnest(in_force.claims) AS cited (claim)
          JOIN views.claims ON claims.key = cited.claim AND claims.until IS NULL
                           AND (claims.ended IS NULL OR claims.ended > %(as_of)s)
          JOIN asked ON asked.location = claims.location AND asked.aspect = claims.aspect
                    AND asked.subject IS NOT DISTINCT FROM claims.subject) AS relied
 GROUP BY question, key
 ORDER BY question, key;

-- name: editions_keyed
SELECT state
  FROM views.editions
 WHERE key = ANY(%(keys)s) AND until IS NULL
 ORDER BY position;
