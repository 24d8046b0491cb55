"""Old stored shapes become today's, one pure step at a time, so that a ledger never has to be rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from domain.events import EVENTS, Event

Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: dict[str, Step] = {}
"""Stored name → the function that turns its JSON into that of the next version. Nothing has been superseded yet."""

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_READING: dict[str, Callable[[bytes | str], Any]] = {
    # The stored name says which shape it is, so that nobody need look for it in the bytes first.
    name: TypeAdapter(kind).validator.validate_json
    for name, kind in EVENTS.items()
}


class UnknownEvent(ValueError):
    """The stored bytes name no event that this version knows, or do not have its shape."""


def decode(stored: bytes | str, name: str) -> Event:
    """Return the event that was stored under `name`, brought up to today's shape.

    Raises UnknownEvent if the name is not known or the bytes do not fit it.
    """
    try:
        if (read := _READING.get(name)) is not None:
            event: Event = read(stored)
            if "type" not in event.model_fields_set:
                raise ValueError("it does not say of what type it is")
            return event
        shape: dict[str, Any] = TypeAdapter(dict[str, Any]).validate_json(stored)
        while (step := STEPS.get(str(shape.get("type")))) is not None:
            shape = step(shape)
        return _EVENT.validate_python(shape, strict=False)
    except ValueError as reason:
        raise UnknownEvent(f"the stored event {name!r} cannot be read: {reason}") from reason
