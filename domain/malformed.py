"""Who sends a line that has no form of the ledger is told so in the ledger's words, not in those of its parts."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from domain.refusals import Problem, pointer
from domain.values import ClaimId, EdgeId, Sha256, Slug


def _pattern(constrained: object) -> str:
    return str(get_args(constrained)[1].pattern)


_FORMS = {
    _pattern(Slug): "a slug: lower-case letters and digits, with single - or _ between them",
    _pattern(EdgeId): "an id: letters, digits and . _ ~ : / -, beginning with a letter or digit",
    _pattern(ClaimId): "a UUID of version 7 in lower case",
    _pattern(Sha256): "a SHA-256 in lower-case hexadecimal, 64 digits",
}
_KINDS = {
    "string_type": "text",
    "string_sub_type": "text",
    "string_unicode": "text without halves of surrogate pairs",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of a reasonable size",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}

_MOST_TOLD = 5_000
_UNTOLD = "this part of the identity does not have the form"


def problems_of(error: ValidationError, sent: dict[str, JsonValue]) -> tuple[Problem, ...]:
    """Return what is wrong with `sent`, one problem a place, each a sentence about it and never about our code."""
    if error.error_count() > _MOST_TOLD:
        return (Problem("", f"{error.error_count()} things are wrong, which are too many to tell", "fewer"),)
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        place, value = _place(detail["loc"], sent)
        if (
            detail["type"] == "too_short"
            and isinstance(value, list)
            and len(value) >= detail.get("ctx", {})["min_length"]
        ):
            continue  # the list is long enough; what it holds was refused, and has its own problem
        problem = _problem(detail, place, value)
        if place[:1] == ("identity",):
            # Who a source is stands in no answer: that may be shown around, or kept with a file that was refused.
            told = pointer(*place) if place[1:] in ((), ("name",), ("note",)) else pointer("identity")
            problem = Problem(told, _UNTOLD, problem.expected)
        before = found.get(problem.pointer)
        # The branches of a choice each say what they would have taken; together they are one expectation.
        found[problem.pointer] = problem if before is None else _either(before, problem)
    return tuple(found.values())


def _place(steps: tuple[int | str, ...], sent: JsonValue) -> tuple[tuple[int | str, ...], JsonValue]:
    """Return the steps that lead somewhere in what was sent, and what is there; the rest name branches of our types."""
    taken: list[int | str] = []
    here = sent
    for step in steps:
        if isinstance(here, dict) and isinstance(step, str) and step in here:  # noqa: SIM114 (two types, two look-ups)
            here = here[step]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            continue
        taken.append(step)
    return tuple(taken), here


def _problem(detail: ErrorDetails, place: tuple[int | str, ...], value: JsonValue) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        name = detail["loc"][-1]
        return Problem(pointer(*place, name), f"{str(name)!r} is missing", f"the field {str(name)!r}")
    if kind == "extra_forbidden":
        return Problem(pointer(*place), f"there is no field {str(place[-1])!r} here", "only the fields of the form")
    if kind == "value_error":
        return Problem(pointer(*place), str(context.get("error", "this does not fit")))
    if kind == "string_pattern_mismatch":
        said = place[-1] if detail["loc"][-1] == "[key]" else value
        expected = _FORMS.get(str(context.get("pattern")), "text of another form")
        return Problem(pointer(*place), f"{_shown(said)} does not have the form", expected)
    if kind == "json_invalid":
        return Problem("", f"this is not JSON: {context.get('error', 'it cannot be read')}", "one JSON object")
    # A text whose length a function of ours checks is reported like a list.
    kind = f"string_{kind}" if isinstance(value, str) and kind in ("too_short", "too_long") else kind
    return Problem(pointer(*place), f"this is {_shown(value)}", _expected(kind, context))


def _expected(kind: str, context: dict[str, Any]) -> str | None:
    if kind == "literal_error":
        return str(context["expected"]).replace("True", "true")
    if context.get("class_name") == "Text":
        return "text"
    limits = {
        "too_short": ("min_length", "at least {}"),
        "too_long": ("max_length", "at most {}"),
        "string_too_short": ("min_length", "at least {} character(s)"),
        "string_too_long": ("max_length", "at most {} character(s)"),
        "greater_than_equal": ("ge", "{} or more"),
        "less_than_equal": ("le", "{} or less"),
    }
    if kind in limits:
        name, sentence = limits[kind]
        return sentence.format(context[name])
    return _KINDS.get(kind)


def _shown(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "an empty text" if not value else f"the text {value if len(value) <= 60 else value[:60] + '…'!r}"
        case int() | float():
            return f"the number {str(value)[:40]}"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"


def _either(first: Problem, second: Problem) -> Problem:
    expected = [one for one in dict.fromkeys((first.expected, second.expected)) if one]
    return Problem(first.pointer, first.said, " or ".join(expected) or None)
