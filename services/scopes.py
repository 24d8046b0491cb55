"""A timeline or a difference is about a story, a place with its parts, or a source: which questions that takes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.claims import Question
from services.beliefs import Beliefs, check_place
from services.cuts import Cuts, Cutting, Query
from services.errors import BadQuery, UnknownThing, Wrong
from services.facts import Facts, questions_answered
from services.stories import Stories

MOST_QUESTIONS = 2_000
"""Most questions of a place and its parts that are looked through for one answer, as many as a story may declare."""


@dataclass(frozen=True, slots=True)
class About:
    """What is asked about: its kind, and its slug."""

    kind: Literal["story", "location", "source"]
    slug: str


class Scopes:
    """Knows which questions belong to what."""

    def __init__(self, facts: Facts, cuts: Cuts, beliefs: Beliefs, stories: Stories) -> None:
        self._facts = facts
        self._cuts = cuts
        self._beliefs = beliefs
        self._stories = stories

    def cut(self, about: About, query: Query) -> Cutting:
        """Return the cut; raises UnknownThing if there was nothing of the name by then, and what `Cuts.cut` raises."""
        if about.kind == "story":
            return self._stories.cut(about.slug, query)[1]
        cutting = self._cuts.cut(query, reading=("stances",))
        view = self._facts.view(cutting.position)
        if about.kind == "location":
            check_place(view, about.slug)
        elif view.source(about.slug) is None:
            raise UnknownThing("source", about.slug)
        return cutting

    def questions(self, about: About, cutting: Cutting, aspect: str | None = None) -> list[Question]:
        """Return the questions of the story, or of the place and its parts, on the aspect if one is given.

        Raises BadQuery if these are too many for one answer.
        """
        found = self._all(about, cutting)
        kept = [question for question in found if aspect in (None, question.aspect)]
        if len(kept) > MOST_QUESTIONS:
            said = f"{about.slug!r} has {len(kept)} questions, its parts included"
            raise BadQuery([Wrong("aspect", said, f"an aspect or a place with at most {MOST_QUESTIONS}")])
        return kept

    def _all(self, about: About, cutting: Cutting) -> list[Question]:
        if about.kind == "story":
            return self._stories.questions(about.slug, cutting.position)
        view = self._facts.view(cutting.position)
        parts = view.parts(about.slug)
        known = self._facts.views.questions_known(cutting.position, parts) if parts else []
        spoken = [question for part in parts for question in questions_answered(view, part, known)]
        return [*self._beliefs.questions_of(view, about.slug, cutting.position), *spoken]

    def within(self, location: str, cutting: Cutting) -> frozenset[str]:
        """Return the place and all its parts."""
        return frozenset((location, *self._facts.view(cutting.position).parts(location)))
