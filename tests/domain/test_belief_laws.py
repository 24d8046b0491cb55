"""Whatever was recorded: beliefs come out, alike for all who ask, and every short cut says what the long way says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.aspects import CONFLICT
from domain.belief.affected import affected, spoken_on
from domain.belief.asked import NOBODY, Asked
from domain.belief.canonical import canonical
from domain.belief.case import Case, Cut, own_reach, reach
from domain.belief.explain import belief, outcome_json
from domain.belief.history import UNREPORTED, last_transition, stretches, transitions
from domain.belief.judge import Outcome, judge
from domain.belief.outcomes import Outcomes
from domain.belief.picture import AtCut, Dirty, Sight, Terms, first_painted, repaint
from domain.belief.policy import Policy
from domain.belief.present import Present
from domain.belief.rectangles import Rectangle
from domain.belief.word import At, at_instant, at_present
from domain.claims import Claim, Question
from domain.commands import Command
from domain.events import ClaimCorrected, ClaimRecorded, Recorded
from domain.policies import policies, policy_named
from domain.standing import Standing
from support.believing import at, case_of, moment
from support.builders import carrying, says
from support.builders import question as asking
from support.chance import tried_on
from support.ledger import PaperLedger
from support.lively import INSTANTS, VOICES, lively_ledgers, lively_world, questions, spoken_of, taken, unordered_claims
from support.present import load_whole, look_for_named

DESK = policy_named("desk/1")
MOMENTS = [moment(text) for text in INSTANTS]
TIMES = [
    at(""),
    at("2016-11"),
    at("2016-11-08"),
    at("../2016-11-07"),
    at("2016-11-01/.."),
    *map(at_instant, MOMENTS[::3]),
]
few = tried_on(15)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def shown(cut: Cut, one: Question, when: At, policy: str = "desk/1") -> dict[str, object]:
    return belief(cut, Asked(one, when, policy_named(policy)))


def outcome(cut: Cut, asked: Asked) -> Outcome:
    return judge(cut, asked).outcome()


def judged_in(ledger: PaperLedger) -> list[Question]:
    """The questions of the built-in aspects, without opinions: what a desk adds is not known at first."""
    return [one for one in spoken_of(ledger) if one.aspect in CONFLICT and one.aspect != "significance"] or [
        Question(location="minian", aspect="control")
    ]


@few
@given(lively_ledgers(), st.data())
def test_every_policy_answers_every_question_of_every_ledger(ledger: PaperLedger, data: st.DataObject) -> None:
    case = case_of(ledger)
    cut = case.at(data.draw(st.integers(0, ledger.head)))
    known = [one for one in questions(ledger) if cut.view.aspect(one.aspect) is not None]
    for question in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=6)):
        for policy in policies():
            found = shown(cut, question, data.draw(st.sampled_from(TIMES)), policy)
            assert json.loads(canonical(json.loads(json.dumps(found)))) == found


@few
@given(lively_ledgers(), st.data())
def test_who_asks_again_gets_the_same_digest(ledger: PaperLedger, data: st.DataObject) -> None:
    question, when = data.draw(st.sampled_from(spoken_of(ledger))), data.draw(st.sampled_from(TIMES))
    once, again = (shown(case_of(ledger).at(ledger.head), question, when) for _ in range(2))
    assert once["digest"] == again["digest"]


@few
@given(unordered_claims())
def test_the_order_of_arrival_does_not_matter(told: tuple[list[Command], list[Command]]) -> None:
    first, second = (taken(lively_world(), commands) for commands in told)
    one, other = case_of(first).at(first.head), case_of(second).at(second.head)
    for question in spoken_of(first):
        for when in TIMES[:4]:
            assert shown(one, question, when) == shown(other, question, when)


@few
@given(lively_ledgers(), st.data())
def test_what_bears_a_belief_is_exactly_what_would_change_it(ledger: PaperLedger, data: st.DataObject) -> None:
    cut = case_of(ledger).at(ledger.head)
    asked = Asked(data.draw(st.sampled_from(spoken_of(ledger))), data.draw(st.sampled_from(TIMES)), DESK)
    before = outcome(cut, asked)
    told = [standing.claim for standing in ledger.standings.values()]
    # Who also speaks for others here is left out: it is tried only where it is the first link of what bears on this.
    first = {claim.source for claim in told} - {link.source for claim in told for link in claim.chain[1:]}
    without = {source: outcome(cut, replace(asked, without=frozenset({source}))) for source in sorted(first)}
    changed = {source: outcome_json(after) for source, after in without.items() if after != before}
    named = belief(cut, asked)["load_bearing"]
    assert isinstance(named, dict)
    assert {source: after for source, after in named.items() if source in first} == changed


@few
@given(lively_ledgers(), st.data())
def test_a_claim_beyond_reach_changes_nothing(ledger: PaperLedger, data: st.DataObject) -> None:
    asked = Asked(data.draw(st.sampled_from(spoken_of(ledger))), data.draw(st.sampled_from(TIMES)), DESK)
    before = belief(case_of(ledger).at(ledger.head), asked)
    far = says("sohr", "ongoing", at=f"{data.draw(st.sampled_from(['west', 'syria', 'minian']))}/fighting", claim="far")
    near = reach(ledger.registry, asked.question)
    taken(ledger, [far] if (far.question.location, far.question.aspect) not in near else [])
    assert belief(case_of(ledger).at(ledger.head), asked) == before


@few
@given(lively_ledgers(), st.data())
def test_what_is_in_reach_with_its_kin_is_all_that_a_belief_looks_at(ledger: PaperLedger, data: st.DataObject) -> None:
    case = case_of(ledger)
    asked = Asked(data.draw(st.sampled_from(spoken_of(ledger))), data.draw(st.sampled_from(TIMES)), DESK)
    small = Case(ledger.book, list(kin(ledger, asked.question)), case.made)
    whole, part = belief(case.at(ledger.head), asked), belief(small.at(ledger.head), asked)
    assert part == whole
    only = case.only(ledger.registry, asked.question)
    assert outcome(only.at(ledger.head), asked) == outcome(case.at(ledger.head), asked)


def kin(ledger: PaperLedger, question: Question) -> list[Standing]:
    """The claims in reach, what they were written instead of, who names any of these, and whom all these name."""
    near = reach(ledger.registry, question)
    everything = list(ledger.standings.values())
    found = {one.claim.id for one in everything if (one.claim.question.location, one.claim.question.aspect) in near}
    while earlier := {one.claim.id for one in everything if one.ending and one.ending.replacement in found} - found:
        found |= earlier
    found |= {one.claim.id for one in everything if _names(one) & found}
    while further := {name for one in everything if one.claim.id in found for name in _names(one)} - found:
        found |= further
    return [one for one in everything if one.claim.id in found]


def _names(standing: Standing) -> set[str]:
    replacement = {standing.ending.replacement} if standing.ending and standing.ending.replacement else set[str]()
    return {relation.claim for relation in standing.related(2**63)} | replacement


@few
@given(lively_ledgers(), st.data())
def test_stretches_say_what_is_believed_of_every_instant(ledger: PaperLedger, data: st.DataObject) -> None:
    cut = case_of(ledger).at(ledger.head)
    question = data.draw(st.sampled_from(judged_in(ledger)))
    asked = Asked(question, at(), DESK)
    found = stretches(cut, asked)
    for instant in MOMENTS:
        direct = judge(cut, replace(asked, at=at_instant(instant)))
        *_, stretch = (one for one in found if one.start is None or one.start <= instant)
        assert stretch.outcome == direct.outcome()


@few
@given(lively_ledgers(), st.data())
def test_transitions_are_the_changes_from_position_to_position(ledger: PaperLedger, data: st.DataObject) -> None:
    case = case_of(ledger)
    question = data.draw(st.sampled_from(judged_in(ledger)))
    asked = Asked(question, data.draw(st.sampled_from(TIMES)), DESK)
    every = [UNREPORTED if n < 0 else outcome(case.at(n), asked) for n in range(-1, ledger.head + 1)]
    changes = [(n, every[n], every[n + 1]) for n in range(ledger.head + 1) if every[n] != every[n + 1]]
    assert [(one.position, one.before, one.after) for one in transitions(case, asked, ledger.head)] == changes
    newest = last_transition(case, asked, ledger.head)
    assert (newest and (newest.position, newest.before, newest.after)) == (changes[-1] if changes else None)


class Painter:
    """Paints the picture event by event, judging again only what `affected` names, as its documentation says."""

    def __init__(self, ledger: PaperLedger, policy: Policy = DESK, without: frozenset[str] = NOBODY) -> None:
        self.ledger = ledger
        self.policy = policy
        self.without = without
        self.case = case_of(ledger)
        self.known: dict[Question, list[Rectangle]] = {}

    def take(self, recorded: Recorded) -> None:
        cut = self.case.at(recorded.position)
        for question, dirty in self._touched(recorded, cut).items():
            old = self.known.get(question)
            sight = self.sight(cut, question)
            self.known[question] = (
                first_painted(sight, question) if old is None else repaint(sight, question, old, dirty)
            )

    def sight(self, cut: Cut, question: Question) -> Sight:
        """Judge the question from all that was ever said on it."""
        del question
        return AtCut(cut, Terms(self.policy, self.without))

    def asked(self, question: Question, when: At) -> Asked:
        return Asked(question, when, self.policy, self.without)

    def _touched(self, recorded: Recorded, cut: Cut) -> dict[Question, Dirty]:
        event = affected(recorded.event, cut.view)
        found: dict[Question, Dirty] = dict.fromkeys(event.questions, event.dirty)
        found |= {part: event.dirty for part in event.parts if part in self.known}
        wholly: set[Question] = set()
        for standing in self._of_claims(event.claims, cut, own=_brought(recorded)):
            wholly |= spoken_on(cut.view, standing.claim.question)
        relatives = self.ledger.book.relatives(event.sources)
        for question in self.known:
            if relatives & self._heard(cut, question):
                wholly.add(question)
            if question.location in event.locations or question.aspect in event.aspects:
                wholly |= spoken_on(cut.view, question)
        return found | dict.fromkeys(wholly, Dirty())

    def _of_claims(self, names: frozenset[str], cut: Cut, own: Claim | None) -> Iterator[Standing]:
        """The claims of these names, what they were written instead of, and whoever names these, step by step."""
        everything = [one for one in self.ledger.standings.values() if one.recorded <= cut.position]
        found = set(names)
        while more := {one.claim.id for one in everything if _names(one) & found} - found:
            found |= more
        return (one for one in everything if one.claim.id in found and not (own and one.claim.id == own.id))

    def _heard(self, cut: Cut, question: Question) -> set[str]:
        """The sources that speak in what bears on the question, that are carried there, or that are spoken of."""
        near = own_reach(cut.view, question.location, question.aspect)
        told = [one for pair in near for one in cut.recorded(*pair)]
        carried = [one for standing in told for one in kin_of(cut, standing)]
        found = {one.claim.source for one in carried}
        for standing in told:
            claim = standing.claim
            named = (claim.value, claim.question.subject, *(claim.favours or ()), *(claim.against or ()))
            found.update(name for name in named if name)
        return found


class SwiftPainter(Painter):
    """Paints what is judged at the present, word by word in memory."""

    def __init__(self, ledger: PaperLedger, policy: Policy = DESK, without: frozenset[str] = NOBODY) -> None:
        super().__init__(ledger, policy, without)
        self.present = Present(ledger.book, 0, without)
        self.outcomes = Outcomes(self.present, policy)

    def take(self, recorded: Recorded) -> None:
        self.present.take(recorded)
        look_for_named(self.present, self.ledger)
        super().take(recorded)

    def sight(self, cut: Cut, question: Question) -> Sight:
        load_whole(self.present, self.ledger, question)
        return self.outcomes


def kin_of(cut: Cut, standing: Standing) -> list[Standing]:
    """The claim, and all that it names, step by step."""
    found = {standing.claim.id: standing}
    waiting = [standing]
    while waiting:
        for name in _names(waiting.pop()) - found.keys():
            if (other := cut.case.standings.get(name)) is not None:
                found[name] = other
                waiting.append(other)
    return list(found.values())


def _brought(recorded: Recorded) -> Claim | None:
    event = recorded.event
    if isinstance(event, ClaimRecorded):
        return event.claim
    return event.replacement if isinstance(event, ClaimCorrected) else None


def covering(rectangles: list[Rectangle], instant: datetime, *, latest: bool) -> Rectangle:
    (found,) = [
        one
        for one in rectangles
        if one.latest == latest
        and (one.start is None or one.start <= instant)
        and (one.end is None or instant < one.end)
    ]
    return found


WHAT_IFS = st.tuples(
    st.sampled_from(sorted(policies())).map(policy_named), st.frozensets(st.sampled_from(VOICES), max_size=2)
)
"""Under which policy, and without whom, a picture is painted."""
PAINTERS = st.sampled_from([Painter, SwiftPainter])


@tried_on(30)
@given(lively_ledgers(), st.data(), st.just((DESK, NOBODY)) | WHAT_IFS)
def test_the_picture_painted_event_by_event_is_what_judging_says(
    ledger: PaperLedger, data: st.DataObject, what_if: tuple[Policy, frozenset[str]]
) -> None:
    painter = data.draw(PAINTERS)(ledger, *what_if)
    stops = {ledger.head, data.draw(st.integers(len(lively_world().history), ledger.head))}
    for recorded in ledger.history:
        painter.take(recorded)
        if recorded.position in stops:
            cut = painter.case.at(recorded.position)
            for question, rectangles in painter.known.items():
                for latest in {one.latest for one in rectangles}:
                    for instant in MOMENTS:
                        when = at_present(instant) if latest else at_instant(instant)
                        direct = judge(cut, painter.asked(question, when))
                        painted = covering(rectangles, instant, latest=latest)
                        assert (painted.outcome, painted.rule) == (direct.outcome(), direct.rule), (question, instant)


def test_who_carries_a_carrier_is_painted_again_when_the_origin_is_recorded_last() -> None:
    ledger = lively_world()
    ledger.apply(says("sohr", "rebels", at="minian/control", claim="a", relations=carrying("b")))
    ledger.apply(says("reuters", "ongoing", at="west/fighting", claim="b", relations=carrying("c")))
    ledger.apply(says("rebels", "none", at="syria/fighting", claim="c", valid="2016-11-09"))
    painter = Painter(ledger)
    for recorded in ledger.history:
        painter.take(recorded)
    noon = moment("2016-11-08T12:00:00Z")
    painted = covering(painter.known[asking("minian/control")], noon, latest=False)
    assert painted.outcome == outcome(painter.case.at(ledger.head), Asked(asking("minian/control"), at(), DESK))
    assert painted.outcome.strength == "S2"


@tried_on(12)
@given(lively_ledgers(), st.data(), st.just((DESK, NOBODY)) | WHAT_IFS)
def test_a_rectangle_remembers_which_event_brought_its_outcome(
    ledger: PaperLedger, data: st.DataObject, what_if: tuple[Policy, frozenset[str]]
) -> None:
    painter = data.draw(PAINTERS)(ledger, *what_if)
    for recorded in ledger.history:
        painter.take(recorded)
    painted = [(one, rectangle) for one, found in painter.known.items() for rectangle in found if not rectangle.latest]
    for question, _ in data.draw(st.lists(st.sampled_from(painted), max_size=4)) if painted else ():
        for instant in MOMENTS[::2]:
            newest = last_transition(painter.case, painter.asked(question, at_instant(instant)), ledger.head)
            rectangle = covering(painter.known[question], instant, latest=False)
            if not rectangle.has_past:
                assert rectangle.changed == (newest.position if newest else 0), (question, instant)


@few
@given(lively_ledgers(), st.just((DESK, NOBODY)) | WHAT_IFS)
def test_what_the_picture_does_not_know_was_never_reported_there(
    ledger: PaperLedger, what_if: tuple[Policy, frozenset[str]]
) -> None:
    painter = Painter(ledger, *what_if)
    for recorded in ledger.history:
        painter.take(recorded)
    cut = painter.case.at(ledger.head)
    for question in questions(ledger):
        aspect = cut.view.aspect(question.aspect)
        inherits_down = aspect is not None and aspect.inherits is not None and aspect.inherits.direction == "down"
        if question not in painter.known and aspect is not None and aspect.kind != "opinion" and not inherits_down:
            assert outcome(cut, painter.asked(question, at())) == UNREPORTED


@given(JSON)
def test_the_canonical_form_is_that_of_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
