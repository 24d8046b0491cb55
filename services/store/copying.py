"""Rows go to COPY as lines of text made here, since asking the driver about each value costs more than the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from services.folding import Row, RowsRefused

_ROWS = 500
"""Rows sent together: enough to make a message of the network worth while, few enough to be at hand in the cache."""
_NULL = "\\N"


def lines(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[bytes]:
    """Yield the rows as COPY reads them: key, since, until, state, and then these columns.

    Raises RowsRefused for a row with other columns, or with a value that no column can hold.
    """
    wanted = frozenset(columns)
    for begin in range(0, len(rows), _ROWS):
        some = rows[begin : begin + _ROWS]
        try:
            yield "".join([_line(row, columns, wanted) for row in some]).encode()
        except UnicodeEncodeError as error:
            raise RowsRefused(f"a row holds half of a surrogate pair: {error}") from error


def _line(row: Row, columns: Sequence[str], wanted: frozenset[str]) -> str:
    given = row.columns
    if frozenset(given) != wanted:
        raise RowsRefused(f"the table has the columns {list(columns)}, and a row has {sorted(given)}")
    until = _NULL if row.until is None else row.until
    opening = f"{_text(row.key)}\t{row.since}\t{until}\t{_text(row.state)}"
    try:
        return "\t".join([opening, *[_WRITTEN[type(value := given[name])](value) for name in columns]]) + "\n"
    except KeyError:
        kinds = {name: type(value).__name__ for name, value in given.items()}
        raise RowsRefused(f"a column is text, a number, an instant or several texts, not one of {kinds}") from None


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _null(_: None) -> str:
    return _NULL


@lru_cache(maxsize=4096)
def _instant(moment: datetime) -> str:
    return moment.isoformat()


@lru_cache(maxsize=4096)
def _texts(texts: tuple[str, ...]) -> str:
    quoted = ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]
    return _text("{" + ",".join(quoted) + "}")


_WRITTEN: dict[type[object], Callable[[Any], str]] = {
    str: _text,
    int: int.__str__,
    datetime: _instant,
    tuple: _texts,
    type(None): _null,
}
