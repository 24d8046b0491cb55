"""What a source says now on each question that it ever spoke on, and what it said before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from domain.belief.case import Cut
from domain.belief.word import At, Word
from domain.belief.words import begun, last_words, own_words
from domain.claims import Claim, Question
from domain.values import Polarity, Quantity


@dataclass(frozen=True, slots=True)
class Stance:
    """A source's last word on a question, as it was said; `earlier` are its other words, newest first.

    `reversals` counts how often one of its words took another stance than the one before.
    """

    question: Question
    polarity: Polarity
    value: str | Quantity | None
    claim: str
    implied: Literal["hard", "soft"] | None
    earlier: tuple[str, ...]
    reversals: int


def stances(cut: Cut, source: str, at: At) -> list[Stance]:
    """Return the source's stances at the cut and the valid time, by question."""
    found = [stance for question in questions_of(cut, source) for stance in stances_on(cut, source, question, at)]
    return sorted(found, key=lambda stance: (stance.question.name, stance.claim))


def stances_on(cut: Cut, source: str, question: Question, at: At) -> list[Stance]:
    """Return what the source says on one question; several stances where values do not exclude each other."""
    aspect = cut.view.aspect(question.aspect)
    if aspect is None or aspect.kind == "opinion":
        return []
    words = [word for word in own_words(cut, question, aspect) if word.claim.source == source]
    standing = [word for word in words if cut.stands(word.standing)]
    started = sorted((word for word in standing if begun(word, aspect, at)), key=lambda word: word.key)
    return [
        _stance(
            question,
            held.word,
            [word for word in reversed(started) if word.claim.id != held.word.claim.id],
            _reversals(started),
        )
        for held in last_words(standing, aspect, at)
    ]


def questions_of(cut: Cut, source: str) -> list[Question]:
    """Return the questions that the source's claims speak on, said or implied."""
    found: dict[str, Question] = {}
    for standing in cut.case.standings.values():
        if standing.claim.source == source and standing.recorded <= cut.position:
            found.update((question.name, question) for question in answered_by(cut, standing.claim))
    return [found[name] for name in sorted(found)]


def answered_by(cut: Cut, claim: Claim) -> list[Question]:
    """Return the questions that a claim says something on, its own and those that it implies."""
    found = [claim.question]
    aspect = cut.view.aspect(claim.question.aspect)
    for rule in aspect.implies if aspect else ():
        if claim.polarity == "asserts" and claim.value in rule.values:
            found.append(Question(location=claim.question.location, aspect=rule.aspect))
    return found


def _stance(question: Question, word: Word, others: Iterable[Word], reversals: int) -> Stance:
    claim = word.claim
    said = word.value if word.implied else (claim.quantity or claim.value)
    earlier = tuple(dict.fromkeys(other.claim.id for other in others))
    polarity: Polarity = "asserts" if word.implied else claim.polarity
    return Stance(question, polarity, said, claim.id, word.implied, earlier, reversals)


def _reversals(words: list[Word]) -> int:
    return sum(not before.says_the_same(after) for before, after in zip(words, words[1:], strict=False))
