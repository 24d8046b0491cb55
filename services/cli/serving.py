"""The service is a program of its own, which the command line starts with the settings that were chosen here."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Annotated

import typer

from services.cli.rooms import settings_of
from services.settings import environment_for

PROGRAM = "api"
"""The package that serves, as `python -m`: it reads the settings, opens the ledger and answers HTTP until told to stop.

Named and not imported, since the API stands above the services and nothing here may depend on it.
"""
ALLOCATOR = {"MALLOC_ARENA_MAX": "2"}
"""What the service is started with unless the environment says otherwise.

glibc gives up to eight arenas to each processor, one for each of so many threads, and what is free in one is of no use
to another: a service whose threads take their turns at large work held an eighth more, in pieces.
"""
Host = Annotated[str | None, typer.Option(help="Address to listen at; else ONRECORD_HOST, else 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen at; else ONRECORD_PORT, else 8321.")]


def serve(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    reading: Annotated[
        bool, typer.Option("--reading", help="Only answer questions, and write nothing: a standby will do.")
    ] = False,
) -> None:
    """Answer HTTP until ctrl-C, on embedded PostgreSQL unless ONRECORD_DATABASE_URL or --url names a database."""
    settings = settings_of(context)
    settings = replace(settings, reading=settings.reading or reading)
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    sys.stdout.flush()
    # In our own place: who started this stops the service itself, with no process between.
    os.execve(sys.executable, [sys.executable, "-m", PROGRAM], ALLOCATOR | environment_for(settings))


def demo(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when all is told, instead of serving until ctrl-C.")
    ] = False,
    port: Port = None,
) -> None:
    """Serve one real story from Aleppo on a ledger of its own, and tell what a desk would ask of it.

    The ledger stands beside the home, in a folder whose name ends in -demo; run again, it goes on from there.
    """
    from services.cli.demo import run_demo

    settings = settings_of(context)
    folder = settings.home.with_name(f"{settings.home.name}-demo")
    wanted = settings.port if port is None else port
    # Never the newsroom's own ledger, and never its database; what anybody may read needs no key.
    own = replace(settings, home=folder, desk=None, database_url=None, owner_url=None, host="127.0.0.1", reading=False)
    run_demo(
        replace(own, port=wanted, access="open"), once=once or not sys.stdout.isatty(), fixed_port=port is not None
    )
