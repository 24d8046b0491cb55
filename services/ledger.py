"""All that is recorded goes through one writer: it commits together what many sent, and answers each of them alone."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

import uuid_utils

from domain.commands import Command
from domain.refusals import Refusal
from services import traces
from services.deciding import Outcome, decide_all
from services.errors import LedgerBusy, LedgerClosed, NothingRecorded, StoreUnavailable
from services.head import Head, ask_for
from services.measured import Recording
from services.plain import PlainLine
from services.registry_cache import RegistryCache
from services.store.event_log import EventLog
from services.submissions import Prepared, Receipt, Submission, prepare

__all__ = ["Ledger", "Outcome", "Receipt", "Submission"]

CHUNK = 1_000
"""How many commands of an import are committed together, and how many of all callers at most."""
WAITING_MOST = 10_000
"""How many commands may wait to be recorded before new ones are turned away."""
_READY = (PlainLine, Prepared)
REFUSALS_TOLD = 1_000
"""How many refusals of an all-or-nothing import are told one by one."""


def make_claim_id() -> str:
    """Return a new UUID of version 7, in lower case."""
    return str(uuid_utils.uuid7())


@dataclass(slots=True, eq=False)
class _Unit:
    """What one caller sent in one go, and where it waits for the answers."""

    size: int
    commands: Iterable[Prepared | PlainLine]
    atomic: bool = False
    answer: Future[list[Outcome]] = field(default_factory=lambda: Future[list[Outcome]]())
    decided: threading.Event = field(default_factory=threading.Event)
    """Set when the writer has nothing left to do for it but to have it stored."""
    came: float = field(default_factory=time.monotonic)
    here: traces.Here = field(default_factory=traces.here)


class Ledger:
    """The one way in. Callers may be many threads; the writer is a thread of its own, from `start` to `close`."""

    def __init__(
        self, log: EventLog, *, make_id: Callable[[], str] = make_claim_id, waiting_most: int = WAITING_MOST
    ) -> None:
        """Record into `log`; `make_id` gives the ids of claims that come without one."""
        self._log = log
        self.make_id = make_id
        """Gives the id of a claim that comes without one."""
        self.recording = Recording()
        """What was recorded here so far, in numbers."""
        self._waiting_most = waiting_most
        self._cache = RegistryCache()
        self._units: deque[_Unit] = deque()
        self._waiting = 0
        self._closed = False
        self._decided = 0.0
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._write, name="onrecord-writer", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """How many commands wait to be recorded."""
        return self._waiting

    def start(self) -> None:
        """Read the registry and begin to record; raises StoreUnavailable, or CorruptLedger if it cannot be read."""
        self._cache.fill(self._log)
        self._writer.start()

    def close(self) -> None:
        """Take nothing more in, record what was taken in, and end. The log stays open: it is the caller's."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._writer.ident is not None:
            self._writer.join()

    def record(
        self,
        command: Command,
        *,
        key: str | None = None,
        fingerprint: bytes | None = None,
        expected: int | None = None,
        by: str | None = None,
    ) -> Receipt:
        """Record one command and wait until it is committed; see `Submission` for the arguments.

        Raises a `domain.refusals.Refusal` (KeyReused and Moved among them), LedgerBusy, LedgerClosed, or
        StoreUnavailable; after each of them nothing was recorded, unless it says `outcome_unknown`.
        """
        return self.submit(Submission(command, key, fingerprint, expected, by)).result()

    def submit(self, given: Command | Submission) -> Future[Receipt]:
        """Hand in one command without waiting; the future gives or raises what `record` does.

        Raises LedgerBusy or LedgerClosed at once.
        """
        unit = _Unit(1, (prepare(given, self.make_id),))
        answer: Future[Receipt] = Future()

        def pass_on(done: Future[list[Outcome]]) -> None:
            if not answer.set_running_or_notify_cancel():
                return
            failure = done.exception()
            outcome = failure or done.result()[0]
            if isinstance(outcome, Receipt):
                answer.set_result(outcome)
            else:
                answer.set_exception(outcome)

        unit.answer.add_done_callback(pass_on)
        self._hand_in(unit, wait=False)
        return answer

    def record_many(
        self, commands: Iterable[Command | Submission | Prepared | PlainLine], *, atomic: bool = False
    ) -> Iterator[Outcome]:
        """Record commands in order and yield for each a receipt or why it was refused.

        They are committed in chunks of 1,000, and the next one is read while one is written; a refused command hurts no
        other. What was yielded stays recorded, even if a later chunk raises what `record` does.

        With `atomic` all are recorded in one transaction or none: nothing is yielded before the end (and then without
        events), nobody else writes until then, so `commands` must not make the writer wait; a single refusal raises
        NothingRecorded.
        """
        prepared = (given if isinstance(given, _READY) else prepare(given, self.make_id) for given in commands)
        if atomic:
            unit = _Unit(CHUNK, prepared, atomic=True)
            self._hand_in(unit, wait=True)
            yield from unit.answer.result()
            return
        under_way: deque[_Unit] = deque()
        while chunk := list(islice(prepared, CHUNK)):
            unit = _Unit(len(chunk), chunk)
            unit.answer.add_done_callback(lambda _, decided=unit.decided: decided.set())
            self._hand_in(unit, wait=True)
            under_way.append(unit)
            if len(under_way) > 1:
                yield from under_way.popleft().answer.result()
            # To read while the writer decides would only keep it waiting: one of them has the interpreter at a time.
            unit.decided.wait()
        for unit in under_way:
            yield from unit.answer.result()

    def _hand_in(self, unit: _Unit, *, wait: bool) -> None:
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed or self._waiting < self._waiting_most)
            if self._closed:
                raise LedgerClosed
            if self._waiting >= self._waiting_most:
                raise LedgerBusy(self._waiting)
            self._waiting += unit.size
            self._units.append(unit)
            self._changed.notify_all()

    def _write(self) -> None:
        while group := self._next_group():
            self._record_group([unit for unit in group if unit.answer.set_running_or_notify_cancel()])

    def _next_group(self) -> list[_Unit]:
        """Return what waits, up to a chunk, all-or-nothing imports alone; empty when closed and done."""
        with self._changed:
            self._changed.wait_for(lambda: self._units or self._closed)
            group: list[_Unit] = []
            size = 0
            while self._units and (not group or self._joins(group, size)):
                unit = self._units.popleft()
                group.append(unit)
                size += unit.size
            self._waiting -= size
            self._changed.notify_all()
            return group

    def _joins(self, group: Sequence[_Unit], size: int) -> bool:
        unit = self._units[0]
        return not unit.atomic and not group[0].atomic and size + unit.size <= CHUNK

    def _record_group(self, group: Sequence[_Unit]) -> None:
        """Answer each unit, whatever happens: the writer must outlive every error."""
        if not group:
            return
        self._decided = taken = time.monotonic()
        try:
            answers = self._patiently(group)
        except (StoreUnavailable, NothingRecorded) as failure:
            self._fail(group, failure)
        except Exception as failure:  # noqa: BLE001 (the group's leader: a defect met by one must not end them all)
            if len(group) == 1:
                self._fail(group, failure)
                return
            for unit in group:
                self._record_group([unit])
        else:
            many = sum(map(len, answers))
            self.recording.together.add(many)
            traces.group(((unit.here, unit.came) for unit in group), (taken, self._decided), many)
            for unit, outcomes in zip(group, answers, strict=True):
                self.recording.seconds.add(time.monotonic() - unit.came)
                unit.answer.set_result(outcomes)

    def _fail(self, group: Sequence[_Unit], failure: Exception) -> None:
        self.recording.failed += len(group) if not isinstance(failure, NothingRecorded) else 0
        for unit in group:
            unit.answer.set_exception(failure)

    def _patiently(self, group: Sequence[_Unit]) -> list[list[Outcome]]:
        """Try once more after a lost connection, if it is certain that nothing was recorded."""
        try:
            return self._in_one_transaction(group)
        except StoreUnavailable as lost:
            if lost.outcome_unknown or lost.read_only or group[0].atomic:
                raise
        return self._in_one_transaction(group)

    def _in_one_transaction(self, group: Sequence[_Unit]) -> list[list[Outcome]]:
        try:
            if self._cache.head == 0:
                self._cache.fill(self._log)
            if group[0].atomic:
                return [self._all_or_nothing(group[0].commands)]
            sent = [list(unit.commands) for unit in group]
            together = [one for commands in sent for one in commands]
            with self._log.writing(ask_for(together)) as writing:
                before = writing.head
                outcomes = iter(decide_all(together, Head(writing, self._cache)))
                self._decided = time.monotonic()
                for unit in group:
                    unit.decided.set()
            self.recording.events += writing.head - before
            return [list(islice(outcomes, len(commands))) for commands in sent]
        except BaseException:
            # It may have taken in registry events that were then not recorded.
            self._cache = RegistryCache()
            raise

    def _all_or_nothing(self, commands: Iterable[Prepared | PlainLine]) -> list[Outcome]:
        """Record all, chunk after chunk in one transaction; raises NothingRecorded after having looked at all."""
        waiting = iter(commands)
        outcomes: list[Outcome] = []
        refusals: list[tuple[int, Refusal]] = []
        refused = seen = 0
        with self._log.writing() as writing:
            before = writing.head
            head = Head(writing, self._cache)
            while chunk := list(islice(waiting, CHUNK)):
                writing.prefetch(ask_for(chunk))
                for number, outcome in enumerate(decide_all(chunk, head), seen):
                    if isinstance(outcome, Refusal):
                        refused += 1
                        refusals += [(number, outcome)] if len(refusals) < REFUSALS_TOLD else []
                    else:
                        outcomes.append(outcome._replace(events=()))
                seen += len(chunk)
                writing.forget()
            if refused:
                raise NothingRecorded(refused, tuple(refusals))
        self.recording.events += writing.head - before
        return outcomes
