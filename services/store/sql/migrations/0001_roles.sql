-- The service works as onrecord_service, which owns the views and may only add to the ledger.
-- Where it does not exist yet it cannot log in: the role that migrates takes it on with SET ROLE.
DO $$
BEGIN
    IF current_user = 'onrecord_service' THEN
        RAISE EXCEPTION 'the role that migrates owns the ledger, so it cannot be onrecord_service'
            USING HINT = 'Set ONRECORD_OWNER_URL to another role.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'onrecord_service') THEN
        CREATE ROLE onrecord_service NOLOGIN;
    END IF;
EXCEPTION
    -- Another database of this server is being migrated at the same moment.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- Making a role does not make one a member who may take it on (since PostgreSQL 16).
DO $$
BEGIN
    GRANT onrecord_service TO CURRENT_USER;
EXCEPTION
    -- An administrator made the role; if nobody let us in, making its schema will say so.
    WHEN insufficient_privilege THEN NULL;
END
$$;
