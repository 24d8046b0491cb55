"""Who a protected source is gets told at the terminal to whoever can reach the ledger's own database."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from services import words
from services.cli.asking import AsJson, AsOf
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_paragraph, visible

Json = dict[str, object]


def identity(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Slug of a source that is confidential.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Tell who a protected source is; nothing else does."""
    from services.access.callers import at_the_terminal
    from services.cuts import Query

    with open_room(context) as room:
        query = Query(as_of=as_of, at_least=caught_up(room))
        body = room.identities.identity(source, query, at_the_terminal().by).body
    if as_json:
        print_json(body)
        return
    print_paragraph(console(), _sentence(visible(body)))
    if body["note"] is not None:
        print_paragraph(console(), str(visible(body["note"])), indent=2)


def _sentence(body: Json) -> str:
    if body["name"] is not None:
        return f"{body['source']} is {body['name']}."
    if body["erased"] is not None:
        erased = cast("Json", body["erased"])
        return f"Who {body['source']} is was erased {words.moment(erased['recorded'])}: {erased['reason']}"
    return f"Who {body['source']} is is not kept here."
