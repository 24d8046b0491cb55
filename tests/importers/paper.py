"""A ledger is read once, and its questions are judged by the rules of the domain: very many of them, without views."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Hashable
from datetime import datetime
from typing import NamedTuple

from domain.belief.asked import Asked
from domain.belief.case import Case, Floor, NotEnough
from domain.belief.judge import Outcome, settled
from domain.belief.policy import Policy
from domain.belief.word import ALWAYS, At, Key
from domain.claims import Claim, Question
from domain.events import ClaimRecorded
from domain.registry import Registry
from domain.standing import Standing
from domain.times import Interval, read
from services.store.event_log import EventLog

PAGE = 5_000
NEWEST = 4
"""How many of each source's newest claims are looked at first, as the service does."""


class Spoken(NamedTuple):
    """A claim in the order of its source's words."""

    key: Key
    standing: Standing
    held: Interval
    says: Hashable

    @property
    def position(self) -> int:
        """Where it is recorded."""
        return self.standing.recorded

    @property
    def claim(self) -> Claim:
        """What was claimed."""
        return self.standing.claim


class Paper:
    """The registry, and every claim by its question, in the order of the ledger."""

    def __init__(self, log: EventLog) -> None:
        """Read the whole log; the sets have no events but claims and the registry's."""
        self.registry = Registry()
        self.said: defaultdict[Question, list[Spoken]] = defaultdict(list)
        after = 0
        while page := log.read(after, PAGE):
            for one in page:
                self.registry.take(one)
                if isinstance(one.event, ClaimRecorded):
                    claim = one.event.claim
                    self.said[claim.question].append(_spoken(claim, one.position))
            after = page[-1].position


class Told:
    """What was said on one question up to a position, which only goes forward."""

    def __init__(self, paper: Paper, question: Question) -> None:
        self._registry = paper.registry
        self._question = question
        self._by_source: defaultdict[str, list[Spoken]] = defaultdict(list)
        self._position = 0
        self._known: dict[Hashable, Outcome] = {}

    def take(self, spoken: Spoken) -> None:
        """Take in the next claim."""
        insort(self._by_source[spoken.claim.source], spoken, key=lambda one: one.key)
        self._position = spoken.position

    def asked(self, at: At, policy: Policy) -> Outcome:
        """Return what is believed at this valid time, as it is known now."""
        begun = {
            source: [one for one in said[-2 * NEWEST :] if at.begun(_start(one))] if len(said) > NEWEST else said
            for source, said in self._by_source.items()
        }
        looks = self._looks(begun, at, policy)
        if looks not in self._known:
            try:
                self._known[looks] = self._settled(begun, at, policy, NEWEST)
            except NotEnough:
                return self._settled(self._by_source, at, policy, None)
        return self._known[looks]

    def _looks(self, said: dict[str, list[Spoken]], at: At, policy: Policy) -> Hashable:
        """Return all of these words that a policy can see: who says what how, in which order, and whether it holds."""
        words = sorted((one for newest in said.values() for one in newest[-NEWEST:]), key=lambda one: one.key)
        return policy.name, tuple((one.says, at.holds(one.held)) for one in words)

    def _settled(self, said: dict[str, list[Spoken]], at: At, policy: Policy, most: int | None) -> Outcome:
        standings: list[Standing] = []
        floors: list[Floor] = []
        for source, words in said.items():
            newest = words if most is None else words[-most:]
            standings += [one.standing for one in newest]
            if newest and len(newest) < len(self._by_source[source]):
                where = self._question
                floors.append(Floor(where.location, where.aspect, where.subject, source, newest[0].key))
            elif not newest and words is not self._by_source[source]:
                raise NotEnough
        cut = Case(self._registry, standings, (), floors).at(self._position)
        return settled(cut, Asked(self._question, at, policy)).outcome()


def _start(spoken: Spoken) -> datetime | None:
    return None if spoken.key[0] == ALWAYS else spoken.key[0]


def _spoken(claim: Claim, position: int) -> Spoken:
    held = read(claim.valid.edtf, claim.tz).as_state()
    stated = read(claim.spoken.edtf, claim.tz).interval.start
    quantity = None if claim.quantity is None else (claim.quantity.min, claim.quantity.max)
    says = (claim.chain, claim.value, quantity, claim.modality, claim.basis, tuple(sorted(claim.facets.items())))
    key = (held.start or ALWAYS, stated or ALWAYS, position)
    return Spoken(key, Standing(claim=claim, recorded=position), held, says)
