"""Views that judge are slower than views that fold, so each kind has a thread of its own and none waits for another."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from services.carrier import Carrier
from services.carrying import Load
from services.elsewhere import Elsewhere
from services.folding import JUDGED, Log, Step
from services.named import desk_here
from services.projector import Following, Projector
from services.store.asking import ViewReader
from services.store.views import ViewWriter


class Apart(NamedTuple):
    """Who carries the views that judge, and how the ledger is reached from there."""

    carrier: Carrier
    conninfo: str


class Followers:
    """Carries every view forward: those that fold events in a thread, and those that follow views in another.

    The latter may be carried `apart`, by a process of their own: whoever asks here does not wait for their judging.
    """

    def __init__(
        self,
        log: Log,
        open_writer: Callable[[], ViewWriter],
        views: ViewReader,
        steps: Iterable[Step],
        apart: Apart | None = None,
    ) -> None:
        known = list(steps)
        judging = tuple(step for step in known if step.after)
        self._folding = Projector(log, open_writer, views, [step for step in known if not step.after])
        self._judging: Projector | Elsewhere
        if apart is None:
            self._judging = Projector(log, open_writer, views, judging, batch=JUDGED)
        else:
            load = Load(apart.conninfo, judging, desk_here())
            self._judging = Elsewhere(apart.carrier, load, open_writer, views)
        self._of = {step.name: self._judging if step.after else self._folding for step in known}

    @property
    def folding(self) -> tuple[str, ...]:
        """The views that answers are read from; the others only make them quicker."""
        return tuple(name for name, projector in self._of.items() if projector is self._folding)

    def start(self) -> None:
        """Follow the ledger until `stop`. What others follow is there first."""
        self._folding.start()
        self._judging.start()

    def stop(self) -> None:
        """Finish the batches under way and give the views up to others."""
        self._judging.stop()
        self._folding.stop()

    def caught_up_to(self, position: int, timeout: float, names: Collection[str] | None = None) -> int:
        """Wait until the views (all, or those named) have taken in `position`, and return what all of them have.

        That is less than `position` if they did not in `timeout` seconds, or if one of them has stopped before it.
        """
        give_up = time.monotonic() + timeout
        wanted = list(self._of) if names is None else list(names)
        reached: list[int] = []
        for projector in (self._folding, self._judging):
            own = [name for name in wanted if self._of.get(name, self._folding) is projector]
            if own:
                reached.append(projector.caught_up_to(position, max(give_up - time.monotonic(), 0.0), own))
        return min(reached, default=position)

    def positions(self) -> list[Following]:
        """Return where each view stands, those being built included; raises StoreUnavailable."""
        return self._folding.positions()

    def retry(self, name: str) -> bool:
        """Let a stopped view try again the event that it stopped at; False if it was not stopped."""
        return self._of[name].retry(name)
