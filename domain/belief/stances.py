"""What a source says now on each question that it ever spoke on, and what it said before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from domain.belief.case import Cut
from domain.belief.word import At, Word
from domain.belief.words import begun, last_words, own_words
from domain.claims import Question
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
    found: list[Stance] = []
    for question in questions_of(cut, source):
        aspect = cut.view.aspect(question.aspect)
        if aspect is None or aspect.kind == "opinion":
            continue
        words = [word for word in own_words(cut, question, aspect) if word.claim.source == source]
        standing = [word for word in words if cut.stands(word.standing)]
        started = sorted((word for word in standing if begun(word, aspect, at)), key=lambda word: word.key)
        for held in last_words(standing, aspect, at):
            others = [word for word in reversed(started) if word.claim.id != held.word.claim.id]
            found.append(_stance(question, held.word, others, _reversals(started)))
    return sorted(found, key=lambda stance: (stance.question.name, stance.claim))


def questions_of(cut: Cut, source: str) -> list[Question]:
    """Return the questions that the source's claims speak on, said or implied."""
    found: dict[str, Question] = {}
    for standing in cut.case.standings.values():
        claim = standing.claim
        if claim.source == source and standing.recorded <= cut.position:
            said = claim.question
            found[said.name] = said
            aspect = cut.view.aspect(said.aspect)
            for rule in aspect.implies if aspect else ():
                if claim.polarity == "asserts" and claim.value in rule.values:
                    implied = Question(location=said.location, aspect=rule.aspect)
                    found[implied.name] = implied
    return [found[name] for name in sorted(found)]


def _stance(question: Question, word: Word, others: Iterable[Word], reversals: int) -> Stance:
    claim = word.claim
    said = word.value if word.implied else (claim.quantity or claim.value)
    earlier = tuple(dict.fromkeys(other.claim.id for other in others))
    polarity: Polarity = "asserts" if word.implied else claim.polarity
    return Stance(question, polarity, said, claim.id, word.implied, earlier, reversals)


def _reversals(words: list[Word]) -> int:
    return sum(not before.says_the_same(after) for before, after in zip(words, words[1:], strict=False))
