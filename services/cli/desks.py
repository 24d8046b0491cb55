"""Desks are made at the command line alone, by whoever has the database: over HTTP nobody learns which there are."""

from __future__ import annotations

from typing import Annotated

import typer

from services import words
from services.cli import releasing
from services.cli.rooms import open_main, settings_of
from services.cli.screen import console, print_json, print_paragraph, print_table

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]

desks = typer.Typer(name="desks", help="Ledgers of their own beside the main one.", no_args_is_help=True)


@desks.command("make")
def make(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters and digits, with - between them.")],
    following: Annotated[
        str | None, typer.Option(metavar="DESK", help="Begin as a copy of this desk, such as main, and follow it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a desk: a database beside the main one, with an empty ledger. Made already, it is only finished."""
    from dataclasses import asdict

    from services.desks import make_desk

    if following is not None:
        releasing.make_room(context, name, following, as_json=as_json)
        return
    with open_main(context) as addresses:
        made = make_desk(addresses, name)
    if as_json:
        print_json(asdict(made))
        return
    out = console()
    if not made.is_new:
        steps = words.counted(len(made.migrations), "migration")
        print_paragraph(out, f"The desk {name} was there already; {steps} applied.")
        return
    print_paragraph(out, f"The desk {name} is made, with an empty ledger. A service that runs serves it in a moment.")
    if settings_of(context).access == "keys":
        make_key = f"`onrecord --desk {name} keys make NAME --role admin`"
        print_paragraph(out, f"It is at /desks/{name}/ of the service, and has keys of its own: {make_key} makes one.")


@desks.command("list")
def list_desks(context: typer.Context, as_json: AsJson = False) -> None:
    """Show which desks there are beside the main one, and whether each can be served by this version."""
    from services.desks import states_of
    from services.rooms import standing

    with open_main(context) as addresses:
        found = [(name, why, None if why else standing(addresses, name)) for name, why in states_of(addresses)]
    if as_json:
        told = [
            {"desk": name, "address": f"/desks/{name}/", "fault": why, "following": releasing.json_of(follows)}
            for name, why, follows in found
        ]
        print_json({"desks": told})
    elif found:
        rows = [(name, f"/desks/{name}/", why or "ready", releasing.told_of(follows)) for name, why, follows in found]
        print_table(console(), ("Desk", "Address", "State", "Follows"), rows)
    else:
        print_paragraph(console(), "There is the main desk alone: `onrecord desks make NAME` makes another.")


desks.command("release")(releasing.release)
desks.command("pass-over")(releasing.pass_over)
