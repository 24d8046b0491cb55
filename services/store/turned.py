"""What a picture began and ceased to say at the positions of some events is one indexed statement."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from psycopg import sql

from domain.belief.picture import Rectangle
from domain.claims import Question
from services.errors import NotMigrated, UnknownThing
from services.store.connections import Params, Query, Row
from services.store.picturing import read_row
from services.store.places import LIVE
from services.store.queries import Statements

_SQL = Statements("turned.sql")


class Turned(NamedTuple):
    """A rectangle over instants that a picture began (or ceased, if not `begins`) to hold at a position."""

    position: int
    begins: bool
    question: Question
    rectangle: Rectangle


class TurnReader:
    """Asks pictures what turned in them. Raises UnknownThing for a what-if that was dropped meanwhile."""

    def __init__(self, fetch: Callable[[Query, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch

    def at(self, positions: Collection[int], after: tuple[int, str], place: str) -> list[Turned]:
        """Return what turned at the positions behind a position and question, in the order of both."""
        given = {"positions": sorted(positions), "after_position": after[0], "after_question": after[1]}
        try:
            rows = self._fetch(sql.SQL(_SQL["picture_turned"]).format(place=sql.Identifier(place)), given)
        except NotMigrated:
            if place == LIVE:
                raise
            raise UnknownThing("projection", place) from None
        found: list[Turned] = []
        for position, begins, state in rows:
            question, rectangle = read_row((position, state))
            found.append(Turned(int(position), bool(begins), question, rectangle))
        return found
