"""Alerts, the instants waited for and how far alerting has come change in one transaction, so that none is lost or told
twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from psycopg.rows import tuple_row

from domain.alerts import AlertKind
from services.painted import Painted
from services.store.connections import Connections, Params, Query, Row, translated
from services.store.queries import Statements

_SQL = Statements("alerts.sql")
_ORDER = Statements("recorder.sql")

Json = dict[str, object]
DueKind = Literal["belief", "plan", "claim"]


class Due(NamedTuple):
    """An instant at which something may change by itself: `subject` is the name of a question, or the id of a claim."""

    instant: datetime
    kind: DueKind
    subject: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told: `position` is that of the ledger at which it was so, `instant` the present that it was so of.

    `number` is its place among all alerts, 0 before it is kept.
    """

    id: str
    kind: AlertKind
    position: int
    instant: datetime
    body: Json
    number: int = 0


class Turn(NamedTuple):
    """A rectangle that the picture began (or ceased, if not `begins`) to hold at a position."""

    position: int
    begins: bool
    painted: Painted


@dataclass(frozen=True, slots=True)
class Found:
    """What alerting goes on by: alerts in their order, instants to wait for, and those that need not be any more."""

    position: int
    alerts: Sequence[Alert]
    due: frozenset[Due] = frozenset()
    over: frozenset[Due] = frozenset()


class AlertReader:
    """Reads alerts and what they are made of. Every call may raise StoreUnavailable."""

    def __init__(self, fetch: Callable[[Query, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch

    def last(self) -> int:
        """Return the number of the last alert, 0 if there is none."""
        return int(self._fetch(_SQL["last_number"], None)[0][0])

    def after(self, number: int, limit: int) -> list[Alert]:
        """Return the next alerts behind one, in their order."""
        return [_alert(row) for row in self._fetch(_SQL["alerts_after"], {"after": number, "limit": limit})]

    def numbered(self, numbers: Sequence[int]) -> list[Alert]:
        """Return the alerts of these numbers, in their order."""
        rows = self._fetch(_SQL["alerts_numbered"], {"numbers": list(numbers)}) if numbers else []
        return [_alert(row) for row in rows]

    def counted(self) -> tuple[int | None, int]:
        """Return the position that alerting has come to (None: it was never switched on), and how many alerts are."""
        position, many = self._fetch(_SQL["counted"], None)[0]
        return (None if position is None else int(position)), int(many)

    def kinds_counted(self, after: int) -> list[tuple[str, int, int]]:
        """Return each kind of the alerts behind a number, how many there are, and the number of the last one."""
        rows = self._fetch(_SQL["kinds_counted"], {"after": after})
        return [(str(kind), int(many), int(last)) for kind, many, last in rows]

    def turned(self, after: int, upto: int) -> Iterator[Turn]:
        """Yield what the picture in use began or ceased to say at the positions in (after, upto]."""
        for position, begins, state in self._fetch(_SQL["turned"], {"after": after, "upto": upto}):
            yield Turn(int(position), bool(begins), Painted.model_validate_json(str(state)))

    def due(self, upto: datetime) -> list[Due]:
        """Return what was waited for until then, in order."""
        rows = self._fetch(_SQL["due_upto"], {"upto": upto})
        return [Due(instant.astimezone(UTC), kind, str(subject)) for instant, kind, subject in rows]

    def claims_to_come(self, position: int) -> list[str]:
        """Return the claims, recorded by then and standing, of which some time lies ahead."""
        return [str(key) for (key,) in self._fetch(_SQL["claims_to_come"], {"position": position})]


class AlertWriter:
    """Keeps alerts, on a connection of its own that also holds the lock; for one thread. May raise StoreUnavailable."""

    def __init__(self, connections: Connections) -> None:
        self._connection = connections.connect()

    def close(self) -> None:
        """Give back the connection, and with it the lock."""
        self._connection.close()

    def hold(self, lock: str) -> bool:
        """Take the lock by this name until the end of the connection; False if somebody else has it."""
        return bool(self._one(_SQL["hold"], {"name": lock})[0])

    def look(self) -> None:
        """Raise StoreUnavailable if the connection, and with it the lock, is lost."""
        self._one(_SQL["look"])

    def begin(self) -> None:
        """Let alerting begin at the head, if it was never begun; for a picture that is there."""
        with translated():
            self._connection.execute(_SQL["index_picture"])
            self._connection.execute(_SQL["begin_alerting"])

    def stands(self) -> tuple[int, bool]:
        """Return the position that alerting has come to, and whether instants to come of before it are noted."""
        position, seeded = self._one(_SQL["alerting"])
        return int(position), bool(seeded)

    def seed(self, position: int, due: Iterable[Due]) -> None:
        """Note the instants to come of what was recorded before alerting began: of beliefs, and these."""
        with translated(), self._connection.transaction():
            self._connection.execute(_SQL["lock_alerting"])
            self._connection.execute(_SQL["seed_beliefs"], {"position": position})
            self._connection.execute(_SQL["add_due"], _columns(due))
            self._connection.execute(_SQL["move_alerting"], {"position": position})

    def is_due(self) -> bool:
        """Tell whether an instant that is waited for has passed, by the clock of the database."""
        return bool(self._one(_SQL["is_due"])[0])

    def settled(self) -> tuple[datetime, int]:
        """Return an instant, and the last position before it: whatever is recorded later is recorded then or after."""
        with translated(), self._connection.transaction():
            self._connection.execute(_ORDER["take_order"])
            instant, head = self._one(_SQL["clock_and_head"])
        return instant.astimezone(UTC), int(head)

    def keep(self, after: int, found: Found) -> bool:
        """Keep what was found from position `after` on; False, and nothing is kept, if somebody else has gone on."""
        with translated(), self._connection.transaction():
            if int(self._one(_SQL["lock_alerting"])[0]) != after:
                return False
            if found.alerts:
                self._connection.execute(_SQL["add_alerts"], _told(found.alerts))
            self._connection.execute(_SQL["drop_due"], _columns(found.over))
            self._connection.execute(_SQL["add_due"], _columns(found.due))
            self._connection.execute(_SQL["move_alerting"], {"position": found.position})
        return True

    def _one(self, statement: Query, params: Params | None = None) -> Row:
        with translated(), self._connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(statement, params).fetchone()
            assert row is not None  # each of these statements answers with one row
            return row


def _alert(row: Row) -> Alert:
    number, name, kind, position, instant, body = row
    return Alert(str(name), kind, int(position), instant.astimezone(UTC), json.loads(body), int(number))


def _columns(due: Iterable[Due]) -> dict[str, list[object]]:
    rows = sorted(due)
    return {
        "instants": [one.instant for one in rows],
        "kinds": [one.kind for one in rows],
        "subjects": [one.subject for one in rows],
    }


def _told(alerts: Sequence[Alert]) -> dict[str, list[object]]:
    return {
        "ids": [one.id for one in alerts],
        "kinds": [one.kind for one in alerts],
        "positions": [one.position for one in alerts],
        "instants": [one.instant for one in alerts],
        "bodies": [json.dumps(one.body, ensure_ascii=False, separators=(",", ":")) for one in alerts],
    }
