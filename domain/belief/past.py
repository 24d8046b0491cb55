"""When a belief changed last is found by going back: at each step only what was recorded there is taken out again."""

from __future__ import annotations

from collections.abc import Iterator

from domain.aspects import Aspect
from domain.belief.asked import NOBODY, Asked
from domain.belief.case import Case
from domain.belief.heard import Heard
from domain.belief.history import UNREPORTED, Transition
from domain.belief.judge import Outcome
from domain.belief.outcomes import Believed, Outcomes
from domain.belief.present import Present
from domain.claims import Question
from domain.standing import Standing

UNDECIDED = Outcome("not-adjudicated", None, None, None)
"""What is believed of an opinion, whatever was said."""


class Past(Present):
    """A whole case as it was known at one position, from which it goes back to earlier ones."""

    def __init__(self, case: Case, position: int, without: frozenset[str] = NOBODY) -> None:
        super().__init__(case.registry, position, without)
        self.case = case
        for made in case.made:
            self.made[made.assessment.question].append(made)
        changed = ((position, one) for one in case.standings.values() for position in _changed_at(one))
        self._changes = sorted(changed, key=lambda change: change[0])
        self._drop_later()

    def go_back(self, position: int) -> None:
        """Forget what became known behind a position, which is no later than the last one."""
        registry, later = self.case.registry, self.position
        self.position = position
        self._cut = None
        taken_out = self._drop_later()
        if any(registry.has_changed(part, position, later) for part in ("aspect", "location")):
            self._heard.clear()
            self._above.clear()
        else:
            for standing in taken_out.values():
                self._tell(standing)

    def _drop_later(self) -> dict[str, Standing]:
        found: dict[str, Standing] = {}
        while self._changes and self._changes[-1][0] > self.position:
            standing = self._changes.pop()[1]
            found[standing.claim.id] = standing
        return found

    def _put(self, heard: Heard, question: Question, standing: Standing, said: Aspect) -> None:
        if standing.recorded > self.position:
            heard.drop(standing.claim.id)
            return
        if standing.ending is not None and standing.ended_by(self.position) is None:
            standing = standing.model_copy(update={"ending": None})
        super()._put(heard, question, standing, said)


def _changed_at(standing: Standing) -> Iterator[int]:
    yield standing.recorded
    if standing.ending is not None:
        yield standing.ending.position


def last_change(case: Case, asked: Asked, upto: int) -> Transition | None:
    """Return what `history.last_transition` does; raises NotEnough if the case is not whole."""
    return next(_changes_back(case, asked, upto, 0), None)


def changes(case: Case, asked: Asked, upto: int, after: int = 0) -> list[Transition]:
    """Return what `history.transitions` does; raises NotEnough if the case is not whole."""
    return [*_changes_back(case, asked, upto, after)][::-1]


def _changes_back(case: Case, asked: Asked, upto: int, after: int) -> Iterator[Transition]:
    positions = [position for position in case.positions(upto, asked.question) if position > after]
    past = Past(case, upto, asked.without)
    outcomes = Outcomes(past, asked.policy)
    now, rule = _believed(outcomes, asked)
    while positions:
        position = positions.pop()
        past.go_back(positions[-1] if positions else after)
        before, earlier_rule = _believed(outcomes, asked)
        if before != now:
            yield Transition(position, before, now, rule)
        now, rule = before, earlier_rule


def _believed(outcomes: Outcomes, asked: Asked) -> Believed:
    aspect = outcomes.present.view.aspect(asked.question.aspect)
    if aspect is None:
        return UNREPORTED, "R1"
    if aspect.kind == "opinion":
        return UNDECIDED, "R0"
    return outcomes.believed(asked.question, aspect, asked.at)
