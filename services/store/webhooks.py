"""What a webhook has been offered, and what became of it, is known to the database alone: any process may go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from psycopg.rows import tuple_row

from domain.alerts import AlertRule
from services.store.connections import Connections, Params, Row
from services.store.queries import Statements

_SQL = Statements("webhooks.sql")

DeliveryState = Literal["pending", "delivered", "dead"]


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it is kept; `said` tells why it was switched off, if a receiver did that."""

    name: str
    url: str
    rules: tuple[str, ...]
    note: str | None
    enabled: bool
    said: str | None
    salt: str
    key_check: str
    old_salt: str | None
    old_until: datetime | None
    after: int
    made: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an alert at a webhook: `due` is the next try of a pending one, `ended` when no more followed."""

    number: int
    id: str
    kind: str
    state: DeliveryState
    attempts: int
    due: datetime
    status: int | None
    said: str | None
    ended: datetime | None


class Waiting(NamedTuple):
    """Deliveries of one webhook: not tried yet, failed and to be tried again, given up."""

    webhook: str
    fresh: int
    failed: int
    dead: int


class Outcome(NamedTuple):
    """How one attempt went: `pause` are the seconds to the next one, None if there is none."""

    status: int | None
    said: str | None = None
    pause: float | None = None

    @property
    def is_delivered(self) -> bool:
        """Tell whether the receiver took it."""
        return self.said is None


class HookStore:
    """Keeps rules, webhooks and deliveries. Every call may raise StoreUnavailable."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def rules(self) -> list[AlertRule]:
        """Return all rules, by name."""
        return [AlertRule.model_validate_json(str(rule)) for (rule,) in self._connections.fetch(_SQL["rules"])]

    def keep_rule(self, rule: AlertRule) -> bool:
        """Keep the rule in place of the one of its name, and tell whether there was none."""
        kept = {"name": rule.name, "rule": rule.model_dump_json(exclude_defaults=True)}
        return bool(self._do("keep_rule", kept)[0][0])

    def drop_rule(self, name: str) -> bool:
        """Drop the rule; False if there is none, or a webhook goes by it."""
        return bool(self._do("drop_rule", {"name": name}))

    def source(self) -> str | None:
        """Return the name by which this ledger's alerts are told from those of others; None before there are any."""
        rows = self._connections.fetch(_SQL["source"])
        return str(rows[0][0]) if rows else None

    def hooks(self) -> list[Hook]:
        """Return all webhooks, by name."""
        return [_hook(row) for row in self._connections.fetch(_SQL["webhooks"])]

    def hook(self, name: str) -> Hook | None:
        """Return the webhook of this name."""
        return next((one for one in self.hooks() if one.name == name), None)

    def add(self, given: Params) -> bool:
        """Add a webhook; False if there is one of its name."""
        return bool(self._do("add_webhook", given))

    def revise(self, given: Params) -> bool:
        """Revise a webhook; False if there is none of this name."""
        return bool(self._do("revise_webhook", given))

    def renew(self, name: str, salt: str, key_check: str) -> bool:
        """Give the webhook another secret; False if there is none of this name."""
        return bool(self._do("renew_secret", {"name": name, "salt": salt, "key_check": key_check}))

    def switch_off(self, name: str, said: str) -> None:
        """Send nothing more to the webhook, for this reason."""
        self._do("switch_off", {"name": name, "said": said})

    def drop(self, name: str) -> bool:
        """Drop the webhook with its deliveries; False if there is none."""
        return bool(self._do("drop_webhook", {"name": name}))

    def offer(self, hook: Hook, numbers: Sequence[int], upto: int) -> bool:
        """Note the alerts that the webhook is to get, of all up to a number; False, and nothing, if it has moved."""
        given = {"webhook": hook.name, "alerts": list(numbers), "after": hook.after, "upto": upto}
        with self._connections.connection() as connection, connection.transaction():
            if connection.execute(_SQL["move_webhook"], given).fetchone() is None:
                return False
            connection.execute(_SQL["add_deliveries"], given)
        return True

    def due(self, webhook: str, limit: int) -> list[tuple[int, int]]:
        """Return the alerts whose time to be tried has come, with how often they were tried."""
        rows = self._connections.fetch(_SQL["due_deliveries"], {"webhook": webhook, "limit": limit})
        return [(int(alert), int(attempts)) for alert, attempts in rows]

    def tried(self, webhook: str, alert: int, outcome: Outcome) -> None:
        """Note how an attempt went."""
        given = {"webhook": webhook, "alert": alert, **outcome._asdict()}
        if outcome.is_delivered:
            self._do("delivered", given)
        else:
            self._do("given_up" if outcome.pause is None else "put_off", given)

    def deliveries(self, webhook: str, state: DeliveryState | None, after: int, limit: int) -> list[Delivery]:
        """Return what became of the alerts behind a number at a webhook."""
        asked = {"webhook": webhook, "state": state, "after": after, "limit": limit}
        return [_delivery(row) for row in self._connections.fetch(_SQL["deliveries"], asked)]

    def resend(self, webhook: str, alerts: Sequence[int] | None) -> list[int]:
        """Try these alerts again from now on, all dead ones if none are named, and return which that were."""
        given = {"webhook": webhook, "alerts": None if alerts is None else list(alerts)}
        return sorted(int(number) for (number,) in self._do("resend", given))

    def counted(self) -> list[Waiting]:
        """Return how many deliveries each webhook waits for, or has given up."""
        return [Waiting(str(row[0]), *map(int, row[1:])) for row in self._connections.fetch(_SQL["counted"])]

    def _do(self, statement: str, given: Params) -> list[Row]:
        with self._connections.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(_SQL[statement], given)
            return cursor.fetchall() if cursor.description else []


def _hook(row: Row) -> Hook:
    name, url, rules, note, enabled, said, salt, key_check, old_salt, old_until, after, made = row
    until = old_until.astimezone(UTC) if old_until else None
    kept = (str(name), str(url), tuple(rules), note, bool(enabled), said, str(salt), str(key_check))
    return Hook(*kept, old_salt, until, int(after), made.astimezone(UTC))


def _delivery(row: Row) -> Delivery:
    number, name, kind, state, attempts, due, status, said, ended = row
    until = ended.astimezone(UTC) if ended else None
    return Delivery(int(number), name, kind, state, int(attempts), due.astimezone(UTC), status, said, until)
