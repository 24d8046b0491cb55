"""What can go wrong beside a refusal: the caller did nothing wrong, and the ledger has nothing half done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.refusals import Problem, Refusal


class StoreUnavailable(Exception):
    """The database cannot be reached or did not answer in time; trying again later may help.

    `outcome_unknown` is true only if the connection was lost while a commit was under way and the database could not
    be asked afterwards: the same call with the same key then tells whether it had been recorded. `read_only` is true
    if whoever answered takes no writes, as a standby, or a primary that was demoted.
    """

    def __init__(self, why: str, *, outcome_unknown: bool = False, read_only: bool = False) -> None:
        told = "; whether it was recorded is not known, so ask again with the same key" if outcome_unknown else ""
        super().__init__(f"the database is not available: {why.strip()}{told}")
        self.why = why
        self.outcome_unknown = outcome_unknown
        self.read_only = read_only


class AnotherServer(StoreUnavailable):
    """The server that an answer was begun from is not the one that is asked now; asked again, it will be."""

    def __init__(self) -> None:
        super().__init__("an answer was begun from another server than the one that is asked now")


class ReadingOnly(Exception):
    """Who was asked to record, or to change something, only asks; nothing was done. `record_at` is where to do it."""

    def __init__(self, record_at: str | None) -> None:
        told = f"; that is done at {record_at}" if record_at else "; that is done by another process of this ledger"
        super().__init__(f"this process only answers questions, and records or changes nothing{told}")
        self.record_at = record_at


class TookTooLong(Exception):
    """What was asked took longer than anybody is kept waiting for; the database has let go of it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the answer was not there after {seconds:g} s: ask for less, or again when less is going on")


class LedgerBusy(Exception):
    """More is waiting to be recorded than the ledger takes in; trying again in a moment will help."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} commands are waiting to be recorded already")
        self.waiting = waiting


class LedgerClosed(Exception):
    """The service is shutting down and records nothing more."""

    def __init__(self) -> None:
        super().__init__("the ledger is closed; nothing more is recorded")


class Moved(Refusal):
    """Somebody else changed the thing since the caller looked; nothing was recorded.

    `expected` and `actual` are the positions of the thing's latest event, 0 where there is none.
    """

    kind = "moved"
    title = "The thing has changed since you looked."

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(Problem("", f"{stream} was last changed at position {actual}, not at {expected}"))
        self.stream = stream
        self.expected = expected
        self.actual = actual


class StatedInTheFuture(Refusal):
    """By the ledger's clock the words are said to have been spoken, or published, more than a day from now."""

    kind = "stated-in-the-future"
    title = "A claim cannot be stated or published after it is recorded."


class NothingRecorded(Exception):
    """Some commands of an all-or-nothing import were refused, so none was recorded.

    `refusals` holds the first of them with the number of each command, counted from 0; `refused` is how many there are.
    """

    def __init__(self, refused: int, refusals: tuple[tuple[int, Refusal], ...]) -> None:
        super().__init__(f"nothing was recorded, because {refused} of the commands were refused")
        self.refused = refused
        self.refusals = refusals


class NotMigrated(Exception):
    """The database does not have the tables of this version."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the database is not ready: {why}; run `onrecord migrate`")


class DeskNotOpen(Exception):
    """A desk cannot be opened now; whoever runs the service finds out why, and nobody else does."""

    def __init__(self) -> None:
        super().__init__("this desk cannot be opened now: whoever runs the service finds the reason in its log")


class MigrationRefused(Exception):
    """The database was left as it was, for the reason given."""


class CorruptLedger(Exception):
    """A stored event cannot be read; `position` says which. Nothing goes on past it."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"the event at position {position} cannot be read: {why}")
        self.position = position
        self.why = why


class NotAsSigned(Exception):
    """The ledger is not what it was when a checkpoint of it was signed; `size` says how many events that was of."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the first {size} events are not what the checkpoint of {size} was signed for")
        self.size = size


class NoSigningKey(Exception):
    """Nothing can be signed: the database is the user's own, and no key was given."""

    def __init__(self, variable: str) -> None:
        super().__init__(
            f"there is no key to sign checkpoints with: on a database of your own, name a file with one in {variable};"
            " `onrecord proof new-key example.org/ledger` makes one"
        )


class NotSignedYet(Exception):
    """What is to be proved was recorded after the checkpoint, or there is none at all; a new checkpoint will help."""

    def __init__(self, position: int, size: int | None) -> None:
        newest = "there is no checkpoint yet" if size is None else f"the checkpoint is of {size} events"
        super().__init__(f"{newest}, and position {position} is not among them; `onrecord checkpoint` signs a new one")
        self.position = position
        self.size = size


class UnknownThing(LookupError):
    """Nothing of this kind has this name, as far as was known at the cut."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} is called {name!r}")
        self.kind = kind
        self.name = name


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing in a query that cannot be understood: the parameter, what was wrong, what was expected."""

    parameter: str
    said: str
    expected: str


class BadQuery(ValueError):
    """The question cannot be understood; `wrong` says where and why, all of it at once."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("; ".join(f"{one.parameter}: {one.said}" for one in wrong))
        self.wrong = tuple(wrong)


class LongHistory(BadQuery):
    """How a belief changed would have to be judged claim by claim, and there are too many of them for that."""

    def __init__(self, question: str, most: int) -> None:
        said = f"more than {most} claims bear on {question}, and no picture has what is asked about them"
        super().__init__([Wrong("projection", said, "a what-if picture of this policy, or an instant under desk/1")])


class NotCaughtUp(Exception):
    """The views do not include a position yet that the answer has to include; trying again in a moment will help."""

    def __init__(self, needed: int, reached: int) -> None:
        super().__init__(f"the answer has to include position {needed}, and the views have reached {reached}")
        self.needed = needed
        self.reached = reached
