"""A case is loaded from the views with just what the belief on some questions may look at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from domain.belief.case import Case, Cut, NotEnough, reach
from domain.belief.word import At
from domain.claims import Question
from domain.registry import Registry
from domain.registry_view import RegistryView
from services.cases import Deepening, Depth, Lack, load_case, load_newest
from services.store.asking import ViewReader
from services.supposed import Supposed
from services.traces import part

NEEDED = ("claims", "registry", "assessments")
"""The projections that a case is loaded from."""

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
        self._has = 0
        """Of everything recorded up to here nothing is missing."""

    def upto(self, views: ViewReader, position: int, reached: int = 0) -> Registry:
        """Return a registry that has everything recorded up to `position`, and perhaps more.

        The view is known to have `reached` that far: what was looked for up to there is not looked for again.
        """
        with self._lock:
            if max(self._registry.head, self._has) < position:
                for recorded in views.registry_rows(self._registry.head, position):
                    self._registry.take(recorded)
                self._has = max(self._has, min(position, reached))
            return self._registry


class Facts:
    """What was recorded, as far as the views have taken it in."""

    def __init__(self, views: ViewReader, waiting: Waiting) -> None:
        self.views = views
        self._waiting = waiting
        self._memory = RegistryMemory()
        self._reached = 0

    def reached(self, position: int, patience: float, names: Collection[str] = NEEDED) -> int:
        """Return the last position that all the views include, having waited for `position` for `patience` seconds."""
        reached = self._waiting.caught_up_to(position, patience, names)
        if "registry" in names:
            self._reached = max(self._reached, reached)
        return reached

    def registry(self, position: int) -> Registry:
        """Return the registry, at least up to `position`."""
        return self._memory.upto(self.views, position, self._reached)

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
        Of a whole case it never does.
        """
        found: dict[Question, T] = {}
        left = list(dict.fromkeys(questions))
        with part("load facts", questions=len(left)):
            deepening = Deepening(self.views, self.registry(position), left, position, at)
            case = deepening.case
        while left:
            cut = case.at(position) if supposed is None else supposed.cut(case, position)
            lack = Lack()
            with part("judge", questions=len(left)):
                for question in left:
                    try:
                        found[question] = judge(cut, question)
                    except NotEnough as one:
                        lack.add(one)
            left = [question for question in left if question not in found]
            if left:
                with part("load facts", questions=len(left)):
                    case = deepening.deeper(left, lack)
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
