"""A case is all that the belief on some questions may look at; a cut of it is what was known at one position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.belief.word import Key, Word
from domain.claims import Question, Relation
from domain.entries import Assessment
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing


@dataclass(frozen=True, slots=True)
class Made:
    """An assessment, and the position it was made at."""

    position: int
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Floor:
    """Of what a source said on an aspect of a place (and a subject), the case lacks the claims of a smaller key.

    `spoken` is the latest moment at which one of these began or was stated, `ended` the latest end that one was given;
    None where that is not known.
    """

    location: str
    aspect: str
    subject: str | None
    source: str
    key: Key
    spoken: datetime | None = None
    ended: datetime | None = None


class NotEnough(Exception):
    """A case that holds only the newest words does not go back far enough for this judgement.

    Whoever loaded it loads more, and judges again: a belief is always that of the whole case. `sources` are those of
    whom older words are needed, None if that cannot be told; of `over` it is enough to know when their missing words
    were over, if they were.
    """

    def __init__(self, sources: Iterable[str] | None = None, over: Iterable[str] = ()) -> None:
        super().__init__()
        self.sources = None if sources is None else frozenset(sources)
        self.over = frozenset(over)


class Case:
    """Claims with what became of them, assessments, and the registry that they are read with.

    What is not in the case does not exist for it: whoever builds one for a question loads `reach` of that question,
    the claims that name those or what they were written instead of, and, step by step, what all these name.
    A case may lack old claims: on states those below the `floors`, on occurrences and tallies what was over at `since`.
    What would need them raises NotEnough.
    """

    def __init__(
        self,
        registry: Registry,
        standings: Iterable[Standing],
        made: Iterable[Made] = (),
        floors: Iterable[Floor] = (),
        since: datetime | None = None,
    ) -> None:
        self.registry = registry
        self.standings = {standing.claim.id: standing for standing in standings}
        self.made = tuple(made)
        self.since = since
        self.floors: defaultdict[tuple[str, str], list[Floor]] = defaultdict(list)
        for floor in floors:
            self.floors[floor.location, floor.aspect].append(floor)
        self.words: dict[tuple[str, int, int], tuple[Word, ...]] = {}
        self.moved: dict[tuple[int, str], Word] = {}
        self.on: defaultdict[tuple[str, str], list[Standing]] = defaultdict(list)
        self.naming: defaultdict[str, list[Standing]] = defaultdict(list)
        self.corrected_into: defaultdict[str, list[str]] = defaultdict(list)
        self.remarks: defaultdict[str, list[Standing]] = defaultdict(list)
        """Of each place, what was said about saying (claims tagged `meta`), in order of position."""
        for standing in sorted(self.standings.values(), key=lambda one: one.recorded):
            question = standing.claim.question
            self.on[question.location, question.aspect].append(standing)
            if "meta" in standing.claim.tags:
                self.remarks[question.location].append(standing)
            for target in {relation.claim for relation in standing.related(2**63)}:
                self.naming[target].append(standing)
            if standing.ending and standing.ending.replacement:
                self.corrected_into[standing.ending.replacement].append(standing.claim.id)

    def deeper(self, standings: Iterable[Standing], floors: Iterable[Floor]) -> Case:
        """Return the case with more claims and these floors; what was read off the others is not read again."""
        found = Case(self.registry, (*self.standings.values(), *standings), self.made, floors, self.since)
        found.words, found.moved = self.words, self.moved
        return found

    def at(self, position: int) -> Cut:
        """Return the case as it was known at `position`."""
        return Cut(self, position)

    def only(self, view: RegistryView, question: Question) -> Case:
        """Return the part of the case that bears on one question: a change elsewhere is then no position of it."""
        near = own_reach(view, question.location, question.aspect)
        kept = {one.claim.id: one for pair in near for one in self.on.get(pair, ())}
        related = set(kept)
        waiting = list(kept.values())
        while waiting:
            one = waiting.pop()
            names = {relation.claim for relation in one.related(2**63)} | set(self.corrected_into[one.claim.id])
            others = [self.standings[name] for name in names if name in self.standings] + self.naming[one.claim.id]
            fresh = [other for other in others if other.claim.id not in related]
            related |= {other.claim.id for other in fresh}
            waiting += fresh
        floors = [floor for pair in near for floor in self.floors.get(pair, ())]
        return Case(self.registry, [self.standings[name] for name in related], self.made, floors, self.since)

    def positions(self, upto: int, question: Question) -> list[int]:
        """Return, in order, every position up to `upto` at which the belief on the question may have changed.

        Raises NotEnough if the case lacks old claims.
        """
        if self.floors or self.since is not None:
            raise NotEnough
        found = {made.position for made in self.made}
        names = {f"location/{place}" for place in self.registry.ever_around(question.location)}
        names.add(f"aspect/{question.aspect}")
        spoken: set[str] = set()
        for standing in self.standings.values():
            claim = standing.claim
            found.add(standing.recorded)
            found.update(asserted.position for asserted in standing.relations)
            if standing.ending:
                found.add(standing.ending.position)
            names |= {f"location/{claim.question.location}", f"aspect/{claim.question.aspect}"}
            spoken.add(claim.source)
            spoken.update(word for word in (claim.value, claim.question.subject) if word)
            spoken.update(claim.favours or (), claim.against or (), self.registry.ever_implied(claim.question.aspect))
        names.update(f"source/{source}" for source in self.registry.relatives(spoken))
        found |= self.registry.positions_touching(names)
        return sorted(position for position in found if position <= upto)


class Cut:
    """A case as it was known at one position."""

    def __init__(self, case: Case, position: int) -> None:
        self.case = case
        self.position = position
        self.view = RegistryView(case.registry, position)
        self.own: dict[tuple[Question, int], list[Word]] = {}
        self.gathered: dict[tuple[Question, frozenset[str]], object] = {}

    def recorded(self, location: str, aspect: str) -> Iterator[Standing]:
        """Yield the claims on the aspect of the place; a corrected claim was never made of it."""
        for standing in self.case.on.get((location, aspect), ()):
            ending = standing.ended_by(self.position)
            if standing.recorded <= self.position and not (ending and ending.kind == "corrected"):
                yield standing

    def stands(self, standing: Standing) -> bool:
        """Tell whether nothing has ended the claim."""
        return standing.recorded <= self.position and standing.ended_by(self.position) is None

    def find(self, claim: str) -> Standing | None:
        """Return the claim, or what it was corrected into; None if it is not recorded yet."""
        standing = self.case.standings.get(claim)
        while standing is not None and (ending := standing.ended_by(self.position)) and ending.replacement:
            standing = self.case.standings.get(ending.replacement)
        return standing if standing is not None and standing.recorded <= self.position else None

    def naming(self, standing: Standing) -> Iterator[tuple[Standing, Relation]]:
        """Yield the recorded claims that name this one, or one that was corrected into it, and how."""
        names = {standing.claim.id}
        waiting = [standing.claim.id]
        while waiting:
            for earlier in self.case.corrected_into.get(waiting.pop(), ()):
                if earlier not in names:
                    names.add(earlier)
                    waiting.append(earlier)
        for name in sorted(names):
            for other in self.case.naming.get(name, ()):
                if other.recorded <= self.position:
                    yield from ((other, how) for how in other.related(self.position) if how.claim == name)

    def assessments(self, question: Question) -> Iterator[Made]:
        """Yield the assessments of exactly this question."""
        for made in self.case.made:
            if made.position <= self.position and made.assessment.question == question:
                yield made


def reach(view: RegistryView, question: Question) -> frozenset[tuple[str, str]]:
    """Return every (location, aspect) whose claims may count for the question, or be in tension with it."""
    found = set(own_reach(view, question.location, question.aspect))
    for location, aspect in tense(view, question):
        found |= own_reach(view, location, aspect)
    return frozenset(found)


def tense(view: RegistryView, question: Question) -> frozenset[tuple[str, str]]:
    """Return the (location, aspect) pairs that an aspect's tension could set this question against."""
    if question.subject is not None:
        return frozenset()
    here = question.location
    found: set[tuple[str, str]] = set()
    for name, aspect in view.aspects().items():
        for tension in aspect.tension:
            if name == question.aspect:
                around = view.linked(here, "vicinity_of", outward=False)
                found |= {(place, tension.aspect) for place in (here, *around)}
            if tension.aspect == question.aspect:
                inside = view.linked(here, "vicinity_of", outward=True)
                found |= {(place, name) for place in (here, *inside)}
    return frozenset(found)


def own_reach(view: RegistryView, location: str, name: str) -> set[tuple[str, str]]:
    """Return every (location, aspect) whose claims may count for this aspect of this place."""
    aspect = view.aspect(name)
    places = [location]
    if aspect and aspect.inherits:
        places += view.parts(location) if aspect.inherits.direction == "up" else view.surroundings(location)
    names = [name, *(other.name for other in view.implying(name))]
    return {(place, one) for place in places for one in names}
