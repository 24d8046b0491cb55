"""What the policies would have told a reader day by day, beside what hindsight says: a report, not a pass mark.

    PYTHONPATH=tests python tests/importers/report.py [ua_control|ua_control_5day] [PLACES]

Each belief is asked as it was known on its day. A day is disputed if the sources' present words differ. `lag` is the
number of days from a change to the first day on which the belief has it, for changes that it ever has.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from neutral import first_seen, slug, statements
from ua_control import read

from domain.claims import Question
from domain.events import ClaimRecorded
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.imports import import_lines
from services.store.event_log import EventLog
from support.database import fresh_database, running_cluster

DATA = Path(__file__).parents[3] / "shared" / "data"
POLICIES = ("desk/1", "strict/1", "opponents/1", "majority/1", "latest/1")
Span = tuple[date, date, str | None]
SIDES = {"UA": "ukraine", "RU": "russia"}
README = "The README of the data: the majority of present words .799 on disputed days, 1,562 flips (all 900 places)."


class Word(NamedTuple):
    """What one source said of a place, when, and where the ledger has it."""

    day: date
    position: int
    source: str
    value: str


class Score:
    """How often a run of daily values was right, and how often it changed."""

    def __init__(self) -> None:
        self.right = self.days = self.right_disputed = self.disputed = self.flips = 0
        self.lags: list[int] = []

    def add(self, told: list[tuple[str | None, str | None, bool]]) -> None:
        """Take in a place: for each day what was told, what hindsight says, and whether sources differed."""
        for number, (said, truth, disputed) in enumerate(told):
            before = told[number - 1] if number else (said, truth, disputed)
            self.flips += said != before[0] and None not in (said, before[0])
            if truth is None:
                continue
            self.days += 1
            self.right += said == truth
            self.disputed += disputed
            self.right_disputed += disputed and said == truth
            if truth != before[1] and before[1] is not None:
                self.lags += [next((n for n, day in enumerate(told[number:]) if day[0] == truth), -1)]

    def line(self, name: str) -> str:
        """The row of the table."""
        late = [lag for lag in self.lags if lag >= 0]
        whole, hard = (
            f"{a / max(b, 1):.3f}" for a, b in ((self.right, self.days), (self.right_disputed, self.disputed))
        )
        lag = f"{median(late):.0f}" if late else "-"
        return f"{name:26} {whole:>8} {hard:>9} {self.flips:>7} {lag:>5} {len(self.lags) - len(late):>6}"


def gold() -> dict[str, list[Span]]:
    """The hindsight of each place, as days from, to and value."""
    found: dict[str, list[Span]] = {}
    with gzip.open(DATA / "ua_control" / "gold.ndjson.gz", "rt") as lines:
        for one in map(json.loads, lines):
            spans = [(date.fromisoformat(s["from"]), date.fromisoformat(s["to"]), s["value"]) for s in one["intervals"]]
            found[slug(one["location_id"])] = [(start, end, SIDES.get(value, value)) for start, end, value in spans]
    return found


def words(log: EventLog) -> dict[str, list[Word]]:
    """The claims on control, by place, in the order of the ledger."""
    found: defaultdict[str, list[Word]] = defaultdict(list)
    after = 0
    while page := log.read(after, 5_000):
        for one in page:
            if isinstance(one.event, ClaimRecorded) and one.event.claim.question.aspect == "control":
                claim = one.event.claim
                day = date.fromisoformat(claim.spoken.edtf[:10])
                found[claim.question.location].append(Word(day, one.position, claim.source, claim.value or ""))
        after = page[-1].position
    return found


def days_of(said: list[Word], truth: list[Span]) -> Iterator[date]:
    """Every day from the first word to the end of hindsight."""
    day = said[0].day
    while day <= truth[-1][1]:
        yield day
        day += timedelta(days=1)


def majority(present: dict[str, Word]) -> str | None:
    """What most sources say now; nothing if they are evenly split."""
    votes: defaultdict[str, int] = defaultdict(int)
    for word in present.values():
        votes[word.value] += 1
    ranked = sorted(votes.items(), key=lambda one: -one[1])
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def newest(present: dict[str, Word]) -> str | None:
    """What was said last."""
    return max(present.values(), key=lambda word: word.position).value


def believed(newsroom: Newsroom, place: str, policy: str) -> Callable[[Word], str | None]:
    """Return how to ask what was believed when a word had just come in."""

    def ask(word: Word) -> str | None:
        query = Query(valid_at=word.day.isoformat(), as_of=str(word.position), policy=policy)
        body: dict[str, Any] = newsroom.beliefs.belief(Question(location=place, aspect="control"), query).body
        return body["value"] or body["lean"]

    return ask


def tell(text: str) -> None:
    """Write it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Import a set, ask, and print the table."""
    name = sys.argv[1] if len(sys.argv) > 1 else "ua_control"
    source = DATA / name / "statements.ndjson.gz"
    if not source.exists():
        raise SystemExit(f"{source} is not here: the data may not be given away with the project")
    lines = [json.dumps(line, ensure_ascii=False).encode() for line in first_seen(read(statements(source)))]
    with running_cluster() as cluster, fresh_database(cluster) as addresses, open_newsroom(addresses) as newsroom:
        began = time.monotonic()
        *_, done = import_lines(newsroom.ledger, lines)
        seconds = time.monotonic() - began
        tell(f"{done['accepted']} lines recorded, {done['refused']} refused, {len(lines) / seconds:,.0f} a second")
        newsroom.projector.caught_up_to(newsroom.feed.head(), 3_600, ("claims",))
        with EventLog(addresses.service) as log:
            said = words(log)
        truth = gold()
        places = [place for place in sorted(said) if place in truth][: int(sys.argv[2]) if len(sys.argv) > 2 else None]
        scores = {policy: Score() for policy in (*POLICIES, "(majority of words)", "(latest word)")}
        for place in places:
            score_place(newsroom, place, said[place], truth[place], scores)
        tell(f"{len(places)} places\n{'':26} {'right':>8} {'disputed':>9} {'flips':>7} {'lag':>5} {'never':>6}")
        tell("\n".join([*(score.line(policy) for policy, score in scores.items()), README]))


def score_place(newsroom: Newsroom, place: str, said: list[Word], truth: list[Span], scores: dict[str, Score]) -> None:
    """Ask once a day on which something was said, and score every day by the latest answer."""
    heard = {word.day: word for word in said}
    turns = sorted(heard)
    present: dict[str, Word] = {}
    known: list[dict[str, Word]] = []
    for day in turns:
        present = {**present, **{word.source: word for word in said if word.day == day}}
        known.append(present)
    told: dict[str, list[str | None]] = {
        policy: [ask(heard[day]) for day in turns] for policy in POLICIES for ask in [believed(newsroom, place, policy)]
    }
    told["(majority of words)"] = [majority(one) for one in known]
    told["(latest word)"] = [newest(one) for one in known]
    days = [(day, bisect_right(turns, day) - 1) for day in days_of(said, truth)]
    right = [next((value for start, end, value in truth if start <= day <= end), None) for day, _ in days]
    split = [len({word.value for word in known[turn].values()}) > 1 for _, turn in days]
    for policy, values in told.items():
        scores[policy].add([(values[turn], *rest) for (_, turn), *rest in zip(days, right, split, strict=True)])  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
