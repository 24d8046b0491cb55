"""A backup is a folder of pieces, each whole or refused: what a piece says at its end holds for every byte before."""

from __future__ import annotations

import fcntl
import gzip
import os
import re
import tempfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

FORMAT = 1
_NAME = re.compile(r"onrecord-(\d{6})-(\d{15})\.piece\.gz")
_DRAFT = ".piece-"
_LOCK = ".lock"
_LEVEL = 3
"""Of compression: higher ones cost more time than they save space."""


class BadBackup(Exception):
    """A backup cannot be gone on with, or not be restored; the text says why, and nothing was changed."""


class Begin(msgspec.Struct, frozen=True):
    """The first line of a piece: `follows` is the digest of the piece before, and `after` the last position there."""

    format: int
    number: int
    after: int
    follows: str
    migrations: list[str]


class End(msgspec.Struct, frozen=True):
    """The last line: how far the piece goes, and the digest of all before this line.

    `recorded` is the instant of the last event, `taken` that of the backup by the clock of the database, both RFC 3339;
    `key`, `alert` and `signed` are the numbers behind which the next piece goes on; `state` is the digest of what is
    changed in place, empty if the piece was not the last one of its run. `last` is the hash of the last event, `root`
    that of the tree over all events up to `upto` (RFC 6962), and `parts` those of its complete parts, in hexadecimal.
    """

    upto: int
    recorded: str
    taken: str
    events: int
    key: int
    alert: int
    signed: int
    state: str
    last: str
    root: str
    parts: list[str]
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a backup that was found; nothing of it is known but what its name says."""

    path: Path
    number: int
    upto: int

    def begin(self) -> Begin:
        """Return its first line. Raises BadBackup."""
        line = next(_lines(self.path), b"")
        try:
            begin = msgspec.json.decode(line, type=Begin)
        except msgspec.MsgspecError as error:
            raise BadBackup(f"{self.path} is damaged: it does not begin as a piece of a backup does") from error
        if begin.format != FORMAT:
            raise BadBackup(f"{self.path} was written by another version of OnRecord, in format {begin.format}")
        return begin

    def end(self) -> End:
        """Read the whole piece, and return its last line. Raises BadBackup."""
        reading = Reading(self)
        for _ in reading:
            pass
        return reading.end


class Reading:
    """One reading of a piece: every line between the first and the last one, and then its end.

    Raises BadBackup at the end if a single byte is not what was written: what was read is then to be forgotten.
    """

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._end: End | None = None

    @property
    def end(self) -> End:
        """The last line; for after the reading."""
        assert self._end is not None, "the piece was not read to its end"
        return self._end

    def __iter__(self) -> Iterator[bytes]:
        digest = sha256()
        last = b""
        for number, line in enumerate(_lines(self._piece.path)):
            digest.update(last)
            if number > 1:
                yield last[:-1]
            last = line
        self._end = self._checked(last, digest.hexdigest())

    def _checked(self, line: bytes, digest: str) -> End:
        try:
            end = msgspec.json.decode(line, type=End)
        except msgspec.MsgspecError as error:
            raise BadBackup(f"{self._piece.path} is truncated: it has no end") from error
        if end.sha256 != digest:
            raise BadBackup(f"{self._piece.path} is damaged: its content is not what was written")
        return end


class Draft:
    """A piece while it is written, under another name: it is there whole, on the disk and read again, or not at all."""

    def __init__(self, folder: Path, begin: Begin) -> None:
        self._folder = folder
        self._number = begin.number
        self._digest = sha256()
        # For its owner's eyes alone: it holds the words of claims.
        self._raw = tempfile.NamedTemporaryFile(dir=folder, prefix=_DRAFT, delete=False)  # noqa: SIM115 (see close)
        self._packed = gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=_LEVEL, mtime=0)
        self.write(msgspec.json.encode(begin))

    def write(self, line: bytes) -> None:
        """Add a line."""
        line += b"\n"
        self._digest.update(line)
        self._packed.write(line)

    def finish(self, end: End) -> tuple[Piece, End]:
        """Write the end, and let the piece be there. Raises BadBackup if it is not read again as it was written."""
        end = msgspec.structs.replace(end, sha256=self._digest.hexdigest())
        self._packed.write(msgspec.json.encode(end) + b"\n")
        self._packed.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        draft = Piece(Path(self._raw.name), self._number, end.upto)
        if draft.end() != end:
            raise BadBackup(f"{draft.path} was not kept as it was written: look after the disk")
        piece = Piece(self._folder / f"onrecord-{self._number:06}-{end.upto:015}.piece.gz", self._number, end.upto)
        draft.path.rename(piece.path)
        _flush_folder(self._folder)
        return piece, end

    def close(self) -> None:
        """Leave nothing under the other name."""
        # What ended the writing is told; that the rest of it cannot be written either, on a full disk, is not.
        with suppress(OSError, ValueError):
            self._packed.close()
        with suppress(OSError):
            self._raw.close()
        Path(self._raw.name).unlink(missing_ok=True)


def pieces_in(folder: Path) -> list[Piece]:
    """Return the pieces of a backup in their order; raises BadBackup if one is missing between them."""
    named = ((path, _NAME.fullmatch(path.name)) for path in sorted(folder.glob("onrecord-*")))
    found = [Piece(path, int(name[1]), int(name[2])) for path, name in named if name]
    for expected, piece in enumerate(found, 1):
        if piece.number != expected:
            raise BadBackup(f"{folder} lacks piece {expected} of the backup: the next there is {piece.path.name}")
    return found


@contextmanager
def kept_alone(folder: Path) -> Generator[None]:
    """Let nobody else write into the folder of a backup, which is made if there is none.

    What backups that were broken off have left there is removed. Raises BadBackup if somebody writes there, or if the
    folder cannot be written meanwhile.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for path in folder.glob(f"{_DRAFT}*"):
                path.unlink(missing_ok=True)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        if isinstance(error, BlockingIOError):
            raise BadBackup(f"another backup into {folder} is under way") from error
        raise BadBackup(f"the backup cannot be written into {folder}: {error.strerror or error}") from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as lines:
            yield from lines
    except EOFError as error:
        raise BadBackup(f"{path} is truncated: it breaks off in the middle") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadBackup(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise BadBackup(f"{path} cannot be read: {error.strerror or error}") from error


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
