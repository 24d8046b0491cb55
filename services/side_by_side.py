"""A what-if is asked for, built, listed with its terms and dropped; what is in use is never touched by any of that."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from domain.policies import DEFAULT, policies
from domain.refusals import Problem, Refusal
from domain.registry_view import RegistryView
from domain.times import show
from services.cuts import MAX_WITHOUT
from services.errors import NotCaughtUp, UnknownThing
from services.facts import Facts
from services.orders import Order, ReplayBusy
from services.picture import PictureStep
from services.projections import Projections
from services.replays import Progress
from services.shown import Json
from services.store.event_log import EventLog
from services.store.places import Place
from services.store.what_ifs import WhatIfs, what_if_of
from services.whatif import MOST_NAME, PICTURE, Pictured, Terms

_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_RESERVED = ("replay_", "retired_", "whatif_")
"""What names of places begin with, by which pictures are asked for as well."""
MOST_WORKERS = 64
"""Most processes that build one view."""
_PATIENCE = 10.0
"""Seconds that the views are waited for, which a picture is painted from."""


@dataclass(frozen=True, slots=True)
class WantedReplay:
    """A replay as it is asked for; with a `name` it makes a what-if under these terms, else none of them may be given.

    `without` None, like `policy` and `upto`, is what is not given.
    """

    name: str | None = None
    policy: str | None = None
    without: tuple[str, ...] | None = None
    upto: int | None = None
    workers: int = 1
    compare: bool = False


class ReplayMisunderstood(Refusal):
    """What was asked for cannot be built; nothing was begun."""

    kind = "replay-misunderstood"
    title = "This cannot be built."


class NameTaken(Refusal):
    """Something stands under this name already; it has to be dropped first, or another name to be taken."""

    kind = "name-taken"
    title = "The name is taken."


class NotDroppable(Refusal):
    """A view in use cannot be dropped: questions are answered from it, and it would only be built again."""

    kind = "not-droppable"
    title = "A view in use cannot be dropped."


class SideBySide:
    """Begins replays, those of what-ifs among them, and tells of everything that stands side by side."""

    def __init__(
        self, log: EventLog, facts: Facts, projections: Projections, pictures: WhatIfs, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._facts = facts
        self._projections = projections
        self._pictures = pictures
        self._now = now

    def start(self, projection: str, wanted: WantedReplay) -> Json:
        """Begin a replay in the background and return how it goes.

        Raises UnknownThing for a view that there is not, ReplayMisunderstood, NameTaken, ReplayBusy and NotCaughtUp.
        """
        with self._ordered(projection, wanted) as (order, step):
            told = self._projections.start_replay(projection, order, step=step)
        return told if wanted.name is None else {**told, "name": wanted.name}

    def replay(
        self,
        projection: str,
        wanted: WantedReplay,
        report: Callable[[Progress], None] | None = None,
        *,
        export: Path | None = None,
    ) -> Place:
        """Replay in this thread, to the end; raises what `start` raises, and what `Projections.replay` raises."""
        with self._ordered(projection, wanted) as (order, step):
            return self._projections.replay(projection, report, order, export=export, step=step)

    def all(self) -> list[Json]:
        """Return where each view stands, and with them the what-ifs with their terms."""
        what_ifs = {one.place: one for one in self._pictures.pictures() if one.is_what_if}
        rows = self._projections.all()
        return [_named(row, what_ifs[str(row["place"])]) if row["place"] in what_ifs else row for row in rows]

    def one(self, name: str) -> Json:
        """Return where a view or a what-if stands, and how its replay goes. Raises UnknownThing."""
        found = self._what_if(name)
        if found is None:
            return self._projections.one(name)
        row = next((row for row in self.all() if row["place"] == found.place), None)
        if row is None:
            raise UnknownThing("projection", name)
        progress = self._projections.progress(PICTURE, found.place)
        replay = {**progress.json(), "name": name} if progress else None
        return {**row, "building": None, "replay": replay}

    def drop(self, name: str) -> None:
        """Drop a what-if; one that is being built is cancelled.

        Raises UnknownThing, and NotDroppable for a view in use.
        """
        found = self._what_if(name)
        if found is None:
            self._projections.one(name)
            raise NotDroppable(Problem("", f"{name!r} is in use, and answers are read from it", "a what-if"))
        self._projections.cancel_replay(PICTURE, found.place)

    def progress(self, name: str) -> Progress | None:
        """Return how the replay of a view or a what-if goes, or how the last one ended; None if there is none."""
        found = self._what_if(name)
        return self._projections.progress(name) if found is None else self._projections.progress(PICTURE, found.place)

    def _what_if(self, name: str) -> Pictured | None:
        found = self._pictures.named(name)
        return found if found is not None and found.is_what_if else None

    @contextmanager
    def _ordered(self, projection: str, wanted: WantedReplay) -> Generator[tuple[Order, PictureStep | None]]:
        """Lend what is to be built; the terms of a what-if are kept, and nobody else may give its name others."""
        self._projections.follows_others(projection)  # raises UnknownThing; it need not have been begun yet
        if wanted.name is not None:
            self._wait_for(min(wanted.upto or 2**63, self._log.head()))
        problems = list(self._problems(projection, wanted))
        if problems:
            raise ReplayMisunderstood(*problems)
        order = Order(workers=wanted.workers, compare=wanted.compare)
        if wanted.name is None:
            yield order, None
            return
        terms = Terms(wanted.policy or DEFAULT, tuple(sorted(wanted.without or ())), wanted.upto)
        with self._pictures.naming(wanted.name) as is_free:
            if not is_free:
                raise ReplayBusy(wanted.name)
            self._keep(wanted.name, terms)
            yield replace(order, place=what_if_of(wanted.name), upto=wanted.upto), PictureStep(terms)

    def _keep(self, name: str, terms: Terms) -> None:
        """Keep the terms; what was broken off goes on if they are the same. Raises NameTaken."""
        standing = self._what_if(name)
        if standing is None:
            self._pictures.keep(name, terms, self._now())
        elif standing.terms != terms or standing.state != "building":
            said = f"{name!r} is a what-if {in_words(standing.terms)}; drop it, or take another name"
            raise NameTaken(Problem("/as", said))

    def _wait_for(self, position: int) -> None:
        """Wait for the views that a picture is painted from: what they do not have by then would be left out of it."""
        reached = self._facts.reached(position, _PATIENCE, PictureStep.after)
        if reached < position:
            raise NotCaughtUp(position, reached)

    def _problems(self, projection: str, wanted: WantedReplay) -> Iterator[Problem]:
        if not 1 <= wanted.workers <= MOST_WORKERS:
            yield Problem(
                "/workers", f"{wanted.workers} processes cannot be begun", f"a number from 1 to {MOST_WORKERS}"
            )
        given = {"policy": wanted.policy, "without": wanted.without, "upto": wanted.upto}
        if wanted.name is None:
            for member in (member for member, value in given.items() if value is not None):
                yield Problem(f"/{member}", "only a what-if has terms of its own", "a name for it in `as`")
            return
        if projection != PICTURE:
            yield Problem("/as", f"{projection!r} keeps facts, which no policy changes", f"the projection {PICTURE!r}")
        if wanted.compare:
            yield Problem("/compare", "a what-if is compared when it stands", f"`compare {PICTURE} {wanted.name}`")
        yield from self._name_problems(wanted.name)
        if wanted.policy is not None and wanted.policy not in policies():
            yield Problem("/policy", f"no policy is called {wanted.policy!r}", f"one of {', '.join(policies())}")
        head = self._log.head()
        if wanted.upto is not None and not 1 <= wanted.upto <= head:
            yield Problem("/upto", f"the ledger has no position {wanted.upto}", f"a position from 1 to {head}")
        yield from self._source_problems(wanted.without or (), min(wanted.upto or head, head))

    def _name_problems(self, name: str) -> Iterator[Problem]:
        if not _SLUG.fullmatch(name) or len(name) > MOST_NAME:
            form = "lower-case letters and digits, with single - or _ between them"
            yield Problem("/as", f"{name!r} cannot be a name", f"at most {MOST_NAME} {form}")
        if name.startswith(_RESERVED) or any(row["name"] == name for row in self._projections.all()):
            yield Problem("/as", f"{name!r} is the name of something else", "a name of its own")

    def _source_problems(self, without: Sequence[str], position: int) -> Iterator[Problem]:
        if len(without) > MAX_WITHOUT:
            yield Problem("/without", f"{len(without)} sources are left out", f"at most {MAX_WITHOUT}")
        view = RegistryView(self._facts.registry(position), position)
        for place, slug in enumerate(without):
            if view.source(slug) is None:
                yield Problem(f"/without/{place}", f"no source is called {slug!r}", "a source registered by then")
            elif slug in without[:place]:
                yield Problem(f"/without/{place}", f"{slug!r} is left out twice", "each source once")


def in_words(terms: Terms) -> str:
    """Return the terms as a part of a sentence."""
    without = f", without {', '.join(terms.without)}" if terms.without else ""
    upto = f", up to position {terms.upto}" if terms.upto is not None else ""
    return f"under {terms.policy}{without}{upto}"


def _named(row: Json, what_if: Pictured) -> Json:
    terms = what_if.terms
    made = show(what_if.made)
    told = {"policy": terms.policy, "without": list(terms.without), "upto": terms.upto, "made": made}
    return {**row, "name": what_if.name, "what_if": told}
