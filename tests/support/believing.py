"""What is believed of a ledger on paper: a question in one line, the answer as a reader of the API gets it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict, Unpack

from domain.belief.asked import Asked
from domain.belief.case import Case, Cut
from domain.belief.explain import belief
from domain.belief.judge import Judgement, Outcome, judge
from domain.belief.word import At
from domain.kit.judging import NOON, PRESENT, cut_of
from domain.kit.judging import moment_at as at
from domain.policies import DEFAULT, policy_named
from domain.times import read_instant
from support.builders import question
from support.ledger import PaperLedger, uuid7

__all__ = [
    "NOON",
    "NO_TIME",
    "asked",
    "at",
    "believed",
    "case_of",
    "cut_of",
    "judged",
    "moment",
    "names",
    "outcome",
    "short",
]

NO_TIME = PRESENT
"""As `valid`: no valid time is given."""


def moment(text: str) -> datetime:
    return read_instant(text)


def case_of(ledger: PaperLedger) -> Case:
    return cut_of(ledger).case


def asked(place: str, when: At | None = None, *, policy: str = DEFAULT, without: Iterable[str] = ()) -> Asked:
    return Asked(question(place), when or at(), policy_named(policy), frozenset(without))


class How(TypedDict, total=False):
    """How a question is asked beside its place and its valid time."""

    position: int
    now: str
    tz: str
    policy: str
    without: Iterable[str]


def believed(
    ledger: PaperLedger, place: str = "minian/fighting", valid: str = NOON, **how: Unpack[How]
) -> dict[str, Any]:
    """The belief with its explanation."""
    return json.loads(json.dumps(belief(*_asked(ledger, place, valid, how))))


def judged(ledger: PaperLedger, place: str = "minian/fighting", valid: str = NOON, **how: Unpack[How]) -> Judgement:
    return judge(*_asked(ledger, place, valid, how))


def outcome(ledger: PaperLedger, place: str = "minian/fighting", valid: str = NOON, **how: Unpack[How]) -> Outcome:
    return judged(ledger, place, valid, **how).outcome()


def _asked(ledger: PaperLedger, place: str, valid: str, how: How) -> tuple[Cut, Asked]:
    when = at(valid, now=how.get("now", NOON), tz=how.get("tz", "UTC"))
    one = asked(place, when, policy=how.get("policy", DEFAULT), without=how.get("without", ()))
    return cut_of(ledger, how.get("position")), one


def short(ledger: PaperLedger, place: str = "minian/fighting", valid: str = NOON, **how: Unpack[How]) -> str:
    """The belief in a line, such as `uncontested S3 ongoing R4` or `contested R5: none S3 > ongoing S2`.

    A contested one names its sides, the leaning one first with `>` behind it, otherwise by name.
    """
    said = believed(ledger, place, valid, **how)
    if said["agreement"] == "contested" and said["sides"]:
        strengths = sorted(said["sides"].items(), key=lambda side: (side[0] != said["lean"], side[0]))
        shown = [f"{name} {side['strength']}" for name, side in strengths]
        between = " > " if said["lean"] else ", "
        return f"contested {said['rule']}: " + between.join([shown[0], ", ".join(shown[1:])])
    parts = (said["agreement"], said["strength"], _shown(said["value"]), said["rule"])
    return " ".join(part for part in parts if part)


def _shown(value: str | dict[str, Any] | None) -> str | None:
    if isinstance(value, dict):
        low, high, unit = value["min"], value["max"], value["unit"]
        most = "" if high is None else high
        return f"{low if low == high else f'{low}..{most}'}{f' {unit}' if unit else ''}"
    return value


def names(*claims: str) -> list[str]:
    """The ids of the claims of these names, as a belief lists them."""
    return sorted(uuid7(claim) for claim in claims)
