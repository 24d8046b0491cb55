"""What the policies would have told a reader at the time, beside what hindsight says: a report, not a pass mark.

    PYTHONPATH=tests python tests/importers/report.py [ua_control|ua_control_5day|weather] [QUESTIONS] [--home FOLDER]

QUESTIONS takes a sample of so many towns or readings, the same on every run. With `--home` the ledger stays in
FOLDER, and the next run reads it in place of importing the set again.

A belief is asked as it was known at the time: of a town on each day on which something was said of it or ran out, of
the weather for an hour whenever something was said of that hour. A day or an hour is disputed if the sources' present
words differ. `told` is the share of days or hours on which a reader is told any value, `right` that of those on which
it is what hindsight says. `flips` counts how often what is told changed from one value to another; `lag` is the median
time from a change (of the weather: from the first word on the hour) to the first right answer, in days or minutes;
`never` counts where there is none.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeVar

import ua_control
import weather
from neutral import first_seen, slug, statements
from paper import Paper, Spoken, Told

from domain.belief.judge import Outcome
from domain.belief.word import At
from domain.times import instant, read, read_instant
from domain.values import Quantity, exact
from services.bootstrap import open_newsroom
from services.imports import import_lines
from services.store.embedded import Addresses, EmbeddedPostgres
from services.store.event_log import EventLog
from services.store.migrate import migrate
from support.database import fresh_database, running_cluster

T = TypeVar("T")
DATA = Path(__file__).parents[3] / "shared" / "data"
POLICIES = ("desk/1", "strict/1", "opponents/1", "majority/1", "latest/1")
MAJORITY, LATEST = "(majority of words)", "(latest word)"
SIDES = {"UA": "ukraine", "RU": "russia"}
SETS = {"ua_control": ua_control.read, "ua_control_5day": ua_control.read, "weather": weather.read}
BASELINES = {
    "ua_control": "majority of present words .799 on disputed days, 1,562 flips (all 900 places)",
    "ua_control_5day": "majority of present words .799 on disputed days, 1,562 flips (all 900 places)",
    "weather": "majority of present words .587 of all hours",
}
"""What the README of the data gives for a majority over the sources' present words."""


class Score:
    """How often what was told was right, how often it changed, and how late it was."""

    def __init__(self) -> None:
        self.right = self.told = self.asked = self.right_disputed = self.disputed = self.flips = self.never = 0
        self.lags: list[float] = []

    def add(self, said: str | None, truth: str, *, disputed: bool) -> None:
        """Take in what was told where hindsight knows better."""
        self.asked += 1
        self.told += said is not None
        self.right += said == truth
        self.disputed += disputed
        self.right_disputed += disputed and said == truth

    def change(self, told: Iterable[str | None]) -> None:
        """Count the changes in what was told in turn; nothing told is no value."""
        values = list(told)
        pairs = zip(values, values[1:], strict=False)
        self.flips += sum(one != next_ and None not in (one, next_) for one, next_ in pairs)

    def late(self, lag: float | None) -> None:
        """Take in how long it took until the truth was told; None: it never was."""
        if lag is None:
            self.never += 1
        else:
            self.lags.append(lag)

    def line(self, name: str) -> str:
        """The row of the table."""
        told = f"{self.told / max(self.asked, 1):.3f}"
        whole = f"{self.right / max(self.asked, 1):.3f}"
        hard = f"{self.right_disputed / max(self.disputed, 1):.3f}"
        lag = f"{median(self.lags):.0f}" if self.lags else "-"
        return f"{name:22} {told:>7} {whole:>7} {hard:>9} {self.flips:>7} {lag:>5} {self.never:>6}"


Scores = Mapping[str, Score]


def told_value(outcome: Outcome) -> str | None:
    """What a reader takes along: the value believed, or that which a contested belief leans to."""
    value = outcome.value
    if isinstance(value, Quantity):
        return None if value.min is None or value.min != value.max else str(exact(value.min).normalize())
    # A lean is a side's name, and of a number that has the unit.
    lean = outcome.lean and outcome.lean.partition(" ")[0]
    return value or (str(exact(lean).normalize()) if lean and weather.NUMBER.fullmatch(lean) else lean)


def majority(present: Iterable[str | None]) -> str | None:
    """What most sources say now; nothing if they are evenly split."""
    votes: defaultdict[str | None, int] = defaultdict(int)
    for word in present:
        votes[word] += 1
    ranked = sorted(votes.items(), key=lambda one: -one[1])
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def sample(all_: list[T], most: int | None) -> list[T]:
    """Return so many of them, the same on every run; all in their order if there are no more, or None is given."""
    return all_ if most is None or most >= len(all_) else Random(0).sample(all_, most)


def tell(text: str) -> None:
    """Write it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


# Towns: each day, until hindsight ends.


def score_towns(paper: Paper, scores: Scores, most: int | None) -> str:
    """Score who holds each town on each day; return what was scored."""
    truth = _gold_of_towns()
    towns = {one.location: one for one in paper.said if one.aspect == "control" and one.location in truth}
    asked = sample(sorted(towns), most)
    for town in asked:
        _score_town(Told(paper, towns[town]), paper.said[towns[town]], truth[town], scores)
    return f"{len(asked)} of {len(towns)} towns"


def _gold_of_towns() -> dict[str, list[tuple[date, date, str | None]]]:
    found: dict[str, list[tuple[date, date, str | None]]] = {}
    with gzip.open(DATA / "ua_control" / "gold.ndjson.gz", "rt") as lines:
        for one in map(json.loads, lines):
            spans = [(date.fromisoformat(s["from"]), date.fromisoformat(s["to"]), s["value"]) for s in one["intervals"]]
            found[slug(one["location_id"])] = [(start, end, SIDES.get(value, value)) for start, end, value in spans]
    return found


def _score_town(told: Told, said: list[Spoken], truth: list[tuple[date, date, str | None]], scores: Scores) -> None:
    turns, differ, answers = _asked_daily(told, said, scores)
    days = [(day, bisect_right(turns, day) - 1) for day in _days(turns[0], truth[-1][1])]
    right = [next((value for start, end, value in truth if start <= day <= end), None) for day, _ in days]
    for name, score in scores.items():
        heard = [answers[name][turn] for _, turn in days]
        score.change(heard)
        for value, now, (_, turn) in zip(heard, right, days, strict=True):
            if now is not None:
                score.add(value, now, disputed=differ[turn])
        for number, now in _turns_of(right):
            score.late(next((float(n) for n, later in enumerate(heard[number:]) if later == now), None))


def _asked_daily(
    told: Told, said: list[Spoken], names: Iterable[str]
) -> tuple[list[date], list[bool], dict[str, list[str | None]]]:
    """Return the days on which something was said or ran out, whether sources differ then, and who believes what."""
    differ: list[bool] = []
    answers: dict[str, list[str | None]] = {name: [] for name in names}
    present: dict[str, Spoken] = {}
    by_day: defaultdict[date, list[Spoken]] = defaultdict(list)
    for one in said:
        by_day[date.fromisoformat(one.claim.spoken.edtf[:10])].append(one)
        if (end := read(one.claim.valid.edtf).as_state().end) is not None:
            by_day[end.date()] += ()
    turns = sorted(by_day)
    for day in turns:
        for one in by_day[day]:
            told.take(one)
            present[one.claim.source] = one
        values = [one.claim.value for one in present.values()]
        differ.append(len(set(values)) > 1)
        asked = read(day.isoformat()).interval
        for policy in POLICIES:
            answers[policy].append(told_value(told.asked(At(asked, asked), policy)))
        answers[MAJORITY].append(majority(values))
        answers[LATEST].append(max(present.values(), key=lambda one: one.position).claim.value)
    return turns, differ, answers


def _turns_of(right: list[str | None]) -> Iterator[tuple[int, str]]:
    """Yield the number of each day on which hindsight has another value than on the day before, and that value."""
    for number, (before, now) in enumerate(zip(right, right[1:], strict=False), 1):
        if before is not None and now is not None and before != now:
            yield number, now


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


# Weather: each hour, from the first word on it to the last.


def score_weather(paper: Paper, scores: Scores, most: int | None) -> str:
    """Score each reading of each hour; return what was scored."""
    truth = _gold_of_weather()
    questions = sorted((one for one in paper.said if one.aspect.startswith("weather-")), key=lambda one: one.name)
    asked = sample(questions, most)
    hours = 0
    for question in asked:
        told = Told(paper, question)
        by_hour: defaultdict[str, list[tuple[Spoken, dict[str, str | None]]]] = defaultdict(list)
        present: defaultdict[str, dict[str, str | None]] = defaultdict(dict)
        for spoken in paper.said[question]:
            told.take(spoken)
            hour = spoken.claim.valid.edtf.partition("/")[0]
            # Half past: the instant at which an hour ends belongs to it, so words on the last hold at the full hour.
            now = instant(read_instant(hour) + timedelta(minutes=30))
            present[hour][spoken.claim.source] = _reading(spoken)
            answers = {name: told_value(told.asked(At(now, now), name)) for name in POLICIES}
            answers[MAJORITY] = majority(present[hour].values())
            answers[LATEST] = _reading(spoken)
            by_hour[hour].append((spoken, answers))
        for hour, turns in by_hour.items():
            right = truth.get((question.location, question.aspect, hour))
            if right is not None:
                hours += 1
                _score_hour(turns, right, scores, disputed=len(set(present[hour].values())) > 1)
    return f"{hours:,} hours on {len(asked)} of {len(questions)} readings"


def _score_hour(
    turns: list[tuple[Spoken, dict[str, str | None]]], right: str, scores: Scores, *, disputed: bool
) -> None:
    began = _stated(turns[0][0])
    for name, score in scores.items():
        heard = [answers[name] for _, answers in turns]
        score.change(heard)
        score.add(heard[-1], right, disputed=disputed)
        first = next((spoken for spoken, answers in turns if answers[name] == right), None)
        score.late(None if first is None else (_stated(first) - began).total_seconds() / 60)


def _stated(spoken: Spoken) -> datetime:
    return read_instant(spoken.claim.spoken.edtf)


def _reading(spoken: Spoken) -> str | None:
    quantity = spoken.claim.quantity
    return None if quantity is None or quantity.min is None else str(exact(quantity.min).normalize())


def _gold_of_weather() -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    with gzip.open(DATA / "weather" / "statements.ndjson.gz", "rt") as lines:
        for one in map(json.loads, lines):
            if one["gold"] and weather.NUMBER.fullmatch(one["gold"]["truth"]):
                aspect = f"weather-{one['question'].removeprefix('weather.')}"
                key = (slug(one["location"]["id"]), aspect, f"{one['event_time']}Z")
                found[key] = str(exact(weather.number(one["gold"]["truth"])).normalize())
    return found


# The ledger of a set.


@contextmanager
def imported(name: str, kept: Path | None) -> Iterator[Addresses]:
    """Lend a ledger that has the set whole: one for this run, or that in the folder, made now if it is not there."""
    if kept is None:
        with running_cluster() as cluster, fresh_database(cluster) as addresses:
            tell(_import(name, addresses))
            yield addresses
        return
    kept.mkdir(parents=True, exist_ok=True)
    done = kept / f"{name}.txt"
    with EmbeddedPostgres(kept / name, durable=False) as server:
        addresses = server.start()
        if not done.exists():
            migrate(addresses.owner)
            # An import that was broken off is gone through again: what is there already is found to be.
            done.write_text(_import(name, addresses))
        tell(done.read_text())
        yield addresses


def _import(name: str, addresses: Addresses) -> str:
    source = DATA / name / "statements.ndjson.gz"
    lines = (json.dumps(line, ensure_ascii=False).encode() for line in first_seen(SETS[name](statements(source))))
    began = time.monotonic()
    with open_newsroom(addresses, following=False) as newsroom:
        *_, done = import_lines(newsroom.ledger, lines)
    seconds = time.monotonic() - began
    lines_told = f"{done['accepted']:,} lines recorded, {done['duplicates']:,} there already, {done['refused']} refused"
    return f"{lines_told}, in {seconds:.0f} s, reading included"


def main() -> None:
    """Import a set, ask, and print the table."""
    parser = argparse.ArgumentParser(description="How far the policies are right about a set of real statements.")
    parser.add_argument("name", nargs="?", choices=SETS, default="ua_control", help="the set")
    parser.add_argument("questions", nargs="?", type=int, help="how many towns or readings; all, if it is not given")
    parser.add_argument("--home", type=Path, help="the folder in which the ledger is kept from one run to the next")
    given = parser.parse_args()
    if not (DATA / given.name / "statements.ndjson.gz").exists():
        raise SystemExit(f"{DATA / given.name} is not here: the data may not be given away with the project")
    with imported(given.name, given.home) as addresses, EventLog(addresses.service) as log:
        began = time.process_time()
        paper = Paper(log)
        tell(f"read again in {time.process_time() - began:.0f} s of processor")
    scores = {policy: Score() for policy in (*POLICIES, MAJORITY, LATEST)}
    began = time.process_time()
    score = score_weather if given.name == "weather" else score_towns
    what = score(paper, scores, given.questions)
    tell(f"{what}, scored in {time.process_time() - began:.0f} s of processor")
    tell(f"{'':22} {'told':>7} {'right':>7} {'disputed':>9} {'flips':>7} {'lag':>5} {'never':>6}")
    tell("\n".join([*(score.line(policy) for policy, score in scores.items())]))
    tell(f"The README of the data: {BASELINES[given.name]}.")


if __name__ == "__main__":
    main()
