"""A package of somebody else's is installed, tested, served, replayed and asked, and no line of OnRecord names it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services import story
from support.database import Cluster, fresh_database, open_folder
from support.terminal import PATIENCE, Ended, Terminal, command, environment

pytestmark = pytest.mark.slow
PACKAGE = Path(__file__).parents[1] / "example_package"
STORY = Path(story.__file__).parent / "aleppo"
FILES = (str(STORY / "registry.ndjson"), str(STORY / "claims.ndjson"))
PIP = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target")


@dataclass
class Installed:
    """A desk that has installed the package, with a database of its own."""

    place: Path
    home: Path
    url: str
    address: str = ""

    @property
    def variables(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.place), "ONRECORD_DATABASE_URL": self.url}

    def tries(self, *arguments: str) -> Ended:
        return Terminal(self.home).run(*arguments, stdin=b"", **self.variables)

    def types(self, *arguments: str) -> Ended:
        ended = self.tries(*arguments)
        assert ended.status == 0, ended.error
        return ended

    @contextmanager
    def serving(self) -> Generator[None]:
        """Serve until the test is done with it."""
        process = subprocess.Popen(
            command("serve", "--port", "0"), env=environment(self.home, **self.variables), stdout=subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            self.address = process.stdout.readline().decode().partition(" at ")[2].partition(" (")[0]
            self.waits_until_it_answers()
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def gets(self, path: str, **parameters: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}{path}?{urllib.parse.urlencode(parameters)}", timeout=60) as answer:
            return json.load(answer)

    def waits_until_it_answers(self) -> None:
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                self.gets("/healthz")
                return
            except OSError:
                time.sleep(0.05)  # the address is told just before it listens
        raise AssertionError("it does not answer")

    def tallies(self, **parameters: str) -> dict[str, int]:
        rows = self.gets("/v1/projections/tallies/rows", **parameters)["rows"]
        return {row["key"]: row["state"]["claims"] for row in rows}

    def waits_for(self, **wanted: object) -> dict[str, Any]:
        """Wait until the view stands so."""
        give_up = time.monotonic() + PATIENCE
        while not (wanted.items() <= (view := self.gets("/v1/projections/tallies")).items()):
            assert time.monotonic() < give_up, view
            time.sleep(0.05)
        return view


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the package is installed, and nothing else."""
    with open_folder() as folder:
        subprocess.run([sys.executable, *PIP, str(folder / "installed"), str(PACKAGE)], check=True, timeout=PATIENCE)
        yield folder / "installed"


@pytest.fixture
def desk(place: Path, cluster: Cluster) -> Iterator[Installed]:
    with open_folder() as folder, fresh_database(cluster) as addresses:
        yield Installed(place, folder / "home", addresses.service)


def spoken(exported: list[dict[str, Any]]) -> dict[str, int]:
    """How many claims these lines of an export hold on each aspect."""
    return dict(Counter(line["question"]["aspect"] for line in exported if line["type"] == "claim"))


def test_its_own_tests_pass_where_it_is_installed(place: Path) -> None:
    plain = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis")
    asked = [*plain, "-c", str(PACKAGE / "pyproject.toml"), str(PACKAGE / "tests")]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *asked],
        env=environment(place, PYTHONPATH=str(place)),
        cwd=place,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stdout
    assert "7 passed" in ran.stdout


def test_it_is_served_replayed_and_asked_like_ours(desk: Installed) -> None:
    with desk.serving():
        desk.types("import", *FILES)
        head = desk.gets("/v1/events", limit="1")["head"]
        desk.waits_for(position=head, version=1, generation=1)
        exported = desk.types("export").lines
        assert desk.tallies() == spoken(exported)
        assert desk.tallies(as_of="100") == spoken(exported[:100])
        replayed = desk.types("replay", "tallies", "--workers", "2", "--json").lines[-1]
        assert (replayed["report"], replayed["position"]) == ("done", head)
        assert desk.waits_for(generation=2)["position"] == head
        assert desk.tallies() == spoken(exported)
        shown = desk.types("projections", "tallies", "--rows", "--key", "control", "--json").lines
        assert [row["state"]["claims"] for row in shown] == [spoken(exported)["control"]]
        assert "control" in desk.types("projections", "tallies", "--rows").out
        asked = desk.types("ask", "minian", "control", "--policy", "wary/1", "--json").json
        assert asked["policy"] == "wary/1"
        assert "wary/1" in [policy["name"] for policy in desk.gets("/v1/policies")["policies"]]
        assert desk.types("verify").flowing.endswith("nothing differs.")


def test_a_raised_version_is_built_beside_the_one_in_use_and_switched_to(desk: Installed) -> None:
    with desk.serving():
        desk.types("import", *FILES)
        head = desk.gets("/v1/events", limit="1")["head"]
        desk.waits_for(position=head, version=1)
        before = desk.tallies()
    module = desk.place / "desk_tallies" / "tallies.py"
    written = module.read_text()
    try:
        module.write_text(written.replace("else 0) + 1", "else 0) + 10").replace('"tallies", 1', '"tallies", 2'))
        with desk.serving():
            desk.waits_for(position=head, version=2, generation=2)
            assert desk.tallies() == {aspect: 10 * claims for aspect, claims in before.items()}
    finally:
        module.write_text(written)


def test_a_package_that_promises_what_it_does_not_have_is_named_at_the_start(desk: Installed) -> None:
    module = desk.place / "desk_tallies" / "tallies.py"
    written = module.read_text()
    try:
        module.write_text(written.replace("projection =", "no_projection ="))
        for asked in (("projections",), ("serve", "--port", "0")):
            ended = desk.tries(*asked)
            assert ended.status == 1
            assert "the package desk-tallies 1.0 names 'desk_tallies.tallies:projection'" in ended.error
            assert "Traceback" not in ended.error
    finally:
        module.write_text(written)
