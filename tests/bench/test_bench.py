"""The smallest run of the measurement works; what it measures is no matter of a test."""

from collections.abc import Iterator

import pytest

from bench import recording, replaying
from bench.measuring import Bench
from support.database import Cluster


@pytest.fixture
def bench(cluster: Cluster) -> Iterator[Bench]:
    yield Bench(cluster, size=200, rounds=1)


def test_recording_is_measured_against_the_bytes_and_the_library(bench: Bench) -> None:
    rows = list(recording.measure(bench))
    assert [row.bar for row in rows] == [0.25, None, 2, 0.6]
    assert all(row.ratio > 0 for row in rows)


def test_a_replay_is_measured_against_the_library_and_a_cursor(bench: Bench) -> None:
    assert [row.bar for row in replaying.measure(bench)] == [40, 0.5]
