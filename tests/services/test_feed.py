"""A ledger can be taken elsewhere: its export, taken in by an empty one, makes the same ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.claims import Question
from domain.commands import EraseText
from domain.times import read_instant
from domain.values import sha256_of
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.editions import Draft
from services.imports import import_lines
from services.story import lines
from support.database import Cluster, fresh_database
from support.expectations import NOW

EVENING = Query(valid_at=NOW)
MINIAN = Question(location="minian", aspect="control")
GONE = "He says the village remains in rebel hands."


@pytest.fixture(scope="module")
def original(cluster: Cluster) -> Iterator[Newsroom]:
    """The whole story, with an edition, and one text that had to go."""
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        for name in ("registry", "claims", "later"):
            list(import_lines(newsroom.ledger, lines(name)))
        query = Query(valid_at=NOW, at_least=newsroom.feed.head())
        newsroom.ledger.record(newsroom.editions.prepare(Draft(story="aleppo", title="Evening"), query))
        newsroom.ledger.record(EraseText(sha256=sha256_of(GONE), reason="a court has ordered it"))
        yield newsroom


def exported(newsroom: Newsroom) -> list[bytes]:
    return [line.encode() for line in newsroom.feed.export()]


def report(newsroom: Newsroom, sent: list[bytes]) -> dict[str, object]:
    return list(import_lines(newsroom.ledger, sent))[-1]


def test_an_empty_ledger_takes_in_every_line_and_is_the_same_then(original: Newsroom, cluster: Cluster) -> None:
    sent = exported(original)
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as copy:
        assert report(copy, sent)["accepted"] == len(sent) == original.feed.head()
        assert exported(copy) == sent
        cut = Query(valid_at=NOW, at_least=len(sent))
        assert copy.beliefs.belief(MINIAN, cut).body["digest"] == original.beliefs.belief(MINIAN, cut).body["digest"]


def test_a_ledger_that_is_sent_its_own_lines_has_them_all(original: Newsroom) -> None:
    sent = exported(original)
    assert report(original, sent)["duplicates"] == len(sent)


def test_an_erased_text_is_nowhere_in_the_export(original: Newsroom) -> None:
    assert GONE.encode() not in b"\n".join(exported(original))


def test_a_copy_does_not_take_an_erased_text_in_either(original: Newsroom, cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as copy:
        report(copy, exported(original))
        again = [line for line in lines("claims") if GONE.encode() in line]
        assert report(copy, again)["duplicates"] == len(again)
        assert GONE.encode() not in b"\n".join(exported(copy))
