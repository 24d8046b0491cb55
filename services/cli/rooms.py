"""Every command finds its ledger the same way: that of a service that is running, or its own start of it."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from services.cli.near import suggesting
from services.cli.progress import Counting
from services.cli.screen import errors, print_paragraph
from services.settings import Settings, read_settings

if TYPE_CHECKING:
    from services.bootstrap import Newsroom
    from services.store.embedded import Addresses

_PATIENCE = 10.0
"""Seconds in which another process that starts or stops the same home is waited for."""

_GLANCE = 0.3
"""Seconds that a service which is there needs at most, as a rule, to carry its views to the head."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the options before the command say; None leaves it to the environment."""

    home: Path | None = None
    url: str | None = None
    desk: str | None = None


def settings_of(context: typer.Context) -> Settings:
    """Return the settings of the environment, overruled by the options. Raises BadSetting."""
    chosen = context.obj if isinstance(context.obj, Chosen) else Chosen()
    settings = read_settings()
    if chosen.home is not None:
        settings = replace(settings, home=chosen.home.expanduser(), database_url=None, owner_url=None)
    if chosen.url is not None:
        settings = replace(settings, database_url=chosen.url, owner_url=None)
    if chosen.desk is not None:
        from services.desks import desk_called

        settings = replace(settings, desk=desk_called(chosen.desk))
    return settings


@contextmanager
def open_main(context: typer.Context) -> Generator[Addresses, None, None]:
    """Lend the main desk's database, whatever desk is chosen, for what concerns desks as such."""
    from services.bootstrap import open_database

    with open_database(replace(settings_of(context), desk=None), guest=True) as addresses:
        yield addresses


@contextmanager
def open_room(context: typer.Context) -> Generator[Newsroom, None, None]:
    """Open the ledger, as a guest where a service runs on it; `caught_up` sees to its views.

    Raises what `open_database` and `open_newsroom` raise; an UnknownThing is told with names that come near.
    """
    # Late, so that help and usage errors come at once.
    from services.bootstrap import open_database, open_newsroom
    from services.reading import reading_of
    from services.signing import signer_of
    from services.store.embedded import HomeInUse
    from services.watch import outward_of

    settings = settings_of(context)
    give_up = time.monotonic() + _PATIENCE
    with ExitStack() as stack:
        while True:
            try:
                addresses = stack.enter_context(open_database(settings, guest=True))
                break
            except HomeInUse:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
        signer = partial(signer_of, settings)
        outward, reading = outward_of(settings), reading_of(settings)
        room = stack.enter_context(
            open_newsroom(addresses, following=False, signer=signer, outward=outward, reading=reading)
        )
        stack.enter_context(suggesting(room))
        yield room


def caught_up(room: Newsroom) -> int:
    """Wait until the views include all that is recorded, however long it takes, and return its position.

    A service that runs on the ledger carries them forward; where none does, or it is late, we join in. A view that has
    stopped is not waited for: the question then says what it could not include; nor is one that only makes answers
    quicker, or that a newer version has built: after a way back nobody carries that one, and it is told.
    """
    head = room.feed.head()
    needed = room.projector.folding
    if room.projections.lags() and room.projector.caught_up_to(head, _GLANCE, needed) >= head:
        return head
    if newer := room.projections.newer():
        by = "built by a newer version of OnRecord, which alone carries them forward"
        advice = "`onrecord replay NAME` builds one as this version does."
        print_paragraph(errors(), f"{', '.join(newer)}: {by}. {advice}")
        needed = tuple(name for name in needed if name not in newer)
    room.projector.start()
    try:
        with Counting("Views", head) as counting:
            while (reached := room.projector.caught_up_to(head, 0.5, needed)) < head or not room.projections.lags():
                if any(state == "stopped" for _, state in room.projections.lags().values()):
                    break
                counting.reach(reached)
    finally:
        room.projector.stop()
    return head
