"""All that was ever said on a question is there to be looked at: of the place itself, its parts and its wholes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.aspects import Aspect
from domain.belief.case import Cut
from domain.belief.inherit import travels
from domain.belief.word import At, Word
from domain.belief.words import words_of
from domain.claims import Question


def every_word(cut: Cut, question: Question, aspect: Aspect) -> list[Word]:
    """Return every word on the question, whatever became of it, in the order of their keys.

    A claim that the desk corrected is among them, as nothing that counts, but as what the ledger held for a while. What
    was said of a part or a whole is there if it can count for the place; whether it does depends on the valid time.
    """
    words = [*_said(cut, question, aspect)]
    for place in _around(cut, question, aspect):
        there = question.model_copy(update={"location": place})
        words += [
            replace(word, question=question, via=place) for word in _said(cut, there, aspect) if travels(word, aspect)
        ]
    return sorted(words, key=lambda word: word.key)


def nearest(words: Sequence[Word], at: At, most: int) -> list[Word]:
    """Return at most so many of the words, in their order: of every source the newest, and those last begun at V's end.

    No source's second word comes before another's first. They are given in the order of their keys.
    """
    if len(words) <= most:
        return list(words)
    ranks = _ranks(words)
    begun = _ranks([word for word in words if at.begun(word.interval.start)])
    order = sorted(range(len(words)), key=lambda place: min(ranks[id(words[place])], begun.get(id(words[place]), most)))
    return [words[place] for place in sorted(order[:most])]


def _ranks(words: Sequence[Word]) -> dict[int, int]:
    """Return, by word, how many of the same source are newer."""
    spoken: dict[str, int] = {}
    ranks: dict[int, int] = {}
    for word in reversed(words):
        source = word.claim.source
        ranks[id(word)] = spoken.get(source, 0)
        spoken[source] = ranks[id(word)] + 1
    return ranks


def _around(cut: Cut, question: Question, aspect: Aspect) -> Sequence[str]:
    if aspect.inherits is None:
        return ()
    upwards = aspect.inherits.direction == "up"
    return cut.view.parts(question.location) if upwards else cut.view.surroundings(question.location)


def _said(cut: Cut, question: Question, aspect: Aspect) -> Iterator[Word]:
    implying = cut.view.implying(aspect.name) if question.subject is None else ()
    for said in (aspect, *(other for other in implying if other.name != aspect.name)):
        for standing in cut.case.on.get((question.location, said.name), ()):
            own = said is not aspect or standing.claim.question.subject == question.subject
            if own and standing.recorded <= cut.position:
                yield from words_of(standing, aspect, said)
