"""A process that only asks writes nothing: it carries no view, takes nothing in, and says how old its ledger is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from domain.commands import Command
from services.elsewhere import awaited, in_use
from services.errors import ReadingOnly
from services.folding import Log, Step
from services.followers import Followers
from services.ledger import Ledger, Outcome, Receipt, Submission
from services.settings import BadSetting, Settings
from services.shown import Json
from services.store.asking import ViewReader
from services.store.connections import Params, Query, Row
from services.store.event_log import EventLog
from services.store.one_server import behind
from services.store.views import ViewWriter


@dataclass(frozen=True, slots=True)
class Reading:
    """That a process only asks, and where it sends whoever wants to record."""

    record_at: str | None = None


class Replica:
    """The ledger of a process that only asks: a copy, or the one that others record into."""

    def __init__(self, reading: Reading, fetch: Callable[[Query, Params | None], list[Row]]) -> None:
        self.record_at = reading.record_at
        self._fetch = fetch

    def told(self) -> Json:
        """Return whether the server is a standby, whether it is being sent what is recorded, and its seconds behind.

        Raises StoreUnavailable.
        """
        found = behind(self._fetch)
        return {"standby": found.standby, "fed": found.fed, "behind_seconds": found.seconds}


def reading_of(settings: Settings) -> Reading | None:
    """Return what the settings say; None for a process that records."""
    return Reading(settings.record_at) if settings.reading else None


def nobody_records() -> BadSetting:
    """Return what is wrong with a home in which nobody runs the database: to read it would have to be written first."""
    expected = "a database in ONRECORD_DATABASE_URL, or a home in which a service runs that records,"
    return BadSetting("ONRECORD_READING", "on", expected)


class Onlooker(Followers):
    """Looks at how far others have carried the views, and carries none; every look is at the server that answers."""

    def __init__(
        self, log: Log, open_writer: Callable[[], ViewWriter], views: ViewReader, steps: Iterable[Step], to: Reading
    ) -> None:
        known = list(steps)
        super().__init__(log, open_writer, views, known)
        self._names = [step.name for step in known]
        self._views = views
        self._to = to

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def caught_up_to(self, position: int, timeout: float, names: Collection[str] | None = None) -> int:
        """Wait as `Followers.caught_up_to` does, for what somebody else carries forward."""
        return awaited(lambda: in_use(self._views), position, timeout, self._names if names is None else names)

    def retry(self, name: str) -> bool:
        """Raise ReadingOnly."""
        raise ReadingOnly(self._to.record_at)


class Deaf(Ledger):
    """Takes nothing in."""

    def __init__(self, log: EventLog, to: Reading) -> None:
        super().__init__(log)
        self._to = to

    def start(self) -> None:
        """Do nothing: there is nothing to wait for."""

    def submit(self, given: Command | Submission) -> Future[Receipt]:
        """Raise ReadingOnly."""
        raise ReadingOnly(self._to.record_at)

    def record_many(self, commands: Iterable[object], *, atomic: bool = False) -> Iterator[Outcome]:
        """Raise ReadingOnly."""
        raise ReadingOnly(self._to.record_at)
