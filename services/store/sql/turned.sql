-- What pictures began and ceased to say. {place} is put in as a quoted name: that of a picture's schema.

-- name: picture_turned
-- Of instants, at some positions, behind a place in the order of position and question. That the axis is no source is said
-- beside, for the sake of the indexes.
SELECT turned.position, turned.begins, turned.state
  FROM (SELECT since AS position, true AS begins, question, state
          FROM {place}.picture
         WHERE axis = 'instant' AND axis <> 'source' AND since = ANY(%(positions)s)
         UNION ALL
        SELECT until, false, question, state
          FROM {place}.picture
         WHERE axis = 'instant' AND axis <> 'source' AND until IS NOT NULL AND until = ANY(%(positions)s)) AS turned
 WHERE (turned.position, turned.question) > (%(after_position)s, %(after_question)s)
 ORDER BY turned.position, turned.question;
