"""A side is a value with those who assert it, or a denial with those who deny; overlapping quantities are one value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.belief.strength import facet_strengths, strength_of
from domain.belief.voices import Voiced
from domain.belief.word import same_value
from domain.belief.words import chains
from domain.entries import Assessment
from domain.values import Number, Quantity, Strength, exact


@dataclass(frozen=True, slots=True)
class Side:
    """One answer to a question. `name` is the value as text; `not:VALUE` for a denial."""

    name: str
    value: str | Quantity | None
    denies: bool
    voices: tuple[Voiced, ...]
    strength: Strength
    facets: dict[str, dict[str, Strength]]

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims on this side, in the order of their ids."""
        return tuple(sorted({voiced.word.claim.id for voiced in self.voices}))


def sides_of(voices: Sequence[Voiced], assessment: Assessment | None, min_nonself: int) -> list[Side]:
    """Return all sides, assertions first, each by name: nothing depends on the order in which claims arrived."""
    asserted = [voiced for voiced in voices if not voiced.word.denies]
    denied = [voiced for voiced in voices if voiced.word.denies]
    sides = [_asserted(cluster, assessment, min_nonself) for cluster in clusters(asserted)]
    sides += [_denied(cluster, min_nonself) for cluster in clusters(denied)]
    return sorted(sides, key=lambda side: (side.denies, side.name))


def clusters(voices: Iterable[Voiced]) -> list[list[Voiced]]:
    """Group the voices by value: text as written, quantities through chains of overlap."""
    written: dict[str | None, list[Voiced]] = {}
    counted: list[Voiced] = []
    for voiced in voices:
        if voiced.word.quantity is None:
            written.setdefault(voiced.word.value, []).append(voiced)
        else:
            counted.append(voiced)
    return [*written.values(), *chains(counted, _same_value)]


def each_value(voices: Sequence[Voiced]) -> list[list[Voiced]]:
    """Return the voices value by value, in the order of the values' names; a denial is heard on all that it touches."""
    asserted = clusters(voiced for voiced in voices if not voiced.word.denies)
    denials = [voiced for voiced in voices if voiced.word.denies]
    found = [[*group, *(no for no in denials if any(_same_value(no, yes) for yes in group))] for group in asserted]
    heard = [voiced for group in found for voiced in group]
    found += clusters(no for no in denials if no not in heard)
    return sorted(found, key=lambda group: show_value(value_of(group)))


def _same_value(one: Voiced, other: Voiced) -> bool:
    return same_value(one.word, other.word)


def _asserted(voices: list[Voiced], assessment: Assessment | None, min_nonself: int) -> Side:
    value = value_of(voices)
    proven = assessment is not None and bool(assessment.physical_evidence) and _assessed(value, voices, assessment)
    strength = strength_of(voices, min_nonself=min_nonself, proven=proven)
    facets = facet_strengths(
        voices, min_nonself=min_nonself, proven=assessment.facets if proven and assessment is not None else None
    )
    return Side(show_value(value), value, denies=False, voices=tuple(voices), strength=strength or "S1", facets=facets)


def _assessed(value: str | Quantity | None, voices: list[Voiced], assessment: Assessment) -> bool:
    if assessment.quantity is not None:
        return any(voiced.word.quantity and voiced.word.quantity.overlaps(assessment.quantity) for voiced in voices)
    return assessment.value is not None and assessment.value == value


def _denied(voices: list[Voiced], min_nonself: int) -> Side:
    value = value_of(voices)
    strength = strength_of(voices, min_nonself=min_nonself)
    name = f"not:{show_value(value)}"
    return Side(name, value, denies=True, voices=tuple(voices), strength=strength or "S1", facets={})


def value_of(voices: Sequence[Voiced]) -> str | Quantity | None:
    """Return what the voices agree on: the text, or the quantities' intersection if there is one, else their hull."""
    quantities = [voiced.word.quantity for voiced in voices if voiced.word.quantity is not None]
    if not quantities:
        return voices[0].word.value
    least = [one.min for one in quantities if one.min is not None]
    most = [one.max for one in quantities if one.max is not None]
    low, high = max(least, key=_written), min(most, key=_written, default=None)
    if high is not None and exact(high) < exact(low):
        low = min(least, key=_written)
        high = max(most, key=_written) if len(most) == len(quantities) else None
    return Quantity(min=low, max=high, unit=quantities[0].unit)


def _written(number: Number) -> tuple[Decimal, str]:
    """Order numbers; equal ones that are written differently (12, "12.0") always in the same way."""
    return exact(number), str(number)


def show_value(value: str | Quantity | None) -> str:
    """Return the value as text: `275000 people`, `100.. people`, `12..40`."""
    if not isinstance(value, Quantity):
        return value or ""
    return " ".join(part for part in (_range(value.min, value.max), value.unit) if part)


def _range(low: Number | None, high: Number | None) -> str:
    return str(low) if low == high else f"{low}..{'' if high is None else high}"


def touches(denial: Side, side: Side) -> bool:
    """Tell whether the denial speaks of the side's value; of quantities, if any of their ranges overlap."""
    return any(_same_value(no, yes) for no in denial.voices for yes in side.voices)
