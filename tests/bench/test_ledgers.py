"""A made-up ledger is legal, is the same for the same seed, and ready-made it is what an import makes of its lines."""

from collections import Counter
from itertools import islice

import psycopg

from bench.ledgers import hot_question, ledger
from bench.loading import load, ready_made
from domain.events import EVENTS
from services.imports import import_lines
from services.ledger import Ledger
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from support.database import Cluster, fresh_database

CLAIMS = 3_000
NEVER_MADE_UP = {"text-erased.v1"}


def lines(claims: int, seed: int = 1) -> list[bytes]:
    return [sent.line() for sent in ledger(claims, seed)]


def imported(addresses: Addresses, sent: list[bytes]) -> list[dict[str, object]]:
    with EventLog(addresses.service) as log, Ledger(log) as writer:
        return list(import_lines(writer, sent))


def stored(addresses: Addresses, table: str) -> list[tuple[object, ...]]:
    queries = {
        "events": "SELECT notification_id, originator_id, originator_version, topic,"
        " substr(convert_from(state, 'UTF8'), 43) FROM ledger.ledger_events ORDER BY notification_id",
        "keys": "SELECT key, fingerprint, stream, first, position FROM ledger.ledger_keys ORDER BY key",
        "texts": "SELECT sha256, body FROM ledger.texts ORDER BY sha256",
    }
    with psycopg.connect(addresses.owner) as connection:
        return connection.execute(queries[table].encode()).fetchall()


def test_the_same_seed_gives_the_same_lines_and_another_one_others() -> None:
    assert lines(500) == lines(500)
    assert lines(500) != lines(500, seed=2)


def test_a_small_ledger_is_the_beginning_of_no_other_but_of_the_same_kind() -> None:
    kinds = Counter(sent.type for sent in ledger(CLAIMS))
    assert kinds["claim"] == CLAIMS
    assert min(kinds[name] for name in ("correct", "withdraw", "void", "relation", "assess", "lean_ended")) > 0


def test_ready_made_events_are_what_an_import_of_the_lines_records(addresses: Addresses, cluster: Cluster) -> None:
    report = imported(addresses, lines(CLAIMS))
    assert report[-1]["refused"] == report[-1]["duplicates"] == 0
    assert report[-1]["position"] == report[-1]["accepted"]
    with fresh_database(cluster) as other:
        with EventLog(other.service) as log:
            load(log, ready_made(ledger(CLAIMS)))
        assert stored(other, "events") == stored(addresses, "events")
        assert stored(other, "keys") == stored(addresses, "keys")
        assert stored(other, "texts") == stored(addresses, "texts")
    kinds = {str(row[3]) for row in stored(addresses, "events")}
    assert set(EVENTS) - kinds == NEVER_MADE_UP


def test_one_question_with_many_claims_is_legal(addresses: Addresses) -> None:
    report = imported(addresses, [sent.line() for sent in hot_question(300)])
    assert report[-1]["refused"] == report[-1]["duplicates"] == 0


def test_a_loading_that_was_broken_off_goes_on_where_it_was(addresses: Addresses) -> None:
    with EventLog(addresses.service) as log:
        load(log, islice(ready_made(ledger(200)), 150))
        assert load(log, ready_made(ledger(200))) == len(lines(200)) == log.head()
