"""Who keeps a registry reads each registry event once, and no claim at all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Protocol

from domain.events import EVENTS, AspectRegistered, Event, Recorded
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.upcasts import STEPS

_BESIDE = frozenset(
    {
        "claim-recorded",
        "claim-corrected",
        "claim-withdrawn",
        "claim-voided",
        "relation-asserted",
        "assessment-made",
        "edition-published",
        "text-erased",
    }
)
REGISTRY_NAMES = tuple(sorted(name for name in {*EVENTS, *STEPS} if name.rpartition(".v")[0] not in _BESIDE))
"""The stored names, of every version, of what `domain.registry.Registry` takes in."""
_NAMES = frozenset(REGISTRY_NAMES)
_PAGE = 5_000


class Readable(Protocol):
    """An event log, as far as a registry needs one."""

    def head(self) -> int:
        """Return the last position."""
        ...

    def read(self, after: int, limit: int, *, names: tuple[str, ...], upto: int | None) -> list[Recorded]:
        """Return events of these names in order."""
        ...


class RegistryCache:
    """The registry up to `head`, with the view at it that decisions and beliefs ask."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.head = 0
        """Every registry event up to this position was taken in."""
        self.view = RegistryView(self.registry, 0)
        self.fitting: set[Hashable] = set()
        """Combinations of names that were found to fit (see `Head`): names are never taken back, but aspects change."""

    def fill(self, log: Readable) -> None:
        """Take in what was recorded since, page by page."""
        head = log.head()
        while self.head < head:
            page = log.read(self.head, _PAGE, names=REGISTRY_NAMES, upto=head)
            self.take(page, head if len(page) < _PAGE else page[-1].position)

    def take(self, recorded: Iterable[Recorded], head: int) -> None:
        """Take in the events that follow, up to `head`; those that are not the registry's may be among them."""
        changed = False
        for one in recorded:
            if is_registry(one.event):
                self.registry.take(one)
                changed = True
                if isinstance(one.event, AspectRegistered):
                    self.fitting.clear()
        self.head = head
        if changed:
            self.view = RegistryView(self.registry, head)


def is_registry(event: Event) -> bool:
    """Tell whether the event changes the registry."""
    return event.type in _NAMES
