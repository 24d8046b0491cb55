"""Every kind of question that a desk asks, about places, sources and moments of a made-up ledger taken at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random

from bench.ledgers import END, START
from bench.world import World, story_of
from domain.claims import Question
from domain.events import ClaimRecorded
from services.across import Wanted
from services.bootstrap import Newsroom
from services.claims import Search
from services.cuts import Query
from services.facts import Facts
from services.scopes import About
from services.store.event_log import EventLog

Ask = Callable[[], object]
NOW = Query()
PAGE = 50
LEAST, MOST = 100, 300
SIZE = f"{LEAST} to {MOST} claims bear on"
"""A size of questions that small and large ledgers have: large ones have larger ones as well."""
NEEDED = {
    "picture of a place": ("stances",),
    "history of a belief": ("picture",),
    "across: contested control": ("stances", "picture"),
    "across: a box": ("stances", "picture"),
    "story: its beliefs": ("stories",),
    "story: its timeline": ("stories", "picture"),
}
"""Views that a kind of question needs beside those of every belief."""


def now() -> datetime:
    """Return the moment that a made-up ledger is asked at: the end of its ten years."""
    return END


class Asks:
    """Asks one newsroom; the same seed asks the same of ledgers of the same size."""

    def __init__(self, room: Newsroom, log: EventLog, claims: int, seed: int = 1, facts: Facts | None = None) -> None:
        """Ask the newsroom of the log; with `facts` also what is asked of questions of one size in every ledger."""
        self._room = room
        self._log = log
        self._world = World(claims, 1)
        self._random = Random(f"asks {seed}")
        self._head = room.feed.head()
        self._facts = facts

    def kinds(self) -> dict[str, Callable[[], Ask]]:
        """Return for each kind of question what makes the next one of it; making it is not part of its time."""
        of_a_size: dict[str, Callable[[], Ask]] = {
            f"belief, now, {SIZE}": lambda: self._belief(question=self._sized()),
            f"belief, at a past valid time, {SIZE}": lambda: self._belief(
                Query(valid_at=self._moment()), self._sized()
            ),
        }
        return {
            **(of_a_size if self._facts else {}),
            "belief, now": self._belief,
            "belief, as of a past position": lambda: self._belief(Query(as_of=str(self._position()))),
            "belief, at a past valid time": lambda: self._belief(Query(valid_at=self._moment())),
            "belief, both past, without a source": self._belief_without,
            "picture of a place": self._picture,
            "history of a belief": self._history,
            "stances of a source": self._stances,
            "claims of a place": lambda: self._search(Search(location=self._place())),
            "claims of a source, with words": self._search_words,
            "across: contested control": lambda: self._across(Wanted(agreement="contested", aspect="control")),
            "across: a box": lambda: self._across(Wanted(box=self._box())),
            "story: its beliefs": lambda: self._story(self._room.stories.beliefs),
            "story: its timeline": lambda: self._story(self._timeline),
        }

    def of(self, kind: str) -> Iterator[Ask]:
        """Yield questions of one kind without end."""
        make = self.kinds()[kind]
        while True:
            yield make()

    def _position(self) -> int:
        return self._random.randrange(self._head // 10, self._head) + 1

    def _moment(self) -> str:
        return (START + (END - START) * self._random.uniform(0.1, 1.0)).date().isoformat()

    def _claim(self) -> ClaimRecorded:
        """Return a claim taken at random, so that what is spoken of much is asked about much."""
        while True:
            found = self._log.at(self._position())
            if found is not None and isinstance(found.event, ClaimRecorded):
                return found.event

    def _question(self) -> Question:
        return self._claim().claim.question

    def _place(self) -> str:
        return self._question().location

    def _sized(self) -> Question:
        """Return a question on which, with all that bears on it, as much was said as `SIZE` says; see `_claim`."""
        while True:
            question = self._question()
            if self._facts is None or self._is_of_size(self._facts, question):
                return question

    def _is_of_size(self, facts: Facts, question: Question) -> bool:
        return facts.is_long(question, self._head, LEAST - 1) and not facts.is_long(question, self._head, MOST)

    def _belief(self, query: Query = NOW, question: Question | None = None) -> Ask:
        asked = question or self._question()
        return lambda: self._room.beliefs.belief(asked, query)

    def _belief_without(self) -> Ask:
        claim = self._claim().claim
        query = Query(as_of=str(self._head), valid_at=self._moment(), without=(claim.source,))
        return lambda: self._room.beliefs.belief(claim.question, query)

    def _picture(self) -> Ask:
        place = self._place()
        return lambda: self._room.beliefs.picture(place, NOW)

    def _history(self) -> Ask:
        question = self._question()
        return lambda: self._room.beliefs.history(question, NOW)

    def _stances(self) -> Ask:
        source = self._claim().claim.source
        return lambda: self._room.sources.stances(source, NOW)

    def _search(self, wanted: Search) -> Ask:
        return lambda: self._room.claims.search(wanted, 0, PAGE, NOW)

    def _search_words(self) -> Ask:
        claim = self._claim().claim
        return self._search(Search(source=claim.source, words=claim.question.location))

    def _across(self, wanted: Wanted) -> Ask:
        return lambda: self._room.across.beliefs(wanted, "", PAGE, NOW)

    def _box(self) -> tuple[float, float, float, float]:
        west, south = self._random.uniform(-150, 140), self._random.uniform(-50, 50)
        return (west, south, west + 10, south + 10)

    def _timeline(self, story: str, query: Query) -> object:
        return self._room.timelines.of(About("story", story), query)

    def _story(self, ask: Callable[[str, Query], object]) -> Ask:
        story = story_of(self._random.randrange(self._world.countries))
        return lambda: ask(story, NOW)
