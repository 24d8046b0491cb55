"""How belief went at many places is one answer, in columns, so that whoever goes through time need not ask again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from domain.belief.explain import outcome_json
from domain.belief.history import Stretch, merged
from domain.belief.judge import Outcome
from domain.belief.rectangles import Rectangle, filled
from domain.claims import Question
from domain.registry_view import RegistryView
from domain.times import show
from services.across import Box, inside
from services.beliefs import Axis, check_aspect
from services.changes import ChangeFinder, changes_of
from services.cuts import Answer, Cuts, Cutting, Query
from services.errors import BadQuery, LongHistory, NotCaughtUp, Wrong
from services.facts import Facts
from services.questions import READING
from services.shown import Json
from services.store.event_log import EventLog
from services.store.picturing import Across, Courses, PictureReader
from services.stories import Stories

MOST_LOOKED_BACK = 50
"""Questions of one answer of which it is judged anew what was believed by inheritance before anybody spoke of them."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Which courses are wanted: one aspect along one axis; each filter that is not None must fit."""

    aspect: str
    axis: Axis
    subject: str | None = None
    box: Box | None = None
    story: str | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a course: what is believed from one bound up to the next (None: without bound)."""

    start: datetime | int | None
    end: datetime | int | None
    outcome: Outcome
    rule: str


@dataclass(frozen=True, slots=True)
class Course:
    """How belief on a question went; nothing was reported in its gaps.

    `told_from` is the position up to which it is not known, since something may have been believed by inheritance.
    """

    question: Question
    legs: Sequence[Leg]
    told_from: int | None = None


@dataclass(frozen=True, slots=True)
class CoursesPage:
    """The courses of some places in columns, and the last of these places if there are more behind it."""

    body: Json
    next: str | None


class CoursesOfBelief:
    """Answers how belief went, place by place, as the picture has it."""

    def __init__(
        self,
        log: EventLog,
        facts: Facts,
        cuts: Cuts,
        picture: PictureReader,
        changes: ChangeFinder,
        stories: Stories,
    ) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts
        self._picture = picture
        self._changes = changes
        self._stories = stories

    def across(self, followed: Followed, after: str, limit: int, query: Query) -> Answer[CoursesPage]:
        """Return the courses of at most `limit` places behind `after`.

        Raises UnknownThing for an aspect or a story that was not known, BadQuery for what no picture has, NotCaughtUp
        if the picture is behind, and what `Cuts.cut` raises.
        """
        story, along = followed.story, followed.axis == "valid"
        cutting = self._stories.cut(story, query, READING)[1] if story else self._cuts.cut(query, reading=READING)
        view = self._facts.view(cutting.position)
        check_aspect(view, followed.aspect)
        wanted = self._wanted(followed, view, cutting, after)
        found, last = self._picture.courses(wanted, cutting.position, limit, cutting.place)
        grouped = [(question, [one for _, one in rows]) for question, rows in groupby(found, key=lambda row: row[0])]
        courses = [Course(one, _along(those)) for one, those in grouped] if along else self._through(grouped, cutting)
        body: Json = {
            "aspect": followed.aspect,
            "axis": followed.axis,
            "valid_at": None if wanted.moment is None else show(wanted.moment),
            **self._columns([course for course in courses if course.legs], view, followed.axis),
        }
        # What is believed along valid time does not depend on what time it is.
        immutable = cutting.timeless if along else cutting.immutable
        answer = cutting.answer(CoursesPage(body, last))
        return replace(answer, immutable=immutable)

    def _wanted(self, followed: Followed, view: RegistryView, cutting: Cutting, after: str) -> Courses:
        """Return what is asked of the picture. Raises BadQuery and NotCaughtUp."""
        aspect = view.aspect(followed.aspect)
        is_episodic = aspect is not None and aspect.kind in ("occurrence", "tally")
        given = cutting.at.given
        moment = self._changes.moment(cutting)
        wrong: list[Wrong] = []
        if moment is None:
            said = "the picture in use does not judge like that, and many places are not judged anew"
            wrong.append(Wrong("policy", said, "the default policy with nobody left out, or a `projection`"))
        if followed.axis == "recorded" and is_episodic and given is not None and not given.is_instant:
            said = f"what was believed of {followed.aspect} in a whole interval is in no picture"
            wrong.append(Wrong("valid_at", said, "an RFC 3339 instant, or nothing"))
        if wrong:
            raise BadQuery(wrong)
        if not self._changes.has_reached(cutting):
            raise NotCaughtUp(cutting.position, self._facts.reached(cutting.position, 0.0, ("picture",)))
        story = followed.story
        across = Across(
            aspect=followed.aspect,
            locations=inside(view, followed.box) if followed.box else None,
            questions=[one.name for one in self._stories.questions(story, cutting.position)] if story else None,
            after=after,
        )
        along = followed.axis == "valid"
        latest = not along and is_episodic and given is None
        return Courses(across, "latest" if latest else "instant", None if along else moment, followed.subject)

    def _through(self, grouped: Sequence[tuple[Question, list[Rectangle]]], cutting: Cutting) -> list[Course]:
        looked_back = 0
        found: list[Course] = []
        for question, rectangles in grouped:
            if not rectangles[0].has_past:
                found.append(Course(question, _through(rectangles)))
                continue
            looked_back += 1
            legs = self._looked_back(question, cutting) if looked_back <= MOST_LOOKED_BACK else None
            told_from = rectangles[0].since if legs is None else None
            found.append(Course(question, _through(rectangles) if legs is None else legs, told_from))
        return found

    def _looked_back(self, question: Question, cutting: Cutting) -> list[Leg] | None:
        try:
            changes = self._changes.all(question, cutting)
        except (LongHistory, NotCaughtUp):
            return None
        return _legs([(change.position, change.after, change.rule) for change in changes])

    def _columns(self, courses: Sequence[Course], view: RegistryView, axis: Axis) -> Json:
        columns = _Columns()
        for course in courses:
            columns.add(course)
        moments = sorted(columns.moments)
        number = {moment: place for place, moment in enumerate(moments)}
        return {
            "places": _places(columns.places, view),
            "questions": columns.questions,
            "outcomes": columns.outcomes,
            "moments": self._moments(moments, axis),
            "intervals": {
                "question": columns.of,
                "from": [None if start is None else number[start] for start in columns.starts],
                "to": [None if end is None else number[end] for end in columns.ends],
                "outcome": columns.believed,
            },
        }

    def _moments(self, moments: Sequence[datetime | int], axis: Axis) -> Json:
        if axis == "valid":
            return {"at": [show(one) for one in moments if isinstance(one, datetime)]}
        positions = [one for one in moments if isinstance(one, int)]
        recorded = self._log.recorded_at(positions)
        return {"at": [show(recorded[one]) for one in positions], "position": positions}


@dataclass(slots=True)
class _Columns:
    """The columns as they fill; what is said again and again stands in a list of its own."""

    places: dict[str, int] = field(default_factory=dict[str, int])
    questions: dict[str, list[object]] = field(default_factory=lambda: {"place": [], "subject": [], "told_from": []})
    outcomes: list[Json] = field(default_factory=list[Json])
    moments: set[datetime | int] = field(default_factory=set[datetime | int])
    of: list[int] = field(default_factory=list[int])
    starts: list[datetime | int | None] = field(default_factory=list[datetime | int | None])
    ends: list[datetime | int | None] = field(default_factory=list[datetime | int | None])
    believed: list[int] = field(default_factory=list[int])
    _known: dict[tuple[Outcome, str], int] = field(default_factory=dict[tuple[Outcome, str], int])

    def add(self, course: Course) -> None:
        number = len(self.questions["place"])
        question = course.question
        self.questions["place"].append(self.places.setdefault(question.location, len(self.places)))
        self.questions["subject"].append(question.subject)
        self.questions["told_from"].append(course.told_from)
        for leg in course.legs:
            self.of.append(number)
            self.starts.append(leg.start)
            self.ends.append(leg.end)
            self.believed.append(self._outcome(leg))
            self.moments.update(one for one in (leg.start, leg.end) if one is not None)

    def _outcome(self, leg: Leg) -> int:
        said = (leg.outcome, leg.rule)
        if said not in self._known:
            self._known[said] = len(self.outcomes)
            self.outcomes.append({**outcome_json(leg.outcome), "rule": leg.rule})
        return self._known[said]


def _along(rectangles: Sequence[Rectangle]) -> list[Leg]:
    """Return what is believed of each stretch of valid time, but where nothing was reported."""
    found = list(
        merged(Stretch(one.start, one.outcome, one.rule) for one in filled(rectangles, latest=rectangles[0].latest))
    )
    ends = [*(one.start for one in found[1:]), None]
    return [
        Leg(one.start, end, one.outcome, one.rule)
        for one, end in zip(found, ends, strict=True)
        if one.outcome.agreement != "unreported"
    ]


def _through(rectangles: Sequence[Rectangle]) -> list[Leg]:
    """Return what was believed of one instant from position to position, but while nothing was reported."""
    return _legs([(change.position, change.after, change.rule) for change in changes_of(rectangles)])


def _legs(changes: Sequence[tuple[int, Outcome, str]]) -> list[Leg]:
    ends: list[int | None] = [position for position, _, _ in changes[1:]]
    return [
        Leg(position, end, outcome, rule)
        for (position, outcome, rule), end in zip(changes, [*ends, None], strict=False)
        if outcome.agreement != "unreported"
    ]


def _places(slugs: Iterable[str], view: RegistryView) -> Json:
    columns: dict[str, list[object]] = {"slug": [], "name": [], "precision": [], "geometry": []}
    for slug in slugs:
        location = view.location(slug)
        columns["slug"].append(slug)
        columns["name"].append(location.names[0] if location else slug)
        columns["precision"].append(location.precision if location else "unspecified")
        columns["geometry"].append(location.geometry if location else None)
    return dict(columns)
