"""An archived text is read where it is held; where it is not, it is told why."""

from __future__ import annotations

from collections.abc import Collection

from domain.events import TextErased
from domain.times import show
from services.cuts import Answer, Cuts, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json, entry_json
from services.store.event_log import EventLog

MOST = 100_000
"""Code points of a text that are read in one answer, at most."""


class Texts:
    """Answers questions about documents and the words they hold."""

    def __init__(self, log: EventLog, facts: Facts, cuts: Cuts) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts

    def document(self, sha256: str, query: Query) -> Answer[Json]:
        """Return what is known of a document, whether its text is held, and why not if it had to go.

        Raises UnknownThing if it was not archived by then.
        """
        cutting = self._cuts.cut(query)
        known = self._facts.registry(cutting.position).documents.get(sha256)
        found = known.at(cutting.position) if known else None
        if found is None:
            raise UnknownThing("document", sha256)
        body = entry_json(found.model_copy(update={"text": None}))
        body["held"] = self._log.texts([sha256])[sha256] is not None
        body["erased"] = next(iter(self.erased([sha256])), None)
        # What is held is so now, also of an earlier moment: a text may have to go at any time.
        return Answer(body, cutting.position, immutable=False)

    def passage(self, sha256: str, start: int, end: int | None, query: Query) -> Answer[Json]:
        """Return the code points [start, end) of a document's text, as far as it goes and at most `MOST` of them.

        Raises UnknownThing if the document was not archived by then, or its text is not held.
        """
        cutting = self._cuts.cut(query)
        known = self._facts.registry(cutting.position).documents.get(sha256)
        if known is None or known.at(cutting.position) is None:
            raise UnknownThing("document", sha256)
        text = self._log.texts([sha256])[sha256]
        if text is None:
            raise UnknownThing("text", sha256)
        first = min(start, len(text))
        last = max(first, min(len(text) if end is None else end, len(text), first + MOST))
        body: Json = {"sha256": sha256, "length": len(text), "start": first, "end": last, "text": text[first:last]}
        return Answer(body, cutting.position, immutable=False)

    def erased(self, hashes: Collection[str]) -> list[Json]:
        """Return which of the texts had to go, when and why; they are gone from earlier moments, too."""
        return [
            {
                "sha256": event.sha256,
                "position": recorded.position,
                "recorded": show(recorded.recorded),
                "reason": event.reason,
            }
            for stream in self._log.streams([f"text/{sha256}" for sha256 in sorted(hashes)]).values()
            for recorded in stream
            if isinstance(event := recorded.event, TextErased)
        ]
