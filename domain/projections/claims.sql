-- One row per change of a claim. A claim's key never ends, so its row in force (until IS NULL) leads to all its past:
-- the indexes hold these rows alone, and stay as small as the number of claims.
CREATE TABLE claims (
    key text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL,
    location text NOT NULL,
    aspect text NOT NULL,
    subject text,
    source text NOT NULL,
    speakers text[] NOT NULL,
    stories text[] NOT NULL,
    tags text[] NOT NULL,
    relates_to text[] NOT NULL,
    recorded bigint NOT NULL,
    ended bigint,
    replacement text,
    value text,
    modality text NOT NULL,
    statement text,
    valid_from timestamptz,
    valid_to timestamptz,
    stated timestamptz
);
CREATE UNIQUE INDEX claims_now ON claims (key) WHERE until IS NULL;
-- Made when the rows are in:
-- A belief is of one place, and rows come by position: laid in order, its claims are read off a few pages, else each off
-- its own. By position in turn, since what holds at one time was mostly recorded about one time. PostgreSQL lays nothing
-- in the order of an index that leaves rows out, so this one is made for it alone.
CREATE INDEX claims_order ON claims (location, aspect, recorded);
CLUSTER claims USING claims_order;
DROP INDEX claims_order;
ALTER TABLE claims ADD PRIMARY KEY (key, since);
CREATE INDEX claims_question ON claims (location, aspect, recorded) WHERE until IS NULL;
-- What each source said on a question, newest first: last words are the first few, however many there are. The subject is
-- there as it is, too: else PostgreSQL does not see that the index alone tells when all the older ones were over.
CREATE INDEX claims_newest ON claims (
    location, aspect, source, coalesce(subject, ''), valid_from DESC NULLS LAST, stated DESC NULLS LAST, recorded DESC
) INCLUDE (valid_to, subject) WHERE until IS NULL AND modality IN ('asserted', 'presupposed');
-- What lasted longest of all that was said to have happened, so that what an instant meets is found from its end. With
-- `valid_to` as it is, for the same reason.
CREATE INDEX claims_lasting ON claims (location, aspect, coalesce(valid_to, 'infinity') DESC, valid_from, recorded)
    INCLUDE (valid_to) WHERE until IS NULL;
CREATE INDEX claims_listed ON claims (location, aspect)
    WHERE until IS NULL AND modality NOT IN ('asserted', 'presupposed');
CREATE INDEX claims_source ON claims (source, recorded) WHERE until IS NULL;
CREATE INDEX claims_recorded ON claims (recorded) WHERE until IS NULL;
-- With its source, since one text may be told by many, and words are often searched for in what one source says.
CREATE INDEX claims_statement ON claims (statement, source) WHERE until IS NULL;
CREATE INDEX claims_replacement ON claims (replacement) WHERE until IS NULL AND replacement IS NOT NULL;
CREATE INDEX claims_remarks ON claims (location, recorded) WHERE until IS NULL AND tags @> ARRAY['meta'];
-- Most claims have none of these: what is empty is left out, and so is the list of entries that wait to be sorted in,
-- which every search would have to read.
CREATE INDEX claims_stories ON claims USING gin (stories) WITH (fastupdate = off)
    WHERE until IS NULL AND stories <> '{}';
CREATE INDEX claims_tags ON claims USING gin (tags) WITH (fastupdate = off) WHERE until IS NULL AND tags <> '{}';
CREATE INDEX claims_relates_to ON claims USING gin (relates_to) WITH (fastupdate = off)
    WHERE until IS NULL AND relates_to <> '{}';
