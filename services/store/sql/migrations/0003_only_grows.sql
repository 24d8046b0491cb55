-- Two promises that the database keeps by itself, whoever writes: the ledger only grows, and its positions have the
-- order of its commits, so that a reader who has seen n never finds n-1 afterwards.

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: % of %.% is refused', lower(TG_OP), TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Record what became of it as a new event.';
END
$$;

-- ALWAYS: otherwise `SET session_replication_role = replica` would pass them.
CREATE TRIGGER nothing_changes
BEFORE UPDATE OR DELETE ON ledger.ledger_events
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.ledger_events ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.ledger_events
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.ledger_events ENABLE ALWAYS TRIGGER nothing_is_emptied;

-- Our writers take this lock before they look at anything; whoever does not (psql, the stock library) gets it here,
-- before the first id is drawn. The sequence then goes on behind the head, so that no refused write leaves a gap.
-- The number is that of the statement `take_order`. An advisory lock, since LOCK TABLE asks for more than INSERT and
-- stands in the way of autovacuum.
CREATE FUNCTION ledger.keep_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7305804402018643521);
    PERFORM setval('ledger.ledger_events_notification_id_seq', coalesce(max(notification_id), 0) + 1, false)
       FROM ledger.ledger_events;
    RETURN NULL;
END
$$;

CREATE TRIGGER order_is_kept
BEFORE INSERT ON ledger.ledger_events
FOR EACH STATEMENT EXECUTE FUNCTION ledger.keep_order();
ALTER TABLE ledger.ledger_events ENABLE ALWAYS TRIGGER order_is_kept;
