"""What changed is told in one order, page by page or live, to whoever asks for all of it or for what a rule wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from domain.alerts import AlertRule, Believed, Subject, fits
from domain.claims import Question
from domain.times import show
from services.facts import Facts
from services.judging import Views
from services.shown import Json
from services.store.alerts import Alert, AlertReader

SCANNED = 5_000
"""Alerts held against a rule for one page, at most."""
_AT_ONCE = 500


class AlertPage(NamedTuple):
    """Some alerts; `reached` is the number to go on behind, and `more` whether something is known to lie there."""

    rows: list[Json]
    reached: int
    more: bool


class Alerts:
    """Reads the alerts. Every call may raise StoreUnavailable."""

    def __init__(self, reader: AlertReader, facts: Facts, wait: Callable[[int, float], bool]) -> None:
        self._reader = reader
        self._views = Views(facts)
        self._wait = wait

    def last(self) -> int:
        """Return the number of the last alert, 0 if there is none."""
        return self._reader.last()

    def wait(self, after: int, timeout: float) -> bool:
        """Return True once there is an alert behind this number, False after `timeout` seconds."""
        return self._wait(after, timeout)

    def page(self, after: int, limit: int, *wanted: Sequence[AlertRule]) -> AlertPage:
        """Return at most `limit` alerts behind a number that fit a rule of each of the lists that are not empty."""
        rows: list[Json] = []
        reached, scanned = after, 0
        lists = [rules for rules in wanted if rules]
        while len(rows) < limit and scanned < SCANNED:
            found = self._reader.after(reached, _AT_ONCE if lists else min(_AT_ONCE, limit - len(rows)))
            if not found:
                return AlertPage(rows, reached, more=False)
            for alert in found:
                reached = alert.number
                scanned += 1
                if all(self.is_wanted(alert, rules) for rules in lists):
                    rows.append(alert_json(alert))
                if len(rows) == limit:
                    break
        return AlertPage(rows, reached, more=True)

    def is_wanted(self, alert: Alert, rules: Sequence[AlertRule]) -> bool:
        """Tell whether the alert fits one of the rules, places being parts of others as they were at its position."""
        view = self._views.at(alert.position)
        subjects = list(subjects_of(alert.body))
        return any(fits(rule, alert.kind, subjects, view) for rule in rules)

    def counted(self) -> tuple[int | None, int]:
        """Return the position that alerting has come to (None: never switched on), and how many alerts there are."""
        return self._reader.counted()

    def kinds_counted(self, after: int) -> list[tuple[str, int, int]]:
        """Return each kind of the alerts behind a number, how many there are, and the number of the last one."""
        return self._reader.kinds_counted(after)


def alert_json(alert: Alert) -> Json:
    """Return the alert as it is shown everywhere."""
    return {
        "number": alert.number,
        "id": alert.id,
        "kind": alert.kind,
        "position": alert.position,
        "instant": show(alert.instant),
        **alert.body,
    }


def subjects_of(body: Mapping[str, object]) -> Iterator[Subject]:
    """Yield the questions that an alert is about, with what was and is believed of them where that changed."""
    if "question" in body:
        yield _subject(body)
    for name in ("beliefs", "claims"):
        rows = body.get(name)
        yield from (_subject(row) for row in cast("list[Json]", rows if isinstance(rows, list) else []))


def _subject(row: Mapping[str, object]) -> Subject:
    question = Question.model_validate(row["question"])
    if "before" not in row or "after" not in row:
        return Subject(question)
    return Subject(question, _believed(row["before"]), _believed(row["after"]))


def _believed(shown: object) -> Believed:
    told = cast("Json", shown)
    strength = told.get("strength")
    return Believed(str(told["agreement"]), None if strength is None else str(strength))
