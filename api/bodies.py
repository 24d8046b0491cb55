"""No body grows without end: each is counted as it comes in and as it is unpacked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator

from fastapi import Request

from api.refused import NotJson, TooLarge
from domain.refusals import Malformed, Problem

RECORD_MOST = 2 * 1024 * 1024
"""Longest body of a single record, in bytes as unpacked."""
DOCUMENT_MOST = 8 * 1024 * 1024
"""Longest body that archives a document."""
PATIENCE = 64 * 1024 * 1024
"""Bytes that are taken off the line at most before a body that is too long is answered."""
_PIECE = 64 * 1024
_GZIP = 31  # zlib's number for a window of 32 KiB in a gzip wrapper


class Unpacking:
    """Unpacks gzip piece by piece, several members one after the other included."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what the bytes unpack to, 64 KiB at a time; raises Malformed if they are no gzip."""
        try:
            while packed:
                if self._member.eof:
                    self._member = zlib.decompressobj(_GZIP)
                self._begun = True
                yield self._member.decompress(packed, _PIECE)
                packed = self._member.unconsumed_tail or self._member.unused_data
        except zlib.error:
            raise _not_gzip("the body is not gzip") from None

    def end(self) -> None:
        """Raise Malformed if the last member is not complete."""
        if self._begun and not self._member.eof:
            raise _not_gzip("the gzip ends before its end")


def _not_gzip(said: str) -> Malformed:
    return Malformed(Problem("", said, "gzip, as Content-Encoding says"))


def is_packed(request: Request) -> bool:
    """Tell whether the body is gzip; raises NotJson for any other coding."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise NotJson(f"the body's coding is {coding[:60]!r}", "gzip, or none", "Content-Encoding")
    return coding != "identity"


async def read_body(request: Request, most: int) -> bytes:
    """Return the whole body, unpacked; raises TooLarge if it is longer than `most` bytes.

    What is too long is still taken off the line, though not kept: a caller who is busy sending would otherwise find
    the line cut, and no answer.
    """
    announced = request.headers.get("content-length", "")
    unpacking = Unpacking() if is_packed(request) else None
    too_long = announced.isdecimal() and int(announced) > most
    read = bytearray()
    arrived = 0
    async for chunk in request.stream():
        arrived += len(chunk)
        if too_long and arrived > PATIENCE:
            break
        # Also what unpacks to next to nothing: thousands of empty members, one after the other.
        too_long = too_long or arrived > most
        for piece in () if too_long else unpacking.pieces(chunk) if unpacking else (chunk,):
            read += piece
            too_long = len(read) > most
            if too_long:
                read.clear()
                break
    if too_long:
        raise TooLarge("the body is too long", most)
    if unpacking:
        unpacking.end()
    return bytes(read)


class Lines:
    """Cuts what comes in into lines, and keeps no more of a line than `most` bytes and one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun = bytearray()

    def cut(self, piece: bytes) -> Iterator[bytes]:
        """Yield the lines that end within the piece."""
        first, *rest = piece.split(b"\n")
        self._add(first)
        for following in rest:
            yield bytes(self._begun)
            self._begun.clear()
            self._add(following)

    def end(self) -> Iterator[bytes]:
        """Yield the last line, if it has no end of line."""
        if self._begun:
            yield bytes(self._begun)

    def _add(self, part: bytes) -> None:
        # What is beyond the limit is not kept; one byte more tells that the line is too long.
        self._begun += part[: self._most + 1 - len(self._begun)]


def lines_of(chunks: Iterable[bytes], most: int, *, packed: bool) -> Iterator[bytes]:
    """Yield the lines of a body that comes in chunks, unpacked."""
    unpacking = Unpacking() if packed else None
    lines = Lines(most)
    for chunk in chunks:
        for piece in unpacking.pieces(chunk) if unpacking else (chunk,):
            yield from lines.cut(piece)
    if unpacking:
        unpacking.end()
    yield from lines.end()


async def chunks_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes in."""
    async for chunk in request.stream():
        if chunk:
            yield chunk
