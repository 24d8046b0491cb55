"""The ledger itself is open: every event in order, live or as a file that another ledger can take in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from domain.events import (
    AffiliationAsserted,
    AffiliationEnded,
    AspectRegistered,
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    DocumentArchived,
    EditionPublished,
    Event,
    LeanDeclared,
    LeanEnded,
    LocationLinked,
    LocationLinkEnded,
    LocationRegistered,
    Recorded,
    RelationAsserted,
    SourceRated,
    SourceRegistered,
    StoryRegistered,
    TextErased,
    stream_of,
    texts_of,
)
from domain.times import show
from domain.values import Fact
from services.chosen import Choosing, Chosen
from services.exported import stored_line
from services.shown import Json, Texts, claim_json, entry_json, text_json
from services.store.event_log import EventLog

PAGE = 1_000
"""Events read together for an export."""


class Feed:
    """Reads the ledger for those who follow it or take it elsewhere."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def head(self) -> int:
        """Return the last position."""
        return self._log.head()

    def wait(self, after: int, timeout: float) -> bool:
        """Return True once there is something behind `after`, False after `timeout` seconds."""
        return self._log.wait(after, timeout)

    def events(self, after: int, limit: int, names: Collection[str] = ()) -> list[Json]:
        """Return at most `limit` events behind `after`, of these stored names if any are given."""
        found = self._log.read(after, limit, names=names)
        texts = self._texts(found)
        return [event_json(one, texts) for one in found]

    def export_events(self, after: int = 0, upto: int | None = None) -> Iterator[str]:
        """Yield each event as it is stored, with its position: what a replay reads in place of the log."""
        while found := self._log.stored(after, PAGE, upto):
            for position, name, state in found:
                yield stored_line(position, name, state).decode()
            after = found[-1][0]

    def position_at(self, moment: datetime) -> int:
        """Return the last position that was recorded at or before the moment; 0 if none was."""
        return self._log.position_at(moment)

    def export(self, after: int = 0, upto: int | None = None, chosen: Chosen | None = None) -> Iterator[str]:
        """Yield one line of JSON for each event: the form in which an import takes it in again.

        Positions follow from the order. A text that is not held any more is given by its hash. With `chosen` only what
        that names is given, and what it rests on (see `services.chosen`).
        """
        choosing = None if chosen is None or chosen.everything else Choosing(chosen)
        while found := self._log.read(after, PAGE, upto=upto):
            after = found[-1].position
            kept = found if choosing is None else [one for one in found if choosing.takes(one.event)]
            texts = self._texts(kept)
            for one in kept:
                yield json.dumps(line_of(one.event, texts), ensure_ascii=False, separators=(",", ":"))

    def _texts(self, found: Iterable[Recorded]) -> Texts:
        return self._log.texts({text.sha256 for one in found for text in texts_of(one.event)})


def event_json(recorded: Recorded, texts: Texts) -> Json:
    """Return the event in its place: position, when it was recorded, its stream, its stored name and what it says."""
    said = line_of(recorded.event, texts)
    del said["type"]
    return {
        "position": recorded.position,
        "recorded": show(recorded.recorded),
        "stream": stream_of(recorded.event),
        "type": recorded.event.type,
        "event": said,
    }


def line_of(event: Event, texts: Texts) -> Json:  # noqa: C901 (one arm for each event)
    """Return the command that would record the event."""
    match event:
        case ClaimRecorded(claim=claim):
            return {"type": "claim", **claim_json(claim, texts)}
        case ClaimCorrected(claim=claim, replacement=replacement, reason=reason):
            body = {"claim": claim, "replacement": claim_json(replacement, texts), "reason": reason}
            return {"type": "correct", **body}
        case ClaimWithdrawn(claim=claim, reason=reason, by=by):
            return {"type": "withdraw", "claim": claim, **({"source": by} if by else {}), "reason": reason}
        case ClaimVoided(claim=claim, reason=reason):
            return {"type": "void", "claim": claim, "reason": reason}
        case RelationAsserted(claim=claim, relation=relation):
            return {"type": "relation", "claim": claim, "relation": entry_json(relation)}
        case AffiliationEnded():
            return {"type": "affiliation_ended", **_without(event, "type", "from", "to")}
        case LeanEnded():
            return {"type": "lean_ended", **_without(event, "type")}
        case DocumentArchived(document=document):
            body = entry_json(document)
            if document.text:
                body["text"] = text_json(document.text, texts)
            return {"type": "document", **body}
        case TextErased():
            # The words did not come along, so a copy has nothing to erase; but they must not come later either.
            return {"type": "text_erased", **_without(event, "type"), "also_absent": True}
        case SourceRegistered(source=source):
            return {"type": "source", **entry_json(source)}
        case AffiliationAsserted(affiliation=affiliation):
            return {"type": "affiliation", **entry_json(affiliation)}
        case LeanDeclared(lean=lean):
            return {"type": "lean", **entry_json(lean)}
        case SourceRated(rating=rating):
            return {"type": "rating", **entry_json(rating)}
        case LocationRegistered(location=location):
            return {"type": "location", **entry_json(location)}
        case LocationLinked(link=link):
            return {"type": "location_link", **entry_json(link)}
        case LocationLinkEnded(link=link):
            return {"type": "location_link_ended", **entry_json(link)}
        case AspectRegistered(aspect=aspect):
            return {"type": "aspect", **entry_json(aspect)}
        case StoryRegistered(story=story):
            return {"type": "story", **entry_json(story)}
        case AssessmentMade(assessment=assessment):
            return {"type": "assess", **entry_json(assessment)}
        case EditionPublished(edition=edition):
            return {"type": "edition", **entry_json(edition)}


def _without(event: Fact, *left_out: str) -> Json:
    return {name: value for name, value in entry_json(event).items() if name not in left_out}
