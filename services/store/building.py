"""A table is built at a place of its own, by one process or several, and no reader sees it before the switch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Cursor, sql
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row

from domain.events import Recorded
from services.folding import Share, Stand, Step
from services.store.places import LIVE, Place, State
from services.store.queries import Statements
from services.store.view_tables import make_late, named
from services.store.views import ViewWriter

SQL = Statements("replays.sql")


@dataclass(frozen=True, slots=True)
class ShareRow:
    """Where one share of a replay stands; `worker` is the last process that built it."""

    share: int
    checkpoint: int
    worker: int | None
    error: str | None
    error_position: int | None


@dataclass(frozen=True, slots=True)
class Begun:
    """A replay that is written down: when it began (which tells it from every other), and in how many shares."""

    began: datetime
    shares: int
    phase: str
    goal: int


class Building:
    """Carries what is built at one place, through a `ViewWriter` that nobody else uses meanwhile.

    What the database is guilty of raises StoreUnavailable.
    """

    def __init__(self, writer: ViewWriter, step: Step, place: str) -> None:
        self._writer = writer
        self._step = step
        self._place = place
        self._named = {"name": step.name, "place": place}

    def begin(self, shares: int, goal: int, by: str, *, apart: bool = False) -> Begun:
        """Make the table, if it is not there, and write down that a replay has begun; `apart`: even one share is."""
        with self._writer.transaction(LIVE):
            self._writer.enter_in(self._step, self._place)
            self._execute("begin_replay", shares=shares, goal=goal, by=by)
            self._execute("leave_shares")
            for share in range(shares if shares > 1 or apart else 0):
                self._execute("begin_share", share=share)
        begun = self.begun()
        assert begun is not None
        return begun

    def resume(self, by: str) -> None:
        """Write down that the replay goes on from where it was."""
        with self._writer.transaction(LIVE):
            self._execute("resume_replay", by=by)

    def begun(self) -> Begun | None:
        """Return the replay that is written down for this place, if there is one."""
        with self._writer.transaction(LIVE):
            row = self._one("begun")
        return None if row is None else Begun(row["began"], row["shares"], row["phase"], row["goal"])

    def shares(self) -> list[ShareRow]:
        """Return where each share stands; none where who replays builds by itself, or all shares are put together."""
        with self._writer.transaction(LIVE), self._writer.connection.cursor(row_factory=dict_row) as cursor:
            return [ShareRow(**row) for row in cursor.execute(SQL["shares"], self._named)]

    def advance(self, share: Share, began: datetime, batch: Sequence[Recorded]) -> int | None:
        """Take one share's part of a batch in, and return the share's checkpoint; None if it is not wanted any more.

        Rows and checkpoint change in one transaction. Raises what `ViewWriter.advance` raises.
        """
        with self._writer.transaction(self._place):
            row = self._one("lock_share", share=share.number, began=began)
            if row is None:
                return None
            checkpoint = int(row["checkpoint"])
            fresh = [one for one in batch if one.position > checkpoint]
            if fresh:
                stand = Stand(self._place, began, checkpoint, self._writer.beneath(self._step))
                self._writer.keep(self._step, fresh, share, stand=stand)
                checkpoint = fresh[-1].position
                self._execute("move_share", share=share.number, checkpoint=checkpoint)
            return checkpoint

    def reach(self, share: Share, began: datetime, checkpoint: int) -> None:
        """Move one share's checkpoint past positions at which there is nothing."""
        with self._writer.transaction(LIVE):
            if self._one("lock_share", share=share.number, began=began) is not None:
                self._execute("move_share", share=share.number, checkpoint=checkpoint)

    def say_worker(self, share: Share, worker: int) -> None:
        """Write down which process builds the share."""
        self._say("say_worker", share=share.number, worker=worker)

    def say_share_failed(self, share: Share, error: str, position: int) -> None:
        """Write down the event that the share could not take in, and why."""
        self._say("say_share_failed", share=share.number, error=error, error_position=position)

    def put_together(self, checkpoint: int) -> Place | None:
        """Let what all shares have built go on as one, from the checkpoint that every one of them has reached."""
        with self._writer.transaction(LIVE):
            found = self._writer.locked(self._step.name, self._place)
            if found is None:
                return None
            self._execute("leave_shares")
            return self._writer.move(found, checkpoint)

    def say_phase(self, phase: str) -> None:
        """Write down what is being done."""
        self._say("say_phase", phase=phase)

    def say_goal(self, goal: int) -> None:
        """Write down to which position is built."""
        self._say("say_goal", goal=goal)

    def raise_goal(self, began: datetime, goal: int) -> None:
        """Write down that it is built further than to its goal, if it is still the replay that began then."""
        self._say("raise_goal", began=began, goal=goal)

    def say_seen(self) -> None:
        """Give a sign of life."""
        self._say("say_seen")

    def say_failed(self, error: str, position: int | None) -> None:
        """Write down why the replay does not go on."""
        self._say("say_replay_failed", error=error, error_position=position)

    def end(self, state: State, error: str | None = None) -> bool:
        """Write down what becomes of what was built; False, and nothing, if it was cancelled meanwhile."""
        with self._writer.transaction(LIVE):
            return self._one("end_building", state=state, error=error) is not None

    def say_cancelled(self) -> bool:
        """Write down that nobody wants it any more; False if there is nothing, as behind a switch."""
        with self._writer.transaction(LIVE):
            return self._one("say_cancelled") is not None

    def make_late(self, phase: str) -> None:
        """Make the indexes that only readers need; the next phase begins with them, in one transaction."""
        with self._writer.transaction(self._place):
            make_late(self._writer.connection, self._step)
            table = sql.Identifier(self._place, self._step.name)
            self._writer.connection.execute(named("analyze_table", table=table))
            self._execute("say_phase", phase=phase)

    def faults(self, checkpoint: int, limit: int) -> tuple[int, list[tuple[str, int, str]]]:
        """Return how many rows no fold can have made, and the first of them: key, since, what is wrong."""
        with self._writer.transaction(self._place, moment=True), self._cursor() as cursor:
            query = _named("faulty_rows", table=sql.Identifier(self._place, self._step.name))
            rows = cursor.execute(query, {"checkpoint": checkpoint, "limit": limit}).fetchall()
        return (int(rows[0][3]) if rows else 0), [(str(row[0]), int(row[1]), str(row[2])) for row in rows]

    def compared(self, limit: int) -> tuple[int, int, list[tuple[str, int, str]]]:
        """Hold what was built against the view in use, as both were at the last position that both have.

        Return that position, how many keys differ, and the first of them: key, since, how. What was built is kept with
        the replay as well.
        """
        with self._writer.transaction(self._place, moment=True):
            places = self._writer.places()
            as_of = min(places[self._step.name, place].checkpoint for place in (LIVE, self._place))
            built, used = (sql.Identifier(place, self._step.name) for place in (self._place, LIVE))
            with self._cursor() as cursor:
                query = _named("compared_rows", built=built, used=used)
                rows = cursor.execute(query, {"as_of": as_of, "limit": limit}).fetchall()
        differing = int(rows[0][3]) if rows else 0
        first = [(str(row[0]), int(row[1]), str(row[2])) for row in rows]
        told = [{"key": key, "since": since, "how": how} for key, since, how in first]
        self._say("keep_comparison", comparison=json.dumps({"position": as_of, "differing": differing, "first": told}))
        return as_of, differing, first

    def drop(self) -> None:
        """Drop what was built, and every trace of the replay."""
        with self._writer.transaction(LIVE):
            self._writer.drop_place(self._step.name, self._place)
            self._execute("leave_shares")
            self._execute("leave_replay")

    def _say(self, statement: str, **given: object) -> None:
        with self._writer.transaction(LIVE):
            self._execute(statement, **given)

    def _execute(self, statement: str, **given: object) -> None:
        self._writer.connection.execute(SQL[statement], {**self._named, **given})

    def _one(self, statement: str, **given: object) -> DictRow | None:
        with self._writer.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SQL[statement], {**self._named, **given}).fetchone()

    def _cursor(self) -> Cursor[TupleRow]:
        return self._writer.connection.cursor(row_factory=tuple_row)


def _named(statement: str, **names: sql.Composable) -> sql.Composed:
    return sql.SQL(SQL[statement]).format(**names)
