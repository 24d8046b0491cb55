"""What is contested, since when, and who printed something that rests on it, is one indexed statement each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from domain.claims import Question
from domain.projections import editions
from domain.projections.editions import Published
from domain.times import Interval
from services.store.connections import Params, Query, Row
from services.store.picturing import Across, filters
from services.store.queries import Statements

_SQL = Statements("contested.sql")


@dataclass(frozen=True, slots=True)
class Contested:
    """A contested question, and the position since which it has been without a break; None if that is not known.

    With `has_past` it may have been for longer than the picture has it: something was believed by inheritance before.
    """

    question: Question
    since: int | None
    has_past: bool


@dataclass(frozen=True, slots=True)
class Exposed:
    """That an edition in force, named as `story/number`, rests on a question; `cites` are its claims on just that."""

    question: str
    edition: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture at one cut: where it lies, the instant and the position.

    Of the aspects `latest` the latest episode is meant; those `left_out` are not looked at.
    """

    place: str
    moment: datetime
    position: int
    latest: Sequence[str]
    left_out: Sequence[str]


class ContestedReader:
    """Asks pictures what is contested, and editions what they rest on."""

    def __init__(self, fetch: Callable[[Query, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch

    def contested(self, across: Across, seen: Seen) -> list[Contested]:
        """Return what is contested there, by question."""
        asked = {
            **filters(across),
            "moment": seen.moment,
            "as_of": seen.position,
            "latest": list(seen.latest),
            "left_out": list(seen.left_out),
        }
        rows = self._fetch(sql.SQL(_SQL["contested"]).format(place=sql.Identifier(seen.place)), asked)
        return [Contested(_question(row[1:4]), int(row[4]), bool(row[5])) for row in rows]

    def met(self, across: Across, within: Interval, aspects: Sequence[str], seen: Seen, limit: int) -> list[Question]:
        """Return at most `limit` questions of these aspects on which something was reported within the interval."""
        asked = {
            **filters(across),
            "aspects": list(aspects),
            "starts": within.start,
            "ends": within.end,
            "as_of": seen.position,
            "limit": limit,
        }
        rows = self._fetch(sql.SQL(_SQL["met"]).format(place=sql.Identifier(seen.place)), asked)
        return [_question(row[1:4]) for row in rows]

    def exposed(self, questions: Iterable[Question], as_of: int) -> list[Exposed]:
        """Return which editions in force rest on which of the questions."""
        asked = list(questions)
        given = {
            "names": [one.name for one in asked],
            "locations": [one.location for one in asked],
            "aspects": [one.aspect for one in asked],
            "subjects": [one.subject for one in asked],
            "as_of": as_of,
        }
        rows = self._fetch(_SQL["exposed"], given) if asked else []
        return [Exposed(str(question), str(key), tuple(cites or ())) for question, key, cites in rows]

    def editions(self, keys: Iterable[str]) -> list[Published]:
        """Return the editions of these keys, such as `aleppo/1`, as they came out."""
        asked = {"keys": sorted(set(keys))}
        rows = self._fetch(_SQL["editions_keyed"], asked) if asked["keys"] else []
        return [editions.projection.thaw(str(state)) for (state,) in rows]


def _question(row: Sequence[object]) -> Question:
    location, aspect, subject = row
    return Question(location=str(location), aspect=str(aspect), subject=None if subject is None else str(subject))
