"""Alerts as the services find them, and the same worked out from the pure domain, event by event."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from domain.alerts import id_of_instant
from domain.belief.affected import spoken_on
from domain.belief.asked import Asked
from domain.belief.bounds import breakpoints, shortly_before
from domain.belief.case import Case, Made
from domain.belief.explain import outcome_json
from domain.belief.history import UNREPORTED
from domain.belief.judge import Outcome, UnknownAspect, settled
from domain.belief.word import at_present
from domain.claims import Question
from domain.commands import Command
from domain.events import AssessmentMade, Recorded
from domain.policies import policy_named
from domain.registry import Registry
from domain.standing import Standing, claims_of, evolve
from services.affected_editions import AffectedEditions
from services.alert_finder import Finder
from services.alerter import Alerter
from services.alerts import Alerts, alert_json
from services.facts import Facts
from services.projector import Projector
from services.store.alerts import Alert, AlertReader, AlertWriter
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.picturing import PictureReader
from services.store.views import ViewWriter
from support.follower_process import all_steps
from support.ledger import PaperLedger


class Told(NamedTuple):
    """What of an alert of a belief follows from the ledger."""

    question: str
    before: str
    after: str


@dataclass
class Watching:
    """A ledger in a database with its views and its alerts, all carried forward in the test's own thread."""

    addresses: Addresses
    connections: Connections
    log: EventLog
    paper: PaperLedger
    projector: Projector
    facts: Facts

    @property
    def reader(self) -> AlertReader:
        return AlertReader(self.connections.fetch)

    @property
    def feed(self) -> Alerts:
        return Alerts(self.reader, self.facts, lambda after, timeout: self.reader.last() > after)

    def alerter(self, batch: int = 7) -> Alerter:
        editions = AffectedEditions(self.log, self.facts)
        finder = Finder(self.facts, PictureReader(self.connections.fetch), self.reader, editions)
        writer = lambda: AlertWriter(self.connections)  # noqa: E731 (a constructor with its argument)
        return Alerter(self.log, self.facts, finder, self.reader, writer, batch=batch)

    def tell(self, *commands: Command) -> None:
        """Record what is said."""
        before = self.paper.head
        self.paper.apply(*commands)
        self.log.append([one.event for one in self.paper.history[before:]])

    def catch_up(self, batch: int = 7) -> None:
        """Carry every view to the head, and find every alert."""
        while self.projector.step():
            pass
        alerter = self.alerter(batch)
        while alerter.step():
            pass
        alerter.stop()

    def forget(self) -> None:
        """Let alerting be one that was never begun."""
        with psycopg.connect(self.addresses.owner, autocommit=True) as connection:
            connection.execute("DELETE FROM ledger.alerting")

    def alerts(self) -> list[Alert]:
        return self.reader.after(0, 100_000)

    def shown(self, kind: str = "belief-changed") -> list[dict[str, Any]]:
        return [alert_json(one) for one in self.alerts() if one.kind == kind]


@contextmanager
def watching(addresses: Addresses) -> Generator[Watching]:
    """Give a ledger without events whose alerts are followed from the first event on."""
    with Connections(addresses.service) as connections, EventLog(addresses.service) as log:
        views = ViewReader(connections.fetch)
        projector = Projector(log, lambda: ViewWriter(connections), views, all_steps().values(), batch=9)
        facts = Facts(views, projector)
        ready = Watching(addresses, connections, log, PaperLedger(), projector, facts)
        ready.catch_up()
        yield ready
        projector.stop()


class Reckoned:
    """The changes of the present of a ledger, from its events alone."""

    def __init__(self, history: Sequence[Recorded]) -> None:
        self.history = history
        self.registry = Registry(history)
        standings: dict[str, Standing] = {}
        self.spoken: dict[Question, int] = {}
        for one in history:
            for claim in claims_of(one.event):
                standing = evolve(standings.get(claim), claim, one)
                if standing is not None:
                    standings[claim] = standing
        made = [Made(one.position, one.event.assessment) for one in history if isinstance(one.event, AssessmentMade)]
        self.case = Case(self.registry, standings.values(), made)
        for one in history:
            view = self.case.at(one.position).view
            known = [s.claim.question for s in standings.values() if s.recorded <= one.position]
            for question in {up for asked in known for up in spoken_on(view, asked)}:
                self.spoken.setdefault(question, one.position)

    def believed(self, question: Question, position: int, moment: datetime) -> Outcome:
        try:
            asked = Asked(question, at_present(moment), policy_named("desk/1"))
            return settled(self.case.at(position), asked).outcome()
        except UnknownAspect:
            return UNREPORTED

    def by_events(self, after: int = 0) -> dict[str, Told]:
        """Return what each event behind `after` changed of what was believed when it was recorded, by id."""
        found: dict[str, Told] = {}
        for one in self.history[after:]:
            ordinal = 0
            for question in self._known(one.position):
                before = self.believed(question, one.position - 1, one.recorded)
                now = self.believed(question, one.position, one.recorded)
                if before != now:
                    ordinal += 1
                    found[f"{one.position}-{ordinal}"] = told(question, before, now)
        return found

    def by_time(self, upto: datetime) -> dict[str, Told]:
        """Return what changed by itself between the first event and an instant, by id."""
        found: dict[str, Told] = {}
        for question in self.spoken:
            for moment in sorted(self._instants(question)):
                position = sum(1 for one in self.history if one.recorded < moment)
                if position and moment <= upto and question in self._known(position):
                    before = self.believed(question, position, shortly_before(moment))
                    now = self.believed(question, position, moment)
                    if before != now:
                        named = id_of_instant("belief-changed", question.name, moment)
                        found[named] = told(question, before, now)
        return found

    def _instants(self, question: Question) -> set[datetime]:
        return {moment for one in self.history for moment in breakpoints(self.case.at(one.position), question)}

    def _known(self, position: int) -> list[Question]:
        return sorted((one for one, since in self.spoken.items() if since <= position), key=lambda one: one.name)


def told(question: Question, before: Outcome, after: Outcome) -> Told:
    return Told(question.name, str(outcome_json(before)), str(outcome_json(after)))


def told_by(alerts: Sequence[Alert]) -> dict[str, Told]:
    """The same of what the services found."""
    return {
        one.id: Told(named(one.body["question"]), str(one.body["before"]), str(one.body["after"]))
        for one in alerts
        if one.kind == "belief-changed"
    }


def named(question: object) -> str:
    return Question.model_validate(question).name


def chapters(numbers: Iterator[int], many: int) -> list[Command]:
    """Some more of a story in which claims of every fate, ties and places move what is believed now."""
    from support.builders import corrects, leans, relates, says, tie, unties, withdraws

    found: list[Command] = []
    for _ in range(many):
        number = next(numbers)
        at = ("minian", "aleppo", "syria")[number % 3]
        bond = ("sohr", "allied_with", "rebels")
        found += [
            says("sohr", "rebels", claim=f"a{number}", at=f"{at}/control"),
            says("rebels", "government" if number % 2 else "rebels", claim=f"b{number}", at=f"{at}/control"),
            relates(f"b{number}", "denies", f"a{number}"),
            says("army", None, at=f"{at}/casualties", quantity={"min": number + 1, "verbatim": "some"}),
            withdraws(f"b{number}"),
            corrects(f"a{number}", says("sohr", "government", at="minian/control", claim=f"c{number}")),
            tie(*bond) if number % 4 == 0 else says("army", "government", at=f"{at}/control", claim=f"d{number}"),
            *([unties(*bond)] if number % 4 == 3 else []),
            *([leans("reuters", "army")] if number == 5 else []),
        ]
    return found
