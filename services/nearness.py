"""Of most claims only the newest bear on a belief: the kinds of the aspects that look at them decide which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.belief.case import own_reach, tense
from domain.claims import Question
from domain.registry_view import RegistryView

Pair = tuple[str, str]
"""A location and an aspect."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Which claims some questions look at, by place and aspect.

    Of `states` (each with the values that count, None for all) every source has one last word, which is among its
    newest. Of `episodes` only that counts which meets the valid time, or the latest of all. Of `whole` anything may
    count. On `shown` also what can be no last word is named beside the beliefs. Of `lapsing` some aspect has a horizon,
    behind which what was said is over.
    """

    states: Mapping[Pair, frozenset[str] | None]
    episodes: frozenset[Pair]
    whole: frozenset[Pair]
    shown: frozenset[Pair]
    lapsing: frozenset[Pair]


def nearness(view: RegistryView, questions: Iterable[Question]) -> Nearness:
    """Return which claims the questions, and those in tension with them, look at."""
    asked = list(questions)
    states: dict[Pair, frozenset[str] | None] = {}
    episodes: set[Pair] = set()
    whole: set[Pair] = set()
    shown: set[Pair] = set()
    lapsing: set[Pair] = set()
    names = {(question.location, question.aspect) for question in asked}
    for location, name in names | {pair for question in asked for pair in tense(view, question)}:
        aspect = view.aspect(name)
        near = own_reach(view, location, name)
        if (location, name) in names:
            shown |= near
        if aspect is not None and aspect.horizon_hours is not None:
            lapsing |= near
        if aspect is not None and aspect.kind in ("occurrence", "tally"):
            episodes |= near
        elif aspect is None or aspect.kind != "state" or aspect.apart:
            whole |= near
        else:
            for pair in near:
                states[pair] = _counting(view, pair[1], name, states.get(pair, frozenset()))
    rest = {pair: values for pair, values in states.items() if pair not in whole}
    return Nearness(rest, frozenset(episodes - whole), frozenset(whole), frozenset(shown), frozenset(lapsing))


def _counting(view: RegistryView, name: str, asked: str, known: frozenset[str] | None) -> frozenset[str] | None:
    """Return the values of the aspect that count for the one asked about, with those known to count."""
    aspect = view.aspect(name)
    if name == asked or known is None or aspect is None:
        return None
    return known | {value for rule in aspect.implies if rule.aspect == asked for value in rule.values}
