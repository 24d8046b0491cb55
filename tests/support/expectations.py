"""What the Aleppo story must come to, as cases that the domain and the API are both held to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from services.story import lines

Json = dict[str, Any]
EXPECTED: Json = json.loads(
    (Path(__file__).resolve().parents[1] / "stories" / "aleppo" / "expected.json").read_text(encoding="utf-8")
)
NOW: str = EXPECTED["end_state"]["now"]
"""What time it is for the desk that asks."""
CHANGE = ("agreement", "strength", "value", "lean")
_NOT_ASSERTED = {
    "id", "part", "question", "valid_at", "also_valid_at", "tz", "why", "pair", "changes", "recorded", "leave_out",
    "without", "policy",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Record these lines in this order, ask this question with these query parameters, and this must be said.

    `valid_at` None is no valid time given, at `NOW`. `asserted` holds what the story asserts, field by field of the
    belief's JSON, with claims by their short names (`C01`). `absent` are claims that neither support nor object.
    """

    name: str
    recorded: tuple[bytes, ...]
    question: Json
    valid_at: str | None
    tz: str
    policy: str
    without: tuple[str, ...]
    asserted: Json

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of a request that asks this."""
        given = [("policy", self.policy), *(("without", source) for source in self.without)]
        return given if self.valid_at is None else [("valid_at", self.valid_at), ("tz", self.tz), *given]


def expectations() -> list[Case]:
    """Every case of `expected.json` that is asked of a belief; stances, timelines and intervals stay in `EXPECTED`."""
    return [*_end_state(), *_steps(), *_left_out(), *_other_ledgers()]


@cache
def names() -> dict[str, str]:
    """Claim id → short name, for every claim of the story and its continuations."""
    more = [event for continuation in EXPECTED["later"] for event in continuation["events"]]
    shapes = [json.loads(line) for line in (*lines("claims"), *lines("later"))] + more
    claims = [shape.get("replacement", shape) for shape in shapes]
    return {claim["id"]: claim["key"].removeprefix("aleppo/") for claim in claims if "key" in claim}


def told(*claims: str) -> tuple[bytes, ...]:
    """The registry, then only these claims, in this order; all of the claims where none is named."""
    by_name = {names()[json.loads(line)["id"]]: line for line in lines("claims")}
    return (*lines("registry"), *(by_name[claim] for claim in claims or by_name))


def _case(name: str, entry: Json, recorded: tuple[bytes, ...]) -> Case:
    place = "/".join(entry["question"].values())
    valid_at = entry.get("valid_at")
    return Case(
        name=f"{name}: {place} at {valid_at}",
        recorded=recorded,
        question=entry["question"],
        valid_at=valid_at,
        tz=entry.get("tz", EXPECTED["end_state"]["tz"]),
        policy=entry.get("policy", EXPECTED["end_state"]["policy"]),
        without=tuple(entry.get("without", ())),
        asserted={field: value for field, value in entry.items() if field not in _NOT_ASSERTED},
    )


def _end_state() -> Iterator[Case]:
    for entry in EXPECTED["beliefs"]:
        for valid_at in (entry["valid_at"], *entry.get("also_valid_at", ())):
            yield _case(f"{entry['id']}{entry.get('part', '')}", {**entry, "valid_at": valid_at}, told())
    for chapter in ("valid_at_monday", "no_false_alarm", "beyond"):
        for entry in EXPECTED[chapter]:
            yield _case(chapter, entry, told())
    for policy, entries in EXPECTED["policies"].items():
        for entry in entries:
            yield _case(policy, {**entry, "policy": policy}, told())


def _steps() -> Iterator[Case]:
    stepwise = EXPECTED["stepwise"]
    for step in stepwise["steps"]:
        entry = {**step, "question": stepwise["question"], "valid_at": stepwise["valid_at"]}
        yield _case(f"stepwise {','.join(step['recorded'])}", entry, told(*step["recorded"]))
    for entry in EXPECTED["unstated_basis"]:
        yield _case(f"unstated_basis {','.join(entry['recorded'])}", entry, told(*entry["recorded"]))


def _left_out() -> Iterator[Case]:
    """What changes without a source, and that nothing else of the end state does."""
    for source, entries in EXPECTED["without"].items():
        for entry in entries:
            yield _case(f"without {source}", {**entry, "without": [source]}, told())
        changed = {entry["changes"] for entry in entries if "changes" in entry}
        for entry in EXPECTED["beliefs"]:
            if entry["id"] not in changed:
                kept = {field: entry[field] for field in (*CHANGE, "question", "valid_at", "sides") if field in entry}
                name = f"{entry['id']}{entry.get('part', '')} unchanged without {source}"
                yield _case(name, {**kept, "without": [source]}, told())


def _other_ledgers() -> Iterator[Case]:
    for entry in EXPECTED["without_edge"]:
        kept = tuple(line for line in told(*entry["recorded"]) if json.loads(line).get("id") not in entry["leave_out"])
        yield _case(f"without_edge {','.join(entry['leave_out']) or 'none'}", entry, kept)
    for continuation in EXPECTED["later"]:
        more = tuple(json.dumps(event).encode() for event in continuation["events"])
        for entry in continuation["expect"]:
            yield _case(f"later, {continuation['why']}", entry, (*told(), *more))
    for entry in EXPECTED["after_later_ndjson"]:
        yield _case("after later.ndjson", entry, (*told(), *lines("later")))


def differences(asserted: Json, belief: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Say for each asserted field in which the belief's JSON differs what was expected and what came.

    `names` are the short names of claims by their ids. Lists of claims are compared as sets, `groups`, `sides` and
    `last` in the fields that are asserted, `see_also` may hold more.
    """
    told = cast("Json", _renamed(dict(belief), names))
    wrong = [
        (field, expected, _COMPARED.get(field, _same)(expected, told, field)) for field, expected in asserted.items()
    ]
    return [f"{field}: expected {expected!r}, came {told.get(field)!r}" for field, expected, fits in wrong if not fits]


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _renamed(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    return names.get(value, value) if isinstance(value, str) else value


def _same(expected: object, told: Json, field: str) -> bool:
    return field in told and told[field] == expected


def _same_members(expected: Iterable[Any], told: Json, field: str) -> bool:
    return field in told and _in_order(expected) == _in_order(told[field])


def _in_order(members: Iterable[Any]) -> list[str]:
    return sorted(json.dumps(member, sort_keys=True) for member in members)


def _holds_all(expected: list[str], told: Json, field: str) -> bool:
    return set(expected) <= set(told[field])


def _same_groups(expected: list[Json], told: Json, field: str) -> bool:
    fields = expected[0].keys()
    return _in_order(expected) == _in_order({name: group[name] for name in fields} for group in told[field])


def _same_sides(expected: dict[str, Json], told: Json, field: str) -> bool:
    sides = told[field]
    return expected.keys() == sides.keys() and all(_includes(side, sides[name]) for name, side in expected.items())


def _same_parts(expected: Json, told: Json, field: str) -> bool:
    return told[field] is not None and _includes(expected, told[field])


def _includes(expected: Json, came: Json) -> bool:
    return all(field in came and came[field] == value for field, value in expected.items())


def _absent(expected: list[str], told: Json, _field: str) -> bool:
    return not set(expected) & {*told["supporters"], *told["objectors"]}


_COMPARED: dict[str, Callable[[Any, Json, str], bool]] = {
    "supporters": _same_members,
    "objectors": _same_members,
    "opinions": _same_members,
    "soft": _same_members,
    "earlier": _same_members,
    "flags": _same_members,
    "tension": _same_members,
    "see_also": _holds_all,
    "groups": _same_groups,
    "sides": _same_sides,
    "last": _same_parts,
    "absent": _absent,
}
