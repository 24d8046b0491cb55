"""An alert tells a desk once that something changed; a rule says which of them a desk wants to hear of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from domain.belief.verdict import RANK
from domain.claims import Question, Slugs
from domain.registry_view import RegistryView
from domain.times import show
from domain.values import Agreement, Fact, Passage, Slug, Strength

AlertKind = Literal["belief-changed", "edition-affected", "plan-lapsed", "claim-became-valid"]
"""What is told: a belief of the present changed, an edition relied on what has changed, a plan's time is over, a claim
that was recorded beforehand has come to hold."""
Crossing = Literal["either", "reached", "left"]


def _once(given: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(given)) != len(given):
        raise ValueError("something is named twice")
    return given


class AlertRule(Fact):
    """Which alerts a desk wants: each member that is given must fit.

    `location` stands for its parts as well, unless `parts` is false. Of `agreement` and `strength` one must have been
    crossed: the belief came to have that agreement, or at least that strength (`reached`), or ceased to (`left`).
    """

    name: Slug
    kinds: Annotated[tuple[AlertKind, ...], Field(max_length=4), AfterValidator(_once)] = ()
    aspects: Slugs = ()
    location: Slug | None = None
    parts: bool = True
    agreement: Agreement | None = None
    strength: Strength | None = None
    crossed: Crossing = "either"
    note: Passage | None = None


class Believed(NamedTuple):
    """What of a belief a rule can ask for."""

    agreement: str
    strength: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A question that an alert is about; with what was and is believed of it, if that changed."""

    question: Question
    before: Believed | None = None
    after: Believed | None = None


def fits(rule: AlertRule, kind: str, subjects: Iterable[Subject], view: RegistryView) -> bool:
    """Tell whether an alert of this kind is wanted; `view` is the registry at the alert's position.

    An alert about several questions is wanted if one of them fits in everything.
    """
    if rule.kinds and kind not in rule.kinds:
        return False
    return any(_concerns(rule, one.question, view) and _crosses(rule, one) for one in subjects)


def _concerns(rule: AlertRule, question: Question, view: RegistryView) -> bool:
    if rule.aspects and question.aspect not in rule.aspects:
        return False
    if rule.location in (None, question.location):
        return True
    return rule.parts and question.location in view.parts(rule.location)


def _crosses(rule: AlertRule, subject: Subject) -> bool:
    if rule.agreement is None and rule.strength is None:
        return True
    before, after = subject.before, subject.after
    if before is None or after is None:
        return False
    ways: list[tuple[bool, bool]] = []
    if rule.agreement is not None:
        ways.append((before.agreement == rule.agreement, after.agreement == rule.agreement))
    if rule.strength is not None:
        ways.append((_is_as_strong(before, rule.strength), _is_as_strong(after, rule.strength)))
    return any(_crossed(rule.crossed, was=was, now=now) for was, now in ways)


def _is_as_strong(believed: Believed, strength: Strength) -> bool:
    return believed.strength is not None and RANK[believed.strength] >= RANK[strength]


def _crossed(wanted: Crossing, *, was: bool, now: bool) -> bool:
    if was == now:
        return False
    return wanted == "either" or (wanted == "reached") == now


def id_of_event(position: int, ordinal: int) -> str:
    """Return the id of an alert that an event brought about: its place among those of the event, from 1."""
    return f"{position}-{ordinal}"


def id_of_instant(kind: AlertKind, subject: str, moment: datetime) -> str:
    """Return the id of an alert that time alone brought about: the same, whoever notices and whenever."""
    told = "\n".join((kind, subject, show(moment) or ""))
    return f"t-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
