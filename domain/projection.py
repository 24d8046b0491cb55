"""A projection is a state, its keys and a fold: the same events give the same rows on every machine, for ever.

A projection lives in one file of `domain/projections/` (or of somebody else's package, named by the entry point
`onrecord.projections`), as a module-level `projection`. It is found, never registered. History is its rows: each state
that a key ever had is one row, which holds from the position of the event that made it (`since`) until the position of
the event that changed it (`until`). A state therefore keeps no list of what it was before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from domain.events import EVENTS, Event, Recorded
from domain.values import Fact

S = TypeVar("S", bound=Fact)

Column: TypeAlias = str | int | datetime | tuple[str, ...] | None
"""What a row can be searched by: text, a number, an instant in UTC, or several texts."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAKEN = frozenset({"projections", "replays", "replay_shares", "what_ifs"})
"""Tables that stand beside those of the views."""


def no_columns(state: Fact) -> Mapping[str, Column]:
    """Return nothing to search by: the rows are found by their key alone."""
    del state
    return {}


def names_of(*kinds: type[Fact]) -> frozenset[str]:
    """Return the stored names of some kinds of events."""
    return frozenset(name for name, kind in EVENTS.items() if kind in kinds)


@dataclass(frozen=True, slots=True)
class Projection(Generic[S]):
    """What is kept of the ledger for one kind of question to it.

    `name` names the table and the SQL file beside the module, if there is one. Raise `version` whenever `evolve`,
    `keys` or `columns` would give other rows: the service then builds the new table beside the one in use.
    `keys` names, each once, the states that an event changes; `evolve` gives the state of one of these keys after the
    event: the very same object where nothing changed, None where there is nothing to keep.
    `columns` must fill the columns that the SQL file adds to `key`, `since`, `until` and `state`.
    All three are pure: they see the event and nothing else. `reads` may name the stored names of the only events that
    have keys, so that a replay passes over the others unread. Raises ValueError if the name cannot name a table.
    """

    name: str
    version: int
    state: type[S]
    keys: Callable[[Event], Iterable[str]]
    evolve: Callable[[S | None, str, Recorded], S | None]
    columns: Callable[[S], Mapping[str, Column]] = no_columns
    reads: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in _TAKEN:
            raise ValueError(f"{self.name!r} cannot name a projection: lower-case letters, digits and _ (40 at most)")
        if self.version < 1:
            raise ValueError(f"the versions of {self.name} begin with 1")

    def freeze(self, state: S) -> str:
        """Return the state as the JSON that is stored: without what is absent, in the order of the fields."""
        return state.model_dump_json(exclude_none=True)

    def thaw(self, stored: str | bytes) -> S:
        """Return the state that was stored; raises pydantic.ValidationError if it is not one."""
        return self.state.model_validate_json(stored)

    def fold(self, states: Mapping[str, S], recorded: Iterable[Recorded]) -> dict[str, S]:
        """Return the states after these events, in memory: the rule that every stored view is held against."""
        current = dict(states)
        for one in recorded:
            for key in self.keys(one.event):
                state = self.evolve(current.get(key), key, one)
                if state is None:
                    current.pop(key, None)
                else:
                    current[key] = state
        return current


AnyProjection: TypeAlias = Projection[Any]
"""A projection whose state's type only its own file knows."""
