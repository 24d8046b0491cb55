"""Where the time of an imported claim goes: each step alone, over the same claims, against the import as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bench.measuring import Bench, Row, compared, stopwatch
from bench.recording import Recording
from domain.commands import parse_command
from domain.decide import decide
from services.bootstrap import open_newsroom
from services.ledger import make_claim_id
from services.plain import plain_line
from services.store.event_log import EventLog
from services.submissions import prepare, submission_of
from support.ledger import PaperLedger

T = TypeVar("T")
STEPS = (
    "read and name a plain line",
    "parse and validate by the form",
    "keys and fingerprint of what the form read",
    "decide what the form read",
    "encode and append",
    "carry the claims view",
)


class Costs:
    """The steps of an import; each returns microseconds a claim."""

    def __init__(self, bench: Bench, recording: Recording) -> None:
        self._bench = bench
        self._recording = recording
        self._lines = [line for line in recording.lines if not line.startswith(b'{"type"')]
        self._commands = [parse_command(line) for line in self._lines]
        self._paper = PaperLedger(parse_command(sent.line()) for sent in recording.registry)

    def read(self) -> float:
        """Read each line the short way: what it says, its keys, its fingerprint and the bytes that are stored."""
        return _each(self._lines, lambda line: plain_line(line, make_claim_id))

    def parse(self) -> float:
        """Read each line as a command, as is done with those that are not plain."""
        return _each(self._lines, parse_command)

    def prepare(self) -> float:
        """Give each command its keys and its fingerprint."""
        pairs = list(zip(self._commands, self._lines, strict=True))
        return _each(pairs, lambda pair: prepare(submission_of(*pair), make_claim_id))

    def decide(self) -> float:
        """Decide each as the first claim behind the registry, in memory."""
        return _each(self._commands, lambda command: decide(command, self._paper))

    def append(self) -> float:
        """Encode and append, without keys."""
        return 1_000_000 / self._recording.appends()

    def project(self) -> float:
        """Build the view of claims."""
        with self._bench.database() as addresses:
            with EventLog(addresses.service) as log:
                self._recording.fill(log)
            with open_newsroom(addresses, following=False) as room, stopwatch() as seconds:
                events = room.projections.replay("claims").checkpoint
        return 1_000_000 * seconds() / events

    def all(self) -> float:
        """Import the lines."""
        return 1_000_000 / self._recording.imports()


def _each(given: Sequence[T], do: Callable[[T], object]) -> float:
    with stopwatch() as seconds:
        for one in given:
            do(one)
    return 1_000_000 * seconds() / len(given)


def measure(bench: Bench) -> Iterator[Row]:
    """Yield a row for each step; the last is not part of an import, but has to keep up with it."""
    costs = Costs(bench, Recording(bench))
    taken = (costs.read, costs.parse, costs.prepare, costs.decide, costs.append, costs.project)
    found = bench.take_turns({**dict(zip(STEPS, taken, strict=True)), "import": costs.all})
    for step in STEPS:
        yield Row("costs", f"cost of an imported claim: {step}", "the import as a whole",
                  **compared(found, step, "import"), bar=None, aim=None, at_most=True, unit="µs/claim")  # fmt: skip
