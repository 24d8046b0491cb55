"""A story that was confidential goes to the desk that was followed: whole, once, and with nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from domain.commands import Command
from domain.events import AssessmentMade
from domain.refusals import Refusal
from domain.values import sha256_of
from services.errors import UnknownThing
from services.imports import import_all_or_nothing
from services.rehearsing import rehearse
from services.releasing import Release, release_of
from services.store.following import begin_as_copy
from support.database import Cluster, fresh_database
from support.recording import command, numbered, registers, registry, says
from support.rooms import Desk, caught_up, found_in, opened

LETTER = "The minister signed it in March."
CHAIN = [
    {"source": "driver", "role": "speaker", "mode": "quote", "naming": "unnamed"},
    {"source": "agency", "role": "publisher", "mode": "paraphrase", "naming": "named"},
]
Two = tuple[Desk, Desk]


def ties(name: str, low: str, relation: str, high: str, *evidence: int) -> Command:
    members = {"from": low, "relation": relation, "to": high, "evidence": [numbered(one) for one in evidence]}
    return command(type="affiliation", id=name, **members)


def place(slug: str) -> Command:
    return command(type="location", slug=slug, names=[slug], precision="exact")


def lies_in(part: str, whole: str) -> Command:
    return command(type="location_link", **{"from": part, "relation": "part_of", "to": whole})


def relates(claim: int, kind: str, other: int) -> Command:
    return command(type="relation", claim=numbered(claim), relation={"type": kind, "claim": numbered(other)})


def leaked(number: int, statement: str, **more: object) -> Command:
    given = {"id": numbered(number), "story": ["leak"], "chain": CHAIN, **more}
    return says(statement, **{"question": {"location": "villa", "aspect": "control"}, **given})


def what_the_circle_knows() -> list[Command]:
    letter = {"sha256": sha256_of(LETTER), "media_type": "text/plain", "text": LETTER, "source": "ministry"}
    quote = {"document": sha256_of(LETTER), "start": 0, "end": 12}
    return [
        command(type="story", slug="leak", title="What the minister signed"),
        command(type="story", slug="other", title="What is not ripe"),
        *(registers(slug) for slug in ("driver", "ministry", "cabinet", "clerk", "guard")),
        registers("agency", "the agency, as the circle knows it"),
        *(place(slug) for slug in ("villa", "quarter", "city", "harbour")),
        *(lies_in(part, whole) for part, whole in (("villa", "quarter"), ("quarter", "city"), ("harbour", "city"))),
        ties("up", "driver", "member_of", "cabinet"),
        ties("beside", "clerk", "opposes", "driver"),
        ties("proven", "army", "opposes", "rebels", 10),
        ties("hidden", "driver", "opposes", "army", 20),
        command(type="aspect", name="signature", kind="state", values=["signed", "unsigned"]),
        command(type="document", **letter),
        leaked(10, "the letter is signed", quote=quote),
        leaked(11, "written down wrongly", question={"location": "villa", "aspect": "signature"}, value="unsigned"),
        command(
            type="correct",
            claim=numbered(11),
            reason="misheard",
            replacement=leaked(12, "the letter lies in the villa", value="army").model_dump(mode="json", by_alias=True),
        ),
        leaked(13, "words that had to go"),
        command(type="text_erased", sha256=sha256_of("words that had to go"), reason="a court has ordered it"),
        says("of the other story", id=numbered(20), story=["other"], chain=[{**CHAIN[0], "source": "guard"}]),
        says("of no story", id=numbered(21)),
        relates(10, "denies", 1),
        relates(1, "queries", 12),
        relates(12, "specifies", 20),
        command(
            type="assess",
            id="verdict",
            question={"location": "villa", "aspect": "control"},
            value="army",
            valid={"edtf": "2016-11-08"},
            rationale="so we think",
        ),
    ]


@pytest.fixture
def two(cluster: Cluster) -> Iterator[Two]:
    """A desk, and a room that knows more."""
    with fresh_database(cluster) as desk_at, fresh_database(cluster) as room_at, opened(desk_at) as desk:
        desk.record(*registry(), says("words of the desk", id=numbered(1)))
        begin_as_copy(desk_at.service, room_at.owner, "main")
        with opened(room_at, desk_at) as room:
            refused = [one for one in room.record(*what_the_circle_knows()) if isinstance(one, Refusal)]
            assert not refused
            yield desk, room


def leaving(two: Two, *stories: str) -> Release:
    desk, room = two
    return release_of(room.log, room.store, room.place, desk.log, stories)


def refusals(desk: Desk, lines: Sequence[bytes]) -> list[str]:
    found = rehearse(desk.log, lines, datetime.now(UTC))
    return [str(one) for one in found if isinstance(one, Refusal)]


def released(two: Two, *stories: str) -> dict[str, object]:
    lines = leaving(two, *stories).lines
    *_, done = import_all_or_nothing(two[0].ledger, lambda: lines, "local:anna")
    return done


def test_what_would_go_is_told_before_and_nothing_comes_near_the_desk(two: Two) -> None:
    desk, head = two[0], two[0].log.head()

    going = leaving(two, "leak")

    assert going.counted() == {
        "story": 1,
        "source": 3,
        "location": 3,
        "location_link": 2,
        "affiliation": 2,
        "aspect": 1,
        "document": 1,
        "claim": 3,
        "correct": 1,
        "text_erased": 1,
        "relation": 2,
    }
    assert [one.get("slug") or one.get("name") for one in going.introduced()][:7] == [
        "leak", "driver", "ministry", "cabinet", "villa", "quarter", "city",
    ]  # fmt: skip
    assert going.staying == {"relation-asserted.v1": 1, "assessment-made.v1": 1}
    assert refusals(desk, going.lines) == []
    assert desk.log.head() == head
    assert found_in(desk, "signed", "driver", "leak") == []


def test_a_story_that_the_room_does_not_have_cannot_go(two: Two) -> None:
    with pytest.raises(UnknownThing):
        leaving(two, "nothing-of-ours")


def test_what_is_refused_is_told_and_nothing_goes(two: Two) -> None:
    desk, room = two
    room.record(leaked(14, "of both stories", story=["leak", "other"]), leaked(15, "after", relations=[RELATED]))
    head = desk.log.head()

    alone, both = leaving(two, "leak"), leaving(two, "leak", "other")

    assert ["other" in one for one in refusals(desk, alone.lines)] == [True]
    assert refusals(desk, both.lines) == []
    assert (alone.naming, both.naming) == ([(numbered(15), numbered(20))], [])
    assert released(two, "leak")["refused"] == 1
    assert desk.log.head() == head


RELATED = {"type": "confirms", "claim": numbered(20)}


def test_released_again_it_does_nothing_and_the_room_follows_without_taking_it_in_twice(two: Two) -> None:
    desk, room = two
    room.record(leaked(14, "of both stories", story=["leak", "other"]))
    room.record(command(type="void", claim=numbered(14), reason="it was of both"))
    caught_up(room)
    before = room.log.head()

    first = released(two, "leak", "other")
    head = desk.log.head()
    again = released(two, "leak", "other")
    caught_up(room)

    assert (first["refused"], first["duplicates"]) == (0, 0)
    assert (again["refused"], again["accepted"], desk.log.head()) == (0, 0, head)
    assert (room.log.head(), room.place.position) == (before, head)
    assert {one.by for one in desk.events()} == {None, "local:anna"}
    assert desk.log.texts([sha256_of(LETTER), sha256_of("words that had to go")]) == {
        sha256_of(LETTER): LETTER,
        sha256_of("words that had to go"): None,
    }


def test_what_is_no_part_of_a_story_stays_for_ever(two: Two) -> None:
    desk, _ = two
    released(two, "leak", "other")
    assert found_in(desk, "the letter is signed") != []
    assert found_in(desk, "of no story", "clerk", "harbour", "as the circle knows it", "so we think") == []
    assert not any(isinstance(one.event, AssessmentMade) for one in desk.events())


def test_what_comes_after_a_release_goes_with_the_next_one(two: Two) -> None:
    desk, room = two
    released(two, "leak", "other")
    caught_up(room)
    room.record(leaked(16, "one word more"), command(type="withdraw", claim=numbered(10), reason="taken back"))
    desk.record(registers("driver", "the driver, as everybody knows him"))

    done = released(two, "leak", "other")
    caught_up(room)

    assert (done["refused"], done["accepted"]) == (0, 2)
    assert room.place.refused is None
    assert room.place.position == desk.log.head()
