"""An event is stored as JSON that anybody can read, and read back as the event it was; its texts stay outside.

Stored bytes: `{"recorded":"2016-11-08T18:00:00.000000Z","event":{…}}`, without members that are null. The stored name
stands beside them, as what the library calls a topic.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from eventsourcing.persistence import StoredEvent

from domain.events import Event, Recorded
from domain.upcasts import UnknownEvent, decode
from services.errors import CorruptLedger

_OPENING = b'{"recorded":"'
_MIDDLE = b'","event":'
CLAIM_RECORDED = "claim-recorded.v1"
"""The stored name of nearly every event."""


def encode(event: Event, recorded: datetime, stream: str, revision: int) -> StoredEvent:
    """Return the event as the library stores it; `recorded` is in UTC. Bodies of texts are not part of it."""
    state = state_of(event, recorded)
    return StoredEvent(originator_id=stream, originator_version=revision, topic=event.type, state=state)


def state_of(event: Event, recorded: datetime) -> bytes:
    """Return the event's bytes as they are stored."""
    return b"%b%b}" % (_begun(recorded), event.__pydantic_serializer__.to_json(event, exclude_none=True))


def claim_state(claim: bytes, recorded: datetime) -> bytes:
    """Return the bytes of a claim that was recorded, of which there is only its JSON, as `state_of` would."""
    return b'%b{"type":"claim-recorded.v1","claim":%b}}' % (_begun(recorded), claim)


@lru_cache(maxsize=64)
def _begun(recorded: datetime) -> bytes:
    instant = recorded.isoformat(timespec="microseconds").removesuffix("+00:00")
    return b'{"recorded":"%bZ","event":' % instant.encode("ascii")


def recorded_in(state: bytes) -> datetime:
    """Return when the stored event was recorded; raises ValueError if the bytes are not of our making."""
    return _split(state)[0]


def recorded_first(position: int, instant: bytes) -> datetime:
    """Return when an event was recorded, of the instant that its stored bytes begin with; raises CorruptLedger."""
    try:
        return datetime.fromisoformat(instant.decode("ascii")).astimezone(UTC)
    except ValueError as error:
        raise CorruptLedger(position, str(error)) from error


def decode_row(position: int, name: str, state: bytes) -> Recorded:
    """Return a stored event in its place; raises CorruptLedger if it cannot be read."""
    try:
        recorded, event = _split(state)
        return Recorded(position, recorded, decode(event, name))
    except (ValueError, UnknownEvent) as error:
        raise CorruptLedger(position, str(error)) from error


def _split(state: bytes) -> tuple[datetime, bytes]:
    """Return the instant and the event's JSON, without reading the JSON: that is done once, by who knows its shape."""
    middle = state.find(_MIDDLE, len(_OPENING))
    if middle < 0 or state[-1:] != b"}":
        raise ValueError("the stored bytes do not begin with when they were recorded")
    return _instant(state[:middle]), state[middle + len(_MIDDLE) : -1]


@lru_cache(maxsize=1024)
def _instant(opening: bytes) -> datetime:
    """Read when something was recorded; what was committed together was recorded at the same instant."""
    if not opening.startswith(_OPENING):
        raise ValueError("the stored bytes do not begin with when they were recorded")
    instant = datetime.fromisoformat(opening[len(_OPENING) :].decode("ascii"))
    if instant.utcoffset() is None:
        raise ValueError("the stored instant has no offset")
    return instant.astimezone(UTC)
