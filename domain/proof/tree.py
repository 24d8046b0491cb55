"""A proof is a path of hashes through the tree over the log, found from a few tiles of it however large it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from domain.proof.verifier import node_hash, root_of

WIDTH = 256
"""Hashes in a full tile: a part of the tree that is eight levels high (C2SP tlog-tiles)."""
HIGH = 8

Hash = bytes
TileOf = Callable[[int, int, int], Sequence[Hash]]
"""Gives a tile's first hashes by level, number in the level, and how many of them are wanted."""


def path_of(index: int) -> str:
    """Return the number of a tile as it stands in an address: 1234067 is `x001/x234/067`."""
    told = f"{index % 1000:03}"
    while index := index // 1000:
        told = f"x{index % 1000:03}/{told}"
    return told


def number_in(path: str) -> tuple[int, int]:
    """Return number and width of a tile from the end of its address, such as `x001/067.p/8`; raises ValueError."""
    whole, partial, width = path.partition(".p/")
    digits = whole.replace("/", "").replace("x", "")
    number = int(digits) if digits.isascii() and digits.isdecimal() else -1
    wide = int(width) if width.isascii() and width.isdecimal() else WIDTH if not partial else 0
    told = path_of(number) + (f".p/{wide}" if partial else "") if number >= 0 else ""
    if number < 0 or told != path or not 0 < wide <= WIDTH - bool(partial):
        raise ValueError(f"{path!r} is no number of a tile")
    return number, wide


def width_of(level: int, number: int, size: int) -> int:
    """Return how many hashes a tile has in a tree of this size; 0 if there is none."""
    return min(max((size >> HIGH * level) - number * WIDTH, 0), WIDTH)


def tile_root(hashes: Sequence[Hash]) -> Hash:
    """Return the root of the tree over these hashes."""
    row = list(hashes)
    if len(row) & len(row) - 1 == 0 and row:
        while len(row) > 1:
            row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        return row[0]
    return root_of([tile_root(row[start:end]) for start, end in _whole(0, len(row))])


def _whole(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the complete parts that a stretch of leaves consists of, where it begins at a multiple of the largest."""
    while start < end:
        many = 1 << (end - start).bit_length() - 1
        yield start, start + many
        start += many


class Tree:
    """The tree of the first `size` leaves, read from tiles as far as they are needed."""

    def __init__(self, size: int, tile_of: TileOf) -> None:
        self.size = size
        self._tile_of = tile_of
        self._tiles: dict[tuple[int, int], Sequence[Hash]] = {}

    def root(self) -> Hash:
        """Return the root; that of no leaf is the hash of nothing."""
        return self._over(0, self.size)

    def inclusion(self, index: int) -> list[Hash]:
        """Return the path from the leaf at an index below the size, counted from 0 (RFC 6962, section 2.1.1)."""
        start, end = 0, self.size
        path: list[Hash] = []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int) -> list[Hash]:
        """Return the path that shows that the first `old` leaves are those of that tree (RFC 6962, section 2.1.2)."""
        if old in (0, self.size):
            return []
        start, end = 0, self.size
        path: list[Hash] = []
        while end != old:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start = middle
        # Where the old tree is a whole part, who checks has its root already.
        return [self._over(start, end), *path[::-1]] if start else path[::-1]

    def _over(self, start: int, end: int) -> Hash:
        return root_of([self._part(*part) for part in _whole(start, end)])

    def _part(self, start: int, end: int) -> Hash:
        """Return the root of a complete part: of some hashes of one tile."""
        high = (end - start).bit_length() - 1
        level, inner = divmod(high, HIGH)
        first = start >> HIGH * level
        number, place = divmod(first, WIDTH)
        return tile_root(self._tile(level, number)[place : place + (1 << inner)])

    def _tile(self, level: int, number: int) -> Sequence[Hash]:
        if (level, number) not in self._tiles:
            self._tiles[level, number] = self._tile_of(level, number, width_of(level, number, self.size))
        return self._tiles[level, number]


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1
