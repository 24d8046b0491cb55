-- What is told to a connection.

-- name: bound
SELECT set_config('statement_timeout', %(milliseconds)s, false);
