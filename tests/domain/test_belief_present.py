"""What is judged at the present, word by word in memory, is what judging the whole case comes to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.belief.asked import NOBODY, Asked
from domain.belief.bounds import breakpoints, shortly_before
from domain.belief.case import Case
from domain.belief.judge import settled
from domain.belief.outcomes import Outcomes
from domain.belief.present import Present
from domain.belief.word import at_instant, at_present
from domain.claims import Question
from domain.policies import policies, policy_named
from domain.registry import Registry
from support.believing import case_of, moment
from support.chance import tried_on
from support.ledger import PaperLedger
from support.lively import INSTANTS, lively_ledgers, spoken_of
from support.present import load_whole, look_for_named

few = tried_on(40)
MOMENTS = [moment(text) for text in INSTANTS]


def compare(outcomes: Outcomes, case: Case, question: Question, without: frozenset[str], policy: str) -> None:
    present = outcomes.present
    aspect = present.view.aspect(question.aspect)
    if aspect is None or aspect.kind == "opinion":
        return
    cut = case.at(present.position)
    bounds = breakpoints(cut, question)
    instants = {*MOMENTS, *bounds, *map(shortly_before, bounds)}
    for latest in (False, True) if aspect.kind in ("occurrence", "tally") else (False,):
        along = outcomes.along(question, aspect, latest=latest)
        for instant in sorted(instants):
            at = at_present(instant) if latest else at_instant(instant)
            direct = settled(cut, Asked(question, at, policy_named(policy), without))
            assert outcomes.at(question, aspect, instant, latest=latest) == (direct.outcome(), direct.rule), (
                question,
                instant,
                latest,
            )
            assert along(instant) == (direct.outcome(), direct.rule), (question, instant, latest)
    assert {*outcomes.bounds(question, aspect, None)} >= {
        bound for bound in bounds if _changes(outcomes, case, question, bound, policy, without)
    }


def _changes(
    outcomes: Outcomes, case: Case, question: Question, bound: object, policy: str, without: frozenset[str]
) -> bool:
    cut = case.at(outcomes.present.position)
    asked = [at_instant(bound), at_instant(shortly_before(bound))]  # type: ignore[arg-type]
    found = [settled(cut, Asked(question, at, policy_named(policy), without)) for at in asked]
    return (found[0].outcome(), found[0].rule) != (found[1].outcome(), found[1].rule)


@few
@given(lively_ledgers(), st.data())
def test_the_present_says_what_the_whole_case_says(ledger: PaperLedger, data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from(["desk/1", *policies()]))
    without = data.draw(st.sampled_from([NOBODY, NOBODY, frozenset({"rebels"}), frozenset({"army-spokesman"})]))
    registry = Registry()
    present = Present(registry, 0, without)
    outcomes = Outcomes(present, policy_named(policy))
    case = case_of(ledger)
    asked = spoken_of(ledger)
    stops = set(data.draw(st.lists(st.integers(0, ledger.head), max_size=3))) | {ledger.head}
    for recorded in ledger.history:
        registry.take(recorded)
        present.take(recorded)
        look_for_named(present, ledger)
        if recorded.position in stops:
            for question in data.draw(st.lists(st.sampled_from(asked), min_size=1, max_size=4)):
                load_whole(present, ledger, question)
                compare(outcomes, case, question, without, policy)
