"""A picture follows the facts: after every event the questions that it touches are judged again under its terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files

from domain.belief.case import Case, Cut, own_reach
from domain.belief.picture import Rectangle, first_painted, repaint
from domain.belief.policy import Policy
from domain.belief.voices import origin_of
from domain.claims import Claim, Question
from domain.events import Recorded
from domain.policies import policy_named
from services.facts import RegistryMemory, load_case
from services.folding import WHOLE, Changes, Held, Reading, Share
from services.painted import Hangs, Painted, painted
from services.touched import Batch, Known, Touch, is_hanging, own_claim
from services.whatif import IN_USE, PICTURE, Terms


class PictureStep:
    """Carries a picture forward; a `services.folding.Step`.

    The picture in use is painted by the terms that are the default, a what-if by others; whoever carries it forward
    sees to it that it gets nothing behind `terms.upto`. It can be sent to another process.
    """

    name = PICTURE
    version = 2
    after = ("assessments", "claims", "registry", "stances")

    def __init__(self, terms: Terms = IN_USE) -> None:
        """Paint by these terms; raises UnknownPolicy."""
        self.terms = terms
        self._cache = RegistryMemory()
        self._policy = policy_named(terms.policy)

    def __reduce__(self) -> tuple[type[PictureStep], tuple[Terms]]:
        return PictureStep, (self.terms,)

    @property
    def table(self) -> str:
        """The SQL of the table."""
        return files("services").joinpath("picture.sql").read_text(encoding="utf-8")

    def work(self, batch: Sequence[Recorded], reading: Reading, share: Share = WHOLE) -> Changes:
        """Return what the batch changes of the questions whose names the share has."""
        last = batch[-1].position
        registry = self._cache.upto(reading.views, last)
        touching = Batch(batch, registry, reading, share)
        questions = touching.reachable()
        case = load_case(reading.views, registry, questions, last)
        held = reading.held_by("question", {question.name for question in questions})
        painting = _Painting(case, touching.known, held, self._policy, frozenset(self.terms.without))
        for touch in touching.touches():
            painting.paint(touch)
        return painting.changes


class _Painting:
    """The rows of a batch as they come to be."""

    def __init__(
        self, case: Case, known: Known, held: dict[str, Held], policy: Policy, without: frozenset[str]
    ) -> None:
        self._case = case
        self._known = known
        self._policy = policy
        self._without = without
        self.changes = Changes(held)
        self._rectangles: dict[Question, list[Rectangle]] = {}
        for row in held.values():
            if not is_hanging(row):
                stored = Painted.model_validate_json(row.state)
                self._rectangles.setdefault(stored.question, []).append(stored.rectangle(row.since))

    def paint(self, touch: Touch) -> None:
        """Judge the questions that an event touches again, and keep what came out differently."""
        cut = self._case.at(touch.recorded.position)
        for question, dirty in touch.questions.items():
            is_new = question not in self._known.sources
            old = self._rectangles.get(question, [])
            if is_new:
                fresh = first_painted(cut, question, self._policy, self._without)
            else:
                fresh = repaint(cut, question, self._policy, old, dirty, self._without)
            if fresh:
                reported = [one for one in fresh if one.changed > 0]
                own = own_claim(touch.recorded.event)
                names = involved(cut, question) if is_new or own is None else _names(cut, own)
                if is_new and not reported and not names:
                    continue  # nothing is kept of it, so that the next batch would not know it either
                self._keep(question, old, reported, cut.position)
                self._hang(question, names, cut.position)

    def _keep(self, question: Question, old: Sequence[Rectangle], fresh: list[Rectangle], position: int) -> None:
        before = {row.key: row for row in (painted(question, one) for one in old)}
        after = {row.key: row for row in (painted(question, one) for one in fresh)}
        for key in before.keys() - after.keys():
            self.changes.put(key, position, None, {})
        for key, row in after.items():
            if before.get(key) != row:
                self.changes.put(key, position, row.model_dump_json(), row.columns())
        self._rectangles[question] = fresh

    def _hang(self, question: Question, names: Iterable[str], position: int) -> None:
        hung = self._known.sources[question]
        for name in sorted(set(names) - hung):
            hung.add(name)
            row = Hangs(question=question, source=name)
            self.changes.put(row.key, position, row.model_dump_json(), row.columns())


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
