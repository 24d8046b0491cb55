"""What a picture keeps is asked for by one cut: across places, or through the positions of one question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from domain.belief.picture import Rectangle
from domain.claims import Question
from services.errors import NotMigrated, UnknownThing
from services.painted import Axis, Painted
from services.store.connections import Params, Query, Row
from services.store.places import LIVE
from services.store.queries import Statements

_SQL = Statements("picturing.sql")


@dataclass(frozen=True, slots=True)
class Across:
    """Which beliefs are looked for: each filter that is not None must fit. `after` is a question's name."""

    aspect: str | None = None
    agreement: str | None = None
    strength: str | None = None
    locations: Sequence[str] | None = None
    questions: Sequence[str] | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Courses:
    """Whose courses are looked for: those of the questions on one aspect that fit `across`, whose `after` is a place.

    With a `moment` a course is what was ever believed of that instant, without one what is believed of all of time.
    """

    across: Across
    axis: Axis
    moment: datetime | None = None
    subject: str | None = None


class PictureReader:
    """Asks pictures: the one in use, or the one at another place, which `services.store.what_ifs` tells of.

    Raises UnknownThing for a what-if that was dropped meanwhile.
    """

    def __init__(self, fetch: Callable[[Query, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch

    def at(
        self, across: Across, moment: datetime, latest: Sequence[str], as_of: int, limit: int, place: str = LIVE
    ) -> list[tuple[Question, Rectangle]]:
        """Return at most `limit` rectangles that cover the instant at the cut, by question.

        `latest` are the aspects of which the latest episode is asked for.
        """
        given = {**filters(across), "agreement": across.agreement, "strength": across.strength}
        asked = {**given, "moment": moment, "latest": list(latest), "as_of": as_of, "limit": limit}
        return [read_row(row) for row in self._rows("picture_at", place, asked)]

    def through(
        self, question: Question, moment: datetime, axis: Axis, as_of: int, place: str = LIVE
    ) -> list[Rectangle]:
        """Return the rectangles of a question that ever covered the instant, oldest first."""
        asked = {"question": question.name, "moment": moment, "axis": axis, "as_of": as_of}
        return [read_row(row)[1] for row in self._rows("picture_through", place, asked)]

    def along(self, question: Question, as_of: int, place: str = LIVE) -> list[Rectangle]:
        """Return the rectangles of a question at a cut in order of valid time; nothing was reported in their gaps."""
        return [
            read_row(row)[1] for row in self._rows("picture_along", place, {"question": question.name, "as_of": as_of})
        ]

    def courses(
        self, courses: Courses, as_of: int, limit: int, place: str = LIVE
    ) -> tuple[list[tuple[Question, Rectangle]], str | None]:
        """Return the rectangles of at most `limit` places by question, each question's in order.

        Beside them comes the last of these places if there are more behind it.
        """
        asked: Params = {
            **filters(courses.across),
            "subject": courses.subject,
            "axis": courses.axis,
            "moment": courses.moment,
            "as_of": as_of,
        }
        found = [str(slug) for (slug,) in self._rows("last_places", place, {**asked, "before": limit - 1})]
        last = found[0] if len(found) > 1 else None
        rows = self._rows("courses", place, {**asked, "last": last})
        return [read_row(row) for row in rows], last

    def _rows(self, statement: str, place: str, asked: Params) -> list[Row]:
        try:
            return self._fetch(sql.SQL(_SQL[statement]).format(place=sql.Identifier(place)), asked)
        except NotMigrated:
            if place == LIVE:
                raise
            raise UnknownThing("projection", place) from None


def filters(across: Across) -> dict[str, object]:
    """Return the filters that every statement over many questions takes."""
    return {
        "aspect": across.aspect,
        "locations": None if across.locations is None else list(across.locations),
        "questions": None if across.questions is None else list(across.questions),
        "after": across.after,
    }


def read_row(row: Row) -> tuple[Question, Rectangle]:
    """Return the question and the rectangle of a row (since, state)."""
    since, state = row
    stored = Painted.model_validate_json(str(state))
    return stored.question, stored.rectangle(int(since))
