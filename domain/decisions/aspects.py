"""A desk's aspect takes effect only if its rules name values and aspects that are there."""

from __future__ import annotations

from collections.abc import Iterator

from domain.aspects import Aspect, Implication, Tension
from domain.commands import RegisterAspect, entry_of
from domain.decisions.fitting import wanted_value
from domain.decisions.known import Known, says_the_same
from domain.events import AspectRegistered, Event
from domain.refusals import AspectFixed, AspectIncoherent, Problem, pointer, refuse_if_any


def decide_aspect(command: RegisterAspect, known: Known) -> tuple[Event, ...]:
    """Register the aspect, or revise its rules; how recorded claims are read (kind, quantity) is fixed."""
    aspect = entry_of(command, Aspect)
    before = known.registry.aspect(aspect.name)
    if says_the_same(before, aspect):
        return ()
    if before is not None:
        refuse_if_any(AspectFixed, _what_is_fixed(before, aspect))
    refuse_if_any(AspectIncoherent, _incoherences(known, aspect))
    return (AspectRegistered(aspect=aspect),)


def _what_is_fixed(before: Aspect, aspect: Aspect) -> Iterator[Problem]:
    if before.kind != aspect.kind:
        yield Problem(
            pointer("kind"), f"{aspect.name} is of the kind {before.kind}, and claims were read so", before.kind
        )
    if before.quantity != aspect.quantity:
        takes = "takes quantities" if before.quantity else "takes values"
        yield Problem(pointer("quantity"), f"{aspect.name} {takes}", "true" if before.quantity else "false")


def _incoherences(known: Known, aspect: Aspect) -> Iterator[Problem]:
    if isinstance(aspect.values, tuple) and len(set(aspect.values)) < len(aspect.values):
        yield Problem(pointer("values"), "a value is listed twice", "each value once")
    if aspect.inherits is not None:
        yield from _not_listed(aspect, aspect.inherits.values or (), pointer("inherits", "values"))
    for n, benefit in enumerate(aspect.benefits):
        yield from _not_listed(aspect, benefit.values or (), pointer("benefits", n, "values"))
    for n, implied in enumerate(aspect.implies):
        yield from _implied(known, aspect, implied, pointer("implies", n))
    for n, tension in enumerate(aspect.tension):
        yield from _tense(known, aspect, tension, pointer("tension", n))


def _implied(known: Known, aspect: Aspect, implied: Implication, at: str) -> Iterator[Problem]:
    yield from _not_listed(aspect, implied.values, at + pointer("values"))
    other = known.registry.aspect(implied.aspect)
    if other is None:
        yield _unknown(implied.aspect, at)
    elif other.quantity:
        yield Problem(at + pointer("aspect"), f"{other.name} takes quantities, which cannot be implied", "another one")
    elif implied.value == "@subject":
        if isinstance(other.values, tuple):
            yield Problem(at + pointer("value"), f"a subject is no value of {other.name}", wanted_value(other))
    else:
        yield from _foreign(known, other, implied.value, at + pointer("value"))


def _tense(known: Known, aspect: Aspect, tension: Tension, at: str) -> Iterator[Problem]:
    if tension.value is not None:
        yield from _not_listed(aspect, (tension.value,), at + pointer("value"))
    other = aspect if tension.aspect == aspect.name else known.registry.aspect(tension.aspect)
    if other is None:
        yield _unknown(tension.aspect, at)
    else:
        yield from _foreign(known, other, tension.other, at + pointer("other"))


def _foreign(known: Known, other: Aspect, value: str, at: str) -> Iterator[Problem]:
    if other.values == "sources" and known.registry.source(value) is None:
        yield Problem(at, f"{value!r} is no value of {other.name}", wanted_value(other))
    yield from _not_listed(other, (value,), at)


def _not_listed(aspect: Aspect, values: tuple[str, ...], at: str) -> Iterator[Problem]:
    if isinstance(aspect.values, tuple):
        for value in values:
            if value not in aspect.values:
                yield Problem(at, f"{value!r} is no value of {aspect.name}", wanted_value(aspect))


def _unknown(name: str, at: str) -> Problem:
    return Problem(at + pointer("aspect"), f"the aspect {name!r} is not known", "an aspect registered before")
