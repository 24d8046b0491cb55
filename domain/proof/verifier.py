"""Whoever kept a checkpoint checks a ledger with this one file, which needs Python 3.9 and nothing of OnRecord.

    python3 verify.py --key 'NAME+HASH+KEY' FILE...

The files may be, in any order: checkpoints, proofs as OnRecord gives them, and exports (`onrecord export --events`).
Add the checkpoints that you kept. Every signature, proof and export is checked, and that all checkpoints are of one
history. Exits with 0 if all of it holds, with 1 if anything does not, with 2 for wrong use.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256, sha512
from pathlib import Path
from typing import NamedTuple, cast

_LINE = re.compile(rb'\{"position":([1-9][0-9]*),"name":"[a-z0-9.-]+","recorded":"([0-9TZ:.+-]+)",.*\}', re.DOTALL)
_SIGNATURE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+=*)")


class Wrong(ValueError):
    """Something is not what it says it is; the text says what."""


class Key(NamedTuple):
    """Who signs: the name (the origin of the log), the key's id, and the Ed25519 key, 32 bytes."""

    name: str
    id: bytes
    public: bytes


class Checkpoint(NamedTuple):
    """What was signed: how many entries the log had, and the root of their tree."""

    size: int
    root: bytes


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours (RFC 6962, section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def entry_of(line: bytes) -> tuple[int, bytes]:
    """Return the position of a line of an export, and its entry in the log; the line is without its end.

    An entry is a version, the position, the instant of recording, and the SHA-256 of the line. Raises Wrong.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise Wrong("it is no event in the form that `onrecord export --events` writes")
    told = sha256(line).hexdigest().encode()
    return int(found[1]), b"onrecord.event/1\n%b\n%b\n%b\n" % (found[1], found[2], told)


def grow(parts: list[bytes], size: int, leaf: bytes) -> None:
    """Put a leaf behind the others, so that the tree has this size; `parts` are the roots of its complete parts."""
    while size % 2 == 0:
        leaf, size = node_hash(parts.pop(), leaf), size // 2
    parts.append(leaf)


def root_of(parts: Sequence[bytes]) -> bytes:
    """Return the root of a tree from those of its complete parts, the largest first."""
    *others, root = parts or [sha256().digest()]
    for part in reversed(others):
        root = node_hash(part, root)
    return root


def _steps(at: int, last: int, path: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a path upwards from a node, and whether it stands to the left. (RFC 9162, 2.1.3.2)"""
    for one in path:
        if last == 0:
            raise Wrong("the path of a proof is too long")
        is_left = at % 2 == 1 or at == last
        yield one, is_left
        while is_left and at and at % 2 == 0:
            at, last = at // 2, last // 2
        at, last = at // 2, last // 2
    if last:
        raise Wrong("the path of a proof is too short")


def check_inclusion(checkpoint: Checkpoint, index: int, leaf: bytes, path: Sequence[bytes]) -> None:
    """Do nothing if the leaf is in the tree at this index, counted from 0. Raises Wrong."""
    if not 0 <= index < checkpoint.size:
        raise Wrong(f"position {index + 1} is not among the {checkpoint.size} that were signed")
    for one, is_left in _steps(index, checkpoint.size - 1, path):
        leaf = node_hash(one, leaf) if is_left else node_hash(leaf, one)
    if leaf != checkpoint.root:
        raise Wrong(f"the event at position {index + 1} is not what was signed")


def check_consistency(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> None:
    """Do nothing if the new tree continues the old one. Raises Wrong. (RFC 9162, 2.1.4.2)"""
    broken = Wrong(f"the {new.size} events do not continue the {old.size} that were signed before: history was changed")
    if old.size in (0, new.size):
        if path or (old.size == new.size and old.root != new.root):
            raise broken
        return
    at, last = old.size - 1, new.size - 1
    whole = [old.root, *path] if at & old.size == 0 else list(path)
    if not whole or at > last:
        raise broken
    while at % 2:
        at, last = at // 2, last // 2
    before = now = whole[0]
    for one, is_left in _steps(at, last, whole[1:]):
        before, now = (node_hash(one, before), node_hash(one, now)) if is_left else (before, node_hash(now, one))
    if (before, now) != (old.root, new.root):
        raise broken


_P, _ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_Point = tuple[int, int, int, int]


def _decoded_point(given: bytes) -> _Point | None:
    y, odd = int.from_bytes(given, "little") & (1 << 255) - 1, given[31] >> 7
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    x = x if (x * x - square) % _P == 0 else x * pow(2, (_P - 1) // 4, _P) % _P
    if y >= _P or (x * x - square) % _P or (x == 0 and odd):
        return None
    x = x if x % 2 == odd else _P - x
    return x, y, 1, x * y % _P


def _added(one: _Point, other: _Point) -> _Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % _P, (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    return (b - a) * (d - c) % _P, (d + c) * (b + a) % _P, (d - c) * (d + c) % _P, (b - a) * (b + a) % _P


def _times(number: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while number:
        found, point, number = _added(found, point) if number % 2 else found, _added(point, point), number // 2
    return found


_BASE = _decoded_point(b"\x58" + b"\x66" * 31)


def is_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Tell whether the signature is one of the text by this Ed25519 key (RFC 8032)."""
    scalar = int.from_bytes(signature[32:], "little")
    key, nonce = (_decoded_point(one) if len(one) == 32 else None for one in (public, signature[:32]))
    if key is None or nonce is None or _BASE is None or len(signature) != 64 or scalar >= _ORDER:
        return False
    told = int.from_bytes(sha512(signature[:32] + public + text).digest(), "little") % _ORDER
    one, other = _times(scalar, _BASE), _added(nonce, _times(told, key))
    return not any((one[axis] * other[2] - other[axis] * one[2]) % _P for axis in (0, 1))


def read_key(text: str) -> Key:
    """Return a verifier key, `NAME+HASH+KEY`; raises Wrong."""
    name, told, coded = (*text.strip().split("+", 2), "", "")[:3]
    known = b64decode(coded, validate=True)
    expected = sha256(name.encode() + b"\n" + known).digest()[:4]
    if len(known) != 33 or known[0] != 1 or told != expected.hex() or not name:
        raise Wrong(f"{text[:80]!r} is no verifier key of an Ed25519 signer")
    return Key(name, expected, known[1:])


def read_checkpoint(note: str, key: Key) -> Checkpoint:
    """Return what a checkpoint (C2SP tlog-checkpoint) says, if this key signed it under its name. Raises Wrong."""
    head, gap, signed = note.rpartition("\n\n")
    text = f"{head}\n"
    found = [_SIGNATURE.fullmatch(line) for line in signed.split("\n")[:-1]]
    if not gap or not signed.endswith("\n") or None in found or any(one < " " and one != "\n" for one in note):
        raise Wrong("it is no signed note")
    known = [b64decode(one[2], validate=True) for one in found if one and one[1] == key.name]
    mine = [one for one in known if one[:4] == key.id]
    if not mine:
        raise Wrong(f"it is not signed by {key.name} with the key that you trust")
    if not all(is_signed(key.public, text.encode(), one[4:]) for one in mine):
        raise Wrong("its signature is not one of this text: it was changed, or the signature taken from another one")
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != key.name or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise Wrong(f"it is no checkpoint of {key.name}")
    return Checkpoint(int(lines[1]), b64decode(lines[2], validate=True))


class Audit:
    """What the files show together: checkpoints by size, and which of them are known to be of one history."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._signed: dict[int, Checkpoint] = {}
        self._histories: list[set[int]] = []

    def sign(self, note: object) -> Checkpoint:
        """Take in a checkpoint."""
        found = read_checkpoint(str(note), self._key)
        if self._signed.setdefault(found.size, found) != found:
            raise Wrong(f"two checkpoints of {found.size} events are signed, of two histories: this proves a fork")
        self._link(found.size)
        return found

    def take(self, text: str) -> str:
        """Take in a checkpoint or a proof, and return what it shows."""
        if not text.startswith("{"):
            return f"signed by {self._key.name} for {self.sign(text).size} events"
        told = cast("dict[str, object]", json.loads(text))
        if "old" in told:
            old, new = self.sign(told["old"]), self.sign(told["new"])
            check_consistency(old, new, _hashes(told["path"]))
            self._link(old.size, new.size)
            return f"the {new.size} events continue the {old.size} that were signed before"
        signed = self.sign(told["checkpoint"])
        if "digest" in told:
            return f"a belief of the {signed.size} events signed; `onrecord proof check` recomputes its digest"
        found: list[str] = []
        for one in cast("list[dict[str, object]]", told["entries"]):
            position, entry = entry_of(str(one["event"]).encode())
            check_inclusion(signed, position - 1, leaf_hash(entry), _hashes(one["path"]))
            found.append(str(position))
        return f"in the ledger of {signed.size} events, as they were signed: positions {', '.join(found) or 'none'}"

    def export(self, lines: Iterable[bytes]) -> str:
        """Hold every line of an export against all checkpoints known by now, and return what that shows."""
        parts: list[bytes] = []
        number = sound = 0
        for number, line in enumerate(lines, 1):
            position, entry = entry_of(line.rstrip(b"\r\n"))
            if position != number:
                raise Wrong(f"position {position} stands where position {number} belongs")
            grow(parts, number, leaf_hash(entry))
            if number in self._signed:
                if root_of(parts) != self._signed[number].root:
                    raise Wrong(f"an event from position {sound + 1} to {number} is not what was signed")
                sound = number
        if (most := max(self._signed, default=0)) > number:
            raise Wrong(f"it ends at position {number}, and {most} events were signed: events are missing")
        self._link(*self._signed)
        return f"{number} events, of which the first {sound} are what was signed"

    def _link(self, *sizes: int) -> None:
        linked = set(sizes).union(*(one for one in self._histories if not one.isdisjoint(sizes)))
        self._histories = [*(one for one in self._histories if one.isdisjoint(linked)), linked]

    def close(self) -> str:
        """Say that all checkpoints are known to be of one history. Raises Wrong."""
        ends = sorted(max(one) for one in self._histories if max(one, default=0))
        if len(ends) > 1:
            raise Wrong(f"nothing shows that {ends} events are one history; add a consistency proof, or an export")
        return f"the checkpoints are of one history, of {ends[-1] if ends else 0} events at least"


def _hashes(given: object) -> list[bytes]:
    return [b64decode(one, validate=True) for one in cast("list[str]", given)]


def _is_export(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12) == b'{"position":'


def _checked(audit: Audit, path: Path) -> str:
    with path.open("rb") as file:
        return audit.export(file) if _is_export(path) else audit.take(file.read().decode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the files that are named, tell of each what it shows, and return the exit status."""
    parser = argparse.ArgumentParser(description="Checks checkpoints, proofs and exports of an OnRecord ledger.")
    parser.add_argument("--key", required=True, type=read_key, help="verifier key of the ledger: NAME+HASH+KEY")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    told = parser.parse_args(arguments)
    if missing := [str(path) for path in told.files if not path.is_file()]:
        parser.error(f"no such file: {', '.join(missing)}")
    audit, failed = Audit(told.key), 0
    # Exports last: they are held against every checkpoint that the other files bring.
    paths = sorted(told.files, key=_is_export)
    for name, check in [*((str(path), partial(_checked, audit, path)) for path in paths), ("together", audit.close)]:
        try:
            said = f"ok      {name}: {check()}."
        except (ValueError, KeyError, TypeError, OSError) as error:
            failed, said = 1, f"FAILED  {name}: {str(error) or type(error).__name__}."
        sys.stdout.write(f"{said}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
