"""Of a question that very much was said on, the changes are read off a picture, or it is said that nobody has them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest

from domain.belief.history import last_transition, stretches
from domain.claims import Question
from domain.refusals import Refusal
from services.beliefs import Axis, stretches_json
from services.bootstrap import Newsroom, open_newsroom
from services.cases import load_case
from services.cuts import Query
from services.errors import LongHistory
from services.facts import Facts, RegistryMemory
from services.store.asking import ViewReader
from services.store.connections import Connections
from support.builders import location, says, source
from support.database import Cluster, fresh_database
from support.recording import numbered

SQUARE = Question(location="square", aspect="control")
VOICES = ("red", "blue", "wire")
MOST = 30
CLAIMS = 90


@dataclass(frozen=True)
class Told:
    """A square that three sources spoke of more often than is judged anew."""

    newsroom: Newsroom
    facts: Facts
    head: int


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Told]:
    chance = random.Random(1)
    commands = [source("red", "party"), source("blue", "party"), source("wire", "wire"), location("square")]
    for number in range(CLAIMS):
        commands.append(
            says(
                chance.choice(VOICES),
                "red" if number % 30 < 20 else "blue",
                at="square/control",
                claim=numbered(number),
                valid=f"20{10 + number // 9:02}-{1 + number % 9:02}-05",
            )
        )
    with (
        fresh_database(cluster) as addresses,
        open_newsroom(addresses) as newsroom,
        Connections(addresses.service) as asking,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("services.changes.MOST_JUDGED", MOST)
        assert not [one for one in newsroom.ledger.record_many(commands) if isinstance(one, Refusal)]
        head = newsroom.feed.head()
        assert newsroom.projector.caught_up_to(head, 120.0) >= head
        yield Told(newsroom, Facts(ViewReader(asking.fetch), newsroom.projector), head)


def test_a_belief_tells_its_last_change_from_the_picture(told: Told) -> None:
    query = Query(valid_at="2016-05-05")
    body = told.newsroom.beliefs.belief(SQUARE, query).body
    views = told.facts.views
    case = load_case(views, RegistryMemory().upto(views, told.head), [SQUARE], told.head)
    asked = told.newsroom.beliefs._cuts.cut(query).asked(SQUARE)  # noqa: SLF001
    change = last_transition(case, asked, told.head)
    assert change is not None
    assert cast("dict[str, object]", body["changed"])["position"] == change.position


def test_what_is_believed_along_valid_time_is_what_judging_each_stretch_finds(told: Told) -> None:
    query = Query()
    found = told.newsroom.beliefs.history(SQUARE, query, axis="valid").body
    views = told.facts.views
    case = load_case(views, RegistryMemory().upto(views, told.head), [SQUARE], told.head)
    asked = told.newsroom.beliefs._cuts.cut(query).asked(SQUARE)  # noqa: SLF001
    assert found == stretches_json(stretches(case.at(told.head), asked))
    assert len(found) > 5


def test_under_another_policy_the_belief_is_told_without_its_last_change(told: Told) -> None:
    body = told.newsroom.beliefs.belief(SQUARE, Query(policy="latest/1")).body
    assert body["agreement"] == "uncontested"
    assert body["changed"] == {"position": None, "recorded": None, "cause": None}


@pytest.mark.parametrize("axis", ["recorded", "valid"])
def test_how_it_changed_under_another_policy_is_refused_with_what_to_do(told: Told, axis: Axis) -> None:
    with pytest.raises(LongHistory, match=f"more than {MOST} claims bear on square/control"):
        told.newsroom.beliefs.history(SQUARE, Query(policy="latest/1"), axis=axis)
