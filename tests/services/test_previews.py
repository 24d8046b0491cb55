"""What a preview says would be believed is what is believed once the claim is recorded; it records nothing itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims import Question
from domain.commands import RecordClaim
from domain.refusals import Refusal
from services.beliefs import SHORT
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.feed import line_of
from services.imports import import_lines
from support.chance import tried_on
from support.database import Cluster, fresh_database
from support.lively import PLACES, claims, lively_world
from support.recording import numbered

NOW = datetime(2016, 11, 10, 12, tzinfo=UTC)
few = tried_on(6, shrinks=False)  # the ledger goes on from example to example, so a smaller one is another one
Json = dict[str, Any]
CHANGES = ("agreement", "strength", "value", "lean")


@dataclass
class Room:
    """A world in which much bears on much, and what is said in it."""

    newsroom: Newsroom
    claims: int = 0

    @property
    def head(self) -> int:
        return self.newsroom.feed.head()

    def numbered(self, claim: RecordClaim) -> RecordClaim:
        """The same claim under an id that is not taken."""
        self.claims += 1
        return claim.model_copy(update={"id": numbered(self.claims)})

    def believed(self, question: Question, valid_at: str | None, tz: str | None) -> Json:
        """What a reader is answered now, in short."""
        query = Query(valid_at=valid_at, tz=tz, at_least=self.head)
        body = self.newsroom.beliefs.belief(question, query).body
        return {name: body[name] for name in SHORT}

    def pictures(self) -> dict[str, object]:
        """What is believed now on every question on which anything is, as a change is told."""
        found = [self.newsroom.beliefs.picture(place, Query(at_least=self.head)).body for place in PLACES]
        rows: list[Json] = [one for picture in found for one in picture if one["agreement"] != "unreported"]
        return {json.dumps(one["question"]): [one[name] for name in CHANGES] for one in rows}


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Room]:
    world = lively_world()
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: NOW) as newsroom:
        lines = [json.dumps(line_of(one.event, world.texts)).encode() for one in world.history]
        *_, done = import_lines(newsroom.ledger, lines)
        assert done["refused"] == 0
        yield Room(newsroom)


def outcome(room: Room, claim: RecordClaim, *, tried: bool) -> Refusal | Json | None:
    """What the preview answers, or what stands against the claim; recorded, nothing or what stands against it."""
    try:
        if tried:
            return room.newsroom.previews.preview(claim).body
        room.newsroom.ledger.record(claim)
    except Refusal as refusal:
        return refusal
    return None


def told(refusal: Refusal) -> tuple[type[Refusal], list[tuple[str, str | None]]]:
    return type(refusal), [(one.pointer, one.expected) for one in refusal.problems]


def rows_of(preview: Json) -> Iterator[tuple[Question, str | None, str | None, Json]]:
    """Each question with its valid time, and what would be believed then."""
    for row in preview["bears_on"]:
        asked = Question.model_validate(row["question"])
        yield asked, None, None, row["now"]
        if "then" in row:
            yield asked, row["then"]["valid_at"], row["then"]["tz"], row["then"]


def try_and_record(room: Room, claim: RecordClaim) -> Json | None:
    """The preview, held against what is believed before and after; None if the claim is refused, twice alike."""
    head = room.head
    preview = outcome(room, claim, tried=True)
    assert room.head == head
    if isinstance(preview, Refusal):
        refusal = outcome(room, claim, tried=False)
        assert isinstance(refusal, Refusal)
        assert told(refusal) == told(preview)
        return None
    assert preview is not None
    assert all(row["before"] == room.believed(asked, at, tz) for asked, at, tz, row in rows_of(preview))
    assert outcome(room, claim, tried=False) is None
    assert all(row["after"] == room.believed(asked, at, tz) for asked, at, tz, row in rows_of(preview))
    return preview


@few
@given(said=st.lists(claims(), min_size=3, max_size=5))
def test_what_would_be_believed_is_what_is_believed_once_it_is_recorded(room: Room, said: list[RecordClaim]) -> None:
    for claim in said[:-1]:
        if try_and_record(room, claim) is None:
            try_and_record(room, room.numbered(claim))
    before = room.pictures()
    last = try_and_record(room, room.numbered(said[-1]))
    after = room.pictures()

    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    assert last is None or changed <= {json.dumps(row["question"]) for row in last["bears_on"]}
