"""Desks are made at the command line alone, by whoever has the database: over HTTP nobody learns which there are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from domain.times import show
from services import words
from services.cli import releasing
from services.cli.rooms import open_main, settings_of
from services.cli.screen import console, print_json, print_paragraph, print_table

if TYPE_CHECKING:
    from services.dropping import Loss

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


@desks.command("drop")
def drop(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The desk that goes, with all that it holds.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drop a desk: its ledger, keys, views and signing key, for good. Backups that were made of it stay."""
    from dataclasses import asdict

    from services.dropping import drop_desk, loss_of

    if not (yes or sys.stdin.isatty()):
        raise typer.BadParameter("nobody can be asked here: say --yes", param_hint="--yes")
    settings = settings_of(context)
    # With a database of one's own, what is in the home belongs to another ledger.
    folder = settings.home / "desks" / name if settings.database_url is None else None
    with open_main(context) as main:
        loss = loss_of(main, name)
        if not as_json:
            print_paragraph(console(), _told_lost(loss))
        if not yes and not typer.confirm("Nobody can bring it back but from a backup. Drop it?"):
            raise typer.Exit(1)
        drop_desk(main, name, folder)
    if as_json:
        print_json({**asdict(loss), "recorded": show(loss.recorded), "dropped": True})
    else:
        print_paragraph(console(), f"The desk {name} is dropped. A service that runs answers there as if it never was.")


def _told_lost(loss: Loss) -> str:
    """Return in words what goes with a desk."""
    if loss.events is None:
        return f"What the desk {loss.desk} holds cannot be told: {loss.fault}."
    last = f", the last one recorded {words.moment(show(loss.recorded))}" if loss.recorded else ""
    told = f"The desk {loss.desk} holds {words.counted(loss.events, 'event')}{last}, and its keys, alerts and webhooks."
    if loss.following is None:
        return told
    return f"{told} It follows {loss.following}; {words.counted(loss.own or 0, 'event')} came after it was copied."


desks.command("release")(releasing.release)
desks.command("pass-over")(releasing.pass_over)
