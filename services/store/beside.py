"""What lies beside the events but is stored with them: the keys they were recorded under, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import psycopg
from psycopg.rows import DictRow

from services.store.queries import Statements
from services.store.recorder import COPY_FROM

_SQL = Statements("beside.sql")


class KeyRow(NamedTuple):
    """What a key stands for: the events from `first` to `position`, last of them in `stream`."""

    key: str
    fingerprint: bytes
    stream: str
    first: int
    position: int


def replacement_key(claim: str) -> str:
    """Return the key under which the correction that brought a claim is found."""
    return f"id:{claim}"


def insert_keys(connection: psycopg.Connection[DictRow], rows: Sequence[KeyRow]) -> None:
    """Add keys; one that is taken makes the transaction fail."""
    if len(rows) >= COPY_FROM:
        with connection.cursor().copy(_SQL["copy_keys"]) as copy:
            copy.set_types(["text", "bytea", "text", "int8", "int8"])
            for row in rows:
                copy.write_row(row)
    elif rows:
        given = {
            "keys": [row.key for row in rows],
            "fingerprints": [row.fingerprint for row in rows],
            "streams": [row.stream for row in rows],
            "firsts": [row.first for row in rows],
            "positions": [row.position for row in rows],
        }
        connection.execute(_SQL["insert_keys"], given, prepare=True)


def insert_texts(connection: psycopg.Connection[DictRow], bodies: Mapping[str, str]) -> None:
    """Add words under their hash; those that are there already, or were erased, stay as they are."""
    if bodies:
        given = {"hashes": list(bodies), "bodies": list(bodies.values())}
        connection.execute(_SQL["insert_texts"], given, prepare=True)


def erase_texts(connection: psycopg.Connection[DictRow], erased: Sequence[tuple[str, int]]) -> None:
    """Empty texts, each by the position of the event that says so."""
    for sha256, position in erased:
        connection.execute(_SQL["erase_text"], {"sha256": sha256, "position": position}, prepare=True)
