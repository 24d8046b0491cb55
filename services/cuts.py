"""A query is cut twice: at a position (what we knew) and at a valid time (what was so)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from domain.belief.asked import Asked
from domain.belief.policy import Policy
from domain.belief.word import At
from domain.claims import Question
from domain.edtf import UnreadableTime
from domain.policies import DEFAULT, policy_named
from domain.registry_view import RegistryView
from domain.times import instant, read, read_instant, read_timezone
from services.errors import BadQuery, NotCaughtUp, Wrong
from services.facts import NEEDED, Facts
from services.store.event_log import EventLog

T = TypeVar("T")
MAX_WITHOUT = 50
"""Most sources that one question may leave out."""


@dataclass(frozen=True, slots=True)
class Query:
    """How a question is cut, as the caller wrote it.

    `as_of` is a position or an RFC 3339 instant of recording, `valid_at` EDTF or an instant read in `tz`. `at_least` is
    a position that the answer has to include, since the caller knows of it.
    """

    as_of: str | None = None
    valid_at: str | None = None
    tz: str | None = None
    policy: str = DEFAULT
    without: tuple[str, ...] = ()
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What was asked for, the position it was computed from, and whether it will be the same for ever."""

    body: T
    position: int
    immutable: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows, and where to go on; `next` is None on the last page."""

    rows: list[dict[str, object]]
    next: int | str | None


@dataclass(frozen=True, slots=True)
class Cutting:
    """A query that was understood.

    What was recorded up to `position` is `timeless` if the query named the past; an answer that depends on what time it
    is as well is `immutable` only if the query named a valid time too.
    """

    position: int
    at: At
    policy: Policy
    without: frozenset[str]
    timeless: bool
    immutable: bool

    def asked(self, question: Question) -> Asked:
        """Return the question with this query's valid time, policy and left-out sources."""
        return Asked(question, self.at, self.policy, self.without)


class Cuts:
    """Understands queries: waits until the views include what is asked about, and refuses what cannot be."""

    def __init__(self, log: EventLog, facts: Facts, now: Callable[[], datetime], patience: float = 5.0) -> None:
        self._log = log
        self._facts = facts
        self._now = now
        self._patience = patience

    def cut(self, query: Query, tz: str | None = None, reading: tuple[str, ...] = ()) -> Cutting:
        """Return the cut; `tz` is the time zone of the story that is asked about.

        `reading` names the views that the answer is read from beside the facts: it waits for them too, and one that has
        stopped holds up no answer that does without it.

        Raises BadQuery with everything that cannot be understood, UnknownPolicy, and NotCaughtUp if the views do not
        reach the position in time.
        """
        now = self._now()
        wrong: list[Wrong] = []
        position, past = self._position(query, now, wrong)
        at = self._valid(query, tz, now, wrong)
        if len(query.without) > MAX_WITHOUT:
            wrong.append(Wrong("without", f"{len(query.without)} sources are left out", f"at most {MAX_WITHOUT}"))
        if wrong:
            raise BadQuery(wrong)
        policy = policy_named(query.policy)
        reached = self._reach(position, query.at_least, reading)
        view = RegistryView(self._facts.registry(reached), reached)
        unknown = [slug for slug in query.without if view.source(slug) is None]
        if unknown:
            raise BadQuery(
                [Wrong("without", f"no source is called {slug!r}", "a registered source") for slug in unknown]
            )
        immutable = past and query.valid_at is not None
        return Cutting(reached, at, policy, frozenset(query.without), past, immutable)

    def _position(self, query: Query, now: datetime, wrong: list[Wrong]) -> tuple[int | None, bool]:
        if query.as_of is None:
            return None, False
        if query.as_of.isascii() and query.as_of.isdecimal() and len(query.as_of) <= 18:
            position = int(query.as_of)
            head = self._log.head()
            if position > head:
                wrong.append(Wrong("as_of", f"the ledger ends at position {head}", f"a position from 0 to {head}"))
            return position, True
        try:
            moment = read_instant(query.as_of)
        except UnreadableTime as reason:
            wrong.append(Wrong("as_of", str(reason), "a position, or an RFC 3339 instant with its offset"))
            return None, False
        return self._log.position_at(moment), moment < now

    def _valid(self, query: Query, tz: str | None, now: datetime, wrong: list[Wrong]) -> At:
        zone = query.tz or tz or "UTC"
        try:
            read_timezone(zone)
        except UnreadableTime as reason:
            wrong.append(Wrong("tz", str(reason), "an offset such as +02:00, or an IANA name"))
            return At(None, instant(now))
        if query.valid_at is None:
            return At(None, instant(now))
        try:
            return At(read(query.valid_at, zone).interval, instant(now))
        except UnreadableTime as reason:
            wrong.append(Wrong("valid_at", str(reason), "EDTF such as 2016-11-08, or an RFC 3339 instant"))
            return At(None, instant(now))

    def _reach(self, position: int | None, at_least: int, reading: tuple[str, ...]) -> int:
        """Return the position to answer from, having waited for the views to get there."""
        needed = max(position or 0, at_least)
        reached = self._facts.reached(needed, self._patience, (*NEEDED, *reading))
        if reached < needed:
            raise NotCaughtUp(needed, reached)
        return reached if position is None else position
