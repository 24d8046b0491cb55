"""A decision sees the ledger as its own event will find it: everything before it, and nothing can come between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.decide import Known
from domain.entries import Assessment, Edition
from domain.events import AssessmentMade, ClaimRecorded, EditionPublished, Event, Recorded
from domain.registry_view import RegistryView
from domain.standing import Standing, evolve
from domain.values import ClaimId, Sha256, Slug
from services.registry_cache import REGISTRY_NAMES, RegistryCache
from services.store.event_log import Ask, Writing, replacement_key
from services.submissions import Prepared


class Head(Known):
    """What `decide` may look at, during one writing; it moves on with every event that is accepted."""

    def __init__(self, writing: Writing, cache: RegistryCache) -> None:
        self.writing = writing
        self._cache = cache
        if cache.head < writing.head:
            # Another process wrote; what we wrote ourselves was taken in already.
            cache.take(writing.read(cache.head, REGISTRY_NAMES), writing.head)

    @property
    def registry(self) -> RegistryView:
        """The registry with everything accepted so far."""
        return self._cache.view

    @property
    def head(self) -> int:
        """The position of the last accepted event."""
        return self.writing.head

    def claim(self, claim: ClaimId) -> Standing | None:
        """Return what became of the claim."""
        standing: Standing | None = None
        for recorded in self._story_of(claim):
            standing = evolve(standing, claim, recorded)
        return standing

    def _story_of(self, claim: ClaimId) -> list[Recorded]:
        stream = f"claim/{claim}"
        events = self.writing.stream(stream)
        if events and isinstance(events[0].event, ClaimRecorded):
            return events
        if self.writing.is_fresh(stream):
            return events
        row = self.writing.keys((key := replacement_key(claim),)).get(key)
        if row is None:
            return events
        origin = [one for one in self.writing.stream(row.stream) if one.position == row.position]
        return origin + events

    def assessment(self, name: str) -> Assessment | None:
        """Return the assessment as it was last made."""
        stream = f"assessment/{name}"
        made = [one.event for one in self.writing.stream(stream) if isinstance(one.event, AssessmentMade)]
        return made[-1].assessment if made else None

    def editions(self, story: Slug) -> Sequence[Edition]:
        """Return the editions of the story."""
        stream = f"story/{story}"
        events = [one.event for one in self.writing.stream(stream)]
        return [event.edition for event in events if isinstance(event, EditionPublished)]

    def is_erased(self, sha256: Sha256) -> bool:
        """Tell whether the text was erased."""
        stream = f"text/{sha256}"
        return bool(self.writing.stream(stream))

    def text(self, sha256: Sha256) -> str | None:
        """Return the text's body, if it is held."""
        return self.writing.texts([sha256]).get(sha256)

    def latest(self, thing: str) -> Recorded | None:
        """Return the last event about a thing, the correction that brought a claim included."""
        kind, _, name = thing.partition("/")
        events = self._story_of(name) if kind == "claim" else self.writing.stream(thing)
        return events[-1] if events else None

    def accept(self, events: Iterable[Event]) -> tuple[Recorded, ...]:
        """Append what was decided; the next decision sees it."""
        added = self.writing.append(events)
        self._cache.take(added, self.writing.head)
        return tuple(added)


def ask_for(group: Iterable[Prepared]) -> Ask:
    """Return all that the decisions of a group are sure to look at."""
    streams: set[str] = set()
    fresh: set[str] = set()
    texts: set[str] = set()
    keys: set[str] = set()
    for one in group:
        streams |= one.streams
        fresh |= one.fresh
        texts |= one.texts
        keys.update(one.keys)
    keys.update(replacement_key(name.removeprefix("claim/")) for name in streams if name.startswith("claim/"))
    return Ask(frozenset(streams), frozenset(fresh), frozenset(keys), frozenset(texts))
