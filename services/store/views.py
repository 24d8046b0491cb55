"""Rows and checkpoint of a view change in one transaction, so that no kill leaves one without the other."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import LiteralString

from psycopg import Connection, Error, sql
from psycopg.errors import InvalidParameterValue
from psycopg.rows import DictRow, class_row, tuple_row

from domain.events import Recorded
from services.errors import CorruptLedger, StoreUnavailable
from services.folding import WHOLE, Held, Poisoned, Share, Stand, Step
from services.store.asking import ViewReader
from services.store.connections import LOST, Connections, Params, Row, translated
from services.store.places import LIVE, Place, State
from services.store.view_tables import (
    SQL,
    RowsRefused,
    analyze,
    differences,
    make_late,
    make_table,
    named,
    rows_beyond,
    rows_in_force,
    rows_in_force_by,
    write_changes,
)

FEW = 1_000
"""Positions up to which it does not matter what the planner knows of a view."""


class ViewWriter:
    """Carries views forward on one connection of its own, which also holds its locks; for one thread at a time.

    Whatever the database is guilty of raises StoreUnavailable; RowsRefused is the fault of a step or of its table.
    """

    def __init__(self, connections: Connections) -> None:
        self.connection = connections.connect()
        with translated(), suppress(InvalidParameterValue):
            # Else the server works on for one who has died, for minutes on a large table, and keeps their locks. Where
            # its system cannot tell (Windows), it does.
            self.connection.execute(SQL["notice_our_death"])
        """For those who carry what is built, in this connection's transactions; nobody else."""
        self.views = ViewReader(self.fetch)
        """The views in use, as this connection sees them."""

    def close(self) -> None:
        """Give back the connection, and with it every lock."""
        self.connection.close()

    def set_up(self) -> None:
        """Make the list of projections if it is not there."""
        with self.transaction(LIVE):
            self.connection.execute(SQL["take_setup_turn"])
            self.connection.execute(SQL["make_projections"])

    def hold(self, lock: str) -> bool:
        """Take the lock by this name until `let_go` or the end of the connection; False if somebody else has it."""
        with translated(), self.connection.cursor(row_factory=tuple_row) as cursor:
            found = cursor.execute(SQL["hold"], {"name": lock}).fetchone()
        return bool(found and found[0])

    def let_go(self, lock: str) -> None:
        """Give the lock back."""
        with translated():
            self.connection.execute(SQL["let_go"], {"name": lock})

    def places(self) -> dict[tuple[str, str], Place]:
        """Return where everything stands, by name and place."""
        with translated(), self.connection.cursor(row_factory=class_row(Place)) as cursor:
            return {(place.name, place.place): place for place in cursor.execute(SQL["places"])}

    def enter(self, step: Step, place: str = LIVE) -> Place:
        """Return where the view stands at this place, after making its table there if there is none."""
        with self.transaction(place):
            return self.enter_in(step, place)

    def enter_in(self, step: Step, place: str) -> Place:
        """Do what `enter` does, in the transaction under way."""
        self.connection.execute(SQL["take_setup_turn"])
        found = self.locked(step.name, place)
        if found is None:
            state: State = "running" if place == LIVE else "building"
            if place != LIVE:
                self._drop(place)
                self.connection.execute(named("make_schema", schema=sql.Identifier(place)))
            self.connection.execute(SQL["look_in"], {"path": _path(place)})
            make_table(self.connection, step)
            if place == LIVE:
                make_late(self.connection, step)
            entered = {"name": step.name, "place": place, "version": step.version, "state": state}
            self.connection.execute(SQL["enter_place"], entered)
            found = Place(step.name, place, step.version, 1, 0, state)
        return found

    def advance(self, step: Step, place: str, after: int, batch: Sequence[Recorded]) -> Place | None:
        """Take in a batch that was read after position `after`, and return where the view stands then.

        What is at or below the checkpoint changes nothing. Nothing at all is done if the checkpoint lies before
        `after`, if the view was stopped, or if its table is another version's; None if it is not there any more.
        Raises Poisoned or RowsRefused, having changed nothing, if the step cannot take in the batch.
        """
        with self.transaction(place):
            found = self.locked(step.name, place)
            if found is None or found.checkpoint < after or found.version != step.version:
                return found
            fresh = [one for one in batch if one.position > found.checkpoint]
            if not fresh or found.state not in ("running", "building"):
                return found
            stand = Stand(place, found.generation, found.checkpoint, self.beneath(step))
            self.keep(step, fresh, stand=stand)
            if place == LIVE and _has_doubled(found.checkpoint, fresh[-1].position):
                analyze(self.connection, step.name)
            return self.move(found, fresh[-1].position)

    def say(self, name: str, place: str, state: State, error: str | None = None, at: int | None = None) -> None:
        """Write down what state the view is in, and why."""
        said = {"name": name, "place": place, "state": state, "error": error, "error_position": at}
        with self.transaction(place):
            self.connection.execute(SQL["say_state"], said)

    def drop_place(self, name: str, place: str) -> None:
        """Drop the view's table at a place that is not the one in use, in the transaction under way."""
        self._drop(place)
        self.connection.execute(SQL["leave_place"], {"name": name, "place": place})

    def make_scratch(self, step: Step) -> None:
        """Make the view's table for this connection alone; it goes with the connection."""
        with self.transaction("pg_temp"):
            make_table(self.connection, step)

    def advance_scratch(self, step: Step, batch: Sequence[Recorded]) -> None:
        """Take a batch into the scratch table; what it raises is what `advance` raises."""
        with self.transaction("pg_temp"):
            self.keep(step, batch)

    def differing(self, step: Step, as_of: int, limit: int) -> tuple[list[tuple[str, int, str]], int]:
        """Hold the view in use against the scratch table, as both are at position `as_of`.

        Return at most `limit` faulty rows (key, since, what is wrong), and how many rows of the view in use know more
        than its checkpoint says was taken in.
        """
        with self.transaction("pg_temp", moment=True):
            checkpoint = self.places()[step.name, LIVE].checkpoint
            faults = differences(self.connection, step.name, as_of, limit)
            beyond = rows_beyond(self.connection, step.name, checkpoint)
        return [(str(key), int(since), str(fault)) for key, since, fault in faults], beyond

    def keep(self, step: Step, batch: Sequence[Recorded], share: Share = WHOLE, *, stand: Stand | None = None) -> None:
        """Let the step take in the batch, in the transaction under way; `stand` is that of `folding.Reading`."""
        try:
            changes = step.work(batch, _Reading(self.connection, step.name, self.views, stand), share)
        except (Poisoned, CorruptLedger, StoreUnavailable, Error):
            raise
        except Exception as error:
            raise RowsRefused(f"{type(error).__name__}: {error}") from error
        write_changes(self.connection, step.name, changes)

    def fetch(self, query: LiteralString, params: Params | None = None) -> list[Row]:
        """Return the rows of one reading statement, as this connection sees them."""
        with translated(), self.connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return cursor.execute(query, params).fetchall()

    def beneath(self, step: Step) -> tuple[int, ...]:
        """Return the generations of the views in use that the step follows, as a `Stand` has them."""
        if not step.after:
            return ()
        return tuple(int(row[0]) for row in self.fetch(SQL["generations"], {"names": sorted(step.after)}))

    def move(self, place: Place, checkpoint: int) -> Place:
        """Move the checkpoint, in the transaction under way."""
        moved = {"name": place.name, "place": place.place, "checkpoint": checkpoint}
        self.connection.execute(SQL["move_checkpoint"], moved)
        return replace(place, checkpoint=checkpoint)

    def locked(self, name: str, place: str) -> Place | None:
        """Return where the view stands, and keep everybody else from moving it until the end of the transaction."""
        with self.connection.cursor(row_factory=class_row(Place)) as cursor:
            return cursor.execute(SQL["lock_place"], {"name": name, "place": place}).fetchone()

    def _drop(self, schema: str) -> None:
        self.connection.execute(named("drop_schema", schema=sql.Identifier(schema)))

    @contextmanager
    def transaction(self, place: str, *, moment: bool = False) -> Generator[None]:
        """Work in one transaction that finds tables in this place first.

        `moment`: see nothing that others commit from here on.
        """
        with translated():
            try:
                with self.connection.transaction():
                    if moment:
                        self.connection.execute(SQL["see_one_moment"])
                    self.connection.execute(SQL["settle_in"], {"path": _path(place)})
                    yield
            except LOST:
                raise
            except Error as error:
                raise RowsRefused(str(error)) from error


def _path(place: str) -> str:
    return place if place == LIVE else f"{place}, {LIVE}"


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a step sees of the transaction that it works in."""

    connection: Connection[DictRow]
    table: str
    views: ViewReader
    stand: Stand | None

    def held(self, keys: Iterable[str]) -> dict[str, Held]:
        return rows_in_force(self.connection, self.table, keys)

    def held_by(self, column: str, values: Iterable[str]) -> dict[str, Held]:
        return rows_in_force_by(self.connection, self.table, column, values)


def _has_doubled(before: int, after: int) -> bool:
    """Tell whether a view of some size has about doubled; the database's own schedule may come minutes later."""
    return after >= FEW and before.bit_length() < after.bit_length()
