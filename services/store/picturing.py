"""What the picture keeps is asked for by one cut: across places, or through the positions of one question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from domain.belief.picture import Rectangle
from domain.claims import Question
from services.painted import Axis, Painted
from services.store.connections import Params, Row
from services.store.queries import Statements

_SQL = Statements("asking.sql")


@dataclass(frozen=True, slots=True)
class Across:
    """Which beliefs are looked for: each filter that is not None must fit. `after` is a question's name."""

    aspect: str | None = None
    agreement: str | None = None
    strength: str | None = None
    locations: Sequence[str] | None = None
    questions: Sequence[str] | None = None
    after: str = ""


class PictureReader:
    """Asks the picture in use."""

    def __init__(self, fetch: Callable[[LiteralString, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch

    def at(
        self, across: Across, moment: datetime, latest: Sequence[str], as_of: int, limit: int
    ) -> list[tuple[Question, Rectangle]]:
        """Return at most `limit` rectangles that cover the instant at the cut, by question.

        `latest` are the aspects of which the latest episode is asked for.
        """
        given = {**_filters(across), "agreement": across.agreement, "strength": across.strength}
        asked = {**given, "moment": moment, "latest": list(latest), "as_of": as_of, "limit": limit}
        return [_read(row) for row in self._fetch(_SQL["picture_at"], asked)]

    def through(self, question: Question, moment: datetime, axis: Axis, as_of: int) -> list[Rectangle]:
        """Return the rectangles of a question that ever covered the instant, oldest first."""
        asked = {"question": question.name, "moment": moment, "axis": axis, "as_of": as_of}
        return [_read(row)[1] for row in self._fetch(_SQL["picture_through"], asked)]


def _filters(across: Across) -> dict[str, object]:
    return {
        "aspect": across.aspect,
        "locations": None if across.locations is None else list(across.locations),
        "questions": None if across.questions is None else list(across.questions),
        "after": across.after,
    }


def _read(row: Row) -> tuple[Question, Rectangle]:
    since, state = row
    stored = Painted.model_validate_json(str(state))
    return stored.question, stored.rectangle(int(since))
