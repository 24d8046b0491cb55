"""People read claims as a table: one row a claim, with what became of it, in any program that opens CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import cast

from services.claims import Claims
from services.cuts import Query
from services.shown import Json
from services.store.asking import Search

PAGE = 1_000
COLUMNS = (
    "position", "status", "ended_because", "id", "key", "story", "location", "aspect", "subject", "polarity", "value",
    "min", "max", "unit", "verbatim", "facets", "modality", "hedged", "source", "chain", "basis", "valid",
    "valid_words", "stated", "published", "tz", "statement", "quote", "tags",
)  # fmt: skip


def claim_rows(claims: Claims, search: Search, after: int, upto: int) -> Iterator[str]:
    """Yield the table's lines: its head, then the claims recorded behind `after` up to `upto`, as known at `upto`.

    Read page by page, so that memory does not grow with the ledger. A cell that a spreadsheet would run as a formula is
    given an apostrophe in front.
    """
    yield _line(COLUMNS)
    place: int | None = after
    while place is not None:
        page = claims.search(search, place, PAGE, Query(as_of=str(upto), at_least=upto)).body
        for row in page.rows:
            yield _line([_cell(row, name) for name in COLUMNS])
        place = page.next if isinstance(page.next, int) else None


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
