"""A desk sees on the terminal which editions are affected by what came after them, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, cast

import typer

from services import words
from services.cli.asking import AsJson, AsOf, full_question, outcome_words, source_of
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

Json = dict[str, object]


def editions(
    context: typer.Context,
    story: Annotated[str | None, typer.Argument(metavar="STORY", help="Only of this story.")] = None,
    affected: Annotated[bool, typer.Option("--affected", help="Only those affected, the most urgent first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many to list.")] = 100,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the editions of all stories; with --affected, those that rely on what has changed since."""
    from services.cuts import Query
    from services.editions import WantedEditions

    with open_room(context) as room:
        query = Query(as_of, at_least=caught_up(room))
        answer = room.editions.editions(WantedEditions(story, affected), "", limit, query)
    if as_json:
        print_json({**source_of(answer), "editions": answer.body.rows})
        return
    out = console()
    rows = visible(answer.body.rows)
    told = f"{words.counted(len(rows), 'edition')}{' affected' if affected else ''}"
    print_paragraph(out, f"{told}, as known at position {answer.position}", style="bold")
    if rows:
        columns = ("Edition", "Title", "Since", "Urgency", "Because of", "Corrected by")
        print_table(out, columns, [_row(one) for one in rows])
    if answer.body.next is not None:
        print_paragraph(out, "There are more; --limit lists more.")


def _row(row: Json) -> Sequence[str]:
    affected = cast("Json", row["affected"])
    corrections = cast("Sequence[Json]", row["corrected_by"])
    return (
        f"{row['story']}/{row['number']}",
        str(row["title"]),
        str(affected["since"] or ""),
        str(affected["urgency"] or ""),
        "; ".join(_reasons(affected)),
        ", ".join(str(one["number"]) for one in corrections),
    )


def _reasons(affected: Json) -> list[str]:
    beliefs: list[str] = []
    for row in cast("Sequence[Json]", affected["beliefs"]):
        before, after = (outcome_words(cast("Json", row[end])) for end in ("before", "after"))
        causes = [words.cause(one) for one in cast("Sequence[Json]", row["because"])[-2:]]
        beliefs.append(f"{full_question(row)} was {before} and is {after} ({'; '.join(causes)})")
    ended = [
        f"{row['status']}: {words.cause(cast('Json', row['because']))}"
        for row in cast("Sequence[Json]", affected["claims"])
    ]
    return [*beliefs, *ended]
