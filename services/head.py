"""A decision sees the ledger as its own event will find it: everything before it, and nothing can come between."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from domain.claims import Claim
from domain.decisions.claims import is_fitting, is_related_well
from domain.events import Event, Recorded
from domain.registry_view import RegistryView
from services.plain import PlainClaim, PlainLine
from services.registry_cache import REGISTRY_NAMES, RegistryCache
from services.sight import Sight
from services.store.event_log import Ask, KeyRow, Writing, replacement_key
from services.submissions import Prepared, Receipt

_FITTING_MOST = 50_000
"""How many combinations of names are remembered."""


class Head(Sight):
    """What `decide` may look at, during one writing; it moves on with every event that is accepted."""

    def __init__(self, writing: Writing, cache: RegistryCache) -> None:
        super().__init__(writing)
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

    def latest(self, thing: str) -> Recorded | None:
        """Return the last event about a thing, the correction that brought a claim included."""
        kind, _, name = thing.partition("/")
        events = self.story_of(name) if kind == "claim" else self.writing.stream(thing)
        return events[-1] if events else None

    def accept(self, events: Iterable[Event], by: str | None) -> tuple[Recorded, ...]:
        """Append what was decided; the next decision sees it."""
        added = self.writing.append(events, by)
        self._cache.take(added, self.writing.head)
        return tuple(added)

    def accept_plain(self, line: PlainLine) -> Receipt | None:
        """Append the line's claim if nothing at all speaks against it; else nothing, and a closer look says what does.

        The receipt comes without the event: nobody made one, it is stored as it was read.
        """
        writing, recorded = self.writing, self.writing.recorded
        if (line.spoken is not None and line.spoken > recorded) or not self._is_new(line) or not self._fits(line):
            return None
        position = writing.append_claim(
            line.stream, line.claim, line.text, line.by, is_related=bool(line.said.relations)
        )
        self._cache.head = position
        writing.name([KeyRow(key, line.fingerprint, line.stream, position, position) for key in line.keys])
        return Receipt(position, recorded, (), False, line.by)  # noqa: FBT003 (a field of the receipt)

    def _is_new(self, line: PlainLine) -> bool:
        """Tell whether its keys stand for nothing, and no claim was ever recorded under its id."""
        writing = self.writing
        if line.fresh:
            return writing.are_free(line.keys)
        return writing.are_free((*line.keys, _promised(line))) and not writing.stream(line.stream)

    def _fits(self, line: PlainLine) -> bool:
        """Tell whether all that it names is registered, and its answer one of its aspect.

        Archives name the same sources and places again and again: what was found to fit is known until an aspect
        changes. The times were read with the line.
        """
        said, fitting = line.said, self._cache.fitting
        question = said.question
        # Whether an answer is one of its aspect has nothing to do with the place.
        answer = (question.aspect, said.value, said.quantity is None)
        named = (tuple([link.source for link in said.chain]), said.story, said.favours, said.against)
        # It has all that is looked at under the names that it has in a claim; a test compares them.
        claim = cast("Claim", said)
        if answer not in fitting or named not in fitting or question.location not in fitting:
            if not is_fitting(self, claim):
                return False
            if len(fitting) > _FITTING_MOST:
                fitting.clear()
            fitting.update((answer, named, question.location))
        return not said.relations or self._leads_nowhere(said) or is_related_well(self, claim)

    def _leads_nowhere(self, said: PlainClaim) -> bool:
        """Tell whether it is related only to claims from which no line could lead back; they are not read for that."""
        targets = [relation.claim for relation in said.relations or ()]
        return said.id not in targets and all([self.writing.is_alone(f"claim/{target}") for target in targets])


def _promised(line: PlainLine) -> str:
    """Return the key under which a correction is found that brought a claim of this id."""
    return replacement_key(line.stream.removeprefix("claim/"))


def ask_for(group: Iterable[Prepared | PlainLine]) -> Ask:
    """Return all that the decisions of a group are sure to look at."""
    streams: set[str] = set()
    fresh: set[str] = set()
    texts: set[str] = set()
    keys: set[str] = set()
    for one in group:
        if isinstance(one, PlainLine):
            keys.update(one.keys)
            if one.fresh:
                fresh.add(one.stream)
            else:
                streams.add(one.stream)
            for relation in one.said.relations or ():
                streams.add(f"claim/{relation.claim}")
            continue
        streams |= one.streams
        fresh |= one.fresh
        texts |= one.texts
        keys.update(one.keys)
    keys.update(replacement_key(name.removeprefix("claim/")) for name in streams if name.startswith("claim/"))
    return Ask(frozenset(streams), frozenset(fresh), frozenset(keys), frozenset(texts))
