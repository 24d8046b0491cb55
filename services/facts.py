"""A case is loaded from the views with just what the belief on some questions may look at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from domain.belief.case import Case, Cut, Floor, Made, NotEnough, reach
from domain.belief.word import At
from domain.claims import Question
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing
from services.nearness import nearness
from services.store.asking import ViewReader
from services.store.newest import Newest
from services.supposed import Supposed

NEEDED = ("claims", "registry", "assessments")
"""The projections that a case is loaded from."""


class Depth(NamedTuple):
    """How far back is loaded: the `most` newest claims of each source. `look_below` tells how long the others held."""

    most: int
    look_below: bool = False


DEPTHS = (Depth(4), Depth(4, look_below=True), Depth(40, look_below=True), Depth(400, look_below=True))
"""How far back is loaded at each try, before everything is."""
MOST_REMARKS = 100
"""Most remarks on a place that are shown beside its beliefs."""


T = TypeVar("T")


class Waiting(Protocol):
    """Whoever carries the views forward, in this process or in another one."""

    def caught_up_to(self, position: int, timeout: float, names: Collection[str]) -> int:
        """Wait until the named views include `position`, `timeout` seconds at most; return what all have reached."""
        ...


class RegistryMemory:
    """The registry in memory, brought up to date from its view; it only grows, and serves every cut at once."""

    def __init__(self) -> None:
        self._registry = Registry()
        self._lock = threading.Lock()

    def upto(self, views: ViewReader, position: int) -> Registry:
        """Return a registry that has everything recorded up to `position`, and perhaps more."""
        with self._lock:
            if self._registry.head < position:
                for recorded in views.registry_rows(self._registry.head, position):
                    self._registry.take(recorded)
            return self._registry


class Facts:
    """What was recorded, as far as the views have taken it in."""

    def __init__(self, views: ViewReader, waiting: Waiting) -> None:
        self.views = views
        self._waiting = waiting
        self._memory = RegistryMemory()

    def reached(self, position: int, patience: float, names: Collection[str] = NEEDED) -> int:
        """Return the last position that all the views include, having waited for `position` for `patience` seconds."""
        return self._waiting.caught_up_to(position, patience, names)

    def registry(self, position: int) -> Registry:
        """Return the registry, at least up to `position`."""
        return self._memory.upto(self.views, position)

    def view(self, position: int) -> RegistryView:
        """Return the registry as it was at `position`."""
        return RegistryView(self.registry(position), position)

    def judged(
        self,
        questions: Sequence[Question],
        position: int,
        at: At,
        judge: Callable[[Cut, Question], T],
        supposed: Supposed | None = None,
    ) -> list[T]:
        """Return what `judge` makes of each question at this position and valid time, and with what is supposed.

        No more claims are loaded than it takes: where `judge` raises NotEnough it is called again with more of them.
        """
        registry = self.registry(position)
        found: dict[Question, T] = {}
        for depth in (*DEPTHS, None):
            left = [question for question in questions if question not in found]
            if left:
                case = _load(self.views, registry, left, position, at, depth)
                cut = case.at(position) if supposed is None else supposed.cut(case, position)
                for question in left:
                    with suppress(NotEnough):
                        found[question] = judge(cut, question)
        return [found[question] for question in questions]

    def is_long(self, question: Question, position: int, most: int) -> bool:
        """Tell whether more than `most` claims may bear on the question."""
        return self.views.more_claims_than(most, reach(self.view(position), question))

    def nearest(self, question: Question, position: int, at: At, most: int, each: int) -> Case:
        """Return the whole case of a question, or (of more than `most` claims) what is newest of every source.

        That is `each` of all, and `each` of those begun by the end of the valid time. Beliefs are not to be judged in
        it: it lacks what the floors say.
        """
        if not self.is_long(question, position, most):
            return self.case([question], position)
        registry, depth = self.registry(position), Depth(each)
        last = load_newest(self.views, registry, [question], position, None, depth)
        by_then = load_newest(self.views, registry, [question], position, at, depth)
        standings = {**last.standings, **by_then.standings}.values()
        return Case(
            registry, standings, last.made, [one for those in last.floors.values() for one in those], last.since
        )

    def case(self, questions: Iterable[Question], position: int) -> Case:
        """Return a case in which the questions can be judged at any cut up to `position`."""
        return load_case(self.views, self.registry(position), questions, position)


def load_case(views: ViewReader, registry: Registry, questions: Iterable[Question], position: int) -> Case:
    """Load what `reach` names, the claims that these name in relations, and the claims that name these."""
    view = RegistryView(registry, position)
    asked = list(questions)
    pairs = {pair for question in asked for pair in reach(view, question)}
    standings = {one.claim.id: one for one in views.claims_for(pairs, position)}
    return Case(registry, [*standings.values(), *_remarks(views, asked, position)], _made(views, pairs, position))


def _remarks(views: ViewReader, questions: Iterable[Question], position: int) -> list[Standing]:
    """Load the remarks on the questions' places, which are shown beside beliefs."""
    return views.remarks_on({question.location for question in questions}, position, MOST_REMARKS)


def _made(views: ViewReader, pairs: Iterable[tuple[str, str]], position: int) -> list[Made]:
    return [Made(one.position, one.assessment) for one in views.assessments_on(pairs, position)]


def _load(
    views: ViewReader,
    registry: Registry,
    questions: Iterable[Question],
    position: int,
    at: At,
    depth: Depth | None,
) -> Case:
    if depth is None:
        return load_case(views, registry, questions, position)
    return load_newest(views, registry, questions, position, at, depth)


def load_newest(
    views: ViewReader,
    registry: Registry,
    questions: Iterable[Question],
    position: int,
    at: At | None,
    depth: Depth,
) -> Case:
    """Load as `load_case` does, but of what began by that valid time (None: ever) only what is not long over.

    Of claims on states that is each source's newest; of what happened, some ten times as many in all that ended last,
    and whatever meets the valid time. Judging raises NotEnough where that is not enough.
    """
    asked = list(questions)
    near = nearness(RegistryView(registry, position), asked)
    before = at.interval.end if at else None
    standings: list[Standing] = list(views.claims_for(near.whole, position)) if near.whole else []
    floors: list[Floor] = []
    since: datetime | None = None
    if near.states:
        newest = Newest(near.states, before, depth.most, look_below=depth.look_below)
        found, floors = views.newest_for(newest, position)
        standings += found
    if near.episodes:
        since = views.nth_end(near.episodes, before, depth.most * 10, position)
        if at and at.given and since:
            since = min(since, at.given.start or since)
        standings += views.lasting(near.episodes, since, before, position)
    made = _made(views, near.states.keys() | near.episodes | near.whole, position)
    return Case(registry, [*standings, *_remarks(views, asked, position)], made, floors, since)


def source_case(views: ViewReader, registry: Registry, source: str, position: int) -> Case:
    """Load what the source said, and nothing else: enough for its stances, not for beliefs."""
    return Case(registry, views.claims_of_source(source, position))


def questions_answered(view: RegistryView, location: str, spoken: Iterable[Question]) -> list[Question]:
    """Return the questions of a place on which claims, said or implied there, may say something."""
    found: dict[str, Question] = {}
    said = [question for question in spoken if question.location == location]
    for question in said:
        found[question.name] = question
    for name in view.aspects():
        implied_by = {other.name for other in view.implying(name)}
        if any(question.aspect in implied_by for question in said):
            question = Question(location=location, aspect=name)
            found[question.name] = question
    return [found[name] for name in sorted(found)]
