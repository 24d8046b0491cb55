"""A case holds what the belief on some questions may look at; where that was too little it goes deeper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from domain.belief.case import Case, Floor, Made, NotEnough, reach
from domain.belief.explain import MOST_REMARKS
from domain.belief.word import At
from domain.claims import Question
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing
from services.nearness import Nearness, nearness
from services.store.asking import ViewReader
from services.store.newest import Newest

MOST = (4, 40, 400)
"""How many of the newest claims of a source are loaded at each step down, before everything is."""
_ROUNDS = 8
"""Times that only the claims of some sources are added, before those of all are loaded again."""


class Depth(NamedTuple):
    """How far back is loaded: the `most` newest claims of each source. `look_below` tells how long the others held."""

    most: int
    look_below: bool = False


class Lack:
    """What several judgements in one case lacked."""

    def __init__(self) -> None:
        self.anything = False
        """Something is missing, and nobody knows of whom."""
        self.sources: set[str] = set()
        self.over: set[str] = set()

    def add(self, one: NotEnough) -> None:
        """Take in what one of them lacked."""
        self.anything = self.anything or one.sources is None
        self.sources |= one.sources or set()
        self.over |= one.over


class Deepening:
    """Cases for some questions at one cut, each with more in it than the one before."""

    def __init__(
        self, views: ViewReader, registry: Registry, questions: Sequence[Question], position: int, at: At
    ) -> None:
        self._views = views
        self._registry = registry
        self._position = position
        self._at = at
        self._near = nearness(RegistryView(registry, position), questions)
        self._steps = list(MOST[1:])
        self._rounds = 0
        self._looked = False
        self._is_whole = False
        self._most: defaultdict[str, int] = defaultdict(lambda: MOST[0])
        self.case = load_newest(views, registry, questions, position, at, Depth(MOST[0]))

    def deeper(self, questions: Sequence[Question], lack: Lack) -> Case:
        """Return a case in which those of the questions that lacked this can be judged sooner or later."""
        self._rounds += 1
        if lack.anything or self._rounds > _ROUNDS or not self._go_down(lack):
            self._load_again(questions)
        return self.case

    def _load_again(self, questions: Sequence[Question]) -> None:
        if not self._steps:
            if self._is_whole:
                raise RuntimeError("a whole case cannot lack a claim")
            self._is_whole = True
            self.case = load_case(self._views, self._registry, questions, self._position)
            return
        most = self._steps.pop(0)
        self._most = defaultdict(lambda: most)
        self._looked = True
        depth = Depth(most, look_below=True)
        self.case = load_newest(self._views, self._registry, questions, self._position, self._at, depth)

    def _go_down(self, lack: Lack) -> bool:
        """Load more of the sources that lack claims, or see when those that are missing were over; False: nothing."""
        floors = [floor for those in self.case.floors.values() for floor in those]
        deep = lack.sources | lack.over if self._looked else lack.sources
        cut_off = [floor for floor in floors if floor.source in deep]
        found: list[Standing] = []
        kept = [floor for floor in floors if floor.source not in deep]
        for most in MOST[1:]:
            those = [floor for floor in cut_off if self._most[floor.source] * 10 == most]
            if those:
                more, lower = self._views.newest_of(self._newest(most), those, self._position)
                found += more
                kept += lower
        if any(self._most[floor.source] == MOST[-1] for floor in cut_off):
            return False
        for source in {floor.source for floor in cut_off}:
            self._most[source] *= 10
        looks = bool(lack.over) or self._looked
        if looks:
            kept = look_below(self._views, kept, self._near)
        is_more = bool(cut_off) or (looks and not self._looked)
        self._looked = looks
        if is_more:
            self.case = self.case.deeper(self._views.with_kin(found, self._position) if found else (), kept)
        return is_more

    def _newest(self, most: int) -> Newest:
        return Newest(self._near.states, self._at.interval.end, most)


def load_newest(
    views: ViewReader,
    registry: Registry,
    questions: Iterable[Question],
    position: int,
    at: At | None,
    depth: Depth,
) -> Case:
    """Load as `load_case` does, but of what began by that valid time (None: ever) only what is not long over.

    Of claims on states that is each source's newest; of what happened, some ten times as many in all that ended last,
    and whatever meets the valid time. Judging raises NotEnough where that is not enough.
    """
    asked = list(questions)
    near = nearness(RegistryView(registry, position), asked)
    before = at.interval.end if at else None
    found: list[Standing] = []
    floors: list[Floor] = []
    since: datetime | None = None
    if near.whole:
        found += views.claims_on(near.whole, position)
    if near.states:
        newest, floors = views.newest_for(Newest(near.states, before, depth.most), position)
        found += newest
        floors = look_below(views, floors, near) if depth.look_below else floors
    if near.episodes:
        since = views.nth_end(near.episodes, before, depth.most * 10, position)
        if at and at.given and since:
            since = min(since, at.given.start or since)
        found += views.lasting(near.episodes, since, before, position)
    if shown := near.shown - near.whole:
        found += views.listed(shown, position)
    made = _made(views, near.states.keys() | near.episodes | near.whole, position)
    standings = [*views.with_kin(found, position), *_remarks(views, asked, position)]
    return Case(registry, standings, made, floors, since)


def look_below(views: ViewReader, floors: Sequence[Floor], near: Nearness) -> list[Floor]:
    """Return the floors with what is known of the claims below them, where a horizon may have ended these."""
    asked = [one for one in floors if one.spoken is None and (one.location, one.aspect) in near.lapsing]
    known = {replace(one, spoken=None, ended=None): one for one in views.below(asked)}
    return [known.get(one, one) for one in floors]


def load_case(views: ViewReader, registry: Registry, questions: Iterable[Question], position: int) -> Case:
    """Load what `reach` names, the claims that these name in relations, and the claims that name these."""
    view = RegistryView(registry, position)
    asked = list(questions)
    pairs = {pair for question in asked for pair in reach(view, question)}
    standings = [*views.claims_for(pairs, position), *_remarks(views, asked, position)]
    return Case(registry, standings, _made(views, pairs, position))


def source_case(views: ViewReader, registry: Registry, source: str, position: int) -> Case:
    """Load what the source said, and nothing else: enough for its stances, not for beliefs."""
    return Case(registry, views.claims_of_source(source, position))


def _remarks(views: ViewReader, questions: Iterable[Question], position: int) -> list[Standing]:
    """Load the remarks on the questions' places, which are shown beside beliefs."""
    return views.remarks_on({question.location for question in questions}, position, MOST_REMARKS)


def _made(views: ViewReader, pairs: Iterable[tuple[str, str]], position: int) -> list[Made]:
    return [Made(one.position, one.assessment) for one in views.assessments_on(pairs, position)]
