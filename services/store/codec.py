"""An event is stored as JSON that anybody can read, and read back as the event it was; its texts stay outside.

Stored bytes: `{"recorded":"2016-11-08T18:00:00.000000Z","by":"key:anna","event":{…}}`, without members that are null,
and without `by` where nobody noted who recorded it. The stored name stands beside them, as what the library calls a
topic.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache

from eventsourcing.persistence import StoredEvent
from pydantic import TypeAdapter

from domain.events import Event, Recorded
from domain.upcasts import UnknownEvent, decode
from domain.values import Recorder
from services.errors import CorruptLedger

_OPENING = b'{"recorded":"'
_BY = b'","by":'
_MIDDLE = b'","event":'
"""Cannot stand earlier: within a JSON text every quotation mark has a backslash before it."""
_recorder: TypeAdapter[str] = TypeAdapter(Recorder)
CLAIM_RECORDED = "claim-recorded.v1"
"""The stored name of nearly every event."""


def encode(event: Event, recorded: datetime, stream: str, revision: int, by: str | None = None) -> StoredEvent:
    """Return the event as the library stores it; `recorded` is in UTC. Bodies of texts are not part of it."""
    state = state_of(event, recorded, by)
    return StoredEvent(originator_id=stream, originator_version=revision, topic=event.type, state=state)


def state_of(event: Event, recorded: datetime, by: str | None = None) -> bytes:
    """Return the event's bytes as they are stored; raises ValueError if `by` names nobody."""
    return b"%b%b}" % (_begun(recorded, by), event.__pydantic_serializer__.to_json(event, exclude_none=True))


def claim_state(claim: bytes, recorded: datetime, by: str | None = None) -> bytes:
    """Return the bytes of a claim that was recorded, of which there is only its JSON, as `state_of` would."""
    return b'%b{"type":"claim-recorded.v1","claim":%b}}' % (_begun(recorded, by), claim)


@lru_cache(maxsize=64)
def _begun(recorded: datetime, by: str | None) -> bytes:
    instant = recorded.isoformat(timespec="microseconds").removesuffix("+00:00").encode("ascii")
    if by is None:
        return b'{"recorded":"%bZ","event":' % instant
    return b'{"recorded":"%bZ","by":%b,"event":' % (instant, _quoted(by))


@lru_cache(maxsize=256)
def _quoted(by: str) -> bytes:
    return json.dumps(_recorder.validate_python(by, strict=True), ensure_ascii=False).encode()


def recorded_in(state: bytes) -> datetime:
    """Return when the stored event was recorded; raises ValueError if the bytes are not of our making."""
    return _split(state)[0][0]


def recorded_first(position: int, instant: bytes) -> datetime:
    """Return when an event was recorded, of the instant that its stored bytes begin with; raises CorruptLedger."""
    try:
        return datetime.fromisoformat(instant.decode("ascii")).astimezone(UTC)
    except ValueError as error:
        raise CorruptLedger(position, str(error)) from error


def decode_row(position: int, name: str, state: bytes) -> Recorded:
    """Return a stored event in its place; raises CorruptLedger if it cannot be read."""
    try:
        (recorded, by), event = _split(state)
        return Recorded(position, recorded, decode(event, name), by)
    except (ValueError, UnknownEvent) as error:
        raise CorruptLedger(position, str(error)) from error


def _split(state: bytes) -> tuple[tuple[datetime, str | None], bytes]:
    """Return when and by whom it was recorded, and the event's JSON unread: whoever knows its shape reads it, once."""
    middle = state.find(_MIDDLE, len(_OPENING))
    if middle < 0 or state[-1:] != b"}":
        raise ValueError("the stored bytes do not begin with when they were recorded")
    return _opened(state[:middle]), state[middle + len(_MIDDLE) : -1]


@lru_cache(maxsize=1024)
def _opened(opening: bytes) -> tuple[datetime, str | None]:
    """Read when and by whom something was recorded; of what was committed together, that is often the same."""
    if not opening.startswith(_OPENING):
        raise ValueError("the stored bytes do not begin with when they were recorded")
    when, has_name, name = opening[len(_OPENING) :].partition(_BY)
    instant = datetime.fromisoformat(when.decode("ascii"))
    if instant.utcoffset() is None:
        raise ValueError("the stored instant has no offset")
    return instant.astimezone(UTC), _unquoted(name) if has_name else None


@lru_cache(maxsize=256)
def _unquoted(name: bytes) -> str:
    """Read who recorded something, of its JSON text but for the last quotation mark; few people record much."""
    return _recorder.validate_python(json.loads(name + b'"'), strict=True)
