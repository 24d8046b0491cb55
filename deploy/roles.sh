#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is new: makes the roles and the database (see roles.sql).
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set owner_password="$ONRECORD_OWNER_PASSWORD" \
    --set service_password="$ONRECORD_SERVICE_PASSWORD" --file /onrecord/roles.sql
