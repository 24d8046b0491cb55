"""Given what was recorded, when something more is recorded, then a projection keeps these rows.

Between `given` and `when` every state goes through its stored form, so a state that does not survive storage fails the
first example of its projection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.events import Recorded
from domain.kit.broken import Unexpected, differences
from domain.kit.paper import PaperLedger, Said
from domain.projection import Column, Projection
from domain.values import Fact

S = TypeVar("S", bound=Fact)


@dataclass(frozen=True, slots=True)
class KeptRow(Generic[S]):
    """A row as it is kept: the state that a key had from position `since` until `until`, or still has (None)."""

    key: str
    since: int
    until: int | None
    state: S


@dataclass(frozen=True)
class Kept(Generic[S]):
    """An example of a projection: a ledger of which the first `before` events are given."""

    projection: Projection[S]
    ledger: PaperLedger
    before: int

    def when(self, *said: Said) -> Kept[S]:
        """Record something more. Raises the Refusal of what the ledger does not take in."""
        self.ledger.tell(*said)
        return self

    def then(self, rows: Mapping[str, S]) -> Kept[S]:
        """Check that these states are in force, under these keys, and no others. Raises Unexpected."""
        found = self.states()
        wrong = [f"{key!r}: nothing is kept, but {rows[key]!r} is expected" for key in rows if key not in found]
        wrong += [f"{key!r}: {found[key]!r} is kept, and nothing is expected" for key in found if key not in rows]
        for key in rows:
            if key in found and found[key] != rows[key]:
                wrong.append(f"{key!r}: {_told(rows[key], found[key])}")
        return self._unless(wrong)

    def then_at(self, key: str, state: S | None) -> Kept[S]:
        """Check what is in force under one key; None: nothing. Raises Unexpected."""
        found = self.states().get(key)
        return self._unless([] if found == state else [f"{key!r}: {_told(state, found)}"])

    def then_rows(self, *rows: tuple[str, int, int | None, S]) -> Kept[S]:
        """Check every row there ever was, as (key, since, until, state), by `since` and key. Raises Unexpected."""
        found = [(row.key, row.since, row.until, row.state) for row in self.rows()]
        wrong = [f"the row {row!r} is missing" for row in rows if row not in found]
        wrong += [f"the row {row!r} is too many" for row in found if row not in rows]
        return self._unless(wrong)

    def then_found_by(self, key: str, columns: Mapping[str, Column]) -> Kept[S]:
        """Check by which columns the state under a key is searched. Raises Unexpected."""
        state = self.states().get(key)
        if state is None:
            return self._unless([f"{key!r}: nothing is kept"])
        return self._unless([f"{key!r}: {one}" for one in differences(columns, dict(self.projection.columns(state)))])

    def states(self) -> dict[str, S]:
        """Return the states in force after everything."""
        first, rest = self.ledger.history[: self.before], self.ledger.history[self.before :]
        return self.projection.fold(stored(self.projection, self.projection.fold({}, first)), rest)

    def rows(self) -> list[KeptRow[S]]:
        """Return every row, by `since` and key."""
        return rows_of(self.projection, self.ledger.history)

    def _unless(self, wrong: Iterable[str]) -> Kept[S]:
        told = "\n  ".join(wrong)
        if told:
            after = self.ledger.history[-1] if self.ledger.history else None
            last = f"position {after.position} ({after.event.type})" if after else "nothing was recorded"
            raise Unexpected(f"after {last} the projection {self.projection.name!r} keeps other rows:\n  {told}")
        return self


def _told(expected: object, found: object) -> str:
    if expected is None or found is None:
        return f"{found!r} is kept, not {expected!r}"
    wrong = "; ".join(differences(expected, found))
    return wrong or f"{found!r} is kept, not {expected!r}"


def stored(projection: Projection[S], states: Mapping[str, S]) -> dict[str, S]:
    """Return the states as they come back from where they are stored."""
    return {key: projection.thaw(projection.freeze(state)) for key, state in states.items()}


def frozen(projection: Projection[S], recorded: Iterable[Recorded]) -> dict[str, str]:
    """Return what is stored of a whole ledger, by key."""
    return {key: projection.freeze(state) for key, state in projection.fold({}, recorded).items()}


def rows_of(projection: Projection[S], history: Iterable[Recorded]) -> list[KeptRow[S]]:
    """Return every row that a ledger makes, derived in the plainest way there is, by `since` and key."""
    current: dict[str, KeptRow[S]] = {}
    ended: list[KeptRow[S]] = []
    for one in history:
        for key in projection.keys(one.event):
            row = current.get(key)
            state = projection.evolve(row.state if row else None, key, one)
            if state is (row.state if row else None):
                continue
            if row is not None:
                ended.append(KeptRow(key, row.since, one.position, row.state))
                del current[key]
            if state is not None:
                current[key] = KeptRow(key, one.position, None, state)
    return sorted([*ended, *current.values()], key=lambda row: (row.since, row.key))
