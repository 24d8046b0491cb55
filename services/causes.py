"""A change names the event that brought it about, in words that an editor can follow up."""

from __future__ import annotations

from collections.abc import Iterable

from domain.events import (
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    Recorded,
    RelationAsserted,
    stream_of,
)
from domain.standing import claims_of
from domain.times import show
from services.store.event_log import EventLog

Json = dict[str, object]


def cause_json(recorded: Recorded) -> Json:
    """Return what happened at a position: the event's stored name, the thing, and the claim if it is about one."""
    event = recorded.event
    body: Json = {
        "position": recorded.position,
        "recorded": show(recorded.recorded),
        "type": event.type,
        "thing": stream_of(event),
    }
    claims = claims_of(event)
    if claims:
        body["claim"] = claims[0]
    if isinstance(event, ClaimRecorded):
        body["source"] = event.claim.source
        body["key"] = event.claim.key
    if isinstance(event, ClaimCorrected):
        body |= {"source": event.source, "replacement": event.replacement.id, "reason": event.reason}
    if isinstance(event, ClaimWithdrawn | ClaimVoided):
        body |= {"source": event.source, "reason": event.reason}
    if isinstance(event, RelationAsserted):
        body |= {"source": event.source, "relation": event.relation.model_dump()}
    if isinstance(event, AssessmentMade):
        body["assessment"] = event.assessment.id
    return body


def causes(log: EventLog, positions: Iterable[int]) -> dict[int, Json]:
    """Return what happened at each of the positions, and who recorded it.

    An alert tells a cause without that: it is sent out of the house.
    """
    found: dict[int, Json] = {}
    for position in sorted(set(positions)):
        recorded = log.at(position)
        if recorded is not None:
            found[position] = {**cause_json(recorded), "recorded_by": recorded.by}
    return found
