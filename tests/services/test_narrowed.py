"""What a projection does not read is passed over, and the view comes as far as if it had read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.events import EVENTS, Event
from domain.kit import of_everything
from domain.projection import AnyProjection, names_of
from domain.projections import found
from services.catalogue import found_projections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.narrowed import STRIDE, Narrowed, narrowed
from support.recording import registered, said

SOURCES = frozenset({"source-registered.v1"})
READING = [projection for projection in found().values() if projection.reads is not None]


def keyed(projection: AnyProjection, event: Event) -> bool:
    return bool(tuple(projection.keys(event)))


@pytest.mark.parametrize("projection", READING, ids=lambda projection: projection.name)
def test_a_projection_has_no_keys_for_what_it_does_not_read(projection: AnyProjection) -> None:
    read = {one.event.type for one in of_everything().history if keyed(projection, one.event)}
    assert read == projection.reads


def test_names_are_those_that_are_stored() -> None:
    assert names_of(*EVENTS.values()) == set(EVENTS)


@pytest.fixture
def log(addresses: Addresses) -> Iterator[EventLog]:
    """A log in which claims stand before, between and behind two sources."""
    with EventLog(addresses.service) as opened:
        opened.append([said(1), registered("a"), *(said(number) for number in range(2, 2 * STRIDE))])
        opened.append([registered("b"), said(2 * STRIDE)])
        yield opened


def walked(log: Narrowed, limit: int) -> Iterator[list[tuple[int, str]]]:
    """Yield what each batch holds, from the first to the last."""
    after = 0
    while batch := log.read(after, limit):
        yield [(one.position, one.event.type) for one in batch]
        after = batch[-1].position


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_every_event_that_is_read_comes_once_and_the_last_batch_ends_at_the_head(log: EventLog, limit: int) -> None:
    batches = list(walked(Narrowed(log, SOURCES), limit))
    seen = [place for batch in batches for place, name in batch if name in SOURCES]
    assert seen == [2, 2 * STRIDE + 1]
    assert batches[-1][-1][0] == log.head()


def test_of_what_is_passed_over_only_the_last_is_shown(log: EventLog) -> None:
    head = log.head()
    shown = [(2, "source-registered.v1"), (head - 1, "source-registered.v1"), (head, "claim-recorded.v1")]
    assert list(walked(Narrowed(log, SOURCES), 100)) == [shown]


def test_a_projection_that_does_not_say_what_it_reads_is_shown_everything(log: EventLog) -> None:
    assert narrowed(log, found_projections()["claims"]) is log
    assert isinstance(narrowed(log, found_projections()["registry"]), Narrowed)
