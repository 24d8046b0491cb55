-- Databases beside that of the main desk, on the same server. Braces take names, because CREATE DATABASE takes no parameters.
-- The last one is shown to whoever runs it: an administrator, where the owner may not make databases.

-- name: main
SELECT current_database();

-- name: beside
-- What comes behind the mark in the name of each database that begins so; one that lets nobody in is none.
SELECT substr(datname, length(current_database() || %(mark)s) + 1)
  FROM pg_catalog.pg_database
 WHERE datallowconn
   AND starts_with(datname, current_database() || %(mark)s)
 ORDER BY datname COLLATE "C";

-- name: exists
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %(name)s);

-- name: kind
-- How texts are kept and ordered in the main database: a desk beside it keeps them alike.
SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype
  FROM pg_catalog.pg_database
 WHERE datname = current_database();

-- name: create
CREATE DATABASE {name} TEMPLATE template0 ENCODING {encoding} LC_COLLATE {collate} LC_CTYPE {ctype};

-- name: by_an_administrator
CREATE DATABASE {name} OWNER {owner};

-- name: is_shut
SELECT EXISTS (SELECT
                 FROM pg_catalog.pg_database
                WHERE datname = current_database() || %(mark)s || %(desk)s
                  AND NOT datallowconn);

-- name: shut
-- First of all: whoever comes back by themselves would be in the way of dropping it for ever.
ALTER DATABASE {name} ALLOW_CONNECTIONS false;

-- name: drop
DROP DATABASE IF EXISTS {name};

-- name: drop_with_force
DROP DATABASE IF EXISTS {name} WITH (FORCE);
