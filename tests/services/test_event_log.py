"""The log is one order that everybody sees alike, and what it acknowledged is there."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from domain.claims import Relation
from domain.events import ClaimCorrected, DocumentArchived, Recorded, RelationAsserted, TextErased
from domain.values import sha256_of
from services.errors import CorruptLedger, NotMigrated, StoreUnavailable
from services.store.codec import encode
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import Ask, EventLog, replacement_key
from services.store.recorder import LedgerRecorder, datastore_on
from support.cutting import wire_to
from support.database import Cluster, fresh_database
from support.recording import numbered, registered, said

ADD = """
INSERT INTO ledger.ledger_events (originator_id, originator_version, topic, state)
VALUES (%s, %s, %s, %s) RETURNING notification_id
"""


@pytest.fixture
def log(addresses: Addresses) -> Iterator[EventLog]:
    with EventLog(addresses.service) as opened:
        yield opened


def positions(recorded: list[Recorded]) -> list[int]:
    return [one.position for one in recorded]


def test_an_empty_ledger_has_head_0_and_nothing_to_read(log: EventLog) -> None:
    assert (log.head(), log.read(0, 10), log.at(1), log.stream("source/agency")) == (0, [], None, [])


def test_positions_count_from_1_without_a_gap(log: EventLog) -> None:
    log.append([said(1), said(2)])
    log.append([said(3)])
    assert positions(log.read(0, 10)) == [1, 2, 3]


def test_what_is_read_is_what_was_appended_without_the_words(log: EventLog) -> None:
    (appended,) = log.append([said(1, "The bridge is ours.")])
    (read,) = log.read(0, 10)
    assert (read.position, read.recorded) == (1, appended.recorded)
    assert read.event.model_dump() == said(1, "The bridge is ours.").model_dump()
    assert "bridge is" not in str(read)


def test_reading_begins_behind_after_and_ends_with_upto(log: EventLog) -> None:
    log.append([said(number) for number in range(1, 8)])
    assert positions(log.read(2, 3)) == [3, 4, 5]
    assert positions(log.read(2, 100, upto=4)) == [3, 4]


def test_reading_can_be_about_some_names_only(log: EventLog) -> None:
    log.append([said(1), registered("agency"), said(2), registered("wire")])
    assert positions(log.read(0, 10, names=["source-registered.v1"])) == [2, 4]
    assert positions(log.read(0, 10, names=["claim-recorded.v1"])) == [1, 3]
    assert positions(log.read(0, 10, names=["claim-recorded.v1", "source-registered.v1"], upto=2)) == [1, 2]


def test_a_stream_has_the_events_of_one_thing_in_order(log: EventLog) -> None:
    log.append([registered("agency", "first"), said(1), registered("agency", "second")])
    assert positions(log.stream("source/agency")) == [1, 3]
    assert {name: positions(found) for name, found in log.streams(["source/agency", "source/none"]).items()} == {
        "source/agency": [1, 3],
        "source/none": [],
    }


def test_a_moment_leads_to_the_last_position_recorded_by_then(log: EventLog) -> None:
    times = [log.append([said(number)])[0].recorded for number in range(1, 10)]
    second = timedelta(microseconds=1)
    assert [log.position_at(moment) for moment in times] == list(range(1, 10))
    assert [log.position_at(moment - second) for moment in times] == list(range(9))
    assert log.position_at(datetime(2999, 1, 1, tzinfo=UTC)) == 9


def test_the_hour_never_goes_backwards(log: EventLog, addresses: Addresses) -> None:
    ahead = datetime(2999, 1, 1, tzinfo=UTC)
    stored = encode(registered("agency"), ahead, "source/agency", 1)
    with psycopg.connect(addresses.service) as beside:
        beside.execute(ADD, [stored.originator_id, 1, stored.topic, stored.state])
    assert [one.recorded for one in log.append([said(1), said(2)])] == [ahead, ahead]


def test_events_are_stored_many_at_a_time_as_they_are_one_by_one(log: EventLog) -> None:
    log.append([said(number, f"words {number}") for number in range(1, 601)])
    log.append([registered("agency", f"name {number}") for number in range(300)])
    assert positions(log.read(0, 1_000)) == list(range(1, 901))
    assert positions(log.stream("source/agency")) == list(range(601, 901))
    assert log.texts([sha256_of("words 600")]) == {sha256_of("words 600"): "words 600"}


def test_a_writing_that_fails_leaves_nothing(log: EventLog) -> None:
    with pytest.raises(ZeroDivisionError), log.writing() as writing:
        writing.append([said(number, "words") for number in range(1, 301)])
        writing.flush()
        raise ZeroDivisionError
    assert log.head() == 0
    assert log.texts([sha256_of("words")]) == {sha256_of("words"): None}
    assert positions(log.append([said(1)])) == [1]


def test_nothing_of_a_writing_that_is_over_waits_for_the_garbage_to_be_collected(log: EventLog) -> None:
    gc.disable()
    try:
        with log.writing() as writing:
            writing.append([said(1)])
        over = weakref.ref(writing)
        del writing
        assert over() is None
    finally:
        gc.enable()


def test_a_writing_sees_what_it_appended(log: EventLog) -> None:
    log.append([registered("agency", "old")])
    with log.writing() as writing:
        writing.append(
            [registered("agency", "new"), said(1, "words"), TextErased(sha256=sha256_of("words"), reason="-")]
        )
        assert positions(writing.streams(["source/agency"])["source/agency"]) == [1, 2]
        assert writing.texts([sha256_of("words")]) == {sha256_of("words"): None}
        assert positions(writing.at([2, 3])) == [2, 3]
        assert writing.head == 4


def test_a_replacement_is_found_by_its_id(log: EventLog) -> None:
    claim, replacement = said(1).claim, said(2).claim
    correction = ClaimCorrected(
        claim=claim.id, question=claim.question, source=claim.source, replacement=replacement, reason="misheard"
    )
    log.append([said(1), correction])
    row = log.keys([replacement_key(numbered(2))])[replacement_key(numbered(2))]
    assert (row.stream, row.position) == (f"claim/{numbered(1)}", 2)


class TestTheOrderOfPositions:
    """Nobody ever sees n+1 before n."""

    def test_while_one_writes_a_second_waits_and_readers_see_neither(self, log: EventLog) -> None:
        second = threading.Thread(target=log.append, args=([said(2)],))
        with log.writing() as writing:
            writing.append([said(1)])
            writing.flush()
            second.start()
            time.sleep(0.3)
            assert second.is_alive()
            assert log.read(0, 10) == []
        second.join()
        assert [one.event for one in log.read(0, 10)] == [said(1), said(2)]

    def test_even_one_who_knows_nothing_of_the_lock_waits(self, log: EventLog, addresses: Addresses) -> None:
        stored = encode(said(2), datetime.now(UTC), f"claim/{numbered(2)}", 1)

        def add() -> int:
            with psycopg.connect(addresses.service) as beside:
                row = beside.execute(ADD, [stored.originator_id, 1, stored.topic, stored.state]).fetchone()
            return row[0] if row else 0

        with ThreadPoolExecutor() as pool:
            with log.writing() as writing:
                writing.append([said(1)])
                writing.flush()
                beside = pool.submit(add)
                time.sleep(0.3)
                assert not beside.done()
            assert beside.result() == 2
        assert positions(log.append([said(3)])) == [3]

    def test_writers_who_race_on_one_stream_get_its_revisions_in_order(self, log: EventLog) -> None:
        seen: list[int] = []
        done = threading.Event()

        def follow() -> None:
            while not (done.is_set() and len(seen) == log.head()):
                seen.extend(positions(log.read(seen[-1] if seen else 0, 7)))

        def write(number: int) -> None:
            log.append([registered("agency", f"name {number}")])

        follower = threading.Thread(target=follow)
        follower.start()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(160)))
        done.set()
        follower.join()
        assert seen == list(range(1, 161))
        assert positions(log.stream("source/agency")) == list(range(1, 161))

    def test_two_who_looked_at_one_stream_before_writing_looked_one_after_the_other(self, log: EventLog) -> None:
        def add_if_absent(slug: str) -> bool:
            with log.writing(Ask(streams=frozenset({"source/agency"}))) as writing:
                absent = not writing.streams(["source/agency"])["source/agency"]
                writing.append([registered("agency", slug)] * absent)
                return absent

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(add_if_absent, map(str, range(40)))) == 1
        assert log.head() == 1


class TestFollowing:
    """Who waits for events is woken, and if not, looks."""

    def test_an_event_wakes_who_waits(self, log: EventLog, addresses: Addresses) -> None:
        log.wait(0, 0.1)
        with EventLog(addresses.service) as other:
            later = threading.Timer(0.2, other.append, args=([said(1)],))
            later.start()
            assert log.wait(0, 5)
        assert not log.wait(1, 0.05)

    def test_a_lost_wake_up_costs_a_moment(self, log: EventLog, addresses: Addresses) -> None:
        log.wait(0, 0.1)
        stored = encode(said(1), datetime.now(UTC), f"claim/{numbered(1)}", 1)
        with psycopg.connect(addresses.service) as silent:
            silent.execute(ADD, [stored.originator_id, 1, stored.topic, stored.state])
        assert log.wait(0, 5)

    def test_a_lost_connection_costs_a_moment(self, log: EventLog, addresses: Addresses) -> None:
        log.wait(0, 0.1)
        end_connections(addresses)
        log.append([said(1)])
        assert log.wait(0, 5)


def end_connections(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class TestLosingTheDatabase:
    """What was acknowledged is there once; what was not is not there, or is found out."""

    def test_reading_and_writing_go_on_over_lost_connections(self, log: EventLog, addresses: Addresses) -> None:
        log.append([said(1)])
        end_connections(addresses)
        assert log.head() == 1
        end_connections(addresses)
        assert positions(log.append([said(2)])) == [2]

    def test_connections_ended_at_any_moment_neither_lose_nor_double(self, log: EventLog, addresses: Addresses) -> None:
        acknowledged: list[str] = []
        stop = threading.Event()

        def write(start: int) -> None:
            number = start
            while not stop.is_set():
                number += 1
                try:
                    recorded = log.append([said(number, f"words {number}")])
                except StoreUnavailable:
                    continue
                acknowledged.extend(f"{one.position} {one.event.model_dump_json()}" for one in recorded)

        writers = [threading.Thread(target=write, args=(part * 1_000_000,)) for part in range(3)]
        for writer in writers:
            writer.start()
        give_up = time.monotonic() + 300
        for ended in range(12):
            while len(acknowledged) < 3 * ended:
                assert time.monotonic() < give_up
                time.sleep(0.01)
            time.sleep(0.1)
            end_connections(addresses)
        stop.set()
        for writer in writers:
            writer.join()
        stored = [f"{one.position} {one.event.model_dump_json()}" for one in log.read(0, 1_000_000)]
        assert len(acknowledged) > 20
        assert set(acknowledged) == set(stored)
        assert len(stored) == len(set(stored)) == log.head()

    def test_a_commit_whose_answer_was_lost_is_looked_up(self, addresses: Addresses) -> None:
        with wire_to(addresses.service) as wire, EventLog(wire.conninfo) as log:
            log.append([said(1)])
            wire.arm(b"COMMIT;", deliver=True)
            assert positions(log.append([said(2)])) == [2]
            assert wire.cuts == 1
            assert positions(log.read(0, 10)) == [1, 2]

    def test_a_commit_that_never_arrived_recorded_nothing_and_says_so(self, addresses: Addresses) -> None:
        with wire_to(addresses.service) as wire, EventLog(wire.conninfo) as log:
            log.append([said(1)])
            wire.arm(b"COMMIT;", deliver=False)
            with pytest.raises(StoreUnavailable) as lost:
                log.append([said(2)])
            assert (wire.cuts, lost.value.outcome_unknown) == (1, False)
            assert positions(log.append([said(3)])) == [2]

    def test_a_database_that_is_not_there_is_said_at_once(self, addresses: Addresses) -> None:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            EventLog("host=127.0.0.1 port=1 dbname=none user=nobody")
        assert time.monotonic() - began < 20

    def test_a_database_without_tables_is_told_from_one_that_is_away(self, cluster: Cluster) -> None:
        with fresh_database(cluster, migrated=False) as empty, pytest.raises(NotMigrated):
            EventLog(empty.service)


class TestErasing:
    """Words can go, the events that refer to them cannot."""

    words = "The commander's name is known."
    name = sha256_of(words)

    def erase(self) -> TextErased:
        return TextErased(sha256=self.name, reason="a court said so")

    def test_an_erased_text_is_gone_and_its_event_decodes(self, log: EventLog) -> None:
        log.append([said(1, self.words), self.erase()])
        assert log.texts([self.name]) == {self.name: None}
        assert [one.event.model_dump() for one in log.read(0, 1)] == [said(1, self.words).model_dump()]

    def test_its_bytes_are_nowhere_in_the_tables(self, log: EventLog, addresses: Addresses) -> None:
        log.append([said(1, self.words), self.erase()])
        with psycopg.connect(addresses.owner) as owner:
            texts = owner.execute("SELECT texts::text FROM ledger.texts").fetchall()
            events = owner.execute("SELECT convert_from(state, 'UTF8') FROM ledger.ledger_events").fetchall()
        assert "commander" not in str(texts) + str(events)

    def test_an_erased_text_does_not_come_back(self, log: EventLog) -> None:
        log.append([said(1, self.words), self.erase()])
        log.append([said(2, self.words)])
        assert log.texts([self.name]) == {self.name: None}

    def test_a_text_can_be_kept_out_before_it_comes(self, log: EventLog) -> None:
        log.append([self.erase()])
        log.append([said(1, self.words)])
        assert log.texts([self.name]) == {self.name: None}

    def test_nothing_is_erased_without_an_event_that_says_so(self, log: EventLog, addresses: Addresses) -> None:
        log.append([said(1, self.words)])
        with psycopg.connect(addresses.service) as service, pytest.raises(psycopg.errors.RaiseException):
            service.execute("SELECT ledger.erase_text(%s, 1)", [self.name])
        assert log.texts([self.name]) == {self.name: self.words}

    def test_a_text_of_two_million_letters_is_held(self, log: EventLog) -> None:
        long = " ".join(f"𞤀{number}-𞤁{number}" for number in range(130_000))
        document = {"sha256": sha256_of(long), "media_type": "text/plain", "text": long}
        log.append([DocumentArchived.model_validate({"document": document})])
        assert log.texts([sha256_of(long)]) == {sha256_of(long): long}


def test_a_spoiled_event_stops_the_reader_and_is_named(log: EventLog, addresses: Addresses) -> None:
    log.append([said(1)])
    with psycopg.connect(addresses.service) as beside:
        beside.execute(ADD, ["claim/x", 1, "claim-recorded.v1", b'{"recorded":"2016-11-08T00:00:00Z","event":{}}'])
    assert positions(log.read(0, 1)) == [1]
    with pytest.raises(CorruptLedger, match="position 2"):
        log.read(0, 10)


class TestTheLibrary:
    """The tables are the library's own, so its recorder reads and writes them."""

    def test_it_reads_what_we_wrote(self, log: EventLog, addresses: Addresses) -> None:
        log.append([registered("agency"), said(1)])
        with Connections(addresses.service) as connections:
            recorder = LedgerRecorder(datastore_on(connections))
            told = recorder.select_notifications(1, 10)
            assert [(one.id, one.originator_id, one.topic) for one in told] == [
                (1, "source/agency", "source-registered.v1"),
                (2, f"claim/{numbered(1)}", "claim-recorded.v1"),
            ]
            assert recorder.max_notification_id() == 2
            assert [one.originator_version for one in recorder.select_events("source/agency")] == [1]

    @pytest.mark.parametrize("many", [1, 250])
    def test_we_read_what_it_wrote(self, log: EventLog, addresses: Addresses, many: int) -> None:
        log.append([said(1)])
        now = datetime.now(UTC)
        stored = [encode(registered(f"s{n}"), now, f"source/s{n}", 1) for n in range(many)]
        with Connections(addresses.service) as connections:
            recorder = LedgerRecorder(datastore_on(connections))
            assert recorder.insert_events(stored) == list(range(2, many + 2))
        assert positions(log.read(1, 1_000)) == list(range(2, many + 2))


def test_a_relation_of_a_claim_goes_into_its_stream(log: EventLog) -> None:
    claim = said(1).claim
    seen = RelationAsserted(
        claim=claim.id,
        question=claim.question,
        source=claim.source,
        relation=Relation(type="confirms", claim=numbered(2)),
    )
    with ExitStack() as stack:
        writing = stack.enter_context(log.writing())
        writing.append([said(1), seen])
    assert positions(log.stream(f"claim/{numbered(1)}")) == [1, 2]
