"""What the ledger acknowledges is recorded once, and what it refuses leaves no trace."""

import gc
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.commands import Command, RecordClaim
from domain.events import ClaimCorrected, ClaimRecorded
from domain.refusals import KeyReused, NotStanding, Refusal, UnknownSource
from domain.values import When, sha256_of
from services.errors import LedgerBusy, LedgerClosed, Moved, NothingRecorded, StatedInTheFuture, StoreUnavailable
from services.ledger import Ledger, Outcome, Receipt, Submission
from services.store.connections import Connections
from services.store.embedded import Addresses, EmbeddedPostgres
from services.store.event_log import EventLog
from services.store.migrate import migrate
from services.store.views import ViewWriter
from services.submissions import fingerprint_of
from support.cutting import wire_to
from support.database import open_folder
from support.recording import command, numbered, registers, registry, says


@pytest.fixture
def log(addresses: Addresses) -> Iterator[EventLog]:
    with EventLog(addresses.service) as opened:
        yield opened


@pytest.fixture
def ledger(log: EventLog) -> Iterator[Ledger]:
    """A ledger that knows the agency, the parties and the bridge: its head is 4."""
    with Ledger(log) as started:
        list(started.record_many(registry()))
        yield started


@contextmanager
def writes_refused(addresses: Addresses) -> Iterator[None]:
    """Let whoever connects from now on find a server that takes no writes, as if another one had been promoted.

    It stays so for these connections, even when it is over: only who connects anew finds the one that does.
    """
    name = sql.Identifier(str(conninfo_to_dict(addresses.owner)["dbname"]))
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        owner.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        try:
            yield
        finally:
            owner.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))


def note_something(connections: Connections) -> None:
    with connections.connection() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS views.something ()")


def refused(outcomes: list[Outcome]) -> list[type[Refusal]]:
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Refusal)]


def positions(outcomes: list[Outcome]) -> list[int]:
    return [outcome.position for outcome in outcomes if isinstance(outcome, Receipt)]


def test_a_receipt_tells_position_hour_and_event(ledger: Ledger, log: EventLog) -> None:
    receipt = ledger.record(says("The bridge is ours."))
    stored = log.at(5)
    assert stored is not None
    assert (receipt.position, receipt.recorded, receipt.replayed) == (5, stored.recorded, False)
    assert [one.event.model_dump() for one in receipt.events] == [stored.event.model_dump()]
    assert log.texts([sha256_of("The bridge is ours.")]) == {sha256_of("The bridge is ours."): "The bridge is ours."}


def test_claims_without_an_id_get_one_each_in_order_of_time(ledger: Ledger) -> None:
    recorded = [ledger.record(says()).events[0].event for _ in range(3)]
    ids = [event.claim.id for event in recorded if isinstance(event, ClaimRecorded)]
    assert ids == sorted(set(ids))
    assert len(ids) == 3


def test_a_refusal_is_raised_and_leaves_nothing(ledger: Ledger, log: EventLog) -> None:
    with pytest.raises(UnknownSource):
        ledger.record(says(chain=[{"source": "nobody", "role": "speaker", "mode": "quote", "naming": "named"}]))
    assert log.head() == 4


class TestKeys:
    """The same key is the same record."""

    def test_a_claim_sent_twice_is_recorded_once(self, ledger: Ledger, log: EventLog) -> None:
        first = ledger.record(says("words", key="k1"))
        again = ledger.record(says("words", key="k1"))
        assert (again.position, again.recorded, again.replayed) == (first.position, first.recorded, True)
        assert again.events[0].event.model_dump() == first.events[0].event.model_dump()
        assert log.head() == 5

    def test_another_claim_under_the_key_is_refused_and_says_where_the_first_is(self, ledger: Ledger) -> None:
        ledger.record(says("words", key="k1"))
        with pytest.raises(KeyReused) as reused:
            ledger.record(says("other words", key="k1"))
        assert (reused.value.key, reused.value.position) == ("k1", 5)

    def test_a_call_that_is_repeated_is_answered_with_the_first_result(self, ledger: Ledger, log: EventLog) -> None:
        first = ledger.record(says("words"), key="http:one")
        assert ledger.record(says("words"), key="http:one").position == first.position
        assert ledger.record(says("words"), key="http:two").position == first.position + 1
        with pytest.raises(KeyReused):
            ledger.record(registers("agency"), key="http:one")
        assert log.head() == 6

    def test_a_key_outlives_the_process(self, ledger: Ledger, log: EventLog) -> None:
        ledger.record(says("words", key="k1"))
        with Ledger(log) as restarted:
            assert restarted.record(says("words", key="k1")).replayed

    def test_callers_who_race_with_one_key_record_once(self, ledger: Ledger, log: EventLog) -> None:
        with ThreadPoolExecutor(16) as pool:
            told = list(pool.map(lambda _: ledger.record(says("words", key="k1")), range(64)))
        assert {one.position for one in told} == {5}
        assert sum(not one.replayed for one in told) == 1
        assert log.head() == 5

    def test_two_ledgers_on_one_database_share_the_keys(self, ledger: Ledger, addresses: Addresses) -> None:
        with EventLog(addresses.service) as other_log, Ledger(other_log) as other:
            both = [ledger, other]
            with ThreadPoolExecutor(8) as pool:
                told = list(pool.map(lambda n: both[n % 2].record(says(key=f"k{n // 4}")), range(80)))
            assert sum(not one.replayed for one in told) == 20
            assert other_log.head() == 24

    def test_a_refused_command_does_not_use_its_key_up(self, ledger: Ledger) -> None:
        late = says(question={"location": "west-bridge", "aspect": "control"}, key="k1")
        assert refused(list(ledger.record_many([late])))
        place = command(type="location", slug="west-bridge", names=["w"], precision="exact")
        assert not ledger.record(place).replayed
        assert not ledger.record(late).replayed

    def test_the_second_key_of_a_call_comes_to_stand_for_the_same(self, ledger: Ledger) -> None:
        ledger.record(says(key="k1"))
        ledger.record(says(key="k1"), key="http:later")
        with pytest.raises(KeyReused):
            ledger.record(says(key="k2"), key="http:later")

    def test_a_fingerprint_does_not_depend_on_the_order_of_members(self) -> None:
        one = says(facets={"extent": "full", "unit": "brigade"})
        other = says(facets={"unit": "brigade", "extent": "full"})
        assert fingerprint_of(one) == fingerprint_of(other) != fingerprint_of(says(facets={"extent": "full"}))


def test_what_the_ledger_says_already_is_answered_with_where_it_says_so(ledger: Ledger, log: EventLog) -> None:
    ledger.record(registers("wire"))
    ledger.record(says())
    again = ledger.record(registers("wire"))
    assert (again.position, again.replayed, log.head()) == (5, True, 6)


def test_a_thing_that_was_changed_meanwhile_is_not_overwritten(ledger: Ledger, log: EventLog) -> None:
    seen = ledger.record(registers("wire", "first"), expected=0).position
    ledger.record(registers("wire", "second"), expected=seen)
    with pytest.raises(Moved) as moved:
        ledger.record(registers("wire", "third"), expected=seen)
    assert (moved.value.actual, log.head()) == (6, 6)


class TestCommittingTogether:
    """Callers share a transaction and notice nothing of each other."""

    def test_one_refusal_does_not_hurt_its_neighbours(self, log: EventLog) -> None:
        ledger = Ledger(log)
        good: list[Command] = [*registry(), says(), says()]
        bad = says(question={"location": "nowhere", "aspect": "control"})
        sent = [ledger.submit(one) for one in (*good, bad, says())]
        with ledger:
            assert isinstance(sent.pop(6).exception(), Refusal)
            assert [one.result().position for one in sent] == list(range(1, 8))
        assert len({one.recorded for one in log.read(0, 10)}) == 1

    def test_a_later_command_of_a_group_sees_the_earlier_ones(self, log: EventLog) -> None:
        first, second = says(id=numbered(1)), says(id=numbered(2))
        correct = command(type="correct", claim=numbered(1), replacement=second.model_dump(mode="json"), reason="-")
        withdraw, again = (command(type="withdraw", claim=numbered(2), reason=reason) for reason in ("one", "two"))
        with Ledger(log) as ledger:
            outcomes = list(ledger.record_many([*registry(), first, correct, withdraw, again]))
        assert refused(outcomes) == [NotStanding]
        assert positions(outcomes) == list(range(1, 8))

    def test_a_replacement_can_be_replaced_later(self, ledger: Ledger) -> None:
        ledger.record(says(id=numbered(1)))
        for number in (2, 3):
            new = says(id=numbered(number)).model_dump(mode="json")
            ledger.record(command(type="correct", claim=numbered(number - 1), replacement=new, reason="-"))
        with pytest.raises(NotStanding):
            ledger.record(command(type="void", claim=numbered(2), reason="-"))
        ended = ledger.record(command(type="void", claim=numbered(3), reason="-"))
        assert ended.position == 8

    def test_a_replacement_without_an_id_gets_one(self, ledger: Ledger) -> None:
        ledger.record(says(id=numbered(1)))
        new = says("other").model_dump(mode="json", exclude={"id"})
        event = ledger.record(command(type="correct", claim=numbered(1), replacement=new, reason="-")).events[0].event
        assert isinstance(event, ClaimCorrected)
        assert event.replacement.id != numbered(1)

    def test_many_callers_are_each_answered_with_their_own(self, ledger: Ledger, log: EventLog) -> None:
        def record(number: int) -> bool:
            event = ledger.record(says(f"words {number}")).events[0].event
            return (
                isinstance(event, ClaimRecorded)
                and event.claim.statement is not None
                and (event.claim.statement.body == f"words {number}")
            )

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(record, range(300)))
        assert log.head() == 304

    def test_what_another_process_registered_is_known(self, ledger: Ledger, addresses: Addresses) -> None:
        with EventLog(addresses.service) as other_log, Ledger(other_log) as other:
            other.record(registers("monitor"))
            words = [{"source": "monitor", "role": "speaker", "mode": "quote", "naming": "named"}]
            assert ledger.record(says(chain=words)).position == 6

    def test_a_defect_met_by_one_command_ends_only_that_one(self, ledger: Ledger) -> None:
        broken = RecordClaim.model_construct(**{**says().__dict__, "question": None})
        answers = [ledger.submit(one) for one in (says(), broken, says())]
        assert [answer.exception() is None for answer in answers] == [True, False, True]


class TestImports:
    """Many commands are committed in chunks, or all or none."""

    def test_five_thousand_claims_are_recorded_in_order_and_once(self, ledger: Ledger, log: EventLog) -> None:
        claims = [says(f"words {number}", key=f"k{number}") for number in range(5_000)]
        assert positions(list(ledger.record_many(claims))) == list(range(5, 5_005))
        again = list(ledger.record_many(claims))
        assert positions(again) == list(range(5, 5_005))
        assert all(isinstance(one, Receipt) and one.replayed for one in again)
        assert log.head() == 5_004

    def test_refused_lines_stand_in_their_place(self, ledger: Ledger) -> None:
        bad = says(question={"location": "nowhere", "aspect": "control"})
        outcomes = list(ledger.record_many([says(), bad, says(), bad]))
        assert [isinstance(one, Receipt) for one in outcomes] == [True, False, True, False]

    def test_lines_are_named_by_whoever_imports(self, ledger: Ledger, log: EventLog) -> None:
        lines = [Submission(says(f"words {number}"), f"line:{number}") for number in range(10)]
        list(ledger.record_many(lines))
        assert all(isinstance(one, Receipt) and one.replayed for one in ledger.record_many(lines))
        assert log.head() == 14

    def test_all_or_nothing_records_all(self, ledger: Ledger, log: EventLog) -> None:
        claims = [says(f"words {number}", key=f"k{number}") for number in range(2_500)]
        assert positions(list(ledger.record_many(claims, atomic=True))) == list(range(5, 2_505))
        assert log.head() == 2_504

    def test_all_or_nothing_with_one_refusal_records_nothing_and_names_it(self, ledger: Ledger, log: EventLog) -> None:
        bad = says(question={"location": "west-bridge", "aspect": "control"})
        place = command(type="location", slug="west-bridge", names=["w"], precision="exact")
        with pytest.raises(NothingRecorded) as nothing:
            list(ledger.record_many([*[says()] * 1_200, bad, place, bad], atomic=True))
        assert (nothing.value.refused, [number for number, _ in nothing.value.refusals]) == (1, [1_200])
        assert log.head() == 4
        assert refused(list(ledger.record_many([bad]))) != []
        assert ledger.record(place).position == 5


class TestLoad:
    """More than the ledger can take is turned away, and what was taken in is recorded."""

    def test_a_full_queue_turns_callers_away(self, log: EventLog) -> None:
        ledger = Ledger(log, waiting_most=2)
        sent = [ledger.submit(registers("agency")), ledger.submit(registers("wire"))]
        with pytest.raises(LedgerBusy):
            ledger.submit(registers("other"))
        with ledger:
            assert [one.result().position for one in sent] == [1, 2]

    def test_closing_records_what_was_taken_in_and_nothing_more(self, log: EventLog) -> None:
        ledger = Ledger(log)
        sent = [ledger.submit(registers(f"s{number}")) for number in range(50)]
        ledger.start()
        ledger.close()
        assert [one.result().position for one in sent] == list(range(1, 51))
        with pytest.raises(LedgerClosed):
            ledger.record(registers("late"))


class TestLosingTheDatabase:
    """Callers are told, nothing is half done, and it goes on by itself."""

    def test_lost_connections_are_not_even_noticed(self, ledger: Ledger, addresses: Addresses) -> None:
        with psycopg.connect(addresses.owner, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert ledger.record(says()).position == 5

    @pytest.mark.parametrize("deliver", [True, False])
    @pytest.mark.parametrize("word", [b"READ COMMITTED", b"INSERT INTO ledger.ledger_keys", b"COMMIT;"])
    def test_a_cut_wherever_it_comes_records_once(self, addresses: Addresses, word: bytes, deliver: bool) -> None:
        with wire_to(addresses.service) as wire, EventLog(wire.conninfo) as log, Ledger(log) as ledger:
            list(ledger.record_many(registry()))
            wire.arm(word, deliver=deliver)
            receipt = ledger.record(says("words", key="k1"))
            assert (wire.cuts, receipt.position, log.head()) == (1, 5, 5)
            assert ledger.record(says("words", key="k1")).position == 5

    def test_a_server_that_takes_no_writes_is_told_and_left_when_another_does(
        self, ledger: Ledger, addresses: Addresses
    ) -> None:
        with writes_refused(addresses):
            with pytest.raises(StoreUnavailable) as demoted:
                ledger.record(says("words", key="k1"))
            # No refusal either is made of what may be an old ledger.
            with pytest.raises(StoreUnavailable):
                ledger.record(says(chain=[{"source": "nobody", "role": "speaker", "mode": "quote", "naming": "named"}]))
        assert (demoted.value.read_only, demoted.value.outcome_unknown) == (True, False)
        receipt = ledger.record(says("words", key="k1"))
        assert (receipt.position, receipt.replayed) == (5, False)

    def test_a_connection_that_refused_a_write_is_not_lent_again(self, addresses: Addresses) -> None:
        with Connections(addresses.service, most=1) as connections:
            with writes_refused(addresses), pytest.raises(StoreUnavailable) as demoted:
                ViewWriter(connections).set_up()
            assert demoted.value.read_only
            with writes_refused(addresses):
                connections.patiently(lambda: connections.fetch("SELECT 1"))
                with pytest.raises(StoreUnavailable), connections.connection() as refusing:
                    refusing.execute("CREATE TABLE IF NOT EXISTS views.something ()")
            assert refusing.closed
            with connections.connection() as other:
                assert other is not refusing
            # What came in its place may have been made before writes were taken again: it refuses once, and goes too.
            connections.patiently(lambda: note_something(connections))

    def test_of_several_servers_the_one_that_takes_writes_is_found(self, addresses: Addresses) -> None:
        given = conninfo_to_dict(addresses.service)
        with writes_refused(addresses), pytest.raises(StoreUnavailable, match="read-only") as none:
            EventLog(make_conninfo(**{**given, "host": f"{given['host']},{given['host']}"}))
        assert none.value.read_only
        with EventLog(make_conninfo(**{**given, "host": f"/nowhere,{given['host']}"})) as log, Ledger(log) as ledger:
            assert ledger.record(registers("agency")).position == 1

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted as Linux tells them")
    def test_a_server_that_never_answers_costs_no_open_file(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"host=127.0.0.1 port={silent.getsockname()[1]} connect_timeout=2"
            gc.disable()
            before = len(list(Path("/proc/self/fd").iterdir()))
            with pytest.raises(StoreUnavailable, match="timeout"):
                EventLog(address)
            after = len(list(Path("/proc/self/fd").iterdir()))
            gc.enable()
        assert after == before

    @pytest.mark.slow
    def test_a_server_that_falls_silent_is_left_for_another(self, addresses: Addresses) -> None:
        with wire_to(addresses.service) as wire:
            silent, other = conninfo_to_dict(wire.conninfo), conninfo_to_dict(addresses.service)
            hosts, ports = (f"{silent[name]},{other.get(name) or 5432}" for name in ("host", "port"))
            with EventLog(make_conninfo(**{**silent, "host": hosts, "port": ports})) as log, Ledger(log) as ledger:
                ledger.record(registers("agency"))
                wire.freeze()
                began = time.monotonic()
                assert ledger.record(registers("wire")).position == 2
                assert time.monotonic() - began < 60

    @pytest.mark.slow
    def test_an_outage_is_told_and_survived(self) -> None:
        with open_folder() as folder, EmbeddedPostgres(folder / "home", durable=False) as server:
            addresses = server.start()
            migrate(addresses.owner)
            with EventLog(addresses.service) as log, Ledger(log) as ledger:
                ledger.record(registers("agency"))
                server.stop()
                with pytest.raises(StoreUnavailable) as lost:
                    ledger.record(registers("wire"))
                assert not lost.value.outcome_unknown
                waiting = threading.Thread(target=server.start)
                waiting.start()
                waiting.join()
                began = time.monotonic()
                assert ledger.record(registers("wire")).position == 2
                assert time.monotonic() - began < 30


@pytest.mark.parametrize("field", ["stated", "published"])
def test_what_is_said_to_be_spoken_after_the_ledgers_clock_is_refused_with_the_place(
    ledger: Ledger, field: str
) -> None:
    with pytest.raises(StatedInTheFuture) as caught:
        ledger.record(says().model_copy(update={field: When(edtf="2919-01-01")}))
    assert [one.pointer for one in caught.value.problems] == [f"/{field}/edtf"]


def test_what_is_spoken_of_may_lie_ahead(ledger: Ledger) -> None:
    assert ledger.record(says().model_copy(update={"valid": When(edtf="2919-01-01/..")})).position == 5
