"""A file of events stands for the log as far as it goes, once it is known to be of this ledger and without a hole."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol, cast

from domain.events import Recorded
from services.folding import Log
from services.store.codec import decode_row

SAMPLED = 64
"""Lines, beside the first and the last, that are held against the ledger."""
_LINE = re.compile(rb'\{"position":(\d+),"name":"([a-z0-9.-]+)",("recorded":".*\})')


class BadExport(Exception):
    """A file of events is not this ledger's; says which line, and why."""

    def __init__(self, path: Path, line: int, said: str) -> None:
        super().__init__(f"{path}, line {line}: {said}")
        self.line = line


class StoredLog(Log, Protocol):
    """A log that shows its events as they are stored."""

    def stored(self, after: int, limit: int, upto: int | None = None) -> list[tuple[int, str, bytes]]:
        """Return position, stored name and stored bytes of the next events."""
        ...

    def stored_at(self, positions: Sequence[int]) -> list[tuple[int, str, bytes]]:
        """Return the same of the events at these positions, in order."""
        ...


def stored_line(position: int, name: str, state: bytes) -> bytes:
    """Return a stored event as a line of such a file: its place and name, then the stored bytes themselves."""
    return b'{"position":%d,"name":"%b",%b' % (position, name.encode(), state[1:])


def check(path: Path, log: StoredLog) -> int:
    """Return the last position of the file; raises BadExport for a hole, or for a line that the ledger does not have.

    Every line's position is looked at; the first, the last and some others are compared, byte for byte.
    """
    # Always the same lines of the same file, so that a refusal can be looked into.
    choose = random.Random(0)
    kept: list[tuple[int, bytes]] = []
    last: tuple[int, bytes] | None = None
    for last in _numbered(path):
        position = last[0]
        if len(kept) < SAMPLED:
            kept.append(last)
        elif (place := choose.randrange(position)) < SAMPLED:
            kept[place] = last
    if last is None:
        return 0
    lines = dict(sorted([*kept, last]))
    stored = {position: stored_line(position, name, state) for position, name, state in log.stored_at(list(lines))}
    for position, line in lines.items():
        if position not in stored:
            raise BadExport(path, position, f"the ledger has no event at position {position}")
        if stored[position] != line:
            raise BadExport(path, position, f"the ledger's event at position {position} is another one")
    return last[0]


def source_of(log: StoredLog, export: Path | None) -> Log:
    """Return the log, or the file in front of it if there is one."""
    return log if export is None else ExportedLog(export, log)


class ExportedLog:
    """A `services.folding.Log` that reads from a file that was checked, and behind its end from the log itself."""

    def __init__(self, path: Path, log: Log) -> None:
        self._path = path
        self._log = log
        self._lines: Iterator[tuple[int, bytes]] = iter(())
        self._reached = -1
        self._read: list[Recorded] = []

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return the next events; raises BadExport for an unfit line, and CorruptLedger as the log does."""
        again = [one for one in self._read if one.position > after]
        if again and self._read[0].position <= after + 1:
            return again[:limit]
        if after < self._reached or self._reached < 0:
            self._lines, self._reached = _numbered(self._path), 0
        self._read = []
        for position, line in self._lines:
            self._reached = position
            if position > after:
                self._read.append(_decoded(self._path, position, line))
                if len(self._read) == limit:
                    break
        return self._read or self._log.read(after, limit)

    def head(self) -> int:
        """Return the last position of the log itself."""
        return self._log.head()

    def wait(self, after: int, timeout: float) -> object:
        """Return when the head may be beyond `after`, or after so many seconds."""
        return self._log.wait(after, timeout)


def _numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each line without its end, and its position, which is its number; raises BadExport where it is not."""
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            found = _LINE.fullmatch(line.rstrip(b"\r\n"))
            if found is None:
                raise BadExport(path, number, "no event in the form that `onrecord export --events` writes")
            if int(found[1]) != number:
                raise BadExport(path, number, f"position {int(found[1])} stands where position {number} belongs")
            yield number, found[0]


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _decoded(path: Path, position: int, line: bytes) -> Recorded:
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadExport(path, position, "no event")
    return decode_row(position, found[2].decode(), b"{" + found[3])
