"""A query is cut twice: at a position (what we knew) and at a valid time (what was so)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from domain.belief.asked import Asked
from domain.belief.policy import Policy
from domain.belief.word import At
from domain.claims import Question
from domain.edtf import UnreadableTime
from domain.policies import DEFAULT, policy_named
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.times import instant, read, read_instant, read_timezone
from services.errors import BadQuery, NotCaughtUp, Wrong
from services.facts import NEEDED, Facts
from services.store.event_log import EventLog
from services.store.places import LIVE
from services.store.what_ifs import WhatIfs
from services.whatif import Pictured, Terms

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that a question waits for the views to include what it is about."""
MAX_WITHOUT = 50
"""Most sources that one question may leave out."""


@dataclass(frozen=True, slots=True)
class Query:
    """How a question is cut, as the caller wrote it.

    `as_of` is a position or an RFC 3339 instant of recording, `valid_at` EDTF or an instant read in `tz`. `at_least` is
    a position that the answer has to include, since the caller knows of it. `policy` None is the default one.
    `projection` names a picture, which brings its policy, whom it leaves out and where it stands.
    """

    as_of: str | None = None
    valid_at: str | None = None
    tz: str | None = None
    policy: str | None = None
    without: tuple[str, ...] = ()
    at_least: int = 0
    projection: str | None = None


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What was asked for, the position it was computed from, and whether it will be the same for ever.

    `projection` is the picture that the query named, None if it named none.
    """

    body: T
    position: int
    immutable: bool
    projection: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows, and where to go on; `next` is None on the last page."""

    rows: list[dict[str, object]]
    next: int | str | None


@dataclass(frozen=True, slots=True)
class Cutting:
    """A query that was understood.

    What was recorded up to `position` is `timeless` if the query named the past; an answer that depends on what time it
    is as well is `immutable` only if the query named a valid time too. `pictured` is the picture that the query named;
    what comes from a what-if is neither, since another one can be made under its name.
    """

    position: int
    at: At
    policy: Policy
    without: frozenset[str]
    timeless: bool
    immutable: bool
    pictured: Pictured | None = None

    @property
    def place(self) -> str:
        """The place of the picture that is asked."""
        return self.pictured.place if self.pictured else LIVE

    def answer(self, body: T) -> Answer[T]:
        """Return the answer to a question of what is believed."""
        return Answer(body, self.position, self.immutable, self.pictured.name if self.pictured else None)

    def asked(self, question: Question) -> Asked:
        """Return the question with this query's valid time, policy and left-out sources."""
        return Asked(question, self.at, self.policy, self.without)


def unknown_source(slug: str) -> Wrong:
    """Return what is wrong with leaving out a source that nobody registered."""
    return Wrong("without", f"no source is called {slug!r}", "a registered source")


def _nowhere(_registry: Registry) -> None:
    """No time zone: what is asked about has none of its own."""


def _listed(known: Iterable[str]) -> str:
    return f"one of {', '.join(sorted(known))}" if known else "the name of a projection"


def _within(pictured: Pictured, position: int | None, wrong: list[Wrong]) -> int:
    """Return the position that a picture which stands still is asked at: its own, where none is given."""
    stands = pictured.position
    if position is not None and position > stands:
        said = f"the projection {pictured.name!r} stands at position {stands} and knows of nothing behind it"
        wrong.append(Wrong("as_of", said, f"a position from 0 to {stands}, or an instant before it"))
    return stands if position is None else position


class Cuts:
    """Understands queries: waits until the views include what is asked about, and refuses what cannot be."""

    def __init__(
        self, log: EventLog, facts: Facts, pictures: WhatIfs, now: Callable[[], datetime], *, may_lag: bool = False
    ) -> None:
        """Cut at positions of the log, which with `may_lag` has not yet all that is recorded."""
        self._may_lag = may_lag
        self._log = log
        self._facts = facts
        self._pictures = pictures
        self._now = now

    def cut(
        self, query: Query, tz: Callable[[Registry], str | None] = _nowhere, reading: tuple[str, ...] = ()
    ) -> Cutting:
        """Return the cut; `tz` finds the time zone of the story that is asked about.

        `reading` names the views that the answer is read from beside the facts: it waits for them too, and one that has
        stopped holds up no answer that does without it.

        Raises BadQuery with everything that cannot be understood, UnknownPolicy, and NotCaughtUp if the views do not
        reach the position in time.
        """
        now = self._now()
        wrong: list[Wrong] = []
        pictured = self._pictured(query, wrong) if query.projection is not None else None
        position, past = self._position(query, now, wrong)
        if pictured is not None and pictured.place != LIVE:
            position, past = _within(pictured, position, wrong), False
        if len(query.without) > MAX_WITHOUT:
            wrong.append(Wrong("without", f"{len(query.without)} sources are left out", f"at most {MAX_WITHOUT}"))
        reached = 0 if wrong else self._reach(position, query.at_least, reading)
        registry = self._facts.registry(reached)
        at = self._valid(query, tz(registry), now, wrong)
        if wrong:
            raise BadQuery(wrong)
        terms = Terms(query.policy or DEFAULT, query.without) if pictured is None else pictured.terms
        policy = policy_named(terms.policy)
        view = RegistryView(registry, reached)
        if unknown := [unknown_source(slug) for slug in query.without if view.source(slug) is None]:
            raise BadQuery(unknown)
        immutable = past and query.valid_at is not None
        return Cutting(reached, at, policy, frozenset(terms.without), past, immutable, pictured)

    def placed(self, name: str, text: str) -> int:
        """Return the position that a position or an instant names; BadQuery says what is wrong with the one `name`."""
        wrong: list[Wrong] = []
        position, _ = self._position(Query(as_of=text), self._now(), wrong)
        if wrong:
            raise BadQuery([replace(one, parameter=name) for one in wrong])
        return position or 0

    def _pictured(self, query: Query, wrong: list[Wrong]) -> Pictured | None:
        """Return the picture that the query names; raises NotCaughtUp for a what-if that is still being built."""
        known = {one.name: one for one in self._pictures.pictures()}
        found = known.get(query.projection or "")
        if found is None:
            wrong.append(
                Wrong("projection", f"no projection with beliefs is called {query.projection!r}", _listed(known))
            )
            return None
        if query.policy is not None:
            said = f"the projection {found.name!r} is judged by {found.terms.policy} and brings that along"
            wrong.append(Wrong("policy", said, "a projection or a policy"))
        if query.without:
            left_out = ", ".join(found.terms.without) or "nobody"
            said = f"the projection {found.name!r} leaves out {left_out} and brings that along"
            wrong.append(Wrong("without", said, "a projection or sources to leave out"))
        if found.is_what_if and found.state != "standing":
            raise NotCaughtUp(found.terms.upto or self._log.head(), found.position)
        return found

    def _position(self, query: Query, now: datetime, wrong: list[Wrong]) -> tuple[int | None, bool]:
        if query.as_of is None:
            return None, False
        if query.as_of.isascii() and query.as_of.isdecimal() and len(query.as_of) <= 18:
            position = int(query.as_of)
            if self._may_lag and position and not self._log.wait(position - 1, PATIENCE):
                raise NotCaughtUp(position, self._log.head())
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
        reached = self._facts.reached(needed, PATIENCE, (*NEEDED, *reading))
        if reached < needed:
            raise NotCaughtUp(needed, reached)
        return reached if position is None else position
