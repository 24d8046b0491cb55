"""At the terminal a desk is made that follows another, is helped on where it stopped, and lets its story go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from domain.commands import Command
from services.desks import addresses_of
from services.store.embedded import Addresses
from support.database import drop_database
from support.recording import command, numbered, registers, registry, says
from support.rooms import Desk, caught_up, opened
from support.terminal import Ended, Terminal


@pytest.fixture
def desk(addresses: Addresses) -> Iterator[Desk]:
    with opened(addresses) as desk:
        desk.record(*registry(), says("words of the desk", id=numbered(1)))
        yield desk
    drop_database(addresses.owner, str(conninfo_to_dict(addresses_of(addresses, "leak").owner)["dbname"]))


def test_a_confidential_story_from_its_room_to_everybody(desk: Desk, tmp_path: Path) -> None:
    def says_at(*arguments: str) -> Ended:
        return Terminal(tmp_path).here("--url", desk.addresses.owner, *arguments)

    made = says_at("desks", "make", "leak", "--following", "main", "--json").json
    assert (made["desk"], made["following"], made["is_new"], made["copied"]) == ("leak", "main", True, 5)
    assert "follows main already, since position 5" in says_at("desks", "make", "leak", "--following", "main").flowing

    with opened(addresses_of(desk.addresses, "leak"), desk.addresses) as room:
        room.record(*(command(**line) for line in STORY), withdraws("the circle heard so"))
        desk.record(registers("afp"), withdraws("the agency says so"))
        caught_up(room)
        assert "before position 7: /claim: the claim" in says_at("desks", "list").flowing
        assert "does not wait at position 6" in says_at("desks", "pass-over", "leak", "6").error
        assert "goes on without it" in says_at("desks", "pass-over", "leak", "7").out
        caught_up(room)

    (listed,) = says_at("desks", "list", "--json").json["desks"]
    assert listed["following"] == {"desk": "main", "copied": 5, "position": 7, "behind": 0, "refused": None}

    release = ("desks", "release", "leak")
    refused = says_at(*release, "minister", "--dry-run")
    assert (refused.status, "Nothing goes, because 1 line would be refused" in refused.flowing) == (1, True)
    assert "/story/1: the story 'widow' is not registered" in refused.flowing
    assert says_at(*release, "minister", "widow").status == 2
    assert "no story is called 'nobody'" in says_at(*release, "nobody", "--yes").error
    assert desk.log.head() == 7

    released = says_at(*release, "minister", "widow", "--yes").flowing
    assert "To be released: 2 stories, 1 source, 1 claim." in released
    assert "What the minister signed" in released
    assert "Released, up to position 11" in released
    assert "Nothing is new" in says_at(*release, "minister", "widow", "--yes").out
    assert desk.log.head() == 11

    assert says_at("desks", "make", "inner", "--following", "leak").status == 0
    assert "the desk 'inner' follows 'leak'" in says_at("desks", "drop", "leak", "--yes").error
    assert "It follows leak; 0 events came after it was copied." in says_at("desks", "drop", "inner", "--yes").flowing
    assert says_at("desks", "drop", "leak", "--yes", "--json").json["following"] == "main"
    assert says_at("desks", "list", "--json").json == {"desks": []}


CHAIN = [{"source": "driver", "role": "speaker", "mode": "quote", "naming": "named"}]
SAID = says("the driver says so", id=numbered(9), story=["minister", "widow"], chain=CHAIN)
STORY = [
    {"type": "story", "slug": "minister", "title": "What the minister signed"},
    {"type": "story", "slug": "widow", "title": "What his widow knows"},
    {"type": "source", "slug": "driver", "kind": "witness", "name": "his driver"},
    json.loads(SAID.model_dump_json(exclude_none=True)),
]


def withdraws(reason: str) -> Command:
    return command(type="withdraw", claim=numbered(1), reason=reason)
