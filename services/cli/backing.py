"""An operator takes the ledger along while it is in use, and puts it back as it was at any moment since it began."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services import words
from services.cli.progress import Counting
from services.cli.rooms import settings_of
from services.cli.screen import console, errors, print_json, print_paragraph

if TYPE_CHECKING:
    from services.store.embedded import Addresses

DESKS = "desks"
"""Where in the folder of a backup those of the desks are."""
Json = dict[str, object]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the backup, for this ledger alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def backup(
    context: typer.Context,
    folder: Folder,
    check: Annotated[bool, typer.Option("--check", help="Take nothing along: read the backup and check it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take along what was recorded since the last time, while the service runs; the first time, all.

    Every desk comes along, each in a folder of its own below `desks` there; with --desk that desk alone, in FOLDER.
    """
    from services.bootstrap import open_database
    from services.desks import addresses_of, desks_of

    settings = settings_of(context)
    if check:
        told = _checked(folder, as_json=as_json)
        below = [] if settings.desk else sorted(path for path in (folder / DESKS).glob("*") if path.is_dir())
        desks = [{"desk": path.name, **_checked(path, as_json=as_json, desk=path.name)} for path in below]
    else:
        with open_database(settings, guest=True) as addresses:
            names = [] if settings.desk else desks_of(addresses)
            told = _backed_up(addresses, folder, as_json=as_json)
            desks = [
                {
                    "desk": name,
                    **_backed_up(addresses_of(addresses, name), folder / DESKS / name, as_json=as_json, desk=name),
                }
                for name in names
            ]
    if as_json:
        print_json({**told, "desks": desks})
    if any("fault" in one for one in desks):
        raise typer.Exit(1)


def _checked(folder: Path, *, as_json: bool, desk: str | None = None) -> Json:
    from services.pieces import BadBackup
    from services.restoring import read

    try:
        known = read(folder)
    except BadBackup as error:
        return _left(error, desk, as_json=as_json)
    end = known.ends[-1]
    if not as_json:
        found = f"{words.counted(len(known.pieces), 'piece')}, all whole, up to position {end.upto}"
        print_paragraph(console(), f"{_of(desk)}{found}, taken at {words.moment(end.taken)}.")
    return {"pieces": len(known.pieces), "upto": end.upto, "taken": end.taken, "root": end.root}


def _backed_up(addresses: Addresses, folder: Path, *, as_json: bool, desk: str | None = None) -> Json:
    from services.backups import back_up
    from services.errors import CorruptLedger, NotMigrated, StoreUnavailable
    from services.pieces import BadBackup

    began = time.monotonic()
    try:
        with Counting("Backing up", None) as counting:
            done = back_up(addresses.service, folder, lambda position, head: counting.reach(position, total=head))
    except (BadBackup, CorruptLedger, NotMigrated, StoreUnavailable) as error:
        return _left(error, desk, as_json=as_json)
    seconds = time.monotonic() - began
    if not as_json and done.pieces == 0:
        print_paragraph(console(), f"{_of(desk)}Nothing is new: the backup goes to position {done.upto}.")
    elif not as_json:
        told = f"{words.counted(done.events, 'event')} in {words.counted(done.pieces, 'piece')}, {done.bytes:,} bytes"
        print_paragraph(console(), f"{_of(desk)}{told}, in {seconds:.1f} s. The backup goes to position {done.upto}.")
    return {**asdict(done), "seconds": round(seconds, 3)}


def _left(error: Exception, desk: str | None, *, as_json: bool) -> Json:
    """Tell of a desk that could not be looked after, and go on with the others; at the main one it is the end."""
    if desk is None:
        raise error
    if not as_json:
        print_paragraph(errors(), f"{_of(desk)}{error}")
    return {"fault": str(error)}


def _of(desk: str | None) -> str:
    return f"{desk}: " if desk else ""


def _of_desk(desk: str | None) -> str:
    run = f"onrecord --desk {desk}" if desk else "onrecord"
    return f"`{run} keys revoke NAME…` for those you know of, or `{run} keys revoke --all` and new keys for everybody."


def restore(
    context: typer.Context,
    folder: Folder,
    to: Annotated[
        str | None, typer.Option(help="Only up to this position, or RFC 3339 instant of recording; else all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup back, into a ledger that nothing was recorded in: all of it, or as it was at a moment."""
    from services.bootstrap import migrate_database, open_database
    from services.restoring import reached, read
    from services.restoring import restore as put_back

    settings = settings_of(context)
    began = time.monotonic()
    known = read(folder)  # before a home is made, or a database touched
    upto = reached(known, to)
    if settings.database_url is not None:
        migrate_database(settings)
    # No guest: whoever serves this home would find another ledger under its feet.
    with (
        open_database(settings) as addresses,
        Counting("Restoring", None) as counting,
    ):
        done = put_back(addresses.owner, known, upto, lambda position, upto: counting.reach(position, total=upto))
    seconds = time.monotonic() - began
    if as_json:
        print_json({**asdict(done), "seconds": round(seconds, 3)})
        return
    out = console()
    until = f", recorded {words.moment(done.recorded)}" if done.recorded else ""
    print_paragraph(out, f"The ledger stands at position {done.position}{until}, put back in {seconds:.1f} s.")
    print_paragraph(out, "Views are built when it is served or asked. Webhooks are switched off.")
    if done.left_erased:
        print_paragraph(out, f"{words.counted(done.left_erased, 'text')} that were erased later stay erased.")
    if done.signed_beyond:
        told = f"A checkpoint of {done.signed_beyond} events was signed: whoever kept it will find that this ledger"
        print_paragraph(out, f"{told} does not continue it. Sign with a new key, under another name, and say so.")
    if done.keys:
        at = f" at {words.moment(done.keys_known)}" if done.keys_known else ""
        told = (
            f"{words.counted(len(done.keys), 'key')} let in, as the last run of the backup knew{at}: who was shut out"
        )
        print_paragraph(out, f"{told} after that comes in again. Before you serve: {_of_desk(settings.desk)}")
