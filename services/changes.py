"""The changes of a belief are read off the picture where it has them, and judged anew everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.belief.case import Case
from domain.belief.history import (
    UNREPORTED,
    Stretch,
    Transition,
    merged,
    stretches,
)
from domain.belief.past import changes, last_change
from domain.belief.picture import PICTURES, Rectangle
from domain.belief.rectangles import filled
from domain.claims import Question
from domain.policies import DEFAULT
from services.cuts import Cutting
from services.errors import LongHistory, NotCaughtUp
from services.facts import Facts
from services.painted import Axis
from services.store.picturing import PictureReader
from services.store.places import LIVE

PATIENCE = 0.5
"""Seconds that an answer waits for the picture before it is reckoned without."""
MOST_JUDGED = 500
"""Claims on a question up to which its changes are judged anew while somebody waits for the answer."""
FAR_BEHIND = 500
"""Positions by which the picture is too far behind for waiting to help."""


class ChangeFinder:
    """Finds how beliefs came about."""

    def __init__(self, facts: Facts, picture: PictureReader) -> None:
        self._facts = facts
        self._picture = picture

    def all(self, question: Question, cutting: Cutting, after: int = 0, upto: int | None = None) -> list[Transition]:
        """Return the changes at positions in (after, upto], in order; `upto` is at most the cut.

        Raises LongHistory if the picture does not have them and there is too much to judge anew, or NotCaughtUp if it
        is only late.
        """
        last = cutting.position if upto is None else min(upto, cutting.position)
        painted = self._painted(question, cutting)
        if painted is not None:
            return [one for one in painted if after < one.position <= last]
        return changes(self._case(question, cutting), cutting.asked(question), last, after)

    def last(self, question: Question, cutting: Cutting) -> Transition | None:
        """Return the newest change; None if nothing was ever reported. Raises what `all` raises."""
        rectangles = self._rectangles(question, cutting)
        painted = self._told_by(question, rectangles, cutting)
        if painted is not None:
            return painted[-1] if painted else None
        later = changes_of(rectangles)[1:] if rectangles else ()
        if later:
            return later[-1]  # whatever was before the first of them
        return last_change(self._case(question, cutting), cutting.asked(question), cutting.position)

    def along(self, question: Question, cutting: Cutting) -> list[Stretch]:
        """Return what is believed of each instant, oldest first, as known at the cut. Raises what `all` raises."""
        if self.moment(cutting) is not None and self.has_reached(cutting):
            rectangles = self._picture.along(question, cutting.position, cutting.place)
            if rectangles:
                return list(
                    merged(Stretch(one.start, one.outcome, one.rule) for one in filled(rectangles, latest=False))
                )
        return stretches(self._case(question, cutting).at(cutting.position), cutting.asked(question))

    def _case(self, question: Question, cutting: Cutting) -> Case:
        if self._facts.is_long(question, cutting.position, MOST_JUDGED):
            if self.moment(cutting) is not None and not self.has_reached(cutting):
                raise NotCaughtUp(cutting.position, self._facts.reached(cutting.position, 0.0, ("picture",)))
            raise LongHistory(question.name, MOST_JUDGED)
        return self._facts.case([question], cutting.position)

    def _painted(self, question: Question, cutting: Cutting) -> list[Transition] | None:
        """Return the changes as the picture has them; None if it does not have this kind of them, or not yet."""
        return self._told_by(question, self._rectangles(question, cutting), cutting)

    def _told_by(
        self, question: Question, rectangles: list[Rectangle] | None, cutting: Cutting
    ) -> list[Transition] | None:
        if rectangles is None:
            return None
        aspect = self._facts.view(cutting.position).aspect(question.aspect)
        comes_down = aspect is not None and aspect.inherits is not None and aspect.inherits.direction == "down"
        if rectangles[0].has_past if rectangles else comes_down:
            return None  # something was, or is, believed by inheritance where nobody had spoken of this place
        return changes_of(rectangles)

    def _rectangles(self, question: Question, cutting: Cutting) -> list[Rectangle] | None:
        """Return what the picture ever had at the instant, oldest first; None if it does not have that, or not yet."""
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
        return self._picture.through(question, moment, axis, cutting.position, cutting.place)

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
