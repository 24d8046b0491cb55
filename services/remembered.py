"""What the picture remembers between two batches is what it would find if it looked again, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from domain.belief.case import Made
from domain.belief.heard import NEVER
from domain.belief.outcomes import Outcomes
from domain.belief.picture import Dirty, Terms, ever_reach, in_order, looks_back
from domain.belief.present import MOST_OF_ONE, Pair, Present
from domain.belief.rectangles import Rectangle
from domain.claims import Question
from domain.events import Recorded
from domain.registry import Registry
from domain.standing import Standing
from services.folding import Changes, Held, Reading, Share, Stand
from services.lean import Lean
from services.painted import Hangs, Painted
from services.store.asking import ViewReader


class Most(NamedTuple):
    """How much is remembered from batch to batch, at most: claims, rows, and claims on one aspect of a place.

    The last is no bound, but the number from which on it is worth while to let go the old ones. A claim takes some 5 KB
    with what was heard of it at its place and in what that is part of, a row 150 to 500 bytes, and an outcome (see
    `domain.belief.scales`) 3 KB: together some 100 MiB, which a newsroom's smallest machine has.
    """

    claims: int = 12_000
    rows: int = 50_000
    of_one: int = MOST_OF_ONE


AS_MUCH = Most()


class Rows(Changes):
    """The rows that a batch changes, where it is known since when each row in force is so."""

    def __init__(self) -> None:
        super().__init__({})

    def end(self, key: str, since: int, position: int) -> None:
        """Let the row of this key, which holds since that position, hold no longer."""
        self._known(key, since)
        self.put(key, position, None, {})

    def turn(self, since: int, position: int, row: Painted | Hangs) -> None:
        """Let the row be in force from `position` on, in place of one since that position (0: of none)."""
        key = row.key
        if since:
            self._known(key, since)
        self.put(key, position, row.model_dump_json(), row.columns())

    def _known(self, key: str, since: int) -> None:
        if key not in self._open:
            self._held.setdefault(key, Held(since, ""))


class Known:
    """The questions that the picture knows: the sources that each hangs on, and what is believed, in order of time."""

    def __init__(self) -> None:
        self.sources: defaultdict[Question, set[str]] = defaultdict(set)
        self.rectangles: defaultdict[Question, dict[bool, list[Rectangle]]] = defaultdict(lambda: {False: [], True: []})
        self._looked_up: dict[str, None] = {}
        """The names of the questions that were looked for; those asked for last come last."""

    def look_up(self, reading: Reading, names: Iterable[str]) -> None:
        """Load what the picture has of the questions of these names, where that was not done before."""
        fresh: set[str] = set()
        for name in names:
            if name in self._looked_up:
                del self._looked_up[name]
            else:
                fresh.add(name)
            self._looked_up[name] = None
        touched: set[Question] = set()
        for row in reading.held_by("question", fresh).values():
            if is_hanging(row):
                hangs = Hangs.model_validate_json(row.state)
                self.sources[hangs.question].add(hangs.source)
            else:
                stored = Painted.model_validate_json(row.state)
                self.sources[stored.question]  # noqa: B018 (known, even if it hangs on nobody)
                self.rectangles[stored.question][stored.axis == "latest"].append(stored.rectangle(row.since))
                touched.add(stored.question)
        for question in touched:
            for found in self.rectangles[question].values():
                found.sort(key=in_order)

    def hanging_on(self, sources: frozenset[str]) -> Iterable[Question]:
        """Return the questions that hang on one of the sources."""
        return [question for question, hung in self.sources.items() if hung & sources] if sources else []

    def forget_empty(self, question: Question) -> None:
        """Know a question no longer of which no row is left: whoever looked again would not know it either."""
        if not self.sources[question] and not any(self.rectangles[question].values()):
            del self.sources[question], self.rectangles[question]

    def forget(self, most: int) -> None:
        """Forget the questions that were not asked for lately, so that at most so many rows are remembered."""
        count = 0
        known = {question.name: question for question in {**self.sources, **self.rectangles}}
        for name in reversed(tuple(self._looked_up)):
            question = known.get(name)
            count += self._rows(question) if question is not None else 1
            if count > most:
                del self._looked_up[name]
                if question is not None:
                    self.sources.pop(question, None)
                    self.rectangles.pop(question, None)

    def _rows(self, question: Question) -> int:
        pictures = self.rectangles.get(question, {})
        return 1 + len(self.sources.get(question, ())) + sum(len(found) for found in pictures.values())

    def size(self) -> int:
        """Return how many rows are remembered, and that nothing is there of a question counts as one."""
        return len(self._looked_up) + sum(self._rows(question) for question in self.sources)


class Remembered:
    """What is known at one stand of one share of the picture: claims, and what was made of them."""

    def __init__(self, registry: Registry, terms: Terms, position: int, most: Most) -> None:
        self.present = Present(registry, position, terms.without, most.of_one)
        self.outcomes = Outcomes(self.present, terms.policy)
        self.known = Known()
        self._lean = Lean()
        self._most = most

    def is_too_much(self) -> bool:
        """Let go what can be done without; tell whether it is still so much that it should rather be forgotten."""
        present, most = self.present, self._most
        present.trim()
        if len(present.case.standings) > most.claims:
            present.trim(everywhere=True)
        if len(present.case.standings) > most.claims:
            present.forget(most.claims * 3 // 4)
            present.case.words.clear()
            present.case.moved.clear()
            self._lean = Lean()
        if self.known.size() > most.rows:
            self.known.forget(most.rows * 3 // 4)
        return len(present.case.standings) > most.claims or self.known.size() > most.rows

    def forget_rows(self) -> None:
        """Know the claims still, and nothing of what the picture has of them."""
        self.known = Known()

    def take(self, recorded: Recorded) -> None:
        """Take in an event that was recorded after everything known so far."""
        self.present.take(self._lean.recorded(recorded))

    def look_around(self, views: ViewReader, questions: Iterable[Question]) -> None:
        """Load at once most of what it will take to judge these questions at late instants."""
        self._load(views, {pair for question in questions for pair in self.present.lacks(question, NEVER)})

    def prepare(self, views: ViewReader, questions: Mapping[Question, Dirty]) -> None:
        """Load the claims that it takes to judge the instants of the questions, as they are at the position reached."""
        known, present = self.known.sources, self.present
        since = {question: dirty.start if question in known else None for question, dirty in questions.items()}
        self._load(views, {pair for question, start in since.items() for pair in present.lacks(question, start)})

    def prepare_past(self, views: ViewReader, question: Question) -> None:
        """Load the claims that ever counted for a question which the picture does not know yet."""
        if looks_back(self.present.view, question):
            self._load(views, self.present.not_whole(ever_reach(self.present.view, question)))

    def _load(self, views: ViewReader, lacking: Collection[Pair]) -> None:
        present = self.present
        if lacking:
            found = views.claims_on(lacking, present.position)
            made = [Made(one.position, one.assessment) for one in views.assessments_on(lacking, present.position)]
            present.load(lacking, self._as_of(found), made)
        self.look_for_named(views)

    def look_for_named(self, views: ViewReader, names: Iterable[str] = ()) -> None:
        """Load these claims, and step by step those that what is known leads to."""
        present = self.present
        wanted = present.wants(names)
        while wanted:
            present.load((), self._as_of(views.claims_named(wanted, present.position)), ())
            wanted = present.wants()

    def _as_of(self, standings: Iterable[Standing]) -> list[Standing]:
        """Return the claims as they were known at the position reached."""
        return [self._lean.standing(_cut(one, self.present.position)) for one in standings]


def _cut(standing: Standing, position: int) -> Standing:
    later = [one for one in standing.relations if one.position > position]
    if not later and (standing.ending is None or standing.ending.position <= position):
        return standing
    relations = tuple(one for one in standing.relations if one.position <= position)
    return standing.model_copy(update={"relations": relations, "ending": standing.ended_by(position)})


def is_hanging(row: Held) -> bool:
    """Tell whether a row of the picture says that a belief hangs on a source."""
    return '"axis":"source"' in row.state


class Memory:
    """Remembers for one place and share at a time, and lends to one at a time: who works with it has it alone.

    So what is given back is what was lent, whatever another thread has asked for meanwhile; and it is forgotten when it
    is not given back. Of another table that has been put in the place of the one before, at the same position, the rows
    are others, while the claims, which other views hold, are the same unless these were built anew as well.
    """

    def __init__(self, terms: Terms, most: Most = AS_MUCH) -> None:
        self._terms = terms
        self._most = most
        self._kept: list[tuple[Stand, Share, Remembered]] = []

    def at(self, reading: Reading, share: Share, registry: Registry, after: int) -> Remembered:
        """Lend what is remembered of this stand, which is nothing if anybody else may have gone on from here."""
        stand = reading.stand
        if stand is not None:
            with suppress(IndexError):
                stood, of, remembered = self._kept.pop()
                if of == share and stood._replace(generation=stand.generation) == stand:
                    if stood != stand:
                        remembered.forget_rows()
                    return remembered
        return Remembered(registry, self._terms, after if stand is None else stand.position, self._most)

    def keep(self, reading: Reading, share: Share, position: int, remembered: Remembered) -> None:
        """Take back what was lent, which now knows what there is behind `position`."""
        if reading.stand is not None and not remembered.is_too_much():
            self._kept[:] = [(reading.stand._replace(position=position), share, remembered)]
