"""An operator takes the ledger along while it is in use, and puts it back as it was at any moment since it began."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services import words
from services.cli.progress import Counting
from services.cli.rooms import settings_of
from services.cli.screen import console, print_json, print_paragraph

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the backup, for this ledger alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def backup(
    context: typer.Context,
    folder: Folder,
    check: Annotated[bool, typer.Option("--check", help="Take nothing along: read the backup and check it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take along what was recorded since the last time, while the service runs; the first time, all."""
    from services.backups import back_up
    from services.bootstrap import open_database
    from services.restoring import read

    out = console()
    if check:
        known = read(folder)
        end = known.ends[-1]
        if as_json:
            print_json({"pieces": len(known.pieces), "upto": end.upto, "taken": end.taken, "root": end.root})
            return
        found = f"{words.counted(len(known.pieces), 'piece')}, all whole, up to position {end.upto}"
        print_paragraph(out, f"{found}, taken at {words.moment(end.taken)}.")
        return
    began = time.monotonic()
    with (
        open_database(settings_of(context), guest=True) as addresses,
        Counting("Backing up", None) as counting,
    ):
        done = back_up(addresses.service, folder, lambda position, head: counting.reach(position, total=head))
    seconds = time.monotonic() - began
    if as_json:
        print_json({**asdict(done), "seconds": round(seconds, 3)})
        return
    if done.pieces == 0:
        print_paragraph(out, f"Nothing is new: the backup goes to position {done.upto}.")
        return
    told = f"{words.counted(done.events, 'event')} in {words.counted(done.pieces, 'piece')}, {done.bytes:,} bytes"
    print_paragraph(out, f"{told}, in {seconds:.1f} s. The backup goes to position {done.upto}.")


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
