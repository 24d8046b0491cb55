"""People read claims as a table: one row a claim, with what became of it, in any program that opens CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import cast

from services.claims import Claims
from services.cuts import Query
from services.shown import Json

COLUMNS = (
    "position", "status", "ended_because", "id", "key", "story", "location", "aspect", "subject", "polarity", "value",
    "min", "max", "unit", "verbatim", "facets", "modality", "hedged", "source", "chain", "basis", "valid",
    "valid_words", "stated", "published", "tz", "statement", "quote", "tags",
)  # fmt: skip


def claim_rows(claims: Claims, chosen: Iterator[Sequence[str]], upto: int) -> Iterator[str]:
    """Return the table's lines: its head, then these claims as they are known at `upto`.

    They come some at a time, as `Feed.claims` gives them, so that memory does not grow with the ledger. A cell that a
    spreadsheet would run as a formula is given an apostrophe in front. Raises, at once, NotCaughtUp if the views are
    behind.
    """
    query = Query(as_of=str(upto), at_least=upto)
    claims.named((), query)
    return _rows(claims, chosen, query)


def _rows(claims: Claims, chosen: Iterator[Sequence[str]], query: Query) -> Iterator[str]:
    yield _line(COLUMNS)
    for some in chosen:
        for row in claims.named(some, query):
            yield _line([_cell(row, name) for name in COLUMNS])


def _line(cells: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


def _cell(row: Json, name: str) -> str:
    said = _told(_value(row, name))
    return f"'{said}" if said.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(said) else said


def _is_number(said: str) -> bool:
    return said.lstrip("-").replace(".", "", 1).isdecimal()


def _value(row: Json, name: str) -> object:
    within = {
        "location": "question", "aspect": "question", "subject": "question", "min": "quantity", "max": "quantity",
        "unit": "quantity", "verbatim": "quantity",
    }  # fmt: skip
    if name in within:
        return _member(row, within[name], name)
    if name in ("valid", "stated", "published"):
        return _member(row, name, "edtf")
    match name:
        case "valid_words":
            return _member(row, "valid", "words")
        case "ended_because":
            return _member(row, "ending", "reason")
        case "source":
            return cast("list[Json]", row["chain"])[0]["source"]
        case "chain":
            return " > ".join(str(link["source"]) for link in cast("list[Json]", row["chain"]))
        case "quote":
            return _member(row, "quote", "exact")
        case _:
            return row.get(name)


def _member(row: Json, within: str, name: str) -> object:
    whole = row.get(within)
    return cast("Json", whole).get(name) if isinstance(whole, dict) else None


def _told(value: object) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(str(one) for one in cast("list[object]", value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {one}" for name, one in cast("Json", value).items() if name != "sha256")
    return str(value)
