"""Tiles of the tree and checkpoints are added and read, and nothing here changes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.store.connections import Connections, Params, Row
from services.store.queries import Statements

_SQL = Statements("tree.sql")


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: the hashes of 256 entries, or of 256 tiles of the level below, and the root over them."""

    level: int
    number: int
    hashes: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that was made: how many events it is of, the key to check it with, the tree's root, its text.

    `edge` are the hashes of the entries behind the last full tile, one behind the other.
    """

    size: int
    key: str
    root: bytes
    edge: bytes
    note: str
    made: datetime


class TreeStore:
    """What is stored of the tree over one ledger."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def full_tiles(self, level: int) -> int:
        """Return how many full tiles are stored at a level."""
        return int(self._connections.fetch(_SQL["full_tiles"], {"level": level})[0][0])

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the hashes of a full tile, one behind the other; None if it is not stored."""
        found = self._connections.fetch(_SQL["tile"], {"level": level, "number": number})
        return bytes(found[0][0]) if found else None

    def tiles(self, level: int, first: int, end: int) -> list[Tile]:
        """Return the stored tiles of a level from the first on and before the end."""
        rows = self._connections.fetch(_SQL["tiles"], {"level": level, "first": first, "end": end})
        return [Tile(level, int(row[0]), bytes(row[1]), bytes(row[2])) for row in rows]

    def roots(self, level: int, first: int, end: int) -> list[bytes]:
        """Return the roots of those tiles."""
        rows = self._connections.fetch(_SQL["roots"], {"level": level, "first": first, "end": end})
        return [bytes(row[0]) for row in rows]

    def add(self, tiles: Sequence[Tile]) -> None:
        """Store full tiles, all or none; one that is there stays as it is."""
        given = {
            "levels": [tile.level for tile in tiles],
            "numbers": [tile.number for tile in tiles],
            "hashes": [tile.hashes for tile in tiles],
            "roots": [tile.root for tile in tiles],
        }
        with self._connections.connection() as connection:
            connection.execute(_SQL["add_tiles"], given)

    def sign(self, size: int, key: str, root: bytes, edge: bytes, note: str) -> Signed:
        """Store a checkpoint and return it, or the one of this size that this key has signed before."""
        given: Params = {"size": size, "key": key, "root": root, "edge": edge, "note": note}
        with self._connections.connection() as connection:
            connection.execute(_SQL["add_checkpoint"], given)
        return self._signed("checkpoint_by", {"size": size, "key": key})[0]

    def newest(self) -> Signed | None:
        """Return the checkpoint of the most events; None if none was ever made."""
        return next(iter(self._signed("newest_checkpoint", {})), None)

    def signed(self, size: int) -> Signed | None:
        """Return the checkpoint of so many events; None if none was made of just as many."""
        return next(iter(self._signed("checkpoint", {"size": size})), None)

    def all_signed(self, after: int, limit: int) -> list[Signed]:
        """Return at most `limit` checkpoints of more than `after` events, by size."""
        return self._signed("checkpoints", {"after": after, "limit": limit})

    def _signed(self, statement: str, asked: Params) -> list[Signed]:
        return [_signed_in(row) for row in self._connections.fetch(_SQL[statement], asked)]


def _signed_in(row: Row) -> Signed:
    size, key, root, edge, note, made = row
    return Signed(int(size), str(key), bytes(root), bytes(edge), str(note), made)
