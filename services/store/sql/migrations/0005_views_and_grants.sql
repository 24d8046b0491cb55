-- Views can be thrown away and made again, so the service owns them.
CREATE SCHEMA views AUTHORIZATION onrecord_service;

REVOKE ALL ON SCHEMA ledger FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;

-- To the ledger it may add, and that is all.
GRANT USAGE ON SCHEMA ledger TO onrecord_service;
GRANT SELECT, INSERT ON ledger.ledger_events, ledger.ledger_keys, ledger.texts TO onrecord_service;
GRANT SELECT ON ledger.migrations TO onrecord_service;
GRANT USAGE ON SEQUENCE ledger.ledger_events_notification_id_seq TO onrecord_service;
GRANT EXECUTE ON FUNCTION ledger.recorded_in(bytea) TO onrecord_service;
GRANT EXECUTE ON FUNCTION ledger.position_at(timestamptz) TO onrecord_service;
GRANT EXECUTE ON FUNCTION ledger.erase_text(text, bigint) TO onrecord_service;
