"""An engineer sees on the terminal where two policies or two pictures differ, why, and how often in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services import words
from services.cli.asking import AsJson, AsOf, Tz, ValidAt, Without, full_question, outcome_words
from services.cli.progress import Counting
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from services.comparison import ComparedPage
    from services.cuts import Answer

Json = dict[str, object]
Tables = dict[str, dict[str, dict[str, int]]]
Compared = Annotated[
    str,
    typer.Argument(
        metavar="POLICY|PROJECTION",
        help="A policy such as desk/1, or a projection: a what-if by its name, picture, retired_picture.",
    ),
]


def compare(
    context: typer.Context,
    first: Compared,
    second: Compared,
    story: Annotated[str | None, typer.Option(help="Only the questions that this story follows.")] = None,
    aspect: Annotated[str | None, typer.Option(help="Only questions of this aspect.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="How many differences to list.")] = 100,
    valid_at: ValidAt = None,
    as_of: AsOf = None,
    tz: Tz = None,
    without: Without = None,
    as_json: AsJson = False,
) -> None:
    """Tell on which questions two policies or projections differ, why, and how often in which way."""
    from services.comparison import Compared, side_named
    from services.cuts import Query

    with open_room(context) as room:
        query = Query(as_of, valid_at, tz, None, tuple(without or ()), caught_up(room))
        compared = Compared(aspect, story, limit=min(limit, 1_000))
        found = room.comparison.pages(side_named(first), side_named(second), compared, query)
        body = _gathered(found, limit)
    if as_json:
        print_json(body)
    else:
        _show(visible(body), first, second)


def _gathered(pages: Iterator[Answer[ComparedPage]], limit: int) -> Json:
    """Return one body of many pages, with no more differences than are wanted."""
    first = next(pages)
    body: Json = {"position": first.position, **first.body.body}
    rows = cast("list[Json]", body["differences"])
    with Counting("Comparing", None) as counting:
        while (not body["whole"] or len(rows) < min(limit, cast("int", body["differing"]))) and (
            page := next(pages, None)
        ):
            rows += cast("list[Json]", page.body.body["differences"])[: limit - len(rows)]
            if not body["whole"]:
                _add(body, page.body.body)
                counting.reach(cast("int", body["judged"]))
    return {**body, "whole": True}


def _add(body: Json, more: Json) -> None:
    for name in ("judged", "questions", "differing"):
        body[name] = cast("int", body[name] or 0) + cast("int", more[name] or 0)
    tables = cast("Tables", body["counts"])
    for name, table in cast("Tables", more["counts"]).items():
        for one, others in table.items():
            tables[name][one] = dict(Counter(tables[name].get(one, {})) + Counter(others))


def _show(body: Json, first: str, second: str) -> None:
    out = console()
    differing = cast("int", body["differing"])
    asked = words.counted(cast("int", body["questions"]), "question")
    positions = [cast("Json", body[side])["position"] for side in ("first", "second")]
    known = (
        f"position {positions[0]}" if positions[0] == positions[1] else f"positions {positions[0]} and {positions[1]}"
    )
    print_paragraph(out, f"{first} and {second} differ on {differing} of {asked}, as known at {known}.", style="bold")
    for axis, table in cast("Tables", body["counts"]).items():
        columns = sorted({other for others in table.values() for other in others})
        if table:
            rows = [(one, *(str(others.get(other, "")) for other in columns)) for one, others in table.items()]
            print_table(out, (f"{axis.capitalize()}: {first} \\ {second}", *columns), rows, numbers=columns)
    listed = cast("Sequence[Json]", body["differences"])
    if listed:
        print_table(out, ("Question", first, second, "Because of"), [_row(row) for row in listed])
    if len(listed) < differing:
        print_paragraph(out, f"{differing - len(listed)} more are not listed; --limit lists more.")


def _row(row: Json) -> Sequence[str]:
    first, second = (cast("Json", row[side]) for side in ("first", "second"))
    return full_question(row), outcome_words(first), outcome_words(second), _because(first, second)


def _because(first: Json, second: Json) -> str:
    """Return the rules where they differ, and who is heard in one alone."""
    rules = [str(side["rule"]) for side in (first, second)]
    told = [" / ".join(rules)] if rules[0] != rules[1] else []
    one, other = (_voices(side) for side in (first, second))
    for alone in (one - other, other - one):
        if alone:
            told.append(f"{'first' if alone <= one else 'second'} alone hears {words.listed(sorted(alone))}")
    return "; ".join(told) or f"{rules[0]}, heard otherwise"


def _voices(side: Json) -> set[str]:
    groups = cast("Sequence[Mapping[str, object]]", side["heard"])
    return {f"{', '.join(cast('Sequence[str]', group['sources']))} ({group['says']})" for group in groups}
