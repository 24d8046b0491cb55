"""What a decision asks of the ledger is found in the same way, whether it is being written or only looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from domain.decide import Known
from domain.entries import Assessment, Edition
from domain.events import AssessmentMade, ClaimRecorded, EditionPublished, Recorded
from domain.identities import Sealed
from domain.standing import Standing, evolve
from domain.values import ClaimId, Sha256, Slug
from services.store.event_log import KeyRow, replacement_key


class Looking(Protocol):
    """Streams, keys and texts as they are at one position; `services.store.writing.Writing` is one."""

    def stream(self, name: str) -> list[Recorded]:
        """Return the events of one stream, in order."""
        ...

    def is_fresh(self, stream: str) -> bool:
        """Tell whether the stream was said to be named by an id made just now."""
        ...

    def keys(self, keys: Collection[str]) -> dict[str, KeyRow]:
        """Return what each key stands for; keys never used are left out."""
        ...

    def texts(self, hashes: Collection[str]) -> dict[str, str | None]:
        """Return the bodies of texts that are held."""
        ...

    def identity(self, commitment: str) -> Sealed | None:
        """Return who is meant by a commitment, if that is held."""
        ...


class Sight(Known):
    """What `decide` may look at, as far as it is found in streams, keys and texts."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking

    def claim(self, claim: ClaimId) -> Standing | None:
        """Return what became of the claim."""
        standing: Standing | None = None
        for recorded in self.story_of(claim):
            standing = evolve(standing, claim, recorded)
        return standing

    def story_of(self, claim: ClaimId) -> list[Recorded]:
        """Return the events about the claim, the correction that brought it included."""
        stream = f"claim/{claim}"
        events = self._looking.stream(stream)
        if events and isinstance(events[0].event, ClaimRecorded):
            return events
        if self._looking.is_fresh(stream):
            return events
        row = self._looking.keys((key := replacement_key(claim),)).get(key)
        if row is None:
            return events
        origin = [one for one in self._looking.stream(row.stream) if one.position == row.position]
        return origin + events

    def assessment(self, name: str) -> Assessment | None:
        """Return the assessment as it was last made."""
        stream = f"assessment/{name}"
        made = [one.event for one in self._looking.stream(stream) if isinstance(one.event, AssessmentMade)]
        return made[-1].assessment if made else None

    def editions(self, story: Slug) -> Sequence[Edition]:
        """Return the editions of the story."""
        stream = f"story/{story}"
        events = [one.event for one in self._looking.stream(stream)]
        return [event.edition for event in events if isinstance(event, EditionPublished)]

    def is_erased(self, sha256: Sha256) -> bool:
        """Tell whether the text was erased."""
        stream = f"text/{sha256}"
        return bool(self._looking.stream(stream))

    def text(self, sha256: Sha256) -> str | None:
        """Return the text's body, if it is held."""
        return self._looking.texts([sha256]).get(sha256)

    def identity(self, commitment: Sha256) -> Sealed | None:
        """Return who is meant by a commitment, if that is held."""
        return None if self.is_erased(commitment) else self._looking.identity(commitment)
