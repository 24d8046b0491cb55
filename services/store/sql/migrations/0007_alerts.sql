-- What was told to the desk, once, at the live edge: a replay does not write here, and nothing here is written again.
-- `number` is the order in which alerts were found, without a gap; `id` follows from the ledger alone.
CREATE TABLE ledger.alerts (
    number bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    instant timestamptz NOT NULL,
    body text NOT NULL
);

CREATE TRIGGER nothing_changes
BEFORE UPDATE OR DELETE ON ledger.alerts
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.alerts ENABLE ALWAYS TRIGGER nothing_changes;

CREATE TRIGGER nothing_is_emptied
BEFORE TRUNCATE ON ledger.alerts
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.alerts ENABLE ALWAYS TRIGGER nothing_is_emptied;

-- How far alerting has come: it begins at the head that the ledger has when it is first switched on. One row at most.
-- `seeded` tells whether the instants to come of what was recorded before have been noted; `source` tells this ledger's
-- alerts from those of another one.
CREATE TABLE ledger.alerting (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    position bigint NOT NULL,
    seeded boolean NOT NULL,
    begun timestamptz NOT NULL,
    begun_at bigint NOT NULL,
    source text NOT NULL DEFAULT 'urn:uuid:' || gen_random_uuid()
);

-- Instants to come at which something may change by time alone: of a belief, a plan (by its question) or a claim.
CREATE TABLE ledger.alerts_due (
    instant timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    PRIMARY KEY (instant, kind, subject)
);

CREATE TABLE ledger.alert_rules (
    name text COLLATE "C" PRIMARY KEY,
    rule text NOT NULL
);

-- `after` is the number of the last alert that was held against the rules. The secret is not here: it is derived from a
-- key outside of the database and from `salt` (services/signatures.py). `key_check` tells which key that was; `old_salt`
-- is that of the secret before, which signs beside the new one until `old_until`.
CREATE TABLE ledger.webhooks (
    name text COLLATE "C" PRIMARY KEY,
    url text NOT NULL,
    rules text[] NOT NULL,
    note text,
    enabled boolean NOT NULL,
    said text,
    salt text NOT NULL,
    key_check text NOT NULL,
    old_salt text,
    old_until timestamptz,
    after bigint NOT NULL,
    made timestamptz NOT NULL
);

CREATE TABLE ledger.deliveries (
    webhook text COLLATE "C" NOT NULL REFERENCES ledger.webhooks ON DELETE CASCADE,
    alert bigint NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    due timestamptz NOT NULL,
    status integer,
    said text,
    ended timestamptz,
    PRIMARY KEY (webhook, alert)
);
CREATE INDEX deliveries_pending ON ledger.deliveries (webhook, due, alert) WHERE state = 'pending';
CREATE INDEX deliveries_open ON ledger.deliveries (webhook, alert) WHERE state <> 'delivered';

GRANT SELECT, INSERT ON ledger.alerts TO onrecord_service;
GRANT SELECT, INSERT, UPDATE ON ledger.alerting TO onrecord_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.alerts_due, ledger.alert_rules, ledger.webhooks, ledger.deliveries
   TO onrecord_service;
