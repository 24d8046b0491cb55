"""A file is read as lines, packed or not, from wherever it comes, and each line remembers its file and number."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sys
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

from services.cli.failures import Failed

STDIN = "-"
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_LINES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")


class Files:
    """Several files as one run of lines; `read` tells how many bytes of them were read, of `size` (None: not known)."""

    def __init__(self, names: Sequence[str], longest: int, *, twice: bool = False) -> None:
        """Open nothing yet but standard input, which is kept aside where it has to be read `twice`.

        A line longer than `longest` bytes is cut one byte behind that, so that it is refused and not kept in memory.
        Raises Failed if a file cannot be read.
        """
        self._names = [inside for name in names for inside in _inside(name)]
        self._longest = longest
        self._kept = _kept_aside() if twice and STDIN in names else None
        self._starts: list[int] = []
        self._read_before = 0
        self._now: IO[bytes] | None = None
        self.size = self._measured()

    def _measured(self) -> int | None:
        sizes = [None if name == STDIN else self._size_of(name) for name in self._names]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def _size_of(self, name: str) -> int | None:
        try:
            with Path(name).open("rb") as file:
                about = os.fstat(file.fileno())
        except OSError as error:
            raise _unreadable(name, error) from error
        return about.st_size if about.st_size > 0 else None

    @property
    def read(self) -> int:
        """How many bytes, as they lie in the files, were read."""
        if self._now is None or self._now.closed or not self._now.seekable():
            return self._read_before
        return self._read_before + self._now.tell()

    def lines(self) -> Iterator[bytes]:
        """Yield every line of every file; raises Failed if one cannot be read to its end."""
        self._starts.clear()
        self._read_before = 0
        number = 0
        for name in self._names:
            self._starts.append(number)
            self._now = None
            try:
                for line in self._lines_of(name):
                    number += 1
                    yield line
            except (OSError, EOFError, zlib.error) as error:
                raise _unreadable(name, error) from error

    def _lines_of(self, name: str) -> Iterator[bytes]:
        with ExitStack() as stack:
            raw = self._open(name, stack)
            self._now = raw
            buffered = cast("io.BufferedReader", raw)
            packed = buffered.peek(2)[:2] == _GZIP
            file = stack.enter_context(gzip.open(buffered)) if packed else buffered
            while line := file.readline(self._longest + 1):
                if len(line) > self._longest and not line.endswith(b"\n"):
                    _skip_rest(file.readline)
                yield line
            if raw.seekable():
                self._read_before += raw.tell()
            self._now = None

    def _open(self, name: str, stack: ExitStack) -> IO[bytes]:
        if name != STDIN:
            return stack.enter_context(Path(name).open("rb"))
        if self._kept is None:
            return sys.stdin.buffer
        self._kept.seek(0)
        return self._kept

    def place(self, number: int) -> tuple[str, int]:
        """Return the file and the line in it, both for eyes, of a line of the run, counted from 1."""
        at = max(bisect_right(self._starts, number - 1) - 1, 0)
        return self._names[at], number - self._starts[at] if self._starts else number


def _inside(name: str) -> list[str]:
    """Return the files of a folder by name, those of it alone that an import can read; a file is itself."""
    folder = Path(name)
    if name == STDIN or not folder.is_dir():
        return [name]
    found = sorted(str(one) for one in folder.iterdir() if one.name.endswith(_LINES) and one.is_file())
    if not found:
        raise Failed(f"the folder {name} has no file that ends in {', '.join(_LINES)}")
    return found


def _skip_rest(readline: Callable[[int], bytes]) -> None:
    while (piece := readline(_PIECE)) and not piece.endswith(b"\n"):
        pass


def _kept_aside() -> IO[bytes]:
    kept = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the command)
    shutil.copyfileobj(sys.stdin.buffer, kept)
    return kept


def _unreadable(name: str, error: Exception) -> Failed:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Failed(f"{name} cannot be read: {why}")
