"""A projection that obeys these laws has the same rows on every machine, in batches of any size, and after any replay.

Each law is a function of a projection and a ledger that raises BrokenLaw; together they say what `services.folding` and
`services.replay` rely on.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import cast

from domain.events import Recorded
from domain.kit.broken import BrokenLaw
from domain.kit.paper import PaperLedger
from domain.kit.projecting import frozen, stored
from domain.projection import AnyProjection
from domain.values import Fact

Law = Callable[[AnyProjection, PaperLedger], None]
TOTAL = "whatever is recorded can be taken in"
KEYS = "an event names each key once, as a text that can be stored"
LOCAL = "a state depends only on the events that name its key"
PURE = "the same events give the same states, and a state once given is never changed"
STORED = "a state is the same after it was stored"
SPLIT = "a stored state goes on wherever the ledger is split"
SAME = "where nothing changed, the state is the very same object"
SENT = "it can be sent to another process"
COLUMNS = "every state is searched by the same columns, of types that a table can hold"


def total(projection: AnyProjection, ledger: PaperLedger) -> None:
    """Every event, at any point of any state, names its keys and gives a state of the right kind, or None."""
    states: dict[str, Fact] = {}
    for one in ledger.history:
        for key in _keys(projection, one):
            state = _evolved(projection, states.get(key), key, one)
            if state is None:
                states.pop(key, None)
            elif not isinstance(state, projection.state):
                raise _broken(projection, TOTAL, one, f"it gives {state!r}, which is no {projection.state.__name__}")
            else:
                states[key] = state


def keys_are_unique(projection: AnyProjection, ledger: PaperLedger) -> None:
    """No event names a key twice, and none names a key that PostgreSQL could not hold."""
    for one in ledger.history:
        named = _keys(projection, one)
        twice = [key for key in named if named.count(key) > 1]
        if twice:
            raise _broken(projection, KEYS, one, f"it names the key {twice[0]!r} twice")
        unfit = [key for key in named if not isinstance(cast("object", key), str) or not key or "\x00" in key]
        if unfit:
            raise _broken(projection, KEYS, one, f"{unfit[0]!r} cannot be a key")


def depends_on_its_events_alone(projection: AnyProjection, ledger: PaperLedger) -> None:
    """The events that name a key give, alone, the state that the whole ledger gives: a replay may share out keys."""
    whole = frozen(projection, ledger.history)
    for key in whole:
        naming = [one for one in ledger.history if key in _keys(projection, one)]
        alone = frozen(projection, naming).get(key)
        if alone != whole[key]:
            raise BrokenLaw(_who(projection), LOCAL, f"{key!r} is {whole[key]} and, of its own events, {alone}")


def is_pure(projection: AnyProjection, ledger: PaperLedger) -> None:
    """Folding twice gives the same, also from states that were folded on before."""
    first = frozen(projection, ledger.history)
    if frozen(projection, ledger.history) != first:
        raise BrokenLaw(_who(projection), PURE, "folding the same ledger a second time gives other states")
    states: dict[str, Fact] = {}
    for one in ledger.history:
        for key in _keys(projection, one):
            before = states.get(key)
            shown = projection.freeze(before) if before is not None else None
            state = _evolved(projection, before, key, one)
            if before is not None and projection.freeze(before) != shown:
                raise _broken(projection, PURE, one, f"it changes the state of {key!r} that it was given: {shown}")
            if state is None:
                states.pop(key, None)
            else:
                states[key] = state


def survives_storage(projection: AnyProjection, ledger: PaperLedger) -> None:
    """Every state there ever was is thawed as the state that was frozen."""

    def compare(one: Recorded, key: str, before: Fact | None, state: Fact | None) -> None:
        del before
        if state is None:
            return
        text = projection.freeze(state)
        try:
            back = projection.thaw(text)
        except ValueError as error:
            raise _broken(projection, STORED, one, f"{key!r} cannot be read back from {text}: {error}") from error
        if back != state or projection.freeze(back) != text:
            raise _broken(projection, STORED, one, f"{key!r} was {state!r} and comes back as {back!r}")

    _walk(projection, ledger.history, compare)


def goes_on_when_split(projection: AnyProjection, ledger: PaperLedger) -> None:
    """Batches of one, of seven and of all give the same states, every state being stored between two batches."""
    whole = frozen(projection, ledger.history)
    for size in (1, 7):
        states: dict[str, Fact] = {}
        for begin in range(0, len(ledger.history), size):
            states = projection.fold(stored(projection, states), ledger.history[begin : begin + size])
        found = {key: projection.freeze(state) for key, state in states.items()}
        if found != whole:
            key = next(key for key in sorted({*found, *whole}) if found.get(key) != whole.get(key))
            told = f"{key!r} is {whole.get(key)} at once, and {found.get(key)} in batches of {size}"
            raise BrokenLaw(_who(projection), SPLIT, told)


def keeps_what_did_not_change(projection: AnyProjection, ledger: PaperLedger) -> None:
    """A state that is equal to the one before is that one: else each event would make a row that says nothing new."""

    def compare(one: Recorded, key: str, before: Fact | None, state: Fact | None) -> None:
        if state is not None and state is not before and state == before:
            raise _broken(projection, SAME, one, f"it gives {key!r} a new object that equals the one before: {state!r}")

    _walk(projection, ledger.history, compare)


def has_the_same_columns(projection: AnyProjection, ledger: PaperLedger) -> None:
    """A row is searched by texts, whole numbers and instants in UTC, under the same names as all other rows."""
    names: set[str] | None = None

    def compare(one: Recorded, key: str, before: Fact | None, state: Fact | None) -> None:
        nonlocal names
        del before
        if state is None:
            return
        columns = projection.columns(state)
        names = set(columns) if names is None else names
        if set(columns) != names:
            told = f"{key!r} is searched by {sorted(columns)}, and others by {sorted(names)}"
            raise _broken(projection, COLUMNS, one, told)
        unfit = [name for name in columns if not _is_column(columns[name])]
        if unfit:
            raise _broken(projection, COLUMNS, one, f"{unfit[0]!r} of {key!r} is {columns[unfit[0]]!r}")

    _walk(projection, ledger.history, compare)


def can_be_sent(projection: AnyProjection, ledger: PaperLedger) -> None:
    """Several processes may build a replay; each gets the projection by the names of its functions in their modules."""
    del ledger
    try:
        there = pickle.loads(pickle.dumps(projection))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise BrokenLaw(
            _who(projection), SENT, f"its functions must stand in a module by their names: {error}"
        ) from error
    if there != projection:
        raise BrokenLaw(_who(projection), SENT, "what arrives there is another one")


LAWS: dict[str, Law] = {
    TOTAL: total,
    KEYS: keys_are_unique,
    PURE: is_pure,
    STORED: survives_storage,
    SPLIT: goes_on_when_split,
    LOCAL: depends_on_its_events_alone,
    SAME: keeps_what_did_not_change,
    COLUMNS: has_the_same_columns,
    SENT: can_be_sent,
}
"""Each law of a projection by its sentence."""


def _walk(
    projection: AnyProjection,
    history: Sequence[Recorded],
    see: Callable[[Recorded, str, Fact | None, Fact | None], None],
) -> None:
    """Fold, and show each state beside the one before it."""
    states: dict[str, Fact | None] = {}
    for one in history:
        for key in _keys(projection, one):
            before = states.get(key)
            states[key] = state = _evolved(projection, before, key, one)
            see(one, key, before, state)


def _keys(projection: AnyProjection, one: Recorded) -> tuple[str, ...]:
    try:
        return tuple(projection.keys(one.event))
    except Exception as error:  # noqa: BLE001 (whatever it is, it would stop the view at this event)
        raise _broken(projection, TOTAL, one, f"`keys` raises {type(error).__name__}: {error}") from error


def _evolved(projection: AnyProjection, before: Fact | None, key: str, one: Recorded) -> Fact | None:
    try:
        return projection.evolve(before, key, one)
    except Exception as error:  # noqa: BLE001 (whatever it is, it would stop the view at this event)
        told = f"`evolve` of {key!r} raises {type(error).__name__}: {error}"
        raise _broken(projection, TOTAL, one, told) from error


def _is_column(value: object) -> bool:
    if isinstance(value, datetime):
        return value.utcoffset() == timedelta(0)
    if isinstance(value, tuple):
        return all(isinstance(part, str) for part in cast("tuple[object, ...]", value))
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _who(projection: AnyProjection) -> str:
    return f"the projection {projection.name!r}"


def _broken(projection: AnyProjection, law: str, one: Recorded, how: str) -> BrokenLaw:
    return BrokenLaw(_who(projection), law, f"at position {one.position} ({one.event.type}) {how}")
