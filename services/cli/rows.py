"""What a projection keeps is shown as it is stored, a line for each key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from services.cli.rooms import caught_up
from services.cli.screen import console, print_line, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.bootstrap import Newsroom

Json = dict[str, object]
_PAGE = 1_000


def show_rows(room: Newsroom, name: str, *, key: str | None, as_of: str | None, limit: int, as_json: bool) -> None:
    """Print at most `limit` rows of a projection. Raises what `Rows.rows` raises."""
    caught_up(room)
    rows = _rows(room, name, key, as_of, limit)
    if as_json:
        for row in rows:
            print_line(row)
        return
    shown = [(str(row["key"]), f"{row['since']:,}", json.dumps(row["state"], ensure_ascii=False)) for row in rows]
    if not shown:
        print_paragraph(console(), f"{name} keeps no rows there.")
        return
    print_table(console(), ("Key", "Since", "State"), visible(shown), numbers=("Since",))


def _rows(room: Newsroom, name: str, key: str | None, as_of: str | None, limit: int) -> Iterator[Json]:
    from services.cuts import Query

    after = ""
    while limit > 0:
        answer = room.rows.rows(name, Query(as_of), key=key, after=after, limit=min(limit, _PAGE))
        yield from answer.body.rows
        limit -= len(answer.body.rows)
        # Whoever pages through what goes on meanwhile stays at one position.
        as_of = str(answer.position)
        if answer.body.next is None:
            return
        after = cast("str", answer.body.next)
