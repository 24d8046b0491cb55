"""The ledger goes out as a file: whole or in part, as lines for another ledger or as a table for people."""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, cast

import typer

from services import words
from services.cli.failures import Failed
from services.cli.progress import Counting
from services.cli.rooms import caught_up, open_room
from services.cli.screen import errors, print_json, print_paragraph

if TYPE_CHECKING:
    from services.bootstrap import Newsroom
    from services.chosen import Chosen


def export(
    context: typer.Context,
    after: Annotated[int, typer.Option(min=0, help="Begin behind this position.")] = 0,
    since: Annotated[str | None, typer.Option(help="Only what was recorded after this RFC 3339 instant.")] = None,
    until: Annotated[str | None, typer.Option(help="Only what was recorded up to this RFC 3339 instant.")] = None,
    story: Annotated[str | None, typer.Option(help="Only claims of this story, with what became of them.")] = None,
    source: Annotated[str | None, typer.Option(help="Only what this source said.")] = None,
    location: Annotated[str | None, typer.Option(help="Only claims on this place and whatever is part of it.")] = None,
    valid_at: Annotated[
        str | None, typer.Option(help="Only claims whose valid time meets this EDTF date or interval, or instant.")
    ] = None,
    tz: Annotated[str | None, typer.Option(help="The zone in which a date of --valid-at is read; else UTC.")] = None,
    events: Annotated[
        bool, typer.Option("--events", help="As they are stored, for `replay --from-export`, and not for `import`.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="The claims as a table for people, and not for `import`.")
    ] = False,
    as_parquet: Annotated[
        bool,
        typer.Option("--parquet", help="As Parquet, into the folder --output; takes `pip install onrecord[parquet]`."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="File to write, packed if it ends in .gz; else standard output.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --output: tell what was written as JSON.")] = False,
) -> None:
    """Write the ledger as NDJSON, in the form in which `import` takes it in again.

    With --story, --source, --location or --valid-at the registry comes along whole, so that the lines can be imported
    elsewhere, and with a claim what became of it.
    """
    from services.chosen import Chosen

    chosen = Chosen(story, source, location, valid_at, tz)
    if events and (as_csv or as_parquet or not chosen.everything):
        raise typer.BadParameter("what a replay reads is whole", param_hint="--events")
    if as_parquet and (as_csv or output is None):
        raise typer.BadParameter("Parquet is a form of its own, and needs --output FOLDER", param_hint="--parquet")
    with open_room(context) as room:
        if after > (head := room.feed.head()):
            raise Failed(f"the ledger ends at position {head}, so there is nothing behind {after}")
        if as_csv or not chosen.everything:
            caught_up(room)
        first, last = room.feed.between(after, since, until)
        if as_parquet and output is not None:
            _write_parquet(room, (first, last), chosen, output, as_json=as_json)
            return
        lines = _counted(
            _lines(room, (first, last), chosen, events=events, as_csv=as_csv),
            last - first,
            shown=output is not None or not sys.stdout.isatty(),
        )
        if output is None:
            _write(lines, sys.stdout.buffer)
            return
        with _replaced(output) as file:
            number, digest = _write(lines, file)
    if as_json:
        print_json({"file": str(output), "lines": number, "position": last, "sha256": digest})
    else:
        print_paragraph(errors(), f"{words.counted(number, 'line')} written to {output}, up to position {last}.")


def _lines(room: Newsroom, between: tuple[int, int], chosen: Chosen, *, events: bool, as_csv: bool) -> Iterator[str]:
    from services.claim_table import claim_rows

    first, last = between
    if events:
        return room.feed.export_events(first, last)
    if as_csv:
        return claim_rows(room.claims, room.feed.claims(first, last, chosen), last)
    return room.feed.export(first, last, chosen)


def _counted(lines: Iterable[str], total: int, *, shown: bool) -> Iterator[str]:
    with Counting("Exporting", total, shown=shown) as counting:
        for number, line in enumerate(lines, 1):
            yield line
            if number % 100 == 0:
                counting.reach(number)


def _write(lines: Iterable[str], file: IO[bytes]) -> tuple[int, str]:
    """Write the lines; return how many, and the SHA-256 of all of them as they are before packing."""
    number = 0
    digest = hashlib.sha256()
    for line in lines:
        written = line.encode() + b"\n"
        digest.update(written)
        file.write(written)
        number += 1
    file.flush()
    return number, digest.hexdigest()


def _write_parquet(room: Newsroom, between: tuple[int, int], chosen: Chosen, output: Path, *, as_json: bool) -> None:
    from services.parquet import NoParquet, write_parquet

    first, last = between
    number = 0
    try:
        with Counting("Exporting", last - first) as counting:
            for number in write_parquet(room.feed, room.feed.pages(first, last, chosen), output):
                counting.reach(number)
    except NoParquet as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"{output} cannot be written: {error.strerror or error}") from error
    if as_json:
        print_json({"folder": str(output), "rows": number, "position": last})
    else:
        print_paragraph(errors(), f"{words.counted(number, 'row')} written to {output}, up to position {last}.")


@contextmanager
def _replaced(output: Path) -> Generator[IO[bytes], None, None]:
    """Lend a file that takes the output's place when it is whole; raises Failed if it cannot be written."""
    draft = output.with_name(f".{output.name}.part")
    try:
        with draft.open("wb") as raw:
            if output.suffix == ".gz":
                # The same ledger gives the same bytes, whatever the hour.
                with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
                    yield cast("IO[bytes]", packed)
            else:
                yield raw
        draft.replace(output)
    except OSError as error:
        raise Failed(f"{output} cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
