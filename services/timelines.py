"""A timeline lists the changes of a picture in the order in which they came about, each with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from domain.belief.history import Transition
from domain.belief.judge import Outcome
from domain.claims import Question
from services.beliefs import Beliefs
from services.changes import ChangeFinder
from services.cuts import Answer, Cuts, Cutting, Query
from services.errors import BadQuery, Wrong
from services.scopes import About, Scopes
from services.shown import Json
from services.utterances import Utterances


@dataclass(frozen=True, slots=True)
class Changes:
    """Which changes of a timeline are wanted: each filter that is not None must fit.

    `after` (exclusive) and `upto` (inclusive) are positions or instants of recording. `location` takes in its parts.
    `source` is who spoke, or took back, what caused the change. `agreement` and `strength` are lines to be crossed: a
    belief came to that agreement or left it; it reached that strength, or fell below it (what is contested has none).
    """

    after: str | None = None
    upto: str | None = None
    location: str | None = None
    aspect: str | None = None
    source: str | None = None
    agreement: str | None = None
    strength: str | None = None

    def crossed(self, change: Transition) -> bool:
        """Tell whether the change crosses the lines that are named."""
        before, after = change.before, change.after
        turned = self.agreement is None or (before.agreement == self.agreement) != (after.agreement == self.agreement)
        return turned and (self.strength is None or self._reaches(before) != self._reaches(after))

    def _reaches(self, outcome: Outcome) -> bool:
        # S1 to S6 sort as they are strong, and what has no strength reaches none.
        return (outcome.strength or "") >= (self.strength or "")


class Timelines:
    """Tells how what is believed of a story or a place came about, and how a source changed what it says."""

    def __init__(
        self, cuts: Cuts, scopes: Scopes, beliefs: Beliefs, changes: ChangeFinder, utterances: Utterances
    ) -> None:
        self._cuts = cuts
        self._scopes = scopes
        self._beliefs = beliefs
        self._changes = changes
        self._utterances = utterances

    def of(self, about: About, query: Query, wanted: Changes | None = None) -> Answer[list[Json]]:
        """Return the changes that are wanted, in the order in which they came about.

        Raises UnknownThing, BadQuery, LongHistory and what `Cuts.cut` raises.
        """
        wanted = wanted or Changes()
        cutting = self._scopes.cut(about, query)
        after = self._cuts.placed("after", wanted.after) if wanted.after else 0
        upto = min(self._cuts.placed("upto", wanted.upto), cutting.position) if wanted.upto else cutting.position
        if about.kind == "source":
            rows = self._spoken(about, cutting, wanted, after, upto)
        else:
            rows = self._believed(about, cutting, wanted, after, upto)
        ordered = sorted(rows, key=lambda row: cast("int", row["position"]))
        return cutting.answer(ordered)

    def _believed(self, about: About, cutting: Cutting, wanted: Changes, after: int, upto: int) -> Iterator[Json]:
        places = self._scopes.within(wanted.location, cutting) if wanted.location else None
        for question in self._scopes.questions(about, cutting, wanted.aspect):
            if places is None or question.location in places:
                found = self._changes.all(question, cutting, after, upto)
                yield from self._caused([one for one in found if wanted.crossed(one)], question, wanted)

    def _caused(self, found: list[Transition], question: Question, wanted: Changes) -> Iterator[Json]:
        for row in self._beliefs.transitions_json(question, found):
            if wanted.source in (None, cast("Json", row["cause"]).get("source")):
                yield row

    def _spoken(self, about: About, cutting: Cutting, wanted: Changes, after: int, upto: int) -> Iterator[Json]:
        if wanted.agreement is not None or wanted.strength is not None:
            said = "what a source says has no agreement and no strength"
            raise BadQuery([Wrong("agreement" if wanted.agreement else "strength", said, "no such filter")])
        places = self._scopes.within(wanted.location, cutting) if wanted.location else None
        for row in self._utterances.changes(about.slug, cutting, after, upto):
            asked = cast("dict[str, str]", row["question"])
            if wanted.aspect in (None, asked["aspect"]) and (places is None or asked["location"] in places):
                yield row
