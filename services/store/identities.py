"""Who protected sources are is written with the event that commits to it, in a way that leaves no other trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, LiteralString

import psycopg

from domain.identities import Identity, Sealed
from domain.strict_json import read_object
from services.store.connections import Params, Row
from services.store.queries import Statements

_SQL = Statements("identities.sql")
Fetch = Callable[[LiteralString, Params], Sequence[Row]]


def identity_of(fetch: Fetch, commitment: str) -> Sealed | None:
    """Return who is meant by a commitment, if that is held."""
    for _, salt, body in fetch(_SQL["identities"], {"commitments": [commitment]}):
        members = read_object(str(body))[1]
        source = str(members.pop("source"))
        return Sealed(source, Identity.model_validate(members), bytes(salt))
    return None


class Beside:
    """Identities that a writing keeps, and those that it looks at."""

    def __init__(self, fetch: Fetch) -> None:
        """Look up with `fetch`, within the writing's transaction."""
        self._fetch = fetch
        self._waiting: dict[str, Sealed] = {}

    def __bool__(self) -> bool:
        """Tell whether something waits to be written."""
        return bool(self._waiting)

    def keep(self, kept: Sealed) -> None:
        """Keep it with the event that holds its commitment."""
        self._waiting[kept.commitment] = kept

    def find(self, commitment: str) -> Sealed | None:
        """Return who is meant by a commitment, those kept here included."""
        return self._waiting.get(commitment) or identity_of(self._fetch, commitment)

    def write(self, connection: psycopg.Connection[Any]) -> None:
        """Write down what waits; not within a pipeline, which COPY cannot be part of."""
        if self._waiting:
            copy_identities(
                connection, ((one.commitment, one.salt, one.body.decode()) for one in self._waiting.values())
            )
            self._waiting = {}


def stored_identity(row: str) -> tuple[str, bytes, str]:
    """Return the row that a backup has as JSON, the way the database writes it."""
    members = read_object(row)[1]
    return str(members["commitment"]), bytes.fromhex(str(members["salt"]).removeprefix("\\x")), str(members["body"])


def copy_identities(connection: psycopg.Connection[Any], rows: Iterable[tuple[str, bytes, str]]) -> None:
    """Add identities; those that are there already, or were erased, stay as they are."""
    with connection.cursor().copy(_SQL["copy_identities"]) as copy:
        copy.set_types(["text", "bytea", "text"])
        for row in rows:
            copy.write_row(row)
