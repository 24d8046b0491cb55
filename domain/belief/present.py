"""What is known now, in memory: it takes events in one by one, and judges by what was heard, word by word."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from domain.aspects import Aspect
from domain.belief.asked import NOBODY
from domain.belief.case import Case, Cut, Made, own_reach
from domain.belief.heard import NEVER, Heard, Told
from domain.belief.inherit import travels
from domain.belief.trimming import can_be_trimmed, covered, middle
from domain.belief.voices import beneficiaries
from domain.belief.word import Word
from domain.belief.words import counts, words_of
from domain.claims import Question
from domain.entries import LocationLink
from domain.events import AspectRegistered, AssessmentMade, LocationLinked, LocationLinkEnded, Recorded
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing, claims_of, evolve

Pair = tuple[str, str]
"""A location and an aspect."""
MOST_OF_ONE = 60
"""Claims on an aspect of a place from which on it is worth while to let go the old ones."""


class Present:
    """Claims with what became of them until now, of those places and aspects that were loaded.

    Whoever has one loads what `lacks` names before judging a question, and lets it `take` every event since. `without`
    are sources that are left out. Of a place and aspect with more than `most` claims some are let go by `trim`.
    """

    def __init__(
        self, registry: Registry, position: int, without: frozenset[str] = NOBODY, most: int = MOST_OF_ONE
    ) -> None:
        self.case = Case(registry, ())
        self.position = position
        self.without = without
        self.most = most
        self.loaded: set[Pair] = set()
        self.floors: dict[Pair, datetime] = {}
        """Of these, what matters only up to that instant was let go again; see `trim`."""
        self.made: defaultdict[Question, list[Made]] = defaultdict(list)
        self._named: set[str] = set()
        self._unsought: set[str] = set()
        self._whole: dict[Question, frozenset[Pair]] = {}
        self._enough: dict[Pair, int] = {}
        self._grown: set[Pair] = set()
        self._heard: dict[Question, Heard] = {}
        self._above: dict[Question, Heard] = {}
        self._stances: dict[object, int] = {}
        self._cut: Cut | None = None

    @property
    def cut(self) -> Cut:
        """What is known now as any other cut, for whatever is asked seldom."""
        if self._cut is None:
            self._cut = Cut(self.case, self.position)
        return self._cut

    @property
    def view(self) -> RegistryView:
        """The registry as it is now."""
        return self.cut.view

    def lacks(self, question: Question, since: datetime | None = None) -> frozenset[Pair]:
        """Return the places and aspects whose claims are still to be loaded before the question can be judged.

        It is going to be judged at this instant and later ones (None: at any).
        """
        near = self._whole.pop(question, None)
        if near is None:
            near = frozenset(own_reach(self.view, question.location, question.aspect))
        self._whole[question] = near  # the last one now: it was asked for last
        if not self.floors:
            return near - self.loaded
        return frozenset(pair for pair in near if pair not in self.loaded or self._is_below(pair, since))

    def not_whole(self, pairs: Iterable[Pair]) -> set[Pair]:
        """Return those of the places and aspects of which not every claim is there."""
        return {pair for pair in pairs if pair not in self.loaded or pair in self.floors}

    def _is_below(self, pair: Pair, since: datetime | None) -> bool:
        floor = self.floors.get(pair)
        return floor is not None and (since is None or since <= floor)

    def wants(self, names: Iterable[str] = ()) -> set[str]:
        """Return the claims that what is known leads to, and these, as far as nobody has looked for them yet."""
        self._name(names)
        found, self._unsought = self._unsought, set()
        return {name for name in found if name not in self.case.standings}

    def _name(self, names: Iterable[str]) -> None:
        fresh = {name for name in names if name not in self._named}
        self._named |= fresh
        self._unsought |= fresh

    def load(self, pairs: Collection[Pair], standings: Iterable[Standing], made: Iterable[Made]) -> None:
        """Take in the claims on these places and aspects, and what they lead to, as they are now."""
        again = [pair for pair in pairs if self.floors.pop(pair, None)]
        self.loaded.update(pairs)
        for standing in sorted(standings, key=lambda one: one.recorded):
            if standing.claim.id not in self.case.standings:
                self._keep(standing)
                self._tell(standing)
        for one in made:
            if one not in self.made[one.assessment.question]:
                self._assess(one)
        for pair in again:
            self._enough[pair] = len(self.case.on[pair]) + self.most

    def trim(self, *, everywhere: bool = False) -> None:
        """Let go, where much was said on a state lately or `everywhere`, what matters only to instants long past."""
        grown, self._grown = self.loaded if everywhere else self._grown, set[Pair]()
        for pair in grown & self.loaded:
            aspect = self.view.aspect(pair[1])
            if aspect is not None and can_be_trimmed(aspect):
                self._trim(pair, aspect)

    def _trim(self, pair: Pair, aspect: Aspect) -> None:
        questions = {one.claim.question for one in self.case.on.get(pair, ())}
        heard = [self.heard(question, aspect) for question in questions]
        floor = middle(heard)
        if floor is not None and floor >= self.floors.get(pair, floor):
            gone = {name for one in heard for name in covered(one, floor)}
            self.floors[pair] = floor
            self._let_go(pair, gone)
            for question in questions:
                del self._heard[question]
        self._enough[pair] = max(2 * len(self.case.on[pair]), self.most)

    def forget(self, most: int) -> None:
        """Forget what was not asked for lately, so that of at most so many claims something is known."""
        kept: set[Pair] = set()
        count = 0
        for near in reversed(self._whole.values()):
            count += sum(len(self.case.on.get(pair, ())) for pair in near - kept)
            if count > most and kept:
                break
            kept |= near
        for pair in self.loaded - kept:
            self._let_go(pair, {one.claim.id for one in self.case.on.get(pair, ())})
            self.floors.pop(pair, None)
            self._enough.pop(pair, None)
        self.loaded &= kept
        self._whole = {question: near for question, near in self._whole.items() if near <= kept}
        self._heard.clear()
        self._above.clear()

    def _let_go(self, pair: Pair, claims: set[str]) -> None:
        gone = claims - self._named
        self.case.on[pair] = [one for one in self.case.on.get(pair, ()) if one.claim.id not in gone]
        for name in gone:
            self.case.standings.pop(name, None)

    def take(self, recorded: Recorded) -> None:
        """Take in an event that was recorded after everything known so far."""
        self.position = recorded.position
        self._cut = None
        event = recorded.event
        if isinstance(event, AspectRegistered):
            self._heard.clear()
            self._above.clear()
            self._whole.clear()
            self.loaded -= self.floors.keys()
        elif isinstance(event, LocationLinked | LocationLinkEnded):
            self._relink(event.link)
        elif isinstance(event, AssessmentMade):
            if (event.assessment.question.location, event.assessment.question.aspect) in self.loaded:
                self._assess(Made(recorded.position, event.assessment))
        else:
            for claim in claims_of(event):
                self._change(claim, recorded)

    def heard(self, question: Question, aspect: Aspect) -> Heard:
        """Return what was told of the place itself, and what is implied there."""
        found = self._heard.get(question)
        if found is None or found.aspect is not aspect:
            found = self._heard[question] = Heard(aspect)
            for name in (aspect, *(self.view.implying(aspect.name) if question.subject is None else ())):
                for standing in self.case.on.get((question.location, name.name), ()):
                    self._put(found, question, standing, name)
        return found

    def above(self, question: Question, aspect: Aspect) -> Heard:
        """Return what was told of the place itself and of its parts."""
        found = self._above.get(question)
        if found is None or found.aspect is not aspect:
            found = self._above[question] = Heard(aspect)
            for place in (question.location, *self.view.parts(question.location)):
                there = question.model_copy(update={"location": place})
                for claim, (told, stands) in self.heard(there, aspect).told.items():
                    found.put(claim, _moved(told, question, place), stands=stands)
        return found

    def _relink(self, link: LocationLink) -> None:
        """Forget what was put together of places that have another part now, if anything was ever said of that part."""
        if link.relation != "part_of":
            return
        view = self.view
        self._whole.clear()
        within = {link.from_, *view.parts(link.from_)}
        if any(standings and pair[0] in within for pair, standings in self.case.on.items()):
            self._above.clear()

    def _assess(self, made: Made) -> None:
        self.made[made.assessment.question].append(made)
        self.case.made = (*self.case.made, made)

    def _change(self, claim: str, recorded: Recorded) -> None:
        known = self.case.standings.get(claim)
        standing = evolve(known, claim, recorded)
        if standing is None:
            return
        pair = (standing.claim.question.location, standing.claim.question.aspect)
        if known is None and pair not in self.loaded and claim not in self._named:
            return
        self._keep(standing)
        self._tell(standing)

    def _keep(self, standing: Standing) -> None:
        claim = standing.claim.id
        case, question = self.case, standing.claim.question
        told = case.on[question.location, question.aspect]
        known = case.standings.get(claim)
        case.standings[claim] = standing
        names = {relation.claim for relation in standing.related(self.position)}
        place = bisect_left(told, standing.recorded, key=lambda one: one.recorded)
        if known is None:
            told.insert(place, standing)
            if len(told) > self._enough.get((question.location, question.aspect), self.most):
                self._grown.add((question.location, question.aspect))
        else:
            told[place] = standing
            names -= {relation.claim for relation in known.related(self.position)}
            case.words.clear()
            case.moved.clear()
        if standing.ending and standing.ending.replacement:
            names.add(standing.ending.replacement)
            case.corrected_into[standing.ending.replacement].append(claim)
        self._name(names)

    def _tell(self, standing: Standing) -> None:
        """Let everything that was heard and that the claim bears on hear it."""
        question = standing.claim.question
        said = self.view.aspect(question.aspect)
        if said is None:
            return
        for one in (question, *(Question(location=question.location, aspect=rule.aspect) for rule in said.implies)):
            heard = self._heard.get(one)
            if heard is not None:
                self._put(heard, one, standing, said)
            aspect = self.view.aspect(one.aspect)
            if aspect is not None and aspect.inherits is not None and aspect.inherits.direction == "up":
                self._tell_above(one, aspect, standing)

    def _tell_above(self, question: Question, aspect: Aspect, standing: Standing) -> None:
        claim = standing.claim.id
        for place in (question.location, *self.view.surroundings(question.location)):
            whole = question.model_copy(update={"location": place})
            if (above := self._above.get(whole)) is not None:
                told, stands = self.heard(question, aspect).told.get(claim, ((), False))
                above.put(claim, _moved(told, whole, question.location), stands=stands)

    def _put(self, heard: Heard, question: Question, standing: Standing, said: Aspect) -> None:
        claim, aspect = standing.claim, heard.aspect
        ending = standing.ending
        if (ending and ending.kind == "corrected") or claim.speakers & self.without:
            heard.drop(claim.id)
        elif said is not aspect or claim.question == question:
            told = tuple(self._told(word, aspect) for word in words_of(standing, aspect, said) if counts(word, aspect))
            heard.put(claim.id, told, stands=ending is None)

    def _told(self, word: Word, aspect: Aspect) -> Told:
        claim, quantity = word.claim, word.quantity
        is_hard = word.implied != "soft" and not claim.hedged and claim.modality in ("asserted", "presupposed")
        size = (quantity.min, quantity.max, quantity.unit) if quantity else None
        stance = (word.value, size, word.denies, claim.basis != "unstated", is_hard, claim.is_hearsay)
        number = self._stances.setdefault(stance, len(self._stances))
        favours, against = beneficiaries(word, aspect)
        end = word.interval.end or NEVER
        return Told(word, word.key, end, travels(word, aspect), number, favours, against, claim.source)


def _moved(told: Iterable[Told], question: Question, place: str) -> tuple[Told, ...]:
    if place == question.location:
        return tuple(told)
    return tuple(_of_part(one, question, place) for one in told)


def _of_part(told: Told, question: Question, place: str) -> Told:
    word = replace(told.word, question=question, via=place)
    return Told(word, told.key, told.end, told.travels, told.stance, told.favours, told.against, told.source, place)
