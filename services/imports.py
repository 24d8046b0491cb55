"""A file is recorded line by line; what is refused is told with its line and reason, and hurts no other line."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.commands import Command, parse_command
from domain.refusals import Malformed, Problem, Refusal
from services.errors import NothingRecorded
from services.ledger import Ledger, Outcome, Submission
from services.plain import PlainLine, plain_line
from services.submissions import submission_of

Json = dict[str, object]
MAX_LINE = 4 * 1024 * 1024
"""Longest line of an import, in bytes."""
Allow = Callable[[Command], None]
"""Raises a Refusal for what whoever sends a line may not record."""
TOLD_EVERY = 1_000
"""Lines between two reports of progress."""


def anything(command: Command) -> None:
    """Allow a command, whatever it is."""


@dataclass(slots=True)
class Tally:
    """How many lines were read, and what became of them."""

    lines: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    position: int = 0

    def json(self) -> Json:
        """Return the numbers under the names that the report has; `position` is the last one recorded or found."""
        return {
            "lines": self.lines,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "refused": self.refused,
            "position": self.position,
        }


def import_lines(
    ledger: Ledger, lines: Iterable[bytes | Refusal], by: str | None = None, allow: Allow = anything
) -> Iterator[Json]:
    """Record the lines in order and yield the report: `refused` for each refused line, `progress` now and then, `done`.

    A line is a command as JSON, or why whoever reads for us could make none; empty lines are passed over.
    A line sent twice is a duplicate, so an import that was broken off is simply sent again. Raises StoreUnavailable,
    after which the same holds. `by` is who records them all, also what an export says somebody else recorded.
    """
    tally = Tally()
    waiting: deque[tuple[int, Refusal | None]] = deque()
    for outcome in ledger.record_many(_sent(_read(lines, ledger.make_id, by, allow), waiting)):
        while (refusal := waiting[0][1]) is not None:
            yield _refused(tally, waiting.popleft()[0], refusal)
        row = _told(tally, waiting.popleft()[0], outcome)
        if row is not None:
            yield row
    for number, refusal in waiting:
        if refusal is not None:
            yield _refused(tally, number, refusal)
    yield {"report": "done", **tally.json()}


def import_all_or_nothing(
    ledger: Ledger, open_lines: Callable[[], Iterable[bytes]], by: str | None = None, allow: Allow = anything
) -> Iterator[Json]:
    """Record all lines in one transaction, or none if any is refused. The lines are read twice."""
    tally = Tally()
    numbers = array("Q")
    for number, _, refusal in _read(open_lines(), ledger.make_id, by, allow):
        tally.lines = number
        numbers.append(number)
        if refusal is not None:
            yield _refused(tally, number, refusal)
    if not tally.refused:
        commands = (one for _, one, _ in _read(open_lines(), ledger.make_id, by, allow) if one is not None)
        yield from _at_once(ledger, commands, numbers, tally)
    yield {"report": "done", **tally.json()}


def _at_once(
    ledger: Ledger, commands: Iterable[Submission | PlainLine], numbers: Sequence[int], tally: Tally
) -> Iterator[Json]:
    try:
        outcomes = list(ledger.record_many(commands, atomic=True))
    except NothingRecorded as nothing:
        for place, refusal in nothing.refusals:
            yield _refused(tally, numbers[place], refusal)
        tally.refused = nothing.refused
        return
    for number, outcome in zip(numbers, outcomes, strict=True):
        row = _told(tally, number, outcome)
        if row is not None and row["report"] == "refused":
            yield row


def _sent(
    read: Iterable[tuple[int, Submission | PlainLine | None, Refusal | None]],
    waiting: deque[tuple[int, Refusal | None]],
) -> Iterator[Submission | PlainLine]:
    for number, command, refusal in read:
        waiting.append((number, refusal))
        if command is not None:
            yield command


def _read(
    lines: Iterable[bytes | Refusal], make_id: Callable[[], str], by: str | None, allow: Allow
) -> Iterator[tuple[int, Submission | PlainLine | None, Refusal | None]]:
    """Yield each line that is not empty with its number, as what it says or why it says nothing."""
    for number, line in enumerate(lines, 1):
        if isinstance(line, Refusal):
            yield number, None, line
            continue
        text = line.strip()
        if not text:
            continue
        if len(text) > MAX_LINE:
            problem = Problem("", f"the line is {len(text)} bytes long", f"at most {MAX_LINE} bytes")
            yield number, None, Malformed(problem)
            continue
        try:
            # What is plain is a claim, which whoever may import at all may record.
            yield number, plain_line(text, make_id, by) or _submission(text, by, allow), None
        except Refusal as refusal:
            yield number, None, refusal


def _submission(text: bytes, by: str | None, allow: Allow) -> Submission:
    command = parse_command(text)
    allow(command)
    return submission_of(command, text, by)


def _told(tally: Tally, number: int, outcome: Outcome) -> Json | None:
    tally.lines = number
    if isinstance(outcome, Refusal):
        return _refused(tally, number, outcome)
    if outcome.replayed:
        tally.duplicates += 1
    else:
        tally.accepted += 1
    tally.position = max(tally.position, outcome.position)
    due = (tally.accepted + tally.duplicates) % TOLD_EVERY == 0
    return {"report": "progress", **tally.json()} if due else None


def _refused(tally: Tally, number: int, refusal: Refusal) -> Json:
    tally.lines = max(tally.lines, number)
    tally.refused += 1
    return {"report": "refused", "line": number, **refusal_json(refusal)}


def refusal_json(refusal: Refusal) -> Json:
    """Return why something was refused, where, and what was expected."""
    return {
        "kind": refusal.kind,
        "detail": str(refusal),
        "errors": [
            {"pointer": problem.pointer, "said": problem.said, "expected": problem.expected}
            for problem in refusal.problems
        ],
    }
