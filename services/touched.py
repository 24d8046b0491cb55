"""Which questions the events of a batch touch is looked up for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.belief.affected import Affected, affected, spoken_on, touched_by
from domain.belief.bearings import Turn, turn
from domain.belief.picture import Dirty
from domain.claims import Claim, Question
from domain.events import (
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    Event,
    Recorded,
    RelationAsserted,
)
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing, claims_of
from services.folding import Reading, Share
from services.remembered import Known


@dataclass(frozen=True, slots=True)
class Touch:
    """One event in its place, and the questions that it touches, each with the instants touched."""

    recorded: Recorded
    questions: dict[Question, Dirty]


@dataclass(frozen=True, slots=True)
class _Asked:
    recorded: Recorded
    view: RegistryView
    affected: Affected


class Batch:
    """The events of a batch with all that was looked up for them.

    `hears_stances` is what the policy promises: a change of ties then touches those questions alone among whose sources
    something is not as it was.
    """

    def __init__(  # noqa: PLR0913 (what a batch is, and where it is read)
        self,
        batch: Sequence[Recorded],
        registry: Registry,
        reading: Reading,
        known: Known,
        share: Share,
        *,
        hears_stances: bool = False,
    ) -> None:
        self.known = known
        self._hears_stances = hears_stances
        self._registry = registry
        self._share = share
        self._all = [
            _Asked(one, view, affected(one.event, view))
            for one in batch
            for view in (RegistryView(registry, one.position),)
        ]
        self._asked = [one for one in self._all if one.affected != Affected()]
        self._claims: dict[str, Standing] = {}
        self._reached_by: defaultdict[str, list[Standing]] = defaultdict(list)
        self._look_up(reading, batch[-1].position)
        self._spoken = self._spoken_questions(reading, batch[-1].position)
        known.look_up(reading, self._known_names(reading))

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

    def _known_names(self, reading: Reading) -> set[str]:
        """Return the names of all questions that the events could touch."""
        sources = {source for one in self._asked for source in self._registry.relatives(one.affected.sources)}
        locations = {place for one in self._asked for place in one.affected.locations}
        aspects = {name for one in self._asked for name in one.affected.aspects}
        names = {question.name for one in self._asked for question in _named(one.affected)}
        names |= {up.name for one in self._asked for up, _ in self._of_claims(one)}
        names |= {up.name for one in self._asked for up in self._counted_for(one)}
        found = reading.held_by("source", sources) | reading.held_by("location", locations)
        found |= reading.held_by("aspect", aspects)
        more = {_question_of(key) for key in found}
        return {name for name in names | more if self._share.has(name)}

    def questions(self) -> set[Question]:
        """Return what the events touch by themselves: most of what `touches` will name."""
        found = {question for one in self._asked for question in one.affected.questions}
        return {question for question in found if self._share.has(question.name)}

    def named(self) -> set[str]:
        """Return the claims that claims of the batch are related to."""
        owns = (own_claim(one.recorded.event) for one in self._asked)
        found = {relation.claim for own in owns if own for relation in own.relations}
        events = (one.recorded.event for one in self._asked)
        return found | {event.relation.claim for event in events if isinstance(event, RelationAsserted)}

    def touches(self) -> Iterator[Touch]:
        """Yield all events in order, with what they touch; what `known` has learnt by then counts."""
        nothing = Affected()
        for one in self._all:
            yield Touch(one.recorded, self._questions(one) if one.affected != nothing else {})

    def _questions(self, one: _Asked) -> dict[Question, Dirty]:
        event, dirty = one.affected, self._dirty(one)
        found: dict[Question, Dirty] = dict.fromkeys(event.questions, dirty)
        found |= {part: dirty for part in event.parts if part in self.known.sources}
        for question, since in self._of_claims(one):
            found[question] = since if question not in found else _either(found[question], since)
        for question in self._counted_for(one):
            found[question] = Dirty()
        for question, since in self._tied(one) if event.sources else ():
            found[question] = since
        for question in tuple(self.known.sources) if event.locations or event.aspects else ():
            if question.location in event.locations or question.aspect in event.aspects:
                found[question] = Dirty()
        return {question: dirty for question, dirty in found.items() if self._share.has(question.name)}

    def _tied(self, one: _Asked) -> Iterator[tuple[Question, Dirty]]:
        """Yield the questions whose belief may hang on what the event tells of its sources, and from when on."""
        position = one.recorded.position
        before = RegistryView(self._registry, position - 1)
        turns: dict[frozenset[str], Turn | None] = {}
        for question in self.known.hanging_on(self._registry.relatives(one.affected.sources, position)):
            names = frozenset(self.known.sources[question])
            if names not in turns:
                turns[names] = turn(before, one.view, names) if self._hears_stances else Turn(None)
            if (turned := turns[names]) is not None:
                yield question, Dirty(turned.moment)

    def _dirty(self, one: _Asked) -> Dirty:
        event = one.recorded.event
        if isinstance(event, ClaimWithdrawn | ClaimVoided) and event.claim in self._claims:
            return touched_by(one.view, self._claims[event.claim].claim)
        if isinstance(event, RelationAsserted) and event.claim in self._claims:
            return _since(one.view, self._claims[event.claim].claim)
        if isinstance(event, ClaimCorrected) and event.claim in self._claims:
            old, new = self._claims[event.claim].claim, event.replacement
            return _either(_since(one.view, old), _since(one.view, new))
        return one.affected.dirty

    def _counted_for(self, one: _Asked) -> Iterator[Question]:
        """Yield the questions that claims of the places and aspects which the event changes count for."""
        locations, aspects = one.affected.locations, one.affected.aspects
        for question, first in self._spoken.items() if locations or aspects else ():
            if first <= one.recorded.position and (question.location in locations or question.aspect in aspects):
                yield from spoken_on(one.view, question)

    def _of_claims(self, one: _Asked) -> Iterator[tuple[Question, Dirty]]:
        """Yield the questions of other claims that the event's claim has to do with, each from where that begins."""
        own = own_claim(one.recorded.event)
        if isinstance(one.recorded.event, ClaimWithdrawn | ClaimVoided):
            return  # who carries it has the voice of its origin still
        for standing in self._reached(one):
            if (own is None or standing.claim.id != own.id) and standing.recorded <= one.recorded.position:
                since = _since(one.view, standing.claim)
                yield from ((question, since) for question in spoken_on(one.view, standing.claim.question))

    def _reached(self, one: _Asked) -> Iterator[Standing]:
        """Yield what had to do with the event's claim by then: the batch may know of more, which must not matter."""
        yield from (self._claims[name] for name in one.affected.claims if name in self._claims)
        position = one.recorded.position
        waiting = list(claims_of(one.recorded.event))
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            for standing in self._reached_by.get(name, ()):
                if (way := _way(standing, name, position)) is None:
                    continue
                yield standing
                if way and standing.claim.id not in seen:
                    seen.add(standing.claim.id)
                    waiting.append(standing.claim.id)


def _since(view: RegistryView, claim: Claim) -> Dirty:
    """Return all instants from where the claim begins: before it, nothing that becomes of it can matter."""
    return Dirty(touched_by(view, claim).start)


def _either(one: Dirty, other: Dirty) -> Dirty:
    starts = [start for start in (one.start, other.start) if start is not None]
    return Dirty(min(starts) if len(starts) == 2 else None)


def _way(standing: Standing, name: str, position: int) -> bool | None:
    """Tell whether whatever reaches this claim through the one of that name goes on from it; None if it ends before."""
    ending = standing.ended_by(position)
    if ending is not None and ending.replacement == name:
        return True
    if standing.recorded > position or all(relation.claim != name for relation in standing.related(position)):
        return None
    return ending is not None or _carries(standing, position)


def _carries(standing: Standing, position: int) -> bool:
    return any(relation.type in ("carries", "carries_similar") for relation in standing.related(position))


def own_claim(event: Event) -> Claim | None:
    """Return the claim that the event brings, if it brings one."""
    if isinstance(event, ClaimRecorded):
        return event.claim
    return event.replacement if isinstance(event, ClaimCorrected) else None


def _named(event: Affected) -> frozenset[Question]:
    return event.questions | event.parts


def _question_of(key: str) -> str:
    return key.partition("|")[0]
