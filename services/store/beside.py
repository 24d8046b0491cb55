"""What lies beside the events but is stored with them: the keys they were recorded under, and their words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import LiteralString, NamedTuple

import psycopg
from psycopg.rows import DictRow

from services.store.connections import Params, Row
from services.store.packing import key_row, packed
from services.store.queries import Statements
from services.store.recorder import COPY_FROM

_SQL = Statements("beside.sql")


class KeyRow(NamedTuple):
    """What a key stands for: the events from `first` to `position`, last of them in `stream`."""

    key: str
    fingerprint: bytes
    stream: str
    first: int
    position: int


class Bodies:
    """The words that a writing has looked at, and those that it brings, by their hash."""

    def __init__(self, fetch: Callable[[LiteralString, Params], list[Row]]) -> None:
        self._fetch = fetch
        self._held: dict[str, str | None] = {}
        self._looked_up: set[str] = set()
        self.waiting: dict[str, str] = {}
        """What is not written down yet."""

    def take(self, hashes: Iterable[str], rows: Iterable[Row]) -> None:
        """Take in what was found when these were looked for."""
        self._looked_up.update(hashes)
        self._held.update(dict(rows))

    def find(self, hashes: Collection[str]) -> dict[str, str | None]:
        """Return the body of each, None for one that was erased; those never held are left out."""
        missing = [name for name in hashes if name not in self._looked_up]
        if missing:
            self.take(missing, self._fetch(_SQL["texts"], {"hashes": missing}))
            for name in missing:
                if name in self.waiting:
                    self._held.setdefault(name, self.waiting[name])
        return {name: self._held[name] for name in hashes if name in self._held}

    def keep(self, sha256: str, body: str) -> None:
        """Bring words; those that are held already, or were erased, stay as they are."""
        self.waiting.setdefault(sha256, body)
        if sha256 in self._looked_up:
            self._held.setdefault(sha256, body)

    def erase(self, sha256: str) -> None:
        """Know from now on that the words are no more."""
        self._held[sha256] = None
        self._looked_up.add(sha256)

    def forget(self) -> None:
        """Let go of what was looked at."""
        self._held.clear()
        self._looked_up.clear()


def replacement_key(claim: str) -> str:
    """Return the key under which the correction that brought a claim is found."""
    return f"id:{claim}"


def insert_keys(connection: psycopg.Connection[DictRow], rows: Sequence[KeyRow]) -> None:
    """Add keys; one that is taken makes the transaction fail."""
    if len(rows) >= COPY_FROM:
        with connection.cursor().copy(_SQL["copy_keys"]) as copy:
            for block in packed(key_row(*row) for row in rows):
                copy.write(block)
    elif rows:
        given = {
            "keys": [row.key for row in rows],
            "fingerprints": [row.fingerprint for row in rows],
            "streams": [row.stream for row in rows],
            "firsts": [row.first for row in rows],
            "positions": [row.position for row in rows],
        }
        connection.execute(_SQL["insert_keys"], given, prepare=True)


def insert_texts(connection: psycopg.Connection[DictRow], bodies: Mapping[str, str]) -> None:
    """Add words under their hash; those that are there already, or were erased, stay as they are."""
    if bodies:
        given = {"hashes": list(bodies), "bodies": list(bodies.values())}
        connection.execute(_SQL["insert_texts"], given, prepare=True)


def erase_texts(connection: psycopg.Connection[DictRow], erased: Sequence[tuple[str, int]]) -> None:
    """Empty texts, each by the position of the event that says so."""
    for sha256, position in erased:
        connection.execute(_SQL["erase_text"], {"sha256": sha256, "position": position}, prepare=True)
