-- name: head
SELECT coalesce(max(notification_id), 0)
  FROM ledger.ledger_events;

-- name: head_and_clock
-- The clock is the database's, since several processes may write; the last event says what it must not fall behind.
-- Whoever takes no writes has an old ledger, and no refusal may be made of that.
SELECT clock_timestamp(), last.notification_id, last.state, current_setting('transaction_read_only')::boolean
  FROM (VALUES (1)) AS one
  LEFT JOIN LATERAL (
           SELECT notification_id, state
             FROM ledger.ledger_events
            ORDER BY notification_id DESC
            LIMIT 1
       ) AS last ON true;

-- name: read
SELECT notification_id, topic, state
  FROM ledger.ledger_events
 WHERE notification_id > %(after)s AND notification_id <= %(upto)s
 ORDER BY notification_id
 LIMIT %(limit)s;

-- name: read_named
SELECT notification_id, topic, state
  FROM ledger.ledger_events
 WHERE notification_id > %(after)s AND notification_id <= %(upto)s
   AND topic = ANY(%(names)s)
 ORDER BY notification_id
 LIMIT %(limit)s;

-- name: read_beside_claims
-- The same for names without claims, said so that the planner finds the index of what is no claim.
SELECT notification_id, topic, state
  FROM ledger.ledger_events
 WHERE notification_id > %(after)s AND notification_id <= %(upto)s
   AND topic <> 'claim-recorded.v1'
   AND topic = ANY(%(names)s)
 ORDER BY notification_id
 LIMIT %(limit)s;

-- name: next_positions_end
SELECT coalesce(max(notification_id), %(after)s)
  FROM (SELECT notification_id
          FROM ledger.ledger_events
         WHERE notification_id > %(after)s
         ORDER BY notification_id
         LIMIT %(many)s) AS next;

-- name: streams
SELECT originator_id, originator_version, notification_id, topic, state
  FROM ledger.ledger_events
 WHERE originator_id = ANY(%(streams)b::text[])
 ORDER BY notification_id;

-- name: revisions
SELECT originator_id, max(originator_version)
  FROM ledger.ledger_events
 WHERE originator_id = ANY(%(streams)b::text[])
 GROUP BY originator_id;

-- name: stored_at
SELECT originator_id, originator_version, state
  FROM ledger.ledger_events
 WHERE notification_id = %(position)s;

-- name: at
SELECT notification_id, topic, state
  FROM ledger.ledger_events
 WHERE notification_id = ANY(%(positions)b::bigint[])
 ORDER BY notification_id;

-- name: position_at
SELECT ledger.position_at(%(moment)s);

-- name: recorded_at
-- The instant alone, as it stands at the beginning of the stored bytes: ledger.recorded_in takes 30 µs for each.
SELECT notification_id, substring(state FROM 14 FOR 27)
  FROM ledger.ledger_events
 WHERE notification_id = ANY(%(positions)b::bigint[]);

-- name: listen
LISTEN ledger_events;

-- name: careless_settings
-- An acknowledged event has to survive any crash; with one of these off, the newest may be gone.
SELECT name
  FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
 ORDER BY name;
