"""The ledger goes out as Parquet for whoever reckons with it: one row an event, a folder for each million positions.

It takes the package `pyarrow`, which comes with `pip install onrecord[parquet]` and not without. `SCHEMA` says what
each column holds. The folders are named as Hive names them (`first=1`, `first=1000001`), so that readers skip what they
are not asked for; `first` is the first position that may lie in a folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from importlib import import_module
from itertools import groupby, islice
from pathlib import Path
from typing import Any, cast

from domain.claims import Claim
from domain.events import (
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    Recorded,
    RelationAsserted,
    stream_of,
)
from domain.times import read
from services.feed import Feed

Row = dict[str, object]
PARTITION = 1_000_000
"""Positions in one folder."""
ROWS = 10_000
"""Rows that are packed together, and the most that are in memory."""
SCHEMA: tuple[tuple[str, str, str], ...] = (
    ("position", "int64", "the place in the ledger"),
    ("recorded", "time", "when it was recorded"),
    ("recorded_by", "name", "who recorded it, not who said it: a key, an account, or `open`"),
    ("type", "name", "the stored name, such as claim-recorded.v1"),
    ("stream", "text", "what it is about: claim/ID, source/SLUG and so on"),
    ("claim", "text", "the claim that it brings, ends, corrects or relates"),
    ("replacement", "text", "the claim that a correction brings"),
    ("story", "names", "the stories of the claim that it brings, which all that follows is about, too"),
    ("location", "name", ""),
    ("aspect", "name", ""),
    ("subject", "name", ""),
    ("source", "name", "who says it: the first of the chain"),
    ("publisher", "name", "who published it: the last of the chain"),
    ("polarity", "name", "asserts or denies"),
    ("modality", "name", ""),
    ("value", "name", ""),
    ("quantity_min", "text", "a whole or decimal number, exactly as given"),
    ("quantity_max", "text", ""),
    ("quantity_unit", "name", ""),
    ("valid", "text", "EDTF, as given"),
    ("valid_from", "time", "the bounds of that, as written: the aspect decides how long a state goes on"),
    ("valid_to", "time", "exclusive"),
    ("stated", "text", "EDTF, as given"),
    ("published", "text", "EDTF, as given"),
    ("line", "text", "the event in the form in which an import takes it"),
)
"""Name, kind and meaning of the columns. A `time` has microseconds and is in UTC; a `name` is packed as a dictionary;
`names` is a list of texts. What an event does not have is null."""


class NoParquet(Exception):
    """Parquet cannot be written here; the text says what is missing or in the way."""


def arrow() -> tuple[Any, Any]:
    """Return pyarrow and its Parquet module; raises NoParquet if they are not installed."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        said = "Parquet takes the package pyarrow, which is not installed; `pip install 'onrecord[parquet]'` brings it"
        raise NoParquet(said) from error


def schema() -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return the schema as pyarrow has it; raises NoParquet."""
    pa, _ = arrow()
    kinds = {
        "int64": pa.int64(),
        "text": pa.string(),
        "name": pa.dictionary(pa.int32(), pa.string()),
        "names": pa.list_(pa.string()),
        "time": pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(column, kinds[kind], nullable=column != "position") for column, kind, _ in SCHEMA])


def write_parquet(feed: Feed, pages: Iterable[Sequence[Recorded]], folder: Path) -> Generator[int]:
    """Write the events of these pages, and yield now and then how many; memory does not grow with them.

    The folder is there when all of it is, and not before. Raises NoParquet if it is there already and not empty, or if
    pyarrow is not installed, and OSError if it cannot be written.
    """
    arrow()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NoParquet(f"{folder} is there already; Parquet is written to a folder of its own")
    draft = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        written = 0
        rows = (row for page in pages for row in _rows(page, feed.lines(page)))
        for first, some in groupby(rows, _first):
            for many in _into(draft / f"first={first}", some):
                written += many
                yield written
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _first(row: Row) -> int:
    """Return the first position of the row's folder."""
    position = cast("int", row["position"])
    return (position - 1) // PARTITION * PARTITION + 1


def _into(folder: Path, rows: Iterator[Row]) -> Iterator[int]:
    """Write a folder's rows, some at a time, and yield how many these were."""
    pa, parquet = arrow()
    shape = schema()
    folder.mkdir()
    with parquet.ParquetWriter(folder / "events.parquet", shape, compression="zstd") as writer:
        while some := list(islice(rows, ROWS)):
            writer.write_table(pa.Table.from_pylist(some, schema=shape))
            yield len(some)


def _rows(page: Sequence[Recorded], lines: Sequence[str]) -> Iterator[Row]:
    for recorded, line in zip(page, lines, strict=True):
        event = recorded.event
        row: Row = {
            "position": recorded.position,
            "recorded": recorded.recorded,
            "recorded_by": recorded.by,
            "type": event.type,
            "stream": stream_of(event),
            "line": line,
        }
        if isinstance(event, ClaimRecorded):
            row |= {"claim": event.claim.id, **_columns(event.claim)}
        elif isinstance(event, ClaimCorrected):
            row |= {"claim": event.claim, "replacement": event.replacement.id, **_columns(event.replacement)}
        elif isinstance(event, ClaimWithdrawn | ClaimVoided | RelationAsserted):
            row["claim"] = event.claim
        yield row


def _columns(claim: Claim) -> Row:
    valid = read(claim.valid.edtf, claim.tz).interval
    quantity = claim.quantity
    return {
        "story": list(claim.story),
        "location": claim.question.location,
        "aspect": claim.question.aspect,
        "subject": claim.question.subject,
        "source": claim.source,
        "publisher": claim.chain[-1].source,
        "polarity": claim.polarity,
        "modality": claim.modality,
        "value": claim.value,
        "quantity_min": None if quantity is None or quantity.min is None else str(quantity.min),
        "quantity_max": None if quantity is None or quantity.max is None else str(quantity.max),
        "quantity_unit": quantity and quantity.unit,
        "valid": claim.valid.edtf,
        "valid_from": valid.start,
        "valid_to": valid.end,
        "stated": claim.stated and claim.stated.edtf,
        "published": claim.published and claim.published.edtf,
    }
