"""Whoever can reach the ledger's own database is its owner, and makes and revokes keys without having one."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Annotated

import typer

from services import words
from services.cli.rooms import open_room
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

Json = dict[str, object]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, in the shape of the HTTP API.")]
ROLES = ("reader", "reporter", "editor", "engineer", "admin")

keys = typer.Typer(name="keys", help="Who may do what: keys with a role each.", no_args_is_help=True)


@keys.command("make")
def make_key(  # noqa: PLR0913 (each is one argument of the command)
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Kept with whatever the key records, and never reused.")],
    role: Annotated[str, typer.Option(metavar="|".join(ROLES), help="What the key may do.")],
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Its end: a date (in UTC), or 2027-01-01T00:00:00+01:00.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="The same, as days from now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once; without an end it stands until it is revoked."""
    from pydantic import ValidationError

    from domain.malformed import problems_of
    from domain.refusals import Malformed
    from services.access.callers import at_the_terminal
    from services.access.keys import NewKey

    if role not in ROLES:
        raise typer.BadParameter(f"{role!r} is no role; there are {', '.join(ROLES)}", param_hint="--role")
    if expires is not None and days is not None:
        raise typer.BadParameter("it ends once: --expires or --days", param_hint="--days")
    until = _instant(expires)
    with open_room(context) as room:
        if days is not None:
            until = room.now() + timedelta(days=days)
        try:
            wanted = NewKey(name=name, role=role, expires=until)
        except ValidationError as error:
            raise Malformed(*problems_of(error, {"name": name, "role": role})) from None
        shown = room.keys.make(wanted, at_the_terminal().by)
    if as_json:
        print_json(shown)
    else:
        # Alone on its line, so that it can be led into a file.
        typer.echo(str(shown["key"]))


def _instant(given: str | None) -> datetime | None:
    from domain.edtf import UnreadableTime
    from domain.times import read_instant

    if given is None:
        return None
    try:
        return read_instant(f"{given}T00:00:00Z" if len(given) == len("2027-01-01") else given)
    except UnreadableTime as error:
        raise typer.BadParameter(str(error), param_hint="--expires") from None


@keys.command("list")
def list_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """Show all keys that ever were, but not the keys themselves."""
    with open_room(context) as room:
        rows = room.keys.all()
    if as_json:
        print_json({"keys": rows})
        return
    if not rows:
        print_paragraph(console(), "There is no key: `onrecord keys make NAME --role admin` makes one.")
        return
    heads = ("Name", "Role", "Stands", "Made", "By", "Expires", "Revoked", "Last used")
    told = [
        (
            str(row["name"]),
            str(row["role"]),
            "yes" if row["stands"] else "no",
            words.moment(row["made"]),
            str(row["made_by"]),
            *(words.moment(row[field]) if row[field] else "" for field in ("expires", "revoked", "last_used")),
        )
        for row in visible(rows)
    ]
    print_table(console(), heads, told)


@keys.command("revoke")
def revoke_key(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Keys, as `keys list` lists them.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every key, as after a restore, or a theft.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --all: do not ask before.")] = False,
    as_json: AsJson = False,
) -> None:
    """End keys for good; services that run let nobody in by them two seconds later at the latest."""
    from services.access.callers import at_the_terminal

    if bool(names) == every:
        raise typer.BadParameter("name keys, or say --all", param_hint="NAME")
    if every and not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("nobody can be asked here: say --yes", param_hint="--yes")
        typer.confirm("Everybody is shut out until new keys are made, under new names. Revoke all?", abort=True)
    by = at_the_terminal().by
    with open_room(context) as room:
        shown = room.keys.revoke_all(by) if every else [room.keys.revoke(name, by) for name in names or ()]
    if as_json:
        print_json({"keys": shown} if every or len(shown) > 1 else shown[0])
        return
    for row in shown:
        print_paragraph(console(), f"{row['name']} is revoked since {words.moment(row['revoked'])}.")
    if not shown:
        print_paragraph(console(), "No key was left to revoke.")
