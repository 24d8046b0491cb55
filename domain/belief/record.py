"""A source's record: how its outright claims fared once somebody conceded or evidence settled the question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.aspects import Aspect
from domain.belief.asked import Asked
from domain.belief.case import Case, Cut
from domain.belief.judge import Judgement, settled
from domain.belief.policy import Policy
from domain.belief.stances import questions_of
from domain.belief.voices import Voiced, voice
from domain.belief.word import At, Held, Word, at_instant
from domain.belief.words import own_words
from domain.claims import Question
from domain.values import Interest


@dataclass(frozen=True, slots=True)
class Entry:
    """One outright claim whose question was settled after it was recorded.

    `agreed` tells whether what settled it says the same. `lead_seconds` is how long before the next source it was
    stated, if it was the first of all that agreed and another followed.
    """

    claim: str
    question: Question
    interest: Interest
    agreed: bool
    first: bool
    lead_seconds: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """How many outright claims there are, and what became of those that were settled: the denominator comes along."""

    hard_claims: int
    entries: tuple[Entry, ...]

    def tally(self, interest: Interest | None = None) -> dict[str, int]:
        """Return settled, agreed, refuted and first, of all entries or of those of one interest."""
        kept = [entry for entry in self.entries if interest in (None, entry.interest)]
        agreed = Counter(entry.agreed for entry in kept)
        return {
            "settled": len(kept),
            "agreed": agreed[True],
            "refuted": agreed[False],
            "first": sum(entry.first for entry in kept),
        }


def record_of(case: Case, source: str, position: int, policy: Policy) -> Record:
    """Return the source's record as of a position.

    A claim is judged at the first instant that it speaks of (the last one, if it has no beginning). It counts once the
    question is conceded by another source, or established by evidence, that was recorded after it.
    """
    cut = case.at(position)
    hard = 0
    entries: list[Entry] = []
    for question in questions_of(cut, source):
        aspect = cut.view.aspect(question.aspect)
        if aspect is None or aspect.kind in ("opinion", "plan"):
            continue
        for word in own_words(cut, question, aspect):
            at = _moment_of(word)
            if word.claim.source == source and at is not None and cut.stands(word.standing):
                voiced = voice(cut, Held(word), aspect, at)
                if voiced.is_hard:
                    hard += 1
                    entries += _settled(cut, Asked(question, at, policy), aspect, voiced)
    return Record(hard, tuple(entries))


def _moment_of(word: Word) -> At | None:
    moment = word.interval.start or word.interval.last_instant()
    return at_instant(moment) if moment else None


def _settled(cut: Cut, asked: Asked, aspect: Aspect, voiced: Voiced) -> Iterator[Entry]:
    judgement = settled(cut, asked)
    word = voiced.word
    for verdict in judgement.verdicts:
        if verdict.side is None or not _settles(judgement, verdict.side.strength, verdict.supporters, word):
            continue
        about = aspect.exclusive or any(word.value == other.word.value for other in verdict.supporters)
        if about:
            agreed = any(word.says_the_same(other.word) for other in verdict.supporters)
            first, lead = _first(cut, asked.question, aspect, word) if agreed else (False, None)
            yield Entry(word.claim.id, asked.question, voiced.interest, agreed, first, lead)


def _settles(judgement: Judgement, strength: str, supporters: tuple[Voiced, ...], word: Word) -> bool:
    if strength == "S6":
        return judgement.made is not None and judgement.made.position > word.standing.recorded
    return any(
        other.concedes and other.word.claim.source != word.claim.source and _recorded(other) > word.standing.recorded
        for other in supporters
    )


def _recorded(voiced: Voiced) -> int:
    return voiced.word.standing.recorded


def _first(cut: Cut, question: Question, aspect: Aspect, word: Word) -> tuple[bool, int | None]:
    others: list[datetime] = [
        other.stated
        for other in own_words(cut, question, aspect)
        if other.claim.source != word.claim.source
        and other.stated is not None
        and cut.stands(other.standing)
        and other.says_the_same(word)
        and other.interval.overlaps(word.interval)
    ]
    if word.stated is None or any(stated <= word.stated for stated in others):
        return False, None
    return True, (min(others) - word.stated) // _SECOND if others else None


_SECOND = timedelta(seconds=1)
