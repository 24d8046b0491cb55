"""A belief that was proved is judged again from nothing but an export of events, and comes to the same digest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from domain.belief.asked import Asked
from domain.belief.case import Case, Made
from domain.belief.explain import belief
from domain.belief.word import At
from domain.claims import Question
from domain.events import AssessmentMade, Recorded
from domain.policies import policy_named
from domain.proof.verifier import Wrong
from domain.registry import Registry
from domain.standing import Standing, claims_of, evolve
from domain.times import Interval, instant, read_instant
from domain.upcasts import decode
from domain.values import Fact, Position, Sha256

_LINE = re.compile(
    rb'\{"position":([0-9]+),"name":"([a-z0-9.-]+)","recorded":"([^"]+)"(?:,"by":("(?:[^"\\]|\\.)*"))?,"event":(.*)\}',
    re.DOTALL,
)


class Span(Fact):
    """The valid time that was asked about, half-open; an end that is not given is open."""

    from_: str | None = Field(alias="from", default=None)
    to: str | None = None


class BeliefProof(Fact):
    """What a belief follows from, and its digest: the form of `onrecord proof belief`.

    `checkpoint` says which ledger it is of, `as_of` the position, `valid` what time was asked about (None: the present,
    which was `now`).
    """

    proof: Literal["onrecord.belief/1"]
    checkpoint: str
    as_of: Position
    policy: str
    without: tuple[str, ...] = ()
    question: Question
    valid: Span | None = None
    now: str
    digest: Sha256
    belief: JsonValue = None

    @property
    def at(self) -> At:
        """The valid time that was asked about."""
        span = self.valid
        given = span and Interval(_read(span.from_), _read(span.to))
        return At(given, instant(read_instant(self.now)))


def events_in(lines: Iterable[bytes], upto: int) -> Iterator[Recorded]:
    """Yield the events of an export up to a position. Raises Wrong for a line that is none."""
    for line in lines:
        found = _LINE.fullmatch(line.rstrip(b"\r\n"))
        if found is None:
            raise Wrong("a line is no event in the form that `onrecord export --events` writes")
        if int(found[1]) > upto:
            return
        by = None if found[4] is None else str(json.loads(found[4]))
        yield Recorded(int(found[1]), read_instant(found[3].decode()), decode(found[5], found[2].decode()), by)


def digest_of(events: Iterable[Recorded], told: BeliefProof) -> str:
    """Return the digest of the belief that follows from these events, all up to its position; all are kept in memory.

    Raises what judging raises: UnknownAspect and UnknownPolicy.
    """
    registry, standings, made = Registry(), dict[str, Standing](), list[Made]()
    for recorded in events:
        registry.take(recorded)
        for claim in claims_of(recorded.event):
            standing = evolve(standings.get(claim), claim, recorded)
            if standing is not None:
                standings[claim] = standing
        if isinstance(recorded.event, AssessmentMade):
            made.append(Made(recorded.position, recorded.event.assessment))
    cut = Case(registry, standings.values(), made).at(told.as_of)
    asked = Asked(told.question, told.at, policy_named(told.policy), frozenset(told.without))
    return str(belief(cut, asked)["digest"])


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)
