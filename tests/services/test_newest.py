"""A belief from each source's newest claims is the belief from all claims, or it is said that they are not enough."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from domain.belief.asked import Asked
from domain.belief.case import Case, NotEnough
from domain.belief.explain import belief
from domain.belief.word import At, at_present
from domain.claims import Question
from domain.commands import Command
from domain.policies import policy_named
from domain.times import read_instant
from services.cases import Depth, load_case, load_newest
from services.facts import Facts, RegistryMemory
from support.believing import at
from support.builders import corrects, says, source, voids, withdraws
from support.database import Cluster, fresh_database
from support.following import Following, following
from support.ledger import PaperLedger
from support.lively import lively_world, taken
from support.lively import questions as every_question
from support.recording import numbered

TALK = (
    ("control", "rebels"), ("control", "rebels"), ("control", "government"), ("control", "is"),
    ("fighting", "ongoing"), ("fighting", "ongoing"), ("fighting", "none"),
    ("territory_change/rebels", "captured"), ("territory_change/rebels", "advanced"), ("siege", "besieged"),
    ("strike", "occurred"), ("strike", "occurred"), ("strike", "none"), ("casualties", None),
)  # fmt: skip
VALID = (
    *(f"2016-11-{day:02}" for day in range(1, 12)),
    "2016-11-02/2016-11-05",
    "2016-10-20/2016-11-30",
    "../2016-11-08",
)
STATED = ("2016-11-07", "2016-11-08T10:00:00Z", "2016-11-12", "2016-11-20")
PLACES = ("minian", "minian", "minian", "aleppo", "syria")
VOICES = ("rebels", "government", "reuters", "fastaqim")
TIMES = [at("2016-11-03"), at("2016-11-08"), at("2016-11-10T12:00:00Z"), at("../2016-11-06"), at("2017-01-01")]
NOW = at_present(read_instant("2016-11-09T12:00:00Z"))


def chatter(seed: int, claims: int) -> Iterator[Command]:
    """A few sources that repeat themselves, change their minds, speak of the past and take things back."""
    chance = random.Random(seed)
    yield source("fastaqim", "party")
    for number in range(claims):
        aspect, value = chance.choice(TALK)
        yield says(
            chance.choice(VOICES),
            value,
            at=f"{chance.choice(PLACES)}/{aspect}",
            claim=numbered(seed * 10_000 + number),
            valid=chance.choice(VALID),
            stated=chance.choice(STATED),
            modality=chance.choice(("asserted", "asserted", "asserted", "presupposed", "predicted")),
            polarity=chance.choice(("asserts", "asserts", "asserts", "asserts", "denies")),
            facets={"extent": "full"} if aspect == "control" and chance.random() < 0.5 else {},
            quantity={"min": chance.randrange(1, 30)} if aspect == "casualties" else None,
        )
        earlier = numbered(seed * 10_000 + chance.randrange(number + 1))
        if chance.random() < 0.1:
            yield chance.choice((withdraws(earlier), voids(earlier)))
        elif chance.random() < 0.05:
            yield corrects(earlier, says("reuters", "rebels", claim=numbered(seed * 10_000 + 5_000 + number)))


@dataclass(frozen=True)
class Told:
    """A ledger of much talk on few questions, with its views."""

    ledger: PaperLedger
    followed: Following
    questions: list[Question]

    def whole(self, question: Question, position: int) -> Case:
        views = self.followed.views
        return load_case(views, RegistryMemory().upto(views, self.ledger.head), [question], position)

    def newest(self, question: Question, position: int, when: At, most: int) -> Case:
        views = self.followed.views
        registry = RegistryMemory().upto(views, self.ledger.head)
        return load_newest(views, registry, [question], position, when, Depth(most, look_below=most % 2 == 0))


@pytest.fixture(scope="module", params=[1, 2])
def told(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Told]:
    ledger = taken(lively_world(), list(chatter(request.param, 150)))
    with fresh_database(cluster) as addresses, following(addresses, ledger.history) as followed:
        followed.catch_up(batch=500)
        yield Told(ledger, followed, every_question(ledger))


def believed(case: Case, asked: Asked, position: int) -> object:
    try:
        return belief(case.at(position), asked)
    except NotEnough:
        return NotEnough


def cuts(told: Told) -> Iterator[tuple[Asked, int, At]]:
    """Every question at some positions, times and with somebody left out or not."""
    chance = random.Random(7)
    desk = policy_named("desk/1")
    for question in told.questions:
        for when in [*TIMES, NOW]:
            position = chance.choice([told.ledger.head, chance.randrange(20, told.ledger.head)])
            without = frozenset(chance.sample(VOICES, chance.choice([0, 0, 1])))
            yield Asked(question, when, desk, without), position, when


@pytest.mark.parametrize("most", [1, 2, 6])
def test_what_the_newest_claims_tell_is_what_all_claims_tell(told: Told, most: int) -> None:
    found = [
        (believed(told.newest(asked.question, position, when, most), asked, position), asked, position)
        for asked, position, when in cuts(told)
    ]
    answered = [(body, asked, position) for body, asked, position in found if body is not NotEnough]
    wrong = [
        (asked, position)
        for body, asked, position in answered
        if body != believed(told.whole(asked.question, position), asked, position)
    ]
    assert wrong == []
    assert len(answered) > len(found) / 4


def test_a_case_of_the_newest_claims_is_much_smaller(told: Told) -> None:
    question = Question(location="minian", aspect="control")
    few, many = told.newest(question, told.ledger.head, NOW, 1), told.whole(question, told.ledger.head)
    assert len(few.standings) < len(many.standings) * 2 / 3


def test_whoever_asks_gets_more_claims_loaded_until_they_are_enough(told: Told) -> None:
    facts = Facts(told.followed.views, told.followed.projector())
    desk = policy_named("desk/1")
    head = told.ledger.head
    for when in [*TIMES, NOW]:
        bodies = facts.judged(told.questions, head, when, lambda cut, one, at=when: belief(cut, Asked(one, at, desk)))
        wholly = [belief(told.whole(one, head).at(head), Asked(one, when, desk)) for one in told.questions]
        assert bodies == wholly


@pytest.fixture(scope="module")
def strikes(cluster: Cluster) -> Iterator[Told]:
    """Three weeks of strikes on one place, of some hours or days, told by several sources."""
    chance = random.Random(3)
    ledger = taken(lively_world(), [source("fastaqim", "party")])
    for number in range(90):
        day = 1 + number // 5
        valid = chance.choice((f"2016-11-{day:02}", f"2016-11-{day:02}", f"2016-11-{day:02}/2016-11-{day + 1:02}"))
        said = says(chance.choice(VOICES), "occurred", at="minian/strike", claim=numbered(number), valid=valid)
        taken(ledger, [said] if chance.random() > 0.1 else [said, withdraws(numbered(number))])
    with fresh_database(cluster) as addresses, following(addresses, ledger.history) as followed:
        followed.catch_up(batch=500)
        yield Told(ledger, followed, [Question(location=place, aspect="strike") for place in ("minian", "syria")])


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 6])
def test_of_what_happens_again_and_again_the_latest_episodes_are_what_all_claims_tell(strikes: Told, most: int) -> None:
    head = strikes.ledger.head
    presents = [at_present(read_instant(f"2016-11-{day:02}T12:00:00Z")) for day in range(1, 26)]
    days = [at(f"2016-11-{day:02}") for day in range(1, 26, 3)]
    asked = [Asked(one, when, policy_named("desk/1")) for one in strikes.questions for when in (*presents, *days)]
    found = [(one, believed(strikes.newest(one.question, head, one.at, most), one, head)) for one in asked]
    answered = [(one, body) for one, body in found if body is not NotEnough]
    wrong = [one for one, body in answered if body != believed(strikes.whole(one.question, head), one, head)]
    assert wrong == []
    assert len(answered) > len(found) / 4
