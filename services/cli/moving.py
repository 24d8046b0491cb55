"""A ledger's lines come in from files, and every line that is refused is named with its reason."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services import words
from services.access.callers import at_the_terminal
from services.cli.failures import problem_line
from services.cli.files import STDIN, Files
from services.cli.from_tables import import_table
from services.cli.progress import Counting
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_line, print_paragraph, visible

if TYPE_CHECKING:
    from services.bootstrap import Newsroom

Json = dict[str, object]


def import_files(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="NDJSON, gzip or not; - is standard input.")],
    atomic: Annotated[bool, typer.Option("--atomic", help="Record all lines of all files, or none.")] = False,
    mapped: Annotated[
        Path | None, typer.Option("--map", help="The files are CSV, and this JSON says which column is what.")
    ] = None,
    refused: Annotated[
        Path | None, typer.Option(help="With --map: write refused rows as CSV here, to be mended and sent again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as NDJSON: refused, progress, done.")] = False,
) -> None:
    """Record the lines of files and folders: registry entries, claims and later events, in any mix.

    A line sent twice is a duplicate, so an import that was broken off is simply run again. Exits with 1 if a line was
    refused.
    """
    from services.imports import MAX_LINE

    _refuse_what_does_not_go_together(files, mapped, refused, atomic=atomic)
    reading = Files(files, MAX_LINE, twice=atomic)
    if mapped is not None:
        import_table(context, reading, mapped, refused, as_json=as_json)
        return
    done: Json = {}
    with open_room(context) as room:
        began = time.monotonic()
        with Counting("Importing", reading.size) as counting:
            for row in _report(room, reading, counting, atomic=atomic):
                if row["report"] == "done":
                    done = row
                elif row["report"] == "refused":
                    _tell_refused(row, reading, counting, as_json=as_json)
                elif as_json:
                    print_line(row)
        seconds = time.monotonic() - began
        caught_up(room)
    if as_json:
        print_line(done)
    else:
        print_paragraph(console(), _summary(done, seconds, atomic=atomic))
    if done["refused"]:
        raise typer.Exit(1)


def _refuse_what_does_not_go_together(
    files: Sequence[str], mapped: Path | None, refused: Path | None, *, atomic: bool
) -> None:
    if files.count(STDIN) > 1:
        raise typer.BadParameter("standard input can be read once only", param_hint="FILE…")
    if mapped is None and refused is not None:
        raise typer.BadParameter("only rows of a table can be written there", param_hint="--refused")
    if mapped is not None and (atomic or len(files) > 1):
        raise typer.BadParameter("one table at a time, and not all or nothing", param_hint="--map")


def _report(room: Newsroom, reading: Files, counting: Counting, *, atomic: bool) -> Iterator[Json]:
    from services.imports import import_all_or_nothing, import_lines

    def watched() -> Iterator[bytes]:
        for number, line in enumerate(reading.lines(), 1):
            yield line
            if number % 100 == 0:
                counting.reach(reading.read, said=words.counted(number, "line"))

    if atomic:
        yield from import_all_or_nothing(room.ledger, watched, at_the_terminal().by)
    else:
        yield from import_lines(room.ledger, watched(), at_the_terminal().by)


def _tell_refused(row: Json, reading: Files, counting: Counting, *, as_json: bool) -> None:
    name, number = reading.place(cast("int", row["line"]))
    if as_json:
        print_line({**row, "file": name, "line": number})
        return
    problems = cast("Sequence[Mapping[str, object]]", visible(row)["errors"])
    told = [problem_line(one["pointer"], one["said"], one["expected"]) for one in problems]
    counting.tell(f"{name}:{number}: {' '.join(told) or visible(str(row['detail']))}")


def _summary(done: Json, seconds: float, *, atomic: bool) -> str:
    accepted, duplicates, refused = (cast("int", done[name]) for name in ("accepted", "duplicates", "refused"))
    if atomic and refused:
        return f"Nothing was recorded: {words.counted(refused, 'line')} of {done['lines']:,} refused."
    told = [
        f"{words.counted(accepted, 'line')} recorded",
        words.counted(duplicates, "duplicate"),
        f"{refused:,} refused",
    ]
    rate = f" ({accepted / seconds:,.0f} a second)" if accepted >= 1_000 else ""
    return f"{', '.join(told)}, in {seconds:.1f} s{rate}. The last of them stands at position {done['position']}."
