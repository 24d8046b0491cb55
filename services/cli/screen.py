"""What the ledger holds is shown as it is written: no text of a source can colour, move or rewrite the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO, TypeVar, cast

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

T = TypeVar("T")
_COLUMN = 12
"""Characters that a column of a table needs, or the table is told in blocks."""
_UNSEEN = 110
"""Width where no terminal says how wide it is."""
# Control characters drive a terminal; overrides of the direction of writing let a text pass for another one.
_OVERRIDES = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_DRIVING = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *_OVERRIDES), "\ufffd"),
    **{ord(blank): " " for blank in "\n\r\t"},
}


def console(stream: TextIO | None = None) -> Console:
    """Return a console that takes every text literally; colours only on a terminal, none with NO_COLOR."""
    file = stream or sys.stdout
    width = None if file.isatty() else shutil.get_terminal_size((_UNSEEN, 24)).columns
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def errors() -> Console:
    """Return the console for what is not the answer: refusals and progress."""
    return console(sys.stderr)


def visible(given: T) -> T:
    """Return the JSON value with whatever could drive a terminal made visible."""
    if isinstance(given, str):
        return cast("T", given.translate(_DRIVING))
    if isinstance(given, Mapping):
        named = cast("Mapping[str, object]", given)
        return cast("T", {visible(name): visible(value) for name, value in named.items()})
    if isinstance(given, list | tuple):
        return cast("T", [visible(value) for value in cast("Sequence[object]", given)])
    return given


def print_json(given: object) -> None:
    """Print one JSON document, on one line unless it is for eyes."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(given, ensure_ascii=False, indent=indent) + "\n")


def print_line(given: object) -> None:
    """Print one line of NDJSON, at once."""
    sys.stdout.write(json.dumps(given, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def print_paragraph(out: Console, text: str, indent: int = 0, style: str = "") -> None:
    """Print a paragraph that wraps within its indentation, which is halved on a narrow terminal."""
    margin = " " * (indent if out.width > 50 else indent // 2)
    for line in Text(text).wrap(out, max(out.width - len(margin), 10)):
        line.rstrip()
        out.print(Text(margin) + Text(line.plain, style=style), soft_wrap=True)


def print_table(
    out: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """Print a table without the columns that are empty; on a narrow terminal each row becomes a block of lines."""
    filled = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    heads = [columns[place] for place in filled]
    if out.width < _COLUMN * len(heads):
        _print_blocks(out, heads, [[row[place] for place in filled] for row in rows])
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for head in heads:
        right = head in numbers
        table.add_column(head, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[place]) for place in filled))
    out.print(table)


def _print_blocks(out: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for row in rows:
        print_paragraph(out, row[0])
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if cell:
                print_paragraph(out, f"{head.lower()}: {cell}", 4)
