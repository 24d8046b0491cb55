"""The picture carried forward on paper, without a database, so that a law can try many ledgers and many batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from domain.claims import Question
from domain.events import Recorded
from domain.projections.assessments import Assessed
from domain.standing import Standing
from services.folding import WHOLE, Held, Row, Share, Stand
from services.picture import PictureStep
from services.remembered import AS_MUCH, Most
from services.store.asking import ViewReader
from support.ledger import PaperLedger

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class PaperViews:
    """The views that have taken in a whole ledger, as far as the picture asks them anything."""

    ledger: PaperLedger

    def registry_rows(self, after: int, as_of: int) -> Iterator[Recorded]:
        return (one for one in self.ledger.history if after < one.position <= as_of)

    def claims_on(self, places: Pairs, as_of: int) -> list[Standing]:
        asked = set(places)
        return [one for one in self._known(as_of) if (one.claim.question.location, one.claim.question.aspect) in asked]

    def claims_named(self, ids: Iterable[str], as_of: int) -> list[Standing]:
        asked = set(ids)
        return [one for one in self._known(as_of) if one.claim.id in asked]

    def claims_naming(self, ids: Iterable[str], as_of: int) -> list[Standing]:
        asked = set(ids)
        return [one for one in self._known(as_of) if {name.claim for name in one.related(2**63)} & asked]

    def claims_replaced_by(self, ids: Iterable[str], as_of: int) -> list[Standing]:
        asked = set(ids)
        ended = [(one, one.ended_by(as_of)) for one in self._known(as_of)]
        return [one for one, ending in ended if ending is not None and ending.replacement in asked]

    def questions_spoken(self, locations: Iterable[str], aspects: Iterable[str], as_of: int) -> dict[Question, int]:
        places, names = set(locations), set(aspects)
        found: dict[Question, int] = {}
        for one in self._known(as_of):
            question = one.claim.question
            if question.location in places or question.aspect in names:
                found.setdefault(question, one.recorded)
        return found

    def assessments_on(self, places: Pairs, as_of: int) -> list[Assessed]:
        asked = set(places)
        return [
            Assessed(position=position, assessment=one)
            for position, one in self.ledger.made
            if position <= as_of and (one.question.location, one.question.aspect) in asked
        ]

    def _known(self, as_of: int) -> list[Standing]:
        """The claims recorded by then, with all that became of them since, as the views in use give them."""
        found = [one for one in self.ledger.standings.values() if one.recorded <= as_of]
        return sorted(found, key=lambda one: one.recorded)


@dataclass(frozen=True)
class Interrupted(PaperViews):
    """The same, where something else goes on while it is being asked."""

    meanwhile: Callable[[], None]

    def claims_on(self, places: Pairs, as_of: int) -> list[Standing]:
        self.meanwhile()
        return super().claims_on(places, as_of)


@dataclass
class PaperPicture:
    """The table of a picture; a `services.folding.Reading` of itself and of the views."""

    views: ViewReader
    rows: dict[tuple[str, int], Row] = field(default_factory=dict)
    reached: int = 0
    generation: int = 1

    @property
    def stand(self) -> Stand:
        return Stand("views", self.generation, self.reached)

    def held(self, keys: Iterable[str]) -> dict[str, Held]:
        asked = set(keys)
        return {one.key: Held(one.since, one.state) for one in self._in_force() if one.key in asked}

    def held_by(self, column: str, values: Iterable[str]) -> dict[str, Held]:
        asked = set(values)
        return {one.key: Held(one.since, one.state) for one in self._in_force() if one.columns[column] in asked}

    def take(self, step: PictureStep, batch: list[Recorded], share: Share) -> None:
        changes = step.work(batch, self, share)
        for key, since, until in changes.ended:
            assert self.rows[key, since].until is None
            self.rows[key, since].until = until
        for row in changes.rows:
            assert (row.key, row.since) not in self.rows, row
            self.rows[row.key, row.since] = row
        self.reached = batch[-1].position

    def take_next(self, step: PictureStep, ledger: PaperLedger, events: int) -> None:
        """Take in so many more events, as far as there are any."""
        batch = ledger.history[self.reached : self.reached + events]
        if batch:
            self.take(step, batch, WHOLE)

    def stored(self) -> list[tuple[object, ...]]:
        found = sorted(self.rows.values(), key=lambda one: (one.since, one.key))
        return [(one.since, one.key, one.until, one.state) for one in found]

    def _in_force(self) -> list[Row]:
        return [one for one in self.rows.values() if one.until is None]


def carried(
    ledger: PaperLedger,
    cuts: Iterable[int],
    *,
    taken_over: Iterable[int] = (),
    share: Share = WHOLE,
    most: Most = AS_MUCH,
) -> list[tuple[object, ...]]:
    """The rows, in order, of a picture that was carried to each of these positions and then to the head.

    At the positions of `taken_over` somebody else goes on, who remembers nothing.
    """
    picture = PaperPicture(cast("ViewReader", PaperViews(ledger)))
    step, strange = PictureStep(most=most), set(taken_over)
    for position in sorted({*cuts, *strange, ledger.head}):
        batch = [one for one in ledger.history if picture.reached < one.position <= position]
        if batch:
            picture.take(step, batch, share)
        step = PictureStep(most=most) if position in strange else step
    return picture.stored()
