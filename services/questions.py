"""Every question that somebody was heard on, or that such words can count for, is known by name and in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.belief.affected import spoken_on
from domain.claims import Question
from services.facts import Facts
from services.store.picturing import Across

PAGE = 200
"""Questions whose facts are loaded together: memory for claims does not grow with the ledger."""
READING = ("stances",)
"""The view that this is read from."""


def pages(facts: Facts, across: Across, position: int) -> Iterator[Sequence[Question]]:
    """Yield the questions that fit, by name, page by page; opinions are not believed, and left out."""
    view = facts.view(position)
    spoken = facts.views.questions_known(position)
    found = {up.name: up for question in spoken for up in spoken_on(view, question)}
    opinions = {name for name, aspect in view.aspects().items() if aspect.kind == "opinion"}
    names = sorted(
        name
        for name, question in found.items()
        if name > across.after and question.aspect not in opinions and _fits(question, across)
    )
    for start in range(0, len(names), PAGE):
        yield [found[name] for name in names[start : start + PAGE]]


def _fits(question: Question, across: Across) -> bool:
    aspect = across.aspect in (None, question.aspect)
    place = across.locations is None or question.location in across.locations
    return aspect and place and (across.questions is None or question.name in across.questions)
