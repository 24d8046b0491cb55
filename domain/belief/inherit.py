"""What is said of a whole can count for its parts, of a part for the whole; silence is never denial."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.aspects import Aspect
from domain.belief.case import Cut
from domain.belief.word import At, Held, Word, same_value
from domain.belief.words import begun, chains, counts, last_words, own_words
from domain.claims import Question


@dataclass(frozen=True, slots=True)
class Gathered:
    """All words that bear on a question.

    `reported` were recorded and had begun, `standing` are those of them that nothing ended, `held` are the last words;
    `listed` have a modality that neither supports nor contests.
    """

    reported: tuple[Word, ...]
    standing: tuple[Word, ...]
    held: tuple[Held, ...]
    listed: tuple[Word, ...]


def gather(cut: Cut, question: Question, aspect: Aspect, at: At, without: frozenset[str] = frozenset()) -> Gathered:
    """Collect the words on a question, its own and inherited ones, without those that `without` speaks."""
    words = own_words(cut, question, aspect, without)
    if aspect.inherits and aspect.inherits.direction == "up":
        words, ready = _with_parts(cut, question, aspect, at, without, words)
    else:
        ready = [word for word in words if cut.stands(word.standing)]
    reported = [word for word in words if begun(word, aspect, at)]
    held = last_words(ready, aspect, at)
    if not held and aspect.inherits and aspect.inherits.direction == "down":
        held = _once(_from_wholes(cut, question, aspect, at, without, frozenset({question.location})), aspect)
        reported += [one.word for one in held]
    return Gathered(
        reported=tuple(word for word in reported if counts(word, aspect)),
        standing=tuple(word for word in reported if counts(word, aspect) and cut.stands(word.standing)),
        held=tuple(held),
        listed=tuple(word for word in reported if not counts(word, aspect) and cut.stands(word.standing)),
    )


def words_above(cut: Cut, question: Question, aspect: Aspect) -> list[Word]:
    """Return the words on wholes: what may be inherited, or what keeps that which lies above it from coming down."""
    if aspect.inherits is None or aspect.inherits.direction == "up":
        return []
    above = [question.model_copy(update={"location": whole}) for whole in cut.view.surroundings(question.location)]
    return [word for one in above for word in own_words(cut, one, aspect)]


def _once(found: list[Held], aspect: Aspect) -> list[Held]:
    """Let a source that speaks of several wholes count once (per value, where these are judged apart)."""
    sources: dict[str, list[Held]] = {}
    for one in sorted(found, key=lambda held: held.word.key):
        sources.setdefault(one.word.claim.source, []).append(one)
    voices = [one for spoken in sources.values() for one in (chains(spoken, _alike) if aspect.apart else [spoken])]
    return [max(voice, key=lambda held: held.word.key) for voice in voices]


def _alike(one: Held, other: Held) -> bool:
    return same_value(one.word, other.word)


def travels(word: Word, aspect: Aspect) -> bool:
    """Tell whether a word of this aspect counts beyond the place it was said of.

    Down goes only what is asserted. Up goes the affirmative value, also where it is said by denying the other one.
    """
    rule = aspect.inherits
    if rule is None or word.denies or (rule.direction == "down" and word.claim.polarity == "denies"):
        return False
    facets = word.claim.facets
    named = rule.values is None or word.value in rule.values
    return named and all(facets.get(name) == value for name, value in rule.facets.items())


def _with_parts(
    cut: Cut, question: Question, aspect: Aspect, at: At, without: frozenset[str], own: list[Word]
) -> tuple[list[Word], list[Word]]:
    """Return all words with those of the parts, and the standing ones that may be last words.

    A word on a part that its source has since replaced there tells that something was reported of the whole, no more.
    """
    words = list(own)
    ready = [word for word in own if cut.stands(word.standing)]
    for part in cut.view.parts(question.location):
        there = own_words(cut, question.model_copy(update={"location": part}), aspect, without)
        words += [replace(word, question=question, via=part) for word in there if travels(word, aspect)]
        standing = [word for word in there if cut.stands(word.standing)]
        ready += [
            replace(held.word, question=question, via=part)
            for held in last_words(standing, aspect, at)
            if travels(held.word, aspect)
        ]
    return words, ready


def _from_wholes(
    cut: Cut, question: Question, aspect: Aspect, at: At, without: frozenset[str], seen: frozenset[str]
) -> list[Held]:
    found: dict[str, Held] = {}
    for whole in cut.view.wholes(question.location):
        if whole in seen:
            continue
        above = question.model_copy(update={"location": whole})
        standing = [word for word in own_words(cut, above, aspect, without) if cut.stands(word.standing)]
        held = last_words(standing, aspect, at)
        if held:
            passed = [one for one in held if travels(one.word, aspect)]
        else:
            passed = _from_wholes(cut, above, aspect, at, without, seen | {whole})
        for one in passed:
            word = replace(one.word, question=question, via=one.word.via or whole)
            found[word.claim.id] = Held(word, one.earlier)
    return list(found.values())
