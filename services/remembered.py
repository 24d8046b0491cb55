"""What the picture remembers between two batches is what it would find if it looked again, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from domain.belief.case import Made
from domain.belief.outcomes import Outcomes
from domain.belief.picture import Terms, ever_reach, in_order, looks_back
from domain.belief.present import Pair, Present
from domain.belief.rectangles import Rectangle
from domain.claims import Question
from domain.registry import Registry
from domain.standing import Standing
from services.folding import Changes, Held, Reading, Share
from services.painted import Hangs, Painted
from services.store.asking import ViewReader

MOST_CLAIMS = 60_000
"""Most claims that are remembered from batch to batch."""
MOST_ROWS = 100_000
"""Most rectangles that are remembered from batch to batch."""


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
        self._looked_up: set[str] = set()

    def look_up(self, reading: Reading, names: Iterable[str]) -> None:
        """Load what the picture has of the questions of these names, where that was not done before."""
        fresh = set(names) - self._looked_up
        self._looked_up |= fresh
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

    def size(self) -> int:
        """Return how many rows are remembered."""
        rectangles = sum(len(found) for pictures in self.rectangles.values() for found in pictures.values())
        return rectangles + sum(len(hung) for hung in self.sources.values())


class Remembered:
    """What is known at one stand of one share of the picture: claims, and what was made of them."""

    def __init__(self, registry: Registry, terms: Terms, position: int) -> None:
        self.present = Present(registry, position, terms.without)
        self.outcomes = Outcomes(self.present, terms.policy)
        self.known = Known()

    def is_too_much(self) -> bool:
        """Tell whether it should rather be forgotten."""
        return len(self.present.case.standings) > MOST_CLAIMS or self.known.size() > MOST_ROWS

    def prepare(self, views: ViewReader, questions: Iterable[Question]) -> None:
        """Load the claims that are needed to judge the questions, as they are at the position that was reached."""
        self._load(views, {pair for question in questions for pair in self.present.lacks(question)})

    def prepare_past(self, views: ViewReader, question: Question) -> None:
        """Load the claims that ever counted for a question which the picture does not know yet."""
        if looks_back(self.present.view, question):
            self._load(views, ever_reach(self.present.view, question) - self.present.loaded)

    def _load(self, views: ViewReader, lacking: Collection[Pair]) -> None:
        present = self.present
        if lacking:
            found = views.claims_on(lacking, present.position)
            made = [Made(one.position, one.assessment) for one in views.assessments_on(lacking, present.position)]
            present.load(lacking, _as_of(found, present.position), made)
        self.look_for_named(views)

    def look_for_named(self, views: ViewReader, names: Iterable[str] = ()) -> None:
        """Load these claims, and step by step those that what is known leads to."""
        present = self.present
        wanted = present.wants(names)
        while wanted:
            present.load((), _as_of(views.claims_named(wanted, present.position), present.position), ())
            wanted = present.wants()


def _as_of(standings: Iterable[Standing], position: int) -> list[Standing]:
    """Return the claims as they were known at the position."""
    return [_cut(one, position) for one in standings]


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
    """Remembers for one place and share at a time, and forgets when what it gave last was not kept."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._kept: Remembered | None = None
        self._where: tuple[str, int, Share] | None = None

    def at(self, reading: Reading, share: Share, registry: Registry, after: int) -> Remembered:
        """Return what is remembered of this stand, which is nothing if anybody else may have gone on from here."""
        where = None if reading.stand is None else (*reading.stand, share)
        if self._kept is None or where is None or where != self._where:
            self._kept = Remembered(registry, self._terms, after if where is None else where[1])
        self._where = None
        return self._kept

    def keep(self, reading: Reading, share: Share, position: int) -> None:
        """Remember what is known for the batch behind `position`."""
        if reading.stand is None or self._kept is None or self._kept.is_too_much():
            self._kept = None
        else:
            self._where = (reading.stand[0], position, share)
