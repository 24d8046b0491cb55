"""Which questions the events of a batch touch is looked up for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.belief.affected import Affected, affected, spoken_on
from domain.belief.picture import Dirty
from domain.claims import Claim, Question
from domain.events import ClaimCorrected, ClaimRecorded, Event, Recorded
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing, claims_of
from services.folding import Held, Reading, Share
from services.painted import Hangs, Painted


@dataclass(frozen=True, slots=True)
class Touch:
    """One event in its place, and the questions that it touches, each with the instants touched."""

    recorded: Recorded
    questions: dict[Question, Dirty]


class Known:
    """The questions that the picture knows, with the sources that each hangs on; it grows with the batch."""

    def __init__(self, rows: Iterable[Held]) -> None:
        self.sources: defaultdict[Question, set[str]] = defaultdict(set)
        for row in rows:
            shape = Hangs if is_hanging(row) else Painted
            stored = shape.model_validate_json(row.state)
            hung = self.sources[stored.question]
            if isinstance(stored, Hangs):
                hung.add(stored.source)

    def hanging_on(self, sources: frozenset[str]) -> Iterator[Question]:
        """Yield the questions that hang on one of the sources."""
        if sources:
            yield from (question for question, hung in self.sources.items() if hung & sources)


@dataclass(frozen=True, slots=True)
class _Asked:
    recorded: Recorded
    view: RegistryView
    affected: Affected


class Batch:
    """The events of a batch with all that was looked up for them."""

    def __init__(self, batch: Sequence[Recorded], registry: Registry, reading: Reading, share: Share) -> None:
        self._registry = registry
        self._share = share
        asked = [
            _Asked(one, view, affected(one.event, view))
            for one in batch
            for view in (RegistryView(registry, one.position),)
        ]
        self._asked = [one for one in asked if one.affected != Affected()]
        self._claims: dict[str, Standing] = {}
        self._reached_by: defaultdict[str, list[Standing]] = defaultdict(list)
        self._look_up(reading, batch[-1].position)
        self._spoken = self._spoken_questions(reading, batch[-1].position)
        self.known = Known(self._known_rows(reading))

    def _look_up(self, reading: Reading, last: int) -> None:
        """Load the claims that the events name, and step by step those that a change to their own claims reaches.

        A claim is reached by what carries it or was corrected into it; what merely names it is reached, and no further.
        """
        named = {claim for one in self._asked for claim in one.affected.claims}
        self._claims = {one.claim.id: one for one in reading.views.claims_named(named, last)} if named else {}
        waiting = {claim for one in self._asked for claim in claims_of(one.recorded.event)}
        seen = set(waiting)
        while waiting:
            replaced = reading.views.claims_replaced_by(waiting, last)
            for one in replaced:
                if one.ending and one.ending.replacement:
                    self._reached_by[one.ending.replacement].append(one)
            naming = reading.views.claims_naming(waiting, last)
            for one in naming:
                for name in {relation.claim for relation in one.related(last)}:
                    self._reached_by[name].append(one)
            carrying = {one.claim.id for one in (*replaced, *naming) if one.ending or _carries(one, last)}
            waiting = carrying - seen
            seen |= waiting

    def _spoken_questions(self, reading: Reading, last: int) -> dict[Question, int]:
        """Return since when claims were made on each question of the places and aspects that changed.

        Asked of the claims and not of the picture, which may know the questions of other shares at other positions.
        """
        locations = {place for one in self._asked for place in one.affected.locations}
        aspects = {name for one in self._asked for name in one.affected.aspects}
        return reading.views.questions_spoken(locations, aspects, last) if locations or aspects else {}

    def _known_rows(self, reading: Reading) -> list[Held]:
        """Load what is known of every question that the events could touch."""
        sources = {source for one in self._asked for source in self._registry.relatives(one.affected.sources)}
        locations = {place for one in self._asked for place in one.affected.locations}
        aspects = {name for one in self._asked for name in one.affected.aspects}
        names = {question.name for one in self._asked for question in _named(one.affected)}
        names |= {up.name for one in self._asked for up in (*self._of_claims(one), *self._counted_for(one))}
        found = reading.held_by("source", sources) | reading.held_by("location", locations)
        found |= reading.held_by("aspect", aspects)
        more = {_question_of(key) for key in found}
        mine = {name for name in names | more if self._share.has(name)}
        return list(reading.held_by("question", mine).values())

    def reachable(self) -> set[Question]:
        """Return every question that `touches` can come to name: a place may be linked after it was spoken of."""
        found = set(self.known.sources)
        for one in self._asked:
            found |= {*one.affected.questions, *self._of_claims(one), *self._counted_for(one)}
        return {question for question in found if self._share.has(question.name)}

    def touches(self) -> Iterator[Touch]:
        """Yield the events in order, with what they touch; what `known` has learnt by then counts."""
        for one in self._asked:
            yield Touch(one.recorded, self._questions(one))

    def _questions(self, one: _Asked) -> dict[Question, Dirty]:
        event = one.affected
        found: dict[Question, Dirty] = dict.fromkeys(event.questions, event.dirty)
        found |= {part: event.dirty for part in event.parts if part in self.known.sources}
        wholly: set[Question] = {*self._of_claims(one), *self._counted_for(one)}
        wholly.update(self.known.hanging_on(self._registry.relatives(event.sources) if event.sources else frozenset()))
        for question in tuple(self.known.sources) if event.locations or event.aspects else ():
            if question.location in event.locations or question.aspect in event.aspects:
                wholly.add(question)
        found |= dict.fromkeys(wholly, Dirty())
        return {question: dirty for question, dirty in found.items() if self._share.has(question.name)}

    def _counted_for(self, one: _Asked) -> Iterator[Question]:
        """Yield the questions that claims of the places and aspects which the event changes count for."""
        locations, aspects = one.affected.locations, one.affected.aspects
        for question, first in self._spoken.items() if locations or aspects else ():
            if first <= one.recorded.position and (question.location in locations or question.aspect in aspects):
                yield from spoken_on(one.view, question)

    def _of_claims(self, one: _Asked) -> Iterator[Question]:
        """Yield the questions of other claims that the event's claim has to do with."""
        own = own_claim(one.recorded.event)
        for standing in self._reached(one):
            if (own is None or standing.claim.id != own.id) and standing.recorded <= one.recorded.position:
                yield from spoken_on(one.view, standing.claim.question)

    def _reached(self, one: _Asked) -> Iterator[Standing]:
        yield from (self._claims[name] for name in one.affected.claims if name in self._claims)
        waiting = list(claims_of(one.recorded.event))
        seen = set(waiting)
        while waiting:
            for standing in self._reached_by.get(waiting.pop(), ()):
                yield standing
                if standing.claim.id not in seen:
                    seen.add(standing.claim.id)
                    waiting.append(standing.claim.id)


def _carries(standing: Standing, position: int) -> bool:
    return any(relation.type in ("carries", "carries_similar") for relation in standing.related(position))


def own_claim(event: Event) -> Claim | None:
    """Return the claim that the event brings, if it brings one."""
    if isinstance(event, ClaimRecorded):
        return event.claim
    return event.replacement if isinstance(event, ClaimCorrected) else None


def is_hanging(row: Held) -> bool:
    """Tell whether a row of the picture says that a belief hangs on a source."""
    return '"axis":"source"' in row.state


def _named(event: Affected) -> frozenset[Question]:
    return event.questions | event.parts


def _question_of(key: str) -> str:
    return key.partition("|")[0]
