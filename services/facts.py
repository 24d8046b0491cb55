"""A case is loaded from the views with just what the belief on some questions may look at."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from typing import Protocol

from domain.belief.case import Case, Made, reach
from domain.claims import Question
from domain.registry import Registry
from domain.registry_view import RegistryView
from services.store.asking import Search, ViewReader

NEEDED = ("claims", "registry", "assessments")
"""The projections that a case is loaded from."""
MOST_REMARKS = 100
"""Most remarks on a place that are shown beside its beliefs."""


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

    def case(self, questions: Iterable[Question], position: int) -> Case:
        """Return a case in which the questions can be judged at any cut up to `position`."""
        return load_case(self.views, self.registry(position), questions, position)


def load_case(views: ViewReader, registry: Registry, questions: Iterable[Question], position: int) -> Case:
    """Load what `reach` names, the claims that these name in relations, and the claims that name these."""
    view = RegistryView(registry, position)
    asked = list(questions)
    pairs = {pair for question in asked for pair in reach(view, question)}
    standings = {one.claim.id: one for one in views.claims_for(pairs, position)}
    for place in sorted({question.location for question in asked}):
        remarks = views.search(Search(location=place, tag="meta"), 0, position, MOST_REMARKS)
        standings.update((one.claim.id, one) for one in remarks)
    made = [Made(one.position, one.assessment) for one in views.assessments_on(pairs, position)]
    return Case(registry, standings.values(), made)


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
