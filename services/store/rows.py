"""The rows of every view can be read alike, those of a projection that nothing else here knows of too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql

from services.store.connections import Params, Query, Row
from services.store.places import LIVE
from services.store.queries import Statements

_SQL = Statements("rows.sql")


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A state in force: its key, the position since which it is so, and the state as it is stored, JSON."""

    key: str
    since: int
    state: str


class RowReader:
    """Reads the views in use, by name; a name that is no view's raises NotMigrated."""

    def __init__(self, fetch: Callable[[Query, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch

    def rows(self, view: str, as_of: int, after: str, limit: int) -> list[ViewRow]:
        """Return at most `limit` rows in force at a position, by key, behind `after`."""
        return self._rows("rows", view, {"as_of": as_of, "after": after, "limit": limit})

    def row(self, view: str, as_of: int, key: str) -> list[ViewRow]:
        """Return the row in force at a position under a key, if there is one."""
        return self._rows("row", view, {"as_of": as_of, "key": key})

    def _rows(self, statement: str, view: str, asked: Params) -> list[ViewRow]:
        query = sql.SQL(_SQL[statement]).format(table=sql.Identifier(LIVE, view))
        return [ViewRow(str(key), int(since), str(state)) for key, since, state in self._fetch(query, asked)]
