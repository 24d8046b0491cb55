"""What one more claim would make of a belief is told with how the claim counts there, and why, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from domain.belief.judge import Outcome
from domain.belief.word import At
from domain.belief.words import times_of
from domain.claims import Claim, Question
from domain.registry_view import RegistryView
from services import words
from services.beliefs import SHORT

Json = dict[str, object]
Role = Literal["supports", "objects", "rumour", "listed", "silent"]
MODALITIES = {
    "planned": "what it speaks of is planned",
    "predicted": "what it speaks of is predicted",
    "conditional": "it is said under a condition",
    "opinion": "it is an opinion",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is believed of a question: what would count as a change, and the belief with its explanation."""

    outcome: Outcome
    body: Json


def told(view: RegistryView, claim: Claim, question: Question, at: At, before: Seen, after: Seen) -> Json:  # noqa: PLR0913
    """Return both beliefs in short, whether one of agreement, value, strength or lean changes, and why."""
    role = role_of(claim, after.body)
    return {
        "before": _short(before.body),
        "after": _short(after.body),
        "changes": before.outcome != after.outcome,
        "role": role,
        "why": _why(view, claim, question, at, role, after.body),
    }


def role_of(claim: Claim, body: Json) -> Role:
    """Return how the claim counts in a belief: for its value, against it, as a rumour, beside it, or not at all."""
    if claim.id in cast("list[str]", body["supporters"]):
        return "supports"
    if any(claim.id in cast("list[str]", side["supporters"]) for side in _contending(body)):
        return "supports"
    if claim.id in cast("list[str]", body["objectors"]):
        return "objects"
    if any(claim.id in cast("list[str]", side["supporters"]) for side in cast("list[Json]", body["rumours"])):
        return "rumour"
    listed = (*cast("list[str]", body["listed"]), *cast("list[str]", body["opinions"]))
    return "listed" if claim.id in listed else "silent"


def _contending(body: Json) -> Iterator[Json]:
    """Yield the sides that assert a value; a denial is named after what it denies."""
    for name, side in cast("Mapping[str, Json]", body["sides"]).items():
        if not name.startswith("not:"):
            yield side


def _short(body: Json) -> Json:
    return {name: body[name] for name in SHORT}


def _why(view: RegistryView, claim: Claim, question: Question, at: At, role: Role, body: Json) -> str:  # noqa: PLR0913
    rule = words.RULES.get(str(body["rule"]), "")
    if role == "silent":
        return words.sentence(_silence(view, claim, question, at))
    if role == "listed":
        reason = MODALITIES.get(claim.modality, "opinions and remarks support nothing")
        return words.sentence(f"the claim is listed and counts for nothing: {reason}")
    if role == "rumour":
        return words.sentence("the claim is a rumour beside it: its speaker is unnamed, and others passed it on")
    interest = words.INTERESTS.get(str(_interest(claim, body)), "interest unknown")
    against = _name_of_side(claim, body) if role == "objects" else None
    way = f"counts for {_supported(view, claim, body)}" if against is None else f"denies {_called(view, against)}"
    return words.sentence(f"the claim {way}{_way(view, claim, question)} ({interest}); {rule}")


def _supported(view: RegistryView, claim: Claim, body: Json) -> str:
    name = _name_of_side(claim, body)
    return _called(view, name) if name is not None else words.value(body["value"], _caller(view))


def _name_of_side(claim: Claim, body: Json) -> str | None:
    """Return the name of the contending side, or of the value judged on its own, that the claim stands on."""
    for name, side in cast("Mapping[str, Json]", body["sides"]).items():
        if claim.id in cast("list[str]", side["supporters"]):
            return name
    for one in cast("list[Json]", body["values"]):
        for side in cast("list[Json]", one["objections"]):
            if claim.id in cast("list[str]", side["supporters"]):
                return str(side["name"])
        if claim.id in cast("list[str]", one["supporters"]):
            return words.value(one["value"])
    return None


def _called(view: RegistryView, name: str) -> str:
    return words.value(name.removeprefix("not:"), _caller(view))


def _caller(view: RegistryView) -> words.Called:
    def called(name: str) -> str:
        source = view.source(name)
        return source.name if source else name

    return called


def _way(view: RegistryView, claim: Claim, question: Question) -> str:
    """Return how the claim gets to a question that is not its own."""
    own = claim.question
    found = ""
    if question.aspect != own.aspect:
        found = f", by what {words.question(own.model_dump(exclude_none=True), _caller(view))} implies"
    if question.location != own.location:
        place = view.location(own.location)
        found += f", from {place.names[0] if place else own.location}"
    return found


def _silence(view: RegistryView, claim: Claim, question: Question, at: At) -> str:
    aspect = view.aspect(question.aspect)
    if aspect is not None:
        interval, _ = times_of(claim, aspect)
        if not at.begun(interval.start):
            return "the claim does not count here: what it speaks of had not begun by then"
        if aspect.kind == "state" and not at.holds(interval):
            return "the claim does not count here: what it says holds no longer by then"
    if question == claim.question:
        return "the claim does not count here: its source has a later word"
    return "the claim does not count here: another word is nearer"


def _interest(claim: Claim, body: object) -> object:
    """Return the interest of the group that the claim is heard in, wherever the belief shows that group."""
    if isinstance(body, Mapping):
        shown = cast("Mapping[str, object]", body)
        if "interest" in shown and claim.id in cast("list[str]", shown.get("claims") or ()):
            return shown["interest"]
        parts: list[object] = list(shown.values())
    elif isinstance(body, list):
        parts = cast("list[object]", body)
    else:
        return None
    return next((found for part in parts if (found := _interest(claim, part)) is not None), None)
