"""The ledger itself is open: every event in order, live or as a file that another ledger can take in."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
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
from domain.times import UnreadableTime, read_instant, show
from domain.values import Fact
from services.chosen import Choosing, Chosen, claims_in
from services.errors import BadQuery, NotCaughtUp, Wrong
from services.exported import stored_line
from services.facts import Facts
from services.shown import Json, Texts, claim_json, entry_json, text_json
from services.store.event_log import EventLog

PAGE = 1_000
"""Events read together for an export."""
SIFTED = 20_000
"""Most events that are gone through for one page of those that were chosen."""
PATIENCE = 5.0
"""Seconds to wait for the registry's view, by which places and their parts are known."""
EVERYTHING = Chosen()
_AS_THEY_ARE: Callable[[list[Recorded]], list[Recorded]] = list


@dataclass(frozen=True, slots=True)
class Slice:
    """Some events behind a position: all that was to be found up to `reached`. `full` says that there may be more."""

    rows: list[Json]
    reached: int
    full: bool


class Feed:
    """Reads the ledger for those who follow it or take it elsewhere."""

    def __init__(self, log: EventLog, facts: Facts) -> None:
        self._log = log
        self._facts = facts

    def head(self) -> int:
        """Return the last position."""
        return self._log.head()

    def wait(self, after: int, timeout: float) -> bool:
        """Return True once there is something behind `after`, False after `timeout` seconds."""
        return self._log.wait(after, timeout)

    def page(
        self, after: int, upto: int, limit: int, names: Collection[str] = (), chosen: Chosen = EVERYTHING
    ) -> Slice:
        """Return at most `limit` of the events behind `after` up to `upto`: of these names, and chosen.

        A page of chosen ones may be short, or empty, and yet not the last: no more than `SIFTED` events are gone
        through for it. Raises what `export` raises.
        """
        sift = self._sieve(chosen, upto)
        kept: list[Recorded] = []
        seen = 0
        while len(kept) < limit:
            wanted = limit if chosen.everything else PAGE
            found = self._log.read(after, wanted, names=names, upto=upto)
            kept += sift(found)
            seen += len(found)
            if len(found) < wanted:
                after = max(after, upto)
                break
            after = found[-1].position
            if seen >= SIFTED:
                break
        if len(kept) > limit:
            kept, after = kept[:limit], kept[limit - 1].position
        return Slice(self._shown(kept), after, full=after < upto or len(kept) == limit)

    def export_events(self, after: int = 0, upto: int | None = None) -> Iterator[str]:
        """Yield each event as it is stored, with its position: what a replay reads in place of the log."""
        while found := self._log.stored(after, PAGE, upto):
            for position, name, state in found:
                yield stored_line(position, name, state).decode()
            after = found[-1][0]

    def between(self, after: int, since: str | None, until: str | None) -> tuple[int, int]:
        """Return behind which and up to which position to go: what was recorded after `since` and up to `until`.

        Both are RFC 3339 instants; None is no bound. Raises BadQuery for one that cannot be read.
        """
        head = self._log.head()
        first = after if since is None else max(after, self._recorded("since", since))
        return first, head if until is None else min(head, self._recorded("until", until))

    def _recorded(self, name: str, said: str) -> int:
        try:
            return self._log.position_at(read_instant(said))
        except UnreadableTime as reason:
            raise BadQuery([Wrong(name, str(reason), "an RFC 3339 instant with its offset")]) from reason

    def recorded(self, position: int) -> datetime | None:
        """Return when the event at a position was recorded; None for 0 and for what is not recorded yet."""
        found = self._log.at(position)
        return found.recorded if found else None

    def position_at(self, moment: datetime) -> int:
        """Return the last position that was recorded at or before the moment; 0 if none was."""
        return self._log.position_at(moment)

    def export(self, after: int = 0, upto: int | None = None, chosen: Chosen = EVERYTHING) -> Iterator[str]:
        """Return the lines: one of JSON for each event, the form in which an import takes it in again.

        Positions follow from the order. A text that is not held any more is given by its hash. With `chosen` only what
        that names is given, and what it rests on (see `services.chosen`). Raises, at once, BadQuery for a time that
        cannot be read, and NotCaughtUp if the registry is behind where it is needed.
        """
        pages = self.pages(after, upto, chosen)
        return (line for page in pages for line in self.lines(page))

    def pages(self, after: int, upto: int | None, chosen: Chosen = EVERYTHING) -> Iterator[list[Recorded]]:
        """Return the events themselves, some at a time; raises what `export` raises."""
        last = self._log.head() if upto is None else upto
        return self._pages(after, last, self._sieve(chosen, last))

    def claims(self, after: int, upto: int, chosen: Chosen = EVERYTHING) -> Iterator[list[str]]:
        """Return the ids of the claims that were chosen, in their order, some at a time; raises what `export` does."""
        return (list(claims_in(page)) for page in self.pages(after, upto, chosen))

    def lines(self, page: Iterable[Recorded]) -> list[str]:
        """Return the line of each event: the command that would record it, as JSON."""
        found = list(page)
        texts = self._texts(found)
        return [json.dumps(line_of(one.event, texts), ensure_ascii=False, separators=(",", ":")) for one in found]

    def _pages(
        self, after: int, upto: int, sift: Callable[[list[Recorded]], list[Recorded]]
    ) -> Iterator[list[Recorded]]:
        while found := self._log.read(after, PAGE, upto=upto):
            after = found[-1].position
            yield sift(found)

    def _sieve(self, chosen: Chosen, upto: int) -> Callable[[list[Recorded]], list[Recorded]]:
        """Return what leaves of a page the events that were chosen, places and aspects being as they are at `upto`."""
        if chosen.everything:
            chosen.interval()  # a time zone that is none is refused also where no date is read in it
            return _AS_THEY_ARE
        reached = self._facts.reached(upto, PATIENCE, ("registry",))
        if reached < upto:
            raise NotCaughtUp(upto, reached)
        return Choosing(chosen, self._log, self._facts.view(upto)).kept

    def _shown(self, found: list[Recorded]) -> list[Json]:
        texts = self._texts(found)
        return [event_json(one, texts) for one in found]

    def _texts(self, found: Iterable[Recorded]) -> Texts:
        return self._log.texts({text.sha256 for one in found for text in texts_of(one.event)})


def event_json(recorded: Recorded, texts: Texts) -> Json:
    """Return the event in its place: position, when and by whom it was recorded, its stream, name and what it says."""
    said = line_of(recorded.event, texts)
    del said["type"]
    return {
        "position": recorded.position,
        "recorded": show(recorded.recorded),
        "recorded_by": recorded.by,
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
