"""A desk that follows another begins as its copy and has all that is recorded there since, whatever is killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from domain.alerts import AlertRule
from domain.commands import Command, EraseText
from domain.events import EVENTS, Recorded
from domain.values import sha256_of
from services.access.keys import NewKey
from services.backups import back_up
from services.bootstrap import open_newsroom
from services.errors import StoreUnavailable
from services.feed import line_of
from services.imports import import_lines
from services.restoring import reached, read, restore
from services.store.event_log import EventLog
from services.store.following import CannotFollow, begin_as_copy, by_of, only_reading
from services.story import lines
from services.webhooks import Webhook
from support.database import Cluster, fresh_database
from support.recording import command, numbered, registered, registers, registry, says
from support.rooms import Desk, caught_up, found_in, opened
from support.service import OUTWARD, SIGNER

KEPT: dict[str, LiteralString] = {
    "events": "SELECT * FROM ledger.ledger_events ORDER BY notification_id",
    "keys": "SELECT * FROM ledger.ledger_keys ORDER BY number",
    "texts": "SELECT * FROM ledger.texts ORDER BY sha256",
    "tiles": "SELECT * FROM ledger.tiles ORDER BY level, number",
}
NOT_TAKEN_ALONG: tuple[LiteralString, ...] = (
    "SELECT * FROM ledger.access_keys",
    "SELECT * FROM ledger.alert_rules",
    "SELECT * FROM ledger.webhooks",
    "SELECT * FROM ledger.checkpoints",
)
HERE = {"question": {"location": "minian", "aspect": "control"}, "story": ["aleppo"], "value": "rebels"}
BOTH = "words that both said"
CHAIN = [{"source": "reuters", "role": "speaker", "mode": "quote", "naming": "named"}]


def tells(number: int, statement: str, **more: object) -> Command:
    return says(statement, id=numbered(number), **{**HERE, "chain": CHAIN, **more})


def erases(words: str) -> EraseText:
    return EraseText(sha256=sha256_of(words), reason="a court has ordered it")


def withdraws(number: int, reason: str) -> Command:
    return command(type="withdraw", claim=numbered(number), reason=reason)


def edition(head: int) -> Command:
    members = {"story": "aleppo", "title": "Aleppo", "published": {"edtf": "2016-11-09"}, "policy": "desk/1"}
    return command(type="edition", **members, as_of=head, claims=[numbered(1), numbered(2)])


def location(slug: str) -> Command:
    return command(type="location", slug=slug, names=[slug], precision="exact")


def links(part: str, whole: str) -> Command:
    return command(type="location_link", **{"from": part, "relation": "part_of", "to": whole})


def unlinks(part: str, whole: str) -> Command:
    return command(type="location_link_ended", **{"from": part, "relation": "part_of", "to": whole})


def said(one: Recorded) -> dict[str, object]:
    return line_of(one.event, defaultdict(lambda: None))


def named(desk: Desk, slug: str) -> object:
    return said(desk.log.stream(f"source/{slug}")[-1])["name"]


@dataclass(frozen=True)
class Pair:
    """A desk and the room that follows it, after the copy and after what came later."""

    desk: Desk
    room: Desk
    copied: int
    pinned: int
    was_the_same: dict[str, bool]
    was_left: list[int]


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> Iterator[Pair]:
    """The story of Aleppo: at the copy its registry and claims stand, and what came later was followed."""
    with fresh_database(cluster) as desk_at, fresh_database(cluster) as room_at:
        with open_newsroom(desk_at, following=False, signer=lambda: SIGNER, outward=OUTWARD) as newsroom:
            list(import_lines(newsroom.ledger, [*lines("registry"), *lines("claims")], "key:anna"))
            newsroom.keys.make(NewKey(name="anna", role="reporter"), "local:tests")
            newsroom.watch.rules.keep(AlertRule(name="all"))
            newsroom.watch.webhooks.keep(Webhook(name="slack", url="https://hooks.example.org/", rules=("all",)))
            newsroom.checkpoints.make()
        with opened(desk_at) as desk:
            desk.record(tells(1, "words that have to go later"), tells(3, "words gone at the copy"))
            desk.record(erases("words gone at the copy"))
            copied = begin_as_copy(desk_at.service, room_at.owner, "main")
            with opened(room_at, desk_at) as room:
                same = {name: desk.rows(query) == room.rows(query) for name, query in KEPT.items()}
                left = [len(room.rows(query)) for query in NOT_TAKEN_ALONG]
                room.record(tells(90, "what only the circle knows"), tells(91, BOTH))
                list(import_lines(desk.ledger, lines("later"), "key:anna"))
                desk.record(tells(2, BOTH, key="afp/1"), erases("words that have to go later"))
                desk.record(registers("reuters", "Reuters, renamed"), erases(BOTH))
                desk.record(command(type="rating", source="reuters", scale="desk", grade="A", rationale="so far"))
                pinned = desk.log.head()
                desk.record(edition(pinned))
                caught_up(room)
                yield Pair(desk, room, copied, pinned, same, left)


def test_a_room_begins_as_the_very_bytes_of_the_desk(pair: Pair) -> None:
    assert pair.was_the_same == dict.fromkeys(KEPT, True)


def test_who_may_come_in_who_is_told_and_what_was_signed_is_not_taken_along(pair: Pair) -> None:
    assert pair.was_left == [0] * len(NOT_TAKEN_ALONG)
    assert all(pair.desk.rows(query) for query in NOT_TAKEN_ALONG)


def test_every_kind_of_event_is_followed_and_says_the_same(pair: Pair) -> None:
    there, here = pair.desk.events(), pair.room.events()
    followed = [one for one in here[pair.copied :] if one.by == by_of("main")]

    assert {one.event.type for one in there} == set(EVENTS)
    assert [said(one) for one in followed[:-1]] == [said(one) for one in there[pair.copied : -1]]
    # An edition pins the moment at which all that it pinned over there was here.
    assert said(followed[-1]) == {**said(there[-1]), "as_of": followed[-2].position}
    assert len(here) == len(there) + 2


def test_a_text_that_was_erased_at_the_desk_is_erased_in_the_room_whoever_else_said_the_words(pair: Pair) -> None:
    gone = [sha256_of(words) for words in ("words gone at the copy", "words that have to go later", BOTH)]
    kept = sha256_of("what only the circle knows")

    assert pair.room.log.texts([*gone, kept]) == {**dict.fromkeys(gone), kept: "what only the circle knows"}


def test_nothing_of_the_room_is_anywhere_in_the_database_of_the_desk(pair: Pair) -> None:
    assert found_in(pair.room, "what only the circle knows", numbered(90))
    assert not found_in(pair.desk, "what only the circle knows", numbered(90), sha256_of("what only the circle knows"))


def test_followed_again_from_any_earlier_place_nothing_is_taken_in_twice(pair: Pair) -> None:
    head = pair.room.log.head()
    with psycopg.connect(pair.room.addresses.owner) as connection:
        connection.execute("UPDATE ledger.followed SET position = copied")

    caught_up(pair.room)

    assert pair.room.log.head() == head
    assert pair.room.place.position == pair.desk.log.head()


def test_who_follows_can_write_nothing_at_the_desk(pair: Pair) -> None:
    with EventLog(only_reading(pair.desk.addresses.service), most=2) as log:
        with pytest.raises(StoreUnavailable, match="takes no writes"):
            log.append([registered("spy")])
        assert log.wait(0, 5.0)


def test_a_ledger_that_is_not_new_cannot_begin_to_follow(pair: Pair, cluster: Cluster) -> None:
    with pytest.raises(CannotFollow, match="something was recorded at this desk already"):
        begin_as_copy(pair.desk.addresses.service, pair.room.addresses.owner, "main")
    with fresh_database(cluster) as fresh, pytest.raises(CannotFollow, match="only the owner"):
        begin_as_copy(pair.desk.addresses.service, fresh.service, "main")


@pytest.fixture
def two(cluster: Cluster) -> Iterator[tuple[Desk, Desk]]:
    """A small desk and a room that has just begun to follow it."""
    with fresh_database(cluster) as desk_at, fresh_database(cluster) as room_at, opened(desk_at) as desk:
        desk.record(*registry(), says("words of the desk", id=numbered(1)))
        begin_as_copy(desk_at.service, room_at.owner, "main")
        with opened(room_at, desk_at) as room:
            yield desk, room


def test_what_the_room_cannot_take_in_is_told_and_waited_for_but_an_erasure_does_not_wait(
    two: tuple[Desk, Desk], caplog: pytest.LogCaptureFixture
) -> None:
    desk, room = two
    room.record(withdraws(1, "the circle heard it from the agency"))
    desk.record(registers("afp"), withdraws(1, "the agency killed the story"), registers("ap"))
    desk.record(erases("words of the desk"))

    caught_up(room)
    caught_up(room)

    stands = room.place
    assert (stands.position, stands.refused) == (6, 7)
    assert str(stands.said).startswith("/claim: the claim")
    assert sum("stopped before its position 7" in record.message for record in caplog.records) == 1
    assert "the agency killed" not in caplog.text
    assert room.log.texts([sha256_of("words of the desk")]) == {sha256_of("words of the desk"): None}
    assert not room.log.stream("source/ap")

    assert not room.following.store.pass_over(8, "local:anna")
    assert room.following.store.pass_over(7, "local:anna")
    caught_up(room)

    assert room.place == (*room.place[:2], desk.log.head(), None, None, None)
    assert [(one.position, one.by) for one in room.following.store.passed_over()] == [(7, "local:anna")]
    assert room.log.stream("source/ap")


def test_it_goes_on_by_itself_once_the_room_can_take_it_in(two: tuple[Desk, Desk]) -> None:
    desk, room = two
    desk.record(location("town"), location("district"), links("town", "district"))
    caught_up(room)
    desk.record(unlinks("town", "district"), links("district", "town"))
    room.record(location("hamlet"), links("district", "hamlet"), links("hamlet", "town"), unlinks("town", "district"))
    desk.record(location("street"))
    caught_up(room)
    assert room.place.refused is None

    room.record(links("street", "town"))
    desk.record(links("town", "street"))
    caught_up(room)
    assert "part_of" in str(room.place.said) or "part of" in str(room.place.said)

    room.record(unlinks("street", "town"))
    caught_up(room)
    assert room.place.refused is None


def test_the_latest_word_on_who_is_who_wins_whoever_said_it(two: tuple[Desk, Desk]) -> None:
    desk, room = two
    desk.record(registers("agency", "the agency, renamed"))
    room.record(registers("agency", "the agency, as the circle knows it"))
    caught_up(room)
    assert named(room, "agency") == "the agency, renamed"

    room.record(registers("agency", "the agency, as the circle knows it"))
    desk.record(registers("afp"))
    caught_up(room)
    assert named(room, "agency") == "the agency, as the circle knows it"


def test_one_process_follows_and_another_takes_over(two: tuple[Desk, Desk]) -> None:
    desk, room = two
    caught_up(room)
    with opened(room.addresses, desk.addresses) as other:
        desk.record(registers("afp"))
        assert not other.following.step()
        assert room.following.step()
        room.following.stop()
        desk.record(registers("ap"))
        assert other.following.step()


def test_it_wakes_when_something_is_recorded_and_rests_while_nothing_is(two: tuple[Desk, Desk]) -> None:
    desk, room = two
    room.following.start()
    desk.record(registers("afp"))
    assert room.log.wait(5, 20.0)
    room.following.stop()


def test_a_desk_that_is_not_the_one_which_was_followed_is_found_out(two: tuple[Desk, Desk], cluster: Cluster) -> None:
    desk, room = two
    desk.record(registers("afp"))
    caught_up(room)
    room.following.stop()
    with fresh_database(cluster) as elsewhere, opened(elsewhere) as restored:
        restored.record(*registry(), says("words of the desk", id=numbered(1)))
        with opened(room.addresses, elsewhere) as again:
            caught_up(again)
            shorter = again.place.said
            restored.record(registers("ap"), registers("dpa"))
            caught_up(again)

            assert shorter == again.place.said == "'main' is not the ledger that was followed"
            assert not again.log.stream("source/dpa")


def test_a_room_comes_back_from_a_backup_and_goes_on_where_it_was(
    two: tuple[Desk, Desk], cluster: Cluster, tmp_path: Path
) -> None:
    desk, room = two
    desk.record(registers("afp"))
    caught_up(room)
    middle = room.log.head()
    room.record(says("of the circle", id=numbered(90)))
    desk.record(registers("ap"))
    caught_up(room)
    back_up(room.addresses.service, tmp_path)
    desk.record(registers("dpa"))
    known = read(tmp_path)
    with fresh_database(cluster) as empty:
        restore(empty.owner, known, reached(known, str(middle)))
        with opened(empty, desk.addresses) as again:
            caught_up(again)

            assert again.place.position == desk.log.head()
            assert [len(again.log.stream(f"source/{slug}")) for slug in ("afp", "ap", "dpa")] == [1, 1, 1]
