-- After this, a PostgreSQL server (15 or newer) has the two roles and the database of OnRecord; `onrecord migrate` makes the rest.
-- For an administrator, once:
--   psql -d postgres -v owner_password=… -v service_password=… -f roles.sql
-- The service's role has to be called onrecord_service, because the migrations grant to it by name. The owner and the
-- database may be called otherwise.
\set ON_ERROR_STOP on

-- Owns the ledger and migrates it; the service never works as this role.
-- `ALTER ROLE onrecord_owner CREATEDB;` lets it make desks, each in a database of its own beside this one.
CREATE ROLE onrecord_owner LOGIN PASSWORD :'owner_password';

-- May read the ledger and add to it, and owns the views.
CREATE ROLE onrecord_service LOGIN PASSWORD :'service_password';

-- The owner gives the service's role the views to own, and grants it what it may do.
GRANT onrecord_service TO onrecord_owner WITH ADMIN OPTION;

CREATE DATABASE onrecord OWNER onrecord_owner;
