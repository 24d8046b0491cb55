"""The pictures that can be asked by name stand in the list of projections; what-ifs with the terms that made them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from psycopg.rows import tuple_row

from services.store.connections import Connections, Row
from services.store.places import LIVE
from services.store.queries import Statements
from services.whatif import IN_USE, PICTURE, Pictured, Terms

_SQL = Statements("picturing.sql")
_PREFIX = "whatif_"


def what_if_of(name: str) -> str:
    """Return the place of the what-if by this name."""
    return f"{_PREFIX}{name}"


class WhatIfs:
    """Knows the pictures of a database. Every call may raise StoreUnavailable."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._is_set_up = False

    def pictures(self) -> list[Pictured]:
        """Return every picture there is: the one in use, those that are or were about to be, and the what-ifs."""
        self._is_set_up = self._is_set_up or bool(self._connections.fetch(_SQL["are_set_up"])[0][0])
        if not self._is_set_up:
            return []
        return [_pictured(row) for row in self._connections.fetch(_SQL["pictures"])]

    def named(self, name: str) -> Pictured | None:
        """Return the picture that is asked by this name: `picture`, the name of a what-if, or that of another place."""
        return next((one for one in self.pictures() if one.name == name), None)

    @contextmanager
    def naming(self, name: str) -> Generator[bool]:
        """Lend the right to begin a what-if of this name; False while somebody else has it."""
        lock = {"name": f"begin {what_if_of(name)}"}
        with self._connections.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            found = cursor.execute(_SQL["hold"], lock).fetchone()
            is_ours = bool(found and found[0])
            try:
                yield is_ours
            finally:
                if is_ours:
                    connection.execute(_SQL["let_go"], lock)

    def keep(self, name: str, terms: Terms, made: datetime) -> None:
        """Keep the terms of a what-if of which nothing is built yet; for who may begin it."""
        asked = {"policy": terms.policy, "without": list(terms.without), "upto": terms.upto, "made": made}
        with self._connections.connection() as connection:
            connection.execute(_SQL["make_what_ifs"])
            connection.execute(_SQL["keep_terms"], {**asked, "place": what_if_of(name)})


def _pictured(row: Row) -> Pictured:
    place, position, state, policy, without, upto, made = row
    if made is None:
        return Pictured(PICTURE if place == LIVE else str(place), str(place), IN_USE, int(position), str(state))
    name = str(place).removeprefix(_PREFIX)
    return Pictured(name, str(place), _terms((policy, without, upto)), int(position), str(state), made.astimezone(UTC))


def _terms(row: Row) -> Terms:
    policy, without, upto = row
    return Terms(str(policy), tuple(without), upto)
