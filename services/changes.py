"""The changes of a belief are read off the picture where it has them, and judged anew everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.belief.history import UNREPORTED, Transition, last_transition, transitions
from domain.belief.picture import PICTURES, Rectangle
from domain.claims import Question
from domain.policies import DEFAULT
from services.cuts import Cutting
from services.facts import Facts
from services.painted import Axis
from services.store.picturing import PictureReader
from services.store.places import LIVE

PATIENCE = 0.5
"""Seconds that an answer waits for the picture before it is reckoned without."""
FAR_BEHIND = 500
"""Positions by which the picture is too far behind for waiting to help."""


class ChangeFinder:
    """Finds how beliefs came about."""

    def __init__(self, facts: Facts, picture: PictureReader) -> None:
        self._facts = facts
        self._picture = picture

    def all(self, question: Question, cutting: Cutting, after: int = 0, upto: int | None = None) -> list[Transition]:
        """Return the changes at positions in (after, upto], in order; `upto` is at most the cut."""
        last = cutting.position if upto is None else min(upto, cutting.position)
        painted = self._painted(question, cutting)
        if painted is not None:
            return [one for one in painted if after < one.position <= last]
        case = self._facts.case([question], cutting.position)
        return list(transitions(case, cutting.asked(question), last, after))

    def last(self, question: Question, cutting: Cutting) -> Transition | None:
        """Return the newest change; None if nothing was ever reported."""
        painted = self._painted(question, cutting)
        if painted is not None:
            return painted[-1] if painted else None
        return last_transition(
            self._facts.case([question], cutting.position), cutting.asked(question), cutting.position
        )

    def _painted(self, question: Question, cutting: Cutting) -> list[Transition] | None:
        """Return the changes as the picture has them; None if it does not have this kind of them, or not yet."""
        moment = self.moment(cutting)
        aspect = self._facts.view(cutting.position).aspect(question.aspect)
        if moment is None or aspect is None or aspect.kind == "opinion":
            return None
        has_episodes = len(PICTURES[aspect.kind in ("occurrence", "tally")]) > 1
        given = cutting.at.given
        if has_episodes and given is not None and not given.is_instant:
            return None
        if not self.has_reached(cutting):
            return None
        axis: Axis = "latest" if has_episodes and given is None else "instant"
        rectangles = self._picture.through(question, moment, axis, cutting.position, cutting.place)
        comes_down = aspect.inherits is not None and aspect.inherits.direction == "down"
        if rectangles[0].has_past if rectangles else comes_down:
            return None  # something was, or is, believed by inheritance where nobody had spoken of this place
        return changes_of(rectangles)

    def moment(self, cutting: Cutting) -> datetime | None:
        """Return the instant that the picture is asked about; None if this query's answers are not in any."""
        if cutting.place == LIVE and (cutting.policy.name != DEFAULT or cutting.without):
            return None
        return cutting.at.last

    def has_reached(self, cutting: Cutting) -> bool:
        """Tell whether the picture includes the position, having waited a little for the one in use."""
        if cutting.place != LIVE:
            return True  # it stands still, and nothing behind it is asked for
        position = cutting.position
        reached = self._facts.reached(position, 0.0, ("picture",))
        if reached < position and position - reached < FAR_BEHIND:
            reached = self._facts.reached(position, PATIENCE, ("picture",))
        return reached >= position


def changes_of(rectangles: Sequence[Rectangle]) -> list[Transition]:
    """Return the changes that rectangles over one instant, oldest first, tell of."""
    found: list[Transition] = []
    before = UNREPORTED
    for one in rectangles:
        if one.outcome != before:
            found.append(Transition(one.since, before, one.outcome, one.rule))
        before = one.outcome
    return found
