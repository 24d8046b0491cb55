"""One command for each thing an editor or an operator does; it ends with 0, with 1 (refused or failed) or 2 (usage)."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from services.cli import (
    alerting,
    asking,
    backing,
    changing,
    comparing,
    desks,
    exporting,
    identifying,
    keeping,
    keys,
    moving,
    proving,
    publishing,
    replaying,
    serving,
)
from services.cli.failures import told
from services.cli.rooms import Chosen
from services.cli.screen import errors, visible

app = typer.Typer(
    name="onrecord",
    help="A ledger of who said what about a location: claims in, beliefs at any date out, nothing overwritten.",
    epilog="`./onrecord test` runs the tests of a checkout; all behind it goes to pytest.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def choose(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder of the embedded database; else ONRECORD_HOME.")] = None,
    url: Annotated[
        str | None, typer.Option(help="Database to use, as a libpq connection string; else ONRECORD_DATABASE_URL.")
    ] = None,
    desk: Annotated[
        str | None, typer.Option(help="Desk whose ledger is meant; else ONRECORD_DESK, else the main one.")
    ] = None,
) -> None:
    """Take the options that stand before the command."""
    context.obj = Chosen(home, url, desk)


app.command("serve")(serving.serve)
app.command("demo")(serving.demo)
app.command("import")(moving.import_files)
app.command("export")(exporting.export)
app.command("ask")(asking.ask)
app.command("identity")(identifying.identity)
app.command("timeline")(changing.timeline)
app.command("diff")(changing.diff)
app.command("alerts")(alerting.alerts)
app.add_typer(alerting.webhooks)
app.command("editions")(publishing.editions)
app.command("compare")(comparing.compare)
app.command("projections")(keeping.projections)
app.command("replay")(replaying.replay)
app.command("retry")(replaying.retry)
app.command("verify")(keeping.verify)
app.add_typer(keys.keys)
app.add_typer(desks.desks)
app.command("checkpoint")(proving.checkpoint)
app.add_typer(proving.proof)
app.command("migrate")(keeping.migrate)
app.command("backup")(backing.backup)
app.command("restore")(backing.restore)


def main() -> None:
    """Run the command that the arguments name, and end the process."""
    # Told to stop, we leave as on ctrl-C: what was begun is closed in order.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(prog_name="onrecord")
    except Exception as error:
        sentence = told(error)
        if sentence is None:
            raise
        # A server's log, which may follow, keeps its lines.
        lines = [visible(line) for line in f"onrecord: {sentence}".splitlines()]
        errors().print("\n".join(lines), soft_wrap=True)
        sys.exit(1)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
