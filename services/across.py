"""Beliefs across places: what a map and a list of contradictions are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.belief.case import Cut
from domain.belief.explain import outcome_json, question_json
from domain.belief.judge import Outcome, settled
from domain.belief.picture import Rectangle
from domain.claims import Question
from domain.geometry import point_of
from domain.registry_view import RegistryView
from services.changes import ChangeFinder
from services.cuts import Answer, Cuts, Cutting, Page, Query
from services.errors import LongHistory, NotCaughtUp
from services.facts import Facts
from services.questions import READING, pages
from services.shown import Json, entry_json
from services.store.picturing import Across, PictureReader
from services.stories import Stories

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees (RFC 7946, section 5); across the antimeridian west is greater than east."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which beliefs are wanted: each filter that is not None must fit."""

    agreement: str | None = None
    strength: str | None = None
    aspect: str | None = None
    box: Box | None = None
    story: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    question: Question
    outcome: Outcome
    rule: str
    changed: int | None


class AcrossPlaces:
    """Answers questions about many places at once."""

    def __init__(
        self, facts: Facts, cuts: Cuts, picture: PictureReader, changes: ChangeFinder, stories: Stories
    ) -> None:
        self._facts = facts
        self._cuts = cuts
        self._picture = picture
        self._changes = changes
        self._stories = stories

    def beliefs(self, wanted: Wanted, after: str, limit: int, query: Query) -> Answer[Page]:
        """Return the beliefs that fit, by question, each with its place; nothing unreported unless it is asked for.

        Raises UnknownThing for a story that was not known, and what `Cuts.cut` raises.
        """
        story = wanted.story
        cutting = self._stories.cut(story, query, READING)[1] if story else self._cuts.cut(query, reading=READING)
        view = self._facts.view(cutting.position)
        across = Across(
            aspect=wanted.aspect,
            agreement=wanted.agreement,
            strength=wanted.strength,
            locations=inside(view, wanted.box) if wanted.box else None,
            questions=self._followed(wanted.story, cutting.position) if wanted.story else None,
            after=after,
        )
        rows = self._rows(view, across, cutting, limit + 1)
        following = rows[limit - 1].question.name if len(rows) > limit else None
        page = Page([_json(view, row) for row in rows[:limit]], following)
        return cutting.answer(page)

    def _followed(self, story: str, position: int) -> list[str]:
        return [question.name for question in self._stories.questions(story, position)]

    def _rows(self, view: RegistryView, across: Across, cutting: Cutting, limit: int) -> list[_Row]:
        moment = self._changes.moment(cutting)
        given = cutting.at.given
        reached = self._changes.has_reached(cutting)
        # The picture keeps nothing for most of what was never reported.
        if across.agreement == "unreported" or moment is None or not reached:
            return self._judged(across, cutting, limit)
        if given is not None and not given.is_instant:
            return self._judged(across, cutting, limit)
        episodic = [name for name, aspect in view.aspects().items() if aspect.kind in ("occurrence", "tally")]
        latest = episodic if given is None else ()
        found = self._picture.at(across, moment, latest, cutting.position, limit, cutting.place)
        return [_Row(question, one.outcome, one.rule, self._changed(question, one, cutting)) for question, one in found]

    def _changed(self, question: Question, painted: Rectangle, cutting: Cutting) -> int | None:
        return self._position(question, cutting) if painted.has_past else painted.changed

    def _position(self, question: Question, cutting: Cutting) -> int | None:
        try:
            change = self._changes.last(question, cutting)
        except (LongHistory, NotCaughtUp):
            return None
        return change.position if change else None

    def _judged(self, across: Across, cutting: Cutting, limit: int) -> list[_Row]:
        """Judge what the picture does not have: another policy, an interval, or without somebody."""
        rows: list[_Row] = []
        for questions in pages(self._facts, across, cutting.position):
            rows += self._judge(questions, across, cutting)
            if len(rows) >= limit:
                break
        return rows[:limit]

    def _judge(self, questions: Sequence[Question], across: Across, cutting: Cutting) -> Iterable[_Row]:
        def judge(cut: Cut, question: Question) -> tuple[Outcome, str]:
            judgement = settled(cut, cutting.asked(question))
            return judgement.outcome(), judgement.rule

        found = self._facts.judged(questions, cutting.position, cutting.at, judge)
        for question, (outcome, rule) in zip(questions, found, strict=True):
            if _fits(outcome, across):
                yield _Row(question, outcome, rule, self._position(question, cutting))


def _fits(outcome: Outcome, across: Across) -> bool:
    if across.agreement is None and outcome.agreement == "unreported":
        return False
    fits = across.agreement in (None, outcome.agreement)
    return fits and across.strength in (None, outcome.strength)


def inside(view: RegistryView, box: Box) -> list[str]:
    """Return the places that lie in the box by their first point."""
    west, south, east, north = box
    found: list[str] = []
    for slug in tuple(view.registry.locations):
        location = view.location(slug)
        point = point_of(location.geometry) if location and location.geometry else None
        if point is not None:
            longitude, latitude = point
            across = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
            if across and south <= latitude <= north:
                found.append(slug)
    return found


def _json(view: RegistryView, row: _Row) -> Json:
    location = view.location(row.question.location)
    return {
        "question": question_json(row.question),
        "place": entry_json(location) if location else None,
        **outcome_json(row.outcome),
        "rule": row.rule,
        "changed": row.changed,
    }
