-- What the superuser of an embedded server does once, before the migrations: two roles and their database.
-- Braces take names and passwords, because PostgreSQL takes no parameters in these commands.

-- name: has_role
SELECT 1
  FROM pg_roles
 WHERE rolname = %s;

-- name: has_database
SELECT 1
  FROM pg_database
 WHERE datname = %s;

-- name: add_owner
CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {};

-- name: add_service
CREATE ROLE {} LOGIN PASSWORD {};

-- name: let_owner_rule_service
-- The owner may then give the service role things to own, and change its settings.
GRANT {} TO {} WITH ADMIN OPTION;

-- name: add_database
CREATE DATABASE {} OWNER {};
