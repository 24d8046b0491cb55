"""The log is held against its own tree: an event that was changed after it was sealed in is named by its position."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.proof.tree import WIDTH, tile_root
from domain.proof.verifier import grow, leaf_hash, root_of
from services.errors import CorruptLedger
from services.store.event_log import EventLog
from services.store.tree import Signed, Tile, TreeStore
from services.tree import AT_ONCE, entry_at, split

PAGE = AT_ONCE * WIDTH


@dataclass(slots=True)
class Sealed:
    """What the tree tells of the log.

    Up to `upto` there is a seal for every event; `changed` are positions of events that are not what was sealed.
    `faults` say what is wrong, each with where and at which position.
    """

    upto: int = 0
    changed: list[int] = field(default_factory=list[int])
    faults: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])

    def accounts_for(self, position: int) -> str | None:
        """Return what became of the events up to a position, None if that is not known: they are not all sealed."""
        if self.changed and self.changed[0] <= position:
            return "changed"
        return "unchanged" if position <= self.upto else None


def held_against_its_tree(log: EventLog, store: TreeStore, most: int) -> Sealed:
    """Read the whole log, and hold every event against its tile and every checkpoint against the log.

    Of each kind at most `most` faults are named. Raises StoreUnavailable.
    """
    return _Look(log, store, most).look()


class _Look:
    def __init__(self, log: EventLog, store: TreeStore, most: int) -> None:
        self._log = log
        self._store = store
        self._most = most
        self._found = Sealed()
        self._differing: list[int] = []
        self._parts: list[bytes] = []
        self._position = 0
        self._is_whole = True
        self._proved = 0

    def look(self) -> Sealed:
        newest = self._store.newest()
        full = self._store.full_tiles(0) * WIDTH
        self._found.upto = max(full, newest.size if newest else 0)
        signed = self._checkpoints()
        due = next(signed, None)
        for seals in self._seals(full, newest):
            page = {position: (name, state) for position, name, state in self._log.stored(self._position, len(seals))}
            for position, seal in enumerate(seals, self._position + 1):
                self._see(position, seal, page.get(position))
                while due is not None and due.size <= position:
                    self._hold(due)
                    due = next(signed, None)
            self._position += len(seals)
        self._sort_out()
        return self._found

    def _checkpoints(self) -> Iterator[Signed]:
        after = 0
        while found := self._store.all_signed(after, PAGE):
            yield from found
            after = found[-1].size

    def _seals(self, full: int, newest: Signed | None) -> Iterator[list[bytes]]:
        """Yield the hashes that were sealed, in order of positions; an empty one where a tile is gone."""
        for first in range(0, full // WIDTH, AT_ONCE):
            end = min(first + AT_ONCE, full // WIDTH)
            tiles = {tile.number: tile for tile in self._store.tiles(0, first, end)}
            yield [seal for number in range(first, end) for seal in self._tile(number, tiles.get(number))]
        if newest is not None and newest.size > full:
            yield split(newest.edge)

    def _tile(self, number: int, tile: Tile | None) -> list[bytes]:
        if tile is None:
            self._fault("tree", number * WIDTH + 1, "the tile of the tree that begins here is missing")
            return [b""] * WIDTH
        hashes = split(tile.hashes)
        if tile_root(hashes) != tile.root:
            self._fault("tree", number * WIDTH + 1, "the tile of the tree that begins here was changed")
        return hashes

    def _see(self, position: int, seal: bytes, stored: tuple[str, bytes] | None) -> None:
        leaf = b""
        if stored is not None:
            try:
                leaf = leaf_hash(entry_at(position, *stored))
            except CorruptLedger:
                leaf = b"no event"  # as the reading of the ledger says itself
        if seal and leaf != seal:
            self._differing.append(position)
        self._is_whole = self._is_whole and len(leaf) == len(seal or leaf) > 0
        if self._is_whole:
            grow(self._parts, position, leaf)

    def _hold(self, signed: Signed) -> None:
        if b64encode(signed.root).decode() not in signed.note:
            self._fault("tree", signed.size, f"the checkpoint of {signed.size} events was changed")
        elif self._is_whole and root_of(self._parts) == signed.root:
            self._proved = signed.size
        elif not self._differing or self._differing[0] > signed.size:
            said = f"the first {signed.size} events are not what the checkpoint of {signed.size} was signed for"
            self._fault("ledger", signed.size, said)

    def _sort_out(self) -> None:
        """Tell events that were changed from tiles that were: what a checkpoint was signed for is as it was."""
        self._found.changed = [one for one in self._differing if one > self._proved]
        for position in self._found.changed[: self._most]:
            self._fault("ledger", position, "the event was changed, or taken away, after it was sealed into the tree")
        for position in [one for one in self._differing if one <= self._proved][: self._most]:
            said = "the tree has another event than the ledger, whose event is the one that was signed"
            self._fault("tree", position, said)

    def _fault(self, where: str, position: int, said: str) -> None:
        if len(self._found.faults) < 3 * self._most:
            self._found.faults.append((where, position, said))
