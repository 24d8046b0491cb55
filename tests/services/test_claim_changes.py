"""What a claim moved is read off the picture, and is what judging every question before and after it finds."""

from collections.abc import Iterator
from typing import cast

import pytest

from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Page, Query
from services.errors import BadQuery, LongHistory
from services.imports import import_lines
from services.store.asking import Search
from services.story import lines
from support.database import Cluster, fresh_database

SILENT = Query(without=("hizbollah",))
"""Whoever leaves out who said nothing is answered by judging anew, and with the same."""
VOIDED = "015840ce-1f29-71b9-952d-c435e7c9a5ee"
CORRECTED = "015840ce-1f0a-7f84-9ab6-3f61cd89c72e"


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Newsroom]:
    """The Aleppo story with all that was recorded later."""
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as newsroom:
        said = [*lines("registry"), *lines("claims"), *lines("later")]
        assert list(import_lines(newsroom.ledger, said))[-1]["refused"] == 0
        head = newsroom.feed.head()
        assert newsroom.projector.caught_up_to(head, 120.0) >= head
        yield newsroom


def _all(room: Newsroom, claim: str, query: Query) -> list[dict[str, object]]:
    return room.claim_changes.of(claim, query, "", 1_000).body.rows


def test_the_picture_tells_what_judging_finds(room: Newsroom) -> None:
    known = [str(row["id"]) for row in room.claims.search(Search(), 0, 100, Query()).body.rows]
    pictured = {claim: _all(room, claim, Query()) for claim in known}
    assert sum(map(len, pictured.values())) > 60
    judged = {claim: _all(room, claim, SILENT) for claim in known}
    assert pictured == judged


def test_a_replacement_names_what_it_replaces(room: Newsroom) -> None:
    replacement = cast("dict[str, str]", room.claims.claim(CORRECTED, Query()).body["ending"])["replacement"]
    assert room.claims.claim(replacement, Query()).body["replaces"] == [CORRECTED]


def test_a_voided_claim_moved_the_belief_twice(room: Newsroom) -> None:
    told = [cast("dict[str, str]", row["cause"])["type"] for row in _all(room, VOIDED, Query())]
    assert (told[0], told[-1]) == ("claim-recorded.v1", "claim-voided.v1")


def test_where_too_much_was_said_judging_anew_is_refused(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.claim_changes.MOST_JUDGED", 2)
    with pytest.raises(LongHistory, match="more than 2 claims bear on"):
        _all(room, VOIDED, SILENT)


@pytest.mark.parametrize("after", ["minian/control", "x minian/control", "12"])
def test_a_place_that_no_page_ended_at_is_refused(room: Newsroom, after: str) -> None:
    with pytest.raises(BadQuery):
        room.claim_changes.of(VOIDED, Query(), after, 10)


def test_pages_come_to_the_whole(room: Newsroom) -> None:
    whole = _all(room, VOIDED, Query())
    found: list[dict[str, object]] = []
    after: str | None = ""
    while after is not None:
        page: Page = room.claim_changes.of(VOIDED, Query(), after, 1).body
        found += page.rows
        after = cast("str | None", page.next)
    assert found == whole
