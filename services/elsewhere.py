"""Where another process carries views forward, it is looked how far they have come, by one for all who wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping

from services.carrier import Carrier
from services.carrying import Load
from services.store.asking import ViewReader
from services.store.places import LIVE, Place
from services.store.views import ViewWriter

_GLANCE = 0.02
"""Seconds, at least, between two looks."""


def awaited(places: Callable[[], Mapping[str, Place]], position: int, timeout: float, names: Collection[str]) -> int:
    """Look again and again, as `Elsewhere.caught_up_to` does; `places` tells where each view in use stands."""
    give_up = time.monotonic() + timeout
    while True:
        found = places()
        known = [found.get(name) for name in names]
        reached = min((one.checkpoint if one else 0 for one in known), default=position)
        stopped = any(one.state == "stopped" and one.checkpoint < position for one in known if one)
        if reached >= position or stopped or time.monotonic() > give_up:
            return reached
        time.sleep(_GLANCE)


def in_use(views: ViewReader) -> dict[str, Place]:
    """Return where each view in use stands."""
    return {place.name: place for place in views.places() if place.place == LIVE}


class Elsewhere:
    """The views of a load that a carrier has: waited for as those of a `services.projector.Projector` are."""

    def __init__(self, carrier: Carrier, load: Load, open_writer: Callable[[], ViewWriter], views: ViewReader) -> None:
        """Nothing is touched before `start`."""
        self._carrier = carrier
        self._load = load
        self._open_writer = open_writer
        self._views = views
        self._number: int | None = None
        self._looking = threading.Lock()
        self._looked = 0.0
        self._found: Mapping[str, Place] = {}

    def start(self) -> None:
        """Have the views carried until `stop`; each has its table when this returns. Raises StoreUnavailable."""
        writer = self._open_writer()
        try:
            writer.set_up()
            for step in self._load.steps:
                writer.enter(step)
        finally:
            writer.close()
        self._number = self._carrier.take_up(self._load)

    def stop(self) -> None:
        """Have them put down: the batch under way is finished first."""
        if self._number is not None:
            self._carrier.put_down(self._number)
            self._number = None

    def caught_up_to(self, position: int, timeout: float, names: Collection[str] | None = None) -> int:
        """Wait until the views (all, or those named) have taken in `position`, and return what all of them have.

        That is less than `position` if they did not in `timeout` seconds, or if one of them has stopped before it.
        """
        wanted = [step.name for step in self._load.steps] if names is None else names
        return awaited(self._places, position, timeout, wanted)

    def retry(self, name: str) -> bool:
        """Let a stopped view try again the event that it stopped at; False if it was not stopped."""
        return self._views.retry(name)

    def _places(self) -> Mapping[str, Place]:
        with self._looking:
            if time.monotonic() - self._looked >= _GLANCE:
                self._found = in_use(self._views)
                self._looked = time.monotonic()
            return self._found
