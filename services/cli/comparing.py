"""An engineer sees on the terminal where two policies differ on the same facts, and how often in which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import typer

from services.cli import words
from services.cli.asking import AsJson, AsOf, Tz, ValidAt, Without, full_question, outcome_words
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

Json = dict[str, object]


def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="POLICY", help="A policy, such as desk/1.")],
    second: Annotated[str, typer.Argument(metavar="POLICY", help="The other one.")],
    story: Annotated[str | None, typer.Option(help="Only the questions that this story follows.")] = None,
    aspect: Annotated[str | None, typer.Option(help="Only questions of this aspect.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="How many differences to list.")] = 100,
    valid_at: ValidAt = None,
    as_of: AsOf = None,
    tz: Tz = None,
    without: Without = None,
    as_json: AsJson = False,
) -> None:
    """Tell on which questions two policies differ, and why."""
    from services.comparison import Compared
    from services.cuts import Query

    with open_room(context) as room:
        query = Query(as_of, valid_at, tz, first, tuple(without or ()), caught_up(room))
        answer = room.comparison.compare(first, second, Compared(aspect, story, limit), query)
    if as_json:
        print_json(answer.body)
        return
    body = visible(answer.body)
    out = console()
    differing = cast("int", body["differing"])
    asked = words.counted(cast("int", body["questions"]), "question")
    print_paragraph(out, f"{first} and {second} differ on {differing} of {asked}.", style="bold")
    for axis, counted in cast("Mapping[str, Mapping[str, int]]", body["counts"]).items():
        if counted:
            told = ", ".join(f"{change} {times} times" for change, times in counted.items())
            print_paragraph(out, f"{axis.capitalize()}: {told}.")
    rows = cast("Sequence[Json]", body["differences"])
    if rows:
        print_table(out, ("Question", first, second), [_row(row, first, second) for row in rows])
    if len(rows) < differing:
        print_paragraph(out, f"{differing - len(rows)} more are not listed; --limit lists more.")


def _row(row: Json, first: str, second: str) -> Sequence[str]:
    under = cast("Mapping[str, Json]", row["under"])
    return full_question(row), outcome_words(under[first]), outcome_words(under[second])
