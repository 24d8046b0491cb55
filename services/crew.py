"""Several processes build the shares of a replay; one that dies is begun again, and goes on where its share stands."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import wait as wait_for
from multiprocessing.process import BaseProcess
from pathlib import Path

from services.errors import CorruptLedger
from services.folding import Poisoned, Share, Step
from services.orders import CrewLost, Hire
from services.replaying import CORRUPT, POISONED, Errand, run
from services.store.building import Begun, Building, ShareRow

DEATHS = 3
"""How often in a row a process may die without having moved its share."""
_PAUSE = 0.5
"""Seconds between the death of a process and its next beginning."""


@dataclass(slots=True)
class _Post:
    """One share, the process that builds it, and where the share stood when that began."""

    share: Share
    process: BaseProcess
    began_at: int
    deaths: int = 0


class Processes:
    """A `services.orders.Crew`: one process for each share, spawned, so that it shares nothing with this one."""

    def __init__(self, errand: Errand, building: Building) -> None:
        """Begin nothing yet; `errand` is that of the first share, and the others' differ from it in the share alone."""
        self._errand = errand
        self._building = building
        self._posts: dict[int, _Post] = {}
        self._goal = 0
        self._onward = False

    def start(self, goal: int, *, onward: bool = False) -> None:
        """Let every share be built up to the goal, or onward."""
        self._goal, self._onward = goal, onward
        for row in self._building.shares():
            if self._is_wanted(row):
                self._posts[row.share] = self._post(row)

    def wait(self, timeout: float) -> bool:
        """Return whether all shares have reached the goal, after so many seconds at most.

        Raises Poisoned and CorruptLedger for what a share met, and CrewLost if a process dies again and again.
        """
        wait_for([post.process.sentinel for post in self._posts.values()], timeout)
        ended = [post for post in self._posts.values() if not post.process.is_alive()]
        if ended:
            rows = {row.share: row for row in self._building.shares()}
            for post in ended:
                self._follow_up(post, rows.get(post.share.number))
        return not self._posts

    def stop(self) -> None:
        """End every process; what they have built stays."""
        for post in self._posts.values():
            post.process.terminate()
        for post in self._posts.values():
            post.process.join(5)
            if post.process.is_alive():
                post.process.kill()
                post.process.join()
        self._posts.clear()

    def _follow_up(self, post: _Post, row: ShareRow | None) -> None:
        code = post.process.exitcode
        del self._posts[post.share.number]
        if row is None or code == 0 or not self._is_wanted(row):
            return
        if code in (POISONED, CORRUPT):
            self.stop()
            failure = Poisoned if code == POISONED else CorruptLedger
            raise failure(row.error_position or 0, row.error or "")
        deaths = post.deaths + 1 if row.checkpoint == post.began_at else 1
        if deaths > DEATHS:
            self.stop()
            raise CrewLost(self._errand.step.name, post.share.number, code)
        time.sleep(_PAUSE)
        again = self._posts[post.share.number] = self._post(row)
        again.deaths = deaths

    def _is_wanted(self, row: ShareRow) -> bool:
        return self._onward or row.checkpoint < self._goal

    def _post(self, row: ShareRow) -> _Post:
        first = self._errand
        share = Share(row.share, first.share.of)
        errand = replace(first, share=share, goal=self._goal, onward=self._onward)
        process = multiprocessing.get_context("spawn").Process(
            target=run, args=(errand,), name=f"replay of {first.step.name}, share {row.share}", daemon=True
        )
        process.start()
        return _Post(share, process, row.checkpoint)


def hiring(conninfo: str, batch: int, export: Path | None = None) -> Hire:
    """Return how processes are found that work on this database; `export` is a file to read the events from."""

    def hire(building: Building, begun: Begun, step: Step, place: str) -> Processes:
        return Processes(
            Errand(conninfo, step, place, Share(0, begun.shares), begun.began, begun.goal, batch, export), building
        )

    return hire
