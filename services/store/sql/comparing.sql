-- Two pictures side by side. {one} and {other} are `covering`, {differs} is `differs`; a question that one of them does not
-- know was never reported there.

-- name: covering
-- The rectangles of a picture that cover one instant at one cut, one a question, but for those without any report. Both
-- pictures are in the order of their questions by index, so that one pass over both meets every question.
SELECT question, since, state, agreement, strength
  FROM {place}.picture
 WHERE since <= {as_of} AND (until IS NULL OR until > {as_of})
   AND axis = CASE WHEN aspect = ANY({latest}) THEN 'latest' ELSE 'instant' END
   AND (valid_from IS NULL OR valid_from <= %(moment)s)
   AND (valid_to IS NULL OR valid_to > %(moment)s)
   AND agreement <> 'unreported'
   AND question > %(after)s
   AND (%(upto)s::text IS NULL OR question <= %(upto)s)
   AND (%(aspect)s::text IS NULL OR aspect = %(aspect)s)
   AND (%(questions)s::text[] IS NULL OR question = ANY(%(questions)s))

-- name: differs
-- Whether what is believed differs, whatever the rule and the bounds. Most rows that say the same are the same text.
   one.agreement IS DISTINCT FROM other.agreement
OR one.strength IS DISTINCT FROM other.strength
OR (one.state <> other.state
    AND jsonb_strip_nulls(one.state::jsonb - ARRAY['axis', 'start', 'end', 'rule', 'changed', 'has_past'])
     <> jsonb_strip_nulls(other.state::jsonb - ARRAY['axis', 'start', 'end', 'rule', 'changed', 'has_past']))

-- name: window_end
-- The name that lies so many rows behind another one: between the two, a join is small and needs no order.
SELECT question
  FROM {place}.picture
 WHERE until IS NULL AND question > %(after)s
 ORDER BY question
OFFSET %(many)s LIMIT 1;

-- name: differing
SELECT question, one.since, one.state, other.since, other.state
  FROM ({one}) AS one
  FULL JOIN ({other}) AS other USING (question)
 WHERE {differs}
 ORDER BY question
 LIMIT %(limit)s;

-- name: counted
SELECT coalesce(one.agreement, 'unreported'), coalesce(other.agreement, 'unreported'), one.strength, other.strength,
       {differs}, count(*)
  FROM ({one}) AS one
  FULL JOIN ({other}) AS other USING (question)
 GROUP BY 1, 2, 3, 4, 5;
