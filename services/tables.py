"""A table of statements becomes lines by a mapping that is itself a line, with the names of columns where cells go.

A mapping is JSON: `lines` holds one template for each line that a row gives, in order; `cells` translates what stands
in a column; `delimiter` is that of the table. In a template `{place}` stands for the cell of the column `place`,
`{place|slug}` for it as a slug, `{dead|int}` and `{lat|number}` (alone in their text) for a number. A member all of
whose cells are empty is left out, and so is whatever is left with nothing in it.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, cast

from pydantic import Field, JsonValue, ValidationError

from domain.malformed import problems_of
from domain.refusals import Malformed, Problem, pointer
from domain.strict_json import read_object
from domain.values import Fact
from services.imports import Json, import_lines
from services.ledger import Ledger

LONGEST_CELL = 1_000_000
"""Code points of a cell at most."""
_CELL = re.compile(r"\{([^{}|]+)(?:\|(slug|int|number|lower))?\}")
_NUMBERS: Mapping[str, tuple[re.Pattern[str], type[int] | type[float], str]] = {
    "int": (re.compile(r"-?[0-9]{1,30}"), int, "a whole number"),
    "number": (re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?"), float, "a number such as 36.2"),
}
_REASON = "refused because"
Cells = Mapping[str, str]
Place = tuple[int | str, ...]


class TableMapping(Fact):
    """How a row becomes lines; see the module."""

    lines: Annotated[tuple[dict[str, JsonValue], ...], Field(min_length=1, max_length=20)]
    cells: dict[str, dict[str, str]] = {}
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","


class NotACell(Malformed):
    """A cell cannot become what the mapping wants of it."""

    kind = "unreadable-cell"
    title = "A cell of the table cannot be read as the mapping says."


class NoSuchColumn(Malformed):
    """The mapping names a column that the table does not have."""

    kind = "unknown-column"
    title = "The table lacks a column that the mapping names."


def read_mapping(text: bytes) -> TableMapping:
    """Read a mapping; raises Malformed with every problem."""
    whole, members = read_object(text)
    try:
        return TableMapping.model_validate_json(whole)
    except ValidationError as error:
        raise Malformed(*problems_of(error, members)) from None


@dataclass(slots=True)
class Row:
    """A row of the table, and the line of the file in which it ends."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """A table that is read once, row by row, through its mapping."""

    mapping: TableMapping
    columns: list[str] = field(default_factory=list[str])
    under_way: deque[tuple[int, Row]] = field(default_factory=deque[tuple[int, Row]])

    def import_rows(self, ledger: Ledger, text: Iterable[str], by: str | None = None) -> Iterator[Json]:
        """Record the rows in order, by whom is told, and yield the report of `import_lines`, told by row.

        What is refused comes with `line` (of the table's file), `row` (its cells) and, in `errors`, with the `columns`
        that a problem comes from. A line that a former row gave already, word for word, is given once.
        Raises NoSuchColumn, Malformed if this is no table, and StoreUnavailable.
        """
        for report in import_lines(ledger, self._lines(text), by):
            if report["report"] == "refused":
                yield self._told(report)
                continue
            self._forget((int(str(report["lines"])) - 1) // len(self.mapping.lines))
            yield {**report, "rows": int(str(report["lines"])) // len(self.mapping.lines)}

    def _lines(self, text: Iterable[str]) -> Iterator[bytes | Malformed]:
        seen: set[bytes] = set()
        for number, row in enumerate(self._rows(text)):
            self.under_way.append((number, row))
            for template in self.mapping.lines:
                line = _line(template, row.cells, self.mapping.cells)
                if isinstance(line, bytes) and template.get("type", "claim") != "claim":
                    # Registry entries come again with every row; an empty line keeps the count.
                    line, known = (b"", line) if line in seen else (line, line)
                    seen.add(known)
                yield line

    def _rows(self, text: Iterable[str]) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_CELL)
        reader = csv.DictReader(text, delimiter=self.mapping.delimiter, strict=True, restval="")
        try:
            self.columns = [name for name in reader.fieldnames or () if name != _REASON]
            _require_columns(self.mapping, self.columns)
            for cells in reader:
                if None in cells:
                    raise csv.Error("a row has more cells than there are columns")
                yield Row(reader.line_num, {name: cells[name].strip() for name in self.columns})
        except (csv.Error, UnicodeDecodeError) as error:
            raise Malformed(Problem("", f"line {reader.line_num + 1}: {error}", "CSV in UTF-8")) from None

    def _told(self, report: Json) -> Json:
        number, template = divmod(int(str(report["line"])) - 1, len(self.mapping.lines))
        self._forget(number)
        row = self.under_way[0][1]
        errors = [
            {**one, "columns": _columns_at(self.mapping.lines[template], str(one["pointer"]))}
            for one in cast("list[Json]", report["errors"])
        ]
        return {**report, "line": row.line, "row": row.cells, "errors": errors}

    def _forget(self, before: int) -> None:
        while self.under_way and self.under_way[0][0] < before:
            self.under_way.popleft()


def refused_row(report: Json) -> dict[str, str]:
    """Return a refused row with the reason in a column of its own, which the next import of it passes over."""
    errors = cast("list[Json]", report["errors"])
    reasons = [": ".join([*cast("list[str]", one["columns"])[:1], str(one["said"])]) for one in errors]
    return {**cast("Cells", report["row"]), _REASON: "; ".join(reasons) or str(report["detail"])}


def _line(template: JsonValue, cells: Cells, translated: Mapping[str, Cells]) -> bytes | Malformed:
    problems: list[Problem] = []
    filled = _filled(template, _Filling(cells, translated, problems), ())
    if problems:
        return NotACell(*problems)
    return b"" if filled is None else json.dumps(filled, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class _Filling:
    cells: Cells
    translated: Mapping[str, Cells]
    problems: list[Problem]


def _filled(template: JsonValue, filling: _Filling, at: Place) -> JsonValue:
    """Return the template with the row's cells; None for what has nothing in it."""
    if isinstance(template, str):
        return _text(template, filling, at)
    if isinstance(template, list):
        found = [_filled(one, filling, (*at, n)) for n, one in enumerate(template)]
        kept_ones: list[JsonValue] = [one for one in found if one is not None]
        return kept_ones or None
    if isinstance(template, dict):
        members = {name: _filled(one, filling, (*at, name)) for name, one in template.items()}
        kept: dict[str, JsonValue] = {name: value for name, value in members.items() if value is not None}
        return kept if kept and (not _named(template) or _named_and_full(template, kept)) else None
    return template


def _named(template: JsonValue) -> bool:
    return any(True for _ in _columns(template))


def _named_and_full(template: dict[str, JsonValue], kept: Mapping[str, JsonValue]) -> bool:
    """Tell whether some member with a column in it is left: what stands there always says nothing by itself."""
    return any(name in kept for name, one in template.items() if _named(one))


def _text(template: str, filling: _Filling, at: Place) -> JsonValue:
    marks = list(_CELL.finditer(template))
    if not marks:
        return template
    found = [_cell(mark, filling) for mark in marks]
    if not any(found):
        return None
    if marks[0][2] in _NUMBERS and marks[0][0] == template:
        form, make, expected = _NUMBERS[marks[0][2]]
        if form.fullmatch(found[0]):
            return make(found[0])
        filling.problems.append(Problem(pointer(*at), f"{found[0][:40]!r} is no number", expected))
        return None
    waiting = iter(found)
    return _CELL.sub(lambda _: next(waiting), template)


def _cell(mark: re.Match[str], filling: _Filling) -> str:
    said = filling.cells.get(mark[1], "")
    said = filling.translated.get(mark[1], {}).get(said, said)
    if mark[2] == "slug":
        plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return said.lower() if mark[2] == "lower" else said


def _columns(template: JsonValue) -> Iterator[str]:
    if isinstance(template, str):
        yield from (mark[1] for mark in _CELL.finditer(template))
    elif isinstance(template, list):
        for one in template:
            yield from _columns(one)
    elif isinstance(template, dict):
        for one in template.values():
            yield from _columns(one)


def _require_columns(mapping: TableMapping, columns: Sequence[str]) -> None:
    missing = dict.fromkeys(name for template in mapping.lines for name in _columns(template) if name not in columns)
    if missing:
        known = f"one of {', '.join(columns)}" if columns else "a first line that names the columns"
        raise NoSuchColumn(*(Problem("", f"there is no column {name!r}", known) for name in missing))


def _columns_at(template: JsonValue, place: str) -> list[str]:
    """Return the columns that what stands at a JSON pointer is made of; none for what the template does not have."""
    for step in place.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(template, dict):
            template = template.get(name)
        elif isinstance(template, list) and step.isdecimal() and int(step) < len(template):
            template = template[int(step)]
    return list(dict.fromkeys(_columns(template))) if place else []
