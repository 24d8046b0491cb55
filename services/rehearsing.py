"""What a ledger would say to lines is known beforehand, and nothing of them comes near it: it is only read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from domain.commands import parse_command
from domain.decide import decide
from domain.events import ClaimCorrected, Event, Recorded, TextErased, stream_of, texts_of
from domain.identities import Sealed
from domain.refusals import Refusal
from domain.registry_view import RegistryView
from services.deciding import first_named, refuse_the_future
from services.registry_cache import RegistryCache
from services.sight import Sight
from services.store.event_log import EventLog, KeyRow, replacement_key
from services.submissions import Prepared, prepare, submission_of


class _Overlay:
    """A ledger with what was only rehearsed behind it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._added: dict[str, list[Recorded]] = defaultdict(list)
        self.named: dict[str, KeyRow] = {}
        self._texts: dict[str, str | None] = {}

    def stream(self, name: str) -> list[Recorded]:
        """Return the events of one stream, in order."""
        return [*self._log.stream(name), *self._added.get(name, ())]

    def is_fresh(self, stream: str) -> bool:
        """Tell whether nothing can be in the stream, which nobody knows."""
        del stream
        return False

    def keys(self, keys: Collection[str]) -> dict[str, KeyRow]:
        """Return what each key stands for; keys never used are left out."""
        return {**self._log.keys(keys), **{key: self.named[key] for key in keys if key in self.named}}

    def texts(self, hashes: Collection[str]) -> dict[str, str | None]:
        """Return the bodies of texts that are held."""
        held = self._log.texts(hashes)
        return {name: held[name] if held[name] is not None else self._texts.get(name) for name in hashes}

    def identity(self, commitment: str) -> Sealed | None:
        """Return nothing: lines name nobody who is protected."""
        del commitment
        return None

    def add(self, one: Recorded) -> None:
        """Put an event behind the others."""
        event, stream = one.event, stream_of(one.event)
        self._added[stream].append(one)
        self._texts.update({text.sha256: text.body for text in texts_of(event) if text.body is not None})
        if isinstance(event, TextErased):
            self._texts[event.sha256] = None
        if isinstance(event, ClaimCorrected):
            key = replacement_key(event.replacement.id)
            self.named[key] = KeyRow(key, b"", stream, one.position, one.position)


class _Head(Sight):
    """What is decided upon: the ledger, and all that was rehearsed before."""

    def __init__(self, log: EventLog, now: datetime) -> None:
        self.overlay = _Overlay(log)
        super().__init__(self.overlay)
        self._cache = RegistryCache()
        self._cache.fill(log)
        self._now = now

    @property
    def registry(self) -> RegistryView:
        """The registry with everything rehearsed so far."""
        return self._cache.view

    @property
    def head(self) -> int:
        """The position that the last event would have."""
        return self._cache.head

    def take(self, events: Iterable[Event]) -> None:
        """Go on as if these were recorded."""
        for event in events:
            one = Recorded(self.head + 1, self._now, event)
            self.overlay.add(one)
            self._cache.take((one,), one.position)


def rehearse(log: EventLog, lines: Iterable[bytes], now: datetime) -> Iterator[bool | Refusal]:
    """Yield for each line whether it would be recorded, False if it was before, or why it would be refused.

    Lines are taken to be recorded in order; what follows a refused line is decided without it.
    """
    head = _Head(log, now)
    for line in lines:
        try:
            yield _decided(head, prepare(submission_of(parse_command(line), line), str), now)
        except Refusal as refusal:
            yield refusal


def _decided(head: _Head, one: Prepared, now: datetime) -> bool:
    rows = head.overlay.keys(one.keys) if one.keys else {}
    if first_named(one.fingerprint, rows) is not None:
        return False
    refuse_the_future(one.command, now)
    events = decide(one.command, head)
    head.take(events)
    head.overlay.named.update({key: KeyRow(key, one.fingerprint, one.thing, head.head, head.head) for key in one.keys})
    return bool(events)
