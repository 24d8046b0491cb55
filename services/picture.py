"""A picture follows the facts: after every event the questions that it touches are judged again under its terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files

from domain.belief import picture as painting
from domain.belief.case import Cut, own_reach
from domain.belief.picture import PICTURES, Dirty, Patch, first_painted, is_episodic, patched
from domain.belief.rectangles import Rectangle
from domain.belief.voices import origin_of
from domain.claims import Claim, Question
from domain.events import AspectRegistered, LocationLinked, LocationLinkEnded, Recorded, RelationAsserted
from domain.policies import policy_named
from services.facts import RegistryMemory
from services.folding import WHOLE, Changes, Reading, Share
from services.painted import Hangs, key_of, painted
from services.remembered import AS_MUCH, Memory, Most, Remembered, Rows
from services.store.asking import ViewReader
from services.touched import Batch, Touch, own_claim
from services.whatif import IN_USE, PICTURE, Terms


class PictureStep:
    """Carries a picture forward; a `services.folding.Step`.

    The picture in use is painted by the terms that are the default, a what-if by others; whoever carries it forward
    sees to it that it gets nothing behind `terms.upto`. It can be sent to another process.
    """

    name = PICTURE
    version = 5
    after = ("assessments", "claims", "registry", "stances")

    def __init__(self, terms: Terms = IN_USE, most: Most = AS_MUCH) -> None:
        """Paint by these terms, remembering so much at most; raises UnknownPolicy."""
        self.terms = terms
        self.most = most
        self._cache = RegistryMemory()
        self._beneath: tuple[int, ...] | None = None
        self._memory = Memory(painting.Terms(policy_named(terms.policy), frozenset(terms.without)), most)

    def __reduce__(self) -> tuple[type[PictureStep], tuple[Terms, Most]]:
        return PictureStep, (self.terms, self.most)

    @property
    def table(self) -> str:
        """The SQL of the table."""
        return files("services").joinpath("picture.sql").read_text(encoding="utf-8")

    def work(self, batch: Sequence[Recorded], reading: Reading, share: Share = WHOLE) -> Changes:
        """Return what the batch changes of the questions whose names the share has."""
        last, beneath = batch[-1].position, reading.stand and reading.stand.beneath
        if beneath != self._beneath:
            self._cache, self._beneath = RegistryMemory(), beneath
        registry = self._cache.upto(reading.views, last)
        remembered = self._memory.at(reading, share, registry, batch[0].position - 1)
        promises = policy_named(self.terms.policy).hears_stances
        touching = Batch(batch, registry, reading, remembered.known, share, hears_stances=promises)
        remembered.look_around(reading.views, touching.questions())
        remembered.look_for_named(reading.views, touching.named())
        painter = _Painting(remembered, reading.views)
        for touch in touching.touches():
            painter.paint(touch)
        self._memory.keep(reading, share, last, remembered)
        return painter.rows


class _Painting:
    """The rows of a batch as they come to be."""

    def __init__(self, remembered: Remembered, views: ViewReader) -> None:
        self.rows = Rows()
        self._remembered = remembered
        self._known = remembered.known
        self._views = views

    def paint(self, touch: Touch) -> None:
        """Judge the questions that an event touches again, and keep what came out differently."""
        self._remembered.take(touch.recorded)
        self._remembered.prepare(self._views, touch.questions)
        for question, dirty in touch.questions.items():
            if question in self._known.sources:
                self._again(question, dirty, touch.recorded)
            else:
                self._anew(question, touch.recorded)

    def _anew(self, question: Question, recorded: Recorded) -> None:
        self._remembered.prepare_past(self._views, question)
        found = [one for one in first_painted(self._remembered.outcomes, question) if one.changed > 0]
        names = involved(self._remembered.present.cut, question)
        if not found and not names or not self._is_painted(question):
            return  # nothing is kept of it, so that the next batch would not know it either
        for latest, rectangles in self._known.rectangles[question].items():
            fresh = [one for one in found if one.latest == latest]
            self._keep(question, rectangles, Patch(0, 0, fresh), recorded.position)
        self._hang(question, names, recorded.position)

    def _again(self, question: Question, dirty: Dirty, recorded: Recorded) -> None:
        if not self._is_painted(question):
            return
        aspect = self._remembered.present.view.aspect(question.aspect)
        pictures = self._known.rectangles[question]
        for latest in (False, True):
            old = pictures[latest]
            if aspect is not None and latest in PICTURES[is_episodic(aspect)]:
                patch = patched(self._remembered.outcomes, question, old, dirty, latest=latest)
            else:
                patch = Patch(0, len(old), [])
            self._keep(question, old, patch, recorded.position)
        self._hang(question, self._named_by(recorded, question), recorded.position)
        self._known.forget_empty(question)

    def _is_painted(self, question: Question) -> bool:
        aspect = self._remembered.present.view.aspect(question.aspect)
        return aspect is not None and aspect.kind != "opinion"

    def _keep(self, question: Question, rectangles: list[Rectangle], patch: Patch, position: int) -> None:
        """Put the patch in its place, and write down what came out differently."""
        old = rectangles[patch.first : patch.behind]
        fresh = [one for one in patch.fresh if one.changed > 0]
        rectangles[patch.first : patch.behind] = fresh
        kept = {id(one) for one in fresh}
        since = {one.start: one.since for one in old}
        starts = {one.start for one in fresh}
        for one in old:
            if id(one) not in kept and one.start not in starts:
                self.rows.end(key_of(question, one), one.since, position)
        known = {id(one) for one in old}
        for one in fresh:
            if id(one) not in known:
                self.rows.turn(since.get(one.start, 0), position, painted(question, one))

    def _named_by(self, recorded: Recorded, question: Question) -> set[str]:
        """Return the sources that the belief may hang on since the event."""
        event, own = recorded.event, own_claim(recorded.event)
        if own is not None:
            return _names(self._remembered.present.cut, own)
        if not isinstance(event, RelationAsserted | LocationLinked | LocationLinkEnded | AspectRegistered):
            return set()
        # Who is involved is asked of all that was ever said, however late the instants are that are judged.
        self._remembered.prepare(self._views, {question: Dirty()})
        return involved(self._remembered.present.cut, question)

    def _hang(self, question: Question, names: Iterable[str], position: int) -> None:
        hung = self._known.sources[question]
        for name in sorted(set(names) - hung):
            hung.add(name)
            self.rows.turn(0, position, Hangs(question=question, source=name))


def involved(cut: Cut, question: Question) -> set[str]:
    """Return the sources that the belief on a question hangs on: who speaks, and who is spoken of."""
    found: set[str] = set()
    for location, aspect in own_reach(cut.view, question.location, question.aspect):
        for standing in cut.recorded(location, aspect):
            found |= _names(cut, standing.claim)
    return found


def _names(cut: Cut, claim: Claim) -> set[str]:
    found = {claim.source, *(claim.favours or ()), *(claim.against or ())}
    standing = cut.case.standings.get(claim.id)
    if standing is not None:
        found.add(origin_of(cut, standing))
    if claim.question.subject is not None:
        found.add(claim.question.subject)
    aspect = cut.view.aspect(claim.question.aspect)
    if aspect is not None and aspect.values == "sources" and claim.value is not None:
        found.add(claim.value)
    return found
