"""How soon a desk should look at an edition follows from what was printed and what has become of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from services.shown import Json

URGENCIES = {
    "overturned": "a belief that was conceded or established is not believed any more, or another value is",
    "reversed": "another value is believed than was printed",
    "voided": "a cited claim was never its source's",
    "unsettled": "what was printed as a value is contested, or does not stand any more",
    "settled": "what was printed as contested or unknown has a value now",
    "withdrawn": "a source took a cited claim back",
    "corrected": "the desk corrected a cited claim",
    "weakened": "the value that was printed is less well founded",
    "strengthened": "the value that was printed is better founded",
    "shifted": "the sides of what is contested stand otherwise",
    "answered": "an edition that corrects this one was made after the last change",
}
"""Most urgent first: what was printed as sure and is wrong, then what is wrong, what is open, and what is only better
or worse founded; what the desk has answered comes last."""
ORDER = tuple(URGENCIES)
SURE = ("S5", "S6")
"""Strengths of what was conceded, or established by evidence."""


def urgency(affected: Json, answered: int | None) -> str | None:
    """Return the most urgent of what has become of an edition; None if nothing has.

    `affected` holds changed `beliefs` and ended `claims`; `answered` is the edition that has corrected all of it.
    """
    found = [
        *(_of_belief(row) for row in cast("Sequence[Json]", affected["beliefs"])),
        *(str(row["status"]) for row in cast("Sequence[Json]", affected["claims"])),
    ]
    if not found:
        return None
    return "answered" if answered is not None else min(found, key=ORDER.index)


def last_change(affected: Json) -> int:
    """Return the position of the last event that changed anything; 0 if none did."""
    return max((cast("int", one["position"]) for one in _causes(affected)), default=0)


def _causes(affected: Json) -> Iterable[Json]:
    for row in cast("Sequence[Json]", affected["beliefs"]):
        yield from cast("Sequence[Json]", row["because"])
    for row in cast("Sequence[Json]", affected["claims"]):
        yield cast("Json", row["because"])


def _of_belief(row: Json) -> str:
    before, after = cast("Json", row["before"]), cast("Json", row["after"])
    if before["agreement"] != "uncontested":
        return "settled" if after["agreement"] == "uncontested" else "shifted"
    printed, standing = _values(before), _values(after) if after["agreement"] == "uncontested" else {}
    lost = [strength for value, strength in printed.items() if value not in standing]
    if any(strength in SURE for strength in lost):
        return "overturned"
    if lost:
        return "reversed" if standing else "unsettled"
    return _founded(printed, standing)


def _founded(printed: Mapping[str, str], standing: Mapping[str, str]) -> str:
    pairs = [(strength, standing[value]) for value, strength in printed.items()]
    if any(now < then for then, now in pairs):
        return "weakened"
    return "strengthened" if any(now > then for then, now in pairs) else "shifted"


def _values(outcome: Json) -> dict[str, str]:
    """Return each value that is believed, with its strength; several where values do not exclude each other."""
    if outcome["value"] is not None:
        return {str(outcome["value"]): str(outcome["strength"] or "")}
    sides = cast("Mapping[str, Json]", outcome.get("sides") or {})
    return {name: str(side["strength"] or "") for name, side in sides.items()}
