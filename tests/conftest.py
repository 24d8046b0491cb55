"""Any test may ask for a PostgreSQL server or a migrated database of its own; none starts before it is asked for.

A whole run is shared out among one worker more than there are processors, each with a server of its own; a part that
somebody names is run at once in this process, where it is quicker.
"""

import os
from collections.abc import Iterator

import pytest

from services.store.embedded import Addresses
from support.chance import be_certain
from support.database import Cluster, fresh_database, running_cluster
from support.roomy import be_roomy

collect_ignore = ["example_package"]
"""Somebody else's package: its tests run where it is installed (see `tests/services/test_example_package.py`)."""

be_certain()
be_roomy()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share out a whole run alone; `-n 2` shares out a part as well.

    To one worker more than there are processors: a quarter of the time is waiting for a database or a browser.
    """
    chosen = config.option.keyword or config.option.lf or config.args != config.getini("testpaths")
    return 0 if chosen else (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave laws out of the coverage, which would take them twice as long: what examples do not reach is not tested."""
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The one PostgreSQL server of this worker."""
    with running_cluster() as running, pytest.MonkeyPatch.context() as patch:
        # Other runs, and whatever else this machine does, must not make an answer late.
        patch.setattr("services.cuts.PATIENCE", 120.0)
        yield running


@pytest.fixture
def addresses(cluster: Cluster) -> Iterator[Addresses]:
    """A migrated database of this test's own."""
    with fresh_database(cluster) as fresh:
        yield fresh
