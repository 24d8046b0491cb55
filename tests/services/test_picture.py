"""The picture holds, for every question, instant and position, what judging the ledger itself comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from domain.belief.asked import Asked
from domain.belief.bounds import breakpoints
from domain.belief.case import Case
from domain.belief.history import UNREPORTED, transitions
from domain.belief.judge import UnknownAspect, judge
from domain.belief.word import At, at_instant, at_present
from domain.claims import Question
from domain.policies import policy_named
from domain.times import instant, read_instant
from services.across import Wanted
from services.bootstrap import Newsroom, open_newsroom
from services.cases import load_case
from services.changes import changes_of
from services.cuts import Query
from services.facts import Facts, RegistryMemory
from services.imports import import_lines
from services.questions import pages
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.picturing import Across, PictureReader
from services.story import lines
from support.database import Cluster, fresh_database

DESK = policy_named("desk/1")
EVENING = read_instant("2016-11-08T20:00:00+02:00")


@dataclass(frozen=True)
class Painted:
    """The Aleppo story to its end, and all that is needed to ask it both ways."""

    newsroom: Newsroom
    picture: PictureReader
    case: Case
    questions: list[Question]
    spoken: set[str]
    head: int


@pytest.fixture(scope="module")
def aleppo(cluster: Cluster) -> Iterator[Painted]:
    with (
        fresh_database(cluster) as addresses,
        open_newsroom(addresses) as newsroom,
        Connections(addresses.service) as asking,
    ):
        story = [*lines("registry"), *lines("claims"), *lines("later")]
        assert [row["refused"] for row in import_lines(newsroom.ledger, story)][-1] == 0
        head = newsroom.feed.head()
        assert newsroom.projector.caught_up_to(head, 300.0) >= head
        picture = PictureReader(asking.fetch)
        views = ViewReader(asking.fetch)
        facts = Facts(views, newsroom.projector)
        questions = [question for page in pages(facts, Across(), head) for question in page]
        case = load_case(views, RegistryMemory().upto(views, head), questions, head)
        spoken = {question.name for question in views.questions_known(head)}
        yield Painted(newsroom, picture, case, questions, spoken, head)


def judged(case: Case, question: Question, at: At, position: int) -> object:
    try:
        return judge(case.at(position), Asked(question, at, DESK)).outcome()
    except UnknownAspect:
        return UNREPORTED


def moments(painted: Painted, question: Question) -> list[datetime]:
    """Every bound of the question's valid time, the instants just before them, and the story's evening."""
    bounds = breakpoints(painted.case.at(painted.head), question)
    return [EVENING, *bounds, *(bound - timedelta(microseconds=1) for bound in bounds)]


def test_every_question_that_somebody_spoke_on_is_known(aleppo: Painted) -> None:
    known = {question.name for question in aleppo.questions}
    opinions = {"aleppo/significance", "minian/significance"}
    assert aleppo.spoken - known == opinions
    assert {"aleppo/fighting", "syria/fighting", "1070-apartments/fighting", "minian/control"} <= known


def test_at_every_cut_and_instant_it_says_what_judging_says(aleppo: Painted) -> None:
    wrong = [
        (question.name, moment, position)
        for question in aleppo.questions
        for moment in moments(aleppo, question)
        for position in range(50, aleppo.head + 1, 3)
        for found in [aleppo.picture.at(Across(questions=[question.name]), moment, (), position, 2)]
        if (found[0][1].outcome if found else UNREPORTED) != judged(aleppo.case, question, at_instant(moment), position)
    ]
    assert wrong == []


def test_without_a_valid_time_it_says_what_judging_the_latest_episode_says(aleppo: Painted) -> None:
    episodic = ("territory_change", "strike", "casualties", "damage")
    wrong = [
        (question.name, position)
        for question in aleppo.questions
        for position in range(50, aleppo.head + 1, 3)
        for found in [aleppo.picture.at(Across(questions=[question.name]), EVENING, episodic, position, 2)]
        if (found[0][1].outcome if found else UNREPORTED)
        != judged(aleppo.case, question, at_present(EVENING), position)
    ]
    assert wrong == []


def test_its_changes_are_those_that_judging_every_position_finds(aleppo: Painted) -> None:
    at = At(instant(EVENING), instant(EVENING))
    for question in aleppo.questions:
        read_off = changes_of(aleppo.picture.through(question, EVENING, "instant", aleppo.head))
        assert read_off == list(transitions(aleppo.case, Asked(question, at, DESK), aleppo.head)), question.name


def told(number: int, source: str, *, carries: int | None = None) -> bytes:
    """A claim that the army holds Minian; it may carry one that is recorded later."""
    claim = {
        "id": f"018f5e00-0000-7000-8000-00000000000{number}",
        "question": {"location": "minian", "aspect": "control"},
        "value": "syrian-government",
        "chain": [{"source": source, "role": "speaker", "mode": "carried", "naming": "named"}],
        "valid": {"edtf": "2016-11-08"},
        "published": {"edtf": "2016-11-08"},
        "relations": [
            {"type": "carries", "claim": f"018f5e00-0000-7000-8000-00000000000{other}"}
            for other in ([carries] if carries else [])
        ],
    }
    return json.dumps(claim).encode()


def test_a_claim_that_was_carried_before_it_was_recorded_repaints_the_whole_line(cluster: Cluster) -> None:
    with (
        fresh_database(cluster) as addresses,
        open_newsroom(addresses) as newsroom,
        Connections(addresses.service) as asking,
    ):
        list(import_lines(newsroom.ledger, lines("registry")))
        said = [told(1, "afp", carries=2), told(2, "reuters", carries=3), told(3, "syrian-army")]
        strengths = []
        for line in said:
            list(import_lines(newsroom.ledger, [line]))
            head = newsroom.feed.head()
            assert newsroom.projector.caught_up_to(head, 300.0) >= head
            found = PictureReader(asking.fetch).at(Across(aspect="control"), EVENING, (), head, 2)
            strengths += [one.outcome.strength for _, one in found]
        # Two agencies on their own say so first; in the end all three only pass on what the army says of itself.
        assert strengths == ["S3", "S3", "S2"]


def test_what_came_down_from_a_whole_keeps_the_event_that_brought_it(cluster: Cluster) -> None:
    whole = json.loads(told(4, "sohr"))
    whole |= {"question": {"location": "aleppo", "aspect": "control"}, "facets": {"extent": "full"}}
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as newsroom:
        list(import_lines(newsroom.ledger, (*lines("registry"), json.dumps(whole).encode(), told(3, "syrian-army"))))
        head = newsroom.feed.head()
        assert newsroom.projector.caught_up_to(head, 300.0) >= head
        minian = Question(location="minian", aspect="control")
        query = Query(valid_at="2016-11-08T20:00:00+02:00")
        changes = newsroom.beliefs.history(minian, query).body
        assert [(row["position"], row["after"]) for row in changes] == [
            (head - 1, {"agreement": "uncontested", "strength": "S3", "value": "syrian-government"}),
            (head, {"agreement": "uncontested", "strength": "S2", "value": "syrian-government"}),
        ]
        assert newsroom.across.beliefs(Wanted(aspect="control"), "", 10, query).body.rows[1]["changed"] == head
