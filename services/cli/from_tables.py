"""A newsroom's own tables come in through a mapping, and what is refused goes back as a table that can be mended."""

from __future__ import annotations

import csv
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from services import words
from services.access.callers import at_the_terminal
from services.cli.failures import Failed, problem_line
from services.cli.files import Files
from services.cli.progress import Counting
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_line, print_paragraph, visible

if TYPE_CHECKING:
    from services.tables import Table

Json = dict[str, object]


def import_table(context: typer.Context, reading: Files, mapped: Path, refused: Path | None, *, as_json: bool) -> None:
    """Record the rows of a table as its mapping says; exits with 1 if one was refused."""
    from services.tables import Table, read_mapping

    try:
        table = Table(read_mapping(mapped.read_bytes()))
    except OSError as error:
        raise Failed(f"{mapped} cannot be read: {error.strerror or error}") from error
    began = time.monotonic()
    done: Json = {}
    with open_room(context) as room, Counting("Importing", reading.size) as counting, _kept(refused, table) as keep:
        for report in table.import_rows(room.ledger, _text(reading, counting), at_the_terminal().by):
            if report["report"] == "refused":
                keep.add(report)
                _tell(report, reading, counting, as_json=as_json)
            elif report["report"] == "done":
                done = report
            elif as_json:
                print_line(report)
        caught_up(room)
    if as_json:
        print_line(done)
    else:
        print_paragraph(console(), _summary(done, keep.rows, time.monotonic() - began, refused))
    if done["refused"]:
        raise typer.Exit(1)


def _text(reading: Files, counting: Counting) -> Iterator[str]:
    for number, line in enumerate(reading.lines(), 1):
        yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        if number % 100 == 0:
            counting.reach(reading.read, said=words.counted(number, "line"))


class _Keeping:
    """Writes each refused row once, however many of its lines were refused."""

    def __init__(self, path: Path | None, table: Table) -> None:
        self.rows = 0
        self._path = path
        self._table = table
        self._last: object = None
        self._file = None if path is None else path.open("w", encoding="utf-8", newline="")
        self._writer: csv.DictWriter[str] | None = None

    def add(self, report: Json) -> None:
        """Take a refused row in."""
        from services.tables import refused_row

        if report["line"] == self._last:
            return
        self._last = report["line"]
        self.rows += 1
        if self._file is not None:
            row = refused_row(report)
            if self._writer is None:
                self._writer = csv.DictWriter(self._file, list(row), delimiter=self._table.mapping.delimiter)
                self._writer.writeheader()
            self._writer.writerow(row)

    def close(self) -> None:
        """Leave no file where nothing was refused."""
        if self._file is not None and self._path is not None:
            self._file.close()
            if not self.rows:
                self._path.unlink()


@contextmanager
def _kept(path: Path | None, table: Table) -> Generator[_Keeping, None, None]:
    try:
        keeping = _Keeping(path, table)
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror or error}") from error
    try:
        yield keeping
    finally:
        keeping.close()


def _tell(report: Json, reading: Files, counting: Counting, *, as_json: bool) -> None:
    name, _ = reading.place(1)
    if as_json:
        print_line({**report, "file": name})
        return
    problems = cast("Sequence[Mapping[str, object]]", visible(report)["errors"])
    told = [
        f"{', '.join(cast('list[str]', one['columns']))}: "
        f"{problem_line(one['pointer'], one['said'], one['expected'])}".removeprefix(": ")
        for one in problems
    ]
    counting.tell(f"{name}:{report['line']}: {' '.join(told) or visible(str(report['detail']))}")


def _summary(done: Json, rows: int, seconds: float, refused: Path | None) -> str:
    accepted, duplicates = (cast("int", done[name]) for name in ("accepted", "duplicates"))
    told = [
        f"{words.counted(cast('int', done['rows']), 'row')} read: {words.counted(accepted, 'line')} recorded",
        words.counted(duplicates, "duplicate"),
        f"{words.counted(rows, 'row')} refused",
    ]
    kept = f" The refused rows are in {refused}." if rows and refused else ""
    return f"{', '.join(told)}, in {seconds:.1f} s.{kept}"
