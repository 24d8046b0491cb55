-- What is asked of the server that a process keeps to.

-- name: who
-- A server that was started anew counts as another one: a standby that crashed may begin again a little further back.
SELECT concat_ws(' ', pg_postmaster_start_time(), inet_server_addr(), inet_server_port()) AS who;

-- name: behind
-- A standby that has replayed all it was sent is not behind, if somebody sends: the last transaction may be long ago
-- because nothing was recorded since. If nobody sends, that says nothing, and the last transaction is all there is.
SELECT standby, fed,
       CASE WHEN NOT standby THEN 0
            WHEN fed AND pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() THEN 0
            ELSE extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
        END AS seconds
  FROM (SELECT pg_is_in_recovery() AS standby,
               EXISTS (SELECT FROM pg_stat_wal_receiver) AS fed) AS server;
