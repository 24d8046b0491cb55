"""A confidential story has a room: a desk that follows another and is not followed, until its story is released."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.refusals import Problem, Refusal
from services.desks import desk_called, known_desk, make_desk
from services.imports import import_all_or_nothing, refusal_json
from services.ledger import Ledger
from services.rehearsing import rehearse
from services.releasing import Release, release_of
from services.shown import Json
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.following import CannotFollow, FollowedStore, Place, begin_as_copy, only_reading

_CONNECTIONS = 2


class FollowsNobody(Refusal):
    """The desk follows no other."""

    kind = "follows-nobody"
    title = "The desk follows no other."

    def __init__(self, desk: str) -> None:
        super().__init__(Problem("/desk", f"{desk!r} follows no other desk", "a desk made with --following"))


@dataclass(frozen=True, slots=True)
class Begun:
    """A desk that follows another: whether it began to just now, and the last position that both have alike."""

    desk: str
    following: str
    is_new: bool
    copied: int


class Standing(NamedTuple):
    """How far a desk has followed another, and how many events behind it is."""

    place: Place
    behind: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a release, or would: each line with True if it is recorded, False if it was before, or why not."""

    release: Release
    verdicts: list[bool | Refusal]
    position: int | None
    """The followed desk's last position that was recorded or found; None if nothing was tried."""

    @property
    def refused(self) -> list[tuple[bytes, Refusal]]:
        """The lines that are refused, with the reason of each; with one of them none is recorded."""
        pairs = zip(self.release.lines, self.verdicts, strict=True)
        return [(line, verdict) for line, verdict in pairs if isinstance(verdict, Refusal)]

    def json(self) -> Json:
        """Return it for machines."""
        return {
            "counts": self.release.counted(),
            "lines": [json.loads(line) for line in self.release.lines],
            "new": sum(verdict is True for verdict in self.verdicts),
            "staying": self.release.staying,
            "naming": [{"claim": claim, "stays": other} for claim, other in self.release.naming],
            "refused": [{"line": json.loads(line), **refusal_json(refusal)} for line, refusal in self.refused],
            "position": self.position,
        }


def begin(main: Addresses, desk: str, followed: str, report: Callable[[str], None] | None = None) -> Begun:
    """Make a desk that follows another one, or finish making it; made already, do nothing.

    Raises what `make_desk` raises, UnknownDesk for the one to follow, and CannotFollow for a desk that is not new.
    """
    there = known_desk(main, desk_called(followed))
    if desk == followed:
        raise CannotFollow(f"the desk {desk} cannot follow itself")
    make_desk(main, desk)
    here = known_desk(main, desk)
    with Connections(here.service, most=_CONNECTIONS) as asking:
        place = FollowedStore(asking).place()
    if place is not None and place.desk != followed:
        raise CannotFollow(f"the desk {desk} follows {place.desk} already")
    if place is not None:
        return Begun(desk, followed, is_new=False, copied=place.copied)
    return Begun(desk, followed, is_new=True, copied=begin_as_copy(there.service, here.owner, followed, report))


def standing(main: Addresses, desk: str) -> Standing | None:
    """Return how a desk fares that follows another; None for one that follows none. Raises UnknownDesk."""
    with _opened(main, desk) as (_, place):
        if place is None:
            return None
        with EventLog(_reading(main, place), most=_CONNECTIONS) as log:
            return Standing(place, max(0, log.head() - place.position))


def pass_over(main: Addresses, desk: str, position: int, by: str) -> bool:
    """Let a desk go on without the event that it cannot take in; False if that is not what it waits for."""
    with _opened(main, desk) as (store, place):
        if place is None:
            raise FollowsNobody(desk)
        return store.pass_over(position, by)


def release(
    main: Addresses, desk: str, stories: Sequence[str], by: str, now: datetime, agreed: Callable[[Outcome], bool]
) -> Outcome:
    """Record at the followed desk, `by` somebody, what a desk knows of stories: all of it or nothing.

    `agreed` is asked once it is known what would become of each line, while nothing of it has come near the followed
    desk. Said again it does nothing. Raises FollowsNobody, UnknownDesk, and UnknownThing for a story.
    """
    with ExitStack() as stack:
        store, place = stack.enter_context(_opened(main, desk))
        if place is None:
            raise FollowsNobody(desk)
        room = stack.enter_context(EventLog(known_desk(main, desk_called(desk)).service, most=_CONNECTIONS))
        there = stack.enter_context(EventLog(_reading(main, place), most=_CONNECTIONS))
        going = release_of(room, store, place, there, stories)
        foreseen = Outcome(going, list(rehearse(there, going.lines, now)), None)
        if not agreed(foreseen) or foreseen.refused:
            return foreseen
        followed = known_desk(main, desk_called(place.desk))
        log = stack.enter_context(EventLog(followed.service, most=_CONNECTIONS))
        ledger = stack.enter_context(Ledger(log))
        return _recorded(ledger, foreseen, by)


def _recorded(ledger: Ledger, foreseen: Outcome, by: str) -> Outcome:
    """Record it; what is refused now was said of the same thing by somebody else in the moment between."""
    lines, verdicts = foreseen.release.lines, foreseen.verdicts
    position = 0
    for row in import_all_or_nothing(ledger, lambda: lines, by):
        if row["report"] == "refused":
            number = int(str(row["line"])) - 1
            verdicts[number] = Refusal(Problem("", str(row["detail"])))
        position = int(str(row.get("position", position)))
    return Outcome(foreseen.release, verdicts, position)


@contextmanager
def _opened(main: Addresses, desk: str) -> Generator[tuple[FollowedStore, Place | None]]:
    here = known_desk(main, desk_called(desk))
    with Connections(here.service, most=_CONNECTIONS) as asking:
        store = FollowedStore(asking)
        yield store, store.place()


def _reading(main: Addresses, place: Place) -> str:
    return only_reading(known_desk(main, desk_called(place.desk)).service)
