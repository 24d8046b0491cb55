"""A test of the pages asks for `page`, a browser at the service `desk` that has the Aleppo story.

Tests leave `desk` as they find it; whoever records asks for `own_desk` beside it, and opens it with `visit`. The story
has been told in three editions, as `support.three_editions` has it, with its invented continuation and a checkpoint.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page

from services.imports import import_lines
from services.store.embedded import Addresses
from services.story import lines
from support.browser import Log, Look, Visit, Window, open_window
from support.database import Cluster, fresh_database
from support.serving import Served, open_served, serving
from support.three_editions import morning_and_evening, next_day

BUILD = Path(__file__).resolve().parents[2] / "api" / "web" / "build.py"


@pytest.fixture(scope="session")
def built() -> None:
    """The pages, as their sources are now."""
    done = subprocess.run([sys.executable, str(BUILD)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def window(built: None) -> Iterator[Window]:
    """The one browser of this worker."""
    with open_window() as opened:
        yield opened


@pytest.fixture(scope="session")
def told(cluster: Cluster) -> Iterator[Addresses]:
    """A database with the story, to be copied: nobody is connected to it."""
    with fresh_database(cluster) as fresh:
        with open_served(fresh) as served:
            morning_and_evening(served.newsroom)
            next_day(served.newsroom)
            list(import_lines(served.newsroom.ledger, lines("later")))
            served.newsroom.checkpoints.make()
            served.newsroom.projector.caught_up_to(served.head, 120)
        yield fresh


@pytest.fixture(scope="session")
def desk(cluster: Cluster, told: Addresses) -> Iterator[Served]:
    """The service that all tests of this worker read from."""
    with fresh_database(cluster, like=told) as fresh, serving(fresh) as served:
        yield served


@pytest.fixture
def own_desk(cluster: Cluster, told: Addresses) -> Iterator[Served]:
    """A service with the story for this test alone."""
    with fresh_database(cluster, like=told) as fresh, serving(fresh) as served:
        yield served


@pytest.fixture
def look() -> Look:
    """How the page is looked at; a test may parametrize it."""
    return Look()


@pytest.fixture
def log() -> Log:
    """What went wrong in the browser; whatever is in it at the end and was not forgiven fails the test."""
    return Log()


@pytest.fixture
def visit(window: Window, look: Look, log: Log) -> Iterator[Visit]:
    """Opens a page at a service of the test's choice."""
    with ExitStack() as opened:
        yield lambda served: opened.enter_context(window.opened(served.url, look, log))
    assert log.left() == []


@pytest.fixture
def page(visit: Visit, desk: Served) -> Page:
    """A page at `desk`, which has not gone anywhere yet."""
    return visit(desk)
