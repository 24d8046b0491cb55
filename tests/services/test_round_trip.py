"""Whatever was recorded, in whatever order and however often: its lines make a ledger that believes the same."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from domain.belief.asked import Asked
from domain.belief.explain import belief
from domain.commands import Command, EraseText
from domain.events import Recorded, texts_of
from domain.policies import policy_named
from services.bootstrap import open_newsroom
from services.feed import line_of
from services.imports import import_lines
from services.store.event_log import EventLog
from support.believing import at, case_of
from support.chance import tried_on
from support.database import Cluster, fresh_database
from support.ledger import PaperLedger, loaded
from support.lively import lively_ledgers, lively_world, spoken_of, taken, unordered_claims

few = tried_on(10)
fewest = tried_on(3)
POLICIES = tuple(map(policy_named, ("desk/1", "majority/1")))
TIMES = (at(""), at("2016-11-08"))


def lines_of(recorded: Iterable[Recorded], texts: dict[str, str | None]) -> list[bytes]:
    return [json.dumps(line_of(one.event, texts)).encode() for one in recorded]


def digests(ledger: PaperLedger) -> dict[tuple[str, str, int], object]:
    """What is believed on every question, under two policies, at two times, as digests."""
    cut = case_of(ledger).at(ledger.head)
    return {
        (question.name, policy.name, number): belief(cut, Asked(question, when, policy))["digest"]
        for question in spoken_of(ledger)
        for policy in POLICIES
        for number, when in enumerate(TIMES)
    }


@few
@given(lively_ledgers(), st.data())
def test_the_lines_of_a_ledger_make_the_same_ledger_with_corrections_erasures_and_all(
    ledger: PaperLedger, data: st.DataObject
) -> None:
    held = sorted({text.sha256 for one in ledger.history for text in texts_of(one.event)})
    gone = data.draw(st.lists(st.sampled_from(held), max_size=2, unique=True)) if held else []
    taken(ledger, [EraseText(type="text_erased", sha256=sha256, reason="a court has ordered it") for sha256 in gone])

    copy = loaded(lines_of(ledger.history, ledger.texts))

    assert [one.event for one in copy.history] == [one.event for one in ledger.history]
    assert digests(copy) == digests(ledger)
    assert all(copy.texts.get(sha256) is None for sha256 in gone)


@fewest
@given(told=unordered_claims(), data=st.data())
def test_in_another_order_and_sent_several_times_claims_are_imported_to_the_same_digests(
    cluster: Cluster, told: tuple[list[Command], list[Command]], data: st.DataObject
) -> None:
    world = lines_of(lively_world().history, lively_world().texts)
    once, other = ([line_of_claim(one) for one in order] for order in told)
    again = data.draw(st.lists(st.sampled_from(once), max_size=30))
    often = [line for one in other for line in (one, *(again.count(one) * [one]))]
    mixed = data.draw(st.permutations(often))

    ordered, refused = imported(cluster, [*world, *once])
    shuffled, refused_too = imported(cluster, [*world, *mixed, *world])

    assert refused == refused_too == 0
    assert shuffled.head == ordered.head
    assert digests(shuffled) == digests(ordered)


def line_of_claim(command: Command) -> bytes:
    return command.model_dump_json(by_alias=True, exclude_none=True).encode()


def imported(cluster: Cluster, lines: list[bytes]) -> tuple[PaperLedger, object]:
    """What the real ledger has after an import of the lines, on paper; and how many of them were refused."""
    with fresh_database(cluster) as addresses:
        with open_newsroom(addresses, following=False) as newsroom:
            *_, done = import_lines(newsroom.ledger, lines)
        paper = PaperLedger()
        with EventLog(addresses.service) as log:
            for one in log.read(0, 10_000):
                paper.append(one.event)
    return paper, done["refused"]
