"""An answer is one that its aspect can take: a value of its list, a source, or a quantity with a least number."""

from __future__ import annotations

import re

from domain.aspects import Aspect
from domain.claims import Question
from domain.decisions.checks import require_aspects, require_locations, require_sources
from domain.decisions.known import Known
from domain.refusals import NotAValue, Place, Problem, pointer
from domain.values import Line, Quantity, exact


def checked_answer(
    known: Known, question: Question, value: Line | None, quantity: Quantity | None, base: Place = ()
) -> Quantity | None:
    """Return the quantity, its least number read from a vague word if none was given; the value needs no change.

    Raises UnknownLocation, UnknownAspect, UnknownSource for a value that must be a source, and NotAValue. `base` is the
    place of what holds `question`, `value` and `quantity`.
    """
    aspect = _aspect_asked(known, question, base)
    if aspect.quantity:
        return _checked_quantity(aspect, value, quantity, base)
    if quantity is not None:
        raise NotAValue(Problem(pointer(*base, "quantity"), f"{aspect.name} takes no quantity", "a value"))
    if value is None:
        expected = wanted_value(aspect)
        raise NotAValue(Problem(pointer(*base, "value"), f"{aspect.name} needs a value, in a denial too", expected))
    if aspect.values == "sources":
        if known.registry.source(value) is None:
            require_sources(known, [((*base, "value"), value)])
    elif isinstance(aspect.values, tuple) and value not in aspect.values:
        raise NotAValue(
            Problem(pointer(*base, "value"), f"{value!r} is no value of {aspect.name}", wanted_value(aspect))
        )
    return None


def _aspect_asked(known: Known, question: Question, base: Place) -> Aspect:
    """Return the question's aspect; raises UnknownLocation or UnknownAspect."""
    if known.registry.location(question.location) is None:
        require_locations(known, [((*base, "question", "location"), question.location)])
    aspect = known.registry.aspect(question.aspect)
    if aspect is None:
        require_aspects(known, [((*base, "question", "aspect"), question.aspect)])
    assert aspect is not None  # noqa: S101 (just required)
    return aspect


def wanted_value(aspect: Aspect) -> str:
    """Say which values the aspect takes."""
    if aspect.values == "open":
        return "any short text"
    if aspect.values == "sources":
        return "a registered source"
    return f"one of {', '.join(aspect.values)}"


def _checked_quantity(aspect: Aspect, value: Line | None, quantity: Quantity | None, base: Place) -> Quantity:
    if value is not None:
        raise NotAValue(Problem(pointer(*base, "value"), f"{aspect.name} takes a quantity", "no value, but 'quantity'"))
    if quantity is None:
        raise NotAValue(
            Problem(pointer(*base, "quantity"), f"{aspect.name} needs a quantity, in a denial too", "a quantity")
        )
    if quantity.min is not None:
        return quantity
    least = _least(aspect, quantity.verbatim or "")
    if least is None:
        words = f"exactly one of the words {', '.join(aspect.vague)} in 'verbatim'" if aspect.vague else ""
        raise NotAValue(
            Problem(
                pointer(*base, "quantity"),
                f"{quantity.verbatim!r} gives no least number",
                " or ".join(filter(None, ("'min'", words))),
            )
        )
    if quantity.max is not None and exact(quantity.max) < least:
        raise NotAValue(
            Problem(pointer(*base, "quantity", "max"), f"it is less than {least}, the least that the words mean")
        )
    return quantity.model_copy(update={"min": least})


def _least(aspect: Aspect, verbatim: str) -> int | None:
    """Return the number of the one vague word in the text; two ("hundreds of thousands") would be a guess."""
    said = verbatim.casefold()
    found = {
        number
        for word, number in aspect.vague.items()
        if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", said)
    }
    return found.pop() if len(found) == 1 else None
