"""All that was said on a question comes in one answer: of which time it speaks, and who is one voice with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.aspects import Aspect
from domain.belief.case import Cut, own_reach
from domain.belief.explain import question_json, value_json
from domain.belief.spoken import every_word, nearest
from domain.belief.voices import Voiced, voice
from domain.belief.word import Held
from domain.claims import Question
from domain.times import show
from services.beliefs import check_place
from services.cuts import Answer, Cuts, Cutting, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json, Texts, entry_json, hashes_of, text_json
from services.store.event_log import EventLog

MOST_WORDS = 2_000
"""Words in one answer. Of more, the nearest of every source are told: a chart of more is a black bar."""
MOST_OF_EACH = 25
"""Claims of each source that are loaded where more than `MOST_WORDS` bear on a question: as many of the newest, and as
many of those last begun by the valid time."""


class Spoken:
    """Tells who said what on a question, word by word."""

    def __init__(self, log: EventLog, facts: Facts, cuts: Cuts) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts

    def words(self, question: Question, query: Query) -> Answer[Json]:
        """Return every word on the question up to the cut, or of too many the nearest: of every source the newest, and
        those last begun by the valid time.

        `voices` are the sources that were heard, those together that count as one at the valid time; `partly` those
        of whom there is more, and `whole` says that nothing at all is left out.

        Raises UnknownThing for a place or aspect that was not known, and what `Cuts.cut` raises.
        """
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        check_place(view, question.location)
        aspect = view.aspect(question.aspect)
        if aspect is None:
            raise UnknownThing("aspect", question.aspect)
        case = self._facts.nearest(question, cutting.position, cutting.at, MOST_WORDS, MOST_OF_EACH)
        cut = case.at(cutting.position)
        words = every_word(cut, question, aspect)
        shown = nearest(words, cutting.at, MOST_WORDS)
        kept = {id(word) for word in shown}
        near = own_reach(view, question.location, question.aspect)
        partly = {word.claim.source for word in words if id(word) not in kept}
        partly |= {floor.source for pair in near for floor in case.floors.get(pair, ())}
        told = _Told(cut, aspect, cutting, self._log)
        voices = [told.voice(Held(word)) for word in shown]
        body: Json = {
            "position": cutting.position,
            "question": question_json(question),
            "kind": aspect.kind,
            "whole": not partly and case.since is None,
            "partly": sorted(partly & {word.claim.source for word in shown}),
            "voices": _one_voice(voices),
            "words": told.shown(voices),
        }
        # A text that the law forces out must go from every cache too, so nobody is told to keep it.
        return Answer(body, cutting.position, immutable=False)


class _Told:
    """Shows words as they are known at a cut."""

    def __init__(self, cut: Cut, aspect: Aspect, cutting: Cutting, log: EventLog) -> None:
        self._cut = cut
        self._aspect = aspect
        self._cutting = cutting
        self._log = log

    def voice(self, held: Held) -> Voiced:
        """Return the word with its group and interest."""
        return voice(self._cut, held, self._aspect, self._cutting.at)

    def shown(self, voices: Sequence[Voiced]) -> list[Json]:
        """Return the words in their order."""
        standings = [one.word.standing for one in voices]
        positions = {standing.recorded for standing in standings}
        positions |= {ending.position for one in standings if (ending := one.ended_by(self._cut.position))}
        recorded = self._log.recorded_at(sorted(positions))
        texts = self._log.texts(hashes_of(standing.claim for standing in standings))
        return [self._word(one, recorded, texts) for one in voices]

    def _word(self, voiced: Voiced, recorded: Mapping[int, datetime], texts: Texts) -> Json:
        word, claim = voiced.word, voiced.word.claim
        ending = word.standing.ended_by(self._cut.position)
        through = [link.source for link in claim.chain[1:] if link.role in ("carrier", "publisher")]
        return {
            "claim": claim.id,
            "key": claim.key,
            "source": claim.source,
            "origin": voiced.origin,
            "by": [link.source for link in claim.chain[1:] if link.role in ("speaker", "spokesperson")],
            "through": through,
            "interest": voiced.interest,
            "value": value_json(word.quantity or word.value),
            "denies": word.denies,
            "polarity": claim.polarity,
            "facets": claim.facets,
            "modality": claim.modality,
            "hedged": claim.hedged,
            "hearsay": voiced.is_hearsay,
            "implied": word.implied,
            "via": word.via,
            "said_of": question_json(claim.question),
            "valid": entry_json(claim.valid),
            "from": show(word.interval.start),
            "to": show(word.interval.end),
            "stated": entry_json(claim.spoken),
            "stated_at": show(word.stated),
            "position": word.standing.recorded,
            "recorded": show(recorded.get(word.standing.recorded)),
            "status": ending.kind if ending else "standing",
            "ended": {"position": ending.position, "recorded": show(recorded.get(ending.position))} if ending else None,
            "left_out": bool(claim.speakers & self._cutting.without),
            "statement": text_json(claim.statement, texts) if claim.statement else None,
        }


def _one_voice(voices: Sequence[Voiced]) -> list[list[str]]:
    """Return the sources that were heard, those together whose newest words count as one."""
    groups = {one.word.claim.source: min(one.group) for one in voices}
    found: dict[str, list[str]] = {}
    for source in sorted(groups):
        found.setdefault(groups[source], []).append(source)
    return [found[name] for name in sorted(found)]
