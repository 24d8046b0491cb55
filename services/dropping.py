"""A desk is dropped only by who was told what is lost with it, and is shut first: nobody is in it when it goes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.refusals import Problem, Refusal
from services.desks import UnknownDesk, addresses_of, desk_called, states_of
from services.settings import MAIN
from services.store import desks as databases
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.following import FollowedStore, Place


class NotDropped(Refusal):
    """A desk cannot be dropped."""

    kind = "not-dropped"
    title = "A desk cannot be dropped."


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with a desk; where it cannot be opened, `fault` says why, and the rest is not known."""

    desk: str
    events: int | None = None
    recorded: datetime | None = None
    """When the last event was recorded; None if there is none."""
    following: str | None = None
    own: int | None = None
    """Events that it did not copy from the desk that it follows; some may have come by following."""
    fault: str | None = None


def loss_of(main: Addresses, desk: str) -> Loss:
    """Return what would go with a desk. Raises UnknownDesk, StoreUnavailable, and NotDropped for one that has to stay.

    That is the main one, and one that another desk follows.
    """
    if desk_called(desk) is None:
        raise NotDropped(Problem("/desk", f"{MAIN!r} is the desk that is there from the start, and stays", "another"))
    states = dict(states_of(main))
    if desk not in states:
        if databases.is_shut(main, desk):
            return Loss(desk, fault="it was begun to be dropped")
        raise UnknownDesk(desk)
    # One that cannot be opened follows nobody now.
    for other in (name for name, fault in states.items() if fault is None and name != desk):
        place = _place(addresses_of(main, other))
        if place is not None and place.desk == desk:
            raise NotDropped(Problem("/desk", f"the desk {other!r} follows {desk!r}", "that one dropped before"))
    if fault := states[desk]:
        return Loss(desk, fault=fault)
    here = addresses_of(main, desk)
    place = _place(here)
    with EventLog(here.service, most=1) as log:
        head = log.head()
        last = log.at(head) if head else None
    following, own = (place.desk, head - place.copied) if place else (None, head)
    return Loss(desk, head, last.recorded if last else None, following, own)


def drop_desk(main: Addresses, desk: str, folder: Path | None) -> None:
    """Drop a desk's database, after letting go of everybody in it, and its folder in the home, if there is one.

    A running service closes it meanwhile. Broken off, it is a desk that nobody finds, and dropping it again ends it.
    Raises DeskNotDropped if this role may not, or if somebody stays in it who may not be ended.
    """
    databases.drop(main, desk)
    if folder is not None and folder.is_dir():
        shutil.rmtree(folder)


def _place(addresses: Addresses) -> Place | None:
    with Connections(addresses.service, most=1) as asking:
        return FollowedStore(asking).place()
