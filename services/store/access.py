"""The database keeps of each key its name, its hash and its fate, and lets nobody change more than the fate."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import tuple_row

from services.store.connections import Connections, Params, Row
from services.store.queries import Statements

if TYPE_CHECKING:
    from services.access.roles import Role

_SQL = Statements("access.sql")


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key as it is kept: all but the key itself."""

    name: str
    role: Role
    made: datetime
    made_by: str
    expires: datetime | None
    revoked: datetime | None
    revoked_by: str | None
    last_used: datetime | None


class KeyStore:
    """Keeps keys. Every call may raise StoreUnavailable."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def all(self) -> list[KeptKey]:
        """Return all keys, revoked ones too, by name."""
        return [_key(row) for row in self._connections.fetch(_SQL["keys"])]

    def named(self, name: str) -> KeptKey | None:
        """Return the key of this name."""
        return next((_key(row) for row in self._connections.fetch(_SQL["key_named"], {"name": name})), None)

    def of(self, digest: bytes) -> KeptKey | None:
        """Return the key that has this hash."""
        return next((_key(row) for row in self._connections.fetch(_SQL["key_of"], {"digest": digest})), None)

    def add(self, name: str, role: Role, digest: bytes, by: str, expires: datetime | None) -> bool:
        """Add a key; False if there is, or was, one of its name."""
        given = {"name": name, "role": role, "digest": digest, "made_by": by, "expires": expires}
        return bool(self._do("add_key", given))

    def revoke(self, name: str, by: str) -> None:
        """Revoke the key; the first revocation stays."""
        self._do("revoke_key", {"name": name, "revoked_by": by})

    def used(self, name: str) -> None:
        """Note that the key is in use now; a standby cannot, and does without."""
        with suppress(ReadOnlySqlTransaction):
            self._do("key_used", {"name": name})

    def _do(self, statement: str, given: Params) -> list[Row]:
        with self._connections.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(_SQL[statement], given)
            return cursor.fetchall()


def _key(row: Row) -> KeptKey:
    name, role, made, made_by, expires, revoked, revoked_by, last_used = row
    return KeptKey(
        str(name), role, made.astimezone(UTC), str(made_by), _utc(expires), _utc(revoked), revoked_by, _utc(last_used)
    )


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None
