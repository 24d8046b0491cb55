"""What is believed of many questions at a position is judged in one go, whatever was known of their aspects then."""

from __future__ import annotations

from collections.abc import Sequence

from domain.belief.asked import Asked
from domain.belief.case import Cut
from domain.belief.history import UNREPORTED
from domain.belief.judge import Judgement, Outcome, UnknownAspect, settled
from domain.belief.word import At
from domain.claims import Question
from domain.policies import DEFAULT, policy_named
from domain.registry import Registry
from domain.registry_view import RegistryView
from services.facts import Facts


class Views:
    """The registry at any position, asked for anew only for positions that were never asked about: many are."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._registry = Registry()
        self._upto = 0

    def at(self, position: int) -> RegistryView:
        """Return the registry as it was at the position; it has been recorded."""
        if position > self._upto:
            self._registry = self._facts.registry(position)
            self._upto = position
        return RegistryView(self._registry, position)


def judged_at(
    facts: Facts, questions: Sequence[Question], position: int, at: At, policy: str
) -> list[Judgement | None]:
    """Return the judgement on each question; None where its aspect was not known yet."""
    judges = policy_named(policy)

    def judge(cut: Cut, question: Question) -> Judgement | None:
        try:
            return settled(cut, Asked(question, at, judges))
        except UnknownAspect:
            return None

    return facts.judged(questions, position, at, judge) if questions else []


def outcomes_at(
    facts: Facts, questions: Sequence[Question], position: int, at: At, policy: str = DEFAULT
) -> list[Outcome]:
    """Return what is believed of each question."""
    found = judged_at(facts, questions, position, at, policy)
    return [judgement.outcome() if judgement else UNREPORTED for judgement in found]
