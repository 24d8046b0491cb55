"""The tree over the log follows from the log alone: tiles are kept once they are full, the rest is read from events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from domain.proof.tree import WIDTH, Tree, tile_root
from domain.proof.verifier import Wrong, entry_of, leaf_hash
from services.errors import CorruptLedger
from services.exported import stored_line
from services.store.event_log import EventLog
from services.store.tree import Tile, TreeStore

AT_ONCE = 32
"""Tiles that are made of one reading of the log."""
HASH = 32
REMEMBERED = 256
"""Tiles above the lowest level that are kept in memory, 16 kB each: those of 16 million events."""


class LogTree:
    """Reads the tree over a ledger's events, in tiles; the leaf at index n is the event at position n + 1."""

    def __init__(self, log: EventLog, store: TreeStore) -> None:
        self._log = log
        self._store = store
        # Every proof goes through these few, and a tile of so many hashes is never another one.
        self._above = lru_cache(maxsize=REMEMBERED)(self._read)

    def grow(self, upto: int) -> None:
        """Store every tile that is full with the first `upto` events. Raises CorruptLedger, and StoreUnavailable.

        What was stored before stays; broken off, it goes on where it was. Nobody who records waits for it.
        """
        done = self._store.full_tiles(0)
        while (wanted := min(upto // WIDTH - done, AT_ONCE)) > 0:
            leaves = [leaf_hash(entry) for entry in self.entries(done * WIDTH, wanted * WIDTH)]
            self._store.add([_tile(0, done + n, leaves[n * WIDTH : (n + 1) * WIDTH]) for n in range(wanted)])
            done += wanted
        level = 1
        while done := done // WIDTH:
            for number in range(self._store.full_tiles(level), done):
                roots = self._store.roots(level - 1, number * WIDTH, (number + 1) * WIDTH)
                self._store.add([_tile(level, number, roots)])
            level += 1

    def entries(self, start: int, many: int) -> Iterator[bytes]:
        """Yield so many entries from an index on. Raises CorruptLedger where an event is missing, or is none."""
        expected = start
        for position, name, state in self._log.stored(start, many):
            expected += 1
            if position != expected:
                break
            yield entry_at(position, name, state)
        else:
            if expected == start + many:
                return
            expected += 1
        raise CorruptLedger(expected, "it is missing")

    def at(self, size: int) -> Tree:
        """Return the tree of the first `size` events, which are recorded."""
        return Tree(size, self.tile)

    def tile(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """Return the first hashes of a tile, which the log has events for. Raises CorruptLedger."""
        return self._above(level, number, width) if level else self._read(level, number, width)

    def _read(self, level: int, number: int, width: int) -> Sequence[bytes]:
        stored = self._store.tile(level, number)
        if stored is not None:
            return split(stored)[:width]
        first = number * WIDTH
        if level == 0:
            return [leaf_hash(entry) for entry in self.entries(first, width)]
        roots = self._store.roots(level - 1, first, first + width)
        # Not stored yet: whoever asks before the next growing has them made on the way.
        later = [tile_root(self.tile(level - 1, first + place, WIDTH)) for place in range(len(roots), width)]
        return [*roots, *later]


def entry_at(position: int, name: str, state: bytes) -> bytes:
    """Return the entry of a stored event in the tree; raises CorruptLedger for bytes that are no event."""
    try:
        return entry_of(stored_line(position, name, state))[1]
    except Wrong as error:
        raise CorruptLedger(position, str(error)) from error


def split(hashes: bytes) -> list[bytes]:
    """Return hashes that stand one behind the other."""
    return [hashes[start : start + HASH] for start in range(0, len(hashes), HASH)]


def _tile(level: int, number: int, hashes: Sequence[bytes]) -> Tile:
    return Tile(level, number, b"".join(hashes), tile_root(hashes))
