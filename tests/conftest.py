"""Any test may ask for a PostgreSQL server or a migrated database of its own; none starts before it is asked for."""

from collections.abc import Iterator

import pytest

from services.store.embedded import Addresses
from support.database import Cluster, fresh_database, running_cluster

collect_ignore = ["example_package"]
"""Somebody else's package: its tests run where it is installed (see `tests/services/test_example_package.py`)."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The one PostgreSQL server of this test run."""
    with running_cluster() as running:
        yield running


@pytest.fixture
def addresses(cluster: Cluster) -> Iterator[Addresses]:
    """A migrated database of this test's own."""
    with fresh_database(cluster) as fresh:
        yield fresh
