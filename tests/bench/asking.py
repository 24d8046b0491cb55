"""What a question costs does not hang on how much else the ledger holds, nor on how often the same was said before."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from bench.asks import Ask, Asks, now
from bench.ledgers import Sent, hot_question, ledger
from bench.loading import load, ready_made
from bench.measuring import Bench, Row, compared, stopwatch
from domain.claims import Question
from services.bootstrap import Newsroom, open_newsroom
from services.catalogue import found_projections
from services.cuts import Query
from services.store.embedded import Addresses
from services.store.event_log import EventLog

VIEWS = (*found_projections(), "picture")
"""Every view, each behind those that it follows."""
BELIEFS = ("belief, now", "belief, as of a past position", "belief, at a past valid time")
PER_ROUND = 12
"""Questions of a round, whose median is the round's time."""
HOT_MOST = 100_000
SOURCES = 50


@contextmanager
def open_asked(bench: Bench, sent: Iterable[Sent]) -> Generator[tuple[Addresses, Newsroom, EventLog]]:
    """Lend a newsroom with all its views, as a service has it, and its log."""
    with ExitStack() as stack:
        addresses = stack.enter_context(bench.database())
        log = stack.enter_context(EventLog(addresses.service))
        load(log, ready_made(sent))
        with open_newsroom(addresses, following=False) as room:
            for name in VIEWS:
                with stopwatch() as seconds:
                    room.projections.replay(name)
                bench.told(f"built {name} of {log.head():,} events in {seconds():.1f} s")
        yield addresses, stack.enter_context(open_newsroom(addresses, now=now)), log


def milliseconds(ask: Ask) -> float:
    """Return how long the answer took."""
    with stopwatch() as seconds:
        ask()
    return 1_000 * seconds()


def measure(bench: Bench) -> Iterator[Row]:
    """Yield the row of one belief in a large and in a small ledger."""
    small = max(bench.size // 10, 200)
    with (
        open_asked(bench, ledger(small)) as (_, room, log),
        open_asked(bench, ledger(bench.size)) as (_, large_room, large_log),
    ):
        few, many = _rounds(Asks(room, log, small)), _rounds(Asks(large_room, large_log, bench.size))
        found = bench.take_turns({"large": lambda: next(many), "small": lambda: next(few)})
    yield Row("belief", f"one belief with explanation, any (V, R), {bench.size:,} claims",
              f"the same at {small:,}", **compared(found, "large", "small"), bar=1.3, aim=1.1, at_most=True,
              unit="ms", note=f"{PER_ROUND} a round")  # fmt: skip


def _rounds(asks: Asks) -> Iterator[float]:
    """Yield the medians of rounds of questions at any (V, R)."""
    asked = [asks.of(kind) for kind in BELIEFS]
    while True:
        yield median(milliseconds(next(asked[number % len(asked)])) for number in range(PER_ROUND))


def measure_hot(bench: Bench) -> Iterator[Row]:
    """Yield the row of one question on which very much was said."""
    claims = min(HOT_MOST, bench.size * 5)
    with (
        open_asked(bench, hot_question(SOURCES)) as (_, quiet_room, _log),
        open_asked(bench, hot_question(claims)) as (_, hot_room, _hot_log),
    ):
        found = bench.take_turns(
            {"hot": lambda: _belief_on_the_square(hot_room), "quiet": lambda: _belief_on_the_square(quiet_room)}
        )
    yield Row("hot", f"a belief on a question with {claims:,} claims by {SOURCES} sources",
              f"on one with {SOURCES} claims by {SOURCES} sources", **compared(found, "hot", "quiet"), bar=2, aim=1.2,
              at_most=True, unit="ms")  # fmt: skip


def _belief_on_the_square(room: Newsroom) -> float:
    question = Question(location="square", aspect="control")
    return median(milliseconds(lambda: room.beliefs.belief(question, Query())) for _ in range(3))
