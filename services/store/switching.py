"""What was built takes the place of what is in use in one transaction; the old table is kept until nobody wants it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from psycopg import sql

from domain.events import Recorded
from services.errors import StoreUnavailable
from services.folding import Step
from services.store.building import SQL as REPLAYS
from services.store.places import LIVE, Place, replay_of, retired_of
from services.store.view_tables import SQL, named
from services.store.views import ViewWriter

PATIENCE = "500ms"
"""How long a switch waits for readers of the old table: those who come later wait behind it, and must not notice."""
TRIES = 60
_PAUSE = 0.2
"""Seconds between two of them."""


def switch_in_time(writer: ViewWriter, step: Step, read: Callable[[int], Sequence[Recorded]]) -> Place | None:
    """Do what `switch` does, as often as it takes until readers of the old table let go, for a while."""
    for _ in range(TRIES - 1):
        with suppress(StoreUnavailable):
            return switch(writer, step, read)
        # Most likely a long reader of the old table; nothing was changed, and it will let go.
        time.sleep(_PAUSE)
    return switch(writer, step, read)


def switch(writer: ViewWriter, step: Step, read: Callable[[int], Sequence[Recorded]]) -> Place | None:
    """Put the replayed table in the place of the one in use, which is retired, and return where it stands.

    What the view in use already knew is first taken in, by `read(after)`, so that no reader goes back in time; and no
    more than that, so that whoever carries it forward goes on with what they remember.
    None if nothing was replayed, or it was cancelled. Raises StoreUnavailable if readers do not let go of the old table
    in time: then nothing has changed, and it may be tried again.
    """
    place, retired = replay_of(step.name), retired_of(step.name)
    connection = writer.connection
    with writer.transaction(place):
        live, built = writer.locked(step.name, LIVE), writer.locked(step.name, place)
        if built is None or built.state == "cancelled":
            return None
        while live is not None and built.checkpoint < live.checkpoint and (batch := read(built.checkpoint)):
            known = [one for one in batch if one.position <= live.checkpoint]
            if known:
                writer.keep(step, known)
            # Nothing of what is known: between the two stands only what the view does not look at.
            built = writer.move(built, known[-1].position if known else live.checkpoint)
        connection.execute(SQL["be_patient_for"], {"patience": PATIENCE})
        writer.drop_place(step.name, retired)
        if live is not None:
            connection.execute(named("make_schema", schema=sql.Identifier(retired)))
            _move(writer, step, LIVE, retired)
            connection.execute(SQL["enter_retired"], {"name": step.name, "retired": retired})
        _move(writer, step, place, LIVE)
        writer.drop_place(step.name, place)
        entered = {"name": step.name, "place": LIVE, "version": step.version, "state": "running"}
        connection.execute(SQL["enter_place"], entered)
        renewed = {"name": step.name, "version": step.version, "checkpoint": built.checkpoint}
        connection.execute(SQL["renew_place"], renewed)
        ended = {"name": step.name, "place": place}
        connection.execute(REPLAYS["say_goal"], {**ended, "goal": built.checkpoint})
        connection.execute(REPLAYS["say_phase"], {**ended, "phase": "switched"})
        return writer.locked(step.name, LIVE)


def drop_retired(writer: ViewWriter, name: str) -> bool:
    """Drop the table that the last switch has put out of use; False if there is none."""
    with writer.transaction(LIVE):
        if writer.locked(name, retired_of(name)) is None:
            return False
        writer.drop_place(name, retired_of(name))
        return True


def _move(writer: ViewWriter, step: Step, here: str, there: str) -> None:
    table, schema = sql.Identifier(here, step.name), sql.Identifier(there)
    writer.connection.execute(named("move_table", table=table, schema=schema))
