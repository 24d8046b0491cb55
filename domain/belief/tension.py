"""Two beliefs can sit badly together without contradicting each other: full control, and fighting at the gates."""

from __future__ import annotations

from collections.abc import Iterator

from domain.aspects import Tension
from domain.belief.case import Cut
from domain.belief.inherit import gather
from domain.belief.voices import Voiced, voice
from domain.belief.word import At
from domain.claims import Question


def tensions(cut: Cut, question: Question, at: At, without: frozenset[str]) -> list[Question]:
    """Return the other questions that this one is in tension with: both are said outright, and by no hearsay.

    The other place is the same, or the one that says the second value is in the vicinity of the first (not the
    reverse: control of the surroundings and fighting inside is a siege).
    """
    if question.subject is not None:
        return []
    found: dict[str, Question] = {}
    for name, aspect in sorted(cut.view.aspects().items()):
        for tension in aspect.tension:
            for first, second in _pairs(cut, question, name, tension):
                if _claims_first(cut, first, tension, at, without) and _claims(cut, second, tension.other, at, without):
                    other = second if first == question else first
                    found[other.name] = other
    return [found[name] for name in sorted(found)]


def _pairs(cut: Cut, question: Question, name: str, tension: Tension) -> Iterator[tuple[Question, Question]]:
    here = question.location
    if question.aspect == name:
        for place in (here, *cut.view.linked(here, "vicinity_of", outward=False)):
            yield question, Question(location=place, aspect=tension.aspect)
    if question.aspect == tension.aspect:
        for place in (here, *cut.view.linked(here, "vicinity_of", outward=True)):
            yield Question(location=place, aspect=name), question


def _outright(cut: Cut, question: Question, at: At, without: frozenset[str]) -> Iterator[Voiced]:
    aspect = cut.view.aspect(question.aspect)
    if aspect is not None:
        for held in gather(cut, question, aspect, at, without).held:
            voiced = voice(cut, held, aspect, at)
            if voiced.is_hard and not voiced.is_hearsay and not voiced.word.denies:
                yield voiced


def _claims_first(cut: Cut, question: Question, tension: Tension, at: At, without: frozenset[str]) -> bool:
    return any(
        tension.value in (None, voiced.word.value)
        and all(voiced.word.claim.facets.get(facet) == value for facet, value in tension.facets.items())
        for voiced in _outright(cut, question, at, without)
    )


def _claims(cut: Cut, question: Question, value: str, at: At, without: frozenset[str]) -> bool:
    return any(voiced.word.value == value for voiced in _outright(cut, question, at, without))
