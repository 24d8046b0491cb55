"""A test of the API asks for a desk of its own, or for one that all tests of a module only read from."""

from collections.abc import Iterator

import pytest

from services.store.embedded import Addresses
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk


@pytest.fixture
def desk(addresses: Addresses) -> Iterator[Desk]:
    """An empty ledger of this test's own."""
    with open_desk(addresses) as opened:
        yield opened


@pytest.fixture(scope="module")
def harbour(cluster: Cluster) -> Iterator[Desk]:
    """The ledger of the examples; tests leave it as they find it."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        assert opened.load()[-1]["refused"] == 0
        opened.newsroom.checkpoints.make()
        yield opened
