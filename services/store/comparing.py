"""Two pictures are compared where they are kept: what they agree on is never brought here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql

from domain.belief.picture import Rectangle
from domain.claims import Question
from services.errors import NotMigrated, UnknownThing
from services.store.connections import Params, Query, Row
from services.store.picturing import read_row
from services.store.queries import Statements

_SQL = Statements("comparing.sql")
WINDOW = 10_000
"""Rows of a picture that are compared at once, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture as it is looked at: where it is kept, the cut, and the aspects of which the latest episode counts."""

    place: str
    as_of: int
    latest: Sequence[str]


@dataclass(frozen=True, slots=True)
class Within:
    """Which questions are compared, at which instant: names in (after, upto]; each filter that is not None must fit."""

    moment: datetime
    aspect: str | None = None
    questions: Sequence[str] | None = None
    after: str = ""
    upto: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """On how many questions which agreement and strength meet which, and whether what is believed differs."""

    agreements: tuple[str, str]
    strengths: tuple[str | None, str | None]
    differs: bool
    questions: int


Pair = tuple[Question, Rectangle | None, Rectangle | None]
"""A question and what either picture has on it; None where that is nothing."""


class PictureComparer:
    """Compares pictures. Raises UnknownThing for a what-if that was dropped meanwhile."""

    def __init__(self, fetch: Callable[[Query, Params | None], list[Row]], window: int = WINDOW) -> None:
        """Ask by this function, such as `Connections.fetch`; so many rows of each picture are compared at once."""
        self._fetch = fetch
        self._window = window

    def differing(self, one: Seen, other: Seen, within: Within, limit: int) -> list[Pair]:
        """Return the first questions, by name, on which they differ.

        The pictures are walked through window by window, so that a page costs what lies between its ends.
        """
        found: list[Pair] = []
        window = within
        while len(found) < limit:
            end = self._window_end(one, other, window.after) if within.upto is None else within.upto
            window = replace(window, upto=end)
            found += [_pair(row) for row in self._rows("differing", one, other, window, limit - len(found))]
            if end == within.upto:
                return found
            window = replace(window, after=end or "")
        return found

    def _window_end(self, one: Seen, other: Seen, after: str) -> str | None:
        """Return a name so far on that enough lies before it in either picture; None if there is not that much."""
        asked = {"after": after, "many": self._window}
        ends = [row[0] for seen in (one, other) for row in self._fetch(_window(seen), asked)]
        return min(map(str, ends)) if ends else None

    def counted(self, one: Seen, other: Seen, within: Within) -> list[Count]:
        """Count every question on which at least one of them has something."""
        rows = self._rows("counted", one, other, within)
        return [
            Count((str(here), str(there)), (strong, other_strong), bool(differs), int(count))
            for here, there, strong, other_strong, differs, count in rows
        ]

    def _rows(self, statement: str, one: Seen, other: Seen, within: Within, limit: int | None = None) -> list[Row]:
        query = sql.SQL(_SQL[statement]).format(
            one=_covering("one", one), other=_covering("other", other), differs=sql.SQL(_SQL["differs"])
        )
        asked: dict[str, object] = {
            "one_as_of": one.as_of,
            "one_latest": list(one.latest),
            "other_as_of": other.as_of,
            "other_latest": list(other.latest),
            "moment": within.moment,
            "aspect": within.aspect,
            "questions": None if within.questions is None else list(within.questions),
            "after": within.after,
            "upto": within.upto,
            "limit": limit,
        }
        try:
            return self._fetch(query, asked)
        except NotMigrated as error:
            raise UnknownThing("projection", f"{one.place} or {other.place}") from error


def _window(seen: Seen) -> sql.Composed:
    return sql.SQL(_SQL["window_end"]).format(place=sql.Identifier(seen.place))


def _covering(side: str, seen: Seen) -> sql.Composed:
    return sql.SQL(_SQL["covering"]).format(
        place=sql.Identifier(seen.place),
        as_of=sql.Placeholder(f"{side}_as_of"),
        latest=sql.Placeholder(f"{side}_latest"),
    )


def _pair(row: Row) -> Pair:
    question, since, state, other_since, other_state = row
    here = None if state is None else read_row((since, state))
    there = None if other_state is None else read_row((other_since, other_state))
    known = here or there
    assert known is not None, question
    return known[0], here[1] if here else None, there[1] if there else None
