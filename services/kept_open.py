"""What is listed is kept open, each apart from the others: one that cannot be opened is shut, and tried again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.errors import CorruptLedger, MigrationRefused, NotMigrated, StoreUnavailable
from services.named import of_desk
from services.tireless import Tireless, Work

LOOK = 1.0
"""Seconds between two looks at what is listed."""
AGAIN = 5.0
"""Seconds until one that could not be opened is tried again."""
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened(Generic[T]):
    what: T
    closing: ExitStack


@dataclass(slots=True)
class _Shut:
    """What is listed and not open: `why` it could not be, None before the first try, and looks until the next one."""

    why: str | None = None
    left: int = 0


class KeptOpen(Generic[T]):
    """Opens what is listed, in a thread, and closes what is not listed any more; its threads log under its name."""

    def __init__(
        self,
        name: str,
        listed: Callable[[], list[str]],
        opened: Callable[[str], AbstractContextManager[T]],
    ) -> None:
        """Open nothing yet. `name` is what one is called in the log; `listed` may raise StoreUnavailable."""
        self._name = name
        self._listed = listed
        self._open = opened
        self._places: dict[str, _Opened[T] | _Shut] = {}
        self._tireless = Tireless(Work(f"{name}s", self._step, lambda: self._tireless.wait(LOOK), lambda: None), LOOK)

    def start(self) -> None:
        """Know what is listed from now on, and open it in a while. Raises StoreUnavailable."""
        self._note(self._listed())
        self._tireless.start()

    def stop(self) -> None:
        """Close all, at once: each takes the time that its own threads need to end."""
        self._tireless.stop()
        places, self._places = self._places, {}
        ending = [threading.Thread(target=self._close, args=one) for one in places.items()]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()

    def is_listed(self, name: str) -> bool:
        """Tell whether there is one of this name, open or not."""
        return name in self._places

    def is_opening(self, name: str) -> bool:
        """Tell whether it was not tried yet whether the one of this name can be opened."""
        place = self._places.get(name)
        return isinstance(place, _Shut) and place.why is None

    def get(self, name: str) -> T | None:
        """Return what is open under a name."""
        place = self._places.get(name)
        return place.what if isinstance(place, _Opened) else None

    def all(self) -> dict[str, T | None]:
        """Return all that are listed, None for those that are not open."""
        return {name: place.what if isinstance(place, _Opened) else None for name, place in self._places.items()}

    def _note(self, listed: list[str]) -> list[str]:
        """Take in what is new, and return what is not listed any more."""
        fresh = {name: _Shut() for name in listed if name not in self._places}
        gone = [name for name in self._places if name not in listed]
        # Replaced and not changed: it is read from other threads meanwhile.
        self._places = {**{name: place for name, place in self._places.items() if name not in gone}, **fresh}
        return gone

    def _step(self) -> bool:
        before = self._places
        for name in self._note(self._listed()):
            self._close(name, before[name])
        for name, place in list(self._places.items()):
            if isinstance(place, _Opened) or self._tireless.is_ending:
                continue
            place.left -= 1
            if place.left <= 0:
                self._places = {**self._places, name: self._tried(name, place)}
        return False

    def _tried(self, name: str, before: _Shut) -> _Opened[T] | _Shut:
        with ExitStack() as stack:
            try:
                with of_desk(name):
                    what = stack.enter_context(self._open(name))
            except Exception as error:  # noqa: BLE001 (a defect that one of them meets must not end them all)
                expected = isinstance(error, StoreUnavailable | NotMigrated | MigrationRefused | CorruptLedger)
                # The text of any other may hold the words of a claim.
                why = str(error) if expected else type(error).__name__
                if why != before.why:
                    _LOG.error("the %s %s cannot be opened: %s", self._name, name, why, exc_info=not expected)
                return _Shut(why, int(AGAIN / LOOK))
            _LOG.info("the %s %s is open", self._name, name)
            return _Opened(what, stack.pop_all())

    def _close(self, name: str, place: _Opened[T] | _Shut) -> None:
        if isinstance(place, _Opened):
            place.closing.close()
            _LOG.info("the %s %s is closed", self._name, name)
