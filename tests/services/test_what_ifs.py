"""A what-if says what judging the ledger itself comes to, under its terms, and stands beside the picture in use."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.belief.asked import Asked
from domain.belief.history import UNREPORTED
from domain.belief.judge import Outcome, UnknownAspect, judge
from domain.belief.word import At, at_instant, at_present
from domain.claims import Question
from domain.policies import policies, policy_named
from services.bootstrap import open_newsroom
from services.cuts import Query
from services.errors import NotCaughtUp
from services.facts import Facts
from services.imports import import_lines
from services.orders import Order
from services.picture import PictureStep
from services.questions import pages
from services.replay import Replay
from services.side_by_side import NameTaken, WantedReplay
from services.store.comparing import PictureComparer, Seen, Within
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.picturing import Across, PictureReader
from services.store.views import ViewWriter
from services.store.what_ifs import WhatIfs, what_if_of
from services.story import lines
from services.whatif import Terms
from support.believing import case_of, moment
from support.chance import tried_on
from support.database import Cluster, fresh_database
from support.following import Following, following
from support.ledger import PaperLedger
from support.lively import INSTANTS, VOICES, lively_ledgers

# What fails is not made smaller: each try builds a database.
few = tried_on(6, shrinks=False)
MOMENTS = [moment(text) for text in INSTANTS]
EPISODIC = ("territory_change", "strike", "casualties", "damage", "queue")
TERMS = st.builds(
    Terms, st.sampled_from(sorted(policies())), st.lists(st.sampled_from(VOICES), max_size=2, unique=True).map(tuple)
)


def build(world: Following, name: str, terms: Terms, workers: int = 1) -> str:
    """Replay the picture under these terms, and return the place where it then stands."""
    writer = world.writer()
    place = what_if_of(name)
    stands = Replay(world.log, writer, PictureStep(terms), Order(place, terms.upto, workers)).run()
    writer.close()
    assert stands.state == "standing"
    return place


def judged(ledger: PaperLedger, question: Question, at: At, position: int, terms: Terms) -> Outcome:
    asked = Asked(question, at, policy_named(terms.policy), frozenset(terms.without))
    try:
        return judge(case_of(ledger).at(position), asked).outcome()
    except UnknownAspect:
        return UNREPORTED


class _Now:
    """Whoever asks has caught up."""

    def caught_up_to(self, position: int, timeout: float, names: object) -> int:
        return position


def known(world: Following, position: int) -> list[Question]:
    """Every question that somebody was heard on by then, or that such words can count for."""
    return [one for page in pages(Facts(world.views, _Now()), Across(), position) for one in page]


@few
@given(ledger=lively_ledgers(), terms=TERMS, data=st.data())
def test_it_says_at_every_cut_and_instant_what_judging_under_its_terms_says(
    cluster: Cluster, ledger: PaperLedger, terms: Terms, data: st.DataObject
) -> None:
    upto = data.draw(st.integers(ledger.head // 2, ledger.head))
    terms = Terms(terms.policy, terms.without, upto)
    with fresh_database(cluster) as addresses, following(addresses, ledger.history) as world:
        world.catch_up()
        place = build(world, "other", terms, data.draw(st.sampled_from([1, 1, 3])))
        reader = PictureReader(world.connections.fetch)
        for position in {upto, data.draw(st.integers(ledger.head // 2, upto))}:
            for question in known(world, position):
                for at, latest in [(at_instant(one), ()) for one in MOMENTS[::2]] + [
                    (at_present(MOMENTS[6]), EPISODIC)
                ]:
                    assert at.last is not None
                    found = reader.at(Across(questions=[question.name]), at.last, latest, position, 2, place)
                    painted = [one.outcome for _, one in found] or [UNREPORTED]
                    assert painted == [judged(ledger, question, at, position, terms)], (question, at, position)


@few
@given(ledger=lively_ledgers(), one=TERMS, other=TERMS)
def test_a_comparison_is_the_mirror_of_the_one_the_other_way_round(
    cluster: Cluster, ledger: PaperLedger, one: Terms, other: Terms
) -> None:
    with fresh_database(cluster) as addresses, following(addresses, ledger.history) as world:
        world.catch_up()
        places = [build(world, "one", one), build(world, "other", other)]
        comparer, in_steps = PictureComparer(world.connections.fetch), PictureComparer(world.connections.fetch, 3)
        for instant in MOMENTS[::3]:
            here, there = (Seen(place, ledger.head, ()) for place in places)
            within = Within(instant)
            forth, back = comparer.differing(here, there, within, 1_000), comparer.differing(there, here, within, 1_000)
            assert forth == [(question, second, first) for question, first, second in back]
            assert [question for question, _, _ in forth] == differing(world, ledger, instant, one, other)
            counts = comparer.counted(here, there, within)
            assert sum(count.questions for count in counts if count.differs) == len(forth)
            assert comparer.differing(here, here, within, 1) == []
            assert in_steps.differing(here, there, within, 1_000) == forth
            assert in_steps.differing(here, there, within, 2) == forth[:2]


def differing(world: Following, ledger: PaperLedger, instant: datetime, one: Terms, other: Terms) -> list[Question]:
    """The questions on which judging comes to something else under these terms and those."""
    return [
        question
        for question in known(world, ledger.head)
        if len({judged(ledger, question, at_instant(instant), ledger.head, terms) for terms in (one, other)}) > 1
    ]


@few
@given(ledger=lively_ledgers())
def test_under_the_terms_of_the_one_in_use_it_is_the_one_in_use(cluster: Cluster, ledger: PaperLedger) -> None:
    with fresh_database(cluster) as addresses, following(addresses, ledger.history) as world:
        world.catch_up(*world.steps.values(), PictureStep(), batch=9)
        place = build(world, "same", Terms())
        comparer = PictureComparer(world.connections.fetch)
        for latest in ((), EPISODIC):
            for instant in MOMENTS:
                same = (Seen("views", ledger.head, latest), Seen(place, ledger.head, latest))
                assert comparer.differing(*same, Within(instant), 1) == []
        assert world.rows("picture", place) == world.rows("picture")


def test_what_was_broken_off_goes_on_under_the_same_terms_alone(cluster: Cluster) -> None:
    with (
        fresh_database(cluster) as addresses,
        open_newsroom(addresses) as room,
        Connections(addresses.service) as connections,
        EventLog(addresses.service) as log,
    ):
        list(import_lines(room.ledger, lines("registry")))
        assert room.beliefs.picture("minian", Query(at_least=log.head())).position == log.head()
        WhatIfs(connections).keep("half", Terms("strict/1"), moment("2016-11-10T00:00:00Z"))
        writer = ViewWriter(connections)
        broken_off = Replay(log, writer, PictureStep(Terms("strict/1")), Order(what_if_of("half")))
        broken_off.begin()
        broken_off.release()
        writer.close()
        with pytest.raises(NotCaughtUp):
            room.beliefs.picture("minian", Query(projection="half"))
        with pytest.raises(NameTaken):
            room.side_by_side.replay("picture", WantedReplay("half", "latest/1"))
        assert room.side_by_side.replay("picture", WantedReplay("half", "strict/1")).state == "standing"
        assert room.beliefs.picture("minian", Query(projection="half")).projection == "half"
